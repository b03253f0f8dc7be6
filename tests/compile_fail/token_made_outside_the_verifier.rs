fn by_its_fields() -> doorward::AccessToken {
    doorward::AccessToken { admitted: todo!(), at: todo!() }
}

fn main() {
    by_its_fields();
}
