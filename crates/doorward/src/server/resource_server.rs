use std::sync::Arc;

use super::{
    Authentication, ResourceServerBuilder,
    trusts::{Found, Trust, Trusts},
};
use crate::{
    clock::Clock,
    credentials,
    denial::Denial,
    error::{Error, Unavailable},
    key::KeyError,
    key_source::{Ask, FetchKeys, Fetching},
    limits::TokenLimits,
    policy::AccessToken,
    terms::{server_id::ServerId, time::UnixTime},
    token::{BearerToken, Jws},
};

/// Verifies the bearer tokens of requests and decides the answer to those that it refuses.
///
/// Cloning is cheap, and all clones share their keys. The keys are refreshed until the last clone
/// is dropped.
///
/// ```no_run
/// # #[cfg(feature = "remote")]
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use doorward::{Issuer, ResourceServer};
///
/// let server = ResourceServer::builder()
///     .trust(Issuer::discover("https://login.example.com", "api://orders"))
///     .build()
///     .await?;
///
/// let field: &[u8] = b"Bearer eyJ...";
/// match server.authenticate([field]).await {
///     Ok(token) => println!("{}", token.subject()),
///     Err(error) => println!("{}", server.deny(&error).status()),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct ResourceServer(Arc<House>);

#[derive(Debug)]
pub(super) struct House {
    pub(super) id: ServerId,
    pub(super) trusts: Trusts,
    pub(super) realm: String,
    pub(super) limits: TokenLimits,
    pub(super) clock: Arc<dyn Clock>,
}

/// How far the walk comes with the keys at hand.
enum Walk<'h> {
    Ended(Result<AccessToken, Error>),
    /// There are no keys that could be used, and the token may be worth asking for some.
    NoKeys(&'h Trust),
    /// The key is not at hand, and the token would pass if its signature did.
    UnknownKey(&'h Trust, KeyError),
}

/// What to do next about a request.
enum Step {
    Ended(Result<AccessToken, Error>),
    Wait(Fetching),
}

impl ResourceServer {
    /// Begins to describe a server.
    pub fn builder() -> ResourceServerBuilder {
        ResourceServerBuilder::new()
    }

    pub(super) fn new(house: House) -> Self {
        Self(Arc::new(house))
    }

    /// Verifies the bearer token among the values of a request's `Authorization` fields, all of
    /// which must be given
    /// ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)).
    ///
    /// The future yields the token, or the [`Error`] that [`deny`](Self::deny) turns into an
    /// answer.
    pub fn authenticate<'v>(
        &self,
        authorization: impl IntoIterator<Item = &'v [u8]>,
    ) -> Authentication {
        match credentials::bearer_token(authorization) {
            Ok(token) => self.verify(token),
            Err(error) => Authentication::ready(Err(error.into())),
        }
    }

    /// Verifies the token: rooms 2 to 6.
    pub(crate) fn verify(&self, token: BearerToken<'_>) -> Authentication {
        match self.0.walk_and_ask(token) {
            Step::Ended(result) => Authentication::ready(result),
            Step::Wait(fetching) => {
                let (server, token) = (self.clone(), token.to_owned());
                Authentication::waiting(async move {
                    // The fetch may have set out before the key was published, for the sake of
                    // something else, so an unknown key is asked for a second time. Within the
                    // cooldown that is answered without a fetch.
                    let fetched = fetching.await;
                    match server.0.walk_on(token.as_bearer(), fetched) {
                        Step::Ended(result) => result,
                        Step::Wait(fetching) => {
                            let fetched = fetching.await;
                            server.0.walk_to_the_end(token.as_bearer(), fetched)
                        }
                    }
                })
            }
        }
    }

    /// Like [`authenticate`](Self::authenticate), but takes the token that this same server has
    /// verified for the request already, if there is one. What another server has verified counts
    /// for nothing.
    pub fn authenticate_once<'v>(
        &self,
        verified: Option<&AccessToken>,
        authorization: impl IntoIterator<Item = &'v [u8]>,
    ) -> Authentication {
        match verified.filter(|token| self.has_verified(token)) {
            Some(token) => Authentication::ready(Ok(token.clone())),
            None => self.authenticate(authorization),
        }
    }

    /// Returns whether it is this server (or a clone) that has verified the token.
    #[must_use]
    pub fn has_verified(&self, token: &AccessToken) -> bool {
        token.verified_by().counts_for(self.0.id)
    }

    /// Decides the answer to a refused request, and logs the reason: at level `debug` a request
    /// without credentials, at `warn` what is not the client's fault, else at `info`.
    #[must_use]
    pub fn deny(&self, error: &Error) -> Denial {
        let denial = Denial::new(error, &self.0.realm);
        let (code, status) = (error.code(), denial.status());
        match error {
            Error::Unavailable(_) => tracing::warn!(code, status, reason = %error, "cannot judge"),
            _ if error.is_anonymous() => tracing::debug!(code, status, "no credentials"),
            _ => tracing::info!(code, status, reason = %error, "request refused"),
        }
        denial
    }

    /// Returns whether the two are clones of one server.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl House {
    /// Walks through the rooms with the keys at hand.
    fn walk(&self, token: BearerToken<'_>) -> Walk<'_> {
        self.walk_with_keys_at_hand(token).unwrap_or_else(|error| Walk::Ended(Err(error)))
    }

    fn walk_with_keys_at_hand(&self, token: BearerToken<'_>) -> Result<Walk<'_>, Error> {
        let now = self.clock.now().ok_or(Unavailable::Clock)?;
        let jws = Jws::parse(token, self.limits)?;
        let Found { trust, tenant } = self.trusts.find(jws.unverified_payload())?;
        let at_hand = trust.keys.at_hand(|| self.clock.monotonic());
        let Some(jwks) = at_hand.as_ref().and_then(|keys| keys.jwks()) else {
            let worth_asking = trust.verifier.unverified_would_pass(&jws, now);
            return if worth_asking {
                Ok(Walk::NoKeys(trust))
            } else {
                Err(trust.no_keys().into())
            };
        };
        match trust.verifier.verify(jws, jwks, tenant.as_deref(), now) {
            Err(Error::Key(error)) if error.may_be_new() => {
                self.unknown_key(trust, token, error, now)
            }
            result => Ok(Walk::Ended(result)),
        }
    }

    /// Lets a token with an unknown key ask for newer keys only if it would pass otherwise.
    fn unknown_key<'h>(
        &self,
        trust: &'h Trust,
        token: BearerToken<'_>,
        error: KeyError,
        now: UnixTime,
    ) -> Result<Walk<'h>, Error> {
        let jws = Jws::parse(token, self.limits)?;
        if trust.keys.fetcher().is_some() && trust.verifier.unverified_would_pass(&jws, now) {
            Ok(Walk::UnknownKey(trust, error))
        } else {
            Err(error.into())
        }
    }

    /// Walks, and asks for keys where they are what is missing.
    fn walk_and_ask(&self, token: BearerToken<'_>) -> Step {
        let ask = match self.walk(token) {
            Walk::Ended(result) => return Step::Ended(result),
            Walk::NoKeys(trust) => trust.keys.fetcher().map(FetchKeys::ask_for_any),
            Walk::UnknownKey(trust, _) => trust.keys.fetcher().map(FetchKeys::ask_for_unknown),
        };
        match ask {
            Some(Ask::Wait(fetching)) => Step::Wait(fetching),
            Some(Ask::Answer(fetched)) => Step::Ended(self.walk_to_the_end(token, fetched)),
            None => Step::Ended(self.walk_to_the_end(token, Ok(()))),
        }
    }

    /// Walks once more after a fetch that somebody else may have begun.
    fn walk_on(&self, token: BearerToken<'_>, fetched: Result<(), Unavailable>) -> Step {
        match fetched {
            Ok(()) => self.walk_and_ask(token),
            Err(_) => Step::Ended(self.walk_to_the_end(token, fetched)),
        }
    }

    /// Walks once more with the keys at hand, and asks for no others.
    fn walk_to_the_end(
        &self,
        token: BearerToken<'_>,
        fetched: Result<(), Unavailable>,
    ) -> Result<AccessToken, Error> {
        match (self.walk(token), fetched) {
            (Walk::Ended(result), _) => result,
            (_, Err(unavailable)) => Err(unavailable.into()),
            (Walk::UnknownKey(_, error), Ok(())) => Err(error.into()),
            (Walk::NoKeys(trust), Ok(())) => Err(trust.no_keys().into()),
        }
    }
}
