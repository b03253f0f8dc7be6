use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use crate::{Flaw, directory::CONSUMERS, token_draft::TokenDraft};

const OTHER_TENANT: &str = "00000000-0000-4000-8000-00000000f0e6";

/// Applies a flaw of the header or the claims; `issuer` is the issuer identifier.
pub(crate) fn change_draft(draft: &mut TokenDraft, issuer: &str, flaw: Flaw) {
    const HALF_AN_HOUR: i64 = 1800;
    let issued_at = draft.issued_at_second();
    let at = |seconds: i64| issued_at.saturating_add(seconds);
    match flaw {
        Flaw::TooLong => draft.set_claim("padding", "x".repeat(16 * 1024)),
        Flaw::HeaderMember => draft.set_header("kid", 1),
        Flaw::NoAlgorithm => draft.remove_header("alg"),
        Flaw::AlgorithmNone => draft.set_header("alg", "none"),
        Flaw::Critical => draft.set_header("crit", json!(["exp"])),
        Flaw::Nested => draft.set_header("cty", "JWT"),
        Flaw::UnknownKey => draft.set_header("kid", "forged"),
        Flaw::NoKeyFits => {
            draft.remove_header("kid");
            draft.set_header("alg", "HS512");
        }
        Flaw::SeveralKeysFit => draft.remove_header("kid"),
        Flaw::AlgorithmOfAnotherKey => draft.set_header("alg", "HS256"),
        Flaw::MalformedClaim => draft.set_claim("exp", at(HALF_AN_HOUR).to_string()),
        Flaw::Type => draft.set_header("typ", "logout+jwt"),
        Flaw::Issuer => draft.set_claim("iss", "https://forged.example"),
        Flaw::OtherTenant => set_tenant(draft, issuer, OTHER_TENANT),
        Flaw::ConsumerAccount => set_tenant(draft, issuer, CONSUMERS),
        Flaw::TokenVersion => {
            let tenant = draft.claim_text("tid").unwrap_or_default();
            draft.set_claim("iss", format!("https://sts.windows.net/{tenant}/"));
        }
        Flaw::TenantMismatch => draft.set_claim("tid", OTHER_TENANT),
        Flaw::UserFlow => draft.set_claim("tfp", "B2C_1_forged"),
        Flaw::LegacySubject => draft.set_claim("sub", "Not supported currently. Use oid claim."),
        Flaw::NoSubject => draft.remove_claim("sub"),
        Flaw::NoTokenId => draft.remove_claim("jti"),
        Flaw::Audience => draft.set_claim("aud", "api://forged"),
        Flaw::IdToken => draft.set_claim("at_hash", "77QmUPtjPfzWtF2AnpK9RQ"),
        Flaw::Bound => {
            let thumbprint = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
            draft.set_claim("cnf", json!({ "jkt": thumbprint }));
        }
        Flaw::Lifetime => draft.set_claim("exp", at(10 * 365 * 24 * 3600)),
        Flaw::IssuedInFuture => {
            draft.set_claim("iat", at(HALF_AN_HOUR));
            draft.set_claim("exp", at(3600));
        }
        Flaw::NotYetValid => draft.set_claim("nbf", at(HALF_AN_HOUR)),
        Flaw::Expired => draft.set_claim("exp", at(-3600)),
        Flaw::NoGrant => {
            for name in ["scope", "scp", "roles"] {
                draft.remove_claim(name);
            }
        }
        Flaw::NoCredentials
        | Flaw::NoToken
        | Flaw::SeveralFields
        | Flaw::TwoParts
        | Flaw::FiveParts
        | Flaw::Padding
        | Flaw::HeaderJson
        | Flaw::Signature
        | Flaw::MicrosoftResource
        | Flaw::DuplicateClaim => {}
    }
}

fn set_tenant(draft: &mut TokenDraft, issuer: &str, tenant: &str) {
    let issuer = match draft.claim("iss") {
        Some(_) => draft.claim_text("iss").unwrap_or_default(),
        None => issuer.to_owned(),
    };
    let own = draft.claim_text("tid").unwrap_or_default();
    let issuer = if own.is_empty() { issuer } else { issuer.replace(&own, tenant) };
    draft.set_claim("iss", issuer);
    draft.set_claim("tid", tenant);
}

/// Applies a flaw of the JSON text of the header or the claims.
pub(crate) fn change_texts(flaw: Flaw, header: String, claims: String) -> (String, String) {
    match flaw {
        Flaw::HeaderJson => (header + "{}", claims),
        Flaw::DuplicateClaim => {
            let twice = claims.replacen('{', "{\"forged\":1,\"forged\":2,", 1);
            (header, twice)
        }
        _ => (header, claims),
    }
}

/// Applies a flaw of the signed token or the request, and returns the values of the request's
/// `Authorization` fields.
pub(crate) fn authorization(flaw: Flaw, token: &str) -> Vec<String> {
    let bearer = |token: &str| format!("Bearer {token}");
    let (signed, signature) = token.rsplit_once('.').unwrap_or((token, ""));
    match flaw {
        Flaw::NoCredentials => Vec::new(),
        Flaw::NoToken => vec!["Bearer".to_owned()],
        Flaw::SeveralFields => vec![bearer(token), bearer(token)],
        Flaw::TwoParts => vec![bearer(signed)],
        Flaw::FiveParts => vec![bearer(&format!("{token}.AA.AA"))],
        Flaw::Padding => vec![bearer(&format!("{token}="))],
        Flaw::Signature => vec![bearer(&format!("{signed}.{}", flipped(signature)))],
        Flaw::MicrosoftResource => vec![bearer(&with_nonce(signed, signature))],
        _ => vec![bearer(token)],
    }
}

/// Flips a bit of the first letter of a signature in base64url.
fn flipped(signature: &str) -> String {
    let mut letters = signature.chars();
    let first = match letters.next() {
        Some('A') => 'B',
        _ => 'A',
    };
    format!("{first}{}", letters.as_str())
}

fn with_nonce(signed: &str, signature: &str) -> String {
    let (header, payload) = signed.split_once('.').unwrap_or((signed, ""));
    let header = URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    let header = String::from_utf8_lossy(&header).replacen('{', "{\"nonce\":\"forged\",", 1);
    format!("{}.{payload}.{signature}", URL_SAFE_NO_PAD.encode(header))
}
