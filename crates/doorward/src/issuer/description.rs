use std::fmt;

use super::{
    KeyOrigin, KeySetLocation, ResolvedIssuer,
    options::{IssuerOptions, issuer_options},
};
use crate::{
    config_error::ConfigError,
    key::Keys,
    policy::AudienceRule,
    terms::{audience::Audience, untrusted_text::UntrustedText},
};

/// An issuer to trust: its name, the audience that its tokens must have, and where its keys come
/// from. Nothing is checked or fetched before the server is built.
///
/// The [presets](crate::presets) know more of their issuers than a URL, and convert into this type.
/// Options exist only where they mean something, so set those of a preset before it is converted.
///
/// ```
/// # #[cfg(feature = "remote")] {
/// use doorward::{Issuer, ResourceServer, presets::Entra, tokens::Actor};
///
/// let any = Issuer::discover("https://login.example.com", "api://orders")
///     .require_claim("org")
///     .roles_from([["realm_access", "roles"]])
///     .actor_by(|token| {
///         if token.client_id() == Some(token.subject()) { Actor::AppOnly } else { Actor::Unknown }
///     });
/// let entra = Entra::tenant("7fe81447-da57-4385-becb-6de57f21477e")
///     .client_id("f2a76e08-93f2-4350-833c-965c02483b11")
///     .app_id_uri("api://orders");
/// let builder = ResourceServer::builder().trust(any).trust(entra);
/// # }
/// ```
#[derive(Clone)]
#[must_use = "an issuer is trusted when it is passed to `ResourceServer::builder().trust(…)`"]
pub struct Issuer {
    resolved: Vec<ResolvedIssuer>,
    /// What its description accepts as audience; the options add to it.
    audience: Audience,
    pub(crate) options: IssuerOptions,
    /// A fault of the description itself, reported when the server is built.
    fault: Option<ConfigError>,
}

impl Issuer {
    /// Creates the description of an issuer whose keys are found through the metadata that belongs
    /// to its URL: OpenID Connect Discovery first, then the two path forms of
    /// [RFC 8414 §3](https://www.rfc-editor.org/rfc/rfc8414#section-3). The metadata's `issuer` and
    /// the `iss` of every token must equal the URL, byte for byte.
    #[cfg(feature = "remote")]
    pub fn discover(issuer: impl Into<String>, audience: impl Into<Audience>) -> Self {
        Self::discovered(issuer.into(), audience.into(), IssuerOptions::default())
    }

    /// Creates the description of an issuer whose metadata is at another URL than discovery would
    /// find. The metadata's `issuer` and the `iss` of every token must equal the issuer's name, byte
    /// for byte.
    ///
    /// ```
    /// use doorward::Issuer;
    ///
    /// let issuer = Issuer::metadata(
    ///     "https://login.example.com", // `iss` of its tokens
    ///     "api://orders",              // `aud` of its tokens
    ///     "https://internal.example.com/login/openid-configuration",
    /// );
    /// ```
    #[cfg(feature = "remote")]
    pub fn metadata(
        issuer: impl Into<String>,
        audience: impl Into<Audience>,
        metadata_url: impl Into<String>,
    ) -> Self {
        let location = KeySetLocation::Metadata(metadata_url.into());
        Self::fetched(issuer.into(), location, audience.into(), IssuerOptions::default())
    }

    /// Creates the description of an issuer whose key set (JWKS) is at this URL; no metadata is read.
    ///
    /// ```
    /// use doorward::Issuer;
    ///
    /// let issuer = Issuer::jwks("rke", "orders", "https://10.43.0.1/openid/v1/jwks");
    /// ```
    #[cfg(feature = "remote")]
    pub fn jwks(
        issuer: impl Into<String>,
        audience: impl Into<Audience>,
        jwks_url: impl Into<String>,
    ) -> Self {
        let location = KeySetLocation::JwksUrl(jwks_url.into());
        Self::fetched(issuer.into(), location, audience.into(), IssuerOptions::default())
    }

    /// Creates the description of an issuer whose keys are configured by hand and never change.
    pub fn fixed_keys(
        issuer: impl Into<String>,
        audience: impl Into<Audience>,
        keys: Keys,
    ) -> FixedKeysIssuer {
        FixedKeysIssuer {
            issuer: issuer.into(),
            audience: audience.into(),
            keys,
            options: IssuerOptions::default(),
        }
    }

    pub(super) const fn new(
        resolved: Vec<ResolvedIssuer>,
        audience: Audience,
        options: IssuerOptions,
    ) -> Self {
        Self { resolved, audience, options, fault: None }
    }

    /// Describes nothing but why the server cannot be built with it.
    pub(super) fn faulty(fault: ConfigError) -> Self {
        let nothing = Audience::from(String::new());
        Self { fault: Some(fault), ..Self::new(Vec::new(), nothing, IssuerOptions::default()) }
    }

    /// Describes an issuer that has one name, a URL, and nothing else of its own.
    pub(super) fn discovered(url: String, audience: Audience, options: IssuerOptions) -> Self {
        let location = match &options.metadata_url {
            Some(metadata) => KeySetLocation::Metadata(metadata.clone()),
            None => KeySetLocation::Discovery(url.clone()),
        };
        Self::fetched(url, location, audience, options)
    }

    fn fetched(
        name: String,
        location: KeySetLocation,
        audience: Audience,
        options: IssuerOptions,
    ) -> Self {
        let resolved = ResolvedIssuer::plain(name, KeyOrigin::Fetched(location));
        Self::new(vec![resolved], audience, options)
    }

    /// Returns the issuer with its parts checked and its further names added: one entry for each
    /// key set.
    pub(crate) fn resolve(&self) -> Result<Vec<ResolvedIssuer>, ConfigError> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let mut resolved = self.resolved.clone();
        for issuer in &mut resolved {
            for name in &self.options.also_named {
                if !issuer.add_name(name) {
                    return Err(ConfigError::NotATenant {
                        name: UntrustedText::url(name).to_string(),
                    });
                }
            }
        }
        Ok(resolved)
    }

    /// Returns the rule for `aud`.
    pub(crate) fn audience_rule(&self) -> AudienceRule {
        if self.options.any_audience {
            return AudienceRule::Any;
        }
        let mut audience = self.audience.clone();
        self.options.audiences.iter().for_each(|name| audience.add(name.clone()));
        AudienceRule::OneOf(audience)
    }

    /// Checks audience and options. `title` is the issuer's name in errors.
    pub(crate) fn check(&self, title: &str) -> Result<(), ConfigError> {
        if let AudienceRule::OneOf(audience) = self.audience_rule() {
            let issuer = title.to_owned();
            if audience.is_blank() {
                return Err(ConfigError::BlankAudience { issuer });
            }
            if let Some(name) = audience.names().find(|name| name.contains(char::is_whitespace)) {
                let audience = UntrustedText::new(name).to_string();
                return Err(ConfigError::AudienceWithSpace { issuer, audience });
            }
        }
        self.options.check(title)
    }
}

issuer_options!(Issuer: [
    try_all_keys, untrusted_url, audience, audience_claim, any_audience, also_named, app_id_uri, algorithms, token_types,
    claims, subject, fetched_keys,
]);

/// Shows the names alone, without what may be a password in them: URLs are checked when the server
/// is built.
impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let titles: Vec<UntrustedText> =
            self.resolved.iter().map(|resolved| UntrustedText::url(&resolved.title)).collect();
        f.debug_struct("Issuer").field("names", &titles).finish_non_exhaustive()
    }
}

/// An issuer whose keys are configured by hand and never change, made by [`Issuer::fixed_keys`].
///
/// ```
/// use doorward::{Issuer, Keys, ResourceServer, keys::Algorithm};
///
/// let issuer = Issuer::fixed_keys("https://ci.example.com", "api://orders", Keys::pem("…"))
///     .algorithms([Algorithm::Ps256]);
/// let builder = ResourceServer::builder().trust(issuer);
/// ```
#[derive(Clone)]
#[must_use = "an issuer is trusted when it is passed to `ResourceServer::builder().trust(…)`"]
pub struct FixedKeysIssuer {
    issuer: String,
    audience: Audience,
    keys: Keys,
    options: IssuerOptions,
}

issuer_options!(FixedKeysIssuer: [
    try_all_keys, audience, audience_claim, any_audience, also_named, app_id_uri, algorithms, token_types,
    claims, subject, debug,
]);

impl From<FixedKeysIssuer> for Issuer {
    fn from(fixed: FixedKeysIssuer) -> Self {
        let resolved = ResolvedIssuer::plain(fixed.issuer, KeyOrigin::Fixed(fixed.keys));
        Self::new(vec![resolved], fixed.audience, fixed.options)
    }
}
