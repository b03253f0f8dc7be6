use std::{fmt, time::Duration};

#[cfg(feature = "remote")]
use crate::key_set::RemoteError;
use crate::{key::KeysError, terms::error_chain::ErrorChain};

/// Why a server cannot be built, for the developer. A configuration that is accepted is sound: no
/// request fails for it later.
///
/// `Debug` reads like `Display`, followed by the causes, so that a `main` that returns the error as
/// `Box<dyn Error>` prints a sentence.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
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
    /// Two trusted issuers have the same name.
    #[error("the issuer {issuer} is trusted twice; give one trust all its audiences")]
    DuplicateIssuer {
        /// The name.
        issuer: String,
    },
    /// `forget_keys` names an issuer that is not trusted.
    #[error(
        "`.forget_keys(…)` names the issuer {issuer}, which is not trusted: write its name as it stands in `iss`"
    )]
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
    /// An audience contains white space, so that no token can name it.
    #[error(
        "the audience \"{audience}\" of the issuer {issuer} has white space: write several as an array"
    )]
    AudienceWithSpace {
        /// The issuer's name.
        issuer: String,
        /// The audience as given.
        audience: String,
    },
    /// Any audience is accepted, and yet one is named.
    #[error(
        "the issuer {issuer} accepts any audience (`danger_any_audience`), and yet one is named"
    )]
    AnyAndOneAudience {
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
    /// No tenant is listed.
    #[error("`Entra::tenants` has an empty list; to trust every tenant, use `Entra::any_tenant()`")]
    NoTenant,
    /// A part of a preset, such as a tenant ID or a domain, does not have the form that it must have.
    #[error("the {part} \"{value}\" {fault}")]
    Part {
        /// The name of the part.
        part: &'static str,
        /// The part as given, without what may be a password in it.
        value: String,
        /// What is wrong with it, and the fix.
        fault: &'static str,
    },
    /// A further name is given to an issuer whose name holds its tenant.
    #[error(
        "`.also_named(\"{name}\")` cannot name a tenant of Entra: list its ID with `Entra::tenants`"
    )]
    NotATenant {
        /// The name as given.
        name: String,
    },
    /// A custom domain is set for a tenant in China.
    #[error(
        "in China, Azure AD B2C does not support custom domains with access tokens: leave `.custom_domain(…)` out"
    )]
    CustomDomainInChina,
    /// The list of accepted token types is empty, or one of them is blank.
    #[error("`.token_types(…)` of the issuer {issuer} has an empty list, or a blank value")]
    NoTokenTypes {
        /// The issuer's name.
        issuer: String,
    },
    /// A claim or App ID URI has a blank name.
    #[error(
        "a claim or App ID URI in the options of the issuer {issuer} has a blank name, or `.subject_from(…)` has none"
    )]
    BlankClaim {
        /// The issuer's name.
        issuer: String,
    },
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
    #[error("the keys of the issuer {issuer} cannot be used")]
    Keys {
        /// The issuer's name.
        issuer: String,
        /// What is wrong with them.
        #[source]
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

/// Shows the error and its causes as sentences, since `main` and `unwrap` show errors by `Debug`.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", ErrorChain(self))
    }
}
