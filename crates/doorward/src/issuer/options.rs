//! What can be set of every issuer. The presets set nothing else.

#[cfg(feature = "remote")]
use std::time::Duration;

use serde_json::Value;

use super::{Issuer, issuer::Identity};
use crate::{
    claims::ClaimList,
    config_error::ConfigError,
    policy::{AccessToken, Actor, ActorRule, RequiredClaim, TypeRule},
    terms::{algorithm::Algorithm, app_id_uri::AppIdUri, claim_path::ClaimPath},
};

impl Issuer {
    /// Accepts tokens with this `iss` too: a name that the same issuer has besides its URL.
    pub fn also_named(mut self, name: impl Into<String>) -> Self {
        match &mut self.identity {
            Identity::IssOwner { names, .. } => names.push(name.into()),
            Identity::Entra(_) | Identity::B2c(_) | Identity::ExternalId(_) => {
                self.fault = Some(ConfigError::Unfit { setting: "also_named" });
            }
        }
        self
    }

    /// Finds the keys through the metadata at this URL instead of the usual place. The metadata's
    /// `issuer` must still be this issuer's name. For B2C, `{policy}` in the URL stands for the
    /// policy.
    #[cfg(feature = "remote")]
    pub fn metadata_url(mut self, url: impl Into<String>) -> Self {
        self.metadata_url = Some(url.into());
        self
    }

    /// Declares that somebody else than the operator supplied the URLs of this issuer, such as a customer
    /// of a SaaS. Then the API cannot be used to reach internal services (server-side request
    /// forgery).
    ///
    /// Every URL of the issuer must be `https` to a public host, whatever
    /// [`allow_loopback_http`](crate::ResourceServerBuilder::allow_loopback_http) and
    /// [`danger_allow_http`](crate::ResourceServerBuilder::danger_allow_http) allow: neither this
    /// machine nor a link-local, private, shared or reserved address. This holds for addresses in URLs
    /// and for what host names resolve to. A URL that is not public is an error when the issuer is added;
    /// a host name that resolves to no public address fails the fetch. A proxy resolves host names
    /// itself, so there the proxy must keep this rule.
    ///
    /// ```no_run
    /// # async fn example(server: &doorward::ResourceServer, url: String) -> Result<(), doorward::ConfigError> {
    /// use doorward::Issuer;
    ///
    /// server.trust(Issuer::discover(url, "api://orders").untrusted_url()).await?;
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "remote")]
    pub const fn untrusted_url(mut self) -> Self {
        self.untrusted_url = true;
        self
    }

    /// Accepts one more audience.
    pub fn audience(mut self, name: impl Into<String>) -> Self {
        self.audience.add(name.into());
        self.audience_added = true;
        self
    }

    /// Compares this claim with the audience in the place of `aud`, for issuers whose tokens say
    /// elsewhere whom they are for.
    pub fn audience_claim(mut self, path: impl Into<ClaimPath>) -> Self {
        self.claims.audience = Some(path.into());
        self
    }

    /// Accepts tokens for whatever audience, and tokens that name none.
    ///
    /// With it, a token that this issuer gave to *any* API, and that API or its operator replays
    /// here, is accepted. Use it only where the issuer serves this API alone.
    pub const fn danger_any_audience(mut self) -> Self {
        self.any_audience = true;
        self
    }

    /// Names an App ID URI of this API, as registered at Microsoft: what clients put before the names
    /// of its scopes. A rule may then name a scope with it or without. Call it again for each further
    /// one.
    ///
    /// For Entra it is an audience too, with and without a slash at its end, because Azure AD
    /// issues both; for B2C and others it is not.
    pub fn app_id_uri(mut self, uri: impl AsRef<str>) -> Self {
        self.app_id_uris.push(AppIdUri::new(uri.as_ref()));
        self
    }

    /// Accepts these signature algorithms in the place of the defaults.
    ///
    /// A key that names its algorithm (`alg`) is used with that one alone, if it is among these. A
    /// key that names none is used with every one of these that fits its type; by default with
    /// RS256, the ES algorithm of its curve, or EdDSA
    /// ([RFC 8725 §3.1](https://www.rfc-editor.org/rfc/rfc8725#section-3.1)).
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = Some(algorithms.into_iter().collect());
        self
    }

    /// Demands that the header's `typ` is `at+jwt`
    /// ([RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4)). Unless set, `JWT` and no
    /// `typ` are accepted too, because most issuers send nothing else.
    pub const fn require_at_jwt(mut self) -> Self {
        self.token_type = TypeRule::AtJwt;
        self
    }

    /// Accepts tokens of whatever `typ`.
    ///
    /// With it, a token that the issuer made for another end, such as a logout token, may pass for
    /// an access token. Use it only where the issuer writes a `typ` of its own, and require a
    /// claim that its access tokens alone have.
    pub const fn danger_any_type(mut self) -> Self {
        self.token_type = TypeRule::Any;
        self
    }

    /// Demands that the claim is there, whatever it says.
    pub fn require_claim(mut self, path: impl Into<ClaimPath>) -> Self {
        self.required.push(RequiredClaim { path: path.into(), value: None });
        self
    }

    /// Demands that the claim is exactly this: a string, a number, `true` or `false`.
    pub fn require_claim_value(
        mut self,
        path: impl Into<ClaimPath>,
        value: impl Into<Value>,
    ) -> Self {
        let value = Some(value.into());
        self.required.push(RequiredClaim { path: path.into(), value });
        self
    }

    /// Keeps a key in use for so long after the issuer has ceased to publish it, unless it has
    /// published another under the same ID; not at all unless set. For Entra and B2C it is 24 h,
    /// because their keys vanish for hours and return.
    ///
    /// A key that was stolen serves the thief as long: [`ResourceServer::forget_key`] drops it at
    /// once.
    ///
    /// [`ResourceServer::forget_key`]: crate::ResourceServer::forget_key
    #[cfg(feature = "remote")]
    pub const fn keep_removed_keys_for(mut self, duration: Duration) -> Self {
        self.keep_removed = duration;
        self
    }

    /// Takes the scopes from the first of these claims that is there. Unless set: `scope`, then
    /// `scp`.
    pub fn scopes_from<L: Into<ClaimList>>(mut self, claims: impl IntoIterator<Item = L>) -> Self {
        self.claims.scopes = claims.into_iter().map(Into::into).collect();
        self
    }

    /// Takes the roles from all of these claims. Unless set: `roles`.
    pub fn roles_from<L: Into<ClaimList>>(mut self, claims: impl IntoIterator<Item = L>) -> Self {
        self.claims.roles = claims.into_iter().map(Into::into).collect();
        self
    }

    /// Tells by this function who acts, for the rules [`delegated`](crate::rules::delegated) and
    /// [`app_only`](crate::rules::app_only). Unless set, nobody can tell. `idtyp`, where an issuer of
    /// Microsoft's sends it, is believed first.
    ///
    /// ```
    /// # #[cfg(feature = "remote")] {
    /// use doorward::{Issuer, tokens::Actor};
    ///
    /// let issuer = Issuer::discover("https://login.example.com", "api://orders").actor_by(|token| {
    ///     if token.client_id() == Some(token.subject()) { Actor::AppOnly } else { Actor::Unknown }
    /// });
    /// # }
    /// ```
    pub fn actor_by(
        mut self,
        rule: impl Fn(&AccessToken) -> Actor + Send + Sync + 'static,
    ) -> Self {
        self.actor = ActorRule::new(rule);
        self
    }
}
