#[cfg(feature = "remote")]
use std::ops::RangeInclusive;
use std::{sync::Arc, time::Duration};

use super::{
    ResourceServer,
    inner::Inner,
    issuer_registry::{IssuerRegistry, RegisteredIssuer},
    request_settings::RequestOptions,
    settings::Settings,
};
use crate::{
    audit::{Decision, DecisionHook},
    change_error::ChangeError,
    clock::Clock,
    config_error::ConfigError,
    credentials::TokenSource,
    issuer::Issuer,
    resource::Resource,
    terms::{
        implied_scopes::{Cycle, ImpliedScopes},
        scope::Scope,
        server_handle::ServerHandle,
    },
};
#[cfg(feature = "remote")]
use crate::{
    fetch::{Fetch, HttpClientSettings},
    key_set::{KeyEvent, KeyEventHook},
};

/// Builds a [`ResourceServer`]. Only [`trust`](Self::trust) is mandatory; every other option has a safe
/// default.
///
/// ```no_run
/// # #[cfg(feature = "remote")]
/// # async fn example() -> Result<(), doorward::ConfigError> {
/// use std::time::Duration;
///
/// use doorward::{Issuer, ResourceServer};
///
/// let server = ResourceServer::builder()
///     .trust(Issuer::discover("https://login.example.com", "api://orders"))
///     .leeway(Duration::from_secs(30))
///     .build()
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing until `build().await`"]
pub struct ResourceServerBuilder {
    issuers: Vec<Issuer>,
    implied_scopes: Vec<(Scope, Scope)>,
    forgotten_keys: Vec<(String, String)>,
    blocked_tenants: Vec<String>,
    request: RequestOptions,
    settings: Settings,
}

impl ResourceServer {
    /// Returns a builder with the default settings.
    pub fn builder() -> ResourceServerBuilder {
        ResourceServerBuilder::new()
    }
}

impl ResourceServerBuilder {
    pub(super) fn new() -> Self {
        Self {
            issuers: Vec::new(),
            implied_scopes: Vec::new(),
            forgotten_keys: Vec::new(),
            blocked_tenants: Vec::new(),
            request: RequestOptions::default(),
            settings: Settings::default(),
        }
    }

    /// Registers an issuer: an [`Issuer`], or one of the [presets](crate::presets). Call it again
    /// for each further one.
    pub fn trust(mut self, issuer: impl Into<Issuer>) -> Self {
        self.issuers.push(issuer.into());
        self
    }

    /// Sets keys that are forgotten from the start, as by
    /// [`forget_key`](crate::ResourceServer::forget_key): pairs of an issuer's name and a key's name. A
    /// restart then does not bring back a key that was forgotten at run time. Call it again to add more.
    ///
    /// The issuer may also be one that is trusted at run time only. [`build`](Self::build) rejects a key's
    /// name of more than 256 bytes.
    ///
    /// ```
    /// use doorward::ResourceServer;
    ///
    /// let builder = ResourceServer::builder()
    ///     .forget_keys([("https://login.example.com", "key-2025-01")])
    ///     .block_tenants(["7fe81447-da57-4385-becb-6de57f21477e"]);
    /// # let _ = builder;
    /// ```
    pub fn forget_keys<I: Into<String>, K: Into<String>>(
        mut self,
        keys: impl IntoIterator<Item = (I, K)>,
    ) -> Self {
        let keys = keys.into_iter().map(|(issuer, key)| (issuer.into(), key.into()));
        self.forgotten_keys.extend(keys);
        self
    }

    /// Sets Microsoft tenants that are blocked from the start, as by
    /// [`block_tenant`](crate::ResourceServer::block_tenant), by their IDs. Call it again to add more.
    ///
    /// [`build`](Self::build) rejects an ID that is not a GUID.
    pub fn block_tenants(
        mut self,
        tenant_ids: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.blocked_tenants.extend(tenant_ids.into_iter().map(Into::into));
        self
    }

    /// Sets the clock skew that is allowed for `exp`, `nbf` and `iat`
    /// ([RFC 7519 §4.1.4](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4)).
    ///
    /// Default: 60 s. Range: 0 to 300 s; [`build`](Self::build) rejects more.
    pub const fn leeway(mut self, leeway: Duration) -> Self {
        self.settings.leeway = leeway;
        self
    }

    /// Sets the name under which this server appears in logs and [decisions](crate::audit::Decision),
    /// where one program has several. Default: none.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.request.name = Some(name.into());
        self
    }

    /// Sets the `realm` of challenges: printable ASCII without quotes and backslashes, else
    /// [`build`](Self::build) rejects it. Default: `api`.
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.request.realm = realm.into();
        self
    }

    /// Sets where in a request its token may be. Default: the `Authorization` field only. A request with
    /// credentials in several of these sources is rejected.
    ///
    /// [`build`](Self::build) rejects an empty list, a source that is listed twice, and names that no
    /// cookie or field can have.
    ///
    /// ```
    /// use doorward::{ResourceServer, tokens::TokenSource};
    ///
    /// let builder = ResourceServer::builder()
    ///     .tokens_from([TokenSource::authorization(), TokenSource::cookie("__Host-token")]);
    /// ```
    pub fn tokens_from(mut self, sources: impl IntoIterator<Item = TokenSource>) -> Self {
        self.request.sources = sources.into_iter().collect();
        self
    }

    /// Sets the URL at which clients reach this API, and with it the protected resource metadata. Default:
    /// none.
    ///
    /// Every challenge then has the metadata's URL as `resource_metadata`
    /// ([RFC 9728 §5.1](https://www.rfc-editor.org/rfc/rfc9728#section-5.1)), and a challenge with status
    /// 401 the scopes to request. The guarded routers of the adapters serve the metadata.
    pub fn resource(mut self, resource: impl Into<Resource>) -> Self {
        self.request.resource = Some(resource.into());
        self
    }

    /// Adds `Access-Control-Expose-Headers: WWW-Authenticate` to rejections, so that scripts of other
    /// origins can read the challenge, if a CORS layer lets them read the response. Default: not added.
    pub const fn expose_challenges(mut self) -> Self {
        self.request.exposes_challenges = true;
        self
    }

    /// Answers CORS preflights, which carry no token, with 204; the guarded service is not called. Default:
    /// preflights are treated like other requests.
    ///
    /// A CORS layer outside the gate decides what is permitted; without one, scripts could not read a
    /// rejection. Most such layers answer preflights themselves. This option is for those that only add
    /// header fields.
    ///
    /// A preflight is an `OPTIONS` request with one `Origin`, one `Access-Control-Request-Method` and no
    /// credentials. A layer on a single route, behind the choice of the method, never sees one: the
    /// answer stays 405 there.
    pub const fn answer_preflights(mut self) -> Self {
        self.request.answers_preflights = true;
        self
    }

    /// Sets the function that is called with each decision about a request, accepted ones included:
    /// for audit logs and metrics. Default: none. It is called on the task of the request, so it must
    /// not block.
    ///
    /// ```
    /// use doorward::ResourceServer;
    ///
    /// let builder = ResourceServer::builder().on_decision(|decision| {
    ///     let (code, route) = (decision.code(), decision.route().unwrap_or("?"));
    ///     println!("{code} on {route} by the client {:?}", decision.client_id());
    /// });
    /// ```
    pub fn on_decision(mut self, hook: impl Fn(&Decision<'_>) + Send + Sync + 'static) -> Self {
        self.request.on_decision = DecisionHook::new(hook);
        self
    }

    /// Adds the subjects of tokens to logs and [decisions](crate::audit::Decision), once a signature has
    /// been verified. Default: subjects are left out, because they may be personal data.
    pub const fn log_subjects(mut self) -> Self {
        self.request.logs_subjects = true;
        self
    }

    /// Sets the maximum length of a token in bytes. A longer one is rejected before it is decoded.
    ///
    /// Default: 16 KiB. [`build`](Self::build) rejects 0.
    pub const fn max_token_len(mut self, bytes: usize) -> Self {
        self.settings.limits.token_len = bytes;
        self
    }

    /// Sets the maximum nesting depth of a token's header and claims.
    ///
    /// Default: 32. Range: 1 to 64; [`build`](Self::build) rejects other values.
    pub const fn max_json_depth(mut self, depth: u8) -> Self {
        self.settings.limits.json_depth = depth;
        self
    }

    /// Sets how many verified tokens are cached, so that a further request with one of them costs no
    /// signature check.
    ///
    /// Default: 10,000; 0 disables the cache.
    ///
    /// A cached token is rejected as soon as it would be without the cache: when it expires, when its key
    /// is removed or [forgotten](crate::ResourceServer::forget_key), when its issuer is
    /// [distrusted](crate::ResourceServer::distrust), or when the keys are too old. Tokens that are used
    /// rarely are evicted first. An eighth of the number is for a cache of each thread, which may hold
    /// the same tokens.
    pub const fn max_cached_tokens(mut self, tokens: u64) -> Self {
        self.settings.token_cache.tokens = tokens;
        self
    }

    /// Sets the approximate size of the cache of verified tokens in bytes. Eviction runs beside later
    /// requests, so for a moment there may be some hundred tokens more.
    ///
    /// Default: 64 MiB; 0 disables the cache.
    pub const fn max_cached_token_bytes(mut self, bytes: u64) -> Self {
        self.settings.token_cache.bytes = bytes;
        self
    }

    /// Sets the maximum lifetime of a token, from `iat` to `exp`. A token without `iat` is then rejected.
    ///
    /// Default: no limit. [`build`](Self::build) rejects 0.
    pub const fn max_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.max_lifetime = Some(lifetime);
        self
    }

    /// Sets how long ago a token may have been issued (`iat`), the leeway aside. A token without `iat`
    /// is then rejected.
    ///
    /// Default: no limit. [`build`](Self::build) rejects 0.
    pub const fn max_token_age(mut self, age: Duration) -> Self {
        self.settings.max_token_age = Some(age);
        self
    }

    /// Adds an entry to the scope hierarchy: a token with `scope` is granted the implied scopes too, and
    /// what those imply in turn. Default: no scope implies another.
    ///
    /// The hierarchy applies to rules and to [`AccessToken::grants`](crate::AccessToken::grants); the
    /// token's own [`scopes`](crate::AccessToken::scopes) do not change. [`build`](Self::build) rejects a
    /// scope that implies itself.
    ///
    /// ```
    /// use doorward::{ResourceServer, Scope};
    ///
    /// let builder = ResourceServer::builder()
    ///     .scope_implies(Scope::literal("orders.write"), [Scope::literal("orders.read")]);
    /// ```
    pub fn scope_implies(mut self, scope: Scope, implied: impl IntoIterator<Item = Scope>) -> Self {
        let pairs = implied.into_iter().map(|implied| (scope.clone(), implied));
        self.implied_scopes.extend(pairs);
        self
    }

    /// Sets the clock, for tests. Default: [`SystemClock`](crate::clock::SystemClock).
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.settings.clock = Arc::new(clock);
        self
    }

    /// Builds the server without waiting for the first keys, so that an API can start while its issuer is
    /// down. The keys are fetched in the background until they arrive; until then, requests are answered
    /// 503. Default: [`build`](Self::build) waits for the first keys of every issuer.
    #[cfg(feature = "remote")]
    pub const fn lazy(mut self) -> Self {
        self.settings.remote.lazy = true;
        self
    }

    /// Allows `http` URLs at loopback addresses and `localhost`, for development issuers. Default: every
    /// URL must be `https`.
    #[cfg(feature = "remote")]
    pub const fn allow_loopback_http(mut self) -> Self {
        self.settings.remote.fetch.loopback_http = true;
        self
    }

    /// Allows `http` URLs at this host, for an issuer in a private network, such as a container. Call
    /// it again for further hosts. Default: none.
    ///
    /// The host is a host name or an IP address, without scheme, port and path. Host names are
    /// compared as a whole and without regard to case; there are no wildcards. Every port of the host is
    /// allowed, for the issuer's URL, its metadata and its key set. Redirects are not followed here
    /// either. Anything but a host is an error when the server is built.
    ///
    /// Whoever can change the traffic between this API and the host can replace the keys and so forge
    /// tokens. Use it only where nobody else can reach the network.
    ///
    /// ```
    /// use doorward::{Issuer, ResourceServer};
    ///
    /// let builder = ResourceServer::builder()
    ///     .trust(Issuer::discover("http://keycloak:8080/realms/shop", "orders"))
    ///     .danger_allow_http("keycloak");
    /// ```
    #[cfg(feature = "remote")]
    pub fn danger_allow_http(mut self, host: impl Into<String>) -> Self {
        self.settings.remote.fetch.http_hosts.push(host.into());
        self
    }

    /// Sets root certificates, the proxy and the client certificate of the HTTP client that fetches
    /// metadata and key sets. Default: the system's root certificates, the proxy of the environment
    /// variables, no client certificate. An invalid setting is an error when the server is built.
    #[cfg(feature = "remote")]
    pub fn http_client(mut self, settings: HttpClientSettings) -> Self {
        self.settings.remote.fetch.http_client = Some(settings);
        self
    }

    /// Sets what fetches metadata and key sets, instead of the built-in HTTP client. Their URLs are
    /// checked by the server all the same. It is an error to set [`http_client`](Self::http_client)
    /// too.
    #[cfg(feature = "remote")]
    pub fn fetcher(mut self, fetcher: impl Fetch) -> Self {
        self.settings.remote.fetch.fetcher = Some(Arc::new(fetcher));
        self
    }

    /// Sets the minimum time between two fetches that tokens with unknown keys cause.
    ///
    /// Default: 10 s. [`build`](Self::build) rejects 0.
    #[cfg(feature = "remote")]
    pub const fn unknown_key_cooldown(mut self, cooldown: Duration) -> Self {
        self.settings.remote.schedule.cooldown = cooldown;
        self
    }

    /// Sets how long the last fetched keys are used while newer ones are unavailable, counted from the
    /// fetch. With 0, they are used only while they are fresh.
    ///
    /// Default: 24 h.
    #[cfg(feature = "remote")]
    pub const fn stale_if_error(mut self, duration: Duration) -> Self {
        self.settings.remote.schedule.stale = duration;
        self
    }

    /// Clamps the freshness lifetime of keys from `Cache-Control` to this range. Keys are refreshed in the
    /// background at 80 % of it, with a random deviation of up to 10 % of that. Without `Cache-Control`,
    /// the lifetime is 10 min, clamped to the same range.
    ///
    /// Default: 5 min to 24 h. [`build`](Self::build) rejects an empty range and one that starts at 0.
    #[cfg(feature = "remote")]
    pub fn key_freshness(mut self, bounds: RangeInclusive<Duration>) -> Self {
        self.settings.remote.schedule.fresh = bounds;
        self
    }

    /// Sets the exponential backoff after failed fetches: the first limit, which doubles with each
    /// failure, and the longest. The pause is chosen at random between 0 and the limit ("full jitter"), so
    /// that many servers do not retry at the same moment.
    ///
    /// Default: 1 s and 60 s. [`build`](Self::build) rejects 0 and a first limit above the longest.
    #[cfg(feature = "remote")]
    pub const fn retry_backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.settings.remote.schedule.backoff = (first, longest);
        self
    }

    /// Sets the timeout of a fetch, discovery included, and of a request that waits for one.
    ///
    /// Default: 5 s. [`build`](Self::build) rejects 0.
    #[cfg(feature = "remote")]
    pub const fn fetch_timeout(mut self, timeout: Duration) -> Self {
        self.settings.remote.schedule.fetch_timeout = timeout;
        self
    }

    /// Sets the function that is called after each fetch of keys, successful or not: for metrics and
    /// alerts. Default: none. It is called on the task that fetches, so it must not block.
    ///
    /// ```no_run
    /// use doorward::{Issuer, keys::KeyEvent, ResourceServer};
    ///
    /// let builder = ResourceServer::builder()
    ///     .trust(Issuer::discover("https://login.example.com", "api://orders"))
    ///     .on_key_event(|event| {
    ///         if let KeyEvent::RefreshFailed { issuer, usable_for, .. } = event {
    ///             eprintln!("{issuer} does not answer; its keys are usable for {usable_for:?}");
    ///         }
    ///     });
    /// ```
    #[cfg(feature = "remote")]
    pub fn on_key_event(mut self, hook: impl Fn(&KeyEvent) + Send + Sync + 'static) -> Self {
        self.settings.remote.hook = KeyEventHook::new(hook);
        self
    }

    /// Checks the configuration and fetches the first keys of every issuer, all at the same time.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when the configuration is contradictory or unsafe, or when an issuer's keys are
    /// unavailable and the server is not [`lazy`](Self::lazy).
    pub async fn build(mut self) -> Result<ResourceServer, ConfigError> {
        let forgotten_keys = std::mem::take(&mut self.forgotten_keys);
        let (inner, issuers) = self.prepare()?;
        inner.settings.wait_for_first_keys(&issuers).await?;
        // With the first keys, so that the log shows a name that no key has.
        forget_keys(&inner, &forgotten_keys)?;
        Ok(ResourceServer::new(inner))
    }

    /// Checks the configuration and builds a server that fetches and reads no keys, and accepts only
    /// tokens of its own [`test_token`](ResourceServer::test_token). It needs no runtime and no network.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] as [`build`](Self::build) returns it, except for what concerns keys.
    #[cfg(feature = "testing")]
    pub fn build_for_test(mut self) -> Result<ResourceServer, ConfigError> {
        self.settings.without_keys = true;
        let forgotten_keys = std::mem::take(&mut self.forgotten_keys);
        let (inner, _) = self.prepare()?;
        forget_keys(&inner, &forgotten_keys)?;
        Ok(ResourceServer::new(inner))
    }

    fn prepare(mut self) -> Result<(Inner, Vec<Arc<RegisteredIssuer>>), ConfigError> {
        if self.issuers.is_empty() {
            return Err(ConfigError::NoIssuer);
        }
        self.settings.check()?;
        let request = Arc::new(self.request.check()?);
        let implied = ImpliedScopes::resolve(&self.implied_scopes)
            .map_err(|Cycle(scope)| ConfigError::ScopeCycle { scope: scope.to_string() })?;
        self.settings.implied = Arc::new(implied);
        let handle = ServerHandle::new(Arc::clone(&request));
        let mut resolved = Vec::new();
        for issuer in &self.issuers {
            resolved.push(self.settings.check_issuer(issuer)?);
        }
        IssuerRegistry::default().check_names(resolved.iter().flatten())?;
        let mut issuers: Vec<Arc<RegisteredIssuer>> = Vec::new();
        for (issuer, resolved) in self.issuers.iter().zip(resolved) {
            issuers.extend(self.settings.prepare(issuer, resolved, &handle)?);
        }
        let registry = IssuerRegistry::of(issuers.clone())?;
        let inner = Inner::new(handle, registry, request, self.settings);
        for tenant in &self.blocked_tenants {
            inner.block_tenant(tenant).map_err(of_start)?;
        }
        Ok((inner, issuers))
    }
}

fn forget_keys(inner: &Inner, keys: &[(String, String)]) -> Result<(), ConfigError> {
    keys.iter()
        .try_for_each(|(issuer, key)| inner.forget_key_from_start(issuer, key).map_err(of_start))
}

/// Returns the error of a key that is forgotten, or a tenant that is blocked, from the start.
fn of_start(error: ChangeError) -> ConfigError {
    match error {
        ChangeError::Issuer(error) => error,
        ChangeError::NotTrusted { issuer } | ChangeError::TenantOfMany { issuer, .. } => {
            ConfigError::NotTrusted { issuer }
        }
        ChangeError::KeyId => ConfigError::KeyId,
        ChangeError::Tenant { tenant } => ConfigError::Part {
            part: "tenant to block",
            value: tenant,
            fault: "is not a GUID: use the directory (tenant) ID",
        },
    }
}
