use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{Algorithm, GrantType, issuer_state::IssuerState};

/// Returns the issuer's metadata, one document for both well-known addresses (OpenID Connect
/// Discovery 1.0 §3, RFC 8414 §2).
pub(crate) fn metadata(state: &IssuerState) -> Value {
    let algorithms: Vec<_> = state.algorithms.iter().copied().map(Algorithm::name).collect();
    let scopes: BTreeSet<_> =
        state.clients.iter().flat_map(|client| client.allowed_scopes()).collect();
    json!({
        "issuer": state.issuer,
        "token_endpoint": state.token_url(),
        "jwks_uri": state.jwks_url(),
        "grant_types_supported": GrantType::ALL.map(GrantType::name),
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "id_token_signing_alg_values_supported": algorithms,
        "scopes_supported": scopes,
        // Required by both specifications; empty because there is no authorization endpoint.
        "response_types_supported": [],
        "subject_types_supported": ["public"],
    })
}
