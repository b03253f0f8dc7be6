/// Adds the methods of [`AccessToken`](crate::AccessToken) to an adapter's extractor, which holds such
/// a token and implements `AsRef` for it. For adapters of this workspace.
#[doc(hidden)]
#[macro_export]
macro_rules! access_token_methods {
    () => {
        /// Returns `iss`: see [`issuer`](doorward::AccessToken::issuer).
        #[must_use]
        pub fn issuer(&self) -> &str {
            self.core().issuer()
        }

        /// Returns `sub`: see [`subject`](doorward::AccessToken::subject).
        #[must_use]
        pub fn subject(&self) -> &str {
            self.core().subject()
        }

        /// Returns the client to which the token was issued: see
        /// [`client_id`](doorward::AccessToken::client_id).
        #[must_use]
        pub fn client_id(&self) -> Option<&str> {
            self.core().client_id()
        }

        /// Returns whether a user or a program acts: see [`actor`](doorward::AccessToken::actor).
        #[must_use]
        pub fn actor(&self) -> doorward::tokens::Actor {
            self.core().actor()
        }

        /// Returns the tenant of a Microsoft token: see
        /// [`tenant_id`](doorward::AccessToken::tenant_id).
        #[must_use]
        pub fn tenant_id(&self) -> Option<&str> {
            self.core().tenant_id()
        }

        /// Returns `oid` of a Microsoft token: see [`object_id`](doorward::AccessToken::object_id).
        #[must_use]
        pub fn object_id(&self) -> Option<&str> {
            self.core().object_id()
        }

        /// Returns whether the token grants a scope: see [`grants`](doorward::AccessToken::grants).
        #[must_use]
        pub fn grants(&self, scope: &str) -> bool {
            self.core().grants(scope)
        }

        /// Returns the scopes: see [`scopes`](doorward::AccessToken::scopes).
        #[must_use]
        pub fn scopes(&self) -> &doorward::tokens::Scopes {
            self.core().scopes()
        }

        /// Returns the roles: see [`roles`](doorward::AccessToken::roles).
        pub fn roles(&self) -> impl Iterator<Item = &str> {
            self.core().roles()
        }

        /// Returns `aud`: see [`audience`](doorward::AccessToken::audience).
        pub fn audience(&self) -> impl Iterator<Item = &str> {
            self.core().audience()
        }

        /// Returns one claim as a type of your own: see [`claim`](doorward::AccessToken::claim).
        pub fn claim<'t, T: serde::Deserialize<'t>>(
            &'t self,
            path: impl Into<doorward::tokens::ClaimPath>,
        ) -> Option<T> {
            self.core().claim(path)
        }

        /// Returns all claims as a type of your own: see [`claims`](doorward::AccessToken::claims).
        ///
        /// # Errors
        ///
        /// If the claims do not have the form of the type.
        pub fn claims<T: serde::de::DeserializeOwned>(
            &self,
        ) -> Result<T, doorward::errors::ClaimsError> {
            self.core().claims()
        }

        /// Returns all claims as the JSON object that the issuer signed: see
        /// [`json`](doorward::AccessToken::json).
        #[must_use]
        pub fn json(&self) -> &str {
            self.core().json()
        }

        /// Returns `exp`: see [`expires_at`](doorward::AccessToken::expires_at).
        #[must_use]
        pub fn expires_at(&self) -> doorward::clock::UnixTime {
            self.core().expires_at()
        }

        /// Returns `iat`: see [`issued_at`](doorward::AccessToken::issued_at).
        #[must_use]
        pub fn issued_at(&self) -> Option<doorward::clock::UnixTime> {
            self.core().issued_at()
        }

        /// Returns `nbf`: see [`not_before`](doorward::AccessToken::not_before).
        #[must_use]
        pub fn not_before(&self) -> Option<doorward::clock::UnixTime> {
            self.core().not_before()
        }

        /// Returns `jti`: see [`token_id`](doorward::AccessToken::token_id).
        #[must_use]
        pub fn token_id(&self) -> Option<&str> {
            self.core().token_id()
        }

        /// Returns the token as it was sent, which is a secret: see
        /// [`raw`](doorward::AccessToken::raw).
        #[must_use]
        pub fn raw(&self) -> Option<&str> {
            self.core().raw()
        }

        fn core(&self) -> &doorward::AccessToken {
            self.as_ref()
        }
    };
}
