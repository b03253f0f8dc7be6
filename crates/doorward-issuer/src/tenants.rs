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
    form::Form,
    issuer_state::IssuerState,
    router::{BODY_LIMIT, serve_key_set, serve_metadata_document},
    server::Breaker,
    system::{self, Endpoint, Place, System, instance, refusal::Incident},
    tenant_token,
    world::World,
};

/// Answers every path below a tenant, and `/ca.pem`.
pub(crate) async fn serve(
    State(state): State<Arc<IssuerState>>,
    ConnectInfo(breaker): ConnectInfo<Breaker>,
    request: Request,
) -> Response {
    if let (Some(pem), "/ca.pem") = (&state.ca_pem, request.uri().path()) {
        return pem.clone().into_response();
    }
    let Some(world) = &state.world else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (head, body) = request.into_parts();
    let origin = origin(&state, &head.headers, &breaker);
    let query = head.uri.query().unwrap_or_default();
    let parameters = Form::read(query.as_bytes()).unwrap_or_default();
    let path = one_slash(head.uri.path());
    if path.eq_ignore_ascii_case(instance::PATH) {
        let answer = instance::instances(&origin, parameters.get("authorization_endpoint"));
        return axum::Json(answer).into_response();
    }
    let place = match Place::find(&world.directory, &path, parameters.get("p")) {
        None => return StatusCode::NOT_FOUND.into_response(),
        Some(Ok(place)) => place,
        Some(Err(refusal)) => {
            let incident = Incident::new(&head.headers, world.clock.now());
            return refusal.response(system_of(&head.uri), &incident);
        }
    };
    if let Some(allowed) = refuses_method(place.endpoint, &head.method) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, allowed)]).into_response();
    }
    match place.endpoint {
        Endpoint::Metadata => {
            let document = system::metadata(&world.directory, &state.url, &origin, &place);
            readable_by_all(serve_metadata_document(&state, breaker, &document).await)
        }
        Endpoint::Keys => {
            let keys = system::key_set(&world.directory, &state.url, &place, &state.jwks());
            readable_by_all(serve_key_set(&state, breaker, &head.headers, keys).await)
        }
        Endpoint::Authorize | Endpoint::Token | Endpoint::Logout => {
            let Ok(body) = body::to_bytes(body, BODY_LIMIT).await else {
                return StatusCode::PAYLOAD_TOO_LARGE.into_response();
            };
            act(Call {
                state: &state,
                world,
                place: &place,
                origin: &origin,
                method: &head.method,
                headers: &head.headers,
                query,
                body: &body,
            })
        }
    }
}

/// A request to an endpoint of a tenant that does something.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) state: &'a IssuerState,
    pub(crate) world: &'a World,
    pub(crate) place: &'a Place<'a>,
    /// Scheme and host that the client has asked.
    pub(crate) origin: &'a str,
    pub(crate) method: &'a Method,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) query: &'a str,
    pub(crate) body: &'a [u8],
}

fn act(call: Call<'_>) -> Response {
    match call.place.endpoint {
        Endpoint::Token => tenant_token::serve(call),
        Endpoint::Logout => authorize::sign_out(call.world, call.headers),
        Endpoint::Authorize | Endpoint::Metadata | Endpoint::Keys => authorize::serve(call),
    }
}

/// Returns the scheme and the host that the client has asked, so that what it is told leads back to
/// where it came from, under whatever name.
fn origin(state: &IssuerState, headers: &HeaderMap, breaker: &Breaker) -> String {
    let fits =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    match host.filter(|host| host.bytes().all(fits)) {
        Some(host) if breaker.is_secure() => format!("https://{host}"),
        Some(host) => format!("http://{host}"),
        None => state.url.clone(),
    }
}

fn refuses_method(endpoint: Endpoint, method: &Method) -> Option<&'static str> {
    let (allowed, is_allowed) = match endpoint {
        // It says so itself, in the form of the system.
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

/// Lets scripts of any origin read what is public anyway.
fn readable_by_all(mut response: Response) -> Response {
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// Returns the system in whose form a path is refused that leads to no tenant.
fn system_of(uri: &Uri) -> System {
    if uri.path().contains("v2.0") { System::V2 } else { System::V1 }
}

fn one_slash(path: &str) -> String {
    let mut one = String::with_capacity(path.len());
    for c in path.chars() {
        if c != '/' || !one.ends_with('/') {
            one.push(c);
        }
    }
    one
}
