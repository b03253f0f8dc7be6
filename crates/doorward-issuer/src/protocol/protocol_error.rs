use axum::{
    Json,
    http::{HeaderValue, StatusCode, header::WWW_AUTHENTICATE},
    response::{IntoResponse as _, Response},
};
use serde_json::json;

use super::{Protocol, RequestTrace};
use crate::{MintError, clock, error_description::error_description, random::NoRandomness};

/// An error of the authorization endpoint or the token endpoint of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProtocolError {
    /// The code of OAuth (RFC 6749 §4.1.2.1 and §5.2), or one of Microsoft's own.
    error: &'static str,
    /// The number after `AADSTS`.
    aadsts: u32,
    /// The number after `AADB2C`.
    aadb2c: u32,
    sentence: String,
}

/// Defines a constructor for each error: its parameters, the code of OAuth, the numbers after `AADSTS`
/// and `AADB2C`, and the sentence.
macro_rules! errors {
    ($($name:ident($($parameter:ident),*) => $error:literal, $aadsts:literal, $aadb2c:literal,
        $sentence:literal;)*) => {
        $(
            pub(crate) fn $name($($parameter: &str),*) -> Self {
                let sentence = format!($sentence);
                Self { error: $error, aadsts: $aadsts, aadb2c: $aadb2c, sentence }
            }
        )*
    };
}

/// The numbers are those of Microsoft's error references. Some sentences are shorter than the originals,
/// whose details the issuer does not have.
impl ProtocolError {
    errors! {
        // What is requested, by whom and for which API.
        unknown_tenant(name) => "invalid_request", 90002, 90085,
            "Tenant '{name}' not found. Check that it is a tenant of the directory, and of the system \
             that the path is of.";
        unknown_policy(name) => "invalid_request", 90002, 90085,
            "The policy '{name}' does not exist in the tenant. Name it in the path, or by p in the \
             query.";
        malformed(what) => "invalid_request", 9002313, 90083,
            "Invalid request. {what}";
        missing(name) => "invalid_request", 900144, 90083,
            "The request body must contain the following parameter: '{name}'.";
        bad_value(name) => "invalid_request", 90023, 90122,
            "The value of '{name}' is not supported.";
        wrong_method() => "invalid_request", 900561, 90083,
            "The endpoint only accepts POST requests. Received another request.";
        unknown_application(id) => "unauthorized_client", 700016, 90018,
            "Application with identifier '{id}' was not found in the directory of the tenant.";
        single_tenant(id) => "invalid_request", 50194, 90018,
            "Application '{id}' is not configured as a multi-tenant application. Use a \
             tenant-specific endpoint.";
        no_tenant_given() => "invalid_request", 50059, 90085,
            "No tenant-identifying information found in either the request or implied by any provided \
             credentials.";
        wrong_redirect_uri(uri) => "invalid_request", 50011, 90006,
            "The redirect URI '{uri}' specified in the request does not match the redirect URIs \
             configured for the application.";
        bad_response_type(name) => "unsupported_response_type", 700054, 90013,
            "response_type '{name}' is not supported, or not enabled for the application.";
        bad_response_mode(mode) => "invalid_request", 70007, 90014,
            "'{mode}' is not a supported value of 'response_mode' when requesting a token.";
        bad_prompt(name) => "invalid_request", 90023, 90043,
            "The prompt '{name}' is none of login, none, consent and select_account.";
        openid_missing() => "invalid_request", 70011, 90110,
            "The scope parameter must include 'openid' when response_type includes 'id_token'.";
        resource_scope_missing() => "invalid_scope", 70011, 90117,
            "The scope must include at least one resource scope other than openid and offline_access \
             when response_type includes 'token'.";
        pkce_required() => "invalid_request", 9002325, 99059,
            "Proof Key for Code Exchange is required for cross-origin authorization code redemption.";
        bad_challenge() => "invalid_request", 501491, 90183,
            "Invalid size or characters of the code_challenge parameter: 43 of base64url are the \
             SHA-256 of a verifier.";
        bad_challenge_method() => "invalid_request", 501491, 90184,
            "The code_challenge_method is neither plain nor S256.";
        wrong_verifier() => "invalid_grant", 501481, 90182,
            "The code_verifier does not match the code_challenge supplied in the authorization \
             request.";
        bad_verifier() => "invalid_grant", 501481, 90183,
            "The code_verifier is malformed, or missing, or the authorization request had no \
             code_challenge.";
        invalid_scope(scope) => "invalid_scope", 70011, 90117,
            "The provided value for the input parameter 'scope' is not valid. The scope {scope} is \
             not valid.";
        scope_without_resource(scope) => "invalid_scope", 70011, 90055,
            "The scope '{scope}' provided in request must specify a resource.";
        several_resources() => "invalid_scope", 28000, 90146,
            "The scope specifies more than one resource for an access token, which is not supported \
             here.";
        not_default_scope(scope) => "invalid_scope", 1002012, 90117,
            "The provided value for scope {scope} is not valid. Client credential flows must have a \
             scope value with /.default suffixed to the resource identifier (application ID URI).";
        unknown_resource(name) => "invalid_resource", 500011, 90117,
            "The resource principal named {name} was not found in the tenant.";
        not_permitted(name) => "invalid_resource", 650057, 90205,
            "Invalid resource. The client has requested access to {name}, which is not listed in the \
             requested permissions in the client's application registration.";
        resource_mismatch() => "invalid_grant", 70000, 90088,
            "The resource differs from the one that the code was issued for.";
        nothing_granted() => "access_denied", 65004, 90205,
            "None of the scopes is granted to the application.";
        consent_required() => "consent_required", 65001, 90205,
            "The user or administrator has not consented to use the application for these scopes. \
             Send an interactive authorization request.";
        admin_consent_required(scope) => "access_denied", 90094, 90205,
            "The scope {scope} needs the consent of an administrator; the user is not authorized to \
             give it.";
        user_declined() => "access_denied", 65004, 90091,
            "The user declined to consent to access the app.";
        user_cancelled() => "access_denied", 65004, 90091,
            "The user has cancelled the sign-in.";
        login_required() => "login_required", 50058, 90077,
            "A silent sign-in request was sent but no user is signed in, or several are.";
        interaction_required() => "interaction_required", 65001, 90077,
            "The user has not consented, and the request does not allow to ask.";
        unknown_user(name) => "access_denied", 50034, 90053,
            "The user account {name} does not exist in the tenant, or may not sign in here.";
        // Client credentials, codes, refresh tokens and sessions.
        public_with_credential() => "invalid_client", 700025, 90084,
            "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.";
        no_credential() => "invalid_client", 7000218, 90079,
            "The request body must contain the following parameter: 'client_assertion' or \
             'client_secret'.";
        wrong_secret(id) => "invalid_client", 7000215, 90081,
            "Invalid client secret provided for app '{id}'.";
        two_credentials() => "invalid_request", 9002313, 90083,
            "The client authenticates in two ways.";
        bad_basic() => "invalid_client", 7000215, 90081,
            "The Authorization header has no well-formed Basic credentials.";
        bad_assertion(why) => "invalid_client", 700027, 90017,
            "The client assertion is not acceptable: {why}.";
        wrong_key(why) => "invalid_client", 700027, 90017,
            "Client assertion failed signature validation: {why}.";
        bad_assertion_type() => "invalid_client", 700023, 90016,
            "The client_assertion_type is not urn:ietf:params:oauth:client-assertion-type:jwt-bearer.";
        spa_without_origin() => "invalid_request", 9002327, 90085,
            "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via \
             cross-origin requests.";
        origin_without_spa(origin) => "invalid_request", 9002326, 90085,
            "Cross-origin token redemption is permitted only for the 'Single-Page Application' \
             client-type. Request origin: '{origin}'.";
        credential_with_origin() => "invalid_request", 90023, 90084,
            "A client credential cannot be used from a browser: the request has an Origin header.";
        unsupported_grant(name) => "unsupported_grant_type", 70003, 90086,
            "The supplied grant_type [{name}] is not supported.";
        bad_grant(what) => "invalid_grant", 70000, 90088,
            "The provided value for the input parameter '{what}' is not valid: it is unknown, or it \
             was issued for another client, tenant or endpoint.";
        expired_code() => "invalid_grant", 70008, 90080,
            "The provided authorization code or refresh token has expired. Send a new interactive \
             authorization request.";
        redeemed_code() => "invalid_grant", 54005, 90088,
            "OAuth2 Authorization code was already redeemed, please retry with a new valid code or \
             use an existing refresh token.";
        expired_refresh_token() => "invalid_grant", 700082, 90080,
            "The refresh token has expired due to inactivity.";
        expired_spa_token() => "invalid_grant", 700084, 90080,
            "The refresh token was issued to a single page app (SPA), and therefore has a fixed, \
             limited lifetime of 1.00:00:00, which can't be extended. It is now expired and a new \
             sign in request must be sent by the SPA to the sign in page.";
        other_tenant() => "invalid_grant", 700005, 90088,
            "Provided Authorization Code or Refresh Token is intended to use against other tenant.";
        resource_not_supported() => "invalid_target", 9010010, 90117,
            "The resource parameter provided in the request doesn't match with the requested scopes.";
        no_session() => "invalid_request", 90023, 90046,
            "The sign-in that this page belongs to is unknown or over. Start again from the \
             application.";
        internal() => "server_error", 90033, 90048,
            "A transient error has occurred. Please try again.";
    }

    pub(crate) fn error(&self) -> &'static str {
        self.error
    }

    /// Returns the sentence with its number, as a page shows it.
    pub(crate) fn headline(&self, protocol: Protocol) -> String {
        match protocol {
            Protocol::V1 | Protocol::V2 => format!("AADSTS{}: {}", self.aadsts, self.sentence),
            Protocol::B2c => format!("AADB2C{}: {}", self.aadb2c, self.sentence),
            Protocol::Oidc => self.sentence.clone(),
        }
    }

    /// Returns the `error_description`.
    pub(crate) fn description(&self, protocol: Protocol, trace: &RequestTrace) -> String {
        let headline = self.headline(protocol);
        let RequestTrace { now, trace_id, correlation_id } = trace;
        let time = clock::timestamp(*now);
        match protocol {
            Protocol::V1 | Protocol::V2 => format!(
                "{headline}\r\nTrace ID: {trace_id}\r\nCorrelation ID: {correlation_id}\r\n\
                 Timestamp: {time}"
            ),
            Protocol::B2c => {
                format!("{headline}\r\nCorrelation ID: {correlation_id}\r\nTimestamp: {time}\r\n")
            }
            Protocol::Oidc => error_description(&headline),
        }
    }

    /// Returns the response of the token endpoint, and of others that answer in JSON.
    pub(crate) fn response(&self, protocol: Protocol, trace: &RequestTrace) -> Response {
        tracing::debug!(error = self.error, reason = %self.headline(protocol), "request refused");
        let description = self.description(protocol, trace);
        let body = match protocol {
            Protocol::V1 | Protocol::V2 => json!({
                "error": self.error,
                "error_description": description,
                "error_codes": [self.aadsts],
                "timestamp": clock::timestamp(trace.now),
                "trace_id": trace.trace_id,
                "correlation_id": trace.correlation_id,
                "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.aadsts),
            }),
            Protocol::B2c | Protocol::Oidc => {
                json!({ "error": self.error, "error_description": description })
            }
        };
        let status = match self.error {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            "server_error" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        let mut response = (status, Json(body)).into_response();
        // RFC 6749 §5.2 and RFC 9110 §15.5.2 require a challenge; Microsoft's systems send none.
        if status == StatusCode::UNAUTHORIZED && protocol == Protocol::Oidc {
            let challenge = HeaderValue::from_static("Basic realm=\"doorward-issuer\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl From<NoRandomness> for ProtocolError {
    fn from(_: NoRandomness) -> Self {
        Self::internal()
    }
}

impl From<MintError> for ProtocolError {
    fn from(_: MintError) -> Self {
        Self::internal()
    }
}
