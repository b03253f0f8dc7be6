use super::{Refusal, System};
use crate::directory::{CONSUMERS, Directory, Kind, Tenant};

/// Where a request has arrived: an endpoint of a system, at an authority.
#[derive(Clone, Debug)]
pub(crate) struct Place<'d> {
    pub(crate) system: System,
    pub(crate) authority: Authority<'d>,
    /// The policy of a B2C tenant, as it is configured.
    pub(crate) policy: Option<&'d str>,
    pub(crate) endpoint: Endpoint,
    /// What the paths of all endpoints begin with: `/contoso.com`, in B2C with the policy, even if
    /// the request has it in the query.
    pub(crate) prefix: String,
}

/// Whose users may sign in.
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

impl<'d> Place<'d> {
    /// Reads a path in any case, with doubled slashes; `policy` is the one of the query. `None` where
    /// nothing is there.
    pub(crate) fn find(
        directory: &'d Directory,
        path: &str,
        policy: Option<&str>,
    ) -> Option<Result<Self, Refusal>> {
        let path = path.to_ascii_lowercase();
        let mut segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        if segments.first() == Some(&"tfp") {
            segments.remove(0);
        }
        let (head, system, endpoint) = split(&segments)?;
        let (name, in_path) = match head {
            [name] => (*name, None),
            [name, policy] => (*name, Some(*policy)),
            _ => return None,
        };
        let resolved = resolve(directory, name, system, in_path.or(policy));
        Some(resolved.map(|(system, authority, policy)| {
            let policy_segment = policy.map(|policy| format!("/{}", policy.to_ascii_lowercase()));
            let prefix = format!("/{name}{}", policy_segment.unwrap_or_default());
            Self { system, authority, policy, endpoint, prefix }
        }))
    }

    /// Returns the path of the authorization endpoint of this place.
    pub(crate) fn authorization_path(&self) -> String {
        self.path("authorize")
    }

    /// Returns the path of the token endpoint of this place.
    pub(crate) fn token_path(&self) -> String {
        self.path("token")
    }

    fn path(&self, last: &str) -> String {
        let middle = match self.system {
            System::V1 => "/oauth2",
            System::V2 | System::B2c => "/oauth2/v2.0",
            System::Oidc => "",
        };
        format!("{}{middle}/{last}", self.prefix)
    }
}

impl<'d> Authority<'d> {
    /// Tells whether users of the tenant may sign in here.
    pub(crate) fn admits(&self, home: &Tenant) -> bool {
        match self {
            Self::Tenant(tenant) => tenant.id == home.id,
            Self::Common => home.kind == Kind::Entra,
            Self::Organizations => home.kind == Kind::Entra && home.id != CONSUMERS,
        }
    }

    /// Returns the one tenant that this is.
    pub(crate) fn tenant(&self) -> Option<&'d Tenant> {
        match self {
            Self::Tenant(tenant) => Some(tenant),
            Self::Common | Self::Organizations => None,
        }
    }
}

/// Splits into the authority, and what the rest of the path says; a tenant of plain OpenID Connect
/// shares the metadata's path with v1.
fn split<'s>(segments: &'s [&'s str]) -> Option<(&'s [&'s str], System, Endpoint)> {
    const WELL_KNOWN: [&str; 2] = [".well-known", "openid-configuration"];
    let v2 = |head: &'s [&'s str], endpoint| {
        Some((head, if head.len() == 2 { System::B2c } else { System::V2 }, endpoint))
    };
    match segments {
        [head @ .., "v2.0", a, b] if [*a, *b] == WELL_KNOWN => v2(head, Endpoint::Metadata),
        [head @ .., "discovery", "v2.0", "keys"] => v2(head, Endpoint::Keys),
        [head @ .., "oauth2", "v2.0", last] => v2(head, action(last)?),
        [head @ .., a, b] if [*a, *b] == WELL_KNOWN => Some((head, System::V1, Endpoint::Metadata)),
        [head @ .., "discovery", "keys"] => Some((head, System::V1, Endpoint::Keys)),
        [head @ .., "oauth2", last] => Some((head, System::V1, action(last)?)),
        [head @ .., "jwks"] => Some((head, System::Oidc, Endpoint::Keys)),
        [head @ .., last] => Some((head, System::Oidc, action(last)?)),
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

type Resolved<'d> = (System, Authority<'d>, Option<&'d str>);

fn resolve<'d>(
    directory: &'d Directory,
    name: &str,
    system: System,
    policy: Option<&str>,
) -> Result<Resolved<'d>, Refusal> {
    let authority = match name {
        "common" => Authority::Common,
        "organizations" => Authority::Organizations,
        "consumers" => Authority::Tenant(
            directory.tenant(CONSUMERS).ok_or_else(|| Refusal::unknown_tenant(name))?,
        ),
        _ => {
            Authority::Tenant(directory.tenant(name).ok_or_else(|| Refusal::unknown_tenant(name))?)
        }
    };
    let kind = authority.tenant().map_or(Kind::Entra, |tenant| tenant.kind);
    match (kind, system) {
        (Kind::Entra, System::V1 | System::V2) => Ok((system, authority, None)),
        (Kind::Oidc, System::V1 | System::Oidc) => Ok((System::Oidc, authority, None)),
        (Kind::B2c, System::V2 | System::B2c) => {
            let name = policy.unwrap_or_default();
            let policy = authority.tenant().and_then(|tenant| tenant.policy(name));
            let policy = policy.ok_or_else(|| Refusal::unknown_policy(name))?;
            Ok((System::B2c, authority, Some(policy)))
        }
        _ => Err(Refusal::unknown_tenant(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, policy: Option<&str>) -> Option<(System, Endpoint, Option<String>)> {
        let directory = Directory::from_toml(Directory::DEMO).unwrap();
        let place = Place::find(&directory, path, policy)?.ok()?;
        Some((place.system, place.endpoint, place.policy.map(str::to_owned)))
    }

    #[test]
    fn each_system_has_its_paths_in_any_case_and_with_doubled_slashes() {
        for (path, system, endpoint) in [
            ("/contoso.com/oauth2/token", System::V1, Endpoint::Token),
            ("//CONTOSO.com/OAuth2//Token", System::V1, Endpoint::Token),
            ("/common/discovery/keys", System::V1, Endpoint::Keys),
            ("/common/.well-known/openid-configuration", System::V1, Endpoint::Metadata),
            ("/consumers/oauth2/v2.0/authorize", System::V2, Endpoint::Authorize),
            (
                "/organizations/v2.0//.well-known/openid-configuration",
                System::V2,
                Endpoint::Metadata,
            ),
            (
                "/7fe81447-da57-4385-becb-6de57f21477e/discovery/v2.0/keys",
                System::V2,
                Endpoint::Keys,
            ),
            ("/plain/token", System::Oidc, Endpoint::Token),
            ("/plain/.well-known/openid-configuration", System::Oidc, Endpoint::Metadata),
            ("/plain/jwks", System::Oidc, Endpoint::Keys),
        ] {
            assert_eq!(found(path, None), Some((system, endpoint, None)), "{path}");
        }
    }

    #[test]
    fn policy_of_b2c_stands_in_the_path_or_in_the_query() {
        let policy = Some("B2C_1_signupsignin1".to_owned());
        for (path, query) in [
            ("/contoso.onmicrosoft.com/b2c_1_SIGNUPSIGNIN1/oauth2/v2.0/token", None),
            ("/tfp/contoso.onmicrosoft.com/b2c_1_signupsignin1/oauth2/v2.0/token", None),
            ("/contoso.onmicrosoft.com/oauth2/v2.0/token", Some("B2C_1_signupsignin1")),
        ] {
            let expected = Some((System::B2c, Endpoint::Token, policy.clone()));
            assert_eq!(found(path, query), expected, "{path}");
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
            assert_eq!(found(path, None), None, "{path}");
        }
    }
}
