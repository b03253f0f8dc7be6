use std::{collections::HashMap, sync::Arc, time::Duration};

use super::{Authentication, ResourceServerBuilder};
use crate::{
    claims::unverified_issuer,
    clock::Clock,
    credentials,
    denial::Denial,
    error::{Error, Unavailable},
    key::KeyError,
    key_source::{Ask, FetchKeys, Fetching, KeySource},
    policy::{AccessToken, PolicyError},
    terms::{seen::Seen, server_id::ServerId, time::UnixTime},
    token::{BearerToken, Jws},
    verifier::Verifier,
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
    pub(super) trusts: Vec<Trust>,
    /// Which trust an accepted `iss` belongs to.
    pub(super) by_issuer: HashMap<String, usize>,
    pub(super) realm: String,
    pub(super) max_token_len: usize,
    pub(super) clock: Arc<dyn Clock>,
}

/// One trusted issuer.
#[derive(Debug)]
pub(super) struct Trust {
    pub(super) name: String,
    pub(super) verifier: Verifier,
    pub(super) keys: KeySource,
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
        let token = match credentials::bearer_token(authorization) {
            Ok(token) => token,
            Err(error) => return Authentication::ready(Err(error.into())),
        };
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
        let jws = Jws::parse(token, self.max_token_len)?;
        let trust = self.trust_of(&jws)?;
        let at_hand = trust.keys.at_hand(|| self.clock.monotonic());
        let Some(jwks) = at_hand.as_ref().and_then(|keys| keys.jwks()) else {
            let worth_asking = trust.verifier.unverified_would_pass(&jws, now);
            return if worth_asking {
                Ok(Walk::NoKeys(trust))
            } else {
                Err(trust.no_keys().into())
            };
        };
        match trust.verifier.verify(jws, jwks, now) {
            Err(Error::Key(error)) if error.may_be_new() => {
                self.unknown_key(trust, token, error, now)
            }
            result => Ok(Walk::Ended(result)),
        }
    }

    /// Chooses the trust by the unverified `iss`; the verified one is compared again in room 6.
    fn trust_of(&self, jws: &Jws<'_>) -> Result<&Trust, Error> {
        let issuer = unverified_issuer(jws.unverified_payload())?
            .ok_or(PolicyError::Missing { claim: "iss" })?;
        self.by_issuer
            .get(&issuer)
            .and_then(|index| self.trusts.get(*index))
            .ok_or_else(|| PolicyError::UntrustedIssuer { seen: Seen::new(&issuer) }.into())
    }

    /// Lets a token with an unknown key ask for newer keys only if it would pass otherwise.
    fn unknown_key<'h>(
        &self,
        trust: &'h Trust,
        token: BearerToken<'_>,
        error: KeyError,
        now: UnixTime,
    ) -> Result<Walk<'h>, Error> {
        let jws = Jws::parse(token, self.max_token_len)?;
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

impl Trust {
    /// There are no keys to judge the token by, and no reason to wait for some.
    fn no_keys(&self) -> Unavailable {
        Unavailable::Keys { issuer: self.name.clone(), retry_after: Duration::from_secs(1) }
    }
}
