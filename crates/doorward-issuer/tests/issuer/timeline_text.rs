use std::{fs, path::Path};

use doorward_issuer::{Timeline, TimelineError};

const TEXT: &str = r#"{
    "source": "somewhere",
    "timeline": [
        { "t": 100, "kids": ["a", "b"], "commit": "1" },
        { "t": 200, "kids": ["b"] },
        { "t": 300, "kids": [] },
        { "t": 400, "kids": ["c", "a"] }
    ]
}"#;

fn ids(timeline: &Timeline, at: u64) -> Option<Vec<&str>> {
    Some(timeline.key_ids_at(at)?.iter().map(String::as_str).collect())
}

fn error(text: &str) -> TimelineError {
    Timeline::parse(text).unwrap_err()
}

#[test]
fn times_are_those_of_the_entries() {
    let timeline = Timeline::parse(TEXT).unwrap();
    assert_eq!(timeline.times().collect::<Vec<_>>(), [100, 200, 300, 400]);
}

#[test]
fn keys_of_an_entry_are_valid_until_the_next_one() {
    let timeline = Timeline::parse(TEXT).unwrap();
    for (at, expected) in [
        (0, None),
        (99, None),
        (100, Some(vec!["a", "b"])),
        (199, Some(vec!["a", "b"])),
        (200, Some(vec!["b"])),
        (399, Some(vec![])),
        (400, Some(vec!["c", "a"])),
        (u64::MAX, Some(vec!["c", "a"])),
    ] {
        assert_eq!(ids(&timeline, at), expected, "{at}");
    }
}

#[test]
fn times_of_a_key_show_where_it_was_missing() {
    let timeline = Timeline::parse(TEXT).unwrap();
    assert_eq!(timeline.key_ids(), ["a", "b", "c"]);
    assert_eq!(timeline.times_of("a").collect::<Vec<_>>(), [100, 400]);
    assert_eq!((timeline.first_time_of("b"), timeline.last_time_of("b")), (Some(100), Some(200)));
    assert_eq!((timeline.first_time_of("d"), timeline.last_time_of("d")), (None, None));
}

#[test]
fn text_that_is_no_json_is_refused_by_line_and_column() {
    let TimelineError::Json { line, column, .. } = error("{\n  \"timeline\": [}\n}") else {
        panic!();
    };
    assert_eq!((line, column), (2, 16));
    assert!(error("{").to_string().contains("line 1 column 1"), "{}", error("{"));
}

#[test]
fn text_without_a_timeline_is_refused() {
    for text in ["{}", "[]", "null", r#"{ "timeline": {} }"#] {
        assert!(matches!(error(text), TimelineError::NoTimeline), "{text}");
    }
}

#[test]
fn empty_timeline_is_refused() {
    assert!(matches!(error(r#"{ "timeline": [] }"#), TimelineError::Empty));
}

#[test]
fn malformed_entry_is_refused_with_its_index() {
    for (entry, reason) in [
        ("7", "it is not an object"),
        (r#"{ "kids": [] }"#, "`t` is missing or not a whole number of seconds since 1970"),
        (
            r#"{ "t": 20.5, "kids": [] }"#,
            "`t` is missing or not a whole number of seconds since 1970",
        ),
        (
            r#"{ "t": -20, "kids": [] }"#,
            "`t` is missing or not a whole number of seconds since 1970",
        ),
        (r#"{ "t": 20 }"#, "`kids` is missing or not an array"),
        (r#"{ "t": 20, "kids": "a" }"#, "`kids` is missing or not an array"),
        (r#"{ "t": 20, "kids": ["a", 1] }"#, "`kids` has a value that is not a string"),
        (r#"{ "t": 20, "kids": ["a", "a"] }"#, "`kids` has a key ID twice"),
        (r#"{ "t": 10, "kids": [] }"#, "`t` is not later than that of the entry before"),
    ] {
        let text = format!(r#"{{ "timeline": [{{ "t": 10, "kids": [] }}, {entry}] }}"#);
        assert_eq!(error(&text).to_string(), format!("timeline[1]: {reason}"));
    }
}

#[test]
fn file_that_is_not_there_is_refused_by_its_name() {
    let error = Timeline::read("no-such-timeline.json").unwrap_err();
    assert_eq!(error.to_string(), "cannot read no-such-timeline.json");
}

#[test]
fn file_is_read_as_its_text() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("timeline.json");
    fs::write(&path, TEXT).unwrap();
    assert_eq!(Timeline::read(&path).unwrap(), Timeline::parse(TEXT).unwrap());
}

/// The recorded key sets of a real issuer, if the file beside the repository is available.
#[test]
fn recorded_timeline_is_read() {
    let record = Path::new("shared/idp/timeline-entra-common.json");
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let Some(path) = above.map(|folder| folder.join(record)).find(|path| path.exists()) else {
        eprintln!("skipped: there is no {} above the crate", record.display());
        return;
    };
    let timeline = Timeline::read(path).unwrap();
    let times: Vec<u64> = timeline.times().collect();
    assert!(times.len() > 200 && times.is_sorted());
    for key_id in timeline.key_ids() {
        assert!(timeline.first_time_of(key_id) <= timeline.last_time_of(key_id));
    }
}
