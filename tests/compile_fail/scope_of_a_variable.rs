//! A scope that is known at run time is parsed, and no literal.

fn main() {
    let configured = "orders.read";
    let _ = doorward::scope!(configured);
    let _ = doorward::any_scope!("orders.read", configured);
}
