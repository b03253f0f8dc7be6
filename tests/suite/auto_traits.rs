//! Every public type goes between threads and into spawned tasks.

use doorward::{
    AccessToken, Audience, ConfigError, Error, Issuer, Keys, Resource, ResourceServer,
    ResourceServerBuilder, Rule, Scope,
    access_map::{AccessMap, MappedAccess, MappedRoute},
    adapter::{Access, Authentication, Denial},
    clock::{SystemClock, UnixTime},
    errors::{
        ClaimsError, CredentialsError, FetchError, InvalidScope, JwksError, KeyError, KeyFault,
        KeysError, PolicyError, RemoteError, RuleError, SignatureError, TimeOutOfRange, TokenError,
        Unavailable, UnknownName, UntrustedText,
    },
    keys::{
        Algorithm, Health, IssuerHealth, KeyEvent, KeyId, KeyState, MacAlgorithm, SymmetricKey,
    },
    presets::Cloud,
    remote::{Document, FetchRequest},
    rules::ClaimValue,
    tokens::{Actor, ClaimList, ClaimPath, Principal, Scopes, TokenSource},
};

const fn assert_shareable<T: Send + Sync + Unpin + ?Sized>() {}

macro_rules! assert_all_shareable {
    ($($type:ty),+ $(,)?) => {
        const _: () = {
            $(assert_shareable::<$type>();)+
        };
    };
}

assert_all_shareable!(
    AccessToken,
    Audience,
    ConfigError,
    Error,
    Issuer,
    Keys,
    Resource,
    ResourceServer,
    ResourceServerBuilder,
    Rule,
    Scope,
    AccessMap,
    MappedAccess,
    MappedRoute,
    Access,
    Denial,
    SystemClock,
    UnixTime,
    ClaimsError,
    CredentialsError,
    FetchError,
    InvalidScope,
    JwksError,
    KeyError,
    KeyFault,
    KeysError,
    PolicyError,
    RemoteError,
    RuleError,
    SignatureError,
    TimeOutOfRange,
    TokenError,
    Unavailable,
    UnknownName,
    UntrustedText,
    Algorithm,
    Health,
    IssuerHealth,
    KeyEvent,
    KeyId,
    KeyState,
    MacAlgorithm,
    SymmetricKey,
    Cloud,
    Document,
    FetchRequest<'static>,
    ClaimValue<'static>,
    Actor,
    ClaimList,
    ClaimPath,
    Principal,
    Scopes,
    TokenSource,
);

const fn assert_spawnable<
    F: Future<Output = Result<AccessToken, Error>> + Send + Unpin + 'static,
>() {
}

const _: () = assert_spawnable::<Authentication>();

const fn assert_error<E: std::error::Error + Send + Sync + 'static>() {}

const _: () = {
    assert_error::<ConfigError>();
    assert_error::<Error>();
    assert_error::<FetchError>();
    assert_error::<InvalidScope>();
    assert_error::<RemoteError>();
    assert_error::<TimeOutOfRange>();
    assert_error::<UnknownName>();
};
