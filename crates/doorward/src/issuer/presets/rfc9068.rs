use super::{
    super::{Issuer, IssuerOptions, options::issuer_options},
    Needs,
};
use crate::{
    policy::{AccessToken, Actor, ActorRule, RequiredClaim, TypeRule},
    terms::audience::Audience,
};

/// An issuer whose access tokens follow RFC 9068 strictly.
///
/// The header's `typ` must be `at+jwt`, and `client_id`, `iat` and `jti` must be there
/// ([RFC 9068 §2](https://www.rfc-editor.org/rfc/rfc9068#section-2)). Scopes are those of `scope`. An
/// app that is its own subject acts for itself; a token with `auth_time` is a user's.
///
/// ```
/// use doorward::{ResourceServer, presets::Rfc9068};
///
/// let issuer = Rfc9068::issuer("https://login.example.com").audience("https://orders.example.com");
/// let builder = ResourceServer::builder().trust(issuer);
/// ```
#[derive(Clone)]
#[must_use = "an issuer is trusted when it is passed to `ResourceServer::builder().trust(…)`"]
pub struct Rfc9068 {
    issuer: String,
    audience: Audience,
    options: IssuerOptions,
}

impl Rfc9068 {
    /// Creates the description of the issuer, by its URL, which the `iss` of every token must equal
    /// byte for byte.
    pub fn issuer(url: impl Into<String>) -> Needs<Audience, Self> {
        let required = ["client_id", "iat", "jti"];
        let required = required.map(|name| RequiredClaim { path: name.into(), value: None });
        let mut options = IssuerOptions {
            token_type: TypeRule::AtJwt,
            required: required.into(),
            actor: ActorRule::new(actor),
            ..IssuerOptions::default()
        };
        options.claims.scopes = vec!["scope".into()];
        let audience = Audience::from(String::new());
        Needs::new(Self { issuer: url.into(), audience, options })
    }
}

issuer_options!(Rfc9068: [
    try_all_keys, untrusted_url, audience, any_audience, also_named, algorithms, claims, fetched_keys, metadata_url, debug,
]);

impl Needs<Audience, Rfc9068> {
    /// Sets the audience: the identifier under which the API is registered.
    pub fn audience(self, audience: impl Into<Audience>) -> Rfc9068 {
        Rfc9068 { audience: audience.into(), ..self.preset }
    }
}

impl From<Rfc9068> for Issuer {
    fn from(rfc9068: Rfc9068) -> Self {
        Self::discovered(rfc9068.issuer, rfc9068.audience, rfc9068.options)
    }
}

fn actor(token: &AccessToken) -> Actor {
    if token.client_id() == Some(token.subject()) {
        Actor::AppOnly
    } else if token.claim::<f64>("auth_time").is_some() {
        Actor::Delegated
    } else {
        Actor::Unknown
    }
}
