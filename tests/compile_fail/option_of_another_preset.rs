use std::time::Duration;

use doorward::{Issuer, Keys, presets::{Auth0, Cloud, Entra}};

fn main() {
    let _ = Auth0::domain("acme.eu.auth0.com").audience("api://orders").cloud(Cloud::China);
    let _ = Entra::any_tenant()
        .client_id("f2a76e08-93f2-4350-833c-965c02483b11")
        .custom_domain("id.contoso.com");
    let _ = Issuer::fixed_keys("https://a.example", "api://orders", Keys::pem("…"))
        .keep_removed_keys_for(Duration::from_secs(1));
}
