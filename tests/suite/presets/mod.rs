//! Tokens of the issuers that have a preset, in the shapes that these give them, found by discovery
//! where these have it.

mod auth0;
mod cognito;
mod google;
mod keycloak;
mod okta;
mod rfc9068;

use doorward::{AccessToken, Error, Issuer, ResourceServer};
use doorward_issuer::{Algorithm, DevIssuer, Mint};
use serde_json::Value;

use tokio::sync::OnceCell;

use crate::support::{Documents, NOW, TestClock};

/// Signs with RS256 unless told otherwise.
async fn signer() -> &'static DevIssuer {
    static SIGNER: OnceCell<DevIssuer> = OnceCell::const_new();
    let algorithms = [Algorithm::Rs256, Algorithm::Es256];
    let start = async || DevIssuer::builder().algorithms(algorithms).start().await.unwrap();
    SIGNER.get_or_init(start).await
}

/// An issuer whose metadata is at the usual place; its keys are the signer's.
pub async fn published(name: &str) -> Documents {
    let metadata = format!("{}/.well-known/openid-configuration", name.trim_end_matches('/'));
    Documents::of(&metadata, name, signer().await.jwks()["keys"].clone())
}

/// A server that trusts the issuer of this name alone.
pub async fn server(described: Issuer, name: &str) -> ResourceServer {
    ResourceServer::builder()
        .trust(described)
        .fetch(published(name).await)
        .clock(TestClock::at(NOW))
        .build()
        .await
        .unwrap()
}

/// A token with exactly these claims, under a header of `JWT`.
pub async fn token(claims: &Value) -> Mint {
    let mint = signer().await.mint().header("typ", "JWT");
    let mint = ["iss", "sub", "aud", "client_id", "iat", "exp", "jti"]
        .into_iter()
        .fold(mint, |mint, name| mint.without(name));
    let members = claims.as_object().unwrap().iter();
    members.fold(mint, |mint, (name, value)| mint.claim(name, value.clone()))
}

pub async fn verified(server: &ResourceServer, token: Mint) -> Result<AccessToken, Error> {
    let field = format!("Bearer {}", token.sign().unwrap());
    server.authenticate([field.as_bytes()]).await
}

/// What the server says of the token broken in one way each: the changes, and the code.
pub async fn assert_refused(
    server: &ResourceServer,
    good: Mint,
    breaks: impl IntoIterator<Item = (Value, &'static str)>,
) {
    assert!(verified(server, good.clone()).await.is_ok(), "the token before it is broken");
    for (changes, code) in breaks {
        let broken =
            changes.as_object().unwrap().iter().fold(good.clone(), |mint, (name, value)| {
                match (name.strip_prefix("header "), value) {
                    (Some(member), Value::Null) => mint.without_header(member),
                    (Some(member), value) => mint.header(member, value.clone()),
                    (None, Value::Null) => mint.without(name),
                    (None, value) => mint.claim(name, value.clone()),
                }
            });
        let refused = verified(server, broken).await;
        assert_eq!(refused.map_err(|error| error.code()).err(), Some(code), "{changes}");
    }
}

pub fn scopes(token: &AccessToken) -> Vec<&str> {
    token.scopes().iter().collect()
}

pub fn roles(token: &AccessToken) -> Vec<&str> {
    token.roles().collect()
}
