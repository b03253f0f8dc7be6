use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use super::System;

/// What the token endpoint hands out, before it has the form of a system.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) access_token: Option<String>,
    /// Scopes as the request names them, separated by spaces.
    pub(crate) scope: Option<String>,
    /// How v1 and B2C name the API: as the request does, and by its client ID.
    pub(crate) resource: Option<String>,
    pub(crate) refresh_token: Option<String>,
    /// How long the refresh token lives, in seconds.
    pub(crate) refresh_lifetime: Option<i64>,
    pub(crate) id_token: Option<String>,
    /// Whose tokens they are, for clients that ask with `client_info=1`: user and tenant.
    pub(crate) client_info: Option<(String, String)>,
    /// Tenant and name, for `profile_info`.
    pub(crate) profile: Option<(String, String)>,
}

/// Returns the JSON of the token endpoint, and what the fragment of an implicit answer has.
pub(crate) fn answer(system: System, answer: Answer, now: i64, lifetime: i64) -> Value {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            members.insert(name.to_owned(), value);
        }
    };
    let has_access = answer.access_token.is_some();
    put("token_type", json!("Bearer"));
    put("access_token", json!(answer.access_token));
    put("id_token", json!(answer.id_token));
    put("refresh_token", json!(answer.refresh_token));
    let expires_on = now.saturating_add(lifetime);
    match system {
        System::V1 => {
            let shown = lifetime.saturating_sub(1).to_string();
            put("expires_in", json!(shown));
            put("ext_expires_in", json!(shown));
            put("expires_on", json!(expires_on.to_string()));
            put("not_before", json!(now.saturating_sub(300).to_string()));
            put("resource", json!(answer.resource));
            put("scope", json!(answer.scope));
        }
        System::V2 => {
            let shown = lifetime.saturating_sub(1);
            put("expires_in", json!(shown));
            put("ext_expires_in", json!(shown));
            put("scope", json!(answer.scope));
        }
        System::B2c => {
            put("not_before", json!(now));
            if has_access {
                put("expires_in", json!(lifetime));
                put("expires_on", json!(expires_on));
                put("resource", json!(answer.resource));
            } else {
                put("id_token_expires_in", json!(lifetime));
            }
            put("refresh_token_expires_in", json!(answer.refresh_lifetime));
            let profile = answer.profile.map(|(tid, name)| {
                base64url(&json!({ "ver": "1.0", "tid": tid, "sub": null, "name": name,
                    "preferred_username": null, "idp": null }))
            });
            put("profile_info", json!(profile));
        }
        System::Oidc => {
            put("expires_in", json!(lifetime));
            put("scope", json!(answer.scope));
        }
    }
    let info = answer.client_info.filter(|_| matches!(system, System::V2 | System::B2c));
    put(
        "client_info",
        json!(info.map(|(uid, utid)| base64url(&json!({ "uid": uid, "utid": utid })))),
    );
    Value::Object(members)
}

fn base64url(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}
