use std::{sync::Arc, time::Duration};

use super::{
    RequestSettings, ResourceServerBuilder, Verification, authenticate::Step, inner::Inner,
};
#[cfg(feature = "testing")]
use crate::error::Error;
use crate::{
    config_error::ConfigError,
    credentials::{self, CredentialsError, RequestHead},
    issuer::Issuer,
    key_set::Health,
    policy::AccessToken,
    terms::key_id::KeyId,
    token::BearerToken,
};

/// Verifies the bearer tokens of requests and decides the answer to those that it refuses.
///
/// Cloning is cheap, and all clones share their keys. The keys are refreshed until the last clone
/// is dropped.
///
/// ```no_run
/// # #[cfg(feature = "remote")]
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use doorward::{rules::RequestInfo, Issuer, ResourceServer};
///
/// let server = ResourceServer::builder()
///     .trust(Issuer::discover("https://login.example.com", "api://orders"))
///     .build()
///     .await?;
///
/// let field: &[u8] = b"Bearer eyJ...";
/// match server.authenticate([field]).await {
///     Ok(token) => println!("{}", token.subject()),
///     Err(error) => println!("{}: {error}", error.code()),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct ResourceServer(Arc<Inner>);

impl ResourceServer {
    /// Creates a server for tests, without keys, network and runtime. It trusts one issuer,
    /// `https://issuer.test`, for the audience `https://api.test`, whose tokens only
    /// [`test_token`](Self::test_token) creates.
    ///
    /// A test of your own configuration calls
    /// [`build_for_test`](ResourceServerBuilder::build_for_test) instead.
    #[cfg(feature = "testing")]
    #[must_use]
    #[expect(clippy::expect_used, reason = "the configuration is constant, and tested")]
    pub fn for_test() -> Self {
        let keys = crate::Keys::jwks("");
        let issuer = Issuer::fixed_keys("https://issuer.test", "https://api.test", keys);
        Self::builder().trust(issuer).build_for_test().expect("a sound configuration")
    }

    /// Creates the description of a server.
    pub fn builder() -> ResourceServerBuilder {
        ResourceServerBuilder::new()
    }

    pub(super) fn new(house: Inner) -> Self {
        Self(Arc::new(house))
    }

    /// Verifies the bearer token among the values of a request's `Authorization` fields, all of
    /// which must be given
    /// ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)).
    ///
    /// The future returns the token, or the [`Error`](crate::Error) that says why there is none. It is
    /// for tokens that come by other ways than HTTP requests; requests are authenticated by the
    /// adapters, or by a [`RouteGuard`](crate::adapter::RouteGuard).
    pub fn authenticate<'v>(
        &self,
        authorization: impl IntoIterator<Item = &'v [u8]>,
    ) -> Verification {
        match credentials::bearer_token(authorization, self.0.settings.limits.token_len) {
            Ok(token) => self.verify(token),
            Err(error) => Verification::ready(Err(error.into())),
        }
    }

    /// Verifies the token: stages 2 to 6.
    pub(crate) fn verify(&self, token: BearerToken<'_>) -> Verification {
        #[cfg(feature = "testing")]
        if let Some(judged) = self.0.judge_test_token(token.as_bytes()) {
            return Verification::ready(judged);
        }
        match self.0.authenticate_or_fetch(token, None) {
            Step::Ended(result) => Verification::ready(result),
            Step::Wait { fetching, joined } => {
                let (server, token) = (self.clone(), token.to_owned());
                Verification::waiting(async move {
                    let fetched = fetching.await;
                    // A fetch that was under way may have set out before the key was published, so
                    // an unknown key is asked for a second time. Within the cooldown that is
                    // answered without a fetch.
                    let Some(since) = joined else {
                        return server.0.authenticate_with_current_keys(token.as_bearer(), fetched);
                    };
                    match server.0.retry(token.as_bearer(), fetched, since) {
                        Step::Ended(result) => result,
                        Step::Wait { fetching, .. } => {
                            let fetched = fetching.await;
                            server.0.authenticate_with_current_keys(token.as_bearer(), fetched)
                        }
                    }
                })
            }
        }
    }

    /// Verifies the token of a request, wherever this server reads tokens from.
    pub(crate) fn authenticate_head(&self, head: &impl RequestHead) -> Verification {
        match self.find_token(head) {
            Ok(token) => self.verify(token),
            Err(error) => Verification::ready(Err(error.into())),
        }
    }

    pub(crate) fn find_token<'r>(
        &'r self,
        head: &'r impl RequestHead,
    ) -> Result<BearerToken<'r>, CredentialsError> {
        let Inner { request, settings, .. } = &*self.0;
        credentials::find_token(&request.sources, head, settings.limits.token_len)
    }

    /// Returns how requests are read and answered.
    pub(crate) fn request_settings(&self) -> &RequestSettings {
        &self.0.request
    }

    /// Returns when a decision begins, on the monotonic clock, if somebody is told how long it takes.
    pub(crate) fn starts_measuring(&self) -> Option<Duration> {
        self.0.request.on_decision.is_set().then(|| self.monotonic())
    }

    pub(crate) fn monotonic(&self) -> Duration {
        self.0.settings.clock.monotonic()
    }

    /// Returns the URLs by which clients find the metadata of the trusted issuers, each once.
    pub(crate) fn authorization_servers(&self) -> Vec<String> {
        self.0.authorization_servers()
    }

    #[cfg(feature = "testing")]
    pub(crate) fn issue_test_token(&self, claims: &super::TestClaims) -> Result<String, Error> {
        self.0.issue_test_token(claims)
    }

    #[cfg(feature = "testing")]
    pub(crate) fn judge_test_claims(
        &self,
        claims: &super::TestClaims,
    ) -> Result<AccessToken, Error> {
        self.0.judge_test_claims(claims)
    }

    /// Returns whether this server, or a clone of it, has verified the token.
    #[must_use]
    pub fn has_verified(&self, token: &AccessToken) -> bool {
        token.verified_by().is(&self.0.handle)
    }

    /// Trusts one more issuer from now on; the others are not touched. Waits for its first keys,
    /// unless the server is [`lazy`](ResourceServerBuilder::lazy).
    ///
    /// # Errors
    ///
    /// [`ConfigError`] as when the server is built, and nothing is changed:
    /// [`DuplicateIssuer`](ConfigError::DuplicateIssuer) too when the issuer is trusted already.
    pub async fn trust(&self, issuer: impl Into<Issuer>) -> Result<(), ConfigError> {
        self.0.trust(&issuer.into()).await
    }

    /// Stops trusting the issuer of this name: its tokens are refused from the next request on,
    /// and its keys are no longer fetched. The name is one that its tokens carry as `iss`, or the
    /// one in [`health`](Self::health); an issuer of several policies or tenants goes as a whole.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NotTrusted`] when no issuer of this name is trusted.
    pub fn distrust(&self, issuer: &str) -> Result<(), ConfigError> {
        self.0.distrust(issuer)
    }

    /// Forgets a key of an issuer at once and for good, as after a theft: no token that names it is
    /// accepted, whether the issuer publishes it still, or again, or has withdrawn it. `key_id` is
    /// its `kid`, or a thumbprint by which tokens name it.
    ///
    /// It is forgotten by this server and its clones, until they are dropped, also if the issuer is
    /// trusted anew: not by other processes, and not after a restart. The issuer's name is one that
    /// its tokens carry as `iss`, or the one in [`health`](Self::health); of several issuers that
    /// use the key, forget it at each. A key without a name, such as one of a PEM text, cannot
    /// be forgotten; [`distrust`](Self::distrust) its issuer.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NotTrusted`] when no issuer of this name is trusted, [`ConfigError::KeyId`]
    /// when no token can name such a key. That no such key is at hand is no error.
    pub fn forget_key(&self, issuer: &str, key_id: &str) -> Result<(), ConfigError> {
        let name = KeyId::new(key_id).ok_or(ConfigError::KeyId)?;
        self.0.forget_key(issuer, &name)
    }

    /// Forgets that this token was verified, if it was: the next request with it is looked at anew,
    /// and accepted if it is still good. A request that is being verified meanwhile may have it
    /// cached again. The token is its text, as it stands after `Bearer`.
    pub fn evict(&self, token: &str) {
        self.0.verified_tokens.evict(token.as_bytes());
    }

    /// Forgets which tokens were verified, also those of requests that are being verified.
    pub fn evict_all(&self) {
        self.0.verified_tokens.evict_all();
    }

    /// Tells how the keys of every trusted issuer stand.
    #[must_use]
    pub fn health(&self) -> Health {
        self.0.health()
    }

    /// Returns whether the two are clones of one server.
    #[must_use]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
