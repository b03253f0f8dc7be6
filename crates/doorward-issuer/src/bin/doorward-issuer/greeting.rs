use std::fmt::Write as _;

use doorward_issuer::{Client, DevIssuer};

use crate::arguments::Serve;

/// Returns the text that the program prints once it listens.
pub(crate) fn greeting(issuer: &DevIssuer, settings: &Serve) -> String {
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
    text.push_str("\nTenants, by their paths:\n\n");
    for authority in issuer.authorities() {
        text.push_str(&format!("  {authority}\n"));
    }
    if let Some(pem) = issuer.ca_pem() {
        let trust = match &settings.ca_file {
            Some(file) => format!("is in {}", file.display()),
            None => format!("is at {}/ca.pem, and this:\n\n{pem}", issuer.url()),
        };
        text.push_str(&format!("\nThe certificate to trust {trust}\n"));
    }
    if let Some(client) = issuer.clients().first() {
        // A write to a string does not fail.
        let _ = write!(
            text,
            "\nGet a token:\n\n  curl -s{} -u {}:{} -d grant_type=client_credentials {}\n\n\
             Stop with ctrl-c.\n",
            if settings.https { " -k" } else { "" },
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
