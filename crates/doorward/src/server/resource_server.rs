use std::sync::Arc;

use super::{
    Authentication, ResourceServerBuilder,
    authenticate::{Attempt, Step},
    inner::Inner,
};
use crate::{
    access::Access,
    change_error::ChangeError,
    credentials::{self, CredentialsError, RequestFields},
    denial::Denial,
    error::Error,
    issuer::Issuer,
    key_set::Health,
    policy::AccessToken,
    refusal::Refusal,
    request_info::RequestInfo,
    terms::scope::Scope,
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
/// use doorward::{adapter::RequestInfo, Issuer, ResourceServer};
///
/// let server = ResourceServer::builder()
///     .trust(Issuer::discover("https://login.example.com", "api://orders"))
///     .build()
///     .await?;
///
/// let field: &[u8] = b"Bearer eyJ...";
/// match server.authenticate([field]).await {
///     Ok(token) => println!("{}", token.subject()),
///     Err(error) => println!("{}", server.deny(&error, None, &RequestInfo::new()).status()),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct ResourceServer(Arc<Inner>);

impl ResourceServer {
    /// Begins to describe a server.
    pub fn builder() -> ResourceServerBuilder {
        ResourceServerBuilder::new()
    }

    pub(super) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
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
        match credentials::bearer_token(authorization, self.0.settings.limits.token_len) {
            Ok(token) => self.verify(token),
            Err(error) => Authentication::ready(Err(error.into())),
        }
    }

    /// Verifies the token: stages 2 to 6.
    pub(crate) fn verify(&self, token: BearerToken<'_>) -> Authentication {
        match Attempt::new(&self.0, token).verify_or_fetch(None) {
            Step::Done(result) => Authentication::ready(result),
            Step::Wait { fetching, joined } => {
                let (server, token) = (self.clone(), token.to_owned());
                Authentication::waiting(async move {
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

    /// Verifies the bearer token of a request, wherever this server takes tokens
    /// [from](ResourceServerBuilder::tokens_from): for adapters. The token that this same server has
    /// verified for the request already, if there is one, is not verified again; what another
    /// server has verified counts for nothing.
    ///
    /// The future does not borrow the request.
    pub fn authenticate_request(
        &self,
        fields: &impl RequestFields,
        verified: Option<&AccessToken>,
    ) -> Authentication {
        if let Some(token) = verified.filter(|token| self.has_verified(token)) {
            return Authentication::ready(Ok(token.clone()));
        }
        match self.find_token(fields) {
            Ok(token) => self.verify(token),
            Err(error) => Authentication::ready(Err(error.into())),
        }
    }

    fn find_token<'r>(
        &'r self,
        fields: &'r impl RequestFields,
    ) -> Result<BearerToken<'r>, CredentialsError> {
        let Inner { http, settings, .. } = &*self.0;
        credentials::find_token(&http.sources, fields, settings.limits.token_len)
    }

    /// Returns whether preflights are to be answered
    /// ([`answer_preflights`](ResourceServerBuilder::answer_preflights)): for adapters.
    #[must_use]
    pub fn answers_preflights(&self) -> bool {
        self.0.http.answers_preflights
    }

    /// Returns whether the request is a preflight that is to be answered with 204: for adapters. One
    /// with credentials, which browsers never send, is none.
    #[must_use]
    pub fn is_preflight_to_answer(&self, method: &str, fields: &impl RequestFields) -> bool {
        let has_no_credentials =
            || self.find_token(fields).is_err_and(|error| error == CredentialsError::Missing);
        self.answers_preflights()
            && credentials::is_preflight(method, fields)
            && fields.authorization().next().is_none()
            && has_no_credentials()
    }

    /// Returns whether it is this server (or a clone) that has verified the token.
    #[must_use]
    pub fn has_verified(&self, token: &AccessToken) -> bool {
        token.verified_by().counts_for(self.0.id)
    }

    /// Decides the answer to a refused request, logs the reason, and tells
    /// [`on_refusal`](ResourceServerBuilder::on_refusal). The log's level is `debug` for a request
    /// without credentials, `warn` for what is not the client's fault, else `info`.
    #[must_use]
    pub fn deny(
        &self,
        error: &Error,
        access: Option<&Access>,
        request: &RequestInfo<'_>,
    ) -> Denial {
        let http = &self.0.http;
        let denial = Denial::new(error, access, &http.settings);
        http.on_refusal.tell(&Refusal::new(error, &denial, access, request, http.logs_subjects));
        denial
    }

    /// Returns the path at which clients look for the metadata of this resource, if it was
    /// [named](ResourceServerBuilder::resource)
    /// ([RFC 9728 §3](https://www.rfc-editor.org/rfc/rfc9728#section-3)): for adapters.
    #[must_use]
    pub fn resource_metadata_path(&self) -> Option<&str> {
        self.0.http.resource.as_ref().map(|resource| resource.metadata_path.as_str())
    }

    /// Writes the metadata of this resource, if it was [named](ResourceServerBuilder::resource), as
    /// JSON: the issuers that are trusted now, and these scopes, which an access map
    /// [tells](crate::access_map::AccessMap::scopes)
    /// ([RFC 9728 §2](https://www.rfc-editor.org/rfc/rfc9728#section-2)).
    #[must_use]
    pub fn resource_metadata<'s>(
        &self,
        scopes: impl IntoIterator<Item = &'s Scope>,
    ) -> Option<String> {
        let resource = self.0.http.resource.as_ref()?;
        let in_header = self.0.http.takes_authorization();
        Some(resource.document(self.0.authorization_servers(), scopes, in_header))
    }

    /// Adds a trusted issuer to the running server. Waits for its first keys, unless the server is
    /// [`lazy`](ResourceServerBuilder::lazy).
    ///
    /// # Errors
    ///
    /// [`ChangeError::Issuer`] with the error that [`build`](ResourceServerBuilder::build) would return,
    /// such as [`DuplicateIssuer`](crate::ConfigError::DuplicateIssuer). Nothing is changed then.
    pub async fn trust(&self, issuer: Issuer) -> Result<(), ChangeError> {
        self.0.trust(&issuer).await.map_err(ChangeError::Issuer)
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
    /// unless they are built with [`forget_keys`](ResourceServerBuilder::forget_keys). A name that no cached
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
    /// [`block_tenants`](ResourceServerBuilder::block_tenants).
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
