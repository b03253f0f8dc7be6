fn around_a_token(token: doorward::AccessToken) -> doorward_axum::AccessToken {
    doorward_axum::AccessToken(token)
}

fn main() {}
