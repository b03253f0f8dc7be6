use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use super::{Protocol, ProtocolError, issuer_identifier, token_format::TokenFormat};
use crate::{
    directory::{Api, Application, Directory, Tenant, User},
    random,
};

/// What the claims of an access token are made from.
#[derive(Clone, Copy)]
pub(crate) struct AccessToken<'a> {
    pub(crate) directory: &'a Directory,
    pub(crate) url: &'a str,
    pub(crate) protocol: Protocol,
    pub(crate) tenant: &'a Tenant,
    pub(crate) policy: Option<&'a str>,
    pub(crate) application: &'a Application,
    pub(crate) api: &'a Api,
    /// The API as the request names it.
    pub(crate) identifier: &'a str,
    pub(crate) actor: Actor<'a>,
    /// How the client has authenticated, as in `appidacr` and `azpacr`.
    pub(crate) credential: &'static str,
    pub(crate) now: i64,
}

/// Who a token is issued for: a user, or the application itself.
#[derive(Clone, Copy)]
pub(crate) enum Actor<'a> {
    User { user: &'a User, scopes: &'a [String], nonce: Option<&'a str> },
    Application,
}

/// How far Entra sets `iat` before the time of issue, in seconds.
const BACKDATED: i64 = 300;

/// The lifetime of an access token, in seconds.
pub(crate) const LIFETIME: i64 = 3600;

impl AccessToken<'_> {
    pub(crate) fn format(&self) -> TokenFormat {
        TokenFormat::of_access_token(self.protocol, self.api.token_version)
    }

    /// Returns the header for a key of this ID.
    pub(crate) fn header(&self, key_id: &str) -> Value {
        header(
            self.format(),
            key_id,
            if self.format() == TokenFormat::Rfc9068 { "at+jwt" } else { "JWT" },
        )
    }

    pub(crate) fn claims(&self) -> Result<Value, ProtocolError> {
        let format = self.format();
        let mut claims = Map::new();
        let mut put = |name: &str, value: Value| {
            if !value.is_null() {
                claims.insert(name.to_owned(), value);
            }
        };
        let issuer = issuer_identifier::issuer(self.directory, self.url, format, self.tenant);
        let issued = issued_at(format, self.now);
        put("iss", json!(issuer));
        put("iat", json!(issued));
        put("exp", json!(self.now.saturating_add(LIFETIME)));
        match format {
            TokenFormat::V1 | TokenFormat::V2 => {
                put("nbf", json!(issued));
                put("tid", json!(self.tenant.id));
                put("uti", json!(random::token()?));
            }
            TokenFormat::B2c => put("nbf", json!(issued)),
            TokenFormat::Rfc9068 => put("jti", json!(random::token()?)),
        }
        self.put_audience_and_client(format, &mut put);
        match self.actor {
            Actor::User { user, scopes, nonce } => {
                self.put_user(format, user, scopes, nonce, &mut put)
            }
            Actor::Application => self.put_application(format, &issuer, &mut put),
        }
        Ok(Value::Object(claims))
    }

    /// Adds the claims for the API and the client.
    fn put_audience_and_client(&self, format: TokenFormat, put: &mut impl FnMut(&str, Value)) {
        match format {
            TokenFormat::V1 => {
                put("ver", json!("1.0"));
                put("aud", json!(self.identifier));
                put("appid", json!(self.application.id));
                put("appidacr", json!(self.credential));
            }
            TokenFormat::V2 => {
                put("ver", json!("2.0"));
                put("aud", json!(self.api.id));
                put("azp", json!(self.application.id));
                put("azpacr", json!(self.credential));
            }
            TokenFormat::B2c => {
                put("ver", json!("1.0"));
                put("aud", json!(self.api.id));
                put("azp", json!(self.application.id));
                put("tfp", json!(self.policy));
            }
            TokenFormat::Rfc9068 => {
                put("aud", json!(self.api.main_uri()));
                put("client_id", json!(self.application.id));
            }
        }
    }

    /// Adds the claims for a user.
    fn put_user(
        &self,
        format: TokenFormat,
        user: &User,
        scopes: &[String],
        nonce: Option<&str>,
        put: &mut impl FnMut(&str, Value),
    ) {
        let scope = (!scopes.is_empty()).then(|| scopes.join(" "));
        put(if format == TokenFormat::Rfc9068 { "scope" } else { "scp" }, json!(scope));
        put("sub", json!(subject(format, user, &self.api.id)));
        let roles = user.roles_at(self.api);
        put("roles", json!((!roles.is_empty()).then_some(roles)));
        match format {
            TokenFormat::V1 => {
                put("oid", json!(user.id));
                put("upn", json!(user.username));
                put("unique_name", json!(user.username));
                put("name", json!(user.name));
                put("given_name", json!(user.given_name));
                put("family_name", json!(user.family_name));
                put("acr", json!("1"));
                put("amr", json!(["pwd"]));
            }
            TokenFormat::V2 => {
                put("oid", json!(user.id));
                put("name", json!(user.name));
                put("preferred_username", json!(user.username));
            }
            TokenFormat::B2c => {
                put("oid", json!(user.id));
                put("name", json!(user.name));
                put("nonce", json!(nonce));
            }
            TokenFormat::Rfc9068 => {}
        }
    }

    /// Adds the claims for an application without a user.
    fn put_application(
        &self,
        format: TokenFormat,
        issuer: &str,
        put: &mut impl FnMut(&str, Value),
    ) {
        let object_id = self.application.object_id(self.tenant);
        let roles = self.application.roles_at(self.api);
        let some_roles = (!roles.is_empty()).then_some(&roles);
        match format {
            TokenFormat::V1 | TokenFormat::V2 => {
                put("oid", json!(object_id));
                put("sub", json!(object_id));
                put("idp", json!(issuer));
                put("roles", json!(some_roles));
            }
            // B2C has the granted roles in `scp`.
            TokenFormat::B2c => {
                put("sub", json!(object_id));
                put("oid", json!(object_id));
                put("scp", json!(some_roles.map(|roles| roles.join(" "))));
            }
            TokenFormat::Rfc9068 => {
                put("sub", json!(self.application.id));
                put("roles", json!(some_roles));
            }
        }
    }
}

pub(super) fn issued_at(format: TokenFormat, now: i64) -> i64 {
    match format {
        TokenFormat::V1 | TokenFormat::V2 => now.saturating_sub(BACKDATED),
        TokenFormat::B2c | TokenFormat::Rfc9068 => now,
    }
}

pub(super) fn header(format: TokenFormat, key_id: &str, token_type: &str) -> Value {
    match format {
        TokenFormat::V1 => {
            json!({ "typ": token_type, "alg": "RS256", "x5t": key_id, "kid": key_id })
        }
        _ => json!({ "typ": token_type, "alg": "RS256", "kid": key_id }),
    }
}

/// Returns the subject: in Entra a different one for each audience, elsewhere the object ID.
pub(super) fn subject(format: TokenFormat, user: &User, audience: &str) -> String {
    match format {
        TokenFormat::V1 | TokenFormat::V2 => {
            let text = format!("{} {audience}", user.id);
            URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
        }
        TokenFormat::B2c | TokenFormat::Rfc9068 => user.id.clone(),
    }
}
