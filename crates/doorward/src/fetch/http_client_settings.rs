use std::{fmt, time::Duration};

use reqwest::{Certificate, Client, ClientBuilder, Identity};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use url::Url;

use super::{
    proxy::{Proxy, origin},
    reqwest_error::root_cause,
};
use crate::limits;

/// Settings of the HTTP client that fetches metadata and key sets: root certificates, a proxy, a
/// client certificate.
///
/// Without settings, the client trusts the system's root certificates and uses the proxy of the
/// environment variables `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`. Errors in a
/// setting are returned by [`ResourceServerBuilder::build`](crate::ResourceServerBuilder::build).
///
/// ```
/// # fn settings(private_ca: &str) -> doorward::ResourceServerBuilder {
/// use doorward::{ResourceServer, remote::HttpClientSettings};
///
/// ResourceServer::builder().http_client(
///     HttpClientSettings::new()
///         .root_certificates(private_ca)
///         .proxy("http://proxy.example.com:3128"),
/// )
/// # }
/// ```
#[derive(Clone, Default)]
pub struct HttpClientSettings {
    root_certificates: Vec<Vec<u8>>,
    no_system_roots: bool,
    proxy: ProxySetting,
    client_certificate: Option<ClientCertificate>,
    connect_timeout: Option<Duration>,
}

#[derive(Clone, Default)]
enum ProxySetting {
    #[default]
    Environment,
    None,
    Url(String),
}

#[derive(Clone)]
struct ClientCertificate {
    chain: Vec<u8>,
    key: Vec<u8>,
}

/// A setting that is invalid, by the name of its method.
#[derive(Debug)]
pub(crate) struct InvalidSetting {
    pub(crate) setting: &'static str,
    pub(crate) reason: String,
}

impl HttpClientSettings {
    /// Creates the default settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds root certificates, in PEM, to those of the system: for issuers whose certificate is
    /// signed by a private CA. Call it again for further ones.
    ///
    /// A PEM without a certificate, or with one that cannot be read, is an error.
    #[must_use]
    pub fn root_certificates(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.root_certificates.push(pem.as_ref().to_vec());
        self
    }

    /// Trusts the certificates of [`root_certificates`](Self::root_certificates) alone, and not those
    /// of the system. It is an error if there are none.
    #[must_use]
    pub const fn no_system_roots(mut self) -> Self {
        self.no_system_roots = true;
        self
    }

    /// Sets the proxy for all URLs except those of loopback addresses. Default: the proxy of the
    /// environment variables.
    ///
    /// The URL's scheme is `http` or `https`, any other is an error; it may contain a user name and a
    /// password. The proxy resolves the host names, so it must keep fetches of discovered URLs away
    /// from link-local and private addresses itself.
    #[must_use]
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = ProxySetting::Url(url.into());
        self
    }

    /// Uses no proxy, and ignores the environment variables.
    #[must_use]
    pub fn no_proxy(mut self) -> Self {
        self.proxy = ProxySetting::None;
        self
    }

    /// Sets the certificate by which the client authenticates itself to issuers that require mutual
    /// TLS: the certificate chain, the client's own certificate first, and its private key, both in
    /// PEM. Default: none.
    ///
    /// A chain or a key that cannot be read, or that do not belong together, are an error.
    #[must_use]
    pub fn client_certificate(
        mut self,
        chain_pem: impl AsRef<[u8]>,
        key_pem: impl AsRef<[u8]>,
    ) -> Self {
        let (chain, key) = (chain_pem.as_ref().to_vec(), key_pem.as_ref().to_vec());
        self.client_certificate = Some(ClientCertificate { chain, key });
        self
    }

    /// Sets how long a connection may take to be established. Default: 2 s. Zero is an error; the
    /// [fetch timeout](crate::ResourceServerBuilder::fetch_timeout) limits it further.
    #[must_use]
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// Parses every setting.
    pub(super) fn parse(&self) -> Result<HttpClientConfig, InvalidSetting> {
        let invalid = |setting, reason: &str| InvalidSetting { setting, reason: reason.to_owned() };
        let mut roots = Vec::new();
        for pem in &self.root_certificates {
            let parsed = parse_roots(pem);
            roots.extend(parsed.map_err(|reason| invalid("root_certificates", &reason))?);
        }
        if self.no_system_roots && roots.is_empty() {
            let reason = "no root certificate is left; add some by `.root_certificates(…)`";
            return Err(invalid("no_system_roots", reason));
        }
        let proxy = match &self.proxy {
            ProxySetting::Environment => Proxy::Environment,
            ProxySetting::None => Proxy::None,
            ProxySetting::Url(url) => {
                Proxy::parse(url).map_err(|reason| invalid("proxy", reason))?
            }
        };
        let identity = match &self.client_certificate {
            None => None,
            Some(certificate) => {
                let parsed = certificate.parse();
                Some(parsed.map_err(|reason| invalid("client_certificate", &reason))?)
            }
        };
        let connect_timeout = self.connect_timeout.unwrap_or(limits::CONNECT_TIMEOUT);
        if connect_timeout.is_zero() {
            return Err(invalid("connect_timeout", "the time is zero"));
        }
        let system_roots = !self.no_system_roots;
        Ok(HttpClientConfig { roots, system_roots, proxy, identity, connect_timeout })
    }
}

/// Shows no key, and of the proxy's URL no password.
impl fmt::Debug for HttpClientSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proxy = match &self.proxy {
            ProxySetting::Environment => "of the environment".to_owned(),
            ProxySetting::None => "none".to_owned(),
            ProxySetting::Url(url) => {
                let origin = Url::parse(url).ok().and_then(|url| origin(&url));
                origin.unwrap_or_else(|| "invalid".to_owned())
            }
        };
        f.debug_struct("HttpClientSettings")
            .field("root_certificates", &self.root_certificates.len())
            .field("system_roots", &!self.no_system_roots)
            .field("proxy", &proxy)
            .field("client_certificate", &self.client_certificate.is_some())
            .field("connect_timeout", &self.connect_timeout)
            .finish()
    }
}

impl ClientCertificate {
    fn parse(&self) -> Result<Identity, String> {
        let mut chain = CertificateDer::pem_slice_iter(&self.chain);
        if !matches!(chain.next(), Some(Ok(_))) || chain.any(|certificate| certificate.is_err()) {
            return Err("the chain contains no PEM certificate, or a malformed one".to_owned());
        }
        if PrivateKeyDer::from_pem_slice(&self.key).is_err() {
            return Err("the key is not an unencrypted PEM private key".to_owned());
        }
        let pem = [&self.key[..], b"\n", &self.chain].concat();
        let identity = Identity::from_pem(&pem).map_err(|error| root_cause(&error))?;
        // Whether key and certificate belong together is known only to a client.
        let client = Client::builder().tls_certs_only([]).identity(identity.clone()).build();
        client.map(|_| identity).map_err(|error| root_cause(&error))
    }
}

fn parse_roots(pem: &[u8]) -> Result<Vec<Certificate>, String> {
    let mut roots = Vec::new();
    for der in CertificateDer::pem_slice_iter(pem) {
        let der = der.map_err(|error| format!("malformed PEM: {error}"))?;
        webpki::anchor_from_trusted_cert(&der)
            .map_err(|error| format!("not an X.509 certificate: {error}"))?;
        roots.push(Certificate::from_der(&der).map_err(|error| root_cause(&error))?);
    }
    if roots.is_empty() {
        return Err("no PEM certificate (`-----BEGIN CERTIFICATE-----`) found".to_owned());
    }
    Ok(roots)
}

/// The settings, parsed.
pub(super) struct HttpClientConfig {
    roots: Vec<Certificate>,
    system_roots: bool,
    pub(super) proxy: Proxy,
    identity: Option<Identity>,
    pub(super) connect_timeout: Duration,
}

impl HttpClientConfig {
    /// Sets the certificates for `https` URLs.
    pub(super) fn with_certificates(&self, builder: ClientBuilder) -> ClientBuilder {
        let roots = self.roots.iter().cloned();
        let builder = if self.system_roots {
            builder.tls_certs_merge(roots)
        } else {
            builder.tls_certs_only(roots)
        };
        match &self.identity {
            Some(identity) => builder.identity(identity.clone()),
            None => builder,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_the_key_nor_the_proxys_password() {
        for proxy in ["http://user:secret@proxy.example:3128", "user:secret@proxy"] {
            let settings = HttpClientSettings::new()
                .root_certificates("secret")
                .proxy(proxy)
                .client_certificate("secret chain", "secret key");
            let shown = format!("{settings:?}");
            assert!(!shown.contains("secret") && !shown.contains("115, 101"), "{shown}");
        }
    }
}
