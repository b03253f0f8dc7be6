use std::{fmt, time::Duration};

use super::{
    KeyOrigin, KeySetLocation, ResolvedIssuer, b2c::B2c, entra::Entra, external_id::ExternalId,
};
use crate::{
    claims::ClaimMap,
    config_error::ConfigError,
    key::Keys,
    policy::{ActorRule, AudienceRule, RequiredClaim, TypeRule},
    terms::{
        algorithm::Algorithm, app_id_uri::AppIdUri, audience::Audience,
        untrusted_text::UntrustedText,
    },
};

/// An issuer to trust: its name, the audience that its tokens must have, and where its keys come
/// from. Nothing is checked or fetched before the server is built.
///
/// ```
/// use doorward::{Issuer, Keys, keys::Algorithm, presets::Cloud};
///
/// # #[cfg(feature = "remote")] {
/// let any = Issuer::discover("https://login.example.com", "api://orders");
/// let entra = Issuer::entra(
///     Cloud::Global,
///     "7fe81447-da57-4385-becb-6de57f21477e", // tenant
///     "f2a76e08-93f2-4350-833c-965c02483b11", // client ID of the API
/// )
/// .app_id_uri("api://orders");
/// # }
/// let pinned = Issuer::fixed_keys("https://ci.example.com", "api://orders", Keys::pem("…"))
///     .algorithms([Algorithm::Ps256]);
/// ```
#[derive(Clone)]
#[must_use = "an issuer is trusted when it is handed to `ResourceServer::builder().trust(…)`"]
pub struct Issuer {
    pub(super) identity: Identity,
    pub(super) audience: Audience,
    /// Whether audiences were added to those of the constructor.
    pub(super) audience_added: bool,
    /// Whether any audience is accepted, in the place of those named.
    pub(super) any_audience: bool,
    pub(crate) app_id_uris: Vec<AppIdUri>,
    /// Where the metadata is, if not at the usual place.
    pub(super) metadata_url: Option<String>,
    pub(crate) algorithms: Option<Vec<Algorithm>>,
    pub(crate) token_type: TypeRule,
    pub(crate) claims: ClaimMap,
    pub(crate) required: Vec<RequiredClaim>,
    pub(crate) authorized_party: bool,
    pub(crate) actor: ActorRule,
    /// How long a key serves that the issuer no longer publishes.
    #[cfg_attr(not(feature = "remote"), allow(dead_code, reason = "read by `remote` alone"))]
    pub(crate) keep_removed: Duration,
    /// Whether somebody else than the operator supplied the URL.
    #[cfg_attr(not(feature = "remote"), allow(dead_code, reason = "read by `remote` alone"))]
    pub(crate) untrusted_url: bool,
    /// A fault of the description itself, told when the server is built.
    pub(super) fault: Option<ConfigError>,
}

/// Whose tokens they are.
#[derive(Clone)]
pub(super) enum Identity {
    IssOwner { names: Vec<String>, origin: KeyOrigin },
    Entra(Entra),
    B2c(B2c),
    ExternalId(ExternalId),
}

impl Issuer {
    pub(super) fn new(identity: Identity, audience: Audience) -> Self {
        Self {
            identity,
            audience,
            audience_added: false,
            any_audience: false,
            app_id_uris: Vec::new(),
            metadata_url: None,
            algorithms: None,
            token_type: TypeRule::AccessToken,
            claims: ClaimMap::default(),
            required: Vec::new(),
            authorized_party: false,
            actor: ActorRule::default(),
            keep_removed: Duration::ZERO,
            untrusted_url: false,
            fault: None,
        }
    }

    fn named(name: String, audience: Audience, origin: KeyOrigin) -> Self {
        Self::new(Identity::IssOwner { names: vec![name], origin }, audience)
    }

    /// IssuerRegistry the issuer of this URL, whose keys are found through its metadata: OpenID Connect
    /// Discovery first, then the two path forms of
    /// [RFC 8414 §3](https://www.rfc-editor.org/rfc/rfc8414#section-3). The metadata's `issuer`
    /// and every token's `iss` must equal the URL, byte for byte.
    #[cfg(feature = "remote")]
    pub fn discover(issuer: impl Into<String>, audience: impl Into<Audience>) -> Self {
        Self::discovered(issuer.into(), audience.into())
    }

    pub(super) fn discovered(issuer: String, audience: Audience) -> Self {
        let origin = KeyOrigin::Fetched(KeySetLocation::Discovery(issuer.clone()));
        Self::named(issuer, audience, origin)
    }

    /// IssuerRegistry the issuer of this name, whose key set is found at the URL.
    #[cfg(feature = "remote")]
    pub fn jwks_url(
        issuer: impl Into<String>,
        audience: impl Into<Audience>,
        url: impl Into<String>,
    ) -> Self {
        let origin = KeyOrigin::Fetched(KeySetLocation::JwksUrl(url.into()));
        Self::named(issuer.into(), audience.into(), origin)
    }

    /// IssuerRegistry the issuer of this name, whose keys are configured by hand and never change.
    pub fn fixed_keys(
        issuer: impl Into<String>,
        audience: impl Into<Audience>,
        keys: Keys,
    ) -> Self {
        Self::named(issuer.into(), audience.into(), KeyOrigin::Fixed(keys))
    }

    /// Returns the resolved that the issuer is.
    pub(crate) fn resolved(&self) -> Vec<ResolvedIssuer> {
        match &self.identity {
            Identity::IssOwner { names, origin } => {
                let origin = match (origin, &self.metadata_url) {
                    (KeyOrigin::Fetched(KeySetLocation::Discovery(_)), Some(url)) => {
                        KeyOrigin::Fetched(KeySetLocation::Metadata(url.clone()))
                    }
                    (origin, _) => origin.clone(),
                };
                vec![ResolvedIssuer::plain(names.clone(), origin)]
            }
            Identity::Entra(entra) => vec![entra.resolved(self)],
            Identity::B2c(b2c) => b2c.resolved(self),
            Identity::ExternalId(external) => vec![external.resolved(self)],
        }
    }

    /// Returns where users of Entra sign in, for its claims challenge.
    pub(crate) fn sign_in(&self) -> Option<String> {
        match &self.identity {
            Identity::Entra(entra) => Some(entra.sign_in()),
            _ => None,
        }
    }

    /// Returns the rule for `aud`.
    pub(crate) fn audience_rule(&self) -> AudienceRule {
        if self.any_audience {
            return AudienceRule::Any;
        }
        let mut audience = self.audience.clone();
        // At Entra the App ID URI is an audience of its own; at B2C it stands before scopes alone.
        if matches!(self.identity, Identity::Entra(_)) {
            let uris = self.app_id_uris.iter().flat_map(AppIdUri::as_audience);
            uris.for_each(|name| audience.add(name));
        }
        AudienceRule::OneOf(audience)
    }

    /// Checks what the description says of itself.
    pub(crate) fn check(&self, title: &str) -> Result<(), ConfigError> {
        let issuer = || title.to_owned();
        if self.metadata_url.is_some() && self.has_keys() {
            return Err(ConfigError::KeysAndMetadata { issuer: issuer() });
        }
        let is_fixed =
            matches!(self.identity, Identity::IssOwner { origin: KeyOrigin::Fixed(_), .. });
        if is_fixed && !self.keep_removed.is_zero() {
            return Err(ConfigError::Unfit { setting: "keep_removed_keys_for" });
        }
        if is_fixed && self.untrusted_url {
            return Err(ConfigError::Unfit { setting: "untrusted_url" });
        }
        if self.any_audience && self.audience_added {
            return Err(ConfigError::AnyAndOneAudience { issuer: issuer() });
        }
        if !self.any_audience && self.audience.is_blank() {
            return Err(ConfigError::BlankAudience { issuer: issuer() });
        }
        if self.algorithms.as_ref().is_some_and(Vec::is_empty) {
            return Err(ConfigError::NoAlgorithms { issuer: issuer() });
        }
        if self.names_a_blank_claim() || self.app_id_uris.iter().any(AppIdUri::is_blank) {
            return Err(ConfigError::BlankClaim { issuer: issuer() });
        }
        Ok(())
    }

    /// Returns the fault of the description that needs no name to be told.
    pub(crate) fn fault(&self) -> Option<ConfigError> {
        let of_identity = match &self.identity {
            Identity::B2c(b2c) => b2c.fault(),
            _ => None,
        };
        self.fault.clone().or(of_identity)
    }

    /// Returns whether it says where the keys are without metadata.
    const fn has_keys(&self) -> bool {
        matches!(
            self.identity,
            Identity::IssOwner {
                origin: KeyOrigin::Fixed(_) | KeyOrigin::Fetched(KeySetLocation::JwksUrl(_)),
                ..
            }
        )
    }

    fn names_a_blank_claim(&self) -> bool {
        let lists = self.claims.scopes.iter().chain(&self.claims.roles).map(|list| list.path());
        let required = self.required.iter().map(|required| &required.path);
        lists.chain(required).chain(&self.claims.audience).any(|path| path.is_blank())
    }
}

/// Shows the names alone, without what may be a password in them: URLs are checked when the server
/// is built.
impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let titles: Vec<UntrustedText> =
            self.resolved().iter().map(|resolved| UntrustedText::url(&resolved.title)).collect();
        f.debug_struct("Issuer").field("names", &titles).finish_non_exhaustive()
    }
}
