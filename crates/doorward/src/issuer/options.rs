//! What can be set of an issuer, in groups. A type has the groups that mean something for it, as
//! methods of its own.

use std::time::Duration;

use crate::{
    claims::ClaimMap,
    config_error::ConfigError,
    key::WithoutKeyId,
    policy::{ActorRule, RequiredClaim, TypeRule},
    terms::{algorithm::Algorithm, app_id_uri::AppIdUri},
};

/// What is set of an issuer, by its preset and by the user.
#[derive(Clone)]
pub(crate) struct IssuerOptions {
    /// Accepted audiences besides those of the description.
    pub(super) audiences: Vec<String>,
    /// Whether any audience is accepted instead.
    pub(super) any_audience: bool,
    /// Accepted values of `iss` besides those of the description.
    pub(super) also_named: Vec<String>,
    /// Where the metadata is, if not where the description says.
    pub(super) metadata_url: Option<String>,
    pub(crate) app_id_uris: Vec<AppIdUri>,
    pub(crate) algorithms: Option<Vec<Algorithm>>,
    pub(crate) token_type: TypeRule,
    pub(crate) claims: ClaimMap,
    pub(crate) required: Vec<RequiredClaim>,
    /// Whether `azp` or `appid` must be there.
    pub(crate) authorized_party: bool,
    pub(crate) actor: ActorRule,
    pub(crate) without_key_id: WithoutKeyId,
    /// How long a key stays in use that the issuer no longer publishes.
    #[cfg_attr(not(feature = "remote"), allow(dead_code, reason = "read by `remote` alone"))]
    pub(crate) keep_removed: Duration,
    /// Whether the URLs come from someone other than the operator.
    #[cfg_attr(not(feature = "remote"), allow(dead_code, reason = "read by `remote` alone"))]
    pub(crate) untrusted_url: bool,
}

impl Default for IssuerOptions {
    fn default() -> Self {
        Self {
            audiences: Vec::new(),
            any_audience: false,
            also_named: Vec::new(),
            metadata_url: None,
            app_id_uris: Vec::new(),
            algorithms: None,
            token_type: TypeRule::AccessToken,
            claims: ClaimMap::default(),
            required: Vec::new(),
            authorized_party: false,
            actor: ActorRule::default(),
            without_key_id: WithoutKeyId::default(),
            keep_removed: Duration::ZERO,
            untrusted_url: false,
        }
    }
}

impl IssuerOptions {
    /// Checks what does not depend on the kind of issuer. `title` is the issuer's name in errors.
    pub(super) fn check(&self, title: &str) -> Result<(), ConfigError> {
        let issuer = || title.to_owned();
        if self.any_audience && !self.audiences.is_empty() {
            return Err(ConfigError::AnyAndOneAudience { issuer: issuer() });
        }
        if self.algorithms.as_ref().is_some_and(Vec::is_empty) {
            return Err(ConfigError::NoAlgorithms { issuer: issuer() });
        }
        if !self.token_type.accepts_some() {
            return Err(ConfigError::NoTokenTypes { issuer: issuer() });
        }
        if self.names_a_blank_claim() || self.app_id_uris.iter().any(AppIdUri::is_blank) {
            return Err(ConfigError::BlankClaim { issuer: issuer() });
        }
        Ok(())
    }

    fn names_a_blank_claim(&self) -> bool {
        let claims = &self.claims;
        let lists = claims.scopes.iter().chain(&claims.roles).map(|list| list.path());
        let required = self.required.iter().map(|required| &required.path);
        let subjects = claims.subject.iter().flatten();
        let mut paths = lists.chain(required).chain(subjects).chain(&claims.audience);
        claims.subject.as_ref().is_some_and(Vec::is_empty) || paths.any(|path| path.is_blank())
    }
}

/// Implements groups of options for a type that has a field `options: IssuerOptions`.
macro_rules! issuer_options {
    ($issuer:ty: [$($group:ident),+ $(,)?]) => { $(issuer_options!(@$group $issuer);)+ };

    (@audience $issuer:ty) => {
        impl $issuer {
            /// Adds an accepted audience: a token must name at least one in `aud`, byte for byte.
            ///
            /// Default: those that the issuer is described with. `build` rejects a blank name and
            /// one with white space.
            pub fn audience(mut self, name: impl Into<String>) -> Self {
                self.options.audiences.push(name.into());
                self
            }
        }
    };

    (@audience_claim $issuer:ty) => {
        impl $issuer {
            /// Compares this claim with the audience instead of `aud`, for issuers whose tokens name
            /// the API elsewhere. A token without the claim is refused, even if it has `aud`.
            ///
            /// Default: `aud`.
            pub fn audience_claim(
                mut self,
                path: impl Into<$crate::terms::claim_path::ClaimPath>,
            ) -> Self {
                self.options.claims.audience = Some(path.into());
                self
            }
        }
    };

    (@any_audience $issuer:ty) => {
        impl $issuer {
            /// Accepts tokens for any audience, and tokens that name none.
            ///
            /// A token that this issuer issued for *any* other API is then accepted here: whoever operates
            /// that API can replay it. Use it only where the issuer serves this API alone.
            ///
            /// `build` rejects it beside an added audience.
            pub fn danger_any_audience(mut self) -> Self {
                self.options.any_audience = true;
                self
            }
        }
    };

    (@also_named $issuer:ty) => {
        impl $issuer {
            /// Accepts tokens with this `iss` too: another name of the same issuer, whose tokens the
            /// same keys verify. Its metadata may have this name as well.
            pub fn also_named(mut self, name: impl Into<String>) -> Self {
                self.options.also_named.push(name.into());
                self
            }
        }
    };

    (@app_id_uri $issuer:ty) => {
        impl $issuer {
            /// Adds an App ID URI of this API, as registered at Microsoft: the prefix with which
            /// clients ask for its scopes. A rule may then name a scope with the prefix or without.
            ///
            /// It is no audience. Call this again for each further URI. `build` rejects a blank one.
            pub fn app_id_uri(mut self, uri: impl AsRef<str>) -> Self {
                let uri = $crate::terms::app_id_uri::AppIdUri::new(uri.as_ref());
                self.options.app_id_uris.push(uri);
                self
            }
        }
    };

    (@algorithms $issuer:ty) => {
        impl $issuer {
            /// Sets the accepted signature algorithms, instead of the defaults. `build` rejects an
            /// empty list.
            ///
            /// A key that names its algorithm (`alg`) is used with that one alone, if it is in the
            /// list. A key that names none is used with every listed algorithm that fits its type.
            /// Default for such a key: RS256, the ES algorithm of its curve, or EdDSA
            /// ([RFC 8725 §3.1](https://www.rfc-editor.org/rfc/rfc8725#section-3.1)).
            pub fn algorithms(
                mut self,
                algorithms: impl IntoIterator<Item = $crate::terms::algorithm::Algorithm>,
            ) -> Self {
                self.options.algorithms = Some(algorithms.into_iter().collect());
                self
            }
        }
    };

    (@token_types $issuer:ty) => {
        impl $issuer {
            /// Requires the header's `typ` to be `at+jwt`
            /// ([RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4)).
            ///
            /// Default: `at+jwt`, `JWT` or no `typ`, because most issuers send one of the latter.
            pub fn require_at_jwt(mut self) -> Self {
                self.options.token_type = $crate::policy::TypeRule::AtJwt;
                self
            }

            /// Sets the accepted values of the header's `typ`, instead of the defaults. A token
            /// without `typ` is then refused.
            ///
            /// Case and a prefix `application/` make no difference
            /// ([RFC 7515 §4.1.9](https://www.rfc-editor.org/rfc/rfc7515#section-4.1.9)). Default:
            /// `at+jwt`, `JWT` or no `typ`. `build` rejects an empty list and a blank value.
            pub fn token_types(
                mut self,
                types: impl IntoIterator<Item = impl AsRef<str>>,
            ) -> Self {
                self.options.token_type = $crate::policy::TypeRule::listed(types);
                self
            }

            /// Accepts tokens with any `typ`.
            ///
            /// A token that the issuer made for another purpose, such as a logout token, may then
            /// pass for an access token. Prefer [`token_types`](Self::token_types); otherwise require
            /// a claim that access tokens alone have.
            pub fn danger_any_type(mut self) -> Self {
                self.options.token_type = $crate::policy::TypeRule::Any;
                self
            }
        }
    };

    (@claims $issuer:ty) => {
        impl $issuer {
            /// Requires the claim to be present, with any value. Default: no requirement. `build`
            /// rejects a blank name.
            pub fn require_claim(
                mut self,
                path: impl Into<$crate::terms::claim_path::ClaimPath>,
            ) -> Self {
                let claim = $crate::policy::RequiredClaim { path: path.into(), value: None };
                self.options.required.push(claim);
                self
            }

            /// Requires the claim to have exactly this value: a string, a number, `true` or `false`.
            /// Default: no requirement. `build` rejects a blank name.
            pub fn require_claim_value(
                mut self,
                path: impl Into<$crate::terms::claim_path::ClaimPath>,
                value: impl Into<serde_json::Value>,
            ) -> Self {
                let value = Some(value.into());
                let claim = $crate::policy::RequiredClaim { path: path.into(), value };
                self.options.required.push(claim);
                self
            }

            /// Sets the claims that list the scopes: the first one that the token has counts.
            /// `build` rejects a blank name.
            ///
            /// Default: `scope`, then `scp`; a preset may have its own.
            pub fn scopes_from<L: Into<$crate::claims::ClaimList>>(
                mut self,
                claims: impl IntoIterator<Item = L>,
            ) -> Self {
                self.options.claims.scopes = claims.into_iter().map(Into::into).collect();
                self
            }

            /// Sets the claims that list the roles: all that the token has count together. `build`
            /// rejects a blank name.
            ///
            /// Default: `roles`; a preset may have its own.
            pub fn roles_from<L: Into<$crate::claims::ClaimList>>(
                mut self,
                claims: impl IntoIterator<Item = L>,
            ) -> Self {
                self.options.claims.roles = claims.into_iter().map(Into::into).collect();
                self
            }

            /// Sets the function that decides who acts, for the rules
            /// [`delegated`](crate::rules::delegated) and [`app_only`](crate::rules::app_only).
            ///
            /// Default: [`Unknown`](crate::tokens::Actor::Unknown), unless the preset knows. `idtyp`
            /// in a Microsoft token is decisive, and the function is not called for it.
            pub fn actor_by(
                mut self,
                rule: impl Fn(&$crate::AccessToken) -> $crate::policy::Actor + Send + Sync + 'static,
            ) -> Self {
                self.options.actor = $crate::policy::ActorRule::new(rule);
                self
            }
        }
    };

    (@subject $issuer:ty) => {
        impl $issuer {
            /// Sets the claims that identify the subject: the first one that the token has counts. A
            /// token with none of them is refused.
            ///
            /// Default: `sub` alone, which
            /// [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2) requires. Some
            /// issuers leave it out for apps that act for themselves: `["sub", "client_id"]` accepts
            /// their tokens. Check first that no user of the issuer can have a subject that equals a
            /// client ID. `build` rejects an empty list and a blank name.
            pub fn subject_from<P: Into<$crate::terms::claim_path::ClaimPath>>(
                mut self,
                claims: impl IntoIterator<Item = P>,
            ) -> Self {
                self.options.claims.subject = Some(claims.into_iter().map(Into::into).collect());
                self
            }
        }
    };

    (@try_all_keys $issuer:ty) => {
        impl $issuer {
            /// Tries several keys on a token that names none (no `kid`, `x5t` or `x5t#S256` in its
            /// header): up to four different published keys that fit its algorithm.
            ///
            /// Default: such a token is refused where several different keys fit (`key.ambiguous`), and
            /// a warning is logged when a set with such keys is read. The same key under several entries
            /// counts once.
            pub fn try_all_keys(mut self) -> Self {
                self.options.without_key_id = $crate::key::WithoutKeyId::TryAll;
                self
            }
        }
    };

    (@fetched_keys $issuer:ty) => {
        impl $issuer {
            /// Sets how long a key stays in use after the issuer has removed it from its key set,
            /// unless the issuer publishes another key with the same ID.
            ///
            /// Default: zero; 24 h for Entra and B2C, whose keys disappear for hours and return. A
            /// stolen key is accepted as long: [`ResourceServer::forget_key`] drops it at once.
            ///
            /// [`ResourceServer::forget_key`]: crate::ResourceServer::forget_key
            #[cfg(feature = "remote")]
            pub fn keep_removed_keys_for(mut self, duration: std::time::Duration) -> Self {
                self.options.keep_removed = duration;
                self
            }
        }
    };

    (@metadata_url $issuer:ty) => {
        impl $issuer {
            /// Sets the URL of the issuer's metadata, instead of the usual one. The metadata's
            /// `issuer` must still be a name of this issuer.
            #[cfg(feature = "remote")]
            pub fn metadata_url(mut self, url: impl Into<String>) -> Self {
                self.options.metadata_url = Some(url.into());
                self
            }
        }
    };

    (@untrusted_url $issuer:ty) => {
        impl $issuer {
            /// Declares that the URLs of this issuer come from someone other than the operator, such as
            /// a customer of a SaaS. Then the API cannot be used to reach internal services
            /// (server-side request forgery).
            ///
            /// Every URL of the issuer must be `https` to a public host, whatever
            /// [`allow_loopback_http`](crate::ResourceServerBuilder::allow_loopback_http) and
            /// [`danger_allow_http`](crate::ResourceServerBuilder::danger_allow_http) allow: neither
            /// this machine nor a link-local, private, shared or reserved address. This holds for
            /// addresses in URLs and for what host names resolve to. A URL that is not public is an
            /// error when the issuer is added; a host name that resolves to no public address fails
            /// the fetch. A proxy resolves host names itself, so there the proxy must keep this rule.
            #[cfg(feature = "remote")]
            pub fn untrusted_url(mut self) -> Self {
                self.options.untrusted_url = true;
                self
            }
        }
    };

    (@debug $issuer:ty) => {
        /// Shows nothing: a part that is not checked yet may be a URL with a password.
        impl std::fmt::Debug for $issuer {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($issuer)).finish_non_exhaustive()
            }
        }
    };
}
pub(super) use issuer_options;
