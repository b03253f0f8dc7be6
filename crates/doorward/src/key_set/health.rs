use std::time::Duration;

use serde::{Serialize, Serializer};

use super::IssuerKeys;

/// The state of the keys of every trusted issuer, for a readiness probe and for operators.
///
/// Serialized, times are whole seconds. The texts of errors name hosts and URLs: show the public
/// [`is_ready`](Self::is_ready) only.
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

/// The state of the keys of one issuer; of a B2C tenant, of one policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct IssuerHealth {
    /// The issuer's name in errors and logs.
    pub issuer: String,
    /// Whether the keys are usable, and how fresh they are.
    pub keys: KeyState,
    /// The number of usable keys that the issuer publishes.
    pub published: usize,
    /// The number of usable keys that the issuer no longer publishes.
    pub withdrawn: usize,
    /// The time since the last successful fetch; `None` for fixed keys and before the first.
    #[serde(rename = "age_seconds", serialize_with = "seconds")]
    pub age: Option<Duration>,
    /// The time until the next scheduled refresh; `None` for fixed keys.
    #[serde(rename = "next_refresh_seconds", serialize_with = "seconds")]
    pub next_refresh: Option<Duration>,
    /// How long the keys stay usable without another fetch; `None` for fixed keys, which do not age,
    /// and without keys.
    #[serde(rename = "usable_for_seconds", serialize_with = "seconds")]
    pub usable_for: Option<Duration>,
    /// The number of scheduled fetches that have failed since the last success.
    pub failures: u32,
    /// Why the last fetch failed, or had to do without the metadata; `None` after a full success.
    pub last_error: Option<String>,
}

/// How fresh the keys of an issuer are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum KeyState {
    /// They are configured by hand.
    Fixed,
    /// They are within their freshness lifetime.
    Fresh,
    /// They are older, because fetches fail, and still usable.
    Stale,
    /// There are none, or they are too old: requests with tokens of this issuer are answered 503.
    Missing,
}

impl Health {
    pub(crate) const fn new(issuers: Vec<IssuerHealth>) -> Self {
        Self { issuers }
    }

    /// Returns whether the keys of every issuer are usable, fresh or stale. A server without issuers is
    /// not ready.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.issuers.is_empty() && self.issuers.iter().all(IssuerHealth::is_ready)
    }

    /// Returns the state of each issuer, in the order in which they were trusted.
    #[must_use]
    pub fn issuers(&self) -> &[IssuerHealth] {
        &self.issuers
    }
}

impl IssuerHealth {
    pub(crate) fn of(issuer: &str, keys: &IssuerKeys, now: Duration) -> Self {
        let snapshot = keys.snapshot();
        let status = keys.refresher().map(|refresher| refresher.status());
        let left = snapshot.usable_until.saturating_sub(now);
        let keys = match &status {
            None => KeyState::Fixed,
            Some(_) if left.is_zero() => KeyState::Missing,
            Some(status) if status.fresh_until.is_some_and(|until| now < until) => KeyState::Fresh,
            Some(_) => KeyState::Stale,
        };
        let last_success = status.as_ref().and_then(|status| status.last_success);
        Self {
            issuer: issuer.to_owned(),
            keys,
            published: snapshot.key_set.published(),
            withdrawn: snapshot.key_set.withdrawn(now),
            age: last_success.map(|at| now.saturating_sub(at)),
            next_refresh: status.as_ref().map(|status| status.until_refresh),
            usable_for: last_success.map(|_| left),
            failures: status.as_ref().map_or(0, |status| status.failures),
            last_error: status.and_then(|status| status.last_error),
        }
    }

    /// Returns whether the keys are usable, fresh or stale.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.keys != KeyState::Missing
    }
}

#[expect(clippy::ref_option, reason = "serde hands it over so")]
fn seconds<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(|time| time.as_secs()).serialize(serializer)
}
