use serde_json::{Value, json};

/// The path of instance discovery, by which Microsoft's client libraries learn the aliases of a host.
pub(crate) const PATH: &str = "/common/discovery/instance";

/// Returns the document: the host of the request without aliases, and the metadata URL of the tenant
/// in `authorization_endpoint`.
pub(crate) fn document(origin: &str, authorization_endpoint: Option<&str>) -> Value {
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
