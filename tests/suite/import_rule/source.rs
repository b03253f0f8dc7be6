//! Reads the source of the core: its files, their code without comments, strings and tests, and the
//! paths that they name.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::graph::{Graph, Unit};

/// A file of the core.
pub struct File {
    pub unit: Unit,
    /// As it stands.
    pub text: String,
    /// Without comments, strings and unit tests.
    pub code: String,
}

/// A path that a file names, and whether the file hands it on (`pub use`).
struct Import {
    path: Vec<String>,
    is_reexport: bool,
}

/// All files but those of unit tests. The crate's root has an empty path.
pub fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/doorward/src");
    let mut files = Vec::new();
    collect(&root, &Unit::root(), &mut files);
    files
}

fn collect(folder: &Path, unit: &Unit, files: &mut Vec<File>) {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_stem().unwrap().to_str().unwrap();
        if path.is_dir() {
            collect(&path, &unit.child(name), files);
        } else if name != "tests" {
            let text = fs::read_to_string(&path).unwrap();
            let code = without_tests(&without_comments_and_strings(&text));
            let is_folder = ["lib", "mod"].contains(&name);
            let unit = if is_folder { unit.clone() } else { unit.child(name) };
            files.push(File { unit, text, code });
        }
    }
}

/// Which file uses which. A name that a module hands on is followed to where it comes from.
pub fn imports() -> Graph {
    let files = files();
    let imports: BTreeMap<Unit, Vec<Import>> =
        files.iter().map(|file| (file.unit.clone(), imports_of(file))).collect();
    let mut graph = Graph::default();
    // The root shows the modules to users, and uses none.
    for file in files.iter().filter(|file| file.unit != Unit::root()) {
        let (code, _) = split_imports(&file.code);
        for import in &imports[&file.unit] {
            // What a module hands on it does not use, unless its own code names it too.
            let name = import.path.last().map(String::as_str).unwrap_or_default();
            if import.is_reexport && !words(&code).any(|word| word == name) {
                continue;
            }
            if let Some(used) = resolve(&file.unit, &import.path, &imports) {
                graph.add(&file.unit, &used);
            }
        }
    }
    graph
}

/// Returns the file in which the thing at the path is defined; `None` for what is not of this crate.
fn resolve(user: &Unit, path: &[String], imports: &BTreeMap<Unit, Vec<Import>>) -> Option<Unit> {
    let (mut unit, mut rest) = begin(user, path, imports)?;
    while let Some((name, after)) = rest.split_first() {
        let child = unit.child(name);
        if !imports.contains_key(&child) {
            break;
        }
        (unit, rest) = (child, after);
    }
    let Some(name) = rest.first() else {
        return Some(unit);
    };
    let handed_on = imports[&unit].iter().find(|import| import.path.last() == Some(name));
    match handed_on {
        Some(import) if unit != *user => {
            Some(resolve(&unit, &import.path, imports).unwrap_or(unit))
        }
        None if unit == Unit::root() => panic!("{user} names `crate::{name}`, a module for users"),
        _ => Some(unit),
    }
}

/// Returns the module in which the path begins, and what remains of the path.
fn begin<'p>(
    user: &Unit,
    path: &'p [String],
    imports: &BTreeMap<Unit, Vec<Import>>,
) -> Option<(Unit, &'p [String])> {
    let (first, mut rest) = path.split_first()?;
    let mut unit = match first.as_str() {
        "crate" => Unit::root(),
        "self" => user.clone(),
        "super" => user.parent(),
        child if imports.contains_key(&user.child(child)) => return Some((user.clone(), path)),
        _ => return None,
    };
    while let Some(("super", after)) =
        rest.split_first().map(|(name, after)| (name.as_str(), after))
    {
        (unit, rest) = (unit.parent(), after);
    }
    Some((unit, rest))
}

fn imports_of(file: &File) -> Vec<Import> {
    let (code, statements) = split_imports(&file.code);
    let mut imports = Vec::new();
    for (is_reexport, tree) in statements {
        let mut paths = Vec::new();
        expand(&[], &tree, &mut paths);
        imports.extend(paths.into_iter().map(|path| Import { path, is_reexport }));
    }
    for root in ["crate::", "super::"] {
        for (at, _) in code.match_indices(root) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || "_$:".contains(c)) {
                continue;
            }
            let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            let path: String = code[at..].chars().take_while(|c| is_path(*c)).collect();
            let path = path.split("::").filter(|name| !name.is_empty()).map(str::to_owned);
            imports.push(Import { path: path.collect(), is_reexport: false });
        }
    }
    imports
}

/// Returns the code without its `use` statements, and the tree of each with whether it is handed on.
fn split_imports(code: &str) -> (String, Vec<(bool, String)>) {
    let (mut other, mut statements) = (String::new(), Vec::new());
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        let statement = line.trim_start();
        let visible = statement.strip_prefix("pub").map(|rest| match rest.split_once(')') {
            Some((_, rest)) if rest.starts_with(" use ") => rest.trim_start(),
            _ => rest.trim_start(),
        });
        let Some(tree) = visible.unwrap_or(statement).strip_prefix("use ") else {
            other.push_str(line);
            other.push('\n');
            continue;
        };
        let mut tree = tree.to_owned();
        while !tree.contains(';') {
            tree.push_str(lines.next().expect("the end of the statement"));
        }
        let tree = tree.split(';').next().unwrap_or_default();
        statements.push((visible.is_some(), tree.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    (other, statements)
}

/// Writes a tree of imports out into paths; a name after `as` is left out.
fn expand(prefix: &[String], tree: &str, paths: &mut Vec<Vec<String>>) {
    let tree = tree.trim();
    let (path, group) = match tree.split_once('{') {
        Some((path, group)) => (path, group.rsplit_once('}').map(|(group, _)| group)),
        None => (tree, None),
    };
    let path = path.split(" as ").next().unwrap_or_default();
    let names = path.split("::").map(str::trim).filter(|name| !name.is_empty());
    let names: Vec<String> = prefix.iter().cloned().chain(names.map(str::to_owned)).collect();
    let Some(group) = group else {
        let itself = names.last().is_some_and(|name| name == "self") && names.len() > 1;
        paths.push(if itself { names[..names.len() - 1].to_vec() } else { names });
        return;
    };
    let (mut depth, mut start) = (0_i32, 0);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                expand(&names, &group[start..at], paths);
                start = at + 1;
            }
            _ => {}
        }
    }
    if !group[start..].trim().is_empty() {
        expand(&names, &group[start..], paths);
    }
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_')
}

/// Blanks comments and the inside of strings, so that neither looks like code.
fn without_comments_and_strings(text: &str) -> String {
    let (mut code, mut rest) = (String::new(), text);
    while let Some(character) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(hashes) = raw_string(rest) {
            let end = format!("\"{}", "#".repeat(hashes));
            let begin = hashes + 2;
            rest[begin..].find(&end).map_or(rest.len(), |at| begin + at + end.len())
        } else if character == '"' {
            string(rest)
        } else if rest.starts_with("'\"'") || rest.starts_with("'{'") || rest.starts_with("'}'") {
            3
        } else if let Some(escape) = rest.strip_prefix("'\\") {
            escape.find('\'').map_or(rest.len(), |at| at + 3)
        } else {
            0
        };
        if skipped > 0 {
            rest = &rest[skipped..];
        } else {
            code.push(character);
            rest = &rest[character.len_utf8()..];
        }
    }
    code
}

/// Returns the number of `#` of a raw string that begins here.
fn raw_string(text: &str) -> Option<usize> {
    let after = text.strip_prefix('r')?;
    let hashes = after.chars().take_while(|c| *c == '#').count();
    after[hashes..].starts_with('"').then_some(hashes)
}

/// Returns the length of the string that begins here.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// Leaves out modules of unit tests, which stand last, and imports for tests alone.
fn without_tests(code: &str) -> String {
    let is_no_module = |part: &&str| {
        let part = part.trim_start_matches("pub(super) ").trim_start_matches("pub(crate) ");
        !part.starts_with("mod ")
    };
    let parts: Vec<&str> = code.split("#[cfg(test)]\n").take_while(is_no_module).collect();
    let code = parts.join("#[cfg(test)]\n");
    let mut kept = String::new();
    let mut parts = code.split("#[cfg(test)]\n");
    kept.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let is_import = part.trim_start().trim_start_matches("pub(crate) ").starts_with("use ");
        kept.push_str(if is_import {
            part.split_once(';').map_or("", |(_, rest)| rest)
        } else {
            part
        });
    }
    kept
}
