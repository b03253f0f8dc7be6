use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward::{
    Keys,
    keys::{Algorithm, MacAlgorithm, SymmetricKey},
};
use serde::Deserialize;

use crate::case::Case;

/// Returns the key set of the case.
pub(crate) fn of_case(case: &Case<'_>) -> Result<Keys, String> {
    let document = match (case.jwks, &case.jwks_text) {
        (Some(jwks), None) => jwks.get(),
        (None, Some(text)) => text,
        (Some(_), Some(_)) => return Err("both `jwks` and `jwks_text`".to_owned()),
        (None, None) => return Err("neither `jwks`, `jwks_text` nor `issuers`".to_owned()),
    };
    if case.symmetric { symmetric(document, case) } else { Ok(Keys::jwks(document)) }
}

/// Returns the accepted algorithms; those of a symmetric key are not among them.
pub(crate) fn algorithms(case: &Case<'_>) -> Result<Option<Vec<Algorithm>>, String> {
    let named = case.algorithms.as_ref().filter(|_| !case.symmetric);
    let read = |name: &String| name.parse::<Algorithm>().map_err(|error| error.to_string());
    named.map(|names| names.iter().map(read).collect()).transpose()
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Oct>,
}

/// A symmetric JWK (RFC 7518 §6.4).
#[derive(Deserialize)]
struct Oct {
    kty: String,
    kid: Option<String>,
    k: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
}

/// Takes the keys of the set for secrets that were configured by hand.
fn symmetric(document: &str, case: &Case<'_>) -> Result<Keys, String> {
    let set: Set = serde_json::from_str(document).map_err(|error| error.to_string())?;
    let accepted = case.algorithms.as_deref().unwrap_or_default();
    let keys: Result<Vec<_>, _> = set.keys.iter().map(|key| key.read(accepted)).collect();
    Ok(Keys::symmetric(keys?))
}

impl Oct {
    fn read(&self, accepted: &[String]) -> Result<SymmetricKey, String> {
        let verifies = self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && self.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        let secret = self.k.as_ref().filter(|_| self.kty == "oct" && verifies);
        let secret = secret.ok_or("not a symmetric key for verifying")?;
        let secret = URL_SAFE_NO_PAD.decode(secret).map_err(|error| error.to_string())?;
        let key = SymmetricKey::new(self.algorithm(accepted)?, &secret);
        let key = key.map_err(|error| error.to_string())?;
        match &self.kid {
            Some(id) => key.key_id(id.as_str()).map_err(|error| error.to_string()),
            None => Ok(key),
        }
    }

    fn algorithm(&self, accepted: &[String]) -> Result<MacAlgorithm, String> {
        let name = match (&self.alg, accepted) {
            (Some(own), accepted) if accepted.is_empty() || accepted.contains(own) => own,
            (None, [only]) => only,
            _ => return Err("a symmetric key has one algorithm, and it is accepted".to_owned()),
        };
        match name.as_str() {
            "HS256" => Ok(MacAlgorithm::Hs256),
            "HS384" => Ok(MacAlgorithm::Hs384),
            "HS512" => Ok(MacAlgorithm::Hs512),
            other => Err(format!("no algorithm of a symmetric key: \"{other}\"")),
        }
    }
}
