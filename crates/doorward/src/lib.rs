#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

// The stages of the pipeline, in order, each with what it needs before it.
mod challenge;
mod claims;
mod codec;
mod credentials;
mod denial;
#[cfg_attr(not(feature = "remote"), allow(dead_code, reason = "replaced with `remote` only"))]
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
mod change_error;
pub mod clock;
mod config_error;
mod error;
#[cfg(feature = "remote")]
mod fetch;
mod issuer;
#[cfg_attr(not(feature = "remote"), allow(dead_code, reason = "refreshed with `remote` only"))]
mod key_set;
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

/// The rules that a route may require, beside [`scope!`](crate::scope),
/// [`all_scopes!`](crate::all_scopes) and [`any_scope!`](crate::any_scope).
pub mod rules {
    pub use crate::rule::{
        ClaimValue, PathParams, RequestInfo, RequiredScopes, acr, all_scopes, any_scope, app_only,
        authenticated, check, claim, client, delegated, issued_by, max_age, permission, role,
        scope, tenant,
    };
}

/// Issuers of which this library knows more than a URL. Each is a type of its own, whose mandatory
/// parts have names, and is passed to [`trust`](crate::ResourceServerBuilder::trust).
///
/// ```
/// use doorward::{ResourceServer, presets::{Auth0, Entra}};
///
/// let builder = ResourceServer::builder()
///     .trust(Auth0::domain("acme.eu.auth0.com").audience("https://orders.acme.example"))
///     .trust(
///         Entra::tenant("7fe81447-da57-4385-becb-6de57f21477e")
///             .client_id("f2a76e08-93f2-4350-833c-965c02483b11"),
///     );
/// ```
///
/// Parts are checked when the server is built. [`Needs`](presets::Needs) is a preset that still lacks
/// a part.
pub mod presets {
    pub use crate::issuer::presets::{
        Auth0, B2c, ClientId, Cloud, Cognito, Entra, ExternalId, Google, Keycloak, Needs, Okta,
        Rfc9068, TenantId, TenantName, part,
    };
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
        issuer::FixedKeysIssuer,
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
    pub use crate::key_set::{FetchError, MetadataError, RemoteError, UrlError};
    pub use crate::{
        change_error::ChangeError,
        claims::ClaimsError,
        credentials::CredentialsError,
        error::Unavailable,
        key::{JwksError, KeyError, KeyFault, KeysError},
        policy::{ConfiguredNames, PolicyError},
        rule::RuleError,
        signature::SignatureError,
        terms::{
            scope::InvalidScope, time::TimeOutOfRange, unknown_name::UnknownName,
            untrusted_text::UntrustedText,
        },
        token::TokenError,
    };
}
