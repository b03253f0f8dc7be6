use super::{Authority, Place, System};
use crate::directory::{Cloud, Directory, IssuerNames, Tenant, TokenVersion};

/// The form of a token, which for Entra the API decides and not the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    V1,
    V2,
    B2c,
    Rfc9068,
}

impl Shape {
    /// Returns the form of access tokens for an API of this version.
    pub(crate) fn of_access_token(system: System, version: TokenVersion) -> Self {
        match (system, version) {
            (System::B2c, _) => Self::B2c,
            (System::Oidc, _) => Self::Rfc9068,
            (System::V1 | System::V2, TokenVersion::V1) => Self::V1,
            (System::V1 | System::V2, TokenVersion::V2) => Self::V2,
        }
    }

    /// Returns the form of what belongs to the endpoint: its metadata and its ID tokens.
    pub(crate) fn of_system(system: System) -> Self {
        match system {
            System::V1 => Self::V1,
            System::V2 => Self::V2,
            System::B2c => Self::B2c,
            System::Oidc => Self::Rfc9068,
        }
    }
}

/// Returns the issuer identifier of tokens of this form; `url` is the issuer's own.
pub(crate) fn issuer(directory: &Directory, url: &str, shape: Shape, tenant: &Tenant) -> String {
    let base = match (directory.issuer_names, shape) {
        (IssuerNames::Own, _) | (_, Shape::Rfc9068) => url.to_owned(),
        (IssuerNames::Microsoft, Shape::V1) => format!("https://{}", tenant.cloud.sts_host()),
        (IssuerNames::Microsoft, Shape::V2) => format!("https://{}", tenant.cloud.login_host()),
        (IssuerNames::Microsoft, Shape::B2c) => {
            format!("https://{}.{}", tenant.short_name(), tenant.cloud.b2c_suffix())
        }
    };
    named(&base, shape, &tenant.id, tenant)
}

/// Returns the issuer of the metadata, in which `{tenantid}` stands for every tenant.
pub(crate) fn issuer_of_place(directory: &Directory, url: &str, place: &Place<'_>) -> String {
    let shape = Shape::of_system(place.system);
    match place.authority {
        Authority::Tenant(tenant) => issuer(directory, url, shape, tenant),
        Authority::Common | Authority::Organizations => {
            template(directory, url, shape, Cloud::Global)
        }
    }
}

/// Returns the issuer with `{tenantid}` in the place of the tenant.
pub(crate) fn template(directory: &Directory, url: &str, shape: Shape, cloud: Cloud) -> String {
    let base = match (directory.issuer_names, shape) {
        (IssuerNames::Own, _) => url.to_owned(),
        (IssuerNames::Microsoft, Shape::V1) => format!("https://{}", cloud.sts_host()),
        (IssuerNames::Microsoft, _) => format!("https://{}", cloud.login_host()),
    };
    match shape {
        Shape::V1 => format!("{base}/{{tenantid}}/"),
        _ => format!("{base}/{{tenantid}}/v2.0"),
    }
}

fn named(base: &str, shape: Shape, id: &str, tenant: &Tenant) -> String {
    match shape {
        Shape::V1 => format!("{base}/{id}/"),
        Shape::V2 => format!("{base}/{id}/v2.0"),
        Shape::B2c => format!("{base}/{id}/v2.0/"),
        Shape::Rfc9068 => {
            let name = tenant.domains.first().unwrap_or(&tenant.id);
            format!("{base}/{name}")
        }
    }
}
