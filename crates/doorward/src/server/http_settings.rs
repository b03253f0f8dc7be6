use crate::config_error::ConfigError;
use crate::{
    challenge,
    credentials::TokenSource,
    denial::ChallengeSettings,
    refusal::RefusalHook,
    resource::{CheckedResource, Resource},
};

/// How requests come in and are answered, as it was set.
#[derive(Debug)]
pub(super) struct HttpOptions {
    pub(super) realm: String,
    pub(super) sources: Vec<TokenSource>,
    pub(super) resource: Option<Resource>,
    pub(super) exposes_challenges: bool,
    pub(super) answers_preflights: bool,
    pub(super) on_refusal: RefusalHook,
    pub(super) logs_subjects: bool,
}

/// How requests come in and are answered.
#[derive(Debug)]
pub(super) struct HttpSettings {
    pub(super) sources: Vec<TokenSource>,
    pub(super) settings: ChallengeSettings,
    pub(super) resource: Option<CheckedResource>,
    pub(super) answers_preflights: bool,
    pub(super) on_refusal: RefusalHook,
    pub(super) logs_subjects: bool,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            realm: ChallengeSettings::default().realm,
            sources: vec![TokenSource::authorization()],
            resource: None,
            exposes_challenges: false,
            answers_preflights: false,
            on_refusal: RefusalHook::default(),
            logs_subjects: false,
        }
    }
}

impl HttpOptions {
    /// Checks what was set.
    pub(super) fn check(self) -> Result<HttpSettings, ConfigError> {
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
        let settings = ChallengeSettings {
            realm: self.realm,
            resource_metadata: resource.as_ref().map(|resource| resource.metadata_url.clone()),
            exposes_challenges: self.exposes_challenges,
        };
        Ok(HttpSettings {
            sources: self.sources,
            settings,
            resource,
            answers_preflights: self.answers_preflights,
            on_refusal: self.on_refusal,
            logs_subjects: self.logs_subjects,
        })
    }
}

impl HttpSettings {
    /// Returns whether tokens are taken from the field that RFC 6750 §2.1 names.
    pub(super) fn takes_authorization(&self) -> bool {
        self.sources.iter().any(TokenSource::is_authorization)
    }
}
