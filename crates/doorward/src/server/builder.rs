#[cfg(feature = "remote")]
use std::ops::RangeInclusive;
use std::{sync::Arc, time::Duration};

use super::{
    ResourceServer,
    http_settings::HttpOptions,
    inner::Inner,
    issuer_registry::{IssuerRegistry, RegisteredIssuer},
    settings::Settings,
};
use crate::{
    change_error::ChangeError,
    clock::Clock,
    config_error::ConfigError,
    credentials::TokenSource,
    issuer::Issuer,
    refusal::{Refusal, RefusalHook},
    resource::Resource,
    terms::{
        implied_scopes::{Cycle, ImpliedScopes},
        scope::Scope,
        server_id::ServerId,
    },
};
#[cfg(feature = "remote")]
use crate::{fetch::Fetch, key_set::KeyEvent};

/// Describes a [`ResourceServer`]. Only [`trust`](Self::trust) is mandatory.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build().await`"]
pub struct ResourceServerBuilder {
    issuers: Vec<Issuer>,
    implied_scopes: Vec<(Scope, Scope)>,
    forgotten_keys: Vec<(String, String)>,
    blocked_tenants: Vec<String>,
    http: HttpOptions,
    settings: Settings,
}

impl ResourceServerBuilder {
    pub(super) fn new() -> Self {
        Self {
            issuers: Vec::new(),
            implied_scopes: Vec::new(),
            forgotten_keys: Vec::new(),
            blocked_tenants: Vec::new(),
            http: HttpOptions::default(),
            settings: Settings::default(),
        }
    }

    /// Trusts an issuer. Call it again for each further one.
    pub fn trust(mut self, issuer: Issuer) -> Self {
        self.issuers.push(issuer);
        self
    }

    /// Sets keys that are forgotten from the start, as by
    /// [`forget_key`](crate::ResourceServer::forget_key): pairs of an issuer's name and a key's name. A
    /// restart then does not bring back a key that was forgotten at run time. Call it again to add more.
    ///
    /// [`build`](Self::build) rejects the name of an issuer that is not trusted, and a key's name of more
    /// than 256 bytes.
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

    /// Forgives this much difference between the issuer's clock and ours, at most 300 s; 60 s
    /// unless set ([RFC 7519 §4.1.4](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4)).
    pub const fn leeway(mut self, leeway: Duration) -> Self {
        self.settings.leeway = leeway;
        self
    }

    /// AcceptedIss the `realm` of challenges; `api` unless set.
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.http.realm = realm.into();
        self
    }

    /// Takes tokens from these places of a request alone; from the `Authorization` field unless set.
    /// A request with credentials in several of them is refused.
    ///
    /// Where one API has several gates, let all take tokens from the same places: behind the rule of
    /// one, an extractor of another would find another token.
    ///
    /// ```
    /// use doorward::{ResourceServer, tokens::TokenSource};
    ///
    /// let builder = ResourceServer::builder()
    ///     .tokens_from([TokenSource::authorization(), TokenSource::cookie("__Host-token")]);
    /// ```
    pub fn tokens_from(mut self, sources: impl IntoIterator<Item = TokenSource>) -> Self {
        self.http.sources = sources.into_iter().collect();
        self
    }

    /// Says under which URL clients reach this API. Then every challenge tells where the document is
    /// by which they find out whose tokens it takes and which scopes it knows
    /// ([RFC 9728 §5.1](https://www.rfc-editor.org/rfc/rfc9728#section-5.1)), and a challenge with
    /// status 401 tells the scopes to ask for. The guarded routers of the adapters serve the
    /// document.
    pub fn resource(mut self, resource: impl Into<Resource>) -> Self {
        self.http.resource = Some(resource.into());
        self
    }

    /// Adds `Access-Control-Expose-Headers: WWW-Authenticate` to refusals, so that scripts of other
    /// origins, if a CORS layer lets them read the answer, can read the challenge too.
    pub const fn expose_challenges(mut self) -> Self {
        self.http.exposes_challenges = true;
        self
    }

    /// Has the gate's layers and guarded routers answer preflights, which carry no token, with 204; the
    /// guarded service is not asked. What is permitted is for the CORS layer to say, which stands
    /// outside: scripts could not read a refusal otherwise. Most such layers answer preflights
    /// themselves and need nothing of this; those that merely add fields to answers do.
    ///
    /// A layer that stands behind the choice of the method, on a single route, sees no preflight: the
    /// answer stays 405 there.
    ///
    /// A preflight is a request with `OPTIONS`, one `Origin`, one `Access-Control-Request-Method` and
    /// no credentials. Other requests with `OPTIONS` are asked for their token.
    pub const fn answer_preflights(mut self) -> Self {
        self.http.answers_preflights = true;
        self
    }

    /// Calls the function whenever a request is refused: for audit logs and metrics. It is called on
    /// the task of the request, so it must not block.
    ///
    /// ```
    /// use doorward::ResourceServer;
    ///
    /// let builder = ResourceServer::builder().on_refusal(|refusal| {
    ///     let (code, route) = (refusal.code(), refusal.route().unwrap_or("?"));
    ///     println!("{code} on {route} by the client {:?}", refusal.client_id());
    /// });
    /// ```
    pub fn on_refusal(mut self, hook: impl Fn(&Refusal<'_>) + Send + Sync + 'static) -> Self {
        self.http.on_refusal = RefusalHook::new(hook);
        self
    }

    /// Tells the log and [`on_refusal`](Self::on_refusal) the subject of tokens whose signature is
    /// good; it may be personal data.
    pub const fn log_subjects(mut self) -> Self {
        self.http.logs_subjects = true;
        self
    }

    /// Refuses tokens of more bytes than this, before anything of them is decoded; 16 KiB unless
    /// set.
    pub const fn max_token_len(mut self, bytes: usize) -> Self {
        self.settings.limits.token_len = bytes;
        self
    }

    /// Refuses tokens whose header or claims are nested deeper than this, at most 64; 32 unless set.
    pub const fn max_json_depth(mut self, depth: u8) -> Self {
        self.settings.limits.json_depth = depth;
        self
    }

    /// Sets how many verified tokens are cached, so that the next request with one of them costs no
    /// signature check. Default: 10,000; 0 disables the cache.
    ///
    /// A cached token is refused as soon as it would be refused without the cache: when it expires, its
    /// key is withdrawn or [forgotten](crate::ResourceServer::forget_key), its tenant
    /// [blocked](crate::ResourceServer::block_tenant), its issuer
    /// [removed](crate::ResourceServer::distrust), or the keys are too old. The tokens that are used least
    /// and longest ago give way to others. An eighth of the capacity holds copies for single threads.
    pub const fn max_cached_tokens(mut self, tokens: u64) -> Self {
        self.settings.token_cache.tokens = tokens;
        self
    }

    /// Sets how many bytes the cached tokens may take, as far as they can be counted. Default: 64 MiB; 0
    /// disables the cache. Tokens are evicted with later requests, so for a moment there may be some
    /// hundred more.
    pub const fn max_cached_token_bytes(mut self, bytes: u64) -> Self {
        self.settings.token_cache.bytes = bytes;
        self
    }

    /// Refuses tokens that live longer than this from `iat` to `exp`, and tokens without `iat`; no
    /// limit unless set.
    pub const fn max_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.max_lifetime = Some(lifetime);
        self
    }

    /// Says that whoever is granted a scope is granted others too, and what those imply in turn. It
    /// holds for rules and for [`AccessToken::grants`](crate::AccessToken::grants); the token's own
    /// [`scopes`](crate::AccessToken::scopes) stay what they are.
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

    /// Tells the time by another clock, for tests.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.settings.clock = Arc::new(clock);
        self
    }

    /// Builds the server without waiting for the first keys: they are fetched in the background,
    /// again and again until they come. Until then requests are answered 503, so that an API can
    /// start while its issuer is down.
    #[cfg(feature = "remote")]
    pub const fn lazy(mut self) -> Self {
        self.settings.remote.lazy = true;
        self
    }

    /// Allows `http` URLs whose host is the loopback interface, for development issuers. All other
    /// URLs must be `https`.
    #[cfg(feature = "remote")]
    pub const fn allow_loopback_http(mut self) -> Self {
        self.settings.remote.loopback_http = true;
        self
    }

    /// Fetches with clients that this function begins to build, for a proxy, a private CA or
    /// client certificates. Rules on redirects, timeouts, kept connections and loopback addresses are
    /// set on top; so is a resolver for hosts that metadata accepted_iss and that are not its own.
    #[cfg(feature = "remote")]
    pub fn http_client(
        mut self,
        begin: impl Fn() -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.settings.remote.begin_with(begin);
        self
    }

    /// Fetches by your own means. Which URLs may be asked is still decided here.
    #[cfg(feature = "remote")]
    pub fn fetch(mut self, fetch: impl Fetch) -> Self {
        self.settings.remote.fetch_with(fetch);
        self
    }

    /// Waits at least so long between two fetches for the sake of unknown keys; 10 s unless set.
    #[cfg(feature = "remote")]
    pub const fn unknown_key_cooldown(mut self, cooldown: Duration) -> Self {
        self.settings.remote.schedule.cooldown = cooldown;
        self
    }

    /// Uses the last good keys for so long after they came while no newer ones can be had; 24 h
    /// unless set. Zero is the strictest: they serve as long as they are fresh.
    #[cfg(feature = "remote")]
    pub const fn stale_if_error(mut self, duration: Duration) -> Self {
        self.settings.remote.schedule.stale = duration;
        self
    }

    /// Takes keys for fresh at least and at most so long, whatever the issuer's `Cache-Control`
    /// says; 5 min to 24 h unless set. They are refreshed in the background at 80 % of the time, give
    /// or take 10 % of that by chance. Of an issuer that says nothing they are fresh for 10 min,
    /// within the same bounds.
    #[cfg(feature = "remote")]
    pub fn key_freshness(mut self, bounds: RangeInclusive<Duration>) -> Self {
        self.settings.remote.schedule.fresh = bounds;
        self
    }

    /// Tries again after a failed fetch within `first`, a time that doubles with each failure up
    /// to `longest`; 1 s and 60 s unless set. The pause is drawn by chance between nothing and that
    /// time, so that many servers do not ask at the same moment.
    #[cfg(feature = "remote")]
    pub const fn retry_backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.settings.remote.schedule.backoff = (first, longest);
        self
    }

    /// Gives a fetch so much time, discovery included, and a request that waits for one as much;
    /// 5 s unless set.
    #[cfg(feature = "remote")]
    pub const fn fetch_timeout(mut self, timeout: Duration) -> Self {
        self.settings.remote.schedule.fetch_timeout = timeout;
        self
    }

    /// Calls the function whenever keys were fetched, or could not be: for metrics and alerts. It
    /// is called on the task that fetches, so it must not block.
    ///
    /// ```no_run
    /// use doorward::{Issuer, keys::KeyEvent, ResourceServer};
    ///
    /// let builder = ResourceServer::builder()
    ///     .trust(Issuer::discover("https://login.example.com", "api://orders"))
    ///     .on_key_event(|event| {
    ///         if let KeyEvent::RefreshFailed { issuer, usable_for, .. } = event {
    ///             eprintln!("{issuer} is silent; its keys serve for {usable_for:?} yet");
    ///         }
    ///     });
    /// ```
    #[cfg(feature = "remote")]
    pub fn on_key_event(mut self, hook: impl Fn(&KeyEvent) + Send + Sync + 'static) -> Self {
        self.settings.remote.tell(hook);
        self
    }

    /// Checks the configuration and fetches the first keys of every issuer, all at the same time.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when the configuration is contradictory or unsafe, or when an issuer's keys are
    /// unavailable and the server is not [`lazy`](Self::lazy).
    pub async fn build(mut self) -> Result<ResourceServer, ConfigError> {
        if self.issuers.is_empty() {
            return Err(ConfigError::NoIssuer);
        }
        self.settings.check()?;
        let http = self.http.check()?;
        let implied = ImpliedScopes::resolve(&self.implied_scopes)
            .map_err(|Cycle(scope)| ConfigError::ScopeCycle { scope: scope.to_string() })?;
        self.settings.implied = Arc::new(implied);
        let id = ServerId::draw().ok_or(ConfigError::Randomness)?;
        let mut resolved = Vec::new();
        for issuer in &self.issuers {
            resolved.push(self.settings.check_issuer(issuer)?);
        }
        IssuerRegistry::default().check_names(resolved.iter().flatten())?;
        let mut issuers: Vec<Arc<RegisteredIssuer>> = Vec::new();
        for (issuer, resolved) in self.issuers.iter().zip(resolved) {
            issuers.extend(self.settings.prepare(issuer, resolved, id)?);
        }
        let registry = IssuerRegistry::of(issuers.clone())?;
        let inner = Inner::new(id, registry, http, self.settings);
        for tenant in &self.blocked_tenants {
            inner.block_tenant(tenant).map_err(of_start)?;
        }
        inner.settings.wait_for_first_keys(&issuers).await?;
        // With the first keys, so that the log shows a name that no key has.
        for (issuer, key_id) in &self.forgotten_keys {
            inner.forget_key(issuer, key_id).map_err(of_start)?;
        }
        Ok(ResourceServer::new(inner))
    }
}

/// Returns the error of a key that is forgotten, or a tenant that is blocked, from the start.
fn of_start(error: ChangeError) -> ConfigError {
    match error {
        ChangeError::Issuer(error) => error,
        ChangeError::NotTrusted { issuer } | ChangeError::TenantOfMany { issuer, .. } => {
            ConfigError::NotTrusted { issuer }
        }
        ChangeError::KeyId => ConfigError::KeyId,
        ChangeError::Tenant { tenant } => ConfigError::Tenant { tenant },
    }
}
