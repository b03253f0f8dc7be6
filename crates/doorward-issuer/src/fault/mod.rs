//! Faults of the metadata and the key set.
//!
//! A correct document and a [`Fault`] come in; an answer with that fault goes out. Some faults change the
//! [`document`], some the status and the headers ([`answer`]), some how the [`body`] is sent.

pub(crate) mod answer;
mod body;
pub(crate) mod document;
mod faults;

use std::time::Duration;

pub(crate) use self::faults::Faults;

/// The documents that a [`Fault`] applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Target {
    /// The key set ([RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5)).
    KeySet,
    /// The metadata, at both of its URLs.
    Metadata,
    /// The key set and the metadata.
    Both,
}

/// A fault of a document, set by [`DevIssuer::fail`](crate::DevIssuer::fail).
///
/// Faults of the whole server, such as a closed port, are an [`Outage`](crate::Outage).
///
/// ```
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let issuer = doorward_issuer::DevIssuer::start().await?;
/// use std::time::Duration;
///
/// use doorward_issuer::{Fault, Target};
///
/// issuer.fail(Target::Metadata, Fault::Delay(Duration::from_secs(2)));
/// issuer.fail(Target::KeySet, Fault::Status(503));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The answer is correct and sent after this delay.
    Delay(Duration),
    /// The headers are sent at once, the body byte by byte.
    Trickle {
        /// The pause before each byte.
        pause: Duration,
    },
    /// The connection is reset within the body; `Content-Length` is that of the whole body.
    Cut {
        /// How many bytes of the body are sent before. The last byte is never sent.
        after: usize,
    },
    /// The answer has this status, from 200 to 999, and a small HTML page. Any other number counts as
    /// 500.
    Status(u16),
    /// The answer has status 302 and this `Location`; none if the text is not a valid header value.
    Redirect(String),
    /// The answer has status 200 and an HTML page, like that of a proxy with a login page.
    Html,
    /// The second half of the document is missing; `Content-Length` is that of the first half.
    Truncated,
    /// The document is followed by spaces up to this length in bytes, and is still valid JSON. It is sent
    /// in chunks, without a `Content-Length`.
    Huge(usize),
    /// The document has this `Content-Type`; none if the text is empty or not a valid header value.
    ContentType(String),
    /// The key set has no keys. No effect on metadata.
    EmptySet,
    /// The key set begins with an entry whose members have the wrong types, followed by the correct keys.
    /// No effect on metadata.
    OneBadKey,
    /// The correct keys are in the middle of this number of other valid keys, which sign nothing. No
    /// effect on metadata.
    ManyKeys(usize),
}
