use std::collections::BTreeSet;

use super::{
    api::Api,
    application::Application,
    directory_error::DirectoryError,
    tenant::{Kind, Tenant},
    user::User,
};

/// Checks the IDs, names and policies of tenants.
pub(super) fn tenants(tenants: &[Tenant]) -> Result<(), DirectoryError> {
    if tenants.is_empty() {
        return Err(DirectoryError::NoTenant);
    }
    let mut names = BTreeSet::new();
    for tenant in tenants {
        guid("tenant", &tenant.id)?;
        for name in [&tenant.id].into_iter().chain(&tenant.domains) {
            path_segment("tenant", name)?;
            unique("tenants", name, &mut names)?;
        }
        if (tenant.kind == Kind::B2c) == tenant.policies.is_empty() {
            return Err(DirectoryError::Policies { tenant: tenant.id.clone() });
        }
        let mut policies = BTreeSet::new();
        for policy in &tenant.policies {
            path_segment("policy", policy)?;
            unique("policies", policy, &mut policies)?;
        }
    }
    Ok(())
}

/// Checks the IDs and names of users, and that their tenants and roles exist.
pub(super) fn users(
    users: &[User],
    tenants: &[Tenant],
    apis: &[Api],
) -> Result<(), DirectoryError> {
    let mut names = BTreeSet::new();
    for user in users {
        guid("user", &user.id)?;
        unique("users", &user.id, &mut names)?;
        unique("users", &user.username, &mut names)?;
        home_tenant("user", &user.username, &user.tenant, tenants)?;
        for role in &user.roles {
            role_exists("user", &user.username, role, apis)?;
        }
    }
    Ok(())
}

/// Checks the names of APIs, scopes and roles.
pub(super) fn apis(apis: &[Api]) -> Result<(), DirectoryError> {
    let mut names = BTreeSet::new();
    for api in apis {
        for name in [&api.id].into_iter().chain(&api.uris) {
            not_empty("API", name)?;
            unique("APIs", name.trim_end_matches('/'), &mut names)?;
            if !name.bytes().all(is_scope_byte) {
                return Err(bad("API", name));
            }
        }
        let mut scopes = BTreeSet::new();
        for scope in &api.scopes {
            scope_token("scope", &scope.name)?;
            unique("scopes of one API", &scope.name, &mut scopes)?;
        }
        let mut roles = BTreeSet::new();
        for role in &api.roles {
            scope_token("role", role)?;
            unique("roles of one API", role, &mut roles)?;
        }
    }
    Ok(())
}

/// Checks the names, secrets and redirect URIs of applications, and that their tenants, permissions and
/// roles exist.
pub(super) fn applications(
    applications: &[Application],
    tenants: &[Tenant],
    apis: &[Api],
) -> Result<(), DirectoryError> {
    let mut names = BTreeSet::new();
    for application in applications {
        let id = &application.id;
        not_empty("application", id)?;
        unique("applications", id, &mut names)?;
        home_tenant("application", id, &application.tenant, tenants)?;
        if application.has_empty_secret() {
            return Err(DirectoryError::EmptySecret { application: id.clone() });
        }
        let mut redirect_uris = BTreeSet::new();
        for redirect_uri in &application.redirect_uris {
            absolute_uri("redirect_uri", &redirect_uri.uri)?;
            // The platform of the first one would count, and that of the second would not.
            if !redirect_uris.insert(&redirect_uri.uri) {
                return Err(DirectoryError::Duplicate {
                    what: "redirect URIs of one application",
                    name: redirect_uri.uri.clone(),
                });
            }
        }
        for grant in &application.permissions {
            let api = Api::of_qualified_name(apis, grant);
            if api.is_none_or(|(api, _, name)| api.scope(name).is_none()) {
                return Err(unknown_grant("application", id, grant));
            }
        }
        for role in &application.roles {
            role_exists("application", id, role, apis)?;
        }
    }
    Ok(())
}

fn home_tenant(
    what: &'static str,
    name: &str,
    tenant: &str,
    tenants: &[Tenant],
) -> Result<(), DirectoryError> {
    match Tenant::find(tenants, tenant) {
        Some(_) => Ok(()),
        None => Err(DirectoryError::UnknownTenant {
            what,
            name: name.to_owned(),
            tenant: tenant.to_owned(),
        }),
    }
}

fn role_exists(
    what: &'static str,
    name: &str,
    role: &str,
    apis: &[Api],
) -> Result<(), DirectoryError> {
    let has_role = |(api, _, role): (&Api, &str, &str)| api.roles.iter().any(|known| known == role);
    if Api::of_qualified_name(apis, role).is_some_and(has_role) {
        Ok(())
    } else {
        Err(unknown_grant(what, name, role))
    }
}

fn unknown_grant(what: &'static str, name: &str, grant: &str) -> DirectoryError {
    DirectoryError::UnknownGrant { what, name: name.to_owned(), grant: grant.to_owned() }
}

fn unique(
    what: &'static str,
    name: &str,
    names: &mut BTreeSet<String>,
) -> Result<(), DirectoryError> {
    if names.insert(name.to_ascii_lowercase()) {
        Ok(())
    } else {
        Err(DirectoryError::Duplicate { what, name: name.to_owned() })
    }
}

fn guid(what: &'static str, id: &str) -> Result<(), DirectoryError> {
    let lengths = id.split('-').map(str::len);
    let hex = id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    if hex && lengths.eq([8, 4, 4, 4, 12]) {
        Ok(())
    } else {
        Err(DirectoryError::NotGuid { what, id: id.to_owned() })
    }
}

/// Checks a name that is a segment of a path. It must not be a name that paths use for several tenants.
fn path_segment(what: &'static str, name: &str) -> Result<(), DirectoryError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let reserved = ["common", "organizations", "consumers", "tfp"];
    if !name.is_empty()
        && name.bytes().all(plain)
        && !reserved.iter().any(|reserved| reserved.eq_ignore_ascii_case(name))
    {
        Ok(())
    } else {
        Err(bad(what, name))
    }
}

fn not_empty(what: &'static str, name: &str) -> Result<(), DirectoryError> {
    if name.is_empty() { Err(bad(what, name)) } else { Ok(()) }
}

/// Checks a `scope-token` (RFC 6749 §3.3). It must have no slash, which separates it from its API, and
/// must not be a scope with a meaning of its own.
fn scope_token(what: &'static str, name: &str) -> Result<(), DirectoryError> {
    let reserved = [".default", "openid", "profile", "email", "offline_access"];
    let is_reserved = reserved.iter().any(|reserved| reserved.eq_ignore_ascii_case(name));
    let is_token = name.bytes().all(|byte| is_scope_byte(byte) && byte != b'/');
    if !name.is_empty() && is_token && !is_reserved { Ok(()) } else { Err(bad(what, name)) }
}

/// Returns whether a byte is allowed in a `scope-token` (RFC 6749 §3.3).
fn is_scope_byte(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E)
}

/// Checks an absolute URI without a fragment (RFC 6749 §3.1.2) that is a valid header value.
fn absolute_uri(what: &'static str, uri: &str) -> Result<(), DirectoryError> {
    let visible = uri.bytes().all(|byte| byte.is_ascii_graphic()) && !uri.contains('#');
    if visible
        && uri
            .split_once("://")
            .is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty())
    {
        Ok(())
    } else {
        Err(bad(what, uri))
    }
}

fn bad(what: &'static str, name: &str) -> DirectoryError {
    DirectoryError::BadName { what, name: name.to_owned() }
}
