use serde_json::Value;

use super::{Asked, Authorization, RefreshToken, asked::Resource, granted};
use crate::{
    Algorithm,
    directory::{Application, Platform, Tenant, User},
    issuer_state::{IssuerState, compact},
    system::{
        Refusal, System,
        answer::{self, Answer},
        claims::{Access, Actor, LIFETIME},
        id_token::Identity,
    },
    world::World,
};

/// How long the refresh tokens of a single-page application live in all, in seconds.
const SPA_LIFETIME: i64 = 24 * 3600;

/// Everything that tokens for a user are made from.
#[derive(Clone, Copy)]
pub(crate) struct Issue<'a> {
    pub(crate) state: &'a IssuerState,
    pub(crate) world: &'a World,
    pub(crate) authorization: &'a Authorization,
    pub(crate) tenant: &'a Tenant,
    pub(crate) user: &'a User,
    pub(crate) application: &'a Application,
    pub(crate) credential: &'static str,
    pub(crate) client_info: bool,
    pub(crate) now: i64,
}

/// An access token, and how its API and scopes are named in the answer.
pub(crate) struct Issued {
    pub(crate) token: String,
    pub(crate) scope: String,
    pub(crate) resource: String,
}

impl<'a> Issue<'a> {
    /// Answers with tokens for the first API that is asked for, if any is.
    ///
    /// `until` is the time up to which the refresh tokens of a single-page application live, once the
    /// first one was handed out.
    pub(crate) fn answer(&self, asked: &Asked<'_>, until: Option<i64>) -> Result<Value, Refusal> {
        let system = self.authorization.system;
        let mut answer = Answer {
            id_token: asked.openid.then(|| self.id_token(None, None)).transpose()?,
            client_info: self.client_info.then(|| (self.account(), self.tenant.id.clone())),
            profile: Some((self.tenant.id.clone(), self.user.name.clone())),
            ..Answer::default()
        };
        match asked.resources.first() {
            Some(resource) => {
                let issued = self.access_token(resource)?;
                answer.access_token = Some(issued.token);
                answer.scope = Some(issued.scope);
                answer.resource = Some(issued.resource);
            }
            None if system == System::V1 => return Err(Refusal::missing("resource")),
            // OpenID Connect Core 1.0 §3.1.3.3: an access token comes with every ID token.
            None if system == System::Oidc => {
                answer.access_token = Some(self.access_token(&self.application_itself()?)?.token);
            }
            None => {}
        }
        if matches!(system, System::V2 | System::Oidc) {
            answer.scope = Some(with_oidc_scopes(asked, answer.scope));
        }
        if asked.offline_access {
            let expires = until.unwrap_or_else(|| self.refresh_token_expires());
            let authorization = self.authorization.clone();
            let token = RefreshToken { authorization, expires };
            answer.refresh_token = Some(self.world.memory.refresh_tokens.put(token)?);
            answer.refresh_lifetime = Some(expires.saturating_sub(self.now));
        }
        Ok(answer::answer(system, answer, self.now, LIFETIME))
    }

    /// Returns the application as the API that its client ID asks for.
    fn application_itself(&self) -> Result<Resource<'a>, Refusal> {
        let identifier = self.application.id.clone();
        let api = self.world.directory.api(&identifier).ok_or_else(Refusal::internal)?;
        Ok(Resource { api, identifier, scopes: Vec::new() })
    }

    /// Returns how clients name the account: another one for each policy of B2C.
    fn account(&self) -> String {
        match &self.authorization.policy {
            Some(policy) => format!("{}-{}", self.user.id, policy.to_ascii_lowercase()),
            None => self.user.id.clone(),
        }
    }

    /// Makes an access token with those of the asked scopes that are granted; one is enough.
    pub(crate) fn access_token(&self, resource: &Resource<'_>) -> Result<Issued, Refusal> {
        let system = self.authorization.system;
        let Resource { api, identifier, scopes } = resource;
        let scopes = granted(&self.world.memory, system, self.application, self.user, api, scopes);
        let own = api.id.eq_ignore_ascii_case(&self.application.id);
        if scopes.is_empty() && !own {
            return Err(match system {
                System::V1 => Refusal::not_permitted(identifier),
                System::B2c => Refusal::nothing_granted(),
                System::V2 | System::Oidc => Refusal::consent_required(),
            });
        }
        let access = Access {
            directory: &self.world.directory,
            url: &self.state.url,
            system,
            tenant: self.tenant,
            policy: self.authorization.policy.as_deref(),
            application: self.application,
            api,
            identifier,
            actor: Actor::User {
                user: self.user,
                scopes: &scopes,
                nonce: self.authorization.nonce.as_deref(),
            },
            credential: self.credential,
            now: self.now,
        };
        let token = sign(self.state, |key_id| access.header(key_id), &access.claims()?)?;
        let (scope, resource) = match system {
            System::V1 => (scopes.join(" "), identifier.clone()),
            System::Oidc => (scopes.join(" "), identifier.clone()),
            System::V2 | System::B2c => {
                let full = scopes.iter().map(|scope| format!("{identifier}/{scope}"));
                (full.collect::<Vec<_>>().join(" "), api.id.clone())
            }
        };
        Ok(Issued { token, scope, resource })
    }

    /// Makes an ID token; it is bound to the code and the access token that it comes with.
    pub(crate) fn id_token(
        &self,
        code: Option<&str>,
        access_token: Option<&str>,
    ) -> Result<String, Refusal> {
        let identity = Identity {
            directory: &self.world.directory,
            url: &self.state.url,
            system: self.authorization.system,
            tenant: self.tenant,
            policy: self.authorization.policy.as_deref(),
            application: self.application,
            user: self.user,
            nonce: self.authorization.nonce.as_deref(),
            signed_in_at: self.authorization.signed_in_at,
            code,
            access_token,
            now: self.now,
        };
        sign(self.state, |key_id| identity.header(key_id), &identity.claims())
    }

    fn refresh_token_expires(&self) -> i64 {
        const DAY: i64 = 24 * 3600;
        let lifetime = match (self.authorization.platform, self.authorization.system) {
            (Platform::Spa, _) => SPA_LIFETIME,
            (_, System::B2c) => DAY.saturating_mul(14),
            _ => DAY.saturating_mul(90),
        };
        self.now.saturating_add(lifetime)
    }
}

/// Signs with the issuer's RSA key.
pub(crate) fn sign(
    state: &IssuerState,
    header: impl FnOnce(&str) -> Value,
    claims: &Value,
) -> Result<String, Refusal> {
    let key = state.key_of(Algorithm::Rs256)?;
    let header = header(key.public().key_id()).to_string();
    Ok(compact(&key, &header, claims.to_string().as_bytes())?)
}

fn with_oidc_scopes(asked: &Asked<'_>, scope: Option<String>) -> String {
    let named = [
        (asked.openid, "openid"),
        (asked.openid, "profile"),
        (asked.offline_access, "offline_access"),
    ];
    let mut scopes: Vec<String> = scope.into_iter().filter(|scope| !scope.is_empty()).collect();
    scopes.extend(named.into_iter().filter(|(asked, _)| *asked).map(|(_, name)| name.to_owned()));
    scopes.join(" ")
}
