/// One flaw of a request or its token, for [`Mint::forge`](crate::Mint::forge).
///
/// A server that accepts the token without the flaw rejects it with the flaw, with the doorward code that
/// [`code`](Self::code) returns. Some flaws need a server with certain settings, which their
/// documentation describes.
///
/// ```
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let issuer = doorward_issuer::DevIssuer::start().await?;
/// use doorward_issuer::Flaw;
///
/// let fields = issuer.mint().forge(Flaw::AlgorithmNone)?;
/// assert_eq!(Flaw::AlgorithmNone.code(), "token.algorithm_unsupported");
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Flaw {
    /// The request has no `Authorization` field.
    NoCredentials,
    /// The field is `Bearer` without a token.
    NoToken,
    /// The request has two `Authorization` fields.
    SeveralFields,
    /// The token is longer than 16 KiB.
    TooLong,
    /// The token has no signature part.
    TwoParts,
    /// The token has five parts, like an encrypted one.
    FiveParts,
    /// The signature is padded.
    Padding,
    /// The header has text after its JSON.
    HeaderJson,
    /// `kid` is a number.
    HeaderMember,
    /// The header has no `alg`.
    NoAlgorithm,
    /// `alg` is `none`.
    AlgorithmNone,
    /// The header has `crit`.
    Critical,
    /// `cty` is `JWT`: the payload would be another token.
    Nested,
    /// `kid` is not the ID of a key of the issuer.
    UnknownKey,
    /// The header has no `kid`, and no key of the issuer has the algorithm.
    NoKeyFits,
    /// The header has no `kid`, and several keys have the algorithm. For an issuer that has rotated its
    /// keys.
    SeveralKeysFit,
    /// `alg` is HS256, which is not the algorithm of the key.
    AlgorithmOfAnotherKey,
    /// A bit of the signature is flipped.
    Signature,
    /// The header has a `nonce` that was added after signing, like tokens for Microsoft Graph.
    MicrosoftResource,
    /// The claims have a duplicate member.
    DuplicateClaim,
    /// `exp` is a string.
    MalformedClaim,
    /// `typ` is `logout+jwt`.
    Type,
    /// `iss` is another issuer's.
    Issuer,
    /// `iss` and `tid` are those of another Entra tenant. For issuers with a tenant's identifier.
    OtherTenant,
    /// `iss` and `tid` are those of the tenant of personal accounts. For issuers with a tenant's
    /// identifier.
    ConsumerAccount,
    /// `iss` is the tenant's identifier in v1 tokens. For servers that trust only its v2 identifier.
    TokenVersion,
    /// `tid` is not the tenant in `iss`. For issuers with a tenant's identifier.
    TenantMismatch,
    /// `tfp` is an unknown policy. For servers that trust a B2C tenant.
    UserFlow,
    /// `sub` is the text that B2C has in it for every user. For servers that trust a tenant.
    LegacySubject,
    /// The token has no `sub`.
    NoSubject,
    /// The token has no `jti`. For servers that require it, as RFC 9068 does.
    NoTokenId,
    /// `aud` is another API's.
    Audience,
    /// The token is an ID token: it has `at_hash`.
    IdToken,
    /// The token is bound to a key: it has `cnf`.
    Bound,
    /// The lifetime of the token is ten years. For servers with a limit.
    Lifetime,
    /// `iat` is half an hour in the future.
    IssuedInFuture,
    /// `nbf` is half an hour in the future.
    NotYetValid,
    /// `exp` is one hour in the past.
    Expired,
    /// The token has neither scopes nor roles.
    NoGrant,
}

impl Flaw {
    /// Every flaw, in the order in which doorward checks for them.
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

    /// Returns the code of doorward's error.
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
