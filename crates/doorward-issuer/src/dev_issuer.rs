use std::{io, sync::Arc, time::Duration};

use axum::http::HeaderValue;
use serde_json::Value;

use crate::{
    Algorithm, Client, ETags, Fault, KeyGenerationError, Mint, MintError, Outage, Target, Timeline,
    issuer_state::IssuerState, server::Server,
};

/// A running development issuer.
///
/// It serves its metadata, its key set and a token endpoint over HTTP, and signs any token that a test
/// needs. Dropping it closes its port and every connection. It may be kept in a `static` and used by
/// tests of several runtimes.
///
/// ```
/// use doorward_issuer::{Algorithm, DevIssuer};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let issuer = DevIssuer::builder().algorithms([Algorithm::Es256]).start().await?;
/// let token = issuer.mint().scope("orders.read").sign()?;
/// // Send the token to an API that trusts `issuer.url()`.
/// issuer.rotate().await?;
/// assert_eq!(issuer.key_ids().len(), 2);
/// # Ok(()) }
/// ```
//
// The constructors `start` and `builder` are beside the builder, which needs this type.
#[derive(Debug)]
pub struct DevIssuer {
    state: Arc<IssuerState>,
    server: Server,
}

/// URLs and counters.
impl DevIssuer {
    pub(crate) fn new(state: Arc<IssuerState>, server: Server) -> Self {
        Self { state, server }
    }

    /// Returns the base URL, `http://127.0.0.1:{port}` or with `https`, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.state.url
    }

    /// Returns the issuer identifier, which is the `iss` of tokens: [`DevIssuer::url`] unless
    /// [`DevIssuerBuilder::issuer`](crate::DevIssuerBuilder::issuer) set another.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.state.issuer
    }

    /// Returns the URL of the metadata by
    /// [OpenID Connect Discovery 1.0 §4](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig).
    ///
    /// The same document is at `/.well-known/oauth-authorization-server`
    /// ([RFC 8414 §3](https://www.rfc-editor.org/rfc/rfc8414#section-3)).
    #[must_use]
    pub fn metadata_url(&self) -> String {
        self.state.metadata_url()
    }

    /// Returns the URL of the key set.
    #[must_use]
    pub fn jwks_url(&self) -> String {
        self.state.jwks_url()
    }

    /// Returns the URL of the token endpoint.
    #[must_use]
    pub fn token_url(&self) -> String {
        self.state.token_url()
    }

    /// Returns the clients that are registered at the token endpoint.
    #[must_use]
    pub fn clients(&self) -> &[Client] {
        &self.state.clients
    }

    /// Returns the authority URLs of the directory: one for each tenant of Entra and of OpenID Connect,
    /// and one for each policy of B2C. Returns an empty list without a directory.
    #[must_use]
    pub fn authorities(&self) -> Vec<String> {
        let directory = self.state.tenants.as_ref().map(|tenants| &tenants.directory);
        directory.map(|directory| directory.authorities(&self.state.url)).unwrap_or_default()
    }

    /// Returns the CA certificate, in PEM, that clients must trust for https; `None` without
    /// [`DevIssuerBuilder::https`](crate::DevIssuerBuilder::https).
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.state.ca_pem.as_deref()
    }

    /// Returns the number of requests for the key set, with any answer. Requests during an [`Outage`]
    /// do not count.
    #[must_use]
    pub fn jwks_requests(&self) -> u64 {
        self.state.jwks_requests.value()
    }

    /// Returns the number of requests for the key set that were answered 304 (not modified).
    #[must_use]
    pub fn jwks_not_modified(&self) -> u64 {
        self.state.jwks_not_modified.value()
    }

    /// Returns the number of requests for the metadata, at both URLs and with any answer.
    #[must_use]
    pub fn metadata_requests(&self) -> u64 {
        self.state.metadata_requests.value()
    }

    /// Returns the number of accepted connections, including those that an [`Outage`] has reset.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.state.connections.value()
    }
}

/// Tokens.
impl DevIssuer {
    /// Returns a builder of one token, which is valid unless the builder changes it.
    pub fn mint(&self) -> Mint {
        Mint::new(Arc::clone(&self.state))
    }

    /// Signs any bytes as header and payload of a compact JWS
    /// ([RFC 7515 §3.1](https://www.rfc-editor.org/rfc/rfc7515#section-3.1)), for malformed tokens
    /// with a valid signature.
    ///
    /// Neither has to be JSON. `header_json` does not select the key; `algorithm` does.
    ///
    /// # Errors
    ///
    /// As [`Mint::sign`].
    pub fn sign_raw(
        &self,
        algorithm: Algorithm,
        header_json: &str,
        payload: &[u8],
    ) -> Result<String, MintError> {
        self.state.key_of(algorithm)?.sign_compact(header_json, payload)
    }

    /// Moves the clock of the tenants forward, in whole seconds: codes, refresh tokens and sessions
    /// become older, and new tokens are issued later.
    ///
    /// Without a directory it has no effect. The times of [`DevIssuer::mint`] do not change.
    pub fn advance_clock(&self, by: Duration) {
        if let Some(tenants) = &self.state.tenants {
            tenants.clock.advance(by);
        }
    }
}

/// Keys and the key set.
impl DevIssuer {
    /// Returns the published key set
    /// ([RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5)), current keys first. It does
    /// not have the [`Fault`] that may be set.
    #[must_use]
    pub fn jwks(&self) -> Value {
        self.state.jwks()
    }

    /// Returns the IDs of the keys in [`DevIssuer::jwks`], in the same order.
    #[must_use]
    pub fn key_ids(&self) -> Vec<String> {
        let jwks = self.state.jwks();
        let keys = jwks.get("keys").and_then(Value::as_array).into_iter().flatten();
        keys.filter_map(|key| Some(key.get("kid")?.as_str()?.to_owned())).collect()
    }

    /// Returns the ID of the current key for an algorithm; `None` if the issuer has no such key.
    #[must_use]
    pub fn key_id_of(&self, algorithm: Algorithm) -> Option<String> {
        let key = self.state.key_of(algorithm).ok()?;
        Some(key.public().key_id().to_owned())
    }

    /// Replaces every signing key by a new one with a new ID; the old public keys stay published.
    ///
    /// Tokens that were signed before stay valid. A resource server has to fetch the key set to verify
    /// a token that is signed afterwards.
    ///
    /// # Errors
    ///
    /// A [`KeyGenerationError`] if a key could not be generated; the old keys stay in use.
    pub async fn rotate(&self) -> Result<(), KeyGenerationError> {
        self.state.rotate().await
    }

    /// Replaces every signing key by a new one with a new ID, and removes all old public keys from the
    /// key set at once, as after a compromise.
    ///
    /// # Errors
    ///
    /// A [`KeyGenerationError`] if a key could not be generated; the old keys stay in use.
    pub async fn rotate_without_overlap(&self) -> Result<(), KeyGenerationError> {
        self.state.rotate_without_overlap().await
    }

    /// Removes a key from the key set, but still signs with it. Returns whether it was published.
    ///
    /// This is what some issuers do: a key is missing from the key set for hours while tokens are
    /// signed with it.
    pub fn withdraw(&self, key_id: &str) -> bool {
        self.state.change_keys(|ring| ring.withdraw(key_id))
    }

    /// Publishes a key again that [`DevIssuer::withdraw`] removed, at its old position. Returns whether
    /// it was withdrawn.
    pub fn restore(&self, key_id: &str) -> bool {
        self.state.change_keys(|ring| ring.restore(key_id))
    }

    /// Sets any JSON as the key set; the keys to sign with do not change. `None` publishes the issuer's
    /// keys again.
    pub fn publish(&self, document: Option<Value>) {
        self.state.change_keys(|ring| ring.publish(document));
    }

    /// Publishes the key set that the issuer's timeline has at a time, in seconds since
    /// 1970-01-01 UTC. Returns whether the timeline has an entry at or before that time.
    ///
    /// Otherwise, or without a [`Timeline`], nothing changes. A mint that selects no key signs with the
    /// first key of the entry. Withdrawn keys stay withdrawn.
    pub fn publish_at(&self, time: u64) -> bool {
        let Some(key_ids) = self.timeline().and_then(|timeline| timeline.key_ids_at(time)) else {
            return false;
        };
        self.state.change_keys(|ring| ring.publish_recorded(key_ids));
        true
    }

    /// Returns the timeline that the builder set.
    #[must_use]
    pub fn timeline(&self) -> Option<&Timeline> {
        self.state.timeline.as_ref()
    }
}

/// Faults, outages and caching.
impl DevIssuer {
    /// Sets the fault of a document, until [`DevIssuer::clear_fault`]. It replaces an earlier fault.
    ///
    /// ```
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// # let issuer = doorward_issuer::DevIssuer::start().await?;
    /// use doorward_issuer::{Fault, Target};
    ///
    /// issuer.fail(Target::KeySet, Fault::Status(503));
    /// // How does the API under test answer meanwhile?
    /// issuer.clear_fault(Target::KeySet);
    /// # Ok(()) }
    /// ```
    pub fn fail(&self, target: Target, fault: Fault) {
        self.state.faults.set(target, Some(fault));
    }

    /// Clears the fault of a document. Answers that have begun keep their fault.
    pub fn clear_fault(&self, target: Target) {
        self.state.faults.set(target, None);
    }

    /// Takes the whole server down until [`DevIssuer::recover`], and closes every open connection.
    ///
    /// The server is down when this returns. Minting and rotation still work.
    ///
    /// # Errors
    ///
    /// An [`io::Error`] if the outage could not begin; the server answers no request then either.
    pub fn go_down(&self, outage: Outage) -> io::Result<()> {
        self.server.set(Some(outage))
    }

    /// Ends the outage and clears the faults of both documents. The server listens on the same port
    /// when this returns.
    ///
    /// Withdrawn keys and a published document stay as they are.
    ///
    /// # Errors
    ///
    /// An [`io::Error`] if the port cannot be listened on again.
    pub fn recover(&self) -> io::Result<()> {
        self.clear_fault(Target::Both);
        self.server.set(None)
    }

    /// Sets the `Cache-Control` of the key set. Default: `public, max-age=300`.
    ///
    /// With `None`, or a text that is not a valid header value, the key set has no `Cache-Control`.
    pub fn cache_control(&self, value: Option<&str>) {
        let value = value.and_then(|value| HeaderValue::try_from(value).ok());
        self.state.change_caching(|caching| caching.cache_control = value);
    }

    /// Sets the kind of entity tag of the key set. Default: [`ETags::Strong`].
    pub fn etags(&self, etags: ETags) {
        self.state.change_caching(|caching| caching.etags = etags);
    }
}
