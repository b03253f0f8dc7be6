//! The ways of serving or checking a request that are timed against each other.
//!
//! A contender that fails panics: a refused token would be quick, and its time worth nothing.

use std::{
    future::Future,
    hint::black_box,
    pin::pin,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use aws_lc_rs::{
    rsa::PublicKeyComponents,
    signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256},
};
use axum::{
    Router,
    body::Body,
    http::{HeaderValue, Request, StatusCode, header},
    routing::get,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward::{ResourceServer, scope};
use doorward_axum::{AccessToken, Gate, guarded};
use doorward_issuer::Algorithm;
use tower_service::Service as _;

use crate::token::SignedToken;

/// One way of serving or checking a request.
pub trait Contender {
    /// Returns the name for the command line.
    fn name(&self) -> &'static str;

    /// Returns what is timed, for the table.
    fn description(&self) -> &'static str;

    /// Makes ready what the next runs use up; this is not timed.
    fn prepare(&mut self, runs: u32) {
        let _ = runs;
    }

    /// Serves or checks one request.
    ///
    /// Implementations are never inlined, so that their instructions can be counted by name.
    fn once(&mut self);

    /// Returns how long so many runs take together, one after the other.
    fn time(&mut self, runs: u32) -> Duration {
        self.prepare(runs);
        let begin = Instant::now();
        for _ in 0..runs {
            self.once();
        }
        begin.elapsed()
    }
}

/// The check of the signature and nothing else, on a prepared key: what no verifier can go below.
/// Clones share the key.
#[derive(Clone, Debug)]
pub struct BareCheck {
    key: ParsedPublicKey,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl BareCheck {
    /// Prepares the token's key.
    ///
    /// # Panics
    ///
    /// When the token is not one of RS256, ES256 or EdDSA, or its key is not whole.
    #[must_use]
    pub fn new(signed: &SignedToken) -> Self {
        let member = |name: &str| decode(signed.jwk[name].as_str().expect("a member of the key"));
        let key = match signed.algorithm {
            Algorithm::Rs256 => PublicKeyComponents { n: member("n"), e: member("e") }
                .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256),
            Algorithm::Es256 => {
                let point = [vec![4], member("x"), member("y")].concat();
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            }
            Algorithm::EdDsa => ParsedPublicKey::new(&ED25519, member("x")),
            other => panic!("{other} is not measured"),
        };
        let (message, signature) = signed.token.rsplit_once('.').expect("a compact JWS");
        Self {
            key: key.expect("a sound key"),
            message: message.as_bytes().to_vec(),
            signature: decode(signature),
        }
    }

    /// Returns a check of another token that is signed with the same key, which both share.
    ///
    /// # Panics
    ///
    /// When it is no compact JWS.
    #[must_use]
    pub fn with_token(&self, signed: &SignedToken) -> Self {
        let (message, signature) = signed.token.rsplit_once('.').expect("a compact JWS");
        Self {
            key: self.key.clone(),
            message: message.as_bytes().to_vec(),
            signature: decode(signature),
        }
    }
}

impl Contender for BareCheck {
    fn name(&self) -> &'static str {
        "bare"
    }

    fn description(&self) -> &'static str {
        "bare signature check, prepared aws-lc-rs key"
    }

    #[inline(never)]
    fn once(&mut self) {
        let (message, signature) = black_box((&self.message, &self.signature));
        self.key.verify_sig(message, signature).expect("a good signature");
    }
}

/// The core's whole walk, from the field's value to the token.
#[derive(Debug)]
pub struct Core {
    name: &'static str,
    description: &'static str,
    server: ResourceServer,
    field: HeaderValue,
}

impl Core {
    /// Takes a server that accepts the token.
    #[must_use]
    pub fn new(server: ResourceServer, signed: &SignedToken) -> Self {
        let field = signed.field();
        Self { name: "core", description: "doorward, core alone", server, field }
    }

    /// Takes a server that accepts the token and remembers it.
    #[must_use]
    pub fn remembering(server: ResourceServer, signed: &SignedToken) -> Self {
        let field = signed.field();
        let description = "doorward, core alone, token seen before";
        Self { name: "core-again", description, server, field }
    }
}

impl Contender for Core {
    fn name(&self) -> &'static str {
        self.name
    }

    fn description(&self) -> &'static str {
        self.description
    }

    #[inline(never)]
    fn once(&mut self) {
        let authentication = self.server.authenticate([black_box(self.field.as_bytes())]);
        let token = authentication.into_ready().expect("fixed keys are at hand");
        black_box(token.expect("a good token"));
    }
}

/// One GET route of an axum router. The requests are made beforehand, with the token in the
/// `Authorization` field whether somebody reads it or not.
#[derive(Debug)]
pub struct Route {
    name: &'static str,
    description: &'static str,
    router: Router,
    field: HeaderValue,
    requests: Vec<Request<Body>>,
}

impl Route {
    /// Routes to a handler without any authentication.
    #[must_use]
    pub fn bare(signed: &SignedToken) -> Self {
        let router = Router::new().route(PATH, get(async || StatusCode::NO_CONTENT));
        Self::new("router", "bare axum router", router, signed)
    }

    /// Routes to a handler behind a rule of doorward that takes the verified token.
    #[must_use]
    pub fn guarded(server: ResourceServer, signed: &SignedToken) -> Self {
        Self::behind_rule("axum", "doorward, whole axum stack", server, signed)
    }

    /// The same with a server that remembers the token.
    #[must_use]
    pub fn remembering(server: ResourceServer, signed: &SignedToken) -> Self {
        let description = "doorward, whole axum stack, token seen before";
        Self::behind_rule("axum-again", description, server, signed)
    }

    fn behind_rule(
        name: &'static str,
        description: &'static str,
        server: ResourceServer,
        signed: &SignedToken,
    ) -> Self {
        async fn list(token: AccessToken) -> StatusCode {
            black_box(token.subject());
            StatusCode::NO_CONTENT
        }
        let gate = Gate::new(server);
        let router = gate.router().route(PATH, guarded::get(scope!("orders.read"), list));
        Self::new(name, description, router.with_state(()), signed)
    }

    fn new(
        name: &'static str,
        description: &'static str,
        router: Router,
        signed: &SignedToken,
    ) -> Self {
        Self { name, description, router, field: signed.field(), requests: Vec::new() }
    }

    fn request(&self) -> Request<Body> {
        let request = Request::get(PATH).header(header::AUTHORIZATION, self.field.clone());
        request.body(Body::empty()).expect("a request")
    }
}

impl Contender for Route {
    fn name(&self) -> &'static str {
        self.name
    }

    fn description(&self) -> &'static str {
        self.description
    }

    fn prepare(&mut self, runs: u32) {
        self.requests = (0..runs).map(|_| self.request()).collect();
    }

    #[inline(never)]
    fn once(&mut self) {
        let request = self.requests.pop().expect("prepared requests");
        let Ok(response) = at_once(self.router.call(request));
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
    }
}

/// The path of the route.
pub(crate) const PATH: &str = "/orders";

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

/// Polls a future that has nothing to wait for.
///
/// # Panics
///
/// When it waits.
pub fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future waits"),
    }
}
