use axum::http::header::AUTHORIZATION;
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Redemption, assertion, origin};
use crate::{
    directory::{Application, Platform},
    system::{Authority, Place, Refusal},
    token_endpoint::form_decode,
    world::World,
};

/// An application that has proved itself, if it has something to prove itself with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Authenticated<'a> {
    pub(super) application: &'a Application,
    /// `0` for a public client, `1` by secret, `2` by certificate: `appidacr` and `azpacr`.
    pub(super) credential: &'static str,
}

/// What a request proves a client with.
enum Credential {
    None,
    /// The secret, and the same of a client that did not encode its `+`.
    Secret(String, String),
    Assertion(String),
}

/// Returns the application of the request, proved by what it must prove itself with.
///
/// `implied` is the client that a refresh token belongs to, for requests without a `client_id`, and
/// `platform` what kind of application a code or refresh token was issued to.
pub(super) fn authenticate<'a>(
    redemption: Redemption<'a>,
    implied: Option<&str>,
    platform: Option<Platform>,
) -> Result<Authenticated<'a>, Refusal> {
    let (named, credential) = read(redemption)?;
    let named = match (named, &credential) {
        (Some(named), _) => named,
        (None, Credential::Assertion(text)) => assertion::unverified_client(text)?,
        (None, _) => implied.ok_or_else(|| Refusal::missing("client_id"))?.to_owned(),
    };
    let application = find_application(redemption.world, redemption.place, &named)?;
    let has_credential = !matches!(credential, Credential::None);
    if has_credential && application.is_public() {
        return Err(Refusal::public_with_credential());
    }
    origin::check(redemption.headers, platform, has_credential)?;
    let credential = match credential {
        Credential::None if may_be_public(application, platform) => "0",
        Credential::None => return Err(Refusal::no_credential()),
        Credential::Secret(secret, with_plus) => {
            if !application.has_secret(&secret) && !application.has_secret(&with_plus) {
                return Err(Refusal::wrong_secret(&application.id));
            }
            "1"
        }
        Credential::Assertion(text) => {
            assertion::check(&text, application, redemption.endpoint, redemption.now)?;
            "2"
        }
    };
    Ok(Authenticated { application, credential })
}

/// Returns the application if it may be used at this authority.
pub(crate) fn find_application<'a>(
    world: &'a World,
    place: &Place<'_>,
    client_id: &str,
) -> Result<&'a Application, Refusal> {
    let unknown = || Refusal::unknown_application(client_id);
    let application = world.directory.application(client_id).ok_or_else(unknown)?;
    let home = world.directory.tenant(&application.tenant).ok_or_else(unknown)?;
    match place.authority {
        Authority::Tenant(tenant) if tenant.id == home.id => Ok(application),
        Authority::Tenant(tenant) if application.multi_tenant && tenant.kind == home.kind => {
            Ok(application)
        }
        Authority::Tenant(_) => Err(unknown()),
        Authority::Common | Authority::Organizations if !place.authority.admits(home) => {
            Err(unknown())
        }
        Authority::Common | Authority::Organizations if application.multi_tenant => Ok(application),
        Authority::Common | Authority::Organizations => Err(Refusal::single_tenant(client_id)),
    }
}

/// Tells whether no credential is needed: there is none, or what was issued belongs to software on
/// the user's own machine.
fn may_be_public(application: &Application, platform: Option<Platform>) -> bool {
    application.is_public() || matches!(platform, Some(Platform::Spa | Platform::Native))
}

fn read(redemption: Redemption<'_>) -> Result<(Option<String>, Credential), Refusal> {
    let form = redemption.form;
    let in_body = form.get("client_id").map(str::to_owned);
    let secret = form.get("client_secret").zip(form.get_with_plus("client_secret"));
    let assertion = form.get("client_assertion");
    let mut fields = redemption.headers.get_all(AUTHORIZATION).iter();
    let basic = fields.next();
    let credentials =
        [secret.is_some(), assertion.is_some(), basic.is_some(), fields.next().is_some()];
    if credentials.into_iter().filter(|is_there| *is_there).count() > 1 {
        return Err(Refusal::two_credentials());
    }
    if let Some(field) = basic {
        let (client_id, secret, raw) =
            decode_basic(field.to_str().unwrap_or_default()).ok_or_else(Refusal::bad_basic)?;
        if in_body.is_some_and(|named| named != client_id) {
            return Err(Refusal::two_credentials());
        }
        return Ok((Some(client_id), Credential::Secret(secret, raw)));
    }
    if let Some(assertion) = assertion {
        if form.get("client_assertion_type") != Some(assertion::TYPE) {
            return Err(Refusal::bad_assertion_type());
        }
        return Ok((in_body, Credential::Assertion(assertion.to_owned())));
    }
    let credential = secret.map_or(Credential::None, |(secret, with_plus)| {
        Credential::Secret(secret.to_owned(), with_plus.to_owned())
    });
    Ok((in_body, credential))
}

/// Reads RFC 7617 credentials whose halves are form-encoded (RFC 6749 §2.3.1); the third part is the
/// secret of a client that did not encode it.
fn decode_basic(field: &str) -> Option<(String, String, String)> {
    let (scheme, encoded) = field.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim_start()).ok()?).ok()?;
    let (client_id, secret) = decoded.split_once(':')?;
    Some((form_decode(client_id)?, form_decode(secret)?, secret.to_owned()))
}
