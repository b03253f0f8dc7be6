use std::{fmt, sync::Arc, time::Duration};

use serde::{Deserialize, de::DeserializeOwned};

use super::{Actor, PolicyError};
use crate::{
    claims::{self, ClaimsError, ClaimsSet, KnownClaims, Permissions, Scopes},
    codec::lookup,
    terms::{
        app_id_uri::AppIdUri, claim_path::ClaimPath, implied_scopes::ImpliedScopes,
        server_handle::ServerHandle, time::UnixTime,
    },
};

/// A verified access token: its signature, issuer, audience and times have passed.
///
/// Only a [`ResourceServer`](crate::ResourceServer) (or, in tests, the feature `testing`) creates one,
/// so a function that takes one cannot be called without a verified token. Handlers take the type of
/// the same name of their adapter, such as `doorward_axum::AccessToken`, which is an extractor.
/// Cloning is cheap.
///
/// Identify a user or service by the pair of [`issuer`](Self::issuer) and
/// [`subject`](Self::subject): either alone, an email address or a name is not an identity
/// ([RFC 8725 §3.8](https://www.rfc-editor.org/rfc/rfc8725#section-3.8)).
#[derive(Clone)]
pub struct AccessToken {
    admitted: Arc<Admitted>,
    /// When it was found to be valid.
    at: UnixTime,
    /// Whether it was found in the cache of verified tokens.
    cached: bool,
}

#[derive(Clone)]
struct Admitted {
    context: Arc<IssuerContext>,
    issuer: String,
    subject: String,
    expires: UnixTime,
    scopes: Scopes,
    actor: Actor,
    known: KnownClaims,
    text: Arc<String>,
    /// The token as it was sent; a secret.
    raw: Option<Arc<[u8]>>,
}

/// What all tokens admitted by one policy share.
#[derive(Clone, Debug)]
pub(crate) struct IssuerContext {
    /// The server whose policy it is.
    pub(crate) server: ServerHandle,
    /// The URIs that may stand before the names of scopes.
    pub(crate) app_id_uris: Arc<[AppIdUri]>,
    /// Which scopes imply which others.
    pub(crate) implied: Arc<ImpliedScopes>,
    /// The tenant of tokens that do not name theirs.
    pub(crate) tenant: Option<String>,
    /// Where users of Entra sign in.
    pub(crate) sign_in: Option<String>,
    /// How much difference between the issuer's clock and ours is forgiven.
    pub(crate) leeway: Duration,
}

impl AccessToken {
    /// Takes claims that the policy has passed, and what it has found to be there.
    pub(super) fn admitted(
        claims: ClaimsSet,
        context: Arc<IssuerContext>,
        at: UnixTime,
    ) -> Result<Self, PolicyError> {
        let ClaimsSet { mut known, text, .. } = claims;
        let admitted = Admitted {
            issuer: known.issuer.take().ok_or(PolicyError::Missing { claim: "iss" })?,
            subject: known.subject.take().ok_or(PolicyError::Missing { claim: "sub" })?,
            expires: known.expires.ok_or(PolicyError::Missing { claim: "exp" })?,
            scopes: Scopes::new(known.scopes.take(), Arc::clone(&context.app_id_uris)),
            actor: Actor::of_identity_type(known.microsoft.identity_type.as_deref())
                .unwrap_or(Actor::Unknown),
            known,
            text: Arc::new(text),
            raw: None,
            context,
        };
        Ok(Self { admitted: Arc::new(admitted), at, cached: false })
    }

    /// Creates a token from claims that a test has written, without verifying them.
    #[cfg(feature = "testing")]
    pub(crate) fn unverified(claims: ClaimsSet, at: UnixTime) -> Result<Self, PolicyError> {
        let context = IssuerContext {
            server: ServerHandle::new(Arc::new(())),
            app_id_uris: Arc::default(),
            implied: Arc::default(),
            tenant: None,
            sign_in: None,
            leeway: Duration::ZERO,
        };
        Self::admitted(claims, Arc::new(context), at)
    }

    /// Returns the token with this actor, unless `idtyp` says who acts.
    pub(super) fn with_actor(mut self, actor: impl FnOnce(&Self) -> Actor) -> Self {
        if self.admitted.known.microsoft.identity_type.is_none() {
            let actor = actor(&self);
            // Nobody else has this token yet.
            if let Some(admitted) = Arc::get_mut(&mut self.admitted) {
                admitted.actor = actor;
            }
        }
        self
    }

    /// Returns the token with the text in which it was sent.
    pub(crate) fn with_raw(mut self, raw: Arc<[u8]>) -> Self {
        // Nobody else has this token yet.
        if let Some(admitted) = Arc::get_mut(&mut self.admitted) {
            admitted.raw = Some(raw);
        }
        self
    }

    /// Returns the same token, found to be valid at another time.
    pub(super) fn admitted_again(&self, at: UnixTime) -> Self {
        Self { admitted: Arc::clone(&self.admitted), at, cached: true }
    }

    /// Returns the same token, apart in memory but for its text: so clones of the one and of the other
    /// are not counted together.
    pub(crate) fn copy(&self) -> Self {
        Self { admitted: Arc::new(Admitted::clone(&self.admitted)), ..self.clone() }
    }

    pub(super) fn known(&self) -> &KnownClaims {
        &self.admitted.known
    }

    /// Returns about how many bytes it holds: its text, the claims that are typed, which are no
    /// longer together, and what each string of a list costs beside its text.
    pub(crate) fn footprint(&self) -> usize {
        const OF_STRING: usize = 48;
        let strings = self.audience().chain(self.scopes().iter()).chain(self.roles()).count();
        let texts = self.admitted.text.len().saturating_mul(2);
        texts
            .saturating_add(strings.saturating_mul(OF_STRING))
            .saturating_add(size_of::<Admitted>())
    }

    /// Returns which server has verified the token.
    pub(crate) fn verified_by(&self) -> &ServerHandle {
        &self.admitted.context.server
    }

    /// Returns whether the token was found in the cache of verified tokens.
    pub(crate) const fn is_cached(&self) -> bool {
        self.cached
    }

    /// Returns `iss`: who issued the token.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.admitted.issuer
    }

    /// Returns `sub`: for whom the token was issued, unique within the issuer. For a service that
    /// acts for itself this is the service.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.admitted.subject
    }

    /// Returns the client that asked for the token: `client_id`, else `azp`, `appid` or `cid`.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.admitted.known.client.as_str()
    }

    /// Returns who acts: by `idtyp` if a Microsoft token has it, else by the issuer's own rule
    /// ([RFC 9700 §4.15](https://www.rfc-editor.org/rfc/rfc9700#section-4.15)).
    #[must_use]
    pub fn actor(&self) -> Actor {
        self.admitted.actor
    }

    /// Returns the tenant of a Microsoft token: `tid`, else the tenant in the issuer's configuration.
    #[must_use]
    pub fn tenant_id(&self) -> Option<&str> {
        self.admitted.known.microsoft.tenant.as_deref().or(self.admitted.context.tenant.as_deref())
    }

    /// Returns `oid` of a Microsoft token: the user or service, the same for every client. It
    /// is unique within the [tenant](Self::tenant_id).
    #[must_use]
    pub fn object_id(&self) -> Option<&str> {
        self.admitted.known.microsoft.object.as_deref()
    }

    /// Returns which permissions `scp` and `roles` of a Microsoft token list.
    pub(crate) fn permissions(&self) -> Permissions {
        self.admitted.known.microsoft.permissions
    }

    /// Returns whether a scope is granted, or one that
    /// [implies](crate::ResourceServerBuilder::scope_implies) it.
    #[must_use]
    pub fn grants(&self, scope: &str) -> bool {
        let scopes = self.scopes();
        let context = &self.admitted.context;
        scopes.contains(scope)
            || context.implied.of(scope).any(|stronger| scopes.contains(stronger))
    }

    /// Returns the value of a claim as its JSON text.
    pub(crate) fn value_at(&self, path: &ClaimPath) -> Option<&str> {
        lookup::value_at(&self.admitted.text, path.names()).ok()?
    }

    /// Returns the value of a claim at the top level as its JSON text.
    pub(crate) fn top_value(&self, name: &str) -> Option<&str> {
        lookup::value_at(&self.admitted.text, [name]).ok()?
    }

    /// Returns when the token was found to be valid.
    pub(crate) const fn admitted_at(&self) -> UnixTime {
        self.at
    }

    pub(crate) fn leeway(&self) -> Duration {
        self.admitted.context.leeway
    }

    /// Returns where the user of a token of Entra's signs in.
    pub(crate) fn sign_in(&self) -> Option<&str> {
        self.admitted.context.sign_in.as_deref()
    }

    /// Returns one claim as a type of your own; `None` if it is absent or does not fit the type.
    ///
    /// ```
    /// # #[cfg(feature = "testing")] {
    /// # let token = doorward::AccessToken::for_test().claim("gty", "client-credentials").token();
    /// let grant: Option<String> = token.claim("gty");
    /// let roles: Option<Vec<String>> = token.claim(["realm_access", "roles"]);
    /// # assert!(grant.is_some() && roles.is_none());
    /// # }
    /// ```
    pub fn claim<'t, T: Deserialize<'t>>(&'t self, path: impl Into<ClaimPath>) -> Option<T> {
        let value = lookup::value_at(&self.admitted.text, path.into().names()).ok()??;
        serde_json::from_str(value).ok()
    }

    /// Returns an iterator over `aud`: the APIs that the token is for, this one among them.
    pub fn audience(&self) -> impl Iterator<Item = &str> {
        self.admitted.known.audience.iter().flat_map(|audience| audience.iter())
    }

    /// Returns the granted scopes: of `scope` if it is there, else of `scp`, unless the issuer is
    /// trusted with [others](crate::Issuer::scopes_from).
    #[must_use]
    pub fn scopes(&self) -> &Scopes {
        &self.admitted.scopes
    }

    /// Returns an iterator over the roles: of `roles`
    /// ([RFC 9068 §2.2.3.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1)), unless the
    /// issuer is trusted with [others](crate::Issuer::roles_from).
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.admitted.known.roles.iter().flat_map(|roles| roles.iter())
    }

    /// Returns `exp`, the expiry time. The token is accepted until the leeway after it has passed.
    #[must_use]
    pub fn expires_at(&self) -> UnixTime {
        self.admitted.expires
    }

    /// Returns `iat`: when the token was issued.
    #[must_use]
    pub fn issued_at(&self) -> Option<UnixTime> {
        self.admitted.known.issued_at
    }

    /// Returns `nbf`. The token is accepted from this time on, minus the leeway.
    #[must_use]
    pub fn not_before(&self) -> Option<UnixTime> {
        self.admitted.known.not_before
    }

    /// Returns `jti`: the token's own ID, unique within the issuer.
    #[must_use]
    pub fn token_id(&self) -> Option<&str> {
        self.admitted.known.id.as_deref()
    }

    /// Deserializes all claims into a type of your own.
    ///
    /// # Errors
    ///
    /// [`ClaimsError::Mismatch`] when a claim that the type requires is absent or has another type. The
    /// token is valid all the same, so the answer is 403: a client that is refused with 401 would fetch
    /// another token of the same kind.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, ClaimsError> {
        claims::deserialize(&self.admitted.text)
    }

    /// Returns the token as it was sent: a secret, for requests on behalf of the user
    /// ([RFC 8693](https://www.rfc-editor.org/rfc/rfc8693), Entra's on-behalf-of flow) and for nothing
    /// else. It is in no log and no `Debug`. `None` for a token that a test has created.
    #[must_use]
    pub fn raw(&self) -> Option<&str> {
        std::str::from_utf8(self.admitted.raw.as_deref()?).ok()
    }

    /// Returns the octets of [`raw`](Self::raw), shared.
    pub(crate) fn raw_octets(&self) -> Option<&Arc<[u8]>> {
        self.admitted.raw.as_ref()
    }

    /// Returns all claims as the JSON object that the issuer signed.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.admitted.text
    }
}

/// Shows the issuer and the scopes; the other claims may be personal.
impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("issuer", &self.admitted.issuer)
            .field("scopes", &self.admitted.scopes)
            .finish_non_exhaustive()
    }
}
