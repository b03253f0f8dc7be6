//! The page about Microsoft's documents names existing tests, and every error.

use std::{fs, path::Path};

#[test]
fn each_test_that_the_manual_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manual = fs::read_to_string(root.join("manual/documents.md")).unwrap();
    let named: Vec<(&str, &str)> =
        manual.split('`').skip(1).step_by(2).filter_map(|name| name.split_once("::")).collect();
    assert!(named.len() > 80, "only {}", named.len());
    for (file, test) in named.into_iter().filter(|(file, _)| *file != "file") {
        let path = root.join(format!("tests/tenants/{file}.rs"));
        let text = fs::read_to_string(&path).unwrap_or_else(|_| panic!("no file {file}"));
        assert!(text.contains(&format!("fn {test}()")), "no test {file}::{test}");
    }
}

#[test]
fn manual_has_a_row_for_each_error_and_no_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let source = read("src/protocol/protocol_error.rs");
    let (_, table) = source.split_once("    errors! {\n").unwrap();
    let (table, _) = table.split_once("\n    }\n").unwrap();
    let mut errors: Vec<String> = table
        .split(" => ")
        .skip(1)
        .map(|entry| {
            let [error, aadsts, aadb2c] = first_three(entry, ',');
            format!("{aadsts} | {aadb2c} | `{}`", error.trim_matches('"'))
        })
        .collect();
    let manual = read("manual/documents.md");
    let (_, table) = manual.split_once("| AADSTS | AADB2C |").unwrap();
    let (table, _) = table.split_once("\n\n").unwrap();
    let mut rows: Vec<String> = table
        .lines()
        .skip(2)
        .map(|row| first_three(row.trim_start_matches('|'), '|').join(" | "))
        .collect();
    errors.sort();
    rows.sort();
    assert!(rows.len() > 50, "only {}", rows.len());
    assert_eq!(rows, errors);
}

fn first_three(text: &str, separator: char) -> [&str; 3] {
    let mut parts = text.split(separator).map(str::trim);
    [(); 3].map(|()| parts.next().unwrap())
}
