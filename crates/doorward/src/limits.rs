//! Every bound in one place, each with its reason.

use std::time::Duration;

/// Bytes of a whole token. Entra's tokens with 200 groups stay under 10 KiB, and servers cap a
/// field between 8 and 16 KiB; without a cap a decoder works for the attacker (CVE-2026-48525).
pub(crate) const TOKEN_LEN: usize = 16 * 1024;

/// Nesting of JSON in headers, claims and key sets (CVE-2025-53864, CVE-2023-1370: deep nesting
/// exhausted the stack).
pub(crate) const JSON_DEPTH: u8 = 32;

/// The deepest nesting that can be allowed.
pub(crate) const MAX_JSON_DEPTH: u8 = 64;

/// What one token may cost before its signature has passed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenLimits {
    pub(crate) token_len: usize,
    pub(crate) json_depth: u8,
}

impl Default for TokenLimits {
    fn default() -> Self {
        Self { token_len: TOKEN_LEN, json_depth: JSON_DEPTH }
    }
}

/// Verified tokens that are cached: as many users and services as are busy at one process.
pub(crate) const CACHED_TOKENS: u64 = 10_000;

/// Bytes of the verified tokens that are cached: six KiB for each of them, where a token of 1.3 kB
/// takes about four.
pub(crate) const CACHED_TOKEN_BYTES: u64 = 64 * 1024 * 1024;

/// How long a verified token is cached at most, whenever it expires: what has expired shall not
/// stay in memory for want of others.
pub(crate) const CACHED_FOR: Duration = Duration::from_secs(3600);

/// Bytes of a `kid`, `x5t` or `x5t#S256`.
pub(crate) const KEY_ID_LEN: usize = 256;

/// Bytes of the longest signature: RSA with 8192 bits.
pub(crate) const SIGNATURE_LEN: usize = 1024;

/// Keys of one set. The largest set on record has 15.
pub(crate) const KEYS: usize = 256;

/// Names and thumbprints of forgotten keys of one issuer, beyond which no alias from a fetched document
/// is added: an issuer that publishes a forgotten key under ever new names fills no memory.
pub(crate) const FORGOTTEN_KEYS: usize = 4096;

/// Keys that are tried on one token.
pub(crate) const CANDIDATES: usize = 4;

/// Bits of an RSA modulus: the least is that of RFC 7518 §3.3, the most bounds the work of one
/// check.
pub(crate) const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// The least RSA public exponent; smaller ones made forgeries possible (CVE-2006-4339).
pub(crate) const RSA_EXPONENT: u64 = 65537;

/// Bits of an RSA public exponent.
pub(crate) const RSA_EXPONENT_BITS: usize = 33;

/// The last second of the year 9999: later dates are milliseconds by mistake, or mischief.
pub(crate) const LAST_DATE: f64 = 253_402_300_799.0;

/// Clock skew that is forgiven unless set otherwise.
pub(crate) const LEEWAY: Duration = Duration::from_secs(60);

/// The most clock skew that can be forgiven (RFC 9068 §4: "usually no more than a few minutes").
pub(crate) const MAX_LEEWAY: Duration = Duration::from_secs(300);

/// How long keys of Entra and B2C serve after they have vanished from the published set: of 158 that
/// vanished on record, 123 came back, after 3 h in the median and 48 h at most.
pub(crate) const KEEP_REMOVED: Duration = Duration::from_secs(24 * 3600);

/// Names of keys that an issuer was found not to have, cached for a cooldown at most.
pub(crate) const ABSENT_KEYS: usize = 256;

/// Time for a whole fetch, discovery and body included, unless set otherwise.
pub(crate) const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// How much longer than its time a fetch is waited for before another sets out: it ends by its own
/// timeout, and what that comes to must be taken in first.
pub(crate) const FETCH_GRACE: Duration = Duration::from_secs(1);

/// The least pause after a failed fetch: however wrong the times are, the background does not spin.
pub(crate) const LEAST_PAUSE: Duration = Duration::from_millis(100);

/// How long a refresh is left to the background before a request starts it.
pub(crate) const OVERDUE: Duration = Duration::from_secs(15);

#[cfg(feature = "remote")]
pub(crate) use remote::*;

#[cfg(feature = "remote")]
mod remote {
    use std::time::Duration;

    /// Bytes of a URL to fetch from: what an issuer's metadata names ends up in logs.
    pub(crate) const URL_LEN: usize = 2048;

    /// Bytes of a fetched document, after decompression. The largest key set on record has 22 kB.
    pub(crate) const DOCUMENT_LEN: usize = 512 * 1024;

    /// Time to connect to an issuer.
    pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

    /// How long keys are fresh at most where removed ones are kept. A key that came back unseen and
    /// vanished again would die a day after it was first missed.
    pub(crate) const FRESH_WHILE_KEEPING: Duration = Duration::from_secs(3600);

    /// The longest sleep of the background between two looks at the clock: after a machine has slept, the
    /// refresh that was due meanwhile begins within this time.
    pub(crate) const CLOCK_CHECK: Duration = Duration::from_secs(60);

    /// Bytes of an `ETag`; a longer one is not sent back.
    pub(crate) const ETAG_LEN: usize = 1024;
}
