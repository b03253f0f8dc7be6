use std::sync::Arc;

use axum::{
    body,
    extract::{ConnectInfo, Request, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode, Uri,
        header::{ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, HOST},
    },
    response::{IntoResponse as _, Response},
};

use crate::{
    authorize,
    documents::{serve_key_set, serve_metadata_document},
    form::Form,
    issuer_state::IssuerState,
    protocol::{self, Endpoint, Protocol, RequestTrace, Route, instance_discovery},
    server::ConnectionHandle,
    tenant_request::TenantRequest,
    tenant_token,
};

/// How many bytes the body of a request may have; the longest sensible one has a few hundred.
pub(crate) const MAX_BODY: usize = 64 * 1024;

/// Answers every path below a tenant, and `/ca.pem`.
pub(crate) async fn serve(
    State(state): State<Arc<IssuerState>>,
    ConnectInfo(connection): ConnectInfo<ConnectionHandle>,
    request: Request,
) -> Response {
    if let (Some(pem), "/ca.pem") = (&state.ca_pem, request.uri().path()) {
        return pem.clone().into_response();
    }
    let Some(tenants) = &state.tenants else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (head, body) = request.into_parts();
    let origin = origin(&state, &head.headers, &connection);
    let query = head.uri.query().unwrap_or_default();
    let parameters = Form::parse(query.as_bytes()).unwrap_or_default();
    let path = without_double_slashes(head.uri.path());
    if path.eq_ignore_ascii_case(instance_discovery::PATH) {
        let endpoint = parameters.get("authorization_endpoint");
        return axum::Json(instance_discovery::document(&origin, endpoint)).into_response();
    }
    let route = match Route::parse(&tenants.directory, &path, parameters.get("p")) {
        None => return StatusCode::NOT_FOUND.into_response(),
        Some(Ok(route)) => route,
        Some(Err(refusal)) => {
            let trace = RequestTrace::new(&head.headers, tenants.clock.now());
            return refusal.response(protocol_of_unknown_tenant(&head.uri), &trace);
        }
    };
    if let Some(allowed) = allowed_methods(route.endpoint, &head.method) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, allowed)]).into_response();
    }
    let serve_action: fn(TenantRequest<'_>) -> Response = match route.endpoint {
        Endpoint::Metadata => {
            let document = protocol::metadata(&tenants.directory, &state.url, &origin, &route);
            return readable_by_all(serve_metadata_document(&state, connection, &document).await);
        }
        Endpoint::Keys => {
            let keys = protocol::key_set(&tenants.directory, &state.url, &route, &state.jwks());
            let response = serve_key_set(&state, connection, &head.headers, keys).await;
            return readable_by_all(response);
        }
        Endpoint::Authorize => authorize::serve,
        Endpoint::Token => tenant_token::serve,
        Endpoint::Logout => authorize::sign_out,
    };
    let Ok(body) = body::to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    serve_action(TenantRequest {
        state: &state,
        tenants,
        route: &route,
        origin: &origin,
        method: &head.method,
        headers: &head.headers,
        query,
        body: &body,
    })
}

/// Returns the scheme and the host of the request. URLs in the answer begin with them, so that they
/// work for clients that reach the issuer by any name.
fn origin(state: &IssuerState, headers: &HeaderMap, connection: &ConnectionHandle) -> String {
    let is_allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    match host.filter(|host| host.bytes().all(is_allowed)) {
        Some(host) if connection.is_secure() => format!("https://{host}"),
        Some(host) => format!("http://{host}"),
        None => state.url.clone(),
    }
}

/// Returns the methods of the endpoint if the one of the request is not among them.
fn allowed_methods(endpoint: Endpoint, method: &Method) -> Option<&'static str> {
    let (allowed, is_allowed) = match endpoint {
        // It refuses other methods itself, with an error of its protocol.
        Endpoint::Token => return None,
        Endpoint::Metadata | Endpoint::Keys => {
            ("GET, HEAD", matches!(*method, Method::GET | Method::HEAD))
        }
        Endpoint::Authorize | Endpoint::Logout => {
            ("GET, POST", matches!(*method, Method::GET | Method::POST))
        }
    };
    (!is_allowed).then_some(allowed)
}

/// Lets scripts of any origin read a public document.
fn readable_by_all(mut response: Response) -> Response {
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// Returns the protocol for the error of a path that names no tenant.
fn protocol_of_unknown_tenant(uri: &Uri) -> Protocol {
    if uri.path().contains("v2.0") { Protocol::V2 } else { Protocol::V1 }
}

fn without_double_slashes(path: &str) -> String {
    let mut one = String::with_capacity(path.len());
    for c in path.chars() {
        if c != '/' || !one.ends_with('/') {
            one.push(c);
        }
    }
    one
}
