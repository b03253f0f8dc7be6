use axum::http::header::AUTHORIZATION;
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{assertion, cross_origin, grant_request::GrantRequest};
use crate::{
    directory::{Application, Platform},
    form::form_decode,
    protocol::ProtocolError,
};

/// An application whose credentials were verified, or that is public and has none.
#[derive(Clone, Copy, Debug)]
pub(super) struct AuthenticatedApplication<'a> {
    pub(super) application: &'a Application,
    /// The value of `appidacr` and `azpacr`: `0` for a public client, `1` for a secret, `2` for a
    /// certificate.
    pub(super) credential: &'static str,
}

/// The client credentials of a request.
enum Credential {
    None,
    /// The secret, and the secret as sent by a client that did not encode its `+`.
    Secret(String, String),
    Assertion(String),
}

/// Verifies the client credentials and returns the application.
///
/// `implied` is the client of a refresh token, for requests without a `client_id`. `platform` is the
/// kind of application that a code or refresh token was issued to.
pub(super) fn authenticate<'a>(
    request: GrantRequest<'a>,
    implied: Option<&str>,
    platform: Option<Platform>,
) -> Result<AuthenticatedApplication<'a>, ProtocolError> {
    let (named, credential) = read(request)?;
    let named = match (named, &credential) {
        (Some(named), _) => named,
        (None, Credential::Assertion(text)) => assertion::unverified_client(text)?,
        (None, _) => implied.ok_or_else(|| ProtocolError::missing("client_id"))?.to_owned(),
    };
    let application = request.route.authority.application(&request.tenants.directory, &named)?;
    let has_credential = !matches!(credential, Credential::None);
    if has_credential && application.is_public() {
        return Err(ProtocolError::public_with_credential());
    }
    cross_origin::check(request.headers, platform, has_credential)?;
    let credential = match credential {
        Credential::None if needs_no_credential(application, platform) => "0",
        Credential::None => return Err(ProtocolError::no_credential()),
        Credential::Secret(secret, with_plus) => {
            if !application.has_secret(&secret) && !application.has_secret(&with_plus) {
                return Err(ProtocolError::wrong_secret(&application.id));
            }
            "1"
        }
        Credential::Assertion(text) => {
            assertion::verify(&text, application, request.endpoint, request.now)?;
            "2"
        }
    };
    Ok(AuthenticatedApplication { application, credential })
}

/// Returns whether the request needs no credential: the application has none, or the code or refresh
/// token was issued to software on the user's own device.
fn needs_no_credential(application: &Application, platform: Option<Platform>) -> bool {
    application.is_public() || matches!(platform, Some(Platform::Spa | Platform::Native))
}

fn read(request: GrantRequest<'_>) -> Result<(Option<String>, Credential), ProtocolError> {
    let form = request.form;
    let in_body = form.get("client_id").map(str::to_owned);
    let secret = form.get("client_secret").zip(form.get_with_plus("client_secret"));
    let assertion = form.get("client_assertion");
    let mut fields = request.headers.get_all(AUTHORIZATION).iter();
    let basic = fields.next();
    let credentials =
        [secret.is_some(), assertion.is_some(), basic.is_some(), fields.next().is_some()];
    if credentials.into_iter().filter(|is_present| *is_present).count() > 1 {
        return Err(ProtocolError::two_credentials());
    }
    if let Some(field) = basic {
        let (client_id, secret, raw) = decode_basic(field.to_str().unwrap_or_default())
            .ok_or_else(ProtocolError::bad_basic)?;
        if in_body.is_some_and(|named| named != client_id) {
            return Err(ProtocolError::two_credentials());
        }
        return Ok((Some(client_id), Credential::Secret(secret, raw)));
    }
    if let Some(assertion) = assertion {
        if form.get("client_assertion_type") != Some(assertion::TYPE) {
            return Err(ProtocolError::bad_assertion_type());
        }
        return Ok((in_body, Credential::Assertion(assertion.to_owned())));
    }
    let credential = secret.map_or(Credential::None, |(secret, with_plus)| {
        Credential::Secret(secret.to_owned(), with_plus.to_owned())
    });
    Ok((in_body, credential))
}

/// Parses RFC 7617 credentials whose halves are form-encoded (RFC 6749 §2.3.1). The third part is the
/// secret as sent by a client that did not encode it.
fn decode_basic(field: &str) -> Option<(String, String, String)> {
    let (scheme, encoded) = field.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim_start()).ok()?).ok()?;
    let (client_id, secret) = decoded.split_once(':')?;
    Some((form_decode(client_id)?, form_decode(secret)?, secret.to_owned()))
}
