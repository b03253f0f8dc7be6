//! A token of the kind that Entra issues, with the key set that verifies it.

use std::{
    error::Error,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::http::HeaderValue;
use doorward::{Issuer, Keys, ResourceServer, ResourceServerBuilder};
use doorward_issuer::{Algorithm, DevIssuer};

/// The audience that the tokens are for.
const AUDIENCE: &str = "6e74172b-be56-4843-9ff4-e66a39bb12e3";
/// The issuer that the tokens name.
const ISSUER: &str = "https://login.microsoftonline.com/7fe81447-da57-4385-becb-6de57f21477e/v2.0";

/// A signed token and the keys of its issuer.
#[derive(Clone, Debug)]
pub struct SignedToken {
    /// How it is signed.
    pub algorithm: Algorithm,
    /// The compact serialization.
    pub token: String,
    /// The one key of the issuer's set.
    pub jwk: serde_json::Value,
}

impl SignedToken {
    /// Signs a new token with a new key; it is valid for an hour.
    ///
    /// The claims and their order are those of an Entra v2 access token: 1.26 kB with RS256 and
    /// 2048 bits, 1.0 kB with ES256 and EdDSA.
    ///
    /// # Errors
    ///
    /// When the development issuer does not start or does not sign.
    pub async fn new(algorithm: Algorithm) -> Result<Self, Box<dyn Error>> {
        let issuer = DevIssuer::builder().algorithms([algorithm]).start().await?;
        let jwk = issuer.jwks()["keys"][0].clone();
        let header = format!(r#"{{"typ":"JWT","alg":"{algorithm}","kid":{}}}"#, jwk["kid"]);
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let token = issuer.sign_raw(algorithm, &header, claims(now).as_bytes())?;
        Ok(Self { algorithm, token, jwk })
    }

    /// Returns the value of the `Authorization` field that carries the token.
    ///
    /// # Panics
    ///
    /// Never: a compact serialization is printable ASCII.
    #[must_use]
    pub fn field(&self) -> HeaderValue {
        HeaderValue::try_from(format!("Bearer {}", self.token)).expect("printable ASCII")
    }

    /// Builds a server that accepts the token, never does any IO, and remembers no token.
    ///
    /// # Errors
    ///
    /// When the key set is not usable.
    pub async fn server(&self) -> Result<ResourceServer, doorward::ConfigError> {
        self.builder().max_cached_tokens(0).build().await
    }

    /// Builds a server that accepts the token, never does any IO, and remembers tokens.
    ///
    /// # Errors
    ///
    /// When the key set is not usable.
    pub async fn remembering_server(&self) -> Result<ResourceServer, doorward::ConfigError> {
        self.builder().build().await
    }

    fn builder(&self) -> ResourceServerBuilder {
        let keys = serde_json::json!({ "keys": [self.jwk] }).to_string();
        let issuer = Issuer::fixed_keys(ISSUER, AUDIENCE, Keys::jwks(keys));
        ResourceServer::builder().trust(issuer)
    }
}

fn claims(now: u64) -> String {
    let expires = now + 3600;
    format!(
        r#"{{"aud":"{AUDIENCE}","iss":"{ISSUER}","iat":{now},"nbf":{now},"exp":{expires},{}}}"#,
        concat!(
            r#""aio":"AXQAi/8TAAAAq2mQ1zQ4vT9x0XoY7c3kHhW5bE2rUu6LsJdPZfNnGt8iCwMaVyKe","#,
            r#""azp":"f2a76e08-93f2-4350-833c-965c02483b11","azpacr":"1","#,
            r#""name":"Ada Example","oid":"690222be-ff1a-4d56-abd1-7e4f7d38e474","#,
            r#""preferred_username":"ada@example.com","roles":["Orders.Admin"],"#,
            r#""scp":"orders.read orders.write","#,
            r#""sub":"HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ","#,
            r#""tid":"7fe81447-da57-4385-becb-6de57f21477e","uti":"k3TqZ0cHfUe9bWn5xLrVAA","ver":"2.0""#,
        )
    )
}
