//! Refusals of what a client proves itself with, and of codes, refresh tokens and pages that are not
//! good, or not good here. Numbers and sentences as in
//! [`refusals_of_requests`](super::refusals_of_requests).

use super::refusal::{Refusal, refusal};
use crate::{MintError, random::NoRandomness};

impl Refusal {
    pub(crate) fn public_with_credential() -> Self {
        refusal("invalid_client", 700025, 90084, "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.".to_owned())
    }

    pub(crate) fn no_credential() -> Self {
        refusal("invalid_client", 7000218, 90079, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.".to_owned())
    }

    pub(crate) fn wrong_secret(id: &str) -> Self {
        refusal(
            "invalid_client",
            7000215,
            90081,
            format!("Invalid client secret provided for app '{id}'."),
        )
    }

    pub(crate) fn two_credentials() -> Self {
        refusal(
            "invalid_request",
            9002313,
            90083,
            "The client authenticates in two ways.".to_owned(),
        )
    }

    pub(crate) fn bad_basic() -> Self {
        refusal(
            "invalid_client",
            7000215,
            90081,
            "The Authorization header has no well-formed Basic credentials.".to_owned(),
        )
    }

    pub(crate) fn bad_assertion(why: &str) -> Self {
        refusal(
            "invalid_client",
            700027,
            90017,
            format!("The client assertion is not acceptable: {why}."),
        )
    }

    pub(crate) fn wrong_key(why: &str) -> Self {
        refusal(
            "invalid_client",
            700027,
            90017,
            format!("Client assertion failed signature validation: {why}."),
        )
    }

    pub(crate) fn bad_assertion_type() -> Self {
        refusal("invalid_client", 700023, 90016, "The client_assertion_type is not urn:ietf:params:oauth:client-assertion-type:jwt-bearer.".to_owned())
    }

    pub(crate) fn spa_without_origin() -> Self {
        refusal("invalid_request", 9002327, 90085, "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.".to_owned())
    }

    pub(crate) fn origin_without_spa(origin: &str) -> Self {
        refusal(
            "invalid_request",
            9002326,
            90085,
            format!(
                "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. Request origin: '{origin}'."
            ),
        )
    }

    pub(crate) fn credential_with_origin() -> Self {
        refusal(
            "invalid_request",
            90023,
            90084,
            "A client credential cannot be used from a browser: the request has an Origin header."
                .to_owned(),
        )
    }

    pub(crate) fn unsupported_grant(name: &str) -> Self {
        refusal(
            "unsupported_grant_type",
            70003,
            90086,
            format!("The supplied grant_type [{name}] is not supported."),
        )
    }

    pub(crate) fn bad_grant(what: &str) -> Self {
        refusal(
            "invalid_grant",
            70000,
            90088,
            format!(
                "The provided value for the input parameter '{what}' is not valid: it is unknown, or it was issued for another client, tenant or endpoint."
            ),
        )
    }

    pub(crate) fn expired_code() -> Self {
        refusal("invalid_grant", 70008, 90080, "The provided authorization code or refresh token has expired. Send a new interactive authorization request.".to_owned())
    }

    pub(crate) fn redeemed_code() -> Self {
        refusal("invalid_grant", 54005, 90088, "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.".to_owned())
    }

    pub(crate) fn expired_refresh_token() -> Self {
        refusal(
            "invalid_grant",
            700082,
            90080,
            "The refresh token has expired due to inactivity.".to_owned(),
        )
    }

    pub(crate) fn expired_spa_token() -> Self {
        refusal("invalid_grant", 700084, 90080, "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00, which can't be extended. It is now expired and a new sign in request must be sent by the SPA to the sign in page.".to_owned())
    }

    pub(crate) fn other_tenant() -> Self {
        refusal(
            "invalid_grant",
            700005,
            90088,
            "Provided Authorization Code or Refresh Token is intended to use against other tenant."
                .to_owned(),
        )
    }

    pub(crate) fn resource_not_supported() -> Self {
        refusal("invalid_target", 9010010, 90117, "The resource parameter provided in the request doesn't match with the requested scopes.".to_owned())
    }

    pub(crate) fn no_session() -> Self {
        refusal("invalid_request", 90023, 90046, "The sign-in that this page belongs to is unknown or over. Start again from the application.".to_owned())
    }

    pub(crate) fn internal() -> Self {
        refusal(
            "server_error",
            90033,
            90048,
            "A transient error has occurred. Please try again.".to_owned(),
        )
    }
}

impl From<NoRandomness> for Refusal {
    fn from(_: NoRandomness) -> Self {
        Self::internal()
    }
}

impl From<MintError> for Refusal {
    fn from(_: MintError) -> Self {
        Self::internal()
    }
}
