use std::fmt;

use crate::{
    key::Keys,
    policy::AudienceRule,
    server::ConfigError,
    terms::{algorithm::Algorithm, audience::Audience, seen::Seen},
};

/// An issuer to trust: its name, the audience that its tokens must have, and where its keys come
/// from. Nothing is checked or fetched before the server is built.
///
/// ```
/// use doorward::{Algorithm, Cloud, Issuer, Keys};
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
    pub(crate) names: Vec<String>,
    pub(crate) audience: Audience,
    /// Whether audiences were added to those of the constructor.
    pub(crate) audience_added: bool,
    /// Whether any audience is accepted, in the place of those named.
    pub(crate) any_audience: bool,
    pub(crate) origin: KeyOrigin,
    /// Where the metadata is, if not at the usual place.
    #[cfg(feature = "remote")]
    pub(crate) metadata_url: Option<String>,
    pub(crate) algorithms: Option<Vec<Algorithm>>,
    pub(crate) authorized_party: bool,
    /// A fault of the description itself, told when the server is built.
    pub(crate) fault: Option<ConfigError>,
}

/// Where an issuer's keys come from.
#[derive(Clone)]
pub(crate) enum KeyOrigin {
    Fixed(Keys),
    #[cfg_attr(not(feature = "remote"), allow(dead_code, reason = "fetched with `remote` alone"))]
    Fetched(Whence),
}

/// How fetched keys are found.
#[derive(Clone)]
#[cfg_attr(not(feature = "remote"), allow(dead_code, reason = "fetched with `remote` alone"))]
pub(crate) enum Whence {
    /// Through the metadata that belongs to the issuer's name.
    Discovery,
    /// Through metadata at this URL, whose `issuer` must be one of the accepted names.
    Metadata(String),
    /// In a key set at this URL.
    JwksUrl(String),
}

impl Issuer {
    pub(crate) fn new(names: Vec<String>, audience: Audience, origin: KeyOrigin) -> Self {
        Self {
            names,
            audience,
            audience_added: false,
            any_audience: false,
            origin,
            #[cfg(feature = "remote")]
            metadata_url: None,
            algorithms: None,
            authorized_party: false,
            fault: None,
        }
    }

    /// Trusts the issuer of this URL, whose keys are found through its metadata: OpenID Connect
    /// Discovery first, then the two path forms of
    /// [RFC 8414 §3](https://www.rfc-editor.org/rfc/rfc8414#section-3). The metadata's `issuer`
    /// and every token's `iss` must equal the URL, byte for byte.
    #[cfg(feature = "remote")]
    pub fn discover(issuer: impl Into<String>, audience: impl Into<Audience>) -> Self {
        Self::new(vec![issuer.into()], audience.into(), KeyOrigin::Fetched(Whence::Discovery))
    }

    /// Trusts the issuer of this name, whose key set is found at the URL.
    #[cfg(feature = "remote")]
    pub fn jwks_url(
        issuer: impl Into<String>,
        audience: impl Into<Audience>,
        url: impl Into<String>,
    ) -> Self {
        Self::new(
            vec![issuer.into()],
            audience.into(),
            KeyOrigin::Fetched(Whence::JwksUrl(url.into())),
        )
    }

    /// Trusts the issuer of this name, whose keys are configured by hand and never change.
    pub fn fixed_keys(
        issuer: impl Into<String>,
        audience: impl Into<Audience>,
        keys: Keys,
    ) -> Self {
        Self::new(vec![issuer.into()], audience.into(), KeyOrigin::Fixed(keys))
    }

    /// Finds the keys through the metadata at this URL instead of the usual place. The metadata's
    /// `issuer` must still be this issuer's name (for Entra: its v1 or its v2 form).
    #[cfg(feature = "remote")]
    pub fn metadata_url(mut self, url: impl Into<String>) -> Self {
        self.metadata_url = Some(url.into());
        self
    }

    /// Accepts one more audience.
    pub fn audience(mut self, name: impl Into<String>) -> Self {
        self.audience.add(name.into());
        self.audience_added = true;
        self
    }

    /// Names the App ID URI of this API, as registered: an audience with and without a slash at
    /// its end, because Azure AD issues both.
    pub fn app_id_uri(self, uri: impl Into<String>) -> Self {
        let uri: String = uri.into();
        let bare = uri.trim_end_matches('/').to_owned();
        self.audience(format!("{bare}/")).audience(bare)
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

    /// Accepts tokens for whatever audience, and tokens that name none.
    ///
    /// With it, a token that this issuer gave to *any* API, and that API or its operator replays
    /// here, is accepted. Use it only where the issuer serves this API alone.
    pub const fn danger_any_audience(mut self) -> Self {
        self.any_audience = true;
        self
    }

    /// Returns the rule for `aud`.
    pub(crate) fn audience_rule(&self) -> AudienceRule {
        if self.any_audience {
            AudienceRule::Any
        } else {
            AudienceRule::OneOf(self.audience.clone())
        }
    }
}

/// Shows the names alone, without what may be a password in them: URLs are checked when the server
/// is built.
impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<Seen> = self.names.iter().map(|name| Seen::url(name)).collect();
        f.debug_struct("Issuer").field("names", &names).finish_non_exhaustive()
    }
}
