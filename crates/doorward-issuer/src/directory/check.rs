use std::collections::BTreeSet;

use super::{Api, Directory, DirectoryError, Kind};

impl Directory {
    /// Returns the first contradiction; IDs are in lower case afterwards, as tokens carry them.
    pub(super) fn check(&mut self) -> Result<(), DirectoryError> {
        for id in self.tenants.iter_mut().map(|tenant| &mut tenant.id) {
            id.make_ascii_lowercase();
        }
        for id in self.users.iter_mut().map(|user| &mut user.id) {
            id.make_ascii_lowercase();
        }
        self.check_tenants()?;
        self.check_users()?;
        self.check_apis()?;
        self.check_applications()?;
        self.add_own_apis();
        Ok(())
    }

    /// Makes each application an API of its own too, which its client ID asks for.
    fn add_own_apis(&mut self) {
        for application in &self.applications {
            if !self.apis.iter().any(|api| api.id.eq_ignore_ascii_case(&application.id)) {
                self.apis.push(Api::of_application(&application.id, &application.name));
            }
        }
    }

    fn check_tenants(&self) -> Result<(), DirectoryError> {
        if self.tenants.is_empty() {
            return Err(DirectoryError::NoTenant);
        }
        let mut seen = BTreeSet::new();
        for tenant in &self.tenants {
            guid("tenant", &tenant.id)?;
            for name in [&tenant.id].into_iter().chain(&tenant.domains) {
                segment("tenant", name)?;
                unique("tenants", name, &mut seen)?;
            }
            if (tenant.kind == Kind::B2c) == tenant.policies.is_empty() {
                return Err(DirectoryError::Policies { tenant: tenant.id.clone() });
            }
            let mut policies = BTreeSet::new();
            for policy in &tenant.policies {
                segment("policy", policy)?;
                unique("policies", policy, &mut policies)?;
            }
        }
        Ok(())
    }

    fn check_users(&self) -> Result<(), DirectoryError> {
        let mut seen = BTreeSet::new();
        for user in &self.users {
            guid("user", &user.id)?;
            unique("users", &user.id, &mut seen)?;
            unique("users", &user.username, &mut seen)?;
            self.check_home("user", &user.username, &user.tenant)?;
            for role in &user.roles {
                self.check_role("user", &user.username, role)?;
            }
        }
        Ok(())
    }

    fn check_apis(&self) -> Result<(), DirectoryError> {
        let mut seen = BTreeSet::new();
        for api in &self.apis {
            for name in [&api.id].into_iter().chain(&api.uris) {
                not_empty("API", name)?;
                unique("APIs", name.trim_end_matches('/'), &mut seen)?;
                if !name.bytes().all(is_of_scope) {
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

    fn check_applications(&self) -> Result<(), DirectoryError> {
        let mut seen = BTreeSet::new();
        for application in &self.applications {
            let id = &application.id;
            not_empty("application", id)?;
            unique("applications", id, &mut seen)?;
            self.check_home("application", id, &application.tenant)?;
            if application.has_empty_secret() {
                return Err(DirectoryError::EmptySecret { application: id.clone() });
            }
            let mut redirect_uris = BTreeSet::new();
            for redirect_uri in &application.redirect_uris {
                redirect("redirect_uri", &redirect_uri.uri)?;
                // Of two, one would decide on the platform and the other would count for nothing.
                if !redirect_uris.insert(&redirect_uri.uri) {
                    return Err(DirectoryError::Duplicate {
                        what: "redirect URIs of one application",
                        name: redirect_uri.uri.clone(),
                    });
                }
            }
            for grant in &application.permissions {
                let known = self
                    .api_and_name(grant)
                    .is_some_and(|(api, _, name)| api.scope(name).is_some());
                if !known {
                    return Err(unknown_grant("application", id, grant));
                }
            }
            for role in &application.roles {
                self.check_role("application", id, role)?;
            }
        }
        Ok(())
    }

    fn check_home(
        &self,
        what: &'static str,
        name: &str,
        tenant: &str,
    ) -> Result<(), DirectoryError> {
        match self.tenant(tenant) {
            Some(_) => Ok(()),
            None => Err(DirectoryError::UnknownTenant {
                what,
                name: name.to_owned(),
                tenant: tenant.to_owned(),
            }),
        }
    }

    fn check_role(&self, what: &'static str, name: &str, role: &str) -> Result<(), DirectoryError> {
        let offers =
            |(api, _, role): (&Api, &str, &str)| api.roles.iter().any(|known| known == role);
        if self.api_and_name(role).is_some_and(offers) {
            Ok(())
        } else {
            Err(unknown_grant(what, name, role))
        }
    }
}

fn unknown_grant(what: &'static str, name: &str, grant: &str) -> DirectoryError {
    DirectoryError::UnknownGrant { what, name: name.to_owned(), grant: grant.to_owned() }
}

fn unique(
    what: &'static str,
    name: &str,
    seen: &mut BTreeSet<String>,
) -> Result<(), DirectoryError> {
    if seen.insert(name.to_ascii_lowercase()) {
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
        Err(DirectoryError::NoGuid { what, id: id.to_owned() })
    }
}

/// A name that stands in a path, between two slashes, and is none of those that mean several tenants.
fn segment(what: &'static str, name: &str) -> Result<(), DirectoryError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let several = ["common", "organizations", "consumers", "tfp"];
    if !name.is_empty()
        && name.bytes().all(plain)
        && !several.iter().any(|several| several.eq_ignore_ascii_case(name))
    {
        Ok(())
    } else {
        Err(bad(what, name))
    }
}

fn not_empty(what: &'static str, name: &str) -> Result<(), DirectoryError> {
    if name.is_empty() { Err(bad(what, name)) } else { Ok(()) }
}

/// A `scope-token` (RFC 6749 §3.3) without a slash, which would end the name of its API, and with a
/// meaning that is its own.
fn scope_token(what: &'static str, name: &str) -> Result<(), DirectoryError> {
    let fits = |byte| is_of_scope(byte) && byte != b'/';
    let taken = [".default", "openid", "profile", "email", "offline_access"];
    let is_free = taken.iter().all(|taken| !taken.eq_ignore_ascii_case(name));
    let is_good = !name.is_empty() && name.bytes().all(fits) && is_free;
    if is_good { Ok(()) } else { Err(bad(what, name)) }
}

/// Tells whether a byte can stand in a `scope-token` (RFC 6749 §3.3).
fn is_of_scope(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E)
}

/// An absolute URI without a fragment (RFC 6749 §3.1.2) that can stand in a header.
fn redirect(what: &'static str, uri: &str) -> Result<(), DirectoryError> {
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
