use std::{sync::Arc, time::Duration};

use super::{ConfigError, ResourceServer, resource_server::House, trusts::Trusts};
#[cfg(feature = "remote")]
use crate::remote::{Fetch, RemoteSettings};
use crate::{
    challenge,
    claims::ClaimMap,
    clock::{Clock, SystemClock},
    key::KeyRules,
    key_source::KeySource,
    limits::{self, TokenLimits},
    policy::{Policy, Standing},
    profile::{Issuer, KeyOrigin, Lane},
    terms::{algorithm::AlgorithmSet, server_id::ServerId},
    verifier::Verifier,
};

/// Describes a [`ResourceServer`]. Only [`trust`](Self::trust) is mandatory.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build().await`"]
pub struct ResourceServerBuilder {
    issuers: Vec<Issuer>,
    leeway: Duration,
    realm: String,
    limits: TokenLimits,
    max_lifetime: Option<Duration>,
    clock: Arc<dyn Clock>,
    #[cfg(feature = "remote")]
    remote: RemoteSettings,
}

impl ResourceServerBuilder {
    pub(super) fn new() -> Self {
        Self {
            issuers: Vec::new(),
            leeway: limits::LEEWAY,
            realm: "api".to_owned(),
            limits: TokenLimits::default(),
            max_lifetime: None,
            clock: Arc::new(SystemClock::new()),
            #[cfg(feature = "remote")]
            remote: RemoteSettings::default(),
        }
    }

    /// Trusts an issuer. Call it again for each further one.
    pub fn trust(mut self, issuer: Issuer) -> Self {
        self.issuers.push(issuer);
        self
    }

    /// Forgives this much difference between the issuer's clock and ours, at most 300 s; 60 s
    /// unless set ([RFC 7519 §4.1.4](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4)).
    pub const fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Names the `realm` of challenges; `api` unless set.
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = realm.into();
        self
    }

    /// Refuses tokens of more bytes than this, before anything of them is decoded; 16 KiB unless
    /// set.
    pub const fn max_token_len(mut self, bytes: usize) -> Self {
        self.limits.token_len = bytes;
        self
    }

    /// Refuses tokens whose header or claims are nested deeper than this, at most 64; 32 unless set.
    pub const fn max_json_depth(mut self, depth: u8) -> Self {
        self.limits.json_depth = depth;
        self
    }

    /// Refuses tokens that live longer than this from `iat` to `exp`, and tokens without `iat`; no
    /// limit unless set.
    pub const fn max_lifetime(mut self, lifetime: Duration) -> Self {
        self.max_lifetime = Some(lifetime);
        self
    }

    /// Tells the time by another clock, for tests.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Builds the server without waiting for the first keys: they are fetched in the background,
    /// again and again until they come. Until then requests are answered 503, so that an API can
    /// start while its issuer is down.
    #[cfg(feature = "remote")]
    pub const fn lazy(mut self) -> Self {
        self.remote.lazy = true;
        self
    }

    /// Allows `http` URLs whose host is the loopback interface, for development issuers. All other
    /// URLs must be `https`.
    #[cfg(feature = "remote")]
    pub const fn allow_loopback_http(mut self) -> Self {
        self.remote.loopback_http = true;
        self
    }

    /// Fetches with clients that this function begins to build, for a proxy, a private CA or
    /// client certificates. Rules on redirects, timeouts and loopback addresses are set on top.
    #[cfg(feature = "remote")]
    pub fn http_client(
        mut self,
        begin: impl Fn() -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.remote.begin_with(begin);
        self
    }

    /// Fetches by your own means. Which URLs may be asked is still decided here.
    #[cfg(feature = "remote")]
    pub fn fetch(mut self, fetch: impl Fetch) -> Self {
        self.remote.fetch_with(fetch);
        self
    }

    /// Waits at least so long between two fetches for the sake of unknown keys; 10 s unless set.
    #[cfg(feature = "remote")]
    pub const fn unknown_key_cooldown(mut self, cooldown: Duration) -> Self {
        self.remote.schedule.cooldown = cooldown;
        self
    }

    /// Uses the last good keys for so long while no newer ones can be had; 24 h unless set.
    #[cfg(feature = "remote")]
    pub const fn use_stale_keys_for(mut self, duration: Duration) -> Self {
        self.remote.schedule.stale = duration;
        self
    }

    /// Checks the description and fetches the first keys of every issuer, all at the same time.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when the description is contradictory or unsafe, or when an issuer's keys
    /// cannot be had and the server is not [`lazy`](Self::lazy).
    pub async fn build(self) -> Result<ResourceServer, ConfigError> {
        self.check()?;
        let id = ServerId::draw().ok_or(ConfigError::Randomness)?;
        let mut trusts = Trusts::default();
        #[cfg(feature = "remote")]
        let mut remote = crate::remote::Remote::new(&self.remote, &self.clock);
        for issuer in &self.issuers {
            let lanes = self.check_issuer(issuer)?;
            for lane in lanes {
                let rules = KeyRules { accepted: accepted(issuer), tenancy: lane.tenancy.clone() };
                let keys = match &lane.origin {
                    KeyOrigin::Fixed(keys) => {
                        KeySource::Fixed(keys.prepare(&rules).map_err(|error| {
                            ConfigError::Keys { issuer: lane.title.clone(), error }
                        })?)
                    }
                    #[cfg(feature = "remote")]
                    KeyOrigin::Fetched(whence) => remote.source(&lane, whence, rules)?,
                    #[cfg(not(feature = "remote"))]
                    KeyOrigin::Fetched(_) => {
                        return Err(ConfigError::RemoteOff { issuer: lane.title });
                    }
                };
                let verifier = self.verifier(issuer, &lane, id);
                trusts.add(lane, verifier, keys)?;
            }
        }
        #[cfg(feature = "remote")]
        remote.first_fetches().await?;
        Ok(ResourceServer::new(House {
            id,
            trusts,
            realm: self.realm,
            limits: self.limits,
            clock: self.clock,
        }))
    }

    fn check(&self) -> Result<(), ConfigError> {
        if self.issuers.is_empty() {
            return Err(ConfigError::NoIssuer);
        }
        if self.leeway > limits::MAX_LEEWAY {
            return Err(ConfigError::Leeway { leeway: self.leeway });
        }
        if self.limits.json_depth > limits::MAX_JSON_DEPTH {
            return Err(ConfigError::JsonDepth { depth: self.limits.json_depth });
        }
        let nothing = self.limits.token_len == 0 || self.limits.json_depth == 0;
        if nothing || self.max_lifetime == Some(Duration::ZERO) {
            return Err(ConfigError::NothingPasses);
        }
        if challenge::is_quotable(&self.realm) { Ok(()) } else { Err(ConfigError::Realm) }
    }

    /// Checks one issuer and returns its lanes.
    fn check_issuer(&self, issuer: &Issuer) -> Result<Vec<Lane>, ConfigError> {
        if let Some(fault) = issuer.fault() {
            return Err(fault);
        }
        let lanes = issuer.lanes();
        for lane in &lanes {
            let blank = |name: &String| name.trim().is_empty();
            if blank(&lane.title) || lane.listed_names().iter().any(blank) {
                return Err(ConfigError::BlankIssuer);
            }
            // Before a message shows the name: a URL with a password is refused here.
            #[cfg(feature = "remote")]
            self.remote.check(lane)?;
            issuer.check(&lane.title)?;
        }
        Ok(lanes)
    }

    fn verifier(&self, issuer: &Issuer, lane: &Lane, server: ServerId) -> Verifier {
        let standing = Standing {
            server,
            app_id_uris: issuer.app_id_uris.iter().cloned().collect(),
            tenant: lane.tenant.clone(),
            actor: issuer.actor.clone(),
        };
        let policy = Policy {
            token_type: issuer.token_type,
            issuers: lane.names.clone(),
            microsoft: lane.microsoft.clone(),
            audience: issuer.audience_rule(),
            audience_claim: issuer.claims.audience.clone(),
            required: issuer.required.clone(),
            authorized_party: issuer.authorized_party,
            leeway: self.leeway,
            max_lifetime: self.max_lifetime,
            standing: Arc::new(standing),
        };
        let claims = ClaimMap { depth: self.limits.json_depth, ..issuer.claims.clone() };
        Verifier { policy, claims, accepted: accepted(issuer).unwrap_or(AlgorithmSet::ALL) }
    }
}

fn accepted(issuer: &Issuer) -> Option<AlgorithmSet> {
    issuer.algorithms.as_ref().map(|list| list.iter().copied().collect())
}
