use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{Protocol, access_token, issuer_identifier, token_format::TokenFormat};
use crate::directory::{Application, Directory, Tenant, User};

/// What the claims of an ID token are made from (OpenID Connect Core 1.0 §2).
#[derive(Clone, Copy)]
pub(crate) struct IdToken<'a> {
    pub(crate) directory: &'a Directory,
    pub(crate) url: &'a str,
    pub(crate) protocol: Protocol,
    pub(crate) tenant: &'a Tenant,
    pub(crate) policy: Option<&'a str>,
    pub(crate) application: &'a Application,
    pub(crate) user: &'a User,
    pub(crate) nonce: Option<&'a str>,
    pub(crate) signed_in_at: i64,
    /// The code and the access token of the same authorization response.
    pub(crate) code: Option<&'a str>,
    pub(crate) access_token: Option<&'a str>,
    pub(crate) now: i64,
}

impl IdToken<'_> {
    /// Returns the header for a key of this ID.
    pub(crate) fn header(&self, key_id: &str) -> Value {
        access_token::header(TokenFormat::of_endpoint(self.protocol), key_id, "JWT")
    }

    pub(crate) fn claims(&self) -> Value {
        let format = TokenFormat::of_endpoint(self.protocol);
        let issued = access_token::issued_at(format, self.now);
        let user = self.user;
        let mut claims = json!({
            "iss": issuer_identifier::issuer(self.directory, self.url, format, self.tenant),
            "aud": self.application.id,
            "iat": issued,
            "nbf": issued,
            "exp": self.now.saturating_add(access_token::LIFETIME),
            "sub": access_token::subject(format, user, &self.application.id),
            "name": user.name,
        });
        let rest = match format {
            TokenFormat::V1 => json!({
                "ver": "1.0", "tid": self.tenant.id, "oid": user.id, "upn": user.username,
                "unique_name": user.username, "given_name": user.given_name,
                "family_name": user.family_name, "amr": ["pwd"],
            }),
            TokenFormat::V2 => json!({
                "ver": "2.0", "tid": self.tenant.id, "oid": user.id,
                "preferred_username": user.username,
            }),
            TokenFormat::B2c => json!({
                "ver": "1.0", "oid": user.id, "tfp": self.policy, "auth_time": self.signed_in_at,
            }),
            TokenFormat::Rfc9068 => json!({
                "preferred_username": user.username, "auth_time": self.signed_in_at,
            }),
        };
        let bound = json!({
            "nonce": self.nonce,
            "c_hash": self.code.map(half_hash),
            "at_hash": self.access_token.map(half_hash),
        });
        for more in [rest, bound] {
            if let (Value::Object(claims), Value::Object(more)) = (&mut claims, more) {
                claims.extend(more.into_iter().filter(|(_, value)| !value.is_null()));
            }
        }
        claims
    }
}

/// Returns the left half of the SHA-256 in base64url (OpenID Connect Core 1.0 §3.3.2.11).
fn half_hash(text: &str) -> String {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.as_ref().first_chunk::<16>().copied().unwrap_or_default())
}
