//! Which URLs documents may be fetched from.

use std::{net::IpAddr, sync::Arc};

use url::{Host, Url};

use super::AllowedAddresses;
use crate::key_set::UrlError;
use crate::terms::untrusted_text::UntrustedText;

/// Which URLs may be fetched from.
#[derive(Clone, Debug)]
pub(crate) struct UrlRules {
    loopback_http: bool,
    /// The hosts that may be fetched from by `http`.
    http_hosts: Arc<[HttpHost]>,
    /// The addresses that a URL of the configuration may lead to.
    addresses: AllowedAddresses,
}

/// A host that may be fetched from by `http`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HttpHost(Host);

impl HttpHost {
    /// Parses a host name or an IP address, without port; IPv6 with or without brackets.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Ok(address) = text.parse() {
            return Some(Self(match address {
                IpAddr::V4(address) => Host::Ipv4(address),
                IpAddr::V6(address) => Host::Ipv6(address),
            }));
        }
        let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-._[]:".contains(&octet);
        if !text.bytes().all(is_plain) {
            return None;
        }
        Host::parse(text).ok().map(Self)
    }
}

impl Default for UrlRules {
    fn default() -> Self {
        Self::new(false, Arc::default())
    }
}

impl UrlRules {
    /// Makes the rules for URLs that the operator chose.
    pub(crate) const fn new(loopback_http: bool, http_hosts: Arc<[HttpHost]>) -> Self {
        Self { loopback_http, http_hosts, addresses: AllowedAddresses::Any }
    }

    /// Makes the rules for URLs that somebody else supplied: `https` to public addresses.
    pub(crate) fn untrusted() -> Self {
        Self { addresses: AllowedAddresses::PublicOnly, ..Self::default() }
    }

    /// Returns the addresses that a URL of the configuration may lead to.
    pub(super) const fn addresses(&self) -> AllowedAddresses {
        self.addresses
    }

    /// Returns the addresses to which a URL may lead that metadata names at another host.
    pub(super) const fn discovered_addresses(&self) -> AllowedAddresses {
        match self.addresses {
            AllowedAddresses::Any | AllowedAddresses::NotLocal => AllowedAddresses::NotLocal,
            AllowedAddresses::PublicOnly => AllowedAddresses::PublicOnly,
        }
    }

    /// Checks whether the URL's scheme is allowed at its host.
    pub(super) fn check_scheme(&self, url: &Url) -> Result<(), UrlError> {
        let is_allowed_host =
            || url.host().is_some_and(|host| self.http_hosts.iter().any(|http| http.0 == host));
        match url.scheme() {
            "https" => Ok(()),
            "http" if is_allowed_host() || (self.loopback_http && is_loopback(url)) => Ok(()),
            "http" if self.addresses == AllowedAddresses::PublicOnly => Err(UrlError::NotHttps),
            "http" if is_loopback(url) => Err(UrlError::LoopbackHttp),
            "http" => {
                let host = UntrustedText::new(url.host_str().unwrap_or_default());
                Err(UrlError::Http { host })
            }
            _ => Err(UrlError::NotHttps),
        }
    }
}

/// Returns whether the host is a loopback address or `localhost`.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(domain)) => domain == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_http_host_is_a_name_or_an_address_alone() {
        for host in
            ["", "*", "*.a.example", "keycloak:8080", "http://keycloak", "a/b", "a%2eb", "a b", "ä"]
        {
            assert_eq!(HttpHost::parse(host), None, "{host:?}");
        }
    }
}
