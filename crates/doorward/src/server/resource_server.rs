use std::sync::Arc;

use super::{Authentication, ResourceServerBuilder, authenticate::Step, inner::Inner};
use crate::config_error::ConfigError;
use crate::{
    access::Access,
    credentials::{self, BearerToken, CredentialsError, RequestFields},
    denial::Denial,
    error::Error,
    issuer::Issuer,
    key_set::Health,
    policy::AccessToken,
    refusal::Refusal,
    rule::RequestInfo,
    terms::{key_id::KeyId, scope::Scope},
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

    pub(super) fn new(house: Inner) -> Self {
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
        match credentials::bearer_token(authorization, self.0.settings.limits.token_len) {
            Ok(token) => self.verify(token),
            Err(error) => Authentication::ready(Err(error.into())),
        }
    }

    /// Verifies the token: stages 2 to 6.
    pub(crate) fn verify(&self, token: BearerToken<'_>) -> Authentication {
        match self.0.authenticate_or_fetch(token, None) {
            Step::Ended(result) => Authentication::ready(result),
            Step::Wait { fetching, joined } => {
                let (server, token) = (self.clone(), token.to_owned());
                Authentication::waiting(async move {
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

    /// IssuerRegistry one more issuer from now on; the others are not touched. Waits for its first keys,
    /// unless the server is [`lazy`](ResourceServerBuilder::lazy).
    ///
    /// # Errors
    ///
    /// [`ConfigError`] as when the server is built, and nothing is changed:
    /// [`DuplicateIssuer`](ConfigError::DuplicateIssuer) too when the issuer is trusted already.
    pub async fn trust(&self, issuer: Issuer) -> Result<(), ConfigError> {
        self.0.trust(&issuer).await
    }

    /// IssuerRegistry the issuer of this name no longer: its tokens are refused from the next request on,
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
