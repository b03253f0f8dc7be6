//! The protected resource metadata (RFC 9728), as clients fetch it.

use axum::{Router, body::Body, http::Request, response::Response};
use doorward::{Issuer, ResourceServer, Scope, scope};
use doorward_axum::{Gate, guarded};
use http_body_util::BodyExt as _;
use tower::{Layer as _, ServiceExt as _};

use crate::support::{AUDIENCE, issuer, shared_keys};

const PATH: &str = "/.well-known/oauth-protected-resource/orders";

async fn gate() -> Gate {
    let server = ResourceServer::builder()
        .trust(Issuer::fixed_keys(issuer().await.issuer(), AUDIENCE, shared_keys().await))
        .resource("https://api.example.com/orders")
        .build()
        .await;
    Gate::new(server.unwrap())
}

async fn expected(scopes: &[&str]) -> serde_json::Value {
    serde_json::json!({
        "resource": "https://api.example.com/orders",
        "authorization_servers": [issuer().await.issuer()],
        "bearer_methods_supported": ["header"],
        "scopes_supported": scopes,
    })
}

async fn document<B>(response: Response<B>) -> serde_json::Value
where
    B: http_body::Body,
    B::Error: std::fmt::Debug,
{
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap()
}

fn request(method: &str, path: &str) -> Request<Body> {
    Request::builder().method(method).uri(path).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn a_guarded_router_serves_it_to_everybody_with_the_scopes_of_all_rules() {
    let gate = gate().await;
    let more = gate.router().route("/b", guarded::get(scope!("b"), async || "b"));
    let router =
        gate.router().route("/a", guarded::get(scope!("a"), async || "a")).nest("/more", more);
    let map = router.access_map().to_string();
    assert_eq!(
        map,
        format!(
            "GET  {PATH}  public\nGET  /a{0}  scope a\nGET  /more/b{1}  scope b\n",
            " ".repeat(PATH.len() - 2),
            " ".repeat(PATH.len() - 7)
        )
    );
    let app: Router = router.with_state(());
    let answer = app.clone().oneshot(request("GET", PATH)).await.unwrap();
    assert_eq!(document(answer).await, expected(&["a", "b"]).await);
    for (method, path, status) in [
        ("HEAD", PATH, 200),
        ("POST", PATH, 404),
        ("GET", "/.well-known/oauth-protected-resource", 404),
        ("GET", "/more/.well-known/oauth-protected-resource/orders", 404),
        ("GET", "/a", 401),
    ] {
        let answer = app.clone().oneshot(request(method, path)).await.unwrap();
        assert_eq!(answer.status(), status, "{method} {path}");
    }
}

#[tokio::test]
async fn a_guarded_scope_of_actix_serves_it_too() {
    use actix_web::{App, body, test, web};
    use doorward_actix::guarded;

    let gate = doorward_actix::Gate::new(gate().await.server().clone());
    let api = |gate: &doorward_actix::Gate| {
        let more = gate.guarded_scope("").route("/b", guarded::get(scope!("b"), async || "b"));
        gate.guarded_scope("")
            .route("/a", guarded::get(scope!("a"), async || "a"))
            .public("/{any}", web::get().to(async || "any"))
            .nest("/more", more)
    };
    let map = api(&gate).access_map().to_string();
    assert!(map.starts_with(&format!("GET  {PATH}  public\n")), "{map}");
    let app = test::init_service(App::new().service(api(&gate))).await;
    let ask = async |method: &str, path: &str| {
        let method = actix_web::http::Method::from_bytes(method.as_bytes()).unwrap();
        let request = test::TestRequest::with_uri(path).method(method).to_request();
        test::call_service(&app, request).await
    };
    let answer = ask("GET", PATH).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers().get("content-type").unwrap(), "application/json");
    let told = body::to_bytes(answer.into_body()).await.unwrap();
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    assert_eq!(told, expected(&["a", "b"]).await);
    for (method, path, status) in [
        ("HEAD", PATH, 200),
        ("POST", PATH, 405),
        ("GET", "/more/.well-known/oauth-protected-resource/orders", 404),
        ("GET", "/a", 401),
    ] {
        assert_eq!(ask(method, path).await.status(), status, "{method} {path}");
    }

    // Below a prefix it would stand where nobody looks; the app serves it then.
    let below = gate.guarded_scope("/api").route("/a", guarded::get(scope!("a"), async || "a"));
    assert_eq!(below.access_map().to_string(), "GET  /api/a  scope a\n");
    let app = App::new().service(gate.metadata([Scope::literal("a")])).service(below);
    let app = test::init_service(app).await;
    let request = test::TestRequest::with_uri(PATH).to_request();
    let told: serde_json::Value = test::call_and_read_body_json(&app, request).await;
    assert_eq!(told, expected(&["a"]).await);
}

#[tokio::test]
async fn a_layer_serves_it_around_any_service() {
    let gate = gate().await;
    let inner = tower::service_fn(async |_: Request<Body>| {
        Ok::<_, std::convert::Infallible>(Response::new(Body::from("inner")))
    });
    let service = gate.metadata([Scope::literal("a")]).layer(gate.authenticated().layer(inner));
    let answer = service.clone().oneshot(request("GET", PATH)).await.unwrap();
    assert_eq!(document(answer).await, expected(&["a"]).await);
    for (method, path) in [("POST", PATH), ("GET", "/"), ("GET", "/x/../.well-known")] {
        let answer = service.clone().oneshot(request(method, path)).await.unwrap();
        assert_eq!(answer.status(), 401, "{method} {path}");
    }
}
