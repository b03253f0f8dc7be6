//! The page that goes through the documents names tests that exist.

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
