//! The order of the rooms, held: a room uses what comes before it, and nothing of what comes after.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The rooms in walking order, each with the earlier ones that it uses beside the ground floor.
const ROOMS: [(&str, &[&str]); 7] = [
    ("credentials", &["token"]),
    ("token", &[]),
    ("key", &["token"]),
    ("signature", &["token", "key"]),
    ("claims", &["token", "signature"]),
    ("policy", &["token", "claims"]),
    ("rule", &["policy", "error"]),
];

/// What every room may use.
const GROUND_FLOOR: [&str; 3] = ["terms", "codec", "limits"];

/// What may see the folder that fetches: who builds a server and keeps its keys, and the errors of both.
const SEES_FETCH: [&str; 5] = ["fetch", "key_set", "server", "config_error", "lib"];

/// What the folder that fetches may use beside the ground floor.
const USED_BY_FETCH: [&str; 2] = ["fetch", "key"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/doorward/src")
}

/// Every source file with the name of its room: its folder, or its own where it is alone.
fn files(folder: &Path) -> Vec<(String, PathBuf)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_of_folder(&path));
        } else {
            files.push((path.file_stem().unwrap().to_str().unwrap().to_owned(), path));
        }
    }
    files
}

fn files_of_folder(folder: &Path) -> Vec<(String, PathBuf)> {
    let room = folder.file_name().unwrap().to_str().unwrap().to_owned();
    files(folder).into_iter().map(|(_, path)| (room.clone(), path)).collect()
}

/// The modules and re-exports of the crate that a file names, its tests aside.
fn uses(path: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let mut used = BTreeSet::new();
    for (start, _) in code.match_indices("crate::") {
        let line_start = code[..start].rfind('\n').map_or(0, |at| at + 1);
        let before = &code[line_start..start];
        if before.trim_start().starts_with("//") || before.ends_with('$') {
            continue;
        }
        let rest = &code[start + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            used.extend(first_words(group));
        } else {
            let word: String =
                rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            used.insert(word);
        }
    }
    used.remove("");
    let is_module =
        |word: &str| source().join(word).is_dir() || source().join(format!("{word}.rs")).is_file();
    let is_reexport = |word: &str| word.starts_with(char::is_uppercase);
    used.retain(|word| is_module(word) || is_reexport(word));
    used
}

/// The first word of each path in a group of imports, up to its closing brace.
fn first_words(group: &str) -> Vec<String> {
    let (mut words, mut depth, mut at_start) = (vec![String::new()], 0_i32, true);
    for character in group.chars() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                words.push(String::new());
                at_start = true;
            }
            ':' => at_start = false,
            _ if at_start && depth == 0 && !character.is_whitespace() => {
                words.last_mut().unwrap().push(character);
            }
            _ => {}
        }
    }
    words
}

#[test]
fn a_room_uses_the_ground_floor_and_the_rooms_before_it() {
    for (room, path) in files(&source()) {
        let Some((_, earlier)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            continue;
        };
        for used in uses(&path) {
            let allowed = used == room
                || GROUND_FLOOR.contains(&used.as_str())
                || earlier.contains(&used.as_str());
            assert!(allowed, "{} uses `{used}`", path.display());
        }
    }
}

#[test]
fn the_ground_floor_knows_of_no_room() {
    for (room, path) in files(&source()) {
        if GROUND_FLOOR.contains(&room.as_str()) {
            for used in uses(&path) {
                assert!(GROUND_FLOOR.contains(&used.as_str()), "{} uses `{used}`", path.display());
            }
        }
    }
}

#[test]
fn nothing_but_the_builder_and_the_key_sets_see_the_folder_that_fetches() {
    for (room, path) in files(&source()) {
        if uses(&path).contains("fetch") {
            assert!(SEES_FETCH.contains(&room.as_str()), "{} uses `fetch`", path.display());
        }
    }
}

#[test]
fn fetching_uses_keys_and_the_ground_floor_alone() {
    for (room, path) in files(&source()) {
        if room == "fetch" {
            for used in uses(&path) {
                let allowed =
                    GROUND_FLOOR.contains(&used.as_str()) || USED_BY_FETCH.contains(&used.as_str());
                assert!(allowed, "{} uses `{used}`", path.display());
            }
        }
    }
}

#[test]
fn no_file_is_longer_than_400_lines() {
    for (_, path) in files(&source()) {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 400, "{} has {lines} lines", path.display());
    }
}

#[test]
fn the_system_clock_is_read_in_one_place() {
    for (room, path) in files(&source()) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(room == "clock" || !text.contains("SystemTime"), "{}", path.display());
    }
}
