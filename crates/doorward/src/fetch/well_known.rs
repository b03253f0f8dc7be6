//! Where an issuer publishes its metadata.

use url::Url;

use super::{FetchUrl, UrlRules};
use crate::key_set::{RemoteError, UrlError};
use crate::terms::untrusted_text::UntrustedText;

/// The URLs at which an issuer's metadata may be, in the order in which they are tried.
#[derive(Debug)]
pub(crate) struct MetadataUrls {
    pub(super) first: FetchUrl,
    pub(super) others: Vec<FetchUrl>,
}

/// The last segments of well-known paths: OpenID Connect Discovery 1.0 §4 and RFC 8414 §3.
const OPENID: &str = "/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server";

impl MetadataUrls {
    /// Makes the list of the one URL.
    pub(crate) const fn one(url: FetchUrl) -> Self {
        Self { first: url, others: Vec::new() }
    }

    /// Returns the URLs for the issuer of this URL: OpenID Connect Discovery 1.0 §4, RFC 8414 §3.1,
    /// and the form of §5 for both.
    pub(crate) fn of_issuer(text: &str, rules: &UrlRules) -> Result<Self, RemoteError> {
        let issuer = FetchUrl::parse(text, rules)?;
        let refuse = |error| Err(RemoteError::Url { url: UntrustedText::url(text), error });
        if issuer.url().query().is_some() {
            return refuse(UrlError::Query);
        }
        if let Some(issuer) = issuer_of_metadata(issuer.url()) {
            return refuse(UrlError::WellKnown { issuer });
        }
        let path = issuer.url().path().trim_end_matches('/');
        let first = issuer.with_path(&format!("{path}{OPENID}"));
        let mut others = vec![issuer.with_path(&format!("{OAUTH}{path}"))];
        if !path.is_empty() {
            others.push(issuer.with_path(&format!("{OPENID}{path}")));
        }
        Ok(Self { first, others })
    }

    /// Returns the URLs in the order in which they are tried.
    pub(super) fn iter(&self) -> impl Iterator<Item = &FetchUrl> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

/// Returns the issuer whose metadata is at the URL, if its path is a well-known one.
fn issuer_of_metadata(url: &Url) -> Option<UntrustedText> {
    let path = url.path();
    let (before, after) = path.split_once(OPENID).or_else(|| path.split_once(OAUTH))?;
    let mut issuer = url.clone();
    issuer.set_path(&format!("{before}{after}"));
    Some(UntrustedText::new(issuer.as_str().trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_issuer(url: &str) -> Result<Vec<String>, RemoteError> {
        let urls = MetadataUrls::of_issuer(url, &UrlRules::default())?;
        Ok(urls.iter().map(|url| url.as_str().to_owned()).collect())
    }

    #[test]
    fn metadata_is_looked_for_at_the_three_places_of_the_specifications() {
        assert_eq!(
            of_issuer("https://a.example/tenant/1/").unwrap(),
            [
                "https://a.example/tenant/1/.well-known/openid-configuration",
                "https://a.example/.well-known/oauth-authorization-server/tenant/1",
                "https://a.example/.well-known/openid-configuration/tenant/1",
            ]
        );
        assert_eq!(
            of_issuer("https://a.example").unwrap(),
            [
                "https://a.example/.well-known/openid-configuration",
                "https://a.example/.well-known/oauth-authorization-server",
            ]
        );
    }

    #[test]
    fn the_url_of_metadata_is_no_issuer_and_the_error_names_the_issuer() {
        for (url, issuer) in [
            ("https://a.example/.well-known/openid-configuration", "https://a.example"),
            ("https://a.example/t/1/.well-known/openid-configuration", "https://a.example/t/1"),
            ("https://a.example/t/1/.well-known/openid-configuration/", "https://a.example/t/1"),
            ("https://a.example/.well-known/oauth-authorization-server/t", "https://a.example/t"),
        ] {
            let Err(RemoteError::Url { error, .. }) = of_issuer(url) else { panic!("{url}") };
            assert_eq!(error, UrlError::WellKnown { issuer: UntrustedText::new(issuer) });
        }
        let Err(RemoteError::Url { error, .. }) = of_issuer("https://a.example/?p=1") else {
            panic!();
        };
        assert_eq!(error, UrlError::Query);
    }
}
