use std::{io, path::PathBuf};

/// The error of an invalid [`Directory`](crate::Directory).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DirectoryError {
    /// The file could not be read.
    #[error("cannot read {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The text is not TOML, or has an unknown member or an invalid value.
    #[error("{0}")]
    Format(String),
    /// A certificate is not an X.509 certificate in PEM.
    #[error("a certificate is to be one X.509 certificate in PEM")]
    Certificate,
    /// The version of an API's tokens is neither 1 nor 2.
    #[error("token_version is to be 1 or 2, not {0}")]
    TokenVersion(u8),
    /// The directory has no tenant.
    #[error("a directory needs a tenant")]
    NoTenant,
    /// The ID of a tenant or user is not a GUID.
    #[error("the {what} {id:?} needs a GUID as its id")]
    NotGuid {
        /// What has the ID.
        what: &'static str,
        /// The ID.
        id: String,
    },
    /// A name is empty, reserved, or has characters that are not allowed.
    #[error("{what} {name:?} cannot be used")]
    BadName {
        /// What has the name.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// Two entries have the same name.
    #[error("two {what} are named {name:?}")]
    Duplicate {
        /// The kind of the entries, in the plural.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A B2C tenant has no policies, or another tenant has some.
    #[error("tenant {tenant:?}: only tenants of kind b2c have policies, and they need one")]
    Policies {
        /// The tenant's ID.
        tenant: String,
    },
    /// The tenant of a user or an application does not exist.
    #[error("{what} {name:?} is of the tenant {tenant:?}, which is not there")]
    UnknownTenant {
        /// The kind of the entry.
        what: &'static str,
        /// The name of the entry.
        name: String,
        /// The tenant.
        tenant: String,
    },
    /// The API, the scope or the role of a permission or role does not exist.
    #[error("{what} {name:?} has {grant:?}, which no API offers")]
    UnknownGrant {
        /// The kind of the entry.
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
