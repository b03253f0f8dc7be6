use std::{io, path::PathBuf};

/// The error of an invalid [`Timeline`](crate::Timeline).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TimelineError {
    /// The file could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The text is not JSON.
    #[error("the timeline is not JSON: {reason}")]
    Json {
        /// The line of the syntax error, counted from 1.
        line: usize,
        /// The column of the syntax error, counted from 1.
        column: usize,
        /// The syntax error, with its position.
        reason: String,
    },
    /// The text is not an object with an array `timeline`.
    #[error("the text is not an object with an array `timeline`")]
    NoTimeline,
    /// The timeline has no entry.
    #[error("the timeline is empty")]
    Empty,
    /// An entry of the timeline is invalid.
    #[error("timeline[{index}]: {reason}")]
    Entry {
        /// The index of the entry, counted from 0.
        index: usize,
        /// Why it is invalid.
        reason: &'static str,
    },
}
