use std::{sync::Arc, time::Duration};

use aws_lc_rs::rand;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use crate::{
    Algorithm, Flaw, MintError, client::DEFAULT_AUDIENCE, forge, issuer_state::IssuerState,
    token_draft::TokenDraft,
};

/// A builder of one access token, created by [`DevIssuer::mint`](crate::DevIssuer::mint).
///
/// By default the token is valid by [RFC 9068 §2](https://www.rfc-editor.org/rfc/rfc9068#section-2).
/// Its header has `alg`, `kid` and `typ: at+jwt`; its claims are `iss` (the issuer), `sub`
/// (`dev-user`), `aud` (`api://orders`), `client_id` (`dev-client`), `iat` (now), `exp` (an hour
/// later) and a random `jti`. Each method changes one of them; of two calls that set the same member,
/// the later one counts.
///
/// ```
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let issuer = doorward_issuer::DevIssuer::start().await?;
/// let valid = issuer.mint().subject("u1").scope("orders.read").sign()?;
/// let wrong_audience = issuer.mint().audience("api://billing").scope("orders.read").sign()?;
/// let without_expiry = issuer.mint().without("exp").sign()?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a token is signed only when `sign` is called"]
pub struct Mint {
    state: Arc<IssuerState>,
    key: KeyChoice,
    draft: TokenDraft,
}

/// The key to sign with.
#[derive(Clone, Debug)]
enum KeyChoice {
    Algorithm(Algorithm),
    KeyId(String),
}

impl Mint {
    pub(crate) fn new(state: Arc<IssuerState>) -> Self {
        let key = KeyChoice::Algorithm(state.default_algorithm);
        Self { state, key, draft: TokenDraft::new() }
    }

    /// Sets `sub`. Default: `dev-user`.
    pub fn subject(self, subject: impl Into<String>) -> Self {
        self.claim("sub", subject.into())
    }

    /// Sets `client_id`. Default: `dev-client`.
    pub fn client_id(self, client_id: impl Into<String>) -> Self {
        self.claim("client_id", client_id.into())
    }

    /// Sets `aud` to one string. Default: `api://orders`.
    pub fn audience(self, audience: impl Into<String>) -> Self {
        self.claim("aud", audience.into())
    }

    /// Sets `aud` to an array of any length.
    pub fn audiences<S: Into<String>>(self, audiences: impl IntoIterator<Item = S>) -> Self {
        self.claim("aud", strings(audiences))
    }

    /// Sets `scope`; separate several scopes by spaces. Default: no `scope`.
    pub fn scope(self, scope: impl Into<String>) -> Self {
        self.claim("scope", scope.into())
    }

    /// Sets `roles` to an array. Default: no `roles`.
    pub fn roles<S: Into<String>>(self, roles: impl IntoIterator<Item = S>) -> Self {
        self.claim("roles", strings(roles))
    }

    /// Sets a claim to any JSON value.
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.draft.set_claim(name, value);
        self
    }

    /// Removes a claim.
    pub fn without(mut self, name: impl Into<String>) -> Self {
        self.draft.remove_claim(name);
        self
    }

    /// Sets a header parameter to any JSON value.
    ///
    /// `alg` and `kid` do not select the key: [`Mint::algorithm`] and [`Mint::key_id`] do.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.draft.set_header(name, value);
        self
    }

    /// Removes a header parameter.
    pub fn without_header(mut self, name: impl Into<String>) -> Self {
        self.draft.remove_header(name);
        self
    }

    /// Selects the key to sign with by its algorithm. Default: the first one of
    /// [`DevIssuerBuilder::algorithms`](crate::DevIssuerBuilder::algorithms).
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.key = KeyChoice::Algorithm(algorithm);
        self
    }

    /// Selects the key to sign with by its ID; it need not be published.
    ///
    /// It may be a current key, one that [`DevIssuer::rotate`](crate::DevIssuer::rotate) has replaced,
    /// or one of the issuer's [`Timeline`](crate::Timeline). Of this and [`Mint::algorithm`] the later
    /// call counts.
    pub fn key_id(mut self, key_id: impl Into<String>) -> Self {
        self.key = KeyChoice::KeyId(key_id.into());
        self
    }

    /// Sets the time from `iat` to `exp`, in whole seconds; a fraction is cut off. Default: one hour.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.draft.set_lifetime(lifetime);
        self
    }

    /// Sets `iat`, in seconds since 1970-01-01 UTC, and `exp` to a lifetime later. Default: now.
    pub fn issued_at(mut self, unix_seconds: i64) -> Self {
        self.draft.set_issued_at(unix_seconds);
        self
    }

    /// Sets `iat` and `exp` so that the token expired one hour ago.
    pub fn expired(mut self) -> Self {
        self.draft.set_expired();
        self
    }

    /// Signs the token and returns its compact serialization
    /// ([RFC 7515 §3.1](https://www.rfc-editor.org/rfc/rfc7515#section-3.1)).
    ///
    /// # Errors
    ///
    /// [`MintError::NoKey`] if the issuer has no key for the algorithm, [`MintError::UnknownKey`] if it
    /// has no key with the ID, [`MintError::Unsigned`] if the cryptographic library fails.
    pub fn sign(self) -> Result<String, MintError> {
        self.sign_texts(|header, claims| (header, claims))
    }

    /// Returns the values of a request's `Authorization` fields that are wrong in exactly one way.
    ///
    /// ```
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// # let issuer = doorward_issuer::DevIssuer::start().await?;
    /// use doorward_issuer::Flaw;
    ///
    /// for flaw in Flaw::ALL {
    ///     let fields = issuer.mint().scope("orders.read").forge(*flaw)?;
    ///     println!("{}: {fields:?}", flaw.code());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Mint::sign`].
    pub fn forge(mut self, flaw: Flaw) -> Result<Vec<String>, MintError> {
        forge::change_draft(&mut self.draft, &self.state.issuer, flaw);
        let token = self.sign_texts(|header, claims| forge::change_texts(flaw, header, claims))?;
        Ok(forge::authorization(flaw, &token))
    }

    fn sign_texts(
        self,
        change: impl FnOnce(String, String) -> (String, String),
    ) -> Result<String, MintError> {
        let key = match &self.key {
            KeyChoice::Algorithm(algorithm) => self.state.key_of(*algorithm)?,
            KeyChoice::KeyId(key_id) => self.state.key_named(key_id)?,
        };
        let mut claims = self.default_claims(key.algorithm())?;
        let mut header = Map::new();
        header.insert("alg".to_owned(), json!(key.algorithm().name()));
        header.insert("kid".to_owned(), json!(key.public().key_id()));
        header.insert("typ".to_owned(), json!("at+jwt"));
        self.draft.apply(&mut header, &mut claims);
        let (header, claims) =
            change(Value::Object(header).to_string(), Value::Object(claims).to_string());
        key.sign_compact(&header, claims.as_bytes())
    }

    fn default_claims(&self, algorithm: Algorithm) -> Result<Map<String, Value>, MintError> {
        let mut jti = [0; 16];
        rand::fill(&mut jti).map_err(|_| MintError::Unsigned { algorithm })?;
        let issued_at = self.draft.issued_at_second();
        let expires = issued_at.saturating_add(self.draft.lifetime_seconds());
        let mut claims = Map::new();
        claims.insert("iss".to_owned(), json!(self.state.issuer));
        claims.insert("sub".to_owned(), json!("dev-user"));
        claims.insert("aud".to_owned(), json!(DEFAULT_AUDIENCE));
        claims.insert("client_id".to_owned(), json!("dev-client"));
        claims.insert("iat".to_owned(), json!(issued_at));
        claims.insert("exp".to_owned(), json!(expires));
        claims.insert("jti".to_owned(), json!(URL_SAFE_NO_PAD.encode(jti)));
        Ok(claims)
    }
}

fn strings<S: Into<String>>(strings: impl IntoIterator<Item = S>) -> Value {
    strings.into_iter().map(Into::into).collect::<Vec<String>>().into()
}
