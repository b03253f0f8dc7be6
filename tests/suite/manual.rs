//! What the manual says of the tests and of the log.

use std::{
    fs,
    path::{Path, PathBuf},
};

use doorward::Error;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All Rust files below the folder.
fn sources(folder: &Path, found: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

fn sources_of(folders: &[&str]) -> String {
    let mut code = String::new();
    for folder in folders {
        sources(&repository().join(folder), &mut code);
    }
    code
}

/// The pages, each with its name, and the page that lists them.
fn pages() -> Vec<(String, String)> {
    let core = repository().join("crates/doorward");
    let files = fs::read_dir(core.join("manual")).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        (path.display().to_string(), text.replace("//! ", ""))
    };
    files.chain([core.join("src/manual.rs")]).map(read).collect()
}

fn cells(row: &str) -> Option<(&str, &str)> {
    row.strip_prefix('|')?.strip_suffix('|')?.split_once('|')
}

fn in_backticks(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn every_test_that_the_manual_names_exists() {
    let code = sources_of(&["crates", "tests/suite"]);
    let mut named = 0;
    let with_tests = ["adapters.md", "attacks.md", "checklist.md", "claims.md", "keys.md"];
    let has_tests = |name: &str| with_tests.iter().any(|page| name.ends_with(page));
    for (name, page) in pages().iter().filter(|(name, _)| has_tests(name)) {
        let rows = page.lines().filter_map(cells);
        let last = rows.filter_map(|(_, rest)| Some(rest.rsplit_once('|')?.1));
        for test in last.flat_map(in_backticks) {
            assert!(code.contains(&format!("fn {test}(")), "{name}: no test is called {test}");
            named += 1;
        }
    }
    assert!(named >= 300, "{named} names were found");
}

#[test]
fn every_code_that_the_manual_explains_exists() {
    let mut explained = 0;
    for (name, page) in pages() {
        let table = page.lines().skip_while(|line| !line.starts_with("| code |")).skip(2);
        for (first, _) in table.map_while(cells) {
            for told in in_backticks(first).filter(|told| told.contains('.')) {
                assert!(Error::CODES.contains(&told), "{name}: {told} is no code");
                explained += 1;
            }
        }
    }
    assert!(explained >= 60, "{explained} codes were found");
}

/// The messages of the core's errors, with their holes.
fn messages(code: &str) -> Vec<String> {
    let attributes = code.split("#[error(").skip(1).map(str::trim_start);
    let literals = attributes.filter_map(|rest| rest.strip_prefix('"'));
    let message = |literal: &str| {
        let escaped = literal.replace("\\\"", "\u{0}");
        escaped.split('"').next().unwrap().replace('\u{0}', "\"")
    };
    literals.map(message).filter(|message| !message.starts_with('{')).collect()
}

/// Whether the text is the message with something in its holes.
fn fills(text: &str, message: &str) -> bool {
    let mut pieces = message.split('{').map(|part| part.rsplit('}').next().unwrap());
    let Some(mut rest) = text.strip_prefix(pieces.next().unwrap()) else {
        return false;
    };
    let mut last = None;
    for piece in pieces {
        let Some(at) = rest.find(piece) else {
            return false;
        };
        rest = rest.split_at(at + piece.len()).1;
        last = Some(piece);
    }
    rest.is_empty() || last == Some("")
}

#[test]
fn every_line_of_the_log_in_the_manual_is_written_so() {
    let messages = messages(&sources_of(&["crates/doorward/src"]));
    let mut shown = 0;
    for (name, page) in pages() {
        for line in page.lines().filter(|line| line.contains(" reason=")) {
            let (event, reason) = line.split_once(" reason=").unwrap();
            let reasons = messages.iter().filter(|message| fills(reason, message));
            assert!(reasons.count() > 0, "{name}: no error says {reason}");
            let (_, told) = event.split_once("code=").unwrap();
            let (told, status) = told.split_once(" status=").unwrap();
            let status = status.split(' ').next().unwrap();
            assert!(Error::CODES.contains(&told.trim_matches('"')), "{name}: {line}");
            assert!(["400", "401", "403", "503"].contains(&status), "{name}: {line}");
            shown += 1;
        }
    }
    assert!(shown >= 17, "{shown} lines were found");
}
