//! A token of the kind that Entra issues, with the key set that verifies it.

use std::{
    error::Error,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::http::HeaderValue;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward::{Issuer, Keys, ResourceServer, ResourceServerBuilder};
use doorward_issuer::{Algorithm, DevIssuer};

/// The audience that the tokens are for.
pub const AUDIENCE: &str = "6e74172b-be56-4843-9ff4-e66a39bb12e3";
/// The issuer that the tokens name.
pub const ISSUER: &str =
    "https://login.microsoftonline.com/7fe81447-da57-4385-becb-6de57f21477e/v2.0";

/// In which way a token is wrong that nobody has signed.
pub const FORGED: &str = "with a flipped bit in the signature";

/// How long a token is valid, in seconds.
const LIFETIME: u64 = 3600;

/// A signed token and the keys of its issuer.
#[derive(Clone, Debug)]
pub struct SignedToken {
    /// How it is signed.
    pub algorithm: Algorithm,
    /// The compact serialization.
    pub token: String,
    /// The one key of the issuer's set.
    pub jwk: serde_json::Value,
    /// Tokens that are wrong in one way each, and in which; signed with the same key.
    pub wrong: Vec<(&'static str, String)>,
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
        let sign = |claims: String| issuer.sign_raw(algorithm, &header, claims.as_bytes());
        let token = sign(claims(now))?;
        let wrong = vec![
            (FORGED, flip(&token)),
            ("for another audience", sign(claims(now).replace(AUDIENCE, "api://elsewhere"))?),
            ("of another issuer", sign(claims(now).replace(ISSUER, "https://elsewhere.example"))?),
            ("that has expired", sign(claims(now - 2 * LIFETIME))?),
            ("without the scope", sign(claims(now).replace("orders.read ", ""))?),
        ];
        Ok(Self { algorithm, token, jwk, wrong })
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
        let issuer = Issuer::fixed_keys(ISSUER, AUDIENCE, Keys::jwks(self.jwks().to_string()));
        ResourceServer::builder().trust(issuer)
    }

    /// Returns the issuer's key set.
    #[must_use]
    pub fn jwks(&self) -> serde_json::Value {
        serde_json::json!({ "keys": [self.jwk] })
    }
}

/// Flips the lowest bit of the middle byte of the signature.
fn flip(token: &str) -> String {
    let (message, signature) = token.rsplit_once('.').expect("a compact JWS");
    let mut signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let middle = signature.len() / 2;
    signature[middle] ^= 1;
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn claims(now: u64) -> String {
    let expires = now + LIFETIME;
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
