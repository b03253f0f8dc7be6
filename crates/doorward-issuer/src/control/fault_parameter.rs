use std::{num::IntErrorKind, time::Duration};

use crate::Fault;

/// How many keys [`Fault::ManyKeys`] may add. They are made anew for every answer, in memory.
const MAX_MANY_KEYS: u64 = 10_000;

/// How many bytes [`Fault::Huge`] may send, 100 MiB: well over the body limit of any client.
const MAX_HUGE: u64 = 100 * 1024 * 1024;

/// How long [`Fault::Delay`] and each pause of [`Fault::Trickle`] may last, ten minutes. A connection
/// is open and a task exists for as long.
const MAX_MILLISECONDS: u64 = 10 * 60 * 1000;

/// Why the `fault` parameter is rejected.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum FaultError {
    #[error(
        "fault is to be status-CODE, delay-MS, trickle-MS, cut-BYTES, huge-BYTES, many-keys-COUNT, \
         redirect-URL, content-type-TYPE, html, truncated, empty-set or one-bad-key"
    )]
    Unknown,
    #[error("the fault {name} is over the limit of {limit} {unit}")]
    OverLimit { name: String, limit: u64, unit: &'static str },
}

/// Parses the `fault` parameter, such as `status-503`.
pub(super) fn parse(name: &str) -> Result<Fault, FaultError> {
    let limited = |digits: &str, limit, unit| match digits.parse::<u64>() {
        Ok(number) if number <= limit => Ok(number),
        Err(error) if *error.kind() != IntErrorKind::PosOverflow => Err(FaultError::Unknown),
        Ok(_) | Err(_) => Err(FaultError::OverLimit { name: name.to_owned(), limit, unit }),
    };
    let count = |digits, limit, unit| {
        let number = limited(digits, limit, unit)?;
        usize::try_from(number).map_err(|_| FaultError::Unknown)
    };
    let time =
        |digits| limited(digits, MAX_MILLISECONDS, "milliseconds").map(Duration::from_millis);
    let value = |prefix| name.strip_prefix(prefix);
    match name {
        "html" => return Ok(Fault::Html),
        "truncated" => return Ok(Fault::Truncated),
        "empty-set" => return Ok(Fault::EmptySet),
        "one-bad-key" => return Ok(Fault::OneBadKey),
        _ => {}
    }
    if let Some(code) = value("status-") {
        code.parse().map(Fault::Status).map_err(|_| FaultError::Unknown)
    } else if let Some(delay) = value("delay-") {
        time(delay).map(Fault::Delay)
    } else if let Some(pause) = value("trickle-") {
        time(pause).map(|pause| Fault::Trickle { pause })
    } else if let Some(bytes) = value("cut-") {
        // No limit is needed: never more than the document is sent.
        bytes.parse().map(|after| Fault::Cut { after }).map_err(|_| FaultError::Unknown)
    } else if let Some(bytes) = value("huge-") {
        count(bytes, MAX_HUGE, "bytes").map(Fault::Huge)
    } else if let Some(number) = value("many-keys-") {
        count(number, MAX_MANY_KEYS, "keys").map(Fault::ManyKeys)
    } else if let Some(url) = value("redirect-") {
        Ok(Fault::Redirect(url.to_owned()))
    } else {
        let content_type = value("content-type-").ok_or(FaultError::Unknown)?;
        Ok(Fault::ContentType(content_type.to_owned()))
    }
}
