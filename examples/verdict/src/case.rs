use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

/// One line of the input. Other members are ignored, so that a case may carry what is expected.
#[derive(Debug, Deserialize)]
pub(crate) struct Case<'l> {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) check: Check,
    pub(crate) token: String,
    /// A key set, as JSON.
    #[serde(borrow)]
    pub(crate) jwks: Option<&'l RawValue>,
    /// A key set, as the text that would be fetched.
    pub(crate) jwks_text: Option<String>,
    /// Several issuers and their key sets, in the place of `issuer` and `jwks`.
    #[serde(borrow)]
    pub(crate) issuers: Option<BTreeMap<String, &'l RawValue>>,
    pub(crate) issuer: Option<String>,
    pub(crate) audience: Option<Audience>,
    /// Seconds since 1970.
    pub(crate) now: Option<f64>,
    /// In seconds.
    pub(crate) leeway: Option<f64>,
    pub(crate) algorithms: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) typ: Typ,
    pub(crate) required_scopes: Option<Vec<String>>,
    /// Whether the `oct` key of the set counts as configured by hand.
    #[serde(default)]
    pub(crate) symmetric: bool,
}

/// Which stages run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Check {
    /// Stages 2 to 6, and 8 if scopes are required.
    #[default]
    Token,
    /// Stages 2 to 4, for payloads that are not claims.
    Signature,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) enum Typ {
    #[default]
    #[serde(rename = "access")]
    Access,
    #[serde(rename = "at+jwt")]
    AtJwt,
    #[serde(rename = "any")]
    Any,
}

/// One audience, or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    pub(crate) fn names(&self) -> Vec<String> {
        match self {
            Self::One(name) => vec![name.clone()],
            Self::Several(names) => names.clone(),
        }
    }
}
