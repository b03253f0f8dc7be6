use doorward_axum::AccessToken;

#[derive(Clone)]
struct AppState;

async fn list(_: AccessToken) -> &'static str {
    "orders"
}

fn app() -> axum::Router {
    axum::Router::new().route("/orders", axum::routing::get(list)).with_state(AppState)
}

fn main() {}
