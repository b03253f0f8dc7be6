use std::{sync::Arc, time::Duration};

use super::{
    RequestSettings, Verification,
    authenticate::{Attempt, Step},
    inner::Inner,
};
#[cfg(feature = "testing")]
use crate::error::Error;
use crate::{
    change_error::ChangeError,
    credentials::{self, BearerToken, CredentialsError, RequestHead},
    issuer::Issuer,
    key_set::Health,
    policy::AccessToken,
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
    /// [`build_for_test`](crate::ResourceServerBuilder::build_for_test) instead.
    #[cfg(feature = "testing")]
    #[must_use]
    #[expect(clippy::expect_used, reason = "the configuration is constant, and tested")]
    pub fn for_test() -> Self {
        let keys = crate::Keys::jwks("");
        let issuer = Issuer::fixed_keys("https://issuer.test", "https://api.test", keys);
        Self::builder().trust(issuer).build_for_test().expect("a sound configuration")
    }

    pub(super) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
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
        if let Some(verified) =
            self.0.test_tokens.verify(token.as_bytes(), &self.0.issuers(), &self.0.settings)
        {
            return Verification::ready(verified);
        }
        match Attempt::new(&self.0, token).verify_or_fetch(None) {
            Step::Done(result) => Verification::ready(result),
            Step::Wait { fetching, joined } => {
                let (server, token) = (self.clone(), token.to_owned());
                Verification::waiting(async move {
                    let attempt = Attempt::new(&server.0, token.as_bearer());
                    let fetched = fetching.await;
                    // A fetch that had begun before may bring keys from before the key was published, so
                    // an unknown key is requested a second time. Within the cooldown that is answered
                    // without a fetch.
                    let Some(since) = joined else {
                        return attempt.verify_after(fetched);
                    };
                    match attempt.retry(fetched, since) {
                        Step::Done(result) => result,
                        Step::Wait { fetching, .. } => attempt.verify_after(fetching.await),
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

    /// Returns when a decision begins, on the monotonic clock, if its duration is reported.
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
        self.0.test_tokens.issue(claims, &self.0.issuers(), &self.0.settings)
    }

    #[cfg(feature = "testing")]
    pub(crate) fn verify_test_claims(
        &self,
        claims: &super::TestClaims,
    ) -> Result<AccessToken, Error> {
        super::test_tokens::verify_claims(claims, &self.0.issuers(), &self.0.settings)
    }

    /// Returns whether this server, or a clone of it, has verified the token.
    #[must_use]
    pub fn has_verified(&self, token: &AccessToken) -> bool {
        token.verified_by().is(&self.0.handle)
    }

    /// Adds a trusted issuer to the running server. Waits for its first keys, unless the server is
    /// [`lazy`](crate::ResourceServerBuilder::lazy).
    ///
    /// # Errors
    ///
    /// [`ChangeError::Issuer`] with the error that [`build`](crate::ResourceServerBuilder::build) would return,
    /// such as [`DuplicateIssuer`](crate::ConfigError::DuplicateIssuer). Nothing is changed then.
    pub async fn trust(&self, issuer: impl Into<Issuer>) -> Result<(), ChangeError> {
        self.0.trust(&issuer.into()).await.map_err(ChangeError::Issuer)
    }

    /// Removes a trusted issuer: its tokens are refused from the next request on, and its keys are no
    /// longer fetched. The name is one that its tokens carry as `iss`, or the one in
    /// [`health`](Self::health). An issuer of several policies or tenants is removed as a whole.
    ///
    /// A tenant that is trusted for itself beside an issuer of any tenant is not removed: its tokens would
    /// be accepted by the other issuer, which may require less. Refuse them by
    /// [`block_tenant`](Self::block_tenant); after that, the issuer can be removed.
    ///
    /// # Errors
    ///
    /// [`ChangeError::NotTrusted`] when no issuer of this name is trusted, [`ChangeError::TenantOfMany`]
    /// when an issuer of many tenants would still accept its tokens.
    pub fn distrust(&self, issuer: &str) -> Result<(), ChangeError> {
        self.0.distrust(issuer)
    }

    /// Forgets a key of an issuer at once and for good, as after a theft. `key_id` is its `kid`, a
    /// thumbprint by which tokens name it (padded or not), or its thumbprint by
    /// [RFC 7638](https://www.rfc-editor.org/rfc/rfc7638).
    ///
    /// No token is accepted any more that names the key so, or that this key has signed: it is recognized
    /// by all its names and by the public key itself, even if the issuer publishes it under another name or
    /// is trusted anew. The issuer's name is one that its tokens carry as `iss`, or the one in
    /// [`health`](Self::health); of a B2C tenant, the key is forgotten for all policies. If several trusted
    /// issuers use the key, forget it at each.
    ///
    /// Only this server and its clones forget the key. After a restart and in other processes it is back,
    /// unless they are built with [`forget_keys`](crate::ResourceServerBuilder::forget_keys). A name that no cached
    /// key has is not an error: it is refused all the same, and the log says so.
    ///
    /// # Errors
    ///
    /// [`ChangeError::NotTrusted`] when no issuer of this name is trusted, [`ChangeError::KeyId`] when
    /// the name is longer than 256 bytes.
    pub fn forget_key(&self, issuer: &str, key_id: &str) -> Result<(), ChangeError> {
        self.0.forget_key(issuer, key_id)
    }

    /// Blocks a Microsoft tenant: its tokens are refused (`policy.blocked_tenant`) from the next request
    /// on, cached ones too, whichever issuer accepts them: one of this tenant, of several, of any, of
    /// Azure AD B2C or of External ID. A tenant's tokens are those with this ID in `tid` or in `iss`.
    ///
    /// Only this server and its clones block the tenant. After a restart and in other processes it is
    /// accepted again, unless they are built with
    /// [`block_tenants`](crate::ResourceServerBuilder::block_tenants).
    ///
    /// # Errors
    ///
    /// [`ChangeError::Tenant`] when the ID is not a GUID.
    pub fn block_tenant(&self, tenant_id: &str) -> Result<(), ChangeError> {
        self.0.block_tenant(tenant_id)
    }

    /// Removes a tenant from the blocked ones: its tokens are accepted again by the issuers that accept
    /// them. A tenant that is not blocked is not an error.
    ///
    /// # Errors
    ///
    /// [`ChangeError::Tenant`] when the ID is not a GUID.
    pub fn unblock_tenant(&self, tenant_id: &str) -> Result<(), ChangeError> {
        self.0.unblock_tenant(tenant_id)
    }

    /// Removes a token from the cache of verified tokens: the next request with it is verified anew, and
    /// accepted if it is still valid. A request that is being verified meanwhile may cache it again. The
    /// token is its text, as it stands after `Bearer`.
    pub fn evict(&self, token: &str) {
        self.0.verified_tokens.evict(token.as_bytes());
    }

    /// Removes all tokens from the cache of verified tokens, also those of requests that are being
    /// verified.
    pub fn evict_all(&self) {
        self.0.verified_tokens.evict_all();
    }

    /// Returns the state of the keys of every trusted issuer.
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
