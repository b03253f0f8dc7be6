use super::{Protocol, ProtocolError};
use crate::directory::{Application, CONSUMERS, Directory, Kind, Tenant};

/// The endpoint that a path leads to, and its protocol, authority and policy.
#[derive(Clone, Debug)]
pub(crate) struct Route<'d> {
    pub(crate) protocol: Protocol,
    pub(crate) authority: Authority<'d>,
    /// The policy of a B2C tenant, as it is configured.
    pub(crate) policy: Option<&'d str>,
    pub(crate) endpoint: Endpoint,
    /// The start of the paths of all endpoints: `/contoso.com`, in B2C with the policy, even if the
    /// request has it in the query.
    pub(crate) prefix: String,
}

/// The tenants whose users may sign in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Authority<'d> {
    Tenant(&'d Tenant),
    /// Users of every tenant of Entra.
    Common,
    /// The same without personal accounts.
    Organizations,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Metadata,
    Keys,
    Authorize,
    Token,
    Logout,
}

impl<'d> Route<'d> {
    /// Parses a path in any case; double slashes count as one. `policy` is the one of the query.
    /// Returns `None` for a path that is no tenant's.
    pub(crate) fn parse(
        directory: &'d Directory,
        path: &str,
        policy: Option<&str>,
    ) -> Option<Result<Self, ProtocolError>> {
        let path = path.to_ascii_lowercase();
        let mut segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        if segments.first() == Some(&"tfp") {
            segments.remove(0);
        }
        let (head, protocol, endpoint) = split(&segments)?;
        let (name, in_path) = match head {
            [name] => (*name, None),
            [name, policy] => (*name, Some(*policy)),
            _ => return None,
        };
        let resolved = resolve(directory, name, protocol, in_path.or(policy));
        Some(resolved.map(|(protocol, authority, policy)| {
            let policy_segment = policy.map(|policy| format!("/{}", policy.to_ascii_lowercase()));
            let prefix = format!("/{name}{}", policy_segment.unwrap_or_default());
            Self { protocol, authority, policy, endpoint, prefix }
        }))
    }

    /// Returns the path of the authorization endpoint beside this one.
    pub(crate) fn authorization_path(&self) -> String {
        self.path("authorize")
    }

    /// Returns the path of the token endpoint beside this one.
    pub(crate) fn token_path(&self) -> String {
        self.path("token")
    }

    fn path(&self, name: &str) -> String {
        let middle = match self.protocol {
            Protocol::V1 => "/oauth2",
            Protocol::V2 | Protocol::B2c => "/oauth2/v2.0",
            Protocol::Oidc => "",
        };
        format!("{}{middle}/{name}", self.prefix)
    }
}

impl<'d> Authority<'d> {
    /// Returns whether users of the tenant may sign in.
    pub(crate) fn admits(&self, home: &Tenant) -> bool {
        match self {
            Self::Tenant(tenant) => tenant.id == home.id,
            Self::Common => home.kind == Kind::Entra,
            Self::Organizations => home.kind == Kind::Entra && home.id != CONSUMERS,
        }
    }

    /// Returns the tenant, unless the authority is several.
    pub(crate) fn tenant(&self) -> Option<&'d Tenant> {
        match self {
            Self::Tenant(tenant) => Some(tenant),
            Self::Common | Self::Organizations => None,
        }
    }

    /// Returns the application of a client ID if it may be used at this authority.
    pub(crate) fn application<'a>(
        &self,
        directory: &'a Directory,
        client_id: &str,
    ) -> Result<&'a Application, ProtocolError> {
        let unknown = || ProtocolError::unknown_application(client_id);
        let application = directory.application(client_id).ok_or_else(unknown)?;
        let home = directory.tenant(&application.tenant).ok_or_else(unknown)?;
        match self {
            Self::Tenant(tenant) if tenant.id == home.id => Ok(application),
            Self::Tenant(tenant) if application.multi_tenant && tenant.kind == home.kind => {
                Ok(application)
            }
            Self::Tenant(_) => Err(unknown()),
            Self::Common | Self::Organizations if !self.admits(home) => Err(unknown()),
            Self::Common | Self::Organizations if application.multi_tenant => Ok(application),
            Self::Common | Self::Organizations => Err(ProtocolError::single_tenant(client_id)),
        }
    }
}

/// Splits a path into the authority and the policy, and the protocol and the endpoint that the rest
/// names. Metadata of plain OpenID Connect has the path of v1.
fn split<'s>(segments: &'s [&'s str]) -> Option<(&'s [&'s str], Protocol, Endpoint)> {
    const WELL_KNOWN: [&str; 2] = [".well-known", "openid-configuration"];
    let v2 = |head: &'s [&'s str], endpoint| {
        Some((head, if head.len() == 2 { Protocol::B2c } else { Protocol::V2 }, endpoint))
    };
    match segments {
        [head @ .., "v2.0", a, b] if [*a, *b] == WELL_KNOWN => v2(head, Endpoint::Metadata),
        [head @ .., "discovery", "v2.0", "keys"] => v2(head, Endpoint::Keys),
        [head @ .., "oauth2", "v2.0", last] => v2(head, action(last)?),
        [head @ .., a, b] if [*a, *b] == WELL_KNOWN => {
            Some((head, Protocol::V1, Endpoint::Metadata))
        }
        [head @ .., "discovery", "keys"] => Some((head, Protocol::V1, Endpoint::Keys)),
        [head @ .., "oauth2", last] => Some((head, Protocol::V1, action(last)?)),
        [head @ .., "jwks"] => Some((head, Protocol::Oidc, Endpoint::Keys)),
        [head @ .., last] => Some((head, Protocol::Oidc, action(last)?)),
        [] => None,
    }
}

fn action(name: &str) -> Option<Endpoint> {
    match name {
        "authorize" => Some(Endpoint::Authorize),
        "token" => Some(Endpoint::Token),
        "logout" => Some(Endpoint::Logout),
        _ => None,
    }
}

type Resolved<'d> = (Protocol, Authority<'d>, Option<&'d str>);

fn resolve<'d>(
    directory: &'d Directory,
    name: &str,
    protocol: Protocol,
    policy: Option<&str>,
) -> Result<Resolved<'d>, ProtocolError> {
    let authority = match name {
        "common" => Authority::Common,
        "organizations" => Authority::Organizations,
        "consumers" => Authority::Tenant(
            directory.tenant(CONSUMERS).ok_or_else(|| ProtocolError::unknown_tenant(name))?,
        ),
        _ => Authority::Tenant(
            directory.tenant(name).ok_or_else(|| ProtocolError::unknown_tenant(name))?,
        ),
    };
    let kind = authority.tenant().map_or(Kind::Entra, |tenant| tenant.kind);
    match (kind, protocol) {
        (Kind::Entra, Protocol::V1 | Protocol::V2) => Ok((protocol, authority, None)),
        (Kind::Oidc, Protocol::V1 | Protocol::Oidc) => Ok((Protocol::Oidc, authority, None)),
        (Kind::B2c, Protocol::V2 | Protocol::B2c) => {
            let name = policy.unwrap_or_default();
            let policy = authority.tenant().and_then(|tenant| tenant.policy(name));
            let policy = policy.ok_or_else(|| ProtocolError::unknown_policy(name))?;
            Ok((Protocol::B2c, authority, Some(policy)))
        }
        _ => Err(ProtocolError::unknown_tenant(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(path: &str, policy: Option<&str>) -> Option<(Protocol, Endpoint, Option<String>)> {
        let directory = Directory::from_toml(Directory::DEMO).unwrap();
        let route = Route::parse(&directory, path, policy)?.ok()?;
        Some((route.protocol, route.endpoint, route.policy.map(str::to_owned)))
    }

    #[test]
    fn each_system_has_its_paths_in_any_case_and_with_doubled_slashes() {
        for (path, protocol, endpoint) in [
            ("/contoso.com/oauth2/token", Protocol::V1, Endpoint::Token),
            ("//CONTOSO.com/OAuth2//Token", Protocol::V1, Endpoint::Token),
            ("/common/discovery/keys", Protocol::V1, Endpoint::Keys),
            ("/common/.well-known/openid-configuration", Protocol::V1, Endpoint::Metadata),
            ("/consumers/oauth2/v2.0/authorize", Protocol::V2, Endpoint::Authorize),
            (
                "/organizations/v2.0//.well-known/openid-configuration",
                Protocol::V2,
                Endpoint::Metadata,
            ),
            (
                "/7fe81447-da57-4385-becb-6de57f21477e/discovery/v2.0/keys",
                Protocol::V2,
                Endpoint::Keys,
            ),
            ("/plain/token", Protocol::Oidc, Endpoint::Token),
            ("/plain/.well-known/openid-configuration", Protocol::Oidc, Endpoint::Metadata),
            ("/plain/jwks", Protocol::Oidc, Endpoint::Keys),
        ] {
            assert_eq!(parsed(path, None), Some((protocol, endpoint, None)), "{path}");
        }
    }

    #[test]
    fn policy_of_b2c_is_in_the_path_or_in_the_query() {
        let policy = Some("B2C_1_signupsignin1".to_owned());
        for (path, query) in [
            ("/contoso.onmicrosoft.com/b2c_1_SIGNUPSIGNIN1/oauth2/v2.0/token", None),
            ("/tfp/contoso.onmicrosoft.com/b2c_1_signupsignin1/oauth2/v2.0/token", None),
            ("/contoso.onmicrosoft.com/oauth2/v2.0/token", Some("B2C_1_signupsignin1")),
        ] {
            let expected = Some((Protocol::B2c, Endpoint::Token, policy.clone()));
            assert_eq!(parsed(path, query), expected, "{path}");
        }
    }

    #[test]
    fn path_of_another_kind_of_tenant_is_refused() {
        for path in [
            "/nobody.com/oauth2/token",
            "/contoso.com/token",
            "/plain/oauth2/v2.0/token",
            "/contoso.onmicrosoft.com/oauth2/token",
            "/contoso.onmicrosoft.com/oauth2/v2.0/token",
            "/contoso.onmicrosoft.com/b2c_1_other/oauth2/v2.0/token",
            "/contoso.com/b2c_1_signupsignin1/oauth2/v2.0/token",
            "/contoso.com/oauth2/devicecode",
            "/a/b/c/oauth2/v2.0/token",
            "/",
        ] {
            assert_eq!(parsed(path, None), None, "{path}");
        }
    }
}
