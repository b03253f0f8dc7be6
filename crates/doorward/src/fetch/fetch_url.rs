//! The URLs that documents are fetched from.

use std::{fmt, net::IpAddr};

use url::{Host, Url};

use super::{
    AllowedAddresses, UrlRules,
    addresses::{is_link_local, is_this_machine},
};
use crate::{
    key_set::{RemoteError, UrlError},
    limits,
    terms::untrusted_text::UntrustedText,
};

/// A URL that may be fetched from: `https`, or `http` where the rules allow it; without user name,
/// password and fragment.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct FetchUrl(Url);

impl FetchUrl {
    pub(crate) fn parse(text: &str, rules: &UrlRules) -> Result<Self, RemoteError> {
        Self::check(text, rules)
            .map_err(|error| RemoteError::Url { url: UntrustedText::url(text), error })
    }

    fn check(text: &str, rules: &UrlRules) -> Result<Self, UrlError> {
        if text.len() > limits::URL_LEN {
            return Err(UrlError::TooLong);
        }
        let url = Url::parse(text).map_err(|_| UrlError::NotAbsolute)?;
        rules.check_scheme(&url)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlError::Credentials);
        }
        if url.fragment().is_some() {
            return Err(UrlError::Fragment);
        }
        let url = Self(url);
        let is_public = || match url.address() {
            Some(address) => AllowedAddresses::PublicOnly.allows(address),
            None => !url.is_this_machine(),
        };
        if rules.addresses() == AllowedAddresses::PublicOnly && !is_public() {
            return Err(UrlError::NotPublic);
        }
        Ok(url)
    }

    /// Parses the URL of a key set that metadata names. Beyond the rules, it must not lead to a
    /// link-local address, at which clouds serve credentials, nor to this machine, unless the metadata
    /// came from there.
    pub(super) fn parse_discovered(
        text: &str,
        rules: &UrlRules,
        metadata: &Self,
    ) -> Result<Self, RemoteError> {
        let url = Self::parse(text, rules)?;
        let refuse = |error| Err(RemoteError::Url { url: UntrustedText::url(text), error });
        if url.address().is_some_and(is_link_local) {
            refuse(UrlError::LinkLocal)
        } else if url.is_this_machine() && !metadata.is_this_machine() {
            refuse(UrlError::ThisMachine)
        } else {
            Ok(url)
        }
    }

    /// Returns the host, where it is an address and not a name.
    fn address(&self) -> Option<IpAddr> {
        match self.0.host()? {
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
            Host::Domain(_) => None,
        }
    }

    /// Returns whether the host is this machine, however it is written (RFC 6761 §6.3 for names).
    fn is_this_machine(&self) -> bool {
        match (self.address(), self.0.domain()) {
            (Some(address), _) => is_this_machine(address),
            (None, Some(name)) => {
                let name = name.trim_end_matches('.');
                name == "localhost" || name.ends_with(".localhost")
            }
            (None, None) => false,
        }
    }

    /// Returns the URL with another path.
    pub(super) fn with_path(&self, path: &str) -> Self {
        let mut url = self.0.clone();
        url.set_path(path);
        Self(url)
    }

    /// Returns whether both URLs have the same host.
    pub(super) fn has_host_of(&self, other: &Self) -> bool {
        self.0.host() == other.0.host()
    }

    pub(super) const fn url(&self) -> &Url {
        &self.0
    }

    pub(super) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for FetchUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{super::url_rules::HttpHost, *};

    fn strict() -> UrlRules {
        UrlRules::default()
    }

    fn loopback() -> UrlRules {
        UrlRules::new(true, Arc::default())
    }

    fn http(hosts: &[&str]) -> UrlRules {
        let hosts = hosts.iter().map(|host| HttpHost::parse(host).unwrap());
        UrlRules::new(false, hosts.collect())
    }

    fn refused(text: &str, rules: &UrlRules) -> UrlError {
        match FetchUrl::parse(text, rules) {
            Err(RemoteError::Url { error, .. }) => error,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn http_refused(host: &str) -> UrlError {
        UrlError::Http { host: UntrustedText::new(host) }
    }

    #[test]
    fn https_is_allowed_and_http_to_loopback_on_request() {
        for url in ["https://a.example/x?p=1", "https://127.0.0.1:9443/", "https://[::1]/"] {
            assert!(FetchUrl::parse(url, &strict()).is_ok(), "{url}");
        }
        for url in
            ["http://127.0.0.1:9000", "http://localhost:1/x", "http://[::1]:9/", "http://127.1/"]
        {
            assert!(FetchUrl::parse(url, &loopback()).is_ok(), "{url}");
            assert_eq!(refused(url, &strict()), UrlError::LoopbackHttp, "{url}");
            assert_eq!(refused(url, &http(&["keycloak"])), UrlError::LoopbackHttp, "{url}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let long = format!("https://a.example/{}", "x".repeat(2031));
        for (url, error) in [
            ("http://a.example/", http_refused("a.example")),
            ("http://localhost.a.example/", http_refused("localhost.a.example")),
            ("http://127.0.0.1.a.example/", http_refused("127.0.0.1.a.example")),
            ("http://169.254.169.254/", http_refused("169.254.169.254")),
            ("file:///etc/passwd", UrlError::NotHttps),
            ("data:text/plain,x", UrlError::NotHttps),
            ("login.example.com", UrlError::NotAbsolute),
            (long.as_str(), UrlError::TooLong),
            ("https://user:secret@a.example/", UrlError::Credentials),
            ("https://a.example/#x", UrlError::Fragment),
        ] {
            assert_eq!(refused(url, &loopback()), error, "{url}");
        }
    }

    #[test]
    fn http_is_allowed_to_exactly_the_hosts_that_are_named() {
        let rules = http(&["Keycloak", "10.0.0.7", "fd12::1", "[fd12::2]", "idp.svc.local"]);
        for url in [
            "http://keycloak:8080/realms/x",
            "http://KEYCLOAK/",
            "http://10.0.0.7:9/",
            "http://[fd12::1]/",
            "http://[fd12::2]:8080/",
            "http://idp.svc.local/",
            "https://a.example/",
        ] {
            assert!(FetchUrl::parse(url, &rules).is_ok(), "{url}");
        }
        for host in ["keycloak.a.example", "a.keycloak", "keycloak.", "10.0.0.8", "svc.local"] {
            assert_eq!(refused(&format!("http://{host}/"), &rules), http_refused(host));
        }
        assert_eq!(refused("http://u:p@keycloak/", &rules), UrlError::Credentials);
        assert_eq!(refused("ftp://keycloak/", &rules), UrlError::NotHttps);
    }

    #[test]
    fn metadata_names_http_at_an_allowed_host_alone() {
        let rules = http(&["keycloak"]);
        let metadata = FetchUrl::parse("http://keycloak:8080/", &rules).unwrap();
        let parse = |url| FetchUrl::parse_discovered(url, &rules, &metadata);
        assert!(parse("http://keycloak:8081/jwks").is_ok());
        assert!(parse("https://keys.example/jwks").is_ok());
        for url in ["http://keys.example/jwks", "http://localhost/jwks"] {
            assert!(parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn an_untrusted_url_is_https_to_a_public_host() {
        let rules = UrlRules::untrusted();
        for url in ["https://a.example/", "https://8.8.8.8/", "https://[2606:4700::1111]/"] {
            assert!(FetchUrl::parse(url, &rules).is_ok(), "{url}");
        }
        for url in ["http://a.example/", "http://localhost/", "http://10.0.0.1/"] {
            assert_eq!(refused(url, &rules), UrlError::NotHttps, "{url}");
        }
        for url in [
            "https://localhost/",
            "https://issuer.localhost./",
            "https://127.0.0.1/",
            "https://10.1.2.3/",
            "https://172.16.0.1/",
            "https://192.168.0.1/",
            "https://100.64.0.1/",
            "https://169.254.169.254/",
            "https://[fd12::1]/",
            "https://[fe80::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://0xa000001/",
        ] {
            assert_eq!(refused(url, &rules), UrlError::NotPublic, "{url}");
        }
    }

    #[test]
    fn metadata_points_neither_to_this_machine_nor_to_a_link_local_address() {
        let elsewhere = FetchUrl::parse("https://a.example/", &strict()).unwrap();
        let here = FetchUrl::parse("https://127.0.0.1:9443/", &strict()).unwrap();
        let refused = |url, from| match FetchUrl::parse_discovered(url, &loopback(), from) {
            Err(RemoteError::Url { error, .. }) => error,
            other => panic!("{url}: {other:?}"),
        };
        for url in [
            "https://169.254.169.254/keys",
            "https://2852039166/keys",
            "https://0xa9fea9fe/keys",
            "https://[fe80::1]/keys",
            "https://[fec0::1]/keys",
            "https://[::ffff:169.254.169.254]/keys",
            "https://[::ffff:0:169.254.169.254]/keys",
            "https://[fd00:ec2::254]/keys",
            "https://[fd00:ec2::23]/keys",
            "https://[fd20:ce::254]/keys",
            "https://[64:ff9b::a9fe:a9fe]/keys",
            "https://[64:ff9b:1::a9fe:a9fe]/keys",
            "https://[2002:a9fe:a9fe::]/keys",
            "https://[2001::5601:5601]/keys",
            "https://[2001:db8::5efe:a9fe:a9fe]/keys",
            "https://[::a9fe:a9fe]/keys",
            "https://100.100.100.200/keys",
            "https://168.63.129.16/keys",
            "https://192.0.0.192/keys",
        ] {
            for from in [&elsewhere, &here] {
                assert_eq!(refused(url, from), UrlError::LinkLocal, "{url}");
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
            "https://0.1.2.3/",
            "https://[::]/",
            "http://127.1/",
        ] {
            assert_eq!(refused(url, &elsewhere), UrlError::ThisMachine, "{url}");
            assert!(FetchUrl::parse_discovered(url, &loopback(), &here).is_ok(), "{url}");
        }
        for url in ["https://b.example/keys", "https://10.0.0.1/keys", "https://[fd12::1]/keys"] {
            assert!(FetchUrl::parse_discovered(url, &strict(), &elsewhere).is_ok(), "{url}");
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
            let error = FetchUrl::parse(url, &strict()).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
        }
    }
}
