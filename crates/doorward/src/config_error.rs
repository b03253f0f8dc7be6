use std::time::Duration;

#[cfg(feature = "remote")]
use crate::fetch::RemoteError;
use crate::key::KeysError;

/// Why a server cannot be built, for the developer. A configuration that is accepted is sound: no
/// request fails for it later.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// No issuer is trusted.
    #[error("no issuer is trusted: add one with `.trust(Issuer::discover(url, audience))`")]
    NoIssuer,
    /// An issuer's name is empty.
    #[error("the name of an issuer is empty")]
    BlankIssuer,
    /// The depth of JSON is beyond the limit.
    #[error("a JSON depth of {depth} is too deep: at most 64")]
    JsonDepth {
        /// The depth as given.
        depth: u8,
    },
    /// Two trusts have one name.
    #[error("the issuer {issuer} is trusted twice; give one trust all its audiences")]
    DuplicateIssuer {
        /// The name.
        issuer: String,
    },
    /// No issuer of this name is trusted, so there is nothing to change.
    #[error("no issuer {issuer} is trusted; `health()` lists the names")]
    NotTrusted {
        /// The name as given.
        issuer: String,
    },
    /// A scope implies itself, directly or through others.
    #[error("the scope {scope} implies itself: `.scope_implies(…)` runs in a circle")]
    ScopeCycle {
        /// The scope.
        scope: String,
    },
    /// No source of tokens is chosen, one is chosen twice, or one whose name cannot occur.
    #[error(
        "`.tokens_from(…)` names no source, one twice, or a cookie or field whose name cannot occur; `Authorization` is `TokenSource::authorization()`"
    )]
    TokenSource,
    /// The identifier of the resource is no URL that clients may call.
    #[error(
        "`.resource(…)` takes the URL at which clients reach this API: https (http for a loopback address), without user, query, fragment, escapes, braces and stars"
    )]
    Resource,
    /// A key ID is longer than any that a token could name.
    #[error("the key ID is longer than 256 bytes: no token can name such a key")]
    KeyId,
    /// A time is zero, or the least of two is longer than the longest.
    #[error("`.{setting}(…)` holds a time of zero, or a range from longer to shorter")]
    Times {
        /// The name of the method.
        setting: &'static str,
    },
    /// An audience is missing or blank.
    #[error(
        "the issuer {issuer} has no audience, or a blank one: name this API as its tokens do in `aud`"
    )]
    BlankAudience {
        /// The issuer's name.
        issuer: String,
    },
    /// Any audience is accepted, and yet one is named.
    #[error(
        "the issuer {issuer} accepts any audience (`danger_any_audience`), and yet one is named"
    )]
    AnyAndOneAudience {
        /// The issuer's name.
        issuer: String,
    },
    /// It is said twice where the keys are: by hand or by URL, and by metadata.
    #[error("the keys of the issuer {issuer} are given, and yet a metadata URL to find them by")]
    KeysAndMetadata {
        /// The issuer's name.
        issuer: String,
    },
    /// No token could pass: its length or its lifetime must be zero.
    #[error("a limit of zero for the length or the lifetime of tokens refuses all")]
    NothingPasses,
    /// The list of accepted algorithms is empty.
    #[error("the issuer {issuer} has an empty list of accepted algorithms")]
    NoAlgorithms {
        /// The issuer's name.
        issuer: String,
    },
    /// The tenant is no GUID.
    #[error(
        "the tenant \"{tenant}\" is no GUID: use the directory (tenant) ID; tokens never carry a domain name or `common`"
    )]
    Tenant {
        /// The tenant as given.
        tenant: String,
    },
    /// No tenant is listed.
    #[error("no tenant is listed; to trust every tenant there is, use `Issuer::entra_any_tenant`")]
    NoTenant,
    /// The name of a tenant is not the first word of its domain.
    #[error(
        "\"{name}\" is no name of a tenant: use the first word of its domain, such as `contoso` of `contoso.onmicrosoft.com`"
    )]
    TenantName {
        /// The name as given.
        name: String,
    },
    /// No B2C policy is named, or one that cannot be one.
    #[error(
        "the B2C policies are missing, or one is no name of a policy (letters, digits, `-`, `_`)"
    )]
    UserFlows,
    /// The custom domain is no host.
    #[error("the custom domain is no host name: write it without `https://` and path")]
    CustomDomain,
    /// A custom domain is set for a tenant in China.
    #[error(
        "in China, Azure AD B2C does not support custom domains with access tokens: leave `.custom_domain(…)` out"
    )]
    CustomDomainInChina,
    /// A setting is set of an issuer that does not have it.
    #[error(
        "`.{setting}(…)` has no meaning for this issuer; its documentation says for which it has"
    )]
    Unfit {
        /// The name of the method.
        setting: &'static str,
    },
    /// A claim or URI to look for is nameless.
    #[error("a claim or App ID URI that the issuer {issuer} is described with has no name")]
    BlankClaim {
        /// The issuer's name.
        issuer: String,
    },
    /// The client ID is empty.
    #[error("the client ID of the API is empty")]
    ClientId,
    /// The leeway is beyond the limit.
    #[error("a leeway of {leeway:?} is too long: at most 300 s (RFC 9068 §4)")]
    Leeway {
        /// The leeway as given.
        leeway: Duration,
    },
    /// The realm holds a character that cannot stand in a challenge.
    #[error("the realm holds a quote, a backslash or a character other than printable ASCII")]
    Realm,
    /// Keys configured by hand cannot be used.
    #[error("the keys of the issuer {issuer} cannot be used: {error}")]
    Keys {
        /// The issuer's name.
        issuer: String,
        /// What is wrong with them.
        error: KeysError,
    },
    /// Keys would have to be fetched, and the feature `remote` is off.
    #[error("the keys of the issuer {issuer} must be fetched: switch on the feature `remote`")]
    RemoteOff {
        /// The issuer's name.
        issuer: String,
    },
    /// An issuer's URL breaks a rule, so nothing may be fetched from it.
    #[cfg(feature = "remote")]
    #[error("nothing can be fetched from the URL of an issuer")]
    Location(#[source] RemoteError),
    /// The keys could not be fetched from the issuer.
    #[cfg(feature = "remote")]
    #[error("the keys of the issuer {issuer} could not be fetched{}", lazy_hint(.error))]
    FirstFetch {
        /// The issuer's name.
        issuer: String,
        /// What went wrong.
        #[source]
        error: RemoteError,
    },
    /// A setting of the HTTP client is invalid.
    #[cfg(feature = "remote")]
    #[error("`HttpClientSettings::{setting}(…)` is invalid: {reason}")]
    HttpClientSetting {
        /// The name of the method.
        setting: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Both a fetcher and settings of the built-in HTTP client are set.
    #[cfg(feature = "remote")]
    #[error("`.http_client(…)` has no effect beside `.fetcher(…)`: remove one of them")]
    FetcherAndHttpClient,
    /// A host that `http` is allowed to is not a host name or an IP address.
    #[cfg(feature = "remote")]
    #[error(
        "`.danger_allow_http({host:?})` needs a host name or an IP address alone: without scheme, port, path and wildcard"
    )]
    HttpHost {
        /// The host as given.
        host: String,
    },
    /// The HTTP client could not be created.
    #[cfg(feature = "remote")]
    #[error("the HTTP client could not be created: {reason}")]
    HttpClient {
        /// What went wrong, and how to fix it where that is known.
        reason: String,
    },
    /// There is no tokio runtime to fetch keys on.
    #[cfg(feature = "remote")]
    #[error("keys are fetched on a tokio runtime: build the server inside one")]
    NoRuntime,
}

/// Returns the way to start without an issuer, where it helps.
#[cfg(feature = "remote")]
const fn lazy_hint(error: &RemoteError) -> &'static str {
    if error.is_outage() { " (to start while an issuer is down, build with `.lazy()`)" } else { "" }
}
