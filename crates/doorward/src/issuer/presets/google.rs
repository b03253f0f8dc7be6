use super::super::{Issuer, IssuerOptions, options::issuer_options};
use crate::terms::{algorithm::Algorithm, audience::Audience};

/// Google, for the identity tokens of its service accounts, as Cloud Run, Pub/Sub and Cloud Scheduler
/// send them.
///
/// Its issuer is `https://accounts.google.com`, with or without the scheme. Signatures are RS256. The
/// token carries no scopes: decide by its subject, or by its `email` after `email_verified`. Google's
/// access tokens are opaque and cannot be verified here.
///
/// ```
/// use doorward::{ResourceServer, presets::Google};
///
/// let google = Google::audience("https://orders-ab12cd34ef-ew.a.run.app").roles_from(["sub"]);
/// let builder = ResourceServer::builder().trust(google);
/// ```
#[derive(Clone)]
#[must_use = "an issuer is trusted when it is passed to `ResourceServer::builder().trust(…)`"]
pub struct Google {
    audience: Audience,
    options: IssuerOptions,
}

impl Google {
    /// Creates the description of Google's tokens for this audience.
    ///
    /// Use the URL of this API, never an OAuth client ID: everybody who signs in to a client gets an
    /// ID token for it, and Google marks one as such (`at_hash`, refused here) only where an access
    /// token came along.
    pub fn audience(audience: impl Into<Audience>) -> Self {
        let options = IssuerOptions {
            also_named: vec!["accounts.google.com".to_owned()],
            algorithms: Some(vec![Algorithm::Rs256]),
            ..IssuerOptions::default()
        };
        Self { audience: audience.into(), options }
    }
}

issuer_options!(Google: [algorithms, claims, fetched_keys, debug]);

impl From<Google> for Issuer {
    fn from(google: Google) -> Self {
        let url = "https://accounts.google.com".to_owned();
        Self::discovered(url, google.audience, google.options)
    }
}
