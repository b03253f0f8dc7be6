use std::{net::IpAddr, sync::Arc};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs},
};

/// The error of a certificate for https that could not be created.
#[derive(Debug, thiserror::Error)]
#[error("cannot create a certificate for https: {0}")]
pub struct CertificateError(String);

/// A server certificate for the names of this machine, signed by a CA whose private key is discarded.
pub(crate) struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    /// The certificate of the CA, which clients must trust.
    pub(crate) ca_pem: String,
}

impl Tls {
    /// Creates a certificate for loopback, the address and the host names.
    pub(crate) fn generate(
        address: IpAddr,
        host_names: &[String],
    ) -> Result<Self, CertificateError> {
        let mut names: Vec<String> =
            ["localhost", "127.0.0.1", "::1"].into_iter().map(str::to_owned).collect();
        names.push(address.to_string());
        names.extend(host_names.iter().cloned());
        names.sort();
        names.dedup();
        certificate(names).map_err(|error| CertificateError(error.to_string()))
    }
}

fn certificate(names: Vec<String>) -> Result<Tls, Box<dyn std::error::Error>> {
    let mut ca = CertificateParams::default();
    ca.distinguished_name.push(DnType::CommonName, "doorward-issuer, not for production");
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate()?)?;

    let mut server = CertificateParams::new(names)?;
    server.distinguished_name.push(DnType::CommonName, "doorward-issuer");
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    server.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = server.signed_by(&key, &ca)?;

    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Tls { acceptor: TlsAcceptor::from(Arc::new(config)), ca_pem: ca.pem() })
}
