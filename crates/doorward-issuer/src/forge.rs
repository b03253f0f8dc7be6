use serde_json::json;

use crate::Mint;

/// The tenant of personal Microsoft accounts.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

const OTHER_TENANT: &str = "00000000-0000-4000-8000-00000000f0e6";

/// One thing that is wrong with a request or its token.
///
/// Each leads to one of doorward's codes, told by [`code`](Self::code), at a server that accepts the
/// token without it. Some need a server that is set up for it; their documentation says how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Flaw {
    /// The request has no `Authorization` field.
    NoCredentials,
    /// The field says `Bearer` and no token.
    NoToken,
    /// There are two fields.
    SeveralFields,
    /// The token is longer than 16 KiB.
    TooLong,
    /// The token lacks its signature part.
    TwoParts,
    /// The token has five parts, as an encrypted one.
    FiveParts,
    /// The signature is padded.
    Padding,
    /// Something follows the header's JSON.
    HeaderJson,
    /// `kid` is a number.
    HeaderMember,
    /// The header has no `alg`.
    NoAlgorithm,
    /// `alg` is `none`.
    AlgorithmNone,
    /// The header has `crit`.
    Critical,
    /// `cty` says that the payload is a token.
    Nested,
    /// `kid` is none of the issuer's.
    UnknownKey,
    /// There is no `kid`, and no key of the issuer has the algorithm.
    NoKeyFits,
    /// There is no `kid`, and two keys have the algorithm: only once the issuer has rotated its keys.
    SeveralKeysFit,
    /// `alg` is not that of the key: HS256, with the public key at hand to all.
    AlgorithmOfAnotherKey,
    /// A bit of the signature is flipped.
    Signature,
    /// The header has a `nonce` that was not there when it was signed, as tokens for Microsoft Graph.
    MicrosoftResource,
    /// The claims name a member twice.
    DuplicateClaim,
    /// `exp` is a string.
    MalformedClaim,
    /// `typ` is that of a logout token.
    Type,
    /// `iss` is another issuer.
    Issuer,
    /// `iss` and `tid` are another tenant of Entra. For issuers that have the name of a tenant.
    OtherTenant,
    /// `iss` and `tid` are the tenant of personal accounts. For issuers that have the name of a tenant.
    ConsumerAccount,
    /// `iss` is the tenant's name in v1 tokens. For a server that trusts its v2 name alone.
    TokenVersion,
    /// `tid` is not the tenant in `iss`. For issuers that have the name of a tenant.
    TenantMismatch,
    /// `tfp` is a policy that nobody allows. For servers that trust a B2C tenant.
    UserFlow,
    /// `sub` is the text that B2C gives to every user alike. For servers that trust a tenant.
    LegacySubject,
    /// There is no `sub`.
    NoSubject,
    /// There is no `jti`. For servers that require it, as RFC 9068 does.
    NoTokenId,
    /// `aud` is another API.
    Audience,
    /// The token is an ID token: it has `at_hash`.
    IdToken,
    /// The token is bound to a key: it has `cnf`.
    Bound,
    /// There is neither `scp` nor `roles`. For servers that trust a tenant of Entra.
    AppWithoutRoles,
    /// The token lives for ten years. For servers with a limit.
    Lifetime,
    /// `iat` lies half an hour ahead.
    IssuedInFuture,
    /// `iat` lies twelve hours back. For servers with a limit.
    TooOld,
    /// `nbf` lies half an hour ahead.
    NotYetValid,
    /// `exp` lies an hour back.
    Expired,
    /// The token grants nothing: it has neither scopes nor roles.
    NoGrant,
}

impl Flaw {
    /// Every flaw, in the order in which they are looked for.
    pub const ALL: &[Self] = &[
        Self::NoCredentials,
        Self::NoToken,
        Self::SeveralFields,
        Self::TooLong,
        Self::TwoParts,
        Self::FiveParts,
        Self::Padding,
        Self::HeaderJson,
        Self::HeaderMember,
        Self::NoAlgorithm,
        Self::AlgorithmNone,
        Self::Critical,
        Self::Nested,
        Self::UnknownKey,
        Self::NoKeyFits,
        Self::SeveralKeysFit,
        Self::AlgorithmOfAnotherKey,
        Self::Signature,
        Self::MicrosoftResource,
        Self::DuplicateClaim,
        Self::MalformedClaim,
        Self::Type,
        Self::Issuer,
        Self::OtherTenant,
        Self::ConsumerAccount,
        Self::TokenVersion,
        Self::TenantMismatch,
        Self::UserFlow,
        Self::LegacySubject,
        Self::NoSubject,
        Self::NoTokenId,
        Self::Audience,
        Self::IdToken,
        Self::Bound,
        Self::AppWithoutRoles,
        Self::Lifetime,
        Self::IssuedInFuture,
        Self::TooOld,
        Self::NotYetValid,
        Self::Expired,
        Self::NoGrant,
    ];

    /// Returns the code under which doorward refuses it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoCredentials => "credentials.missing",
            Self::NoToken => "credentials.malformed",
            Self::SeveralFields => "credentials.several",
            Self::TooLong => "token.too_long",
            Self::TwoParts => "token.not_compact",
            Self::FiveParts => "token.encrypted",
            Self::Padding => "token.encoding",
            Self::HeaderJson => "token.header_json",
            Self::HeaderMember => "token.header_member",
            Self::NoAlgorithm => "token.algorithm_missing",
            Self::AlgorithmNone => "token.algorithm_unsupported",
            Self::Critical => "token.extension",
            Self::Nested => "token.nested",
            Self::UnknownKey => "key.unknown",
            Self::NoKeyFits => "key.none_fits",
            Self::SeveralKeysFit => "key.ambiguous",
            Self::AlgorithmOfAnotherKey => "key.algorithm_mismatch",
            Self::Signature => "signature.invalid",
            Self::MicrosoftResource => "signature.microsoft_resource",
            Self::DuplicateClaim => "claims.json",
            Self::MalformedClaim => "claims.malformed",
            Self::Type => "policy.token_type",
            Self::Issuer => "policy.untrusted_issuer",
            Self::OtherTenant => "policy.other_tenant",
            Self::ConsumerAccount => "policy.consumer_account",
            Self::TokenVersion => "policy.token_version",
            Self::TenantMismatch => "policy.tenant_mismatch",
            Self::UserFlow => "policy.user_flow",
            Self::LegacySubject => "policy.legacy_subject",
            Self::NoSubject => "policy.missing",
            Self::NoTokenId => "policy.required",
            Self::Audience => "policy.audience",
            Self::IdToken => "policy.id_token",
            Self::Bound => "policy.bound",
            Self::AppWithoutRoles => "policy.app_without_roles",
            Self::Lifetime => "policy.lifetime",
            Self::IssuedInFuture => "policy.issued_in_future",
            Self::TooOld => "policy.too_old",
            Self::NotYetValid => "policy.not_yet_valid",
            Self::Expired => "policy.expired",
            Self::NoGrant => "rule.not_met",
        }
    }
}

/// What is wrong with the header or the claims, before they are signed.
pub(crate) fn before_signing(mint: Mint, flaw: Flaw) -> Mint {
    const HALF_AN_HOUR: i64 = 1800;
    let issued_at = mint.issued_at_second();
    let at = |seconds: i64| issued_at.saturating_add(seconds);
    match flaw {
        Flaw::TooLong => mint.claim("padding", "x".repeat(16 * 1024)),
        Flaw::HeaderMember => mint.header("kid", 1),
        Flaw::NoAlgorithm => mint.without_header("alg"),
        Flaw::AlgorithmNone => mint.header("alg", "none"),
        Flaw::Critical => mint.header("crit", json!(["exp"])),
        Flaw::Nested => mint.header("cty", "JWT"),
        Flaw::UnknownKey => mint.header("kid", "forged"),
        Flaw::NoKeyFits => mint.without_header("kid").header("alg", "HS512"),
        Flaw::SeveralKeysFit => mint.without_header("kid"),
        Flaw::AlgorithmOfAnotherKey => mint.header("alg", "HS256"),
        Flaw::MalformedClaim => mint.claim("exp", at(HALF_AN_HOUR).to_string()),
        Flaw::Type => mint.header("typ", "logout+jwt"),
        Flaw::Issuer => mint.claim("iss", "https://forged.example"),
        Flaw::OtherTenant => of_tenant(mint, OTHER_TENANT),
        Flaw::ConsumerAccount => of_tenant(mint, CONSUMERS),
        Flaw::TokenVersion => {
            let tenant = mint.claimed("tid").unwrap_or_default();
            mint.claim("iss", format!("https://sts.windows.net/{tenant}/"))
        }
        Flaw::TenantMismatch => mint.claim("tid", OTHER_TENANT),
        Flaw::UserFlow => mint.claim("tfp", "B2C_1_forged"),
        Flaw::LegacySubject => mint.subject("Not supported currently. Use oid claim."),
        Flaw::NoSubject => mint.without("sub"),
        Flaw::NoTokenId => mint.without("jti"),
        Flaw::Audience => mint.audience("api://forged"),
        Flaw::IdToken => mint.claim("at_hash", "77QmUPtjPfzWtF2AnpK9RQ"),
        Flaw::Bound => {
            mint.claim("cnf", json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" }))
        }
        Flaw::AppWithoutRoles | Flaw::NoGrant => {
            mint.without("scope").without("scp").without("roles")
        }
        Flaw::Lifetime => mint.claim("exp", at(10 * 365 * 24 * 3600)),
        Flaw::IssuedInFuture => mint.claim("iat", at(HALF_AN_HOUR)).claim("exp", at(3600)),
        Flaw::TooOld => mint.claim("iat", at(-12 * 3600)),
        Flaw::NotYetValid => mint.claim("nbf", at(HALF_AN_HOUR)),
        Flaw::Expired => mint.claim("exp", at(-3600)),
        Flaw::NoCredentials
        | Flaw::NoToken
        | Flaw::SeveralFields
        | Flaw::TwoParts
        | Flaw::FiveParts
        | Flaw::Padding
        | Flaw::HeaderJson
        | Flaw::Signature
        | Flaw::MicrosoftResource
        | Flaw::DuplicateClaim => mint,
    }
}

fn of_tenant(mint: Mint, tenant: &str) -> Mint {
    let issuer = mint.claimed("iss").unwrap_or_default();
    let own = mint.claimed("tid").unwrap_or_default();
    let issuer = if own.is_empty() { issuer } else { issuer.replace(&own, tenant) };
    mint.claim("iss", issuer).claim("tid", tenant)
}

/// What is wrong with the text of the header or the claims.
pub(crate) fn texts(flaw: Flaw, header: String, claims: String) -> (String, String) {
    match flaw {
        Flaw::HeaderJson => (header + "{}", claims),
        Flaw::DuplicateClaim => {
            let twice = claims.replacen('{', "{\"forged\":1,\"forged\":2,", 1);
            (header, twice)
        }
        _ => (header, claims),
    }
}

/// What is wrong with the signed token, as the values of the request's `Authorization` fields.
pub(crate) fn authorization(flaw: Flaw, token: &str) -> Vec<String> {
    let bearer = |token: &str| format!("Bearer {token}");
    let (signed, signature) = token.rsplit_once('.').unwrap_or((token, ""));
    match flaw {
        Flaw::NoCredentials => Vec::new(),
        Flaw::NoToken => vec!["Bearer".to_owned()],
        Flaw::SeveralFields => vec![bearer(token), bearer(token)],
        Flaw::TwoParts => vec![bearer(signed)],
        Flaw::FiveParts => vec![bearer(&format!("{token}.AA.AA"))],
        Flaw::Padding => vec![bearer(&format!("{token}="))],
        Flaw::Signature => vec![bearer(&format!("{signed}.{}", flipped(signature)))],
        Flaw::MicrosoftResource => vec![bearer(&with_nonce(signed, signature))],
        _ => vec![bearer(token)],
    }
}

/// Flips a bit of the first letter: the letters of base64url go in pairs that differ by one.
fn flipped(signature: &str) -> String {
    let mut letters = signature.chars();
    let first = match letters.next() {
        Some('A') => 'B',
        _ => 'A',
    };
    format!("{first}{}", letters.as_str())
}

fn with_nonce(signed: &str, signature: &str) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let (header, payload) = signed.split_once('.').unwrap_or((signed, ""));
    let header = URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    let header = String::from_utf8_lossy(&header).replacen('{', "{\"nonce\":\"forged\",", 1);
    format!("{}.{payload}.{signature}", URL_SAFE_NO_PAD.encode(header))
}
