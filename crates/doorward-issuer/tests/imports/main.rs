//! No file and no folder of this crate uses another one that uses it in turn.
//!
//! A file uses another one by a path that starts with `crate`, `self`, `super`, a child module or an
//! imported module, in an import or in the code; tests and comments do not count. A path leads to the
//! file that defines the item: where a `mod.rs` re-exports an item of its own children, the path leads
//! on to the child, and the re-export itself is not a use. This is the only rule for `mod.rs` and
//! `lib.rs`; everything else that they define or use counts as for any other file.
//!
//! For folders, all files below an entry of a folder count as that entry; the folder's own `mod.rs` is
//! an entry of its own. There are no exceptions.

// Clippy's own exception for tests ends at the functions marked as one, and helpers are not.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

mod graph;
mod source;

use std::{collections::BTreeMap, fs, path::Path};

use self::graph::{Graph, circle, folder_graphs};
use self::source::Crate;

/// Reads the files below a folder: their text by their path relative to it.
fn read(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().unwrap() != "bin" {
            read(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

fn graph_of(folder: &str) -> Graph {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files = BTreeMap::new();
    read(&root, &root, &mut files);
    Crate::new(files).graph()
}

fn graph_of_texts(files: &[(&str, &str)]) -> Graph {
    let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    Crate::new(files.iter().map(owned).collect()).graph()
}

fn circles(graph: &Graph) -> Vec<String> {
    let folders = folder_graphs(graph).into_iter().filter_map(|(folder, graph)| {
        Some(format!("in {folder:?}: {}", circle(&graph)?.join(" -> ")))
    });
    circle(graph).map(|files| files.join(" -> ")).into_iter().chain(folders).collect()
}

#[test]
fn library_has_no_circle_of_files_or_folders() {
    let graph = graph_of("src");
    assert!(graph.len() > 50, "only {} files", graph.len());
    assert_eq!(circles(&graph), Vec::<String>::new());
}

#[test]
fn program_has_no_circle_of_files_or_folders() {
    let graph = graph_of("src/bin/doorward-issuer");
    assert!(graph["main.rs"].contains("arguments.rs"));
    assert_eq!(circles(&graph), Vec::<String>::new());
}

#[test]
fn circle_of_two_files_is_found_however_the_path_is_written() {
    for text in [
        "use crate::b::B;",
        "use super::b::{self, B};",
        "use crate::{b::B, c};",
        "fn f() -> crate::b::B { todo!() }",
        "use crate::B;",
        "use crate::b; fn f() { b::f() }",
    ] {
        let lib = "mod a; mod b; pub use self::b::B;";
        let graph =
            graph_of_texts(&[("lib.rs", lib), ("a.rs", text), ("b.rs", "use crate::a::A;")]);
        assert_eq!(circles(&graph)[0], "a.rs -> b.rs -> a.rs", "{text}");
    }
}

#[test]
fn comments_texts_and_tests_are_not_uses() {
    let text = "// crate::b::B\n/* crate::b */ const T: &str = \"crate::b\"; const C: char = '\"';\n\
                const R: &str = r#\"\"crate::b\"#; fn f<'a>(x: &'a str) {}\n\
                #[cfg(test)]\nmod tests { use crate::b::B; fn f() {} }";
    let graph = graph_of_texts(&[("lib.rs", ""), ("a.rs", text), ("b.rs", "use crate::a::A;")]);
    assert!(graph["a.rs"].is_empty());
}

#[test]
fn folder_that_re_exports_its_children_is_in_no_circle_with_them() {
    let files = [
        ("lib.rs", "mod a;"),
        ("a/mod.rs", "mod b; mod c; pub(crate) use self::{b::B, c::C};"),
        ("a/b.rs", "use super::C;"),
        ("a/c.rs", "pub(crate) struct C;"),
    ];
    let graph = graph_of_texts(&files);
    assert!(graph["a/b.rs"].contains("a/c.rs") && graph["a/mod.rs"].is_empty());
    assert_eq!(circles(&graph), Vec::<String>::new());
}

#[test]
fn folder_that_uses_a_child_which_uses_it_is_a_circle() {
    let files = [
        ("lib.rs", "mod a;"),
        ("a/mod.rs", "mod b; struct A; fn f() { b::f() }"),
        ("a/b.rs", "use super::A;"),
    ];
    assert_eq!(circles(&graph_of_texts(&files))[0], "a/b.rs -> a/mod.rs -> a/b.rs");
}

#[test]
fn folders_are_in_a_circle_where_no_two_files_are() {
    let files = [
        ("lib.rs", ""),
        ("a/mod.rs", "mod b; mod c;"),
        ("a/b.rs", "use crate::d::e::E;"),
        ("a/c.rs", ""),
        ("d/mod.rs", "mod e; mod f;"),
        ("d/e.rs", ""),
        ("d/f.rs", "use crate::a::c::C;"),
    ];
    let graph = graph_of_texts(&files);
    assert_eq!(circle(&graph), None);
    assert_eq!(circles(&graph), ["in \"\": a -> d -> a"]);
}
