use std::fmt;

use aws_lc_rs::constant_time;

use crate::{Algorithm, GrantType};

/// The audience of clients and minted tokens that name none.
pub(crate) const DEFAULT_AUDIENCE: &str = "api://orders";

/// A client of the token endpoint: its credentials, and what it may request.
///
/// ```
/// use doorward_issuer::Client;
///
/// let client = Client::new("billing", "billing-secret")
///     .scopes(["invoices.read", "invoices.write"])
///     .audiences(["api://invoices"])
///     .roles(["Invoices.Approver"]);
/// # assert_eq!(client.client_id(), "billing");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Client {
    id: String,
    secret: String,
    scopes: Vec<String>,
    audiences: Vec<String>,
    roles: Vec<String>,
    grant_types: Vec<GrantType>,
    algorithm: Option<Algorithm>,
}

impl Client {
    /// Creates a client that may request tokens for `api://orders` by the client credentials grant,
    /// without scopes or roles. An empty ID or secret is a [`ClientError`](crate::ClientError) at the
    /// start.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            secret: secret.into(),
            scopes: Vec::new(),
            audiences: vec![DEFAULT_AUDIENCE.to_owned()],
            roles: Vec::new(),
            grant_types: GrantType::ALL.to_vec(),
            algorithm: None,
        }
    }

    /// Returns the default clients of an issuer: `reader` (scope `orders.read`),
    /// `writer` (also `orders.write`), `admin` (both, and the role `Orders.Admin`) and `reports`
    /// (scope `reports.read`), all for the audience `api://orders`.
    ///
    /// The secret of each is its ID followed by `-secret`.
    #[must_use]
    pub fn demo_clients() -> Vec<Self> {
        vec![
            Self::new("reader", "reader-secret").scopes(["orders.read"]),
            Self::new("writer", "writer-secret").scopes(["orders.read", "orders.write"]),
            Self::new("admin", "admin-secret")
                .scopes(["orders.read", "orders.write"])
                .roles(["Orders.Admin"]),
            Self::new("reports", "reports-secret").scopes(["reports.read"]),
        ]
    }

    /// Sets the scopes that the client may request. Default: none. A request without `scope` is granted
    /// all of them. A text that is not one scope is [`ClientError::InvalidScope`] at the start.
    ///
    /// [`ClientError::InvalidScope`]: crate::ClientError::InvalidScope
    #[must_use]
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the audiences that the client may request. Default: `api://orders`. The first one is the
    /// audience of tokens for a request without `audience` or `resource`. An empty list is
    /// [`ClientError::NoAudience`](crate::ClientError::NoAudience) at the start.
    #[must_use]
    pub fn audiences<S: Into<String>>(mut self, audiences: impl IntoIterator<Item = S>) -> Self {
        self.audiences = audiences.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the `roles` of the client's tokens. Default: none.
    #[must_use]
    pub fn roles<S: Into<String>>(mut self, roles: impl IntoIterator<Item = S>) -> Self {
        self.roles = roles.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the grant types that the client may use. Default: [`GrantType::ALL`]. Others are rejected
    /// with `unauthorized_client`.
    #[must_use]
    pub fn grant_types(mut self, grant_types: impl IntoIterator<Item = GrantType>) -> Self {
        self.grant_types = grant_types.into_iter().collect();
        self
    }

    /// Sets the algorithm to sign the client's tokens with. Default: the first one of the issuer. An
    /// algorithm without a key is [`ClientError::NoKey`](crate::ClientError::NoKey) at the start.
    #[must_use]
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = Some(algorithm);
        self
    }

    /// Returns the client's ID.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.id
    }

    /// Returns the client's secret in clear text.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.secret
    }

    /// Returns the scopes that the client may request.
    #[must_use]
    pub fn allowed_scopes(&self) -> &[String] {
        &self.scopes
    }

    /// Returns the audiences that the client may request, the default one first.
    #[must_use]
    pub fn allowed_audiences(&self) -> &[String] {
        &self.audiences
    }

    /// Returns the roles of the client's tokens.
    #[must_use]
    pub fn assigned_roles(&self) -> &[String] {
        &self.roles
    }

    pub(crate) fn may_use(&self, grant_type: GrantType) -> bool {
        self.grant_types.contains(&grant_type)
    }

    pub(crate) fn signs_with(&self) -> Option<Algorithm> {
        self.algorithm
    }

    /// Compares in constant time.
    pub(crate) fn has_secret(&self, secret: &str) -> bool {
        constant_time::verify_slices_are_equal(self.secret.as_bytes(), secret.as_bytes()).is_ok()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.id)
            .field("secret", &"[redacted]")
            .field("scopes", &self.scopes)
            .field("audiences", &self.audiences)
            .field("roles", &self.roles)
            .field("grant_types", &self.grant_types)
            .field("algorithm", &self.algorithm)
            .finish()
    }
}
