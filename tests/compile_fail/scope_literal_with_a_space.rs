fn main() {
    let _ = doorward::scope!("orders.read orders.write");
}
