//! Room 6: from claims to a token that is admitted.
//!
//! In: [`ClaimsSet`], the [`Policy`] of its issuer, and the time. Out: [`AccessToken`], which
//! nothing else can make. Refused, in this order: another type of token, an issuer that is not
//! trusted, a missing claim, another audience, an ID token, a token bound to a key, and last what
//! time decides: issued in the future, not yet valid, expired
//! ([RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4)).

mod access_token;

use std::time::Duration;

pub use access_token::AccessToken;

use crate::{
    claims::{ClaimsSet, Known},
    terms::{audience::Audience, seen::Seen, server_id::ServerId, time::UnixTime},
    token::TokenType,
};

/// Why claims are not admitted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The header's `typ` is that of another kind of token.
    #[error("the header's `typ` is not that of an access token")]
    TokenType,
    /// The issuer is not one that this server trusts.
    #[error("the issuer \"{seen}\" is not trusted")]
    UntrustedIssuer {
        /// The `iss` of the token.
        seen: Seen,
    },
    /// A claim that every access token must have is absent.
    #[error("the claim `{claim}` is missing")]
    Missing {
        /// The claim's name.
        claim: &'static str,
    },
    /// The token is for another API.
    #[error("the token is for another API: its audience is \"{seen}\"")]
    Audience {
        /// The `aud` of the token.
        seen: Seen,
    },
    /// The token is an ID token: it says who signed in, and grants nothing.
    #[error("the token is an ID token; the client must send the access token")]
    IdToken,
    /// The token is bound to a key (`cnf`), and a bearer proves no possession of one.
    #[error("the token is bound to a key (`cnf`) and cannot be used as a bearer token")]
    Bound,
    /// The token lives longer than this API accepts, or does not say since when.
    #[error("the token lives longer than this API accepts")]
    Lifetime,
    /// The token says that it was issued in the future, beyond the leeway.
    #[error("the token was issued in the future")]
    IssuedInFuture,
    /// The token is not valid yet, beyond the leeway.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// The token has expired, beyond the leeway.
    #[error("the token has expired")]
    Expired,
}

impl PolicyError {
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::TokenType => "policy.token_type",
            Self::UntrustedIssuer { .. } => "policy.untrusted_issuer",
            Self::Missing { .. } => "policy.missing",
            Self::Audience { .. } => "policy.audience",
            Self::IdToken => "policy.id_token",
            Self::Bound => "policy.bound",
            Self::Lifetime => "policy.lifetime",
            Self::IssuedInFuture => "policy.issued_in_future",
            Self::NotYetValid => "policy.not_yet_valid",
            Self::Expired => "policy.expired",
        }
    }
}

/// What tokens of one issuer must say.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    /// The accepted forms of `iss`, compared byte for byte.
    pub(crate) issuers: Vec<String>,
    pub(crate) audience: AudienceRule,
    /// Whether `azp` or `appid` must be there, because the issuer's ID tokens look like access
    /// tokens otherwise.
    pub(crate) authorized_party: bool,
    pub(crate) leeway: Duration,
    /// The longest time from `iat` to `exp`, if there is a limit.
    pub(crate) max_lifetime: Option<Duration>,
    /// The server whose policy this is.
    pub(crate) server: ServerId,
}

/// Which audience is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AudienceRule {
    OneOf(Audience),
    /// Any, even none: asked for by a method named `danger_…`.
    Any,
}

impl Policy {
    /// Admits the claims, or says which check they fail first.
    pub(crate) fn admit(
        &self,
        claims: ClaimsSet,
        now: UnixTime,
    ) -> Result<AccessToken, PolicyError> {
        self.check(claims.token_type, &claims.known, now)?;
        AccessToken::admitted(claims, self.server)
    }

    /// Runs every check, in the order of this room.
    pub(crate) fn check(
        &self,
        token_type: TokenType,
        claims: &Known,
        now: UnixTime,
    ) -> Result<(), PolicyError> {
        check_type(token_type)?;
        self.check_issuer(claims)?;
        check_subject(claims)?;
        self.check_audience(claims)?;
        self.check_kind(claims)?;
        self.check_time(claims, now)
    }

    fn check_issuer(&self, claims: &Known) -> Result<(), PolicyError> {
        let issuer = claims.issuer.as_deref().ok_or(PolicyError::Missing { claim: "iss" })?;
        if self.issuers.iter().any(|accepted| accepted == issuer) {
            Ok(())
        } else {
            Err(PolicyError::UntrustedIssuer { seen: Seen::new(issuer) })
        }
    }

    fn check_audience(&self, claims: &Known) -> Result<(), PolicyError> {
        let AudienceRule::OneOf(accepted) = &self.audience else {
            return Ok(());
        };
        let audience = claims.audience.as_ref().ok_or(PolicyError::Missing { claim: "aud" })?;
        if audience.iter().any(|name| accepted.accepts(name)) {
            Ok(())
        } else {
            Err(PolicyError::Audience { seen: Seen::list(audience.iter()) })
        }
    }

    fn check_kind(&self, claims: &Known) -> Result<(), PolicyError> {
        let no_party = self.authorized_party && !claims.client.is_authorized_party();
        if claims.of_id_token || no_party {
            return Err(PolicyError::IdToken);
        }
        if claims.bound { Err(PolicyError::Bound) } else { Ok(()) }
    }

    /// RFC 7519 §4.1.4 to §4.1.6: `now` must be before `exp`, and not before `nbf` and `iat`.
    fn check_time(&self, claims: &Known, now: UnixTime) -> Result<(), PolicyError> {
        let expires = claims.expires.ok_or(PolicyError::Missing { claim: "exp" })?;
        if let Some(limit) = self.max_lifetime {
            let end = claims.issued_at.map(|issued_at| issued_at.saturating_add(limit));
            if end.is_none_or(|end| expires > end) {
                return Err(PolicyError::Lifetime);
            }
        }
        let latest_start = now.saturating_add(self.leeway);
        if claims.issued_at.is_some_and(|issued_at| issued_at > latest_start) {
            return Err(PolicyError::IssuedInFuture);
        }
        if claims.not_before.is_some_and(|not_before| not_before > latest_start) {
            return Err(PolicyError::NotYetValid);
        }
        if now >= expires.saturating_add(self.leeway) { Err(PolicyError::Expired) } else { Ok(()) }
    }
}

fn check_type(token_type: TokenType) -> Result<(), PolicyError> {
    match token_type {
        TokenType::AccessToken | TokenType::Jwt | TokenType::Absent => Ok(()),
        TokenType::Other => Err(PolicyError::TokenType),
    }
}

fn check_subject(claims: &Known) -> Result<(), PolicyError> {
    claims.subject.as_ref().map(|_| ()).ok_or(PolicyError::Missing { claim: "sub" })
}
