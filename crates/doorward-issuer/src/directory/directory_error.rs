use std::{io, path::PathBuf};

/// The error of a directory that the issuer cannot serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DirectoryError {
    /// The file could not be read.
    #[error("cannot read {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The text is not TOML, or has a member or a value that the format does not know.
    #[error("{0}")]
    Format(String),
    /// A certificate is not PEM, or no X.509 certificate.
    #[error("a certificate is to be one X.509 certificate in PEM")]
    Certificate,
    /// The version of an API's tokens is neither 1 nor 2.
    #[error("token_version is to be 1 or 2, not {0}")]
    TokenVersion(u8),
    /// There is no tenant.
    #[error("a directory needs a tenant")]
    NoTenant,
    /// The ID of a tenant or user is no GUID.
    #[error("the {what} {id:?} needs a GUID as its id")]
    NoGuid {
        /// What has the ID.
        what: &'static str,
        /// The ID.
        id: String,
    },
    /// A name is empty, or it cannot stand where it is used.
    #[error("{what} {name:?} cannot be used")]
    BadName {
        /// What has the name.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// Two parts share a name.
    #[error("two {what} are named {name:?}")]
    Duplicate {
        /// What the name is of, in the plural.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A tenant has policies and is not of B2C, or the other way round.
    #[error("tenant {tenant:?}: only tenants of kind b2c have policies, and they need one")]
    Policies {
        /// The tenant's ID.
        tenant: String,
    },
    /// A user or an application names a tenant that is not there.
    #[error("{what} {name:?} is of the tenant {tenant:?}, which is not there")]
    UnknownTenant {
        /// Who names it.
        what: &'static str,
        /// The name.
        name: String,
        /// The tenant that is named.
        tenant: String,
    },
    /// A permission or a role names an API, a scope or a role that is not there.
    #[error("{what} {name:?} has {grant:?}, which no API offers")]
    UnknownGrant {
        /// Who has it.
        what: &'static str,
        /// The name.
        name: String,
        /// The permission or the role.
        grant: String,
    },
    /// A secret is empty, which a request without a secret would match.
    #[error("application {application:?} has an empty secret")]
    EmptySecret {
        /// The application's ID.
        application: String,
    },
}
