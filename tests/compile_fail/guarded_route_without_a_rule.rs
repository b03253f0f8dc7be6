fn app(gate: doorward_axum::Gate) -> axum::Router {
    gate.router().route("/orders", axum::routing::get(async || "orders")).with_state(())
}

fn main() {}
