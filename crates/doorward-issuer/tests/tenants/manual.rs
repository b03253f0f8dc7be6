//! The page that goes through the documents names tests that exist, and every refusal.

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
fn manual_has_a_row_for_each_refusal_and_no_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let mut refusals = Vec::new();
    for file in ["refusals_of_requests", "refusals_of_proofs"] {
        let source = read(&format!("src/system/{file}.rs"));
        for arguments in source.split(" refusal(").skip(1) {
            let [error, aadsts, aadb2c] = first_three(arguments, ',');
            refusals.push(format!("{aadsts} | {aadb2c} | `{}`", error.trim_matches('"')));
        }
    }
    let manual = read("manual/documents.md");
    let (_, table) = manual.split_once("| AADSTS | AADB2C |").unwrap();
    let (table, _) = table.split_once("\n\n").unwrap();
    let mut rows: Vec<String> = table
        .lines()
        .skip(2)
        .map(|row| first_three(row.trim_start_matches('|'), '|').join(" | "))
        .collect();
    refusals.sort();
    rows.sort();
    assert!(rows.len() > 50, "only {}", rows.len());
    assert_eq!(rows, refusals);
}

fn first_three(text: &str, separator: char) -> [&str; 3] {
    let mut parts = text.split(separator).map(str::trim);
    [(); 3].map(|()| parts.next().unwrap())
}
