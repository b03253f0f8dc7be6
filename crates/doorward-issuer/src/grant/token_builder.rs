use serde_json::Value;

use super::{
    consent::granted,
    requested_access::{RequestedAccess, Resource},
};
use crate::{
    Algorithm,
    authorization_store::{Authorization, RefreshToken},
    directory::{Application, Platform, Tenant, User},
    issuer_state::IssuerState,
    protocol::{
        Protocol, ProtocolError, TokenResponse,
        access_token::{AccessToken, Actor, LIFETIME},
        id_token::IdToken,
    },
    tenant_state::TenantState,
};

/// The lifetime of all refresh tokens of a single-page application after one sign-in, in seconds.
const SPA_LIFETIME: i64 = 24 * 3600;

/// Builds the tokens for a user.
#[derive(Clone, Copy)]
pub(crate) struct TokenBuilder<'a> {
    pub(crate) state: &'a IssuerState,
    pub(crate) tenants: &'a TenantState,
    pub(crate) authorization: &'a Authorization,
    pub(crate) tenant: &'a Tenant,
    pub(crate) user: &'a User,
    pub(crate) application: &'a Application,
    pub(crate) credential: &'static str,
    pub(crate) client_info: bool,
    pub(crate) now: i64,
}

/// An access token, with its API and scopes as the response names them.
pub(crate) struct IssuedToken {
    pub(crate) token: String,
    pub(crate) scope: String,
    pub(crate) resource: String,
}

impl<'a> TokenBuilder<'a> {
    /// Returns a token response for the first API of the request, if it names one.
    ///
    /// `expires` is when the refresh tokens of a single-page application expire, once the first one was
    /// issued.
    pub(crate) fn response(
        &self,
        requested: &RequestedAccess<'_>,
        expires: Option<i64>,
    ) -> Result<Value, ProtocolError> {
        let protocol = self.authorization.protocol;
        let mut response = TokenResponse {
            id_token: requested.openid.then(|| self.id_token(None, None)).transpose()?,
            client_info: self.client_info.then(|| (self.account(), self.tenant.id.clone())),
            profile: Some((self.tenant.id.clone(), self.user.name.clone())),
            ..TokenResponse::default()
        };
        match requested.resources.first() {
            Some(resource) => {
                let issued = self.access_token(resource)?;
                response.access_token = Some(issued.token);
                response.scope = Some(issued.scope);
                response.resource = Some(issued.resource);
            }
            None if protocol == Protocol::V1 => return Err(ProtocolError::missing("resource")),
            // OpenID Connect Core 1.0 §3.1.3.3: an access token comes with every ID token.
            None if protocol == Protocol::Oidc => {
                response.access_token = Some(self.access_token(&self.application_itself()?)?.token);
            }
            None => {}
        }
        if matches!(protocol, Protocol::V2 | Protocol::Oidc) {
            response.scope = Some(with_oidc_scopes(requested, response.scope));
        }
        if requested.offline_access {
            let expires = expires.unwrap_or_else(|| self.refresh_token_expires());
            let authorization = self.authorization.clone();
            let token = RefreshToken { authorization, expires };
            response.refresh_token = Some(self.tenants.store.refresh_tokens.insert(token)?);
            response.refresh_lifetime = Some(expires.saturating_sub(self.now));
        }
        Ok(response.into_json(protocol, self.now, LIFETIME))
    }

    /// Returns the application as an API, by its client ID.
    fn application_itself(&self) -> Result<Resource<'a>, ProtocolError> {
        let identifier = self.application.id.clone();
        let api = self.tenants.directory.api(&identifier).ok_or_else(ProtocolError::internal)?;
        Ok(Resource { api, identifier, scopes: Vec::new() })
    }

    /// Returns the account ID for `client_info`, which differs for each policy of B2C.
    fn account(&self) -> String {
        match &self.authorization.policy {
            Some(policy) => format!("{}-{}", self.user.id, policy.to_ascii_lowercase()),
            None => self.user.id.clone(),
        }
    }

    /// Returns an access token with those of the requested scopes that are granted. Rejects the request if
    /// none is.
    pub(crate) fn access_token(
        &self,
        resource: &Resource<'_>,
    ) -> Result<IssuedToken, ProtocolError> {
        let protocol = self.authorization.protocol;
        let Resource { api, identifier, scopes } = resource;
        let scopes =
            granted(&self.tenants.store, protocol, self.application, self.user, api, scopes);
        let own = api.id.eq_ignore_ascii_case(&self.application.id);
        if scopes.is_empty() && !own {
            return Err(match protocol {
                Protocol::V1 => ProtocolError::not_permitted(identifier),
                Protocol::B2c => ProtocolError::nothing_granted(),
                Protocol::V2 | Protocol::Oidc => ProtocolError::consent_required(),
            });
        }
        let access = AccessToken {
            directory: &self.tenants.directory,
            url: &self.state.url,
            protocol,
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
        let (scope, resource) = match protocol {
            Protocol::V1 => (scopes.join(" "), identifier.clone()),
            Protocol::Oidc => (scopes.join(" "), identifier.clone()),
            Protocol::V2 | Protocol::B2c => {
                let full = scopes.iter().map(|scope| format!("{identifier}/{scope}"));
                (full.collect::<Vec<_>>().join(" "), api.id.clone())
            }
        };
        Ok(IssuedToken { token, scope, resource })
    }

    /// Returns an ID token, bound by hashes to the code and the access token of the same response.
    pub(crate) fn id_token(
        &self,
        code: Option<&str>,
        access_token: Option<&str>,
    ) -> Result<String, ProtocolError> {
        let identity = IdToken {
            directory: &self.tenants.directory,
            url: &self.state.url,
            protocol: self.authorization.protocol,
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
        let lifetime = match (self.authorization.platform, self.authorization.protocol) {
            (Platform::Spa, _) => SPA_LIFETIME,
            (_, Protocol::B2c) => DAY.saturating_mul(14),
            _ => DAY.saturating_mul(90),
        };
        self.now.saturating_add(lifetime)
    }
}

/// Signs with the issuer's key for RS256.
pub(crate) fn sign(
    state: &IssuerState,
    header: impl FnOnce(&str) -> Value,
    claims: &Value,
) -> Result<String, ProtocolError> {
    let key = state.key_of(Algorithm::Rs256)?;
    let header = header(key.public().key_id()).to_string();
    Ok(key.sign_compact(&header, claims.to_string().as_bytes())?)
}

fn with_oidc_scopes(requested: &RequestedAccess<'_>, scope: Option<String>) -> String {
    let named = [
        (requested.openid, "openid"),
        (requested.openid, "profile"),
        (requested.offline_access, "offline_access"),
    ];
    let mut scopes: Vec<String> = scope.into_iter().filter(|scope| !scope.is_empty()).collect();
    scopes.extend(
        named
            .into_iter()
            .filter(|(is_requested, _)| *is_requested)
            .map(|(_, name)| name.to_owned()),
    );
    scopes.join(" ")
}
