use std::time::Duration;

use serde::{Serialize, Serializer};

use super::KeySource;

/// How the keys of every trusted issuer stand, for a readiness probe and for operators.
///
/// It can be serialized; times are whole seconds then. The text of errors names hosts and URLs, so
/// what is shown to everybody had better be [`is_ready`](Self::is_ready) alone.
///
/// ```
/// use doorward::ResourceServer;
///
/// fn readiness(server: &ResourceServer) -> u16 {
///     if server.health().is_ready() { 200 } else { 503 }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Health {
    issuers: Vec<IssuerHealth>,
}

/// How the keys of one issuer stand; of a B2C tenant, those of one policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct IssuerHealth {
    /// The issuer, as it is named in errors and logs.
    pub issuer: String,
    /// Whether the keys serve, and how well they are kept.
    pub keys: KeyState,
    /// How many keys the issuer publishes that can be used.
    pub published: usize,
    /// How many keys serve that the issuer no longer publishes.
    pub withdrawn: usize,
    /// The time since the keys came; `None` for fixed keys and before the first.
    #[serde(rename = "age_seconds", serialize_with = "seconds")]
    pub age: Option<Duration>,
    /// The time until the next scheduled refresh; `None` for fixed keys.
    #[serde(rename = "next_refresh_seconds", serialize_with = "seconds")]
    pub next_refresh: Option<Duration>,
    /// How long the keys serve if no newer ones can be had; `None` for fixed keys, which serve for
    /// good, and without keys.
    #[serde(rename = "usable_for_seconds", serialize_with = "seconds")]
    pub usable_for: Option<Duration>,
    /// How many scheduled fetches have failed since the last good one.
    pub failures: u32,
    /// Why the last fetch failed, or why it had to do without the metadata; `None` if all went well.
    pub last_error: Option<String>,
}

/// Whether the keys of an issuer serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum KeyState {
    /// They are configured by hand.
    Fixed,
    /// They are as fresh as the issuer wants them to be.
    Fresh,
    /// They are older, because the issuer could not be asked, and serve for some time yet.
    Stale,
    /// There are none, or none recent enough: requests with tokens of this issuer are answered 503.
    Missing,
}

/// How the fetching of an issuer's keys has gone; times as on the clock that never goes backwards.
#[derive(Clone, Debug)]
pub(crate) struct RefreshStatus {
    pub(crate) last_success: Option<Duration>,
    pub(crate) fresh_until: Option<Duration>,
    /// From now.
    pub(crate) until_refresh: Duration,
    pub(crate) failures: u32,
    pub(crate) last_error: Option<String>,
}

impl Health {
    pub(crate) const fn new(issuers: Vec<IssuerHealth>) -> Self {
        Self { issuers }
    }

    /// Returns whether the keys of every issuer serve, fresh or stale. A server that trusts nobody
    /// is not ready.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.issuers.is_empty() && self.issuers.iter().all(IssuerHealth::is_ready)
    }

    /// Returns how each issuer stands, in the order in which they were trusted.
    #[must_use]
    pub fn issuers(&self) -> &[IssuerHealth] {
        &self.issuers
    }
}

impl IssuerHealth {
    pub(crate) fn of(issuer: &str, source: &KeySource, now: Duration) -> Self {
        let snapshot = source.snapshot();
        let refresh_status = source.fetcher().map(|fetcher| fetcher.refresh_status());
        let left = snapshot.usable_until.saturating_sub(now);
        let keys = match &refresh_status {
            None => KeyState::Fixed,
            Some(_) if left.is_zero() => KeyState::Missing,
            Some(refresh_status) if refresh_status.fresh_until.is_some_and(|until| now < until) => {
                KeyState::Fresh
            }
            Some(_) => KeyState::Stale,
        };
        let last_success =
            refresh_status.as_ref().and_then(|refresh_status| refresh_status.last_success);
        Self {
            issuer: issuer.to_owned(),
            keys,
            published: snapshot.key_set.published(),
            withdrawn: snapshot.key_set.withdrawn(now),
            age: last_success.map(|at| now.saturating_sub(at)),
            next_refresh: refresh_status
                .as_ref()
                .map(|refresh_status| refresh_status.until_refresh),
            usable_for: last_success.map(|_| left),
            failures: refresh_status.as_ref().map_or(0, |refresh_status| refresh_status.failures),
            last_error: refresh_status.and_then(|refresh_status| refresh_status.last_error),
        }
    }

    /// Returns whether the keys serve, fresh or stale.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.keys != KeyState::Missing
    }
}

#[expect(clippy::ref_option, reason = "serde hands it over so")]
fn seconds<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(|time| time.as_secs()).serialize(serializer)
}
