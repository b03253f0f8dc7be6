//! What the manual says of the tests.

use std::{
    fs,
    path::{Path, PathBuf},
};

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

/// The names in backticks of the last column of a page's tables.
fn names_of_tests(page: &str) -> Vec<&str> {
    let rows = page.lines().filter(|line| line.starts_with('|') && line.ends_with('|'));
    rows.filter_map(|row| row.trim_end_matches('|').rsplit_once('|'))
        .flat_map(|(_, last)| last.split('`').skip(1).step_by(2))
        .collect()
}

#[test]
fn every_test_that_the_manual_names_exists() {
    let mut code = String::new();
    for folder in ["crates", "tests/suite"] {
        sources(&repository().join(folder), &mut code);
    }
    let mut named = 0;
    for page in ["attacks.md", "checklist.md", "claims.md"] {
        let page = fs::read_to_string(repository().join("crates/doorward/manual").join(page));
        for name in names_of_tests(&page.unwrap()) {
            assert!(code.contains(&format!("fn {name}(")), "no test is called {name}");
            named += 1;
        }
    }
    assert!(named >= 300, "{named} names were found");
}
