use doorward::scope;
use doorward_actix::guarded;

fn api(gate: &doorward_actix::Gate) -> guarded::GuardedScope {
    gate.guarded_scope("").public("/orders", guarded::get(scope!("orders.read"), async || "orders"))
}

fn main() {}
