use super::{Authority, Route, token_format::TokenFormat};
use crate::directory::{Cloud, Directory, IssuerNames, Tenant};

/// Returns the issuer identifier for tokens of this format; `url` is the issuer's own.
pub(crate) fn issuer(
    directory: &Directory,
    url: &str,
    format: TokenFormat,
    tenant: &Tenant,
) -> String {
    let base = match (directory.issuer_names, format) {
        (IssuerNames::Own, _) | (_, TokenFormat::Rfc9068) => url.to_owned(),
        (IssuerNames::Microsoft, TokenFormat::V1) => format!("https://{}", tenant.cloud.sts_host()),
        (IssuerNames::Microsoft, TokenFormat::V2) => {
            format!("https://{}", tenant.cloud.login_host())
        }
        (IssuerNames::Microsoft, TokenFormat::B2c) => {
            format!("https://{}.{}", tenant.short_name(), tenant.cloud.b2c_suffix())
        }
    };
    with_path(&base, format, tenant)
}

/// Returns the issuer identifier for metadata; for several tenants it is a template with `{tenantid}`.
pub(crate) fn issuer_of_route(directory: &Directory, url: &str, route: &Route<'_>) -> String {
    let format = TokenFormat::of_endpoint(route.protocol);
    match route.authority {
        Authority::Tenant(tenant) => issuer(directory, url, format, tenant),
        Authority::Common | Authority::Organizations => {
            template(directory, url, format, Cloud::Global)
        }
    }
}

/// Returns the issuer identifier with `{tenantid}` instead of a tenant's ID.
pub(crate) fn template(
    directory: &Directory,
    url: &str,
    format: TokenFormat,
    cloud: Cloud,
) -> String {
    let base = match (directory.issuer_names, format) {
        (IssuerNames::Own, _) => url.to_owned(),
        (IssuerNames::Microsoft, TokenFormat::V1) => format!("https://{}", cloud.sts_host()),
        (IssuerNames::Microsoft, _) => format!("https://{}", cloud.login_host()),
    };
    match format {
        TokenFormat::V1 => format!("{base}/{{tenantid}}/"),
        _ => format!("{base}/{{tenantid}}/v2.0"),
    }
}

fn with_path(base: &str, format: TokenFormat, tenant: &Tenant) -> String {
    let id = &tenant.id;
    match format {
        TokenFormat::V1 => format!("{base}/{id}/"),
        TokenFormat::V2 => format!("{base}/{id}/v2.0"),
        TokenFormat::B2c => format!("{base}/{id}/v2.0/"),
        TokenFormat::Rfc9068 => {
            let name = tenant.domains.first().unwrap_or(&tenant.id);
            format!("{base}/{name}")
        }
    }
}
