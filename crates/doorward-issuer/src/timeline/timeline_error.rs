use std::{io, path::PathBuf};

/// The error of a timeline that could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TimelineError {
    /// The file could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The text is no JSON.
    #[error("the timeline is no JSON: {reason}")]
    Json {
        /// The line of the first byte that is wrong, counted from 1.
        line: usize,
        /// The column of the first byte that is wrong, counted from 1.
        column: usize,
        /// What is wrong, and where.
        reason: String,
    },
    /// The text is no object with an array `timeline`.
    #[error("the text is no object with an array `timeline`")]
    NoTimeline,
    /// The timeline has no entry.
    #[error("the timeline is empty")]
    Empty,
    /// An entry of the timeline cannot be followed.
    #[error("timeline[{index}]: {reason}")]
    Entry {
        /// The place of the entry, counted from 0.
        index: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
}
