//! Requests that are refused, and such as are accepted: each through the core alone and through the
//! whole axum stack.

use std::hint::black_box;

use axum::{
    Router,
    body::Body,
    http::{HeaderValue, Request, StatusCode, header},
};
use doorward::{ResourceServer, scope};
use doorward_axum::{AccessToken, Gate, guarded};
use tower_service::Service as _;

use crate::contender::{Contender, at_once};

const PATH: &str = "/orders";

/// What is sent, and what comes of it.
#[derive(Clone, Debug)]
pub struct Sent {
    /// For the table.
    pub description: &'static str,
    /// The value of the `Authorization` field.
    pub field: HeaderValue,
    /// The code under which it is refused; `None` when it is accepted.
    pub code: Option<&'static str>,
}

impl Sent {
    /// Describes a bearer token.
    ///
    /// # Panics
    ///
    /// When the token is not printable ASCII.
    #[must_use]
    pub fn token(description: &'static str, token: &str, code: Option<&'static str>) -> Self {
        let field = HeaderValue::try_from(format!("Bearer {token}")).expect("printable ASCII");
        Self { description, field, code }
    }

    /// Sends it to the core.
    #[must_use]
    pub const fn to_core(self, server: ResourceServer) -> ToCore {
        ToCore { server, sent: self }
    }

    /// Sends it to a guarded route of axum, which logs to nobody.
    #[must_use]
    pub fn to_stack(self, server: ResourceServer) -> ToStack {
        async fn list(token: AccessToken) -> StatusCode {
            black_box(token.subject());
            StatusCode::NO_CONTENT
        }
        let gate = Gate::new(server);
        let router = gate.router().route(PATH, guarded::get(scope!("orders.read"), list));
        ToStack { router: router.with_state(()), sent: self, requests: Vec::new() }
    }
}

/// Sends to the core.
#[derive(Debug)]
pub struct ToCore {
    server: ResourceServer,
    sent: Sent,
}

impl Contender for ToCore {
    fn name(&self) -> &'static str {
        "core"
    }

    fn description(&self) -> &'static str {
        self.sent.description
    }

    #[inline(never)]
    fn once(&mut self) {
        let authentication = self.server.authenticate([black_box(self.sent.field.as_bytes())]);
        let result = authentication.into_ready().expect("fixed keys are at hand");
        let code = result.as_ref().err().map(doorward::Error::code);
        assert_eq!(code, self.sent.code, "{}", self.sent.description);
        black_box(result.is_ok());
    }
}

/// Sends to the whole stack.
#[derive(Debug)]
pub struct ToStack {
    router: Router,
    sent: Sent,
    requests: Vec<Request<Body>>,
}

impl Contender for ToStack {
    fn name(&self) -> &'static str {
        "axum"
    }

    fn description(&self) -> &'static str {
        self.sent.description
    }

    fn prepare(&mut self, runs: u32) {
        let request = |_| {
            let request = Request::get(PATH).header(header::AUTHORIZATION, self.sent.field.clone());
            request.body(Body::empty()).expect("a request")
        };
        self.requests = (0..runs).map(request).collect();
    }

    #[inline(never)]
    fn once(&mut self) {
        let request = self.requests.pop().expect("prepared requests");
        let Ok(response) = at_once(self.router.call(request));
        let is_accepted = response.status() == StatusCode::NO_CONTENT;
        assert_eq!(is_accepted, self.sent.code.is_none(), "{}", self.sent.description);
    }
}
