use crate::config_error::ConfigError;

/// Why a running server was not changed. Nothing is changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// The issuer cannot be trusted: its description is contradictory or unsafe, it is trusted already,
    /// or its keys could not be fetched. The source says which.
    #[error("the issuer is not trusted")]
    Issuer(#[source] ConfigError),
    /// No issuer of this name is trusted, so there is nothing to change.
    #[error("no issuer {issuer} is trusted; `health()` lists the names")]
    NotTrusted {
        /// The name as given.
        issuer: String,
    },
    /// The issuer is a tenant whose tokens another trusted issuer, for several tenants or any, would
    /// still accept.
    #[error(
        "the tenant {tenant} ({issuer}) is accepted by an issuer of many tenants too, which stays trusted: to refuse its tokens, call `block_tenant(\"{tenant}\")`"
    )]
    TenantOfMany {
        /// The name as given.
        issuer: String,
        /// The tenant's ID.
        tenant: String,
    },
    /// The key ID is longer than any that a token can name.
    #[error("the key ID is longer than 256 bytes: no token can name such a key")]
    KeyId,
    /// The tenant is not a GUID.
    #[error("the tenant \"{tenant}\" is not a GUID: use the directory (tenant) ID")]
    Tenant {
        /// The tenant as given.
        tenant: String,
    },
}
