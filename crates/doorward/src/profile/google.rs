use super::Issuer;
use crate::terms::{algorithm::Algorithm, audience::Audience};

impl Issuer {
    /// Trusts Google for the identity tokens of its service accounts, as Cloud Run, Pub/Sub and
    /// Cloud Scheduler send them, for this audience.
    ///
    /// Google's access tokens are opaque and cannot be verified here. The ID token of a user who has
    /// signed in (`at_hash`) is refused. The token carries no scopes: decide by its `email`, after
    /// `email_verified`.
    pub fn google(audience: impl Into<Audience>) -> Self {
        Self::discovered("https://accounts.google.com".to_owned(), audience.into())
            .also_named("accounts.google.com")
            .algorithms([Algorithm::Rs256])
    }
}
