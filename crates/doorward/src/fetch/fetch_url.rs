use std::{fmt, net::IpAddr};

use url::Url;

use super::{
    discovery::MetadataUrls,
    resolver::{is_link_local, is_this_machine},
};
use crate::{key_set::RemoteError, limits, terms::untrusted_text::UntrustedText};

/// A URL that may be fetched from: `https`, or `http` to the loopback interface where that is
/// allowed; without user, password and fragment.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct FetchUrl(Url);

/// Which URLs may be fetched from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UrlRules {
    pub(crate) loopback_http: bool,
}

impl FetchUrl {
    pub(crate) fn parse(text: &str, rules: UrlRules) -> Result<Self, RemoteError> {
        let refuse = |reason| RemoteError::Url { url: UntrustedText::url(text), reason };
        if text.len() > limits::URL_LEN {
            return Err(refuse("it is longer than 2048 bytes"));
        }
        let url = Url::parse(text).map_err(|_| refuse("it is no absolute URL"))?;
        let scheme_fits = match url.scheme() {
            "https" => true,
            "http" if is_loopback(&url) => {
                if !rules.loopback_http {
                    return Err(refuse(
                        "it is not https; for a development issuer on this machine, build with `.allow_loopback_http()`",
                    ));
                }
                true
            }
            _ => false,
        };
        if !scheme_fits {
            return Err(refuse("it is not https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("it holds a user name or password"));
        }
        if url.fragment().is_some() {
            return Err(refuse("it holds a fragment"));
        }
        Ok(Self(url))
    }

    /// Reads the URL of a key set that metadata names: within the same rules, and further that an
    /// issuer elsewhere does not point to this machine, and none to a link-local address, at which
    /// clouds keep credentials.
    pub(crate) fn parse_discovered(
        text: &str,
        rules: UrlRules,
        metadata: &Self,
    ) -> Result<Self, RemoteError> {
        let location = Self::parse(text, rules)?;
        let refuse = |reason| Err(RemoteError::Url { url: UntrustedText::url(text), reason });
        if location.address().is_some_and(is_link_local) {
            refuse("metadata must not point to a link-local address")
        } else if location.is_here() && !metadata.is_here() {
            refuse("metadata from elsewhere must not point to this machine")
        } else {
            Ok(location)
        }
    }

    /// Returns the host, where it is an address and not a name.
    fn address(&self) -> Option<IpAddr> {
        match self.0.host()? {
            url::Host::Ipv4(address) => Some(address.into()),
            url::Host::Ipv6(address) => Some(address.into()),
            url::Host::Domain(_) => None,
        }
    }

    /// Returns whether the host is this machine, however it is written (RFC 6761 §6.3 for names).
    fn is_here(&self) -> bool {
        match (self.address(), self.0.domain()) {
            (Some(address), _) => is_this_machine(address),
            (None, Some(name)) => {
                let name = name.trim_end_matches('.');
                name == "localhost" || name.ends_with(".localhost")
            }
            (None, None) => false,
        }
    }

    /// Reads the URL of an issuer, which has no query (RFC 8414 §2).
    pub(crate) fn parse_issuer(text: &str, rules: UrlRules) -> Result<Self, RemoteError> {
        let location = Self::parse(text, rules)?;
        match location.0.query() {
            None => Ok(location),
            Some(_) => Err(RemoteError::Url {
                url: UntrustedText::url(text),
                reason: "an issuer's URL has no query; use `.metadata_url(…)` for metadata with one",
            }),
        }
    }

    /// Returns where an issuer of this URL may publish its metadata, in the order of trial:
    /// OpenID Connect Discovery 1.0 §4, RFC 8414 §3.1, and the form of §5 for both.
    pub(crate) fn well_known(&self) -> MetadataUrls {
        let path = self.0.path().trim_end_matches('/').to_owned();
        let at = |path: String| {
            let mut url = self.0.clone();
            url.set_path(&path);
            Self(url)
        };
        let first = at(format!("{path}/.well-known/openid-configuration"));
        let mut others = vec![at(format!("/.well-known/oauth-authorization-server{path}"))];
        if !path.is_empty() {
            others.push(at(format!("/.well-known/openid-configuration{path}")));
        }
        MetadataUrls { first, others }
    }

    pub(crate) const fn url(&self) -> &Url {
        &self.0
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for FetchUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Returns whether the host is a loopback address or `localhost`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(domain)) => domain == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: UrlRules = UrlRules { loopback_http: false };
    const LOOPBACK: UrlRules = UrlRules { loopback_http: true };

    fn refused(text: &str, rules: UrlRules) -> &'static str {
        match FetchUrl::parse(text, rules) {
            Err(RemoteError::Url { reason, .. }) => reason,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn https_is_allowed_and_http_to_loopback_on_request() {
        for url in ["https://a.example/x?p=1", "https://127.0.0.1:9443/", "https://[::1]/"] {
            assert!(FetchUrl::parse(url, STRICT).is_ok(), "{url}");
        }
        for url in
            ["http://127.0.0.1:9000", "http://localhost:1/x", "http://[::1]:9/", "http://127.1/"]
        {
            assert!(FetchUrl::parse(url, LOOPBACK).is_ok(), "{url}");
            assert!(refused(url, STRICT).contains("allow_loopback_http"), "{url}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let long = format!("https://a.example/{}", "x".repeat(2031));
        for (url, reason) in [
            ("http://a.example/", "it is not https"),
            ("http://localhost.a.example/", "it is not https"),
            ("http://127.0.0.1.a.example/", "it is not https"),
            ("http://169.254.169.254/", "it is not https"),
            ("file:///etc/passwd", "it is not https"),
            ("data:text/plain,x", "it is not https"),
            ("login.example.com", "it is no absolute URL"),
            (long.as_str(), "it is longer than 2048 bytes"),
            ("https://user:secret@a.example/", "it holds a user name or password"),
            ("https://a.example/#x", "it holds a fragment"),
        ] {
            assert_eq!(refused(url, LOOPBACK), reason, "{url}");
        }
    }

    #[test]
    fn metadata_points_neither_to_this_machine_nor_to_a_link_local_address() {
        let elsewhere = FetchUrl::parse("https://a.example/", STRICT).unwrap();
        let here = FetchUrl::parse("https://127.0.0.1:9443/", STRICT).unwrap();
        let refused = |url, from| match FetchUrl::parse_discovered(url, LOOPBACK, from) {
            Err(RemoteError::Url { reason, .. }) => reason,
            other => panic!("{url}: {other:?}"),
        };
        for url in [
            "https://169.254.169.254/keys",
            "https://2852039166/keys",
            "https://0xa9fea9fe/keys",
            "https://[fe80::1]/keys",
            "https://[::ffff:169.254.169.254]/keys",
            "https://[fd00:ec2::254]/keys",
            "https://[fd00:ec2::23]/keys",
            "https://[fd20:ce::254]/keys",
            "https://[64:ff9b::a9fe:a9fe]/keys",
            "https://[2002:a9fe:a9fe::]/keys",
            "https://[::a9fe:a9fe]/keys",
            "https://100.100.100.200/keys",
            "https://168.63.129.16/keys",
            "https://192.0.0.192/keys",
        ] {
            for from in [&elsewhere, &here] {
                assert_eq!(refused(url, from), "metadata must not point to a link-local address");
            }
        }
        for url in [
            "https://localhost/",
            "https://localhost./",
            "https://keys.localhost/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://0.0.0.0/",
            "https://[::]/",
            "http://127.1/",
        ] {
            let reason = "metadata from elsewhere must not point to this machine";
            assert_eq!(refused(url, &elsewhere), reason, "{url}");
            assert!(FetchUrl::parse_discovered(url, LOOPBACK, &here).is_ok(), "{url}");
        }
        for url in ["https://b.example/keys", "https://10.0.0.1/keys", "https://[fd12::1]/keys"] {
            assert!(FetchUrl::parse_discovered(url, STRICT, &elsewhere).is_ok(), "{url}");
        }
    }

    #[test]
    fn a_refused_url_is_shown_without_its_password() {
        for url in [
            "https://user:secret@a.example/",
            "https://user:secret@a.example:99999/",
            "https://user:se@secret@a.example",
            "https://user:sec/ret?se#secret@a.example",
            "https:/user:secret@a.example/",
            "https:///user:secret@a.example/",
            "http://user:secret@a.example/",
            "user:secret@a.example",
            "//secret@a.example",
        ] {
            let error = FetchUrl::parse(url, STRICT).unwrap_err();
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn metadata_is_looked_for_at_the_three_places_of_the_specifications() {
        let places = |url| -> Vec<String> {
            let location = FetchUrl::parse(url, STRICT).unwrap();
            let MetadataUrls { first, others } = location.well_known();
            [first].iter().chain(&others).map(|place| place.as_str().to_owned()).collect()
        };
        assert_eq!(
            places("https://a.example/tenant/1/"),
            [
                "https://a.example/tenant/1/.well-known/openid-configuration",
                "https://a.example/.well-known/oauth-authorization-server/tenant/1",
                "https://a.example/.well-known/openid-configuration/tenant/1",
            ]
        );
        assert_eq!(
            places("https://a.example"),
            [
                "https://a.example/.well-known/openid-configuration",
                "https://a.example/.well-known/oauth-authorization-server",
            ]
        );
    }
}
