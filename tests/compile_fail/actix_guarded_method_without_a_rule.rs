fn api(gate: &doorward_actix::Gate) -> doorward_actix::guarded::GuardedScope {
    gate.guarded_scope("").route("/orders", doorward_actix::guarded::get(async || "orders"))
}

fn main() {}
