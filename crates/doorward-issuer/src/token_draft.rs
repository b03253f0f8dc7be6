use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::{Map, Value};

/// The lifetime of a minted token: one hour.
pub(crate) const DEFAULT_LIFETIME: Duration = Duration::from_secs(3600);

/// The changes to the default header and claims of a token that is not signed yet.
#[derive(Clone, Debug)]
pub(crate) struct TokenDraft {
    header: Changes,
    claims: Changes,
    issued: IssueTime,
    lifetime: Duration,
}

/// Members to set, or with `None` to remove.
type Changes = BTreeMap<String, Option<Value>>;

#[derive(Clone, Copy, Debug)]
enum IssueTime {
    Now,
    At(i64),
    /// The token expired one hour ago.
    Expired,
}

impl TokenDraft {
    pub(crate) fn new() -> Self {
        Self {
            header: Changes::new(),
            claims: Changes::new(),
            issued: IssueTime::Now,
            lifetime: DEFAULT_LIFETIME,
        }
    }

    pub(crate) fn set_claim(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.claims.insert(name.into(), Some(value.into()));
    }

    pub(crate) fn remove_claim(&mut self, name: impl Into<String>) {
        self.claims.insert(name.into(), None);
    }

    pub(crate) fn set_header(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.header.insert(name.into(), Some(value.into()));
    }

    pub(crate) fn remove_header(&mut self, name: impl Into<String>) {
        self.header.insert(name.into(), None);
    }

    pub(crate) fn set_lifetime(&mut self, lifetime: Duration) {
        self.claims.remove("exp");
        self.lifetime = lifetime;
    }

    pub(crate) fn set_issued_at(&mut self, unix_seconds: i64) {
        self.set_issue_time(IssueTime::At(unix_seconds));
    }

    pub(crate) fn set_expired(&mut self) {
        self.set_issue_time(IssueTime::Expired);
    }

    fn set_issue_time(&mut self, issued: IssueTime) {
        self.claims.remove("iat");
        self.claims.remove("exp");
        self.issued = issued;
    }

    /// Returns the change to a claim: `Some(None)` if it is removed, `None` if it is not changed.
    pub(crate) fn claim(&self, name: &str) -> Option<Option<&Value>> {
        self.claims.get(name).map(Option::as_ref)
    }

    /// Returns the text that a claim is set to.
    pub(crate) fn claim_text(&self, name: &str) -> Option<String> {
        self.claim(name)??.as_str().map(str::to_owned)
    }

    /// Returns the default `iat`, in seconds since 1970-01-01 UTC.
    pub(crate) fn issued_at_second(&self) -> i64 {
        match self.issued {
            IssueTime::Now => unix_now(),
            IssueTime::At(time) => time,
            IssueTime::Expired => {
                unix_now().saturating_sub(3600).saturating_sub(self.lifetime_seconds())
            }
        }
    }

    /// Returns the lifetime in whole seconds.
    pub(crate) fn lifetime_seconds(&self) -> i64 {
        i64::try_from(self.lifetime.as_secs()).unwrap_or(i64::MAX)
    }

    /// Applies the changes to the default header and claims.
    pub(crate) fn apply(self, header: &mut Map<String, Value>, claims: &mut Map<String, Value>) {
        apply(self.header, header);
        apply(self.claims, claims);
    }
}

fn apply(changes: Changes, members: &mut Map<String, Value>) {
    for (name, value) in changes {
        match value {
            Some(value) => members.insert(name, value),
            None => members.remove(&name),
        };
    }
}

fn unix_now() -> i64 {
    let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => seconds(since),
        Err(before) => seconds(before.duration()).saturating_neg(),
    }
}
