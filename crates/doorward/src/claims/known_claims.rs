use super::strings::StringOrList;
use crate::terms::time::UnixTime;

/// The claims that this library knows.
#[derive(Clone, Default)]
pub(crate) struct KnownClaims {
    pub(crate) issuer: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) audience: Option<StringOrList>,
    pub(crate) expires: Option<UnixTime>,
    pub(crate) not_before: Option<UnixTime>,
    pub(crate) issued_at: Option<UnixTime>,
    pub(crate) id: Option<String>,
    pub(crate) client: ClientId,
    pub(super) scope: Option<StringOrList>,
    pub(super) scp: Option<StringOrList>,
    /// The scopes, from the claim that lists them.
    pub(crate) scopes: Option<StringOrList>,
    pub(crate) roles: Option<StringOrList>,
    pub(crate) microsoft: Microsoft,
    /// `at_hash` or `c_hash` is present, so this is an ID token.
    pub(crate) of_id_token: bool,
    /// `cnf` is present: the token is bound to a key, and its bearer must prove possession of it.
    pub(crate) bound: bool,
}

/// Claims that only Microsoft issuers use.
#[derive(Clone, Default)]
pub(crate) struct Microsoft {
    /// `tid`: the tenant.
    pub(crate) tenant: Option<String>,
    /// `oid`: the user or service in the tenant.
    pub(crate) object: Option<String>,
    /// `idtyp`: whether a user or an app acts.
    pub(crate) identity_type: Option<String>,
    /// `tfp`: the B2C policy.
    pub(crate) trust_framework_policy: Option<String>,
    /// `acr`: of B2C, the policy where `tfp` is absent.
    pub(crate) authentication_context: Option<String>,
    pub(crate) permissions: Permissions,
}

/// Which permissions the claims `scp` and `roles` themselves list, wherever scopes and roles are
/// configured to come from.
#[derive(Clone, Copy, Default)]
pub(crate) struct Permissions {
    /// `scp` is present.
    pub(crate) has_scp: bool,
    /// `scp` lists a scope.
    pub(crate) has_scopes: bool,
    /// `roles` lists a role.
    pub(crate) has_roles: bool,
}

impl Permissions {
    pub(super) fn of(known: &KnownClaims) -> Self {
        let lists_one = |list: &Option<StringOrList>| {
            list.iter().flat_map(StringOrList::iter).any(|text| !text.trim().is_empty())
        };
        Self {
            has_scp: known.scp.is_some(),
            has_scopes: lists_one(&known.scp),
            has_roles: lists_one(&known.roles),
        }
    }
}

impl Microsoft {
    /// Returns the B2C policy (user flow) under which the token was issued: `tfp`, else `acr`.
    pub(crate) fn user_flow(&self) -> Option<&str> {
        self.trust_framework_policy.as_deref().or(self.authentication_context.as_deref())
    }
}

/// The claims in which issuers name the client, in order of precedence.
#[derive(Clone, Default)]
pub(crate) struct ClientId {
    pub(super) client_id: Option<String>,
    pub(super) azp: Option<String>,
    pub(super) appid: Option<String>,
    pub(super) cid: Option<String>,
}

impl ClientId {
    pub(crate) fn as_str(&self) -> Option<&str> {
        self.client_id
            .as_deref()
            .or(self.azp.as_deref())
            .or(self.appid.as_deref())
            .or(self.cid.as_deref())
    }

    /// Returns whether Microsoft's `azp` or `appid` is there, which its ID tokens lack.
    pub(crate) const fn is_authorized_party(&self) -> bool {
        self.azp.is_some() || self.appid.is_some()
    }
}
