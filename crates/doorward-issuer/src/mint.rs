use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_lc_rs::rand;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use crate::{
    Algorithm, DEFAULT_AUDIENCE, Flaw, forge,
    issuer_state::{IssuerState, compact},
};

/// How long a token lives unless its mint says otherwise: one hour.
pub(crate) const DEFAULT_LIFETIME: Duration = Duration::from_secs(3600);

/// A token in the making: an access token after
/// [RFC 9068 §2](https://www.rfc-editor.org/rfc/rfc9068#section-2) until told otherwise.
///
/// Unless set, the header is `alg`, `kid` and `typ: at+jwt`; the claims are `iss` (the issuer),
/// `sub` (`dev-user`), `aud` (`api://orders`), `client_id` (`dev-client`), `iat` (now), `exp` (an
/// hour later) and a random `jti`. Of two calls that set the same member, the later one counts.
///
/// ```
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let issuer = doorward_issuer::DevIssuer::start().await?;
/// let wrong_audience = issuer.mint().audience("api://billing").scope("orders.read").sign()?;
/// let without_expiry = issuer.mint().without("exp").sign()?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a mint makes a token only when `sign` is called"]
pub struct Mint {
    state: Arc<IssuerState>,
    signer: Signer,
    header: Changes,
    claims: Changes,
    issued: Issued,
    lifetime: Duration,
}

/// Members to set, or with `None` to leave out.
type Changes = BTreeMap<String, Option<Value>>;

/// Which key signs.
#[derive(Clone, Debug)]
enum Signer {
    KeyOf(Algorithm),
    Named(String),
}

#[derive(Clone, Copy, Debug)]
enum Issued {
    Now,
    At(i64),
    SoThatExpiredAnHourAgo,
}

/// The error of a token that could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MintError {
    /// The issuer has no key for the algorithm.
    #[error(
        "the issuer has no key for {algorithm}; add it to `DevIssuerBuilder::algorithms` (it has {})",
        names(available)
    )]
    NoKey {
        /// The algorithm that was asked for.
        algorithm: Algorithm,
        /// The algorithms that the issuer has keys for.
        available: Vec<Algorithm>,
    },
    /// The issuer has no key of this ID: it never had, or the key has gone in a rotation without
    /// overlap.
    #[error("the issuer has no key {key_id:?}")]
    UnknownKey {
        /// The key ID that was asked for.
        key_id: String,
    },
    /// The cryptographic library gave no signature or no random `jti`.
    #[error("the token could not be signed with {algorithm}")]
    Unsigned {
        /// The algorithm that was asked for.
        algorithm: Algorithm,
    },
}

impl Mint {
    pub(crate) fn new(state: Arc<IssuerState>) -> Self {
        Self {
            signer: Signer::KeyOf(state.default_algorithm),
            state,
            header: Changes::new(),
            claims: Changes::new(),
            issued: Issued::Now,
            lifetime: DEFAULT_LIFETIME,
        }
    }

    /// Sets `sub`.
    pub fn subject(self, subject: impl Into<String>) -> Self {
        self.claim("sub", subject.into())
    }

    /// Sets `client_id`.
    pub fn client_id(self, client_id: impl Into<String>) -> Self {
        self.claim("client_id", client_id.into())
    }

    /// Sets `aud` to one string.
    pub fn audience(self, audience: impl Into<String>) -> Self {
        self.claim("aud", audience.into())
    }

    /// Sets `aud` to an array, be it of one or of no audience.
    pub fn audiences<S: Into<String>>(self, audiences: impl IntoIterator<Item = S>) -> Self {
        self.claim("aud", strings(audiences))
    }

    /// Sets `scope`, several of them separated by spaces.
    pub fn scope(self, scope: impl Into<String>) -> Self {
        self.claim("scope", scope.into())
    }

    /// Sets `roles`, an array.
    pub fn roles<S: Into<String>>(self, roles: impl IntoIterator<Item = S>) -> Self {
        self.claim("roles", strings(roles))
    }

    /// Sets any claim to any JSON value.
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.claims.insert(name.into(), Some(value.into()));
        self
    }

    /// Leaves a claim out.
    pub fn without(mut self, name: impl Into<String>) -> Self {
        self.claims.insert(name.into(), None);
        self
    }

    /// Sets any member of the header to any JSON value; the key that signs stays the one of
    /// [`Mint::algorithm`] or [`Mint::key_id`], even if `alg` and `kid` say otherwise.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.header.insert(name.into(), Some(value.into()));
        self
    }

    /// Leaves a member of the header out.
    pub fn without_header(mut self, name: impl Into<String>) -> Self {
        self.header.insert(name.into(), None);
        self
    }

    /// Signs with the key of this algorithm instead of the issuer's first.
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.signer = Signer::KeyOf(algorithm);
        self
    }

    /// Signs with the key of this ID, whatever its algorithm and whether it is published or not.
    ///
    /// It may be a key that signs now, one that [`DevIssuer::rotate`](crate::DevIssuer::rotate) has
    /// replaced, or one of the issuer's [`Timeline`](crate::Timeline). Of this and
    /// [`Mint::algorithm`] the later call counts.
    pub fn key_id(mut self, key_id: impl Into<String>) -> Self {
        self.signer = Signer::Named(key_id.into());
        self
    }

    /// Sets how long after `iat` the token expires, in whole seconds.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.claims.remove("exp");
        self.lifetime = lifetime;
        self
    }

    /// Sets `iat`, in seconds since 1970-01-01 UTC; `exp` moves with it.
    pub fn issued_at(self, unix_seconds: i64) -> Self {
        self.issued(Issued::At(unix_seconds))
    }

    /// Makes a token that expired an hour ago.
    pub fn expired(self) -> Self {
        self.issued(Issued::SoThatExpiredAnHourAgo)
    }

    /// Signs the token and returns its compact serialization.
    ///
    /// # Errors
    ///
    /// [`MintError::NoKey`] when the issuer has no key for the algorithm, [`MintError::UnknownKey`]
    /// when it has none of the ID, [`MintError::Unsigned`] when the cryptographic library fails.
    pub fn sign(self) -> Result<String, MintError> {
        self.sign_texts(|header, claims| (header, claims))
    }

    /// Makes a request's credentials wrong in exactly one way: the values of its `Authorization`
    /// fields.
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
    pub fn forge(self, flaw: Flaw) -> Result<Vec<String>, MintError> {
        let mint = forge::before_signing(self, flaw);
        let token = mint.sign_texts(|header, claims| forge::texts(flaw, header, claims))?;
        Ok(forge::authorization(flaw, &token))
    }

    fn sign_texts(
        self,
        change: impl FnOnce(String, String) -> (String, String),
    ) -> Result<String, MintError> {
        let key = match &self.signer {
            Signer::KeyOf(algorithm) => self.state.key_of(*algorithm)?,
            Signer::Named(key_id) => self.state.key_named(key_id)?,
        };
        let mut claims = self.default_claims(key.algorithm())?;
        apply(self.claims, &mut claims);
        let mut header = Map::new();
        header.insert("alg".to_owned(), json!(key.algorithm().name()));
        header.insert("kid".to_owned(), json!(key.public().key_id()));
        header.insert("typ".to_owned(), json!("at+jwt"));
        apply(self.header, &mut header);
        let (header, claims) =
            change(Value::Object(header).to_string(), Value::Object(claims).to_string());
        compact(&key, &header, claims.as_bytes())
    }

    /// Returns `iat` in whole seconds, as it will be unless it is set as a claim.
    pub(crate) fn issued_at_second(&self) -> i64 {
        let lifetime = i64::try_from(self.lifetime.as_secs()).unwrap_or(i64::MAX);
        match self.issued {
            Issued::Now => unix_now(),
            Issued::At(time) => time,
            Issued::SoThatExpiredAnHourAgo => {
                unix_now().saturating_sub(3600).saturating_sub(lifetime)
            }
        }
    }

    /// Returns a claim that is a string, as it will be.
    pub(crate) fn claimed(&self, name: &str) -> Option<String> {
        match self.claims.get(name) {
            Some(value) => value.as_ref()?.as_str().map(str::to_owned),
            None => (name == "iss").then(|| self.state.issuer.clone()),
        }
    }

    fn issued(mut self, issued: Issued) -> Self {
        self.claims.remove("iat");
        self.claims.remove("exp");
        self.issued = issued;
        self
    }

    fn default_claims(&self, algorithm: Algorithm) -> Result<Map<String, Value>, MintError> {
        let mut jti = [0; 16];
        rand::fill(&mut jti).map_err(|_| MintError::Unsigned { algorithm })?;
        let lifetime = i64::try_from(self.lifetime.as_secs()).unwrap_or(i64::MAX);
        let issued_at = self.issued_at_second();
        let mut claims = Map::new();
        claims.insert("iss".to_owned(), json!(self.state.issuer));
        claims.insert("sub".to_owned(), json!("dev-user"));
        claims.insert("aud".to_owned(), json!(DEFAULT_AUDIENCE));
        claims.insert("client_id".to_owned(), json!("dev-client"));
        claims.insert("iat".to_owned(), json!(issued_at));
        claims.insert("exp".to_owned(), json!(issued_at.saturating_add(lifetime)));
        claims.insert("jti".to_owned(), json!(URL_SAFE_NO_PAD.encode(jti)));
        Ok(claims)
    }
}

fn apply(changes: Changes, members: &mut Map<String, Value>) {
    for (name, value) in changes {
        match value {
            Some(value) => members.insert(name, value),
            None => members.remove(&name),
        };
    }
}

fn strings<S: Into<String>>(strings: impl IntoIterator<Item = S>) -> Value {
    strings.into_iter().map(Into::into).collect::<Vec<String>>().into()
}

fn names(algorithms: &[Algorithm]) -> String {
    algorithms.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(", ")
}

fn unix_now() -> i64 {
    let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => seconds(since),
        Err(before) => seconds(before.duration()).saturating_neg(),
    }
}
