//! The files of a crate, and which of them use which.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::Graph;

type Path = Vec<String>;

/// The modules of a crate by their paths; the root has the empty one.
pub(crate) struct Crate {
    modules: BTreeMap<Path, Module>,
}

struct Module {
    file: String,
    imports: Vec<Import>,
    /// The paths in the code, outside of imports.
    paths: Vec<Path>,
}

struct Import {
    path: Path,
    name: String,
    is_public: bool,
}

impl Crate {
    pub(crate) fn new(files: BTreeMap<String, String>) -> Self {
        let module = |(file, text): (String, String)| {
            let (imports, paths) = parse(&without_tests(tokens(&text)));
            (module_path(&file), Module { file, imports, paths })
        };
        Self { modules: files.into_iter().map(module).collect() }
    }

    /// Returns which files each file uses.
    pub(crate) fn graph(&self) -> Graph {
        let uses =
            |(path, module): (&Path, &Module)| (module.file.clone(), self.uses(path, module));
        self.modules.iter().map(uses).collect()
    }

    fn uses(&self, module_path: &Path, module: &Module) -> BTreeSet<String> {
        let imports =
            module.imports.iter().filter(|import| !self.is_re_export(module_path, import));
        let paths = imports.map(|import| &import.path).chain(&module.paths);
        let files = paths.filter_map(|path| self.file_of(&self.absolute(module_path, path)?));
        files.filter(|file| *file != module.file).collect()
    }

    /// Returns whether a `mod.rs`, or the root, re-exports something of its own children.
    fn is_re_export(&self, module_path: &Path, import: &Import) -> bool {
        let is_folder = self
            .modules
            .keys()
            .any(|path| path.len() == module_path.len() + 1 && path.starts_with(module_path));
        is_folder
            && import.is_public
            && self.absolute(module_path, &import.path).is_some_and(|absolute| {
                let child = absolute.get(..module_path.len() + 1);
                child.is_some_and(|child| {
                    child.starts_with(module_path) && self.modules.contains_key(child)
                })
            })
    }

    /// Returns a path from the root of the crate; `None` for a path of another crate.
    fn absolute(&self, module_path: &Path, path: &Path) -> Option<Path> {
        let (first, rest) = path.split_first()?;
        let start = match first.as_str() {
            "crate" => Path::new(),
            "self" => module_path.clone(),
            "super" => {
                let above = rest.iter().take_while(|segment| *segment == "super").count();
                let kept = module_path.len().checked_sub(above + 1)?;
                return Some([&module_path[..kept], &rest[above..]].concat());
            }
            name => {
                let child = [module_path.as_slice(), &[name.to_owned()]].concat();
                if self.modules.contains_key(&child) {
                    child
                } else {
                    let mut imports = self.modules.get(module_path)?.imports.iter();
                    let import = imports.find(|import| import.name == name)?;
                    (import.path != *path).then(|| self.absolute(module_path, &import.path))??
                }
            }
        };
        Some([start.as_slice(), rest].concat())
    }

    /// Returns the file that defines the item of an absolute path.
    fn file_of(&self, path: &[String]) -> Option<String> {
        let mut depth = 0;
        while depth < path.len() && self.modules.contains_key(&path[..depth + 1]) {
            depth += 1;
        }
        let (module_path, rest) = (path[..depth].to_vec(), &path[depth..]);
        let module = &self.modules[&module_path];
        let re_export = rest.first().and_then(|item| {
            let mut imports = module.imports.iter();
            imports.find(|import| import.name == *item && self.is_re_export(&module_path, import))
        });
        match re_export {
            Some(import) => self.file_of(&self.absolute(&module_path, &import.path)?),
            None => Some(module.file.clone()),
        }
    }
}

fn module_path(file: &str) -> Path {
    let mut path: Path = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if matches!(path.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        path.pop();
    }
    path
}

/// Returns the words and signs of the code; `::` is one, and texts and comments are none.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if first == 'r' && rest[1..].trim_start_matches('#').starts_with('"') {
            let signs = rest[1..].len() - rest[1..].trim_start_matches('#').len();
            let end = format!("\"{}", "#".repeat(signs));
            let start = signs + 2;
            rest[start..].find(&end).map_or(rest.len(), |at| start + at + end.len())
        } else if first == '"' {
            quoted(rest, '"')
        } else if rest.starts_with("'\\") || rest.chars().nth(2) == Some('\'') {
            quoted(rest, '\'')
        } else if first.is_alphanumeric() || first == '_' {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        let is_text = token.starts_with(['"', '/'])
            || token.starts_with("r#")
            || token.len() > 2 && token.starts_with('\'');
        if !is_text && !token.trim().is_empty() && !token.starts_with("r\"") {
            tokens.push(token.to_owned());
        }
        rest = after;
    }
    tokens
}

/// Returns the length of a text in quotes, in bytes.
fn quoted(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if character == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Leaves out every item after `#[cfg(test)]`.
fn without_tests(tokens: Vec<String>) -> Vec<String> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at..].iter().take(MARK.len()).eq(MARK.iter()) {
            let mut depth = 0;
            at += MARK.len();
            loop {
                match tokens[at].as_str() {
                    "{" => depth += 1,
                    "}" => depth -= 1,
                    _ => {}
                }
                at += 1;
                if depth == 0 && matches!(tokens[at - 1].as_str(), "}" | ";") {
                    break;
                }
            }
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

fn parse(tokens: &[String]) -> (Vec<Import>, Vec<Path>) {
    let (mut imports, mut paths) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at] == "use" {
            let is_public = at > 0 && matches!(tokens[at - 1].as_str(), "pub" | ")");
            let start = at + 1;
            at = start + tokens[start..].iter().position(|token| token == ";").unwrap();
            flatten(&tokens[start..at], &Path::new(), is_public, &mut imports);
        } else if tokens.get(at + 1).is_some_and(|next| next == "::")
            && (at == 0 || tokens[at - 1] != "::")
        {
            let mut path = vec![tokens[at].clone()];
            while tokens.get(at + 1).is_some_and(|next| next == "::") && at + 2 < tokens.len() {
                at += 2;
                path.push(tokens[at].clone());
            }
            paths.push(path);
        }
        at += 1;
    }
    (imports, paths)
}

/// Splits an import at the commas and braces into one import for each name.
fn flatten(tree: &[String], before: &Path, is_public: bool, imports: &mut Vec<Import>) {
    let mut path = before.clone();
    for (at, token) in tree.iter().enumerate() {
        match token.as_str() {
            "::" => {}
            "{" => {
                let (mut depth, mut start) = (0, at + 1);
                for end in at + 1..tree.len() {
                    match tree[end].as_str() {
                        "{" => depth += 1,
                        "}" if depth > 0 => depth -= 1,
                        "," | "}" if depth == 0 => {
                            if start < end {
                                flatten(&tree[start..end], &path, is_public, imports);
                            }
                            start = end + 1;
                        }
                        _ => {}
                    }
                }
                return;
            }
            "as" => {
                imports.push(Import { path, name: tree[at + 1].clone(), is_public });
                return;
            }
            "*" => panic!("a glob import hides which file is used: {path:?}"),
            "self" if !path.is_empty() => {}
            segment => path.push(segment.to_owned()),
        }
    }
    let name = path.last().unwrap().clone();
    imports.push(Import { path, name, is_public });
}
