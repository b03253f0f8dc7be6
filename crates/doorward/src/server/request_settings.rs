use crate::config_error::ConfigError;
use crate::{
    audit::DecisionHook,
    challenge,
    credentials::TokenSource,
    denial::ChallengeSettings,
    resource::{CheckedResource, Resource},
};

/// How requests are read and answered, as configured.
#[derive(Debug)]
pub(super) struct RequestOptions {
    pub(super) name: Option<String>,
    pub(super) realm: String,
    pub(super) sources: Vec<TokenSource>,
    pub(super) resource: Option<Resource>,
    pub(super) exposes_challenges: bool,
    pub(super) answers_preflights: bool,
    pub(super) on_decision: DecisionHook,
    pub(super) logs_subjects: bool,
}

/// How requests are read and answered.
#[derive(Debug, Default)]
pub(crate) struct RequestSettings {
    pub(crate) name: Option<String>,
    pub(crate) sources: Vec<TokenSource>,
    pub(crate) challenge: ChallengeSettings,
    pub(crate) resource: Option<CheckedResource>,
    pub(crate) answers_preflights: bool,
    pub(crate) on_decision: DecisionHook,
    pub(crate) logs_subjects: bool,
}

impl Default for RequestOptions {
    fn default() -> Self {
        Self {
            name: None,
            realm: ChallengeSettings::default().realm,
            sources: vec![TokenSource::authorization()],
            resource: None,
            exposes_challenges: false,
            answers_preflights: false,
            on_decision: DecisionHook::default(),
            logs_subjects: false,
        }
    }
}

impl RequestOptions {
    /// Checks what was set.
    pub(super) fn check(self) -> Result<RequestSettings, ConfigError> {
        if !challenge::is_quotable(&self.realm) {
            return Err(ConfigError::Realm);
        }
        let rest = |at: usize| self.sources.iter().skip(at.saturating_add(1));
        let repeated = |(at, source)| rest(at).any(|other| other == source);
        let is_repeated = self.sources.iter().enumerate().any(repeated);
        let is_sound = self.sources.iter().all(TokenSource::is_sound);
        if self.sources.is_empty() || is_repeated || !is_sound {
            return Err(ConfigError::TokenSource);
        }
        let resource = match self.resource {
            Some(resource) => Some(resource.check().ok_or(ConfigError::Resource)?),
            None => None,
        };
        let challenge = ChallengeSettings {
            realm: self.realm,
            resource_metadata: resource.as_ref().map(|resource| resource.metadata_url.clone()),
            exposes_challenges: self.exposes_challenges,
        };
        Ok(RequestSettings {
            name: self.name,
            sources: self.sources,
            challenge,
            resource,
            answers_preflights: self.answers_preflights,
            on_decision: self.on_decision,
            logs_subjects: self.logs_subjects,
        })
    }
}

impl RequestSettings {
    /// Returns whether tokens are read from the field that RFC 6750 §2.1 names.
    pub(crate) fn reads_authorization(&self) -> bool {
        self.sources.iter().any(TokenSource::is_authorization)
    }
}
