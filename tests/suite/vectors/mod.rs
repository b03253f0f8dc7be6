//! Published test vectors, and what doorward says of them. They are read from beside the repository;
//! where they are not there, the tests say so and pass. A few of the RFCs' own are in `rfc_examples`,
//! so that the repository alone proves something.
//!
//! `exceptions.txt` gives each disagreement its reason. A vector that is an exception and agrees all
//! the same fails the test as one that disagrees without being one.

mod documents;
mod jose;
mod primitives;
mod requests;
mod rfc_examples;
mod rfc_files;

use std::{collections::BTreeMap, fmt::Write as _, fs, path::PathBuf};

use doorward_verdict::judge;
use serde_json::Value;

/// Reads a file of the vectors; `None`, and said so, where they are not there.
fn read(name: &str) -> Option<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors");
    if !folder.is_dir() {
        println!("skipped: the vectors are not in {}", folder.display());
        return None;
    }
    Some(fs::read_to_string(folder.join(name)).unwrap())
}

fn read_json(name: &str) -> Option<Value> {
    read(name).map(|text| serde_json::from_str(&text).unwrap())
}

/// Reads a file of one JSON value a line.
fn read_rows(name: &str) -> Option<Vec<Value>> {
    let text = read(name)?;
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// Judges a case and returns the whole line.
fn verdict(case: &Value) -> Value {
    serde_json::from_str(&judge(case.to_string().as_bytes()).to_string()).unwrap()
}

/// What is said of a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Accept,
    Reject,
}

impl Said {
    fn by(verdict: &Value) -> Self {
        match verdict["verdict"].as_str().unwrap() {
            "accept" => Self::Accept,
            // A configuration that is refused accepts no token.
            "reject" | "config-error" => Self::Reject,
            other => panic!("{other}: {verdict}"),
        }
    }

    const fn accept_if(accept: bool) -> Self {
        if accept { Self::Accept } else { Self::Reject }
    }
}

/// Holds what is said against what is expected.
struct Tally {
    file: String,
    /// By ID, with the reason, of this file.
    exceptions: BTreeMap<&'static str, &'static str>,
    accepted: usize,
    rejected: usize,
    skipped: usize,
    excepted: usize,
    wrong: String,
}

impl Tally {
    fn of(file: &str) -> Self {
        let lines = include_str!("exceptions.txt").lines();
        let rows = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let exceptions = rows
            .map(|row| row.split_once(": ").expect("an ID and a reason"))
            .filter_map(|(id, reason)| {
                let id = id.strip_prefix(file)?.strip_prefix(' ')?;
                Some((id, reason))
            })
            .collect();
        Self {
            file: file.to_owned(),
            exceptions,
            accepted: 0,
            rejected: 0,
            skipped: 0,
            excepted: 0,
            wrong: String::new(),
        }
    }

    fn skip(&mut self) {
        self.skipped += 1;
    }

    fn hold(&mut self, id: &str, said: Said, expected: Said, details: &str) {
        match said {
            Said::Accept => self.accepted += 1,
            Said::Reject => self.rejected += 1,
        }
        let agrees = said == expected;
        match (self.exceptions.remove(id), agrees) {
            (None, true) => {}
            (Some(_), false) => self.excepted += 1,
            (None, false) => {
                let _ = writeln!(self.wrong, "{id}: {said:?}, expected {expected:?}; {details}");
            }
            (Some(reason), true) => {
                let _ = writeln!(self.wrong, "{id}: agrees, and is an exception: {reason}");
            }
        }
    }

    /// Ends it: prints the counts, and fails where something disagrees.
    #[track_caller]
    fn close(mut self, least: usize) {
        for id in self.exceptions.keys() {
            let _ = writeln!(self.wrong, "{id}: an exception that no vector asked for");
        }
        let Self { file, accepted, rejected, skipped, excepted, wrong, .. } = self;
        println!(
            "{file}: {accepted} accepted, {rejected} rejected, {skipped} skipped; {excepted} of them exceptions"
        );
        assert!(wrong.is_empty(), "{file}:\n{wrong}");
        assert!(accepted + rejected >= least, "{file}: only {accepted} + {rejected} were judged");
    }
}
