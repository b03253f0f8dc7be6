fn app(gate: doorward_axum::Gate) -> axum::Router {
    let methods = doorward_axum::guarded::get(async || "orders");
    gate.router().route("/orders", methods).with_state(())
}

fn main() {}
