fn by_its_fields() -> doorward::AccessToken {
    doorward::AccessToken { admitted: panic!(), at: panic!() }
}

fn around_a_token(token: doorward::AccessToken) -> doorward_axum::AccessToken {
    doorward_axum::AccessToken(token)
}

fn main() {
    by_its_fields();
}
