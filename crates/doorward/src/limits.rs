//! Every limit in one place, each with its reason.

use std::time::Duration;

/// The length of a token in bytes. Entra tokens with 200 groups stay below 10 KiB, and HTTP servers
/// limit a field to between 8 and 16 KiB. Without a limit, an attacker decides how much is decoded
/// (CVE-2026-48525).
pub(crate) const TOKEN_LEN: usize = 16 * 1024;

/// The nesting depth of JSON in headers, claims and key sets (CVE-2025-53864, CVE-2023-1370: deep nesting
/// exhausted the stack).
pub(crate) const JSON_DEPTH: u8 = 32;

/// The greatest nesting depth that can be configured.
pub(crate) const MAX_JSON_DEPTH: u8 = 64;

/// What one token may cost before its signature is verified.
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

/// The default number of cached tokens: the users and services that are active at one process.
pub(crate) const CACHED_TOKENS: u64 = 10_000;

/// The default size of the cache of verified tokens in bytes: 6 KiB for each, where a token of 1.3 kB
/// takes about four.
pub(crate) const CACHED_TOKEN_BYTES: u64 = 64 * 1024 * 1024;

/// How long a verified token is cached at most, even if it expires later: memory is freed even if no
/// other token displaces it.
pub(crate) const CACHED_FOR: Duration = Duration::from_secs(3600);

/// The length of a `kid`, `x5t` or `x5t#S256` in bytes.
pub(crate) const KEY_ID_LEN: usize = 256;

/// The length of the longest signature in bytes: RSA with 8192 bits.
pub(crate) const SIGNATURE_LEN: usize = 1024;

/// The number of keys in one set. The largest published set on record has 15.
pub(crate) const KEYS: usize = 256;

/// The number of names and thumbprints of forgotten keys of one issuer, aliases included: an issuer that
/// publishes a forgotten key under ever new names fills no memory.
pub(crate) const FORGOTTEN_KEYS: usize = 4096;

/// The number of keys that are tried on one token.
pub(crate) const CANDIDATES: usize = 4;

/// The length of an RSA modulus in bits: the minimum of RFC 7518 §3.3, and a maximum that bounds the work
/// of one verification.
pub(crate) const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// The smallest RSA public exponent; smaller ones made forgeries possible (CVE-2006-4339).
pub(crate) const RSA_EXPONENT: u64 = 65537;

/// The length of an RSA public exponent in bits.
pub(crate) const RSA_EXPONENT_BITS: usize = 33;

/// The last second of the year 9999: later dates are milliseconds by mistake, or an attack.
pub(crate) const LAST_DATE: f64 = 253_402_300_799.0;

/// The default clock skew that is allowed.
pub(crate) const LEEWAY: Duration = Duration::from_secs(60);

/// The greatest clock skew that can be configured (RFC 9068 §4: "usually no more than a few minutes").
pub(crate) const MAX_LEEWAY: Duration = Duration::from_secs(300);

/// How long a key of Entra or B2C is used after it is no longer published: of 158 keys that were removed
/// on record, 123 were published again, after 3 h in the median and 48 h at most.
pub(crate) const KEEP_REMOVED: Duration = Duration::from_secs(24 * 3600);

/// The number of absent key IDs that are kept for one issuer, for one cooldown at most.
pub(crate) const ABSENT_KEYS: usize = 256;

/// The default timeout of a whole fetch, discovery and body included.
pub(crate) const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// How long after its timeout a fetch still counts as in progress: its own timeout ends it, and that
/// result must be processed first.
pub(crate) const FETCH_GRACE: Duration = Duration::from_secs(1);

/// The shortest pause after a failed fetch: the background task never spins.
pub(crate) const LEAST_PAUSE: Duration = Duration::from_millis(100);

/// How long after its due time a refresh is left to the background task, before a request starts it.
pub(crate) const OVERDUE: Duration = Duration::from_secs(15);

#[cfg(feature = "remote")]
pub(crate) use remote::*;

#[cfg(feature = "remote")]
mod remote {
    use std::time::Duration;

    /// The length of a URL to fetch from in bytes: URLs of an issuer's metadata appear in logs.
    pub(crate) const URL_LEN: usize = 2048;

    /// The length of a fetched document in bytes. The largest key set on record has 22 kB.
    pub(crate) const DOCUMENT_LEN: usize = 512 * 1024;

    /// The timeout of a connection to an issuer.
    pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

    /// The greatest freshness lifetime of keys where removed ones are kept: else a key that is published
    /// again, and removed again, between two fetches would be dropped a day after its first removal.
    pub(crate) const FRESH_WHILE_KEEPING: Duration = Duration::from_secs(3600);

    /// The longest sleep of the background task between two readings of the clock: after a machine has
    /// slept, a refresh that was due meanwhile begins within this time.
    pub(crate) const CLOCK_CHECK: Duration = Duration::from_secs(60);

    /// The length of an `ETag` in bytes; a longer one is not sent back.
    pub(crate) const ETAG_LEN: usize = 1024;
}
