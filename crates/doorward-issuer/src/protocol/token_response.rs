use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use super::Protocol;

/// A successful response of the token endpoint (RFC 6749 §5.1), before it has the members of a
/// protocol.
#[derive(Clone, Debug, Default)]
pub(crate) struct TokenResponse {
    pub(crate) access_token: Option<String>,
    /// Scopes as the request names them, separated by spaces.
    pub(crate) scope: Option<String>,
    /// The API: in v1 as the request names it, in B2C its client ID.
    pub(crate) resource: Option<String>,
    pub(crate) refresh_token: Option<String>,
    /// The lifetime of the refresh token, in seconds.
    pub(crate) refresh_lifetime: Option<i64>,
    pub(crate) id_token: Option<String>,
    /// The user and the tenant, for requests with `client_info=1`.
    pub(crate) client_info: Option<(String, String)>,
    /// The tenant and the name, for `profile_info`.
    pub(crate) profile: Option<(String, String)>,
}

impl TokenResponse {
    /// Returns the members that the protocol has.
    pub(crate) fn into_json(self, protocol: Protocol, now: i64, lifetime: i64) -> Value {
        let mut members = Map::new();
        let mut put = |name: &str, value: Value| {
            if !value.is_null() {
                members.insert(name.to_owned(), value);
            }
        };
        let has_access = self.access_token.is_some();
        put("token_type", json!("Bearer"));
        put("access_token", json!(self.access_token));
        put("id_token", json!(self.id_token));
        put("refresh_token", json!(self.refresh_token));
        let expires_on = now.saturating_add(lifetime);
        match protocol {
            Protocol::V1 => {
                let shown = lifetime.saturating_sub(1).to_string();
                put("expires_in", json!(shown));
                put("ext_expires_in", json!(shown));
                put("expires_on", json!(expires_on.to_string()));
                put("not_before", json!(now.saturating_sub(300).to_string()));
                put("resource", json!(self.resource));
                put("scope", json!(self.scope));
            }
            Protocol::V2 => {
                let shown = lifetime.saturating_sub(1);
                put("expires_in", json!(shown));
                put("ext_expires_in", json!(shown));
                put("scope", json!(self.scope));
            }
            Protocol::B2c => {
                put("not_before", json!(now));
                if has_access {
                    put("expires_in", json!(lifetime));
                    put("expires_on", json!(expires_on));
                    put("resource", json!(self.resource));
                } else {
                    put("id_token_expires_in", json!(lifetime));
                }
                put("refresh_token_expires_in", json!(self.refresh_lifetime));
                let profile = self.profile.map(|(tid, name)| {
                    base64url(&json!({ "ver": "1.0", "tid": tid, "sub": null, "name": name,
                        "preferred_username": null, "idp": null }))
                });
                put("profile_info", json!(profile));
            }
            Protocol::Oidc => {
                put("expires_in", json!(lifetime));
                put("scope", json!(self.scope));
            }
        }
        let info = self.client_info.filter(|_| matches!(protocol, Protocol::V2 | Protocol::B2c));
        put(
            "client_info",
            json!(info.map(|(uid, utid)| base64url(&json!({ "uid": uid, "utid": utid })))),
        );
        Value::Object(members)
    }
}

fn base64url(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}
