use serde_json::{Value, json};

/// Where clients of Microsoft's libraries ask which hosts belong together.
pub(crate) const PATH: &str = "/common/discovery/instance";

/// Answers that the host of the request is an authority, alone, and where the metadata is of the
/// tenant that the client is about to use.
pub(crate) fn instances(origin: &str, authorization_endpoint: Option<&str>) -> Value {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let tenant = authorization_endpoint
        .and_then(|url| url.split_once("://")?.1.split('/').nth(1))
        .filter(|tenant| !tenant.is_empty())
        .unwrap_or("common");
    json!({
        "tenant_discovery_endpoint": format!("{origin}/{tenant}/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }],
    })
}
