//! The parts of which presets are put together, and the forms that they must have.

use std::fmt;

use crate::{
    config_error::ConfigError,
    terms::{tenancy::is_guid, untrusted_text::UntrustedText},
};

macro_rules! part {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// Creates it from its text, which is checked when the server is built.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// Returns the text as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<&String> for $name {
            fn from(text: &String) -> Self {
                Self(text.clone())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

part! {
    /// The ID of a Microsoft tenant (directory): a GUID. Case makes no difference.
    ///
    /// It does not convert into a [`ClientId`], which is a GUID too: keep IDs in these types, and the
    /// compiler finds where two are swapped.
    ///
    /// ```
    /// use doorward::presets::{ClientId, Entra, TenantId};
    ///
    /// let tenant = TenantId::new("7fe81447-da57-4385-becb-6de57f21477e");
    /// let api = ClientId::new("f2a76e08-93f2-4350-833c-965c02483b11");
    /// let entra = Entra::tenant(tenant).client_id(api);
    /// ```
    TenantId
}

part! {
    /// The client ID under which an API is registered. At Microsoft it is a GUID, the application
    /// (client) ID, whose case makes no difference.
    ClientId
}

part! {
    /// The name of a Microsoft tenant: the first word of its domain, such as `contoso` of
    /// `contoso.onmicrosoft.com`.
    TenantName
}

impl TenantId {
    /// Returns the GUID in lower case, as tokens carry it.
    pub(super) fn guid(&self) -> Result<String, ConfigError> {
        let lower = self.0.to_ascii_lowercase();
        if is_guid(&lower) {
            return Ok(lower);
        }
        let fault = "is not a GUID: use the directory (tenant) ID; tokens never carry a domain name, `common` or `organizations`";
        Err(rejected("tenant ID", &self.0, fault))
    }
}

impl ClientId {
    /// Returns the GUID in lower case, as tokens carry it.
    pub(super) fn guid(&self) -> Result<String, ConfigError> {
        let lower = self.0.to_ascii_lowercase();
        if is_guid(&lower) {
            return Ok(lower);
        }
        let fault = "is not a GUID: use the application (client) ID of the API; an App ID URI is set with `.app_id_uri(…)`";
        Err(rejected("client ID", &self.0, fault))
    }

    /// Returns the text, which may be any word.
    pub(super) fn word(&self) -> Result<String, ConfigError> {
        let fault =
            "is blank or has white space: use the client ID under which the API is registered";
        word("client ID", &self.0, fault)
    }
}

impl TenantName {
    /// Returns the name as it stands in host names.
    pub(super) fn label(&self) -> Result<String, ConfigError> {
        let lower = self.0.to_ascii_lowercase();
        if is_guid(&lower) {
            let fault = "is the tenant's ID: use the first word of its domain, such as `contoso` of `contoso.onmicrosoft.com`";
            return Err(rejected("tenant name", &self.0, fault));
        }
        if is_made_of(&lower, b"-") {
            return Ok(lower);
        }
        let fault = "is not one word: use the first word of the tenant's domain, such as `contoso` of `contoso.onmicrosoft.com`";
        Err(rejected("tenant name", &self.0, fault))
    }
}

/// Returns the error for a part in another form than it must have. A password in what may be a URL
/// is not shown.
pub(super) fn rejected(part: &'static str, text: &str, fault: &'static str) -> ConfigError {
    ConfigError::Part { part, value: UntrustedText::url(text).to_string(), fault }
}

/// Returns the domain in lower case, if it is the name of a host and nothing more.
pub(super) fn domain(part: &'static str, text: &str) -> Result<String, ConfigError> {
    let lower = text.to_ascii_lowercase();
    if lower.contains("://") || lower.contains('/') {
        let fault = "is a URL: write the host name alone, without `https://`, slash and path";
        return Err(rejected(part, text, fault));
    }
    let (host, port) = lower.split_once(':').unwrap_or((&lower, "443"));
    let is_host =
        host.split('.').count() > 1 && host.split('.').all(|label| is_made_of(label, b"-"));
    if is_host && port.parse::<u16>().is_ok() {
        Ok(lower)
    } else {
        Err(rejected(part, text, "is not a full host name, such as `login.example.com`"))
    }
}

/// Returns the text if it is not blank and has no white space.
pub(super) fn word(
    part: &'static str,
    text: &str,
    fault: &'static str,
) -> Result<String, ConfigError> {
    if text.is_empty() || text.contains(char::is_whitespace) {
        return Err(rejected(part, text, fault));
    }
    Ok(text.to_owned())
}

/// Returns whether the text is not empty, and letters, digits and these characters only.
pub(super) fn is_made_of(text: &str, others: &[u8]) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || others.contains(&byte);
    !text.is_empty() && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_a_host_name_and_no_url() {
        for good in ["acme.eu.auth0.com", "ACME.okta.com", "id.acme.example:8443"] {
            assert_eq!(domain("domain", good), Ok(good.to_ascii_lowercase()));
        }
        for bad in [
            "",
            "acme",
            "https://acme.eu.auth0.com",
            "acme.eu.auth0.com/",
            "acme.eu.auth0.com ",
            "acme..com",
            "acme.com:x",
            "u:p@acme.com",
            "acme.com?x",
        ] {
            let error = domain("domain", bad).unwrap_err().to_string();
            assert!(!error.contains("u:p"), "{error}");
        }
    }
}
