//! Requests through the real middleware and extractors, with tokens of a development issuer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy.toml spares test functions, not their helpers"
)]

use std::{
    cell::RefCell,
    future::Future,
    io,
    pin::{Pin, pin},
    sync::{Arc, Mutex, Once},
    task::{Context, Poll, Waker},
};

use actix_web::{
    App, FromRequest as _, HttpMessage as _, HttpRequest, HttpResponse, Resource,
    ResponseError as _, Route,
    body::{MessageBody, to_bytes},
    dev::{Service, ServiceRequest, ServiceResponse, Transform as _, fn_service},
    http::header::{AUTHORIZATION, CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE},
    test::{TestRequest, init_service},
    web::{self, ServiceConfig},
};
use doorward::{
    Error, Issuer, ResourceServer, ResourceServerBuilder, Scope,
    adapter::{Access, RouteGuard},
    rules::{RequestInfo, RequiredScopes},
    scope,
};
use doorward_actix::{AccessToken, Claims, Gate, GuardTransform, OptionalToken, Scoped};
use doorward_issuer::{Algorithm, DevIssuer, Mint};

const INVALID: &str =
    r#"Bearer realm="api", error="invalid_token", error_description="The access token is invalid""#;
const EXPIRED: &str =
    r#"Bearer realm="api", error="invalid_token", error_description="The access token expired""#;
const MALFORMED: &str = r#"Bearer realm="api", error="invalid_request", error_description="The request is malformed or carries several credentials""#;
const INSUFFICIENT: &str = r#"Bearer realm="api", error="insufficient_scope", error_description="The access token does not grant what this resource requires", scope="orders.read""#;

async fn dev_issuer() -> DevIssuer {
    DevIssuer::builder().algorithms([Algorithm::Es256]).start().await.unwrap()
}

fn server_of(issuer: &DevIssuer) -> ResourceServerBuilder {
    ResourceServer::builder()
        .trust(Issuer::discover(issuer.url(), "api://orders"))
        .allow_loopback_http()
}

async fn gate_of(issuer: &DevIssuer) -> Gate {
    Gate::new(server_of(issuer).build().await.unwrap())
}

fn reader(issuer: &DevIssuer) -> Mint {
    issuer.mint().subject("u1").scope("orders.read")
}

fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

fn get_with(path: &str, token: Mint) -> TestRequest {
    bearing(get(path), &token.sign().unwrap())
}

fn bearing(request: TestRequest, token: &str) -> TestRequest {
    request.append_header((AUTHORIZATION, format!("Bearer {token}")))
}

/// Middleware requires a scope at `/guarded`; at `/extracted` the extractor alone requires a token.
fn routes(gate: &Gate) -> impl FnOnce(&mut ServiceConfig) {
    let gate = gate.clone();
    move |config| {
        let read = gate.require(scope!("orders.read"));
        let write = gate.require(scope!("orders.write"));
        config
            .service(
                web::resource("/guarded")
                    .route(web::get().to(subject).wrap(read))
                    .route(web::post().to(subject).wrap(write)),
            )
            .service(behind("/extracted", gate.optional(), web::get().to(subject)))
            .service(behind("/claims", gate.authenticated(), web::get().to(department)))
            .service(behind("/scoped", gate.optional(), web::get().to(scoped)))
            .service(behind("/optional", gate.optional(), web::get().to(visitor)))
            .service(behind("/option", gate.optional(), web::get().to(option)))
            .service(
                web::resource("/wrapped").wrap(gate.authenticated()).route(web::get().to(subject)),
            );
    }
}

fn behind(path: &str, guard: GuardTransform, route: Route) -> Resource {
    web::resource(path).route(route.wrap(guard))
}

async fn subject(token: AccessToken) -> String {
    token.subject().to_owned()
}

#[derive(serde::Deserialize)]
struct Employee {
    department: String,
}

async fn department(Claims(employee): Claims<Employee>) -> String {
    employee.department
}

async fn visitor(OptionalToken(token): OptionalToken) -> String {
    token.map_or("anonymous".to_owned(), |token| token.subject().to_owned())
}

async fn option(token: Option<AccessToken>) -> String {
    token.map_or("anonymous".to_owned(), |token| token.subject().to_owned())
}

struct ReadOrders;

impl RequiredScopes for ReadOrders {
    const SCOPES: &'static [Scope] = &[Scope::literal("orders.read")];
}

async fn scoped(token: Scoped<ReadOrders>) -> String {
    token.subject().to_owned()
}

#[derive(Debug)]
struct Answer {
    status: u16,
    challenge: Option<String>,
    cache_control: Option<String>,
    retry_after: Option<String>,
    body: String,
    error: Option<Error>,
}

impl Answer {
    fn summary(&self) -> (u16, Option<&str>, &str) {
        (self.status, self.challenge.as_deref(), &self.body)
    }

    /// Returns what a client and middleware outside see. Of the reason this is the code: how long ago a
    /// token expired differs between two requests.
    fn seen(&self) -> impl PartialEq + std::fmt::Debug {
        let fields = (self.cache_control.clone(), self.retry_after.clone());
        (self.status, self.challenge.clone(), fields, self.body.clone(), self.code())
    }

    fn code(&self) -> Option<&'static str> {
        self.error.as_ref().map(Error::code)
    }
}

async fn ask<S, R, B>(app: &S, request: R) -> Answer
where
    S: Service<R, Response = ServiceResponse<B>, Error = actix_web::Error>,
    B: MessageBody,
{
    let response = app.call(request).await.unwrap();
    let field = |name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let mut answer = Answer {
        status: response.status().as_u16(),
        challenge: field(WWW_AUTHENTICATE),
        cache_control: field(CACHE_CONTROL),
        retry_after: field(RETRY_AFTER),
        body: String::new(),
        error: response.response().extensions().get().cloned(),
    };
    let body = to_bytes(response.into_body()).await.ok().expect("the body is whole");
    answer.body = String::from_utf8(body.to_vec()).unwrap();
    answer
}

/// Polls once, with nobody to be woken.
fn first_poll<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

#[actix_web::test]
async fn valid_token_that_meets_the_rule_reaches_the_handler() {
    let issuer = dev_issuer().await;
    let app = init_service(App::new().configure(routes(&gate_of(&issuer).await))).await;
    for path in ["/guarded", "/extracted", "/scoped", "/optional", "/option", "/wrapped"] {
        let answer = ask(&app, get_with(path, reader(&issuer)).to_request()).await;
        assert_eq!(answer.summary(), (200, None, "u1"), "{path}");
        assert_eq!(answer.error, None, "{path}");
    }
}

#[actix_web::test]
async fn each_rejection_is_the_same_from_middleware_and_extractor() {
    let issuer = dev_issuer().await;
    let app = init_service(App::new().configure(routes(&gate_of(&issuer).await))).await;
    let token = reader(&issuer).sign().unwrap();
    let with = |token: &str| [format!("Bearer {token}")].to_vec();
    let table = [
        (vec![], 401, r#"Bearer realm="api""#, "credentials.missing"),
        (vec!["Basic dTpw".to_owned()], 401, r#"Bearer realm="api""#, "credentials.missing"),
        ([with(&token), with(&token)].concat(), 400, MALFORMED, "credentials.several"),
        (with("a b"), 400, MALFORMED, "credentials.malformed"),
        (with("junk"), 401, INVALID, "token.not_compact"),
        (with(&reader(&issuer).expired().sign().unwrap()), 401, EXPIRED, "policy.expired"),
        (
            with(&reader(&issuer).audience("api://else").sign().unwrap()),
            401,
            INVALID,
            "policy.audience",
        ),
    ];
    for (values, status, challenge, code) in table {
        let request = |path| {
            let fields = values.iter().map(|value| (AUTHORIZATION, value.as_str()));
            fields.fold(get(path), TestRequest::append_header).to_request()
        };
        let guarded = ask(&app, request("/guarded")).await;
        assert_eq!(guarded.summary(), (status, Some(challenge), ""), "{values:?}");
        assert_eq!(guarded.cache_control.as_deref(), Some("no-store"), "{values:?}");
        assert_eq!(guarded.code(), Some(code));
        assert_eq!(ask(&app, request("/extracted")).await.seen(), guarded.seen());
        if status != 401 || challenge.contains("error") {
            assert_eq!(ask(&app, request("/optional")).await.seen(), guarded.seen());
            assert_eq!(ask(&app, request("/option")).await.seen(), guarded.seen());
        }
    }
}

#[actix_web::test]
async fn token_without_the_scope_is_refused_with_the_scope_to_ask_for() {
    let issuer = dev_issuer().await;
    let app = init_service(App::new().configure(routes(&gate_of(&issuer).await))).await;
    for path in ["/guarded", "/scoped"] {
        let token = issuer.mint().scope("orders.list");
        let answer = ask(&app, get_with(path, token).to_request()).await;
        assert_eq!(answer.summary(), (403, Some(INSUFFICIENT), ""), "{path}");
        assert_eq!(answer.cache_control.as_deref(), Some("no-store"), "{path}");
        assert_eq!(answer.code(), Some("rule.not_met"), "{path}");
    }
}

#[actix_web::test]
async fn each_method_of_a_resource_has_its_own_rule() {
    let issuer = dev_issuer().await;
    let app = init_service(App::new().configure(routes(&gate_of(&issuer).await))).await;
    let post = |token: Mint| {
        bearing(TestRequest::post().uri("/guarded"), &token.sign().unwrap()).to_request()
    };
    assert_eq!(ask(&app, post(reader(&issuer))).await.status, 403);
    assert_eq!(ask(&app, post(reader(&issuer).scope("orders.write"))).await.status, 200);
}

#[actix_web::test]
async fn unsupported_method_stays_405_where_the_rule_is_on_the_route() {
    let issuer = dev_issuer().await;
    let app = init_service(App::new().configure(routes(&gate_of(&issuer).await))).await;
    let status = async |request: TestRequest| ask(&app, request.to_request()).await.status;
    assert_eq!(status(TestRequest::delete().uri("/guarded")).await, 405);
    assert_eq!(status(TestRequest::get().uri("/nowhere")).await, 404);
    assert_eq!(status(TestRequest::delete().uri("/wrapped")).await, 401);
}

#[actix_web::test]
async fn whole_app_and_scope_can_be_guarded() {
    let issuer = dev_issuer().await;
    let gate = gate_of(&issuer).await;
    let scope = web::scope("/v1")
        .wrap(gate.require(scope!("orders.read")))
        .route("/me", web::get().to(subject));
    let app = App::new().wrap(gate.authenticated()).service(scope);
    let app = init_service(app).await;
    assert_eq!(ask(&app, get("/v1/me").to_request()).await.status, 401);
    assert_eq!(ask(&app, get("/nowhere").to_request()).await.status, 401);
    assert_eq!(ask(&app, get_with("/v1/me", issuer.mint()).to_request()).await.status, 403);
    assert_eq!(ask(&app, get_with("/v1/me", reader(&issuer)).to_request()).await.status, 200);
}

#[actix_web::test]
async fn issuer_that_is_down_is_answered_503_and_not_401() {
    let issuer = dev_issuer().await;
    let token = reader(&issuer).sign().unwrap();
    let server = server_of(&issuer).lazy();
    drop(issuer);
    let gate = Gate::new(server.build().await.unwrap());
    let app = init_service(App::new().configure(routes(&gate))).await;
    for path in ["/guarded", "/extracted", "/optional", "/option"] {
        let answer = ask(&app, bearing(get(path), &token).to_request()).await;
        assert_eq!(answer.summary(), (503, None, ""), "{path}");
        assert_eq!(answer.cache_control.as_deref(), Some("no-store"), "{path}");
        assert!(answer.retry_after.unwrap().parse::<u64>().unwrap() >= 1, "{path}");
        assert!(matches!(answer.error, Some(Error::Unavailable(_))), "{path}");
    }
}

#[actix_web::test]
async fn request_with_a_new_key_waits_for_it() {
    for path in ["/guarded", "/extracted"] {
        let issuer = dev_issuer().await;
        let app = init_service(App::new().configure(routes(&gate_of(&issuer).await))).await;
        issuer.rotate().await.unwrap();
        let answer = ask(&app, get_with(path, reader(&issuer)).to_request()).await;
        assert_eq!(answer.summary(), (200, None, "u1"), "{path}");
    }
}

#[actix_web::test]
async fn rule_holds_for_a_request_that_has_waited() {
    let issuer = dev_issuer().await;
    let app = init_service(App::new().configure(routes(&gate_of(&issuer).await))).await;
    issuer.rotate().await.unwrap();
    let answer = ask(&app, get_with("/guarded", issuer.mint()).to_request()).await;
    assert_eq!(answer.summary(), (403, Some(INSUFFICIENT), ""));
}

#[actix_web::test]
async fn absent_token_is_anonymous_where_it_is_optional() {
    let issuer = dev_issuer().await;
    let app = init_service(App::new().configure(routes(&gate_of(&issuer).await))).await;
    for path in ["/optional", "/option"] {
        let answer = ask(&app, get(path).to_request()).await;
        assert_eq!(answer.summary(), (200, None, "anonymous"), "{path}");
    }
}

#[actix_web::test]
async fn invalid_token_never_reaches_a_handler_that_takes_an_option() {
    let issuer = dev_issuer().await;
    let app = init_service(App::new().configure(routes(&gate_of(&issuer).await))).await;
    let answer = ask(&app, get_with("/option", reader(&issuer).expired()).to_request()).await;
    assert_eq!(answer.summary(), (401, Some(EXPIRED), ""));
}

#[actix_web::test]
async fn claims_are_read_into_a_type_and_a_mismatch_is_rejected() {
    let issuer = dev_issuer().await;
    let app = init_service(App::new().configure(routes(&gate_of(&issuer).await))).await;
    let token = reader(&issuer).claim("department", "sales");
    let answer = ask(&app, get_with("/claims", token).to_request()).await;
    assert_eq!(answer.summary(), (200, None, "sales"));
    let answer = ask(&app, get_with("/claims", reader(&issuer)).to_request()).await;
    assert_eq!((answer.status, answer.body.as_str()), (403, ""));
    assert!(answer.challenge.as_deref().unwrap().contains(r#"error="insufficient_scope""#));
    assert_eq!(answer.code(), Some("claims.mismatch"));
}

#[actix_web::test]
async fn what_a_gate_has_verified_is_not_verified_again_by_that_gate_but_by_another() {
    let issuer = dev_issuer().await;
    let (gate, other) = (gate_of(&issuer).await, gate_of(&issuer).await);
    for (inner, status) in [(gate.clone(), 200), (other, 401)] {
        // Without the field, only what the outer gate has verified can be the token.
        let resource = web::resource("/")
            .wrap(inner.authenticated())
            .wrap_fn(|mut request: ServiceRequest, next| {
                request.headers_mut().remove(AUTHORIZATION);
                next.call(request)
            })
            .wrap(gate.authenticated())
            .route(web::get().to(subject));
        let app = init_service(App::new().service(resource)).await;
        let answer = ask(&app, get_with("/", reader(&issuer)).to_request()).await;
        assert_eq!(answer.status, status);
    }
}

#[actix_web::test]
async fn extractors_read_what_the_innermost_gate_has_decided() {
    let issuer = dev_issuer().await;
    let (gate, other) = (gate_of(&issuer).await, gate_of(&issuer).await);
    let resource = web::resource("/")
        .wrap(other.optional())
        .wrap_fn(|mut request: ServiceRequest, next| {
            request.headers_mut().remove(AUTHORIZATION);
            next.call(request)
        })
        .wrap(gate.authenticated())
        .route(web::get().to(visitor));
    let app = init_service(App::new().service(resource)).await;
    let answer = ask(&app, get_with("/", reader(&issuer)).to_request()).await;
    assert_eq!(answer.summary(), (200, None, "anonymous"));
}

#[actix_web::test]
async fn gate_returns_what_its_own_server_has_verified_and_nothing_of_another() {
    let issuer = dev_issuer().await;
    let (gate, other) = (gate_of(&issuer).await, gate_of(&issuer).await);
    let (inside, outside) = (gate.clone(), other.clone());
    let handler = move |request: HttpRequest| {
        let (gate, other) = (inside.clone(), outside.clone());
        async move {
            let extensions = request.extensions();
            let subject =
                |gate: &Gate| gate.verified(&extensions).map(|token| token.subject().to_owned());
            format!("{:?} {:?}", subject(&gate), subject(&other))
        }
    };
    let guarded = web::resource("/").route(web::get().to(handler).wrap(gate.optional()));
    let app = init_service(App::new().service(guarded)).await;
    let answer = ask(&app, get_with("/", reader(&issuer)).to_request()).await;
    assert_eq!(answer.summary(), (200, None, r#"Some("u1") None"#));
    assert_eq!(ask(&app, get("/").to_request()).await.summary(), (200, None, "None None"));
}

#[actix_web::test]
async fn middleware_outside_sees_a_rejection_as_a_response_with_its_reason() {
    let issuer = dev_issuer().await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&seen);
    let app =
        App::new().configure(routes(&gate_of(&issuer).await)).wrap_fn(move |request, next| {
            let (answer, notes) = (next.call(request), Arc::clone(&notes));
            async move {
                let response = answer.await.expect("a rejection is not an error");
                let code = response.response().extensions().get().map(Error::code);
                notes.lock().unwrap().push((response.status().as_u16(), code));
                Ok(response)
            }
        });
    let app = init_service(app).await;
    ask(&app, get("/guarded").to_request()).await;
    ask(&app, get("/extracted").to_request()).await;
    let rejection = (401, Some("credentials.missing"));
    assert_eq!(*seen.lock().unwrap(), [rejection, rejection]);
}

thread_local! {
    static LOGGED: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// What is logged on this thread while it lives. The subscriber is that of all threads: one for
/// each would race with the first events of the others.
struct Log;

impl Log {
    fn begin() -> Self {
        static SUBSCRIBER: Once = Once::new();
        SUBSCRIBER.call_once(|| {
            let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(|| Log);
            tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
        });
        LOGGED.set(Some(Vec::new()));
        Self
    }

    fn so_far(&self) -> String {
        String::from_utf8(LOGGED.with_borrow(|logged| logged.clone().unwrap())).unwrap()
    }

    /// Ends it and returns what was logged.
    fn end(self) -> String {
        let logged = self.so_far();
        LOGGED.set(None);
        logged
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGGED.with_borrow_mut(|logged| logged.iter_mut().for_each(|log| log.extend(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[actix_web::test]
async fn without_a_gate_in_front_extractors_answer_500_and_the_log_names_the_fix() {
    let app = App::new()
        .route("/token", web::get().to(subject))
        .route("/optional", web::get().to(visitor))
        .route("/claims", web::get().to(department))
        .route("/scoped", web::get().to(scoped));
    let app = init_service(app).await;
    for path in ["/token", "/optional", "/claims", "/scoped"] {
        for request in [get(path), bearing(get(path), "junk")] {
            let log = Log::begin();
            let answer = ask(&app, request.to_request()).await;
            let log = log.end();
            assert_eq!(answer.summary(), (500, None, ""), "{path}");
            assert!(log.contains("ERROR") && log.contains(path), "{log}");
            assert!(log.contains("gate.guarded_scope(prefix)"), "{log}");
            assert!(log.contains("gate.optional()"), "{log}");
        }
    }
}

/// actix does not let a type decide about its `Option`; the log is all that is left.
#[actix_web::test]
async fn without_a_gate_in_front_an_option_of_a_token_is_none_and_the_log_names_the_fix() {
    let app = init_service(App::new().route("/", web::get().to(option))).await;
    let log = Log::begin();
    let answer = ask(&app, bearing(get("/"), "junk").to_request()).await;
    let log = log.end();
    assert_eq!(answer.summary(), (200, None, "anonymous"));
    assert!(log.contains("ERROR") && log.contains("gate.optional()"), "{log}");
}

#[cfg(feature = "testing")]
#[actix_web::test]
async fn gate_for_tests_judges_its_own_test_tokens_by_its_configuration() {
    let gate = Gate::for_test();
    let app = init_service(App::new().configure(routes(&gate))).await;
    let with = |path, scopes| {
        let token = gate.test_token().subject("u1").scopes(scopes);
        get(path).append_header((AUTHORIZATION, token.bearer())).to_request()
    };
    for path in ["/guarded", "/extracted", "/scoped", "/optional", "/option"] {
        let answer = ask(&app, with(path, "orders.read")).await;
        assert_eq!(answer.summary(), (200, None, "u1"), "{path}");
    }
    assert_eq!(ask(&app, with("/guarded", "orders.list")).await.status, 403);
    let of_another = Gate::for_test().test_token().bearer();
    let request = get("/guarded").append_header((AUTHORIZATION, of_another)).to_request();
    assert_eq!(ask(&app, request).await.status, 401);
}

#[cfg(feature = "testing")]
#[actix_web::test]
async fn handler_is_called_as_a_function_with_a_token_for_tests() {
    let token = || AccessToken::for_test().subject("u1").scopes("orders.read");
    assert_eq!(subject(token().into()).await, "u1");
    assert_eq!(visitor(OptionalToken(Some(token().into()))).await, "u1");
    assert!(AccessToken::from(token()).grants("orders.read"));
}

/// Returns a request with what a guard of this server has decided about it.
async fn decided(gate: &Gate, access: Access, token: Option<Mint>) -> HttpRequest {
    let authorization = token.map(|token| format!("Bearer {}", token.sign().unwrap()));
    let head = Authorization(authorization.unwrap_or_default());
    let guard = RouteGuard::new(gate.server(), access);
    let admission = guard.authorize(guard.authenticate(&head, None).await, &RequestInfo::new());
    let request = get("/").to_http_request();
    request.extensions_mut().insert(admission.unwrap().verified());
    request
}

/// The head of a request with this field, unless it is empty.
struct Authorization(String);

impl doorward::adapter::RequestHead for Authorization {
    fn method(&self) -> &'static str {
        "GET"
    }

    fn target(&self) -> &'static str {
        "/"
    }

    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        let is_there = name == "authorization" && !self.0.is_empty();
        is_there.then_some(self.0.as_bytes()).into_iter()
    }
}

#[actix_web::test]
async fn rejection_by_an_extractor_is_logged_once_and_shows_nothing_of_the_server() {
    let issuer = dev_issuer().await;
    let gate = gate_of(&issuer).await;
    let request = decided(&gate, Access::Optional, Some(issuer.mint())).await;
    let log = Log::begin();
    let rejection = Scoped::<ReadOrders>::extract(&request).await.unwrap_err();
    assert_eq!(log.so_far().lines().count(), 1, "also if the handler goes on without it");
    assert_eq!(rejection.status_code(), rejection.error_response().status());
    let log = log.end();
    assert_eq!(log.lines().count(), 1, "{log}");
    assert_eq!(rejection.error().map(Error::code), Some("rule.not_met"));
    assert!(!format!("{rejection:?}").contains("ResourceServer"), "{rejection:?}");
}

#[actix_web::test]
async fn anonymous_request_is_reported_as_rejected_only_if_it_is() {
    let reported = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&reported);
    let issuer = dev_issuer().await;
    let server = server_of(&issuer)
        .on_decision(move |decision| notes.lock().unwrap().push(decision.code()))
        .build()
        .await
        .unwrap();
    let app = init_service(App::new().configure(routes(&Gate::new(server)))).await;
    assert_eq!(ask(&app, get("/option").to_request()).await.status, 200);
    assert_eq!(*reported.lock().unwrap(), ["anonymous"]);
    assert_eq!(ask(&app, get("/extracted").to_request()).await.status, 401);
    assert_eq!(*reported.lock().unwrap(), ["anonymous", "anonymous", "credentials.missing"]);
}

#[actix_web::test]
async fn audit_hook_sees_method_and_route_as_they_were_registered() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&seen);
    let issuer = dev_issuer().await;
    let server = server_of(&issuer)
        .on_decision(move |decision| {
            let at = (decision.method().map(str::to_owned), decision.route().map(str::to_owned));
            notes.lock().unwrap().push((decision.code(), at.0, at.1));
        })
        .build()
        .await
        .unwrap();
    let gate = Gate::new(server);
    let order = web::get().to(subject).wrap(gate.authenticated());
    let app = App::new().service(web::scope("/v1").route("/orders/{id}", order));
    let app = init_service(app).await;
    ask(&app, get_with("/v1/orders/7", reader(&issuer)).to_request()).await;
    ask(&app, get("/v1/orders/8").to_request()).await;
    let at = |code| (code, Some("GET".to_owned()), Some("/v1/orders/{id}".to_owned()));
    assert_eq!(*seen.lock().unwrap(), [at("accepted"), at("credentials.missing")]);
}

#[actix_web::test]
async fn anonymous_rejection_has_the_status_of_its_response_and_the_reason() {
    let gate = gate_of(&dev_issuer().await).await;
    let request = decided(&gate, Access::Optional, None).await;
    let rejection = AccessToken::extract(&request).await.unwrap_err();
    assert_eq!(rejection.status_code(), rejection.error_response().status());
    assert_eq!(rejection.error().map(Error::code), Some("credentials.missing"));
    assert_eq!(format!("{rejection:?}"), "Rejection(Credentials(Missing))");
}

/// Borrows the request's extensions in the call itself.
fn ok(request: ServiceRequest) -> std::future::Ready<Result<ServiceResponse, &'static str>> {
    request.extensions_mut().insert("borrowed");
    std::future::ready(Ok(request.into_response(HttpResponse::Ok())))
}

#[actix_web::test]
async fn with_cached_keys_middleware_is_ready_at_once() {
    let issuer = dev_issuer().await;
    let gate = gate_of(&issuer).await;
    let guard = gate.require(scope!("orders.read")).new_transform(fn_service(ok)).await.unwrap();
    for (token, status) in [(reader(&issuer), 200), (issuer.mint(), 403)] {
        let request = get_with("/", token).to_srv_request();
        let Poll::Ready(response) = first_poll(guard.call(request)) else { panic!("waits") };
        assert_eq!(response.unwrap().status(), status);
    }
}

#[actix_web::test]
async fn request_extensions_are_free_when_the_inner_service_is_called_after_waiting() {
    let issuer = dev_issuer().await;
    let gate = gate_of(&issuer).await;
    let guard = gate.authenticated().new_transform(fn_service(ok)).await.unwrap();
    issuer.rotate().await.unwrap();
    let request = get_with("/", reader(&issuer)).to_srv_request();
    let mut future = Box::pin(guard.call(request));
    assert!(first_poll(future.as_mut()).is_pending());
    let response = future.await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(gate.verified(&response.request().extensions()).is_some());
}

/// A service that is not ready and fails when it is called all the same.
struct Failing;

impl Service<ServiceRequest> for Failing {
    type Response = ServiceResponse;
    type Error = &'static str;
    type Future = Pin<Box<dyn Future<Output = Result<ServiceResponse, &'static str>>>>;

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        Poll::Ready(Err("not ready"))
    }

    fn call(&self, _: ServiceRequest) -> Self::Future {
        Box::pin(async { Err("failed") })
    }
}

#[actix_web::test]
async fn readiness_and_error_of_the_inner_service_stay_as_they_are() {
    let issuer = dev_issuer().await;
    let guard = gate_of(&issuer).await.authenticated().new_transform(Failing).await.unwrap();
    let mut context = Context::from_waker(Waker::noop());
    assert_eq!(guard.poll_ready(&mut context), Poll::Ready(Err("not ready")));
    let call = async |token| guard.call(get_with("/", token).to_srv_request()).await;
    assert_eq!(call(reader(&issuer)).await.unwrap_err(), "failed");
    assert_eq!(call(reader(&issuer).expired()).await.unwrap().status(), 401);
}
