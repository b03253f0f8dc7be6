//! A literal that is no scope does not compile.

fn main() {
    let _ = doorward::scope!("orders\"read");
}
