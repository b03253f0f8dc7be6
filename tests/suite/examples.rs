//! The short examples do what they say, over sockets.

use axum::Router;
use doorward_examples::short;
use doorward_issuer::{DevIssuer, Mint};
use reqwest::{Method, header};
use tokio::net::TcpListener;
use tungstenite::ClientRequestBuilder;

/// Includes the examples as they are; their `main` is not for here.
macro_rules! examples {
    ($($name:ident $file:literal)+) => {
        $(
            #[path = $file]
            #[expect(dead_code, reason = "`main` and what it alone uses")]
            mod $name;
        )+
    };
}

examples! {
    app_state "../../examples/short/app_state.rs"
    audit_log "../../examples/short/audit_log.rs"
    own_adapter "../../examples/own_adapter.rs"
    retrofit "../../examples/short/retrofit.rs"
    app_only "../../examples/short/app_only.rs"
    guarded_router "../../examples/short/guarded_router.rs"
    optional "../../examples/short/optional.rs"
    read_write "../../examples/short/read_write.rs"
    roles "../../examples/short/roles.rs"
    several_issuers "../../examples/short/several_issuers.rs"
    step_up "../../examples/short/step_up.rs"
    websocket "../../examples/short/websocket.rs"
}

/// A running example.
struct Api(String);

impl Api {
    async fn serve(app: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let api = Self(listener.local_addr().unwrap().to_string());
        tokio::spawn(async { axum::serve(listener, app).await });
        api
    }

    /// Sends a request, such as `GET /orders`, and returns the status with the body, or with the
    /// challenge where there is one.
    async fn ask(&self, request: &str, mint: Option<&Mint>) -> (u16, String) {
        let (method, path) = request.split_once(' ').unwrap();
        let url = format!("http://{}{path}", self.0);
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut request = client.request(method, url);
        if let Some(mint) = mint {
            request = request.bearer_auth(mint.clone().sign().unwrap());
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let challenge = response.headers().get(header::WWW_AUTHENTICATE);
        let text = match challenge.map(|value| value.to_str().unwrap().to_owned()) {
            Some(challenge) => challenge,
            None => response.text().await.unwrap(),
        };
        (status, text)
    }

    /// Opens a WebSocket and returns the status with the text of its messages until it is closed;
    /// where there is no upgrade, with the challenge.
    async fn read_socket(&self, path: &str, mint: Option<&Mint>) -> (u16, String) {
        let mut request =
            ClientRequestBuilder::new(format!("ws://{}{path}", self.0).parse().unwrap());
        if let Some(mint) = mint {
            let token = mint.clone().sign().unwrap();
            request = request.with_header("Authorization", format!("Bearer {token}"));
        }
        let read = move || match tungstenite::connect(request) {
            Ok((mut socket, response)) => {
                let messages = std::iter::from_fn(|| socket.read().ok());
                let texts = messages.map(|message| message.into_text().unwrap().to_string());
                (response.status().as_u16(), texts.collect())
            }
            Err(tungstenite::Error::Http(response)) => {
                let challenge = &response.headers()[http::header::WWW_AUTHENTICATE];
                (response.status().as_u16(), challenge.to_str().unwrap().to_owned())
            }
            Err(error) => panic!("{error}"),
        };
        tokio::task::spawn_blocking(read).await.unwrap()
    }
}

/// An issuer, and the example behind a gate that trusts it.
async fn start(app: impl FnOnce(&doorward_axum::Gate) -> Router) -> (DevIssuer, Api) {
    let (issuer, gate) = short::issuer_and_gate().await.unwrap();
    (issuer, Api::serve(app(&gate)).await)
}

fn served(body: &str) -> (u16, String) {
    (200, body.to_owned())
}

fn unauthenticated() -> (u16, String) {
    (401, "Bearer realm=\"api\"".to_owned())
}

fn expired() -> (u16, String) {
    let challenge = "Bearer realm=\"api\", error=\"invalid_token\", \
                     error_description=\"The access token expired\"";
    (401, challenge.to_owned())
}

/// Refused for lack of what the rule asks; of these scopes, where it names some.
fn forbidden(scope: &str) -> (u16, String) {
    let scope = if scope.is_empty() { String::new() } else { format!(", scope=\"{scope}\"") };
    let challenge = "Bearer realm=\"api\", error=\"insufficient_scope\", \
                     error_description=\"The access token does not grant what this resource requires\"";
    (403, format!("{challenge}{scope}"))
}

#[tokio::test]
async fn reading_and_writing_need_a_scope_each() {
    let (issuer, api) = start(read_write::app).await;
    let reader = issuer.mint().scope("orders.read");
    let writer = issuer.mint().scope("orders.write");
    for (request, mint, answer) in [
        ("GET /orders", None, unauthenticated()),
        ("GET /orders", Some(&reader), served("orders of dev-user\n")),
        ("GET /orders", Some(&writer), forbidden("orders.read")),
        ("GET /orders", Some(&reader.clone().expired()), expired()),
        ("POST /orders", None, unauthenticated()),
        ("POST /orders", Some(&reader), forbidden("orders.write")),
        ("POST /orders", Some(&writer), served("ordered by dev-user\n")),
    ] {
        assert_eq!(api.ask(request, mint).await, answer, "{request}");
    }
}

#[tokio::test]
async fn a_clerk_sees_an_order_and_an_administrator_deletes_it_too() {
    let (issuer, api) = start(roles::app).await;
    let clerk = issuer.mint().roles(["Clerk"]);
    let admin = issuer.mint().roles(["Admin"]);
    let scope_of_that_name = issuer.mint().scope("Admin");
    for (request, mint, answer) in [
        ("GET /orders/1", None, unauthenticated()),
        ("GET /orders/1", Some(&issuer.mint()), forbidden("")),
        ("GET /orders/1", Some(&clerk), served("shown to dev-user\n")),
        ("GET /orders/1", Some(&admin), served("shown to dev-user\n")),
        ("DELETE /orders/1", Some(&scope_of_that_name), forbidden("")),
        ("DELETE /orders/1", Some(&clerk), forbidden("")),
        ("DELETE /orders/1", Some(&admin), served("deleted by dev-user\n")),
    ] {
        assert_eq!(api.ask(request, mint).await, answer, "{request}");
    }
}

#[tokio::test]
async fn a_route_for_programs_is_opened_by_no_user() {
    let issuer = short::issuer().await.unwrap();
    let gate = short::gate([app_only::trusted(issuer.url())]).await.unwrap();
    let api = Api::serve(app_only::app(&gate)).await;
    let export = issuer.mint().client_id("nightly").roles(["Orders.Export"]);
    let program = export.clone().subject("nightly");
    for (mint, answer) in [
        (None, unauthenticated()),
        (Some(&export.clone().subject("user-1")), forbidden("")),
        (Some(&program.clone().without("client_id")), forbidden("")),
        (Some(&program.clone().without("roles")), forbidden("")),
        (Some(&program), served("exported for nightly\n")),
    ] {
        assert_eq!(api.ask("POST /exports", mint).await, answer);
    }
}

#[tokio::test]
async fn an_optional_token_that_is_there_must_be_valid() {
    let (issuer, api) = start(optional::app).await;
    for (mint, answer) in [
        (None, served("hello, whoever you are\n")),
        (Some(&issuer.mint().subject("ada")), served("hello, ada\n")),
        (Some(&issuer.mint().subject("ada").expired()), expired()),
    ] {
        assert_eq!(api.ask("GET /greeting", mint).await, answer);
    }
}

#[tokio::test]
async fn who_pays_has_signed_in_strongly_and_within_the_hour() {
    const TWO_FACTORS: &str = "urn:example:two-factors";
    let (issuer, api) = start(step_up::app).await;
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let strong = issuer.mint().claim("acr", TWO_FACTORS);
    let recent = issuer.mint().claim("auth_time", now);
    let sign_in_again = |how: &str| {
        let challenge = "Bearer realm=\"api\", error=\"insufficient_user_authentication\", \
            error_description=\"A different or more recent authentication is required\"";
        (401, format!("{challenge}, {how}"))
    };
    let (by_two_factors, within_the_hour) =
        ("acr_values=\"urn:example:two-factors\"", "max_age=\"3600\"");
    let both = format!("{by_two_factors}, {within_the_hour}");
    for (request, mint, answer) in [
        ("GET /payments", None, unauthenticated()),
        ("GET /payments", Some(&issuer.mint()), served("payments of dev-user\n")),
        ("POST /payments", Some(&issuer.mint()), sign_in_again(&both)),
        ("POST /payments", Some(&recent.clone()), sign_in_again(by_two_factors)),
        ("POST /payments", Some(&strong), sign_in_again(within_the_hour)),
        (
            "POST /payments",
            Some(&strong.clone().claim("auth_time", now - 7200)),
            sign_in_again(within_the_hour),
        ),
        ("POST /payments", Some(&recent.claim("acr", TWO_FACTORS)), served("paid by dev-user\n")),
    ] {
        assert_eq!(api.ask(request, mint).await, answer, "{request}");
    }
}

#[tokio::test]
async fn employees_and_partners_have_an_issuer_and_a_rule_each() {
    let (staff, partners) = (short::issuer().await.unwrap(), short::issuer().await.unwrap());
    let trusted = several_issuers::trusted(staff.url(), partners.url());
    let gate = short::gate(trusted).await.unwrap();
    let api = Api::serve(several_issuers::app(&gate, staff.url())).await;
    let employee = staff.mint().audience("api://intranet");
    let partner = partners.mint().scope("orders.read");
    let invalid = (
        401,
        "Bearer realm=\"api\", error=\"invalid_token\", \
         error_description=\"The access token is invalid\""
            .to_owned(),
    );
    for (request, mint, answer) in [
        ("GET /orders", None, unauthenticated()),
        ("GET /orders", Some(&employee), served("shown to dev-user\n")),
        ("GET /orders", Some(&partner), served("shown to dev-user\n")),
        ("GET /orders", Some(&partners.mint()), forbidden("orders.read")),
        ("GET /wages", Some(&employee), served("shown to dev-user\n")),
        ("GET /wages", Some(&partner), forbidden("")),
        // Neither signs for the other, and each has an audience of its own.
        ("GET /wages", Some(&partners.mint().claim("iss", staff.url())), invalid.clone()),
        ("GET /wages", Some(&staff.mint()), invalid.clone()),
        ("GET /orders", Some(&partner.clone().audience("api://intranet")), invalid.clone()),
    ] {
        assert_eq!(api.ask(request, mint).await, answer, "{request}");
    }
}

/// The same on actix: what the example does on axum.
fn websocket_on_actix(gate: doorward_axum::Gate) -> Api {
    use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web::Payload};
    use doorward_actix::{AccessToken, Gate, guarded};

    async fn news(
        token: AccessToken,
        request: HttpRequest,
        body: Payload,
    ) -> actix_web::Result<HttpResponse> {
        let (response, mut session, _) = actix_ws::handle(&request, body)?;
        let greeting = format!("hello, {}", token.subject());
        actix_web::rt::spawn(async move {
            session.text(greeting).await.unwrap();
            session.close(None).await.unwrap();
        });
        Ok(response)
    }
    let gate = Gate::new(gate.server().clone());
    let app = move || {
        let routes = guarded::get(doorward::scope!("news.read"), news);
        App::new().app_data(gate.clone()).service(gate.guarded_scope("").route("/news", routes))
    };
    let server = HttpServer::new(app).workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
    let api = Api(server.addrs()[0].to_string());
    tokio::spawn(server.run());
    api
}

#[tokio::test]
async fn a_websocket_is_opened_for_a_token_with_the_scope_alone() {
    let (issuer, gate) = short::issuer_and_gate().await.unwrap();
    let apis = [websocket_on_actix(gate.clone()), Api::serve(websocket::app(&gate)).await];
    let reader = issuer.mint().subject("ada").scope("news.read");
    for (mint, answer) in [
        (None, unauthenticated()),
        (Some(&reader.clone().expired()), expired()),
        (Some(&issuer.mint()), forbidden("news.read")),
        (Some(&reader), (101, "hello, ada".to_owned())),
    ] {
        for api in &apis {
            assert_eq!(api.read_socket("/news", mint).await, answer);
        }
    }
}

#[tokio::test]
async fn a_guarded_router_serves_what_its_map_says() {
    let (issuer, api) = start(|gate| guarded_router::routes(gate).with_state(())).await;
    let reader = issuer.mint().scope("orders.read");
    let writer = issuer.mint().scope("orders.write");
    let admin = writer.clone().roles(["Admin"]);
    for (request, mint, answer) in [
        ("GET /health", None, served("ok\n")),
        ("GET /me", None, unauthenticated()),
        ("GET /me", Some(&issuer.mint()), served("you\n")),
        ("GET /orders", None, unauthenticated()),
        ("GET /orders", Some(&writer), forbidden("orders.read")),
        ("GET /orders", Some(&reader), served("all\n")),
        ("DELETE /orders/1", None, unauthenticated()),
        ("DELETE /orders/1", Some(&writer), forbidden("orders.write")),
        ("DELETE /orders/1", Some(&admin), served("gone\n")),
    ] {
        assert_eq!(api.ask(request, mint).await, answer, "{request}");
    }
}

#[tokio::test]
async fn a_state_of_the_applications_own_serves_beside_the_token() {
    let state =
        || app_state::AppState { orders: doorward_examples::orders::Orders::with_samples() };
    let (issuer, api) = start(|gate| app_state::app(gate, state())).await;
    let writer = issuer.mint().scope("orders.read orders.write");
    for (request, mint, answer) in [
        ("GET /orders", None, unauthenticated()),
        ("GET /orders", Some(&writer), served("2 orders\n")),
        ("POST /orders", Some(&writer), served("order 3\n")),
        ("GET /orders", Some(&writer), served("3 orders\n")),
    ] {
        assert_eq!(api.ask(request, mint).await, answer, "{request}");
    }
}

#[tokio::test]
async fn an_existing_router_gets_a_gate_by_groups_of_routes() {
    let (issuer, api) = start(retrofit::app).await;
    let (clerk, admin) = (issuer.mint().scope("orders"), issuer.mint().roles(["Admin"]));
    for (request, mint, answer) in [
        ("GET /", None, served("welcome\n")),
        ("GET /health", None, served("ok\n")),
        ("GET /orders", None, unauthenticated()),
        ("GET /customers/7", Some(&admin), forbidden("orders")),
        ("GET /customers/7", Some(&clerk), served("customer\n")),
        ("POST /orders", Some(&clerk), served("added\n")),
        ("GET /admin/users", None, unauthenticated()),
        ("GET /admin/users", Some(&clerk), forbidden("")),
        ("DELETE /admin/users/7", Some(&admin), served("deleted\n")),
    ] {
        assert_eq!(api.ask(request, mint).await, answer, "{request}");
    }
}

#[tokio::test]
async fn the_audit_log_has_a_line_for_every_decision() {
    let issuer = short::issuer().await.unwrap();
    let lines: std::sync::Arc<std::sync::Mutex<Vec<String>>> = Default::default();
    let log = std::sync::Arc::clone(&lines);
    let server = short::server([doorward::Issuer::discover(issuer.url(), short::AUDIENCE)]);
    let server = audit_log::audited(server, move |line| log.lock().unwrap().push(line));
    let gate = doorward_axum::Gate::new(server.build().await.unwrap());
    let api = Api::serve(audit_log::app(&gate)).await;
    let ada = issuer.mint().subject("ada");
    let admin = ada.clone().roles(["Admin"]);
    for mint in [None, Some(&ada), Some(&admin)] {
        api.ask("DELETE /orders/1", mint).await;
    }
    assert_eq!(
        *lines.lock().unwrap(),
        [
            "credentials.missing: DELETE /orders/{id} by nobody",
            "rule.not_met: DELETE /orders/{id} by ada",
            "accepted: DELETE /orders/{id} by ada",
        ]
    );
}

#[tokio::test]
async fn an_adapter_of_ones_own_answers_as_the_others() {
    use doorward::adapter::{Access, RouteGuard};

    let (issuer, gate) = short::issuer_and_gate().await.unwrap();
    let rule = doorward::scope!("orders.read");
    let guard = RouteGuard::new(gate.server(), Access::Require(rule));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api = Api(listener.local_addr().unwrap().to_string());
    tokio::spawn(async {
        own_adapter::serve(listener, guard).await.map_err(|error| error.to_string())
    });
    for (mint, answer) in [
        (None, unauthenticated()),
        (Some(&issuer.mint()), forbidden("orders.read")),
        (Some(&issuer.mint().scope("orders.read").expired()), expired()),
        (Some(&issuer.mint().scope("orders.read")), served("orders of dev-user\n")),
    ] {
        assert_eq!(api.ask("GET /orders", mint).await, answer);
    }
}
