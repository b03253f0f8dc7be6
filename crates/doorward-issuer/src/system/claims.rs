use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use super::{
    Refusal, System,
    names::{self, Shape},
};
use crate::{
    directory::{Api, Application, Directory, Tenant, User},
    random,
};

/// All that an access token tells.
#[derive(Clone, Copy)]
pub(crate) struct Access<'a> {
    pub(crate) directory: &'a Directory,
    pub(crate) url: &'a str,
    pub(crate) system: System,
    pub(crate) tenant: &'a Tenant,
    pub(crate) policy: Option<&'a str>,
    pub(crate) application: &'a Application,
    pub(crate) api: &'a Api,
    /// How the request names the API.
    pub(crate) identifier: &'a str,
    pub(crate) actor: Actor<'a>,
    /// How the client has authenticated: `appidacr` and `azpacr`.
    pub(crate) credential: &'static str,
    pub(crate) now: i64,
}

/// Who acts with a token.
#[derive(Clone, Copy)]
pub(crate) enum Actor<'a> {
    User { user: &'a User, scopes: &'a [String], nonce: Option<&'a str> },
    Application,
}

/// How long before its making a token of Entra says that it was issued, in seconds.
const BACKDATED: i64 = 300;

/// How long an access token lives, in seconds.
pub(crate) const LIFETIME: i64 = 3600;

impl Access<'_> {
    pub(crate) fn shape(&self) -> Shape {
        Shape::of_access_token(self.system, self.api.token_version)
    }

    /// Returns the header for a key of this ID.
    pub(crate) fn header(&self, key_id: &str) -> Value {
        header(self.shape(), key_id, if self.shape() == Shape::Rfc9068 { "at+jwt" } else { "JWT" })
    }

    pub(crate) fn claims(&self) -> Result<Value, Refusal> {
        let shape = self.shape();
        let mut claims = Map::new();
        let mut put = |name: &str, value: Value| {
            if !value.is_null() {
                claims.insert(name.to_owned(), value);
            }
        };
        let issuer = names::issuer(self.directory, self.url, shape, self.tenant);
        let issued = issued_at(shape, self.now);
        put("iss", json!(issuer));
        put("iat", json!(issued));
        put("exp", json!(self.now.saturating_add(LIFETIME)));
        match shape {
            Shape::V1 | Shape::V2 => {
                put("nbf", json!(issued));
                put("tid", json!(self.tenant.id));
                put("uti", json!(random::token()?));
            }
            Shape::B2c => put("nbf", json!(issued)),
            Shape::Rfc9068 => put("jti", json!(random::token()?)),
        }
        self.parties(shape, &mut put);
        match self.actor {
            Actor::User { user, scopes, nonce } => self.user(shape, user, scopes, nonce, &mut put),
            Actor::Application => self.application(shape, &issuer, &mut put),
        }
        Ok(Value::Object(claims))
    }

    /// Tells for which API the token is, and for which client.
    fn parties(&self, shape: Shape, put: &mut impl FnMut(&str, Value)) {
        match shape {
            Shape::V1 => {
                put("ver", json!("1.0"));
                put("aud", json!(self.identifier));
                put("appid", json!(self.application.id));
                put("appidacr", json!(self.credential));
            }
            Shape::V2 => {
                put("ver", json!("2.0"));
                put("aud", json!(self.api.id));
                put("azp", json!(self.application.id));
                put("azpacr", json!(self.credential));
            }
            Shape::B2c => {
                put("ver", json!("1.0"));
                put("aud", json!(self.api.id));
                put("azp", json!(self.application.id));
                put("tfp", json!(self.policy));
            }
            Shape::Rfc9068 => {
                put("aud", json!(self.api.main_uri()));
                put("client_id", json!(self.application.id));
            }
        }
    }

    fn user(
        &self,
        shape: Shape,
        user: &User,
        scopes: &[String],
        nonce: Option<&str>,
        put: &mut impl FnMut(&str, Value),
    ) {
        let scope = (!scopes.is_empty()).then(|| scopes.join(" "));
        put(if shape == Shape::Rfc9068 { "scope" } else { "scp" }, json!(scope));
        put("sub", json!(subject(shape, user, &self.api.id)));
        let roles = user.roles_at(self.api);
        put("roles", json!((!roles.is_empty()).then_some(roles)));
        match shape {
            Shape::V1 => {
                put("oid", json!(user.id));
                put("upn", json!(user.username));
                put("unique_name", json!(user.username));
                put("name", json!(user.name));
                put("given_name", json!(user.given_name));
                put("family_name", json!(user.family_name));
                put("acr", json!("1"));
                put("amr", json!(["pwd"]));
            }
            Shape::V2 => {
                put("oid", json!(user.id));
                put("name", json!(user.name));
                put("preferred_username", json!(user.username));
            }
            Shape::B2c => {
                put("oid", json!(user.id));
                put("name", json!(user.name));
                put("nonce", json!(nonce));
            }
            Shape::Rfc9068 => {}
        }
    }

    fn application(&self, shape: Shape, issuer: &str, put: &mut impl FnMut(&str, Value)) {
        let object_id = self.application.object_id(self.tenant);
        let roles = self.application.roles_at(self.api);
        let some_roles = (!roles.is_empty()).then_some(&roles);
        match shape {
            Shape::V1 | Shape::V2 => {
                put("oid", json!(object_id));
                put("sub", json!(object_id));
                put("idp", json!(issuer));
                put("roles", json!(some_roles));
            }
            // Granted roles come out as scopes.
            Shape::B2c => {
                put("sub", json!(object_id));
                put("oid", json!(object_id));
                put("scp", json!(some_roles.map(|roles| roles.join(" "))));
            }
            Shape::Rfc9068 => {
                put("sub", json!(self.application.id));
                put("roles", json!(some_roles));
            }
        }
    }
}

pub(super) fn issued_at(shape: Shape, now: i64) -> i64 {
    match shape {
        Shape::V1 | Shape::V2 => now.saturating_sub(BACKDATED),
        Shape::B2c | Shape::Rfc9068 => now,
    }
}

pub(super) fn header(shape: Shape, key_id: &str, token_type: &str) -> Value {
    match shape {
        Shape::V1 => json!({ "typ": token_type, "alg": "RS256", "x5t": key_id, "kid": key_id }),
        _ => json!({ "typ": token_type, "alg": "RS256", "kid": key_id }),
    }
}

/// Returns the subject: another one at each audience in Entra, the object ID elsewhere.
pub(super) fn subject(shape: Shape, user: &User, audience: &str) -> String {
    match shape {
        Shape::V1 | Shape::V2 => {
            let text = format!("{} {audience}", user.id);
            URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
        }
        Shape::B2c | Shape::Rfc9068 => user.id.clone(),
    }
}
