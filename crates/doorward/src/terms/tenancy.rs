//! The tenants of a Microsoft cloud and their names as issuers.

/// The placeholder for the tenant's GUID in the name of an issuer, as in Microsoft's metadata.
const PLACE: &str = "{tenantid}";

/// The tenant of personal Microsoft accounts.
pub(crate) const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// The form of an issuer's name that contains the tenant once or more often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Form(pub(crate) String);

/// Which tenants of a cloud are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tenants {
    Listed(Vec<String>),
    /// Every tenant, with or without that of personal accounts.
    Any {
        consumers: bool,
    },
}

/// The trusted tenants of one cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tenancy {
    pub(crate) forms: Vec<Form>,
    /// The `cloud_instance_name` of the cloud's keys.
    pub(crate) cloud_instance: &'static str,
    pub(crate) tenants: Tenants,
}

/// For whom a published key may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyScope {
    /// Every tenant whose issuer publishes it.
    All,
    Tenant(Box<str>),
    /// None of this cloud.
    Elsewhere,
}

impl Form {
    /// Returns the issuer's name for the tenant.
    pub(crate) fn of(&self, tenant: &str) -> String {
        self.0.replace(PLACE, tenant)
    }

    /// Returns the tenant in an issuer's name of this form, if it is that of a tenant: a GUID in
    /// lower case, the same at each place.
    pub(crate) fn tenant_in<'i>(&self, issuer: &'i str) -> Option<&'i str> {
        let mut parts = self.0.split(PLACE);
        let mut rest = issuer.strip_prefix(parts.next()?)?;
        let mut found: Option<&str> = None;
        for part in parts {
            let (tenant, after) = rest.split_at_checked(GUID_LEN)?;
            if !is_guid(tenant) || found.is_some_and(|found| found != tenant) {
                return None;
            }
            found = Some(tenant);
            rest = after.strip_prefix(part)?;
        }
        found.filter(|_| rest.is_empty())
    }
}

impl Tenancy {
    /// Returns the tenant in the name of an issuer of this cloud, trusted or not.
    pub(crate) fn tenant_in<'i>(&self, issuer: &'i str) -> Option<&'i str> {
        self.forms.iter().find_map(|form| form.tenant_in(issuer))
    }

    pub(crate) fn accepts(&self, issuer: &str) -> bool {
        self.tenant_in(issuer).is_some_and(|tenant| match &self.tenants {
            Tenants::Listed(tenants) => tenants.iter().any(|listed| listed == tenant),
            Tenants::Any { consumers } => *consumers || tenant != CONSUMERS,
        })
    }

    /// Returns the names of the issuers of all trusted tenants; none where every tenant is trusted.
    pub(crate) fn names(&self) -> Vec<String> {
        match &self.tenants {
            Tenants::Listed(tenants) => tenants
                .iter()
                .flat_map(|tenant| self.forms.iter().map(|form| form.of(tenant)))
                .collect(),
            Tenants::Any { .. } => Vec::new(),
        }
    }

    /// Returns for whom a key may be used, by the `issuer` and the `cloud_instance_name` of its JWK: an
    /// issuer with the placeholder stands for every tenant.
    pub(crate) fn scope_of_key(&self, issuer: Option<&str>, cloud: Option<&str>) -> KeyScope {
        if cloud.is_some_and(|cloud| cloud != self.cloud_instance) {
            return KeyScope::Elsewhere;
        }
        match issuer {
            None => KeyScope::All,
            Some(template) if self.forms.iter().any(|form| form.0 == template) => KeyScope::All,
            Some(issuer) => self
                .tenant_in(issuer)
                .map_or(KeyScope::Elsewhere, |tenant| KeyScope::Tenant(tenant.into())),
        }
    }
}

pub(crate) const GUID_LEN: usize = 36;

/// Returns whether the text is a GUID in lower case, as tokens carry it.
pub(crate) fn is_guid(text: &str) -> bool {
    text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && text.bytes().all(|byte| matches!(byte, b'-' | b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "7fe81447-da57-4385-becb-6de57f21477e";

    fn form(text: &str) -> Form {
        Form(text.to_owned())
    }

    #[test]
    fn the_tenant_is_found_in_names_of_the_form_and_in_no_others() {
        let v2 = form("https://login.microsoftonline.com/{tenantid}/v2.0");
        let issuer = v2.of(TENANT);
        assert_eq!(v2.tenant_in(&issuer), Some(TENANT));
        for spoof in [
            "https://login.microsoftonline.com/{tenantid}/v2.0".to_owned(),
            "https://login.microsoftonline.com/common/v2.0".to_owned(),
            "https://login.microsoftonline.com//v2.0".to_owned(),
            issuer.replace("7fe8", "7FE8"),
            issuer.replace(".com/", ".com.evil.example/"),
            issuer.replace("https://", "https://evil.example/https://"),
            issuer.replace("https:", "http:"),
            format!("{issuer}/"),
            format!("{issuer}#{issuer}"),
            issuer.replace("/v2.0", ""),
            issuer.replace(TENANT, &format!("{TENANT}/{TENANT}")),
            issuer.replace("7e/", "ä/"),
        ] {
            assert_eq!(v2.tenant_in(&spoof), None, "{spoof}");
        }
    }

    #[test]
    fn a_tenant_at_two_places_is_the_same_at_both() {
        let form = form("https://{tenantid}.ciamlogin.com/{tenantid}/v2.0");
        assert_eq!(form.tenant_in(&form.of(TENANT)), Some(TENANT));
        let mixed = form.of(TENANT).replacen("7fe8", "7fe9", 1);
        assert_eq!(form.tenant_in(&mixed), None);
    }

    #[test]
    fn a_guid_has_one_spelling() {
        assert!(is_guid(TENANT));
        let short = TENANT.replace("7fe8", "7fe");
        for bad in ["", "common", &short, &TENANT.to_uppercase(), "{7fe81447}"] {
            assert!(!is_guid(bad), "{bad}");
        }
    }

    #[test]
    fn a_key_is_bound_by_what_it_says_of_its_issuer_and_cloud() {
        let tenancy = Tenancy {
            forms: vec![form("https://a.example/{tenantid}/v2.0"), form("https://b/{tenantid}/")],
            cloud_instance: "a.example",
            tenants: Tenants::Any { consumers: false },
        };
        let scope = |issuer, cloud| tenancy.scope_of_key(issuer, cloud);
        let template = Some("https://a.example/{tenantid}/v2.0");
        assert_eq!(scope(None, None), KeyScope::All);
        assert_eq!(scope(template, Some("a.example")), KeyScope::All);
        assert_eq!(scope(template, Some("a.example.us")), KeyScope::Elsewhere);
        let concrete = format!("https://b/{TENANT}/");
        assert_eq!(scope(Some(&concrete), None), KeyScope::Tenant(TENANT.into()));
        assert_eq!(scope(Some("https://c.example/{tenantid}/v2.0"), None), KeyScope::Elsewhere);
    }
}
