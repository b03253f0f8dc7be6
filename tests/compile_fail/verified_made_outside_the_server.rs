fn forge(token: doorward::AccessToken, server: doorward::ResourceServer) -> doorward::Verified {
    doorward::Verified::new(token, server)
}

fn main() {}
