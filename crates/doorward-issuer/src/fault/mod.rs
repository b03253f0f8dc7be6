//! Documents that are served wrongly.
//!
//! A document as it should be and a [`Fault`] come in; an answer goes out that is wrong in the way of
//! the fault. Some faults change the [`document`], some the [`answer`] around it, some the [`body`] on
//! its way.

pub(crate) mod answer;
mod body;
pub(crate) mod document;
mod faults;

use std::time::Duration;

pub(crate) use self::faults::Faults;

/// A document that the issuer serves, or both of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Target {
    /// The key set ([RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5)).
    KeySet,
    /// The metadata, at both of its addresses.
    Metadata,
    /// The key set and the metadata.
    Both,
}

/// One thing that is wrong with how a document is served, set by
/// [`DevIssuer::fail`](crate::DevIssuer::fail).
///
/// Faults of the whole server, such as a closed port, are an [`Outage`](crate::Outage).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The answer comes so much later, and is good.
    Delay(Duration),
    /// The headers come at once, the body by one byte after each pause.
    Trickle {
        /// How long to wait before each byte.
        pause: Duration,
    },
    /// The connection is reset in the middle of the body; `Content-Length` tells of all of it.
    Cut {
        /// How many bytes of the body are sent before; at least one is always missing.
        after: usize,
    },
    /// The answer has this status and a small HTML page. A number that is no final status (200 to
    /// 999) counts as 500.
    Status(u16),
    /// The answer is 302 to this address. A text that no header can carry is left out.
    Redirect(String),
    /// The answer is 200 and an HTML page, as of a proxy that wants a login.
    Html,
    /// The document ends in its middle; `Content-Length` is that of what is sent.
    Truncated,
    /// The document is followed by spaces up to this length in bytes, which is still good JSON. It is
    /// sent in chunks, without a `Content-Length`.
    Huge(usize),
    /// The document has this `Content-Type`; none where the text is empty or no header can carry it.
    ContentType(String),
    /// The key set has no keys. The metadata stays good.
    EmptySet,
    /// The key set begins with an entry whose members have the wrong types; the good keys follow.
    /// The metadata stays good.
    OneBadKey,
    /// The good keys stand in the middle of so many other well-formed ones, which nobody signs with.
    /// The metadata stays good.
    ManyKeys(usize),
}
