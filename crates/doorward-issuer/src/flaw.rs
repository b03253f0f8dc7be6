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
    /// The token lives for ten years. For servers with a limit.
    Lifetime,
    /// `iat` lies half an hour ahead.
    IssuedInFuture,
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
        Self::Lifetime,
        Self::IssuedInFuture,
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
            Self::Lifetime => "policy.lifetime",
            Self::IssuedInFuture => "policy.issued_in_future",
            Self::NotYetValid => "policy.not_yet_valid",
            Self::Expired => "policy.expired",
            Self::NoGrant => "rule.not_met",
        }
    }
}
