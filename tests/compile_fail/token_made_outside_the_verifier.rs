fn by_its_field(inside: std::sync::Arc<()>) -> doorward::AccessToken {
    doorward::AccessToken(inside)
}

fn around_a_token(token: doorward::AccessToken) -> doorward_axum::AccessToken {
    doorward_axum::AccessToken(token)
}

fn main() {}
