mod faults;
mod keys;

use std::{sync::Arc, time::Duration};

use crate::{
    Algorithm, Client, DevIssuerBuilder, Mint, MintError, StartError,
    issuer_state::{IssuerState, compact},
    server::Server,
};

/// A running development issuer; dropping it closes its port and every connection.
///
/// It serves its metadata, its keys and a token endpoint over HTTP, and mints whatever token a
/// test needs. It can be kept in a `static` and used by tests of several runtimes.
#[derive(Debug)]
pub struct DevIssuer {
    state: Arc<IssuerState>,
    server: Server,
}

impl DevIssuer {
    pub(crate) fn new(state: Arc<IssuerState>, server: Server) -> Self {
        Self { state, server }
    }

    /// Starts an issuer on a free port of 127.0.0.1, with the demo clients and a key for every
    /// algorithm.
    ///
    /// # Errors
    ///
    /// As [`DevIssuerBuilder::start`].
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// Returns a builder for an issuer with other settings.
    pub fn builder() -> DevIssuerBuilder {
        DevIssuerBuilder::new()
    }

    /// Returns the address, `http://127.0.0.1:{port}` or with `https`, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.state.url
    }

    /// Returns the issuer identifier, which tokens carry as `iss`: [`DevIssuer::url`] unless the
    /// builder set another.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.state.issuer
    }

    /// Returns the address of the metadata by
    /// [OpenID Connect Discovery 1.0 §4](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig);
    /// the same document is at `/.well-known/oauth-authorization-server`
    /// ([RFC 8414 §3](https://www.rfc-editor.org/rfc/rfc8414#section-3)).
    #[must_use]
    pub fn metadata_url(&self) -> String {
        self.state.metadata_url()
    }

    /// Returns the address of the key set.
    #[must_use]
    pub fn jwks_url(&self) -> String {
        self.state.jwks_url()
    }

    /// Returns the address of the token endpoint.
    #[must_use]
    pub fn token_url(&self) -> String {
        self.state.token_url()
    }

    /// Returns the clients that the token endpoint knows.
    #[must_use]
    pub fn clients(&self) -> &[Client] {
        &self.state.clients
    }

    /// Returns how many requests for the key set have arrived, however they were answered; those
    /// during an [`Outage`](crate::Outage) do not arrive.
    #[must_use]
    pub fn jwks_requests(&self) -> u64 {
        self.state.jwks_requests.value()
    }

    /// Returns how many requests for the key set were answered 304 (not modified).
    #[must_use]
    pub fn jwks_not_modified(&self) -> u64 {
        self.state.jwks_not_modified.value()
    }

    /// Returns how many requests for the metadata have arrived, at either address and however they
    /// were answered.
    #[must_use]
    pub fn metadata_requests(&self) -> u64 {
        self.state.metadata_requests.value()
    }

    /// Returns how many connections were accepted, those that an [`Outage`](crate::Outage) has
    /// spoiled too.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.state.connections.value()
    }

    /// Returns where the tenants of the directory are: the addresses that clients call an authority,
    /// one for each tenant of Entra and of OpenID Connect, and one for each policy of B2C.
    #[must_use]
    pub fn authorities(&self) -> Vec<String> {
        let directory = self.state.world.as_ref().map(|world| &world.directory);
        directory.map(|directory| directory.authorities(&self.state.url)).unwrap_or_default()
    }

    /// Returns the certificate, in PEM, that clients of https are to trust; `None` without
    /// [`DevIssuerBuilder::https`].
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.state.ca_pem.as_deref()
    }

    /// Lets time pass for what the tenants of the directory have handed out: codes, refresh tokens and
    /// sessions grow older, and new tokens are issued later.
    pub fn pass(&self, time: Duration) {
        if let Some(world) = &self.state.world {
            world.clock.pass(time);
        }
    }

    /// Begins a token: a good one until the test says what is to be different.
    pub fn mint(&self) -> Mint {
        Mint::new(Arc::clone(&self.state))
    }

    /// Signs any bytes as header and payload of a compact JWS
    /// ([RFC 7515 §3.1](https://www.rfc-editor.org/rfc/rfc7515#section-3.1)), for hostile tokens
    /// with a good signature.
    ///
    /// Neither has to be JSON; `header_json` says nothing about the key that signs, which is the
    /// one of `algorithm`.
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
        compact(&*self.state.key_of(algorithm)?, header_json, payload)
    }
}
