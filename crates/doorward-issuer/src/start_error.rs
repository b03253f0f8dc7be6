use std::{io, net::SocketAddr};

use crate::{CertificateError, ClientError, KeyGenerationError};

/// The error of an issuer that did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address can be reached from other machines, which
    /// [`danger_listen_beyond_loopback`](crate::DevIssuerBuilder::danger_listen_beyond_loopback) has not
    /// allowed.
    #[error(
        "{address} can be reached from other machines, and anyone who reaches a development \
         issuer gets tokens; to allow it, call `danger_listen_beyond_loopback`"
    )]
    BeyondLoopback {
        /// The address of the builder.
        address: SocketAddr,
    },
    /// The address could not be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address of the builder.
        address: SocketAddr,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The server's thread or runtime could not be started.
    #[error("cannot start the server")]
    Serve(#[source] io::Error),
    /// The list of algorithms is empty.
    #[error("an issuer needs an algorithm to sign with")]
    NoAlgorithm,
    /// The issuer identifier is empty.
    #[error("the issuer identifier is empty")]
    EmptyIssuer,
    /// A client is invalid.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The certificate for https could not be created.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// A signing key could not be generated.
    #[error(transparent)]
    KeyGeneration(#[from] KeyGenerationError),
}
