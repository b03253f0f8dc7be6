use super::Issuer;
use crate::terms::{algorithm::Algorithm, audience::Audience};

impl Issuer {
    /// IssuerRegistry Google for the identity tokens of its service accounts, as Cloud Run, Pub/Sub and
    /// Cloud Scheduler send them, for this audience.
    ///
    /// Let the audience be the URL of this API, never an OAuth client ID: whoever signs in to a client
    /// gets an ID token for it, and Google marks one as such (`at_hash`, refused here) only where an
    /// access token came along.
    ///
    /// Google's access tokens are opaque and cannot be verified here. The token carries no scopes:
    /// decide by its `email`, after `email_verified`.
    pub fn google(audience: impl Into<Audience>) -> Self {
        Self::discovered("https://accounts.google.com".to_owned(), audience.into())
            .also_named("accounts.google.com")
            .algorithms([Algorithm::Rs256])
    }
}
