use std::fmt::Write as _;

use doorward_issuer::{Client, DevIssuer};

/// Returns what the program prints when it listens.
pub(crate) fn greeting(issuer: &DevIssuer) -> String {
    let mut text = format!(
        "doorward-issuer is a development issuer, NOT FOR PRODUCTION: its secrets are public.\n\n\
         issuer    {}\nmetadata  {}\nkeys      {}\n\n{}",
        issuer.issuer(),
        issuer.metadata_url(),
        issuer.jwks_url(),
        row("CLIENT", "SECRET", "AUDIENCE", "SCOPES", "ROLES"),
    );
    for client in issuer.clients() {
        text.push_str(&client_row(client));
    }
    if let Some(client) = issuer.clients().first() {
        // A write to a string does not fail.
        let _ = write!(
            text,
            "\nGet a token:\n\n  curl -s -u {}:{} -d grant_type=client_credentials {}\n\n\
             Stop with ctrl-c.\n",
            client.client_id(),
            client.client_secret(),
            issuer.token_url(),
        );
    }
    text
}

fn client_row(client: &Client) -> String {
    row(
        client.client_id(),
        client.client_secret(),
        &client.allowed_audiences().join(" "),
        &client.allowed_scopes().join(" "),
        &client.assigned_roles().join(" "),
    )
}

fn row(client: &str, secret: &str, audience: &str, scopes: &str, roles: &str) -> String {
    let line = format!("{client:<10}{secret:<17}{audience:<15}{scopes:<27}{roles}");
    format!("{}\n", line.trim_end())
}
