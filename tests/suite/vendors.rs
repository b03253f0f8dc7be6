//! Issuers of this world without their hosts: what they publish, and tokens of their shape that
//! the shared issuer signs.

use doorward::{AccessToken, Issuer, ResourceServer, tokens::Actor};
use doorward_issuer::Mint;
use serde_json::{Value, json};

pub use crate::support::Documents;
use crate::support::{NOW, TestClock, code, issuer};

impl Documents {
    /// The metadata of the issuer of this name at one URL, and the shared issuer's keys at the other.
    pub async fn metadata(url: &str, issuer: &str, jwks_url: &str) -> Self {
        let metadata = json!({"issuer": issuer, "jwks_uri": jwks_url});
        Self::keys(jwks_url).await.with(url, &metadata)
    }

    pub async fn keys(url: &str) -> Self {
        Self::default().with(url, &issuer().await.jwks())
    }

    /// A server that trusts the issuer and can fetch these documents alone, at [`NOW`].
    pub async fn server(self, trust: Issuer) -> ResourceServer {
        ResourceServer::builder()
            .trust(trust)
            .fetcher(self)
            .clock(TestClock::at(NOW))
            .build()
            .await
            .unwrap()
    }
}

/// A token of these claims and no others, without `typ`.
pub async fn token(claims: Value) -> Mint {
    let empty = ["iss", "sub", "aud", "client_id", "iat", "exp", "jti"]
        .into_iter()
        .fold(issuer().await.mint().without_header("typ"), Mint::without);
    let claims = claims.as_object().unwrap().clone();
    claims.into_iter().fold(empty, |token, (name, value)| token.claim(name, value))
}

/// What an API learns from a token.
#[derive(Debug, PartialEq, Eq)]
pub struct Learned<'t> {
    pub subject: &'t str,
    pub client_id: Option<&'t str>,
    pub scopes: Vec<&'t str>,
    pub roles: Vec<&'t str>,
    pub actor: Actor,
}

pub fn learned(token: &AccessToken) -> Learned<'_> {
    Learned {
        subject: token.subject(),
        client_id: token.client_id(),
        scopes: token.scopes().iter().collect(),
        roles: token.roles().collect(),
        actor: token.actor(),
    }
}

pub async fn accept(server: &ResourceServer, token: &Mint) -> AccessToken {
    let field = format!("Bearer {}", token.clone().sign().unwrap());
    server.authenticate([field.as_bytes()]).await.unwrap()
}

/// The code with which the token is refused.
pub async fn refusal(server: &ResourceServer, token: Mint) -> &'static str {
    code(server, &token.sign().unwrap()).await
}

/// What is broken, how, and the code with which the token is refused then.
pub type Break = (&'static str, fn(Mint) -> Mint, &'static str);

/// Breaks a token that is accepted, in one way at a time.
pub async fn assert_refused(server: &ResourceServer, good: &Mint, breaks: &[Break]) {
    accept(server, good).await;
    for (what, break_it, expected) in breaks {
        assert_eq!(refusal(server, break_it(good.clone())).await, *expected, "{what}");
    }
}
