//! The structure of the core, held: which module may use which, computed from its source.

mod graph;
mod source;

use std::collections::BTreeSet;

use graph::{Graph, Unit};

/// What every module may use.
const GROUND_FLOOR: [&str; 3] = ["terms", "codec", "limits"];

/// What `fetch` may use beside the ground floor.
const USED_BY_FETCH: [&str; 2] = ["key", "key_set"];

/// The stages of the pipeline in order, and what stands between them; each may use those before it.
const STAGES: [&str; 11] = [
    "credentials",
    "token",
    "key",
    "signature",
    "claims",
    "policy",
    "rule",
    "error",
    "access",
    "challenge",
    "denial",
];

/// Who may use `fetch`, where all IO is: what fetches through its trait, what wires the two together,
/// and the error that joins all errors of building a server.
const USES_FETCH: [&str; 5] = ["key_set", "introspection", "revocation", "server", "config_error"];

/// Who may use `server`, which sees everything: what verifies requests and tokens through it.
const USES_SERVER: [&str; 3] = ["adapter", "conformance", "testing"];

/// The edges between the modules below the crate's root.
fn top_level() -> Graph {
    source::imports().collapsed(&Unit::root())
}

/// A reader of the source that overlooks imports would find nothing wrong.
#[test]
fn imports_are_found_however_they_are_written() {
    let used = |unit: &[&str]| {
        let unit = Unit(unit.iter().map(|name| (*name).to_owned()).collect());
        source::imports().used_by_unit(&unit)
    };
    // In nested groups, through `super`, through re-exports, and inline in code.
    let rule = used(&["rule", "evaluation"]);
    for expected in ["rule/requirement", "rule/request_info", "policy/access_token", "terms/time"] {
        assert!(rule.contains(expected), "{expected}: {rule:?}");
    }
    assert!(used(&["codec", "json"]).contains("limits"));
    assert!(used(&["access"]).contains("rule"));
    assert!(used(&["testing"]).contains("claims/claims_set"));
}

#[test]
fn a_stage_uses_the_ground_floor_and_the_stages_before_it() {
    let graph = top_level();
    let mut wrong = BTreeSet::new();
    for (position, stage) in STAGES.iter().enumerate() {
        for used in graph.used_by(stage) {
            let earlier = STAGES[..position].contains(&used);
            if !earlier && !GROUND_FLOOR.contains(&used) {
                wrong.insert(format!("`{stage}` uses `{used}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_ground_floor_uses_nothing_above_it() {
    let graph = top_level();
    for floor in GROUND_FLOOR {
        for used in graph.used_by(floor) {
            assert!(GROUND_FLOOR.contains(&used), "`{floor}` uses `{used}`");
        }
    }
}

#[test]
fn no_files_and_no_folders_use_each_other_in_a_circle() {
    let imports = source::imports();
    let mut circles = imports.circles();
    for folder in imports.folders() {
        circles.extend(imports.collapsed(&folder).circles());
    }
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn fetching_is_used_by_what_fetches_and_by_the_server_that_wires_it() {
    let graph = top_level();
    for user in graph.users_of("fetch") {
        assert!(USES_FETCH.contains(&user), "`{user}` uses `fetch`");
    }
}

#[test]
fn fetching_uses_keys_and_the_ground_floor_alone() {
    let graph = top_level();
    for used in graph.used_by("fetch") {
        let allowed = GROUND_FLOOR.contains(&used) || USED_BY_FETCH.contains(&used);
        assert!(allowed, "`fetch` uses `{used}`");
    }
}

#[test]
fn nothing_that_the_server_is_made_of_uses_the_server() {
    let graph = top_level();
    for user in graph.users_of("server") {
        assert!(USES_SERVER.contains(&user), "`{user}` uses `server`");
    }
}

#[test]
fn no_file_has_more_than_320_lines_of_code() {
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    for file in source::files() {
        let lines = file.text.lines().filter(is_code).count();
        assert!(lines <= 320, "{} has {lines} lines of code", file.unit);
    }
}

#[test]
fn the_system_clock_is_read_in_one_place() {
    for file in source::files() {
        let reads = ["SystemTime::now", "Instant::now"].iter().any(|read| file.code.contains(read));
        assert!(!reads || file.unit.to_string() == "clock", "{} reads the clock", file.unit);
    }
}
