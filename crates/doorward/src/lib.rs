#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

// The stages of the pipeline, in order, each with what it needs before it.
mod challenge;
mod claims;
mod codec;
mod credentials;
mod denial;
mod key;
mod limits;
mod policy;
mod rule;
mod signature;
mod terms;
mod token;

// What runs the pipeline.
mod access;
pub mod access_map;
pub mod adapter;
pub mod audit;
pub mod clock;
mod config_error;
mod error;
#[cfg(feature = "remote")]
mod fetch;
mod issuer;
#[cfg_attr(not(feature = "remote"), allow(dead_code, reason = "refreshed with `remote` only"))]
mod key_set;
mod request_info;
mod resource;
mod server;
mod verifier;

#[cfg(feature = "conformance")]
#[doc(hidden)]
pub mod conformance;
#[cfg(all(feature = "remote", any(doc, doctest)))]
pub mod manual;
#[cfg(feature = "testing")]
pub mod testing;

// The public interface: what every API needs, then the rest by theme.
#[doc(hidden)]
pub use access_map::compare_with_file;
pub use config_error::ConfigError;
pub use error::Error;
pub use issuer::Issuer;
pub use key::Keys;
pub use policy::AccessToken;
pub use resource::Resource;
pub use rule::Rule;
pub use server::{ResourceServer, ResourceServerBuilder};
pub use terms::{audience::Audience, scope::Scope};

/// The rules that a route may require, besides [`scope!`](crate::scope).
pub mod rules {
    pub use crate::rule::{
        ClaimValue, RequiredScopes, acr, app_only, authenticated, check, claim, client, delegated,
        issued_by, max_age, permission, role, tenant,
    };
}

/// Issuers of which this library knows more than their URL.
pub mod presets {
    pub use crate::issuer::Cloud;
}

/// What a verified token says, and where an issuer's tokens say it.
pub mod tokens {
    pub use crate::{
        claims::{ClaimList, Scopes},
        credentials::TokenSource,
        policy::{Actor, Principal},
        server::Verification,
        terms::claim_path::ClaimPath,
    };
}

/// Keys configured by hand, algorithms, and the state of fetched key sets.
pub mod keys {
    #[cfg(feature = "remote")]
    pub use crate::key_set::KeyEvent;
    pub use crate::{
        key::SymmetricKey,
        key_set::{Health, IssuerHealth, KeyState},
        terms::{
            algorithm::{Algorithm, MacAlgorithm},
            key_id::KeyId,
        },
    };
}

/// How documents are fetched from issuers.
#[cfg(feature = "remote")]
pub mod remote {
    pub use crate::fetch::{AllowedAddresses, Document, Fetch, FetchRequest, HttpClientSettings};
}

/// Why a request is refused, stage by stage, and why a configuration is.
pub mod errors {
    #[cfg(feature = "remote")]
    pub use crate::fetch::{FetchError, MetadataError, RemoteError, UrlError};
    pub use crate::{
        claims::ClaimsError,
        credentials::CredentialsError,
        error::Unavailable,
        key::{JwksError, KeyError, KeyFault, KeysError},
        policy::PolicyError,
        rule::RuleError,
        signature::SignatureError,
        terms::{scope::InvalidScope, untrusted_text::UntrustedText},
        token::TokenError,
    };
}
