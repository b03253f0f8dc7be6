use actix_web::web;

fn api(gate: &doorward_actix::Gate) -> doorward_actix::guarded::GuardedScope {
    gate.guarded_scope("").route("/orders", web::get().to(async || "orders"))
}

fn main() {}
