//! Refusals of what is asked for: where, by whom, how, and for which API. Each has its code of OAuth, its
//! numbers and its sentence.
//!
//! The numbers are those of the references of Microsoft's error codes; the sentences say the same in
//! fewer words where the original says more than the issuer knows.

use super::refusal::{Refusal, refusal};

impl Refusal {
    pub(crate) fn unknown_tenant(name: &str) -> Self {
        refusal(
            "invalid_request",
            90002,
            90085,
            format!(
                "Tenant '{name}' not found. Check that it is a tenant of the directory, and of the system that the path is of."
            ),
        )
    }

    pub(crate) fn unknown_policy(name: &str) -> Self {
        refusal(
            "invalid_request",
            90002,
            90085,
            format!(
                "The policy '{name}' does not exist in the tenant. Name it in the path, or by p in the query."
            ),
        )
    }

    pub(crate) fn malformed(what: &str) -> Self {
        refusal("invalid_request", 9002313, 90083, format!("Invalid request. {what}"))
    }

    pub(crate) fn missing(name: &str) -> Self {
        refusal(
            "invalid_request",
            900144,
            90083,
            format!("The request body must contain the following parameter: '{name}'."),
        )
    }

    pub(crate) fn bad_value(name: &str) -> Self {
        refusal("invalid_request", 90023, 90122, format!("The value of '{name}' is not supported."))
    }

    pub(crate) fn wrong_method() -> Self {
        refusal(
            "invalid_request",
            900561,
            90083,
            "The endpoint only accepts POST requests. Received another request.".to_owned(),
        )
    }

    pub(crate) fn unknown_application(id: &str) -> Self {
        refusal(
            "unauthorized_client",
            700016,
            90018,
            format!(
                "Application with identifier '{id}' was not found in the directory of the tenant."
            ),
        )
    }

    pub(crate) fn single_tenant(id: &str) -> Self {
        refusal(
            "invalid_request",
            50194,
            90018,
            format!(
                "Application '{id}' is not configured as a multi-tenant application. Use a tenant-specific endpoint."
            ),
        )
    }

    pub(crate) fn no_tenant_given() -> Self {
        refusal("invalid_request", 50059, 90085, "No tenant-identifying information found in either the request or implied by any provided credentials.".to_owned())
    }

    pub(crate) fn wrong_redirect_uri(uri: &str) -> Self {
        refusal(
            "invalid_request",
            50011,
            90006,
            format!(
                "The redirect URI '{uri}' specified in the request does not match the redirect URIs configured for the application."
            ),
        )
    }

    pub(crate) fn bad_response_type(name: &str) -> Self {
        refusal(
            "unsupported_response_type",
            700054,
            90013,
            format!("response_type '{name}' is not supported, or not enabled for the application."),
        )
    }

    pub(crate) fn bad_response_mode(mode: &str) -> Self {
        refusal(
            "invalid_request",
            70007,
            90014,
            format!(
                "'{mode}' is not a supported value of 'response_mode' when requesting a token."
            ),
        )
    }

    pub(crate) fn bad_prompt(name: &str) -> Self {
        refusal(
            "invalid_request",
            90023,
            90043,
            format!("The prompt '{name}' is none of login, none, consent and select_account."),
        )
    }

    pub(crate) fn openid_missing() -> Self {
        refusal(
            "invalid_request",
            70011,
            90110,
            "The scope parameter must include 'openid' when response_type includes 'id_token'."
                .to_owned(),
        )
    }

    pub(crate) fn resource_scope_missing() -> Self {
        refusal("invalid_scope", 70011, 90117, "The scope must include at least one resource scope other than openid and offline_access when response_type includes 'token'.".to_owned())
    }

    pub(crate) fn pkce_required() -> Self {
        refusal("invalid_request", 9002325, 99059, "Proof Key for Code Exchange is required for cross-origin authorization code redemption.".to_owned())
    }

    pub(crate) fn bad_challenge() -> Self {
        refusal("invalid_request", 501491, 90183, "Invalid size or characters of the code_challenge parameter: 43 of base64url are the SHA-256 of a verifier.".to_owned())
    }

    pub(crate) fn bad_challenge_method() -> Self {
        refusal(
            "invalid_request",
            501491,
            90184,
            "The code_challenge_method is neither plain nor S256.".to_owned(),
        )
    }

    pub(crate) fn wrong_verifier() -> Self {
        refusal("invalid_grant", 501481, 90182, "The code_verifier does not match the code_challenge supplied in the authorization request.".to_owned())
    }

    pub(crate) fn bad_verifier() -> Self {
        refusal("invalid_grant", 501481, 90183, "The code_verifier is malformed, or missing, or the authorization request had no code_challenge.".to_owned())
    }

    pub(crate) fn invalid_scope(scope: &str) -> Self {
        refusal(
            "invalid_scope",
            70011,
            90117,
            format!(
                "The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid."
            ),
        )
    }

    pub(crate) fn scope_without_resource(scope: &str) -> Self {
        refusal(
            "invalid_scope",
            70011,
            90055,
            format!("The scope '{scope}' provided in request must specify a resource."),
        )
    }

    pub(crate) fn several_resources() -> Self {
        refusal("invalid_scope", 28000, 90146, "The scope specifies more than one resource for an access token, which is not supported here.".to_owned())
    }

    pub(crate) fn not_default_scope(scope: &str) -> Self {
        refusal(
            "invalid_scope",
            1002012,
            90117,
            format!(
                "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."
            ),
        )
    }

    pub(crate) fn unknown_resource(name: &str) -> Self {
        refusal(
            "invalid_resource",
            500011,
            90117,
            format!("The resource principal named {name} was not found in the tenant."),
        )
    }

    pub(crate) fn not_permitted(name: &str) -> Self {
        refusal(
            "invalid_resource",
            650057,
            90205,
            format!(
                "Invalid resource. The client has requested access to {name}, which is not listed in the requested permissions in the client's application registration."
            ),
        )
    }

    pub(crate) fn resource_mismatch() -> Self {
        refusal(
            "invalid_grant",
            70000,
            90088,
            "The resource differs from the one that the code was issued for.".to_owned(),
        )
    }

    pub(crate) fn nothing_granted() -> Self {
        refusal(
            "access_denied",
            65004,
            90205,
            "None of the scopes is granted to the application.".to_owned(),
        )
    }

    pub(crate) fn consent_required() -> Self {
        refusal("consent_required", 65001, 90205, "The user or administrator has not consented to use the application for these scopes. Send an interactive authorization request.".to_owned())
    }

    pub(crate) fn admin_consent_required(scope: &str) -> Self {
        refusal(
            "access_denied",
            90094,
            90205,
            format!(
                "The scope {scope} needs the consent of an administrator; the user is not authorized to give it."
            ),
        )
    }

    pub(crate) fn user_declined() -> Self {
        refusal(
            "access_denied",
            65004,
            90091,
            "The user declined to consent to access the app.".to_owned(),
        )
    }

    pub(crate) fn user_cancelled() -> Self {
        refusal("access_denied", 65004, 90091, "The user has cancelled the sign-in.".to_owned())
    }

    pub(crate) fn login_required() -> Self {
        refusal(
            "login_required",
            50058,
            90077,
            "A silent sign-in request was sent but no user is signed in, or several are."
                .to_owned(),
        )
    }

    pub(crate) fn interaction_required() -> Self {
        refusal(
            "interaction_required",
            65001,
            90077,
            "The user has not consented, and the request does not allow to ask.".to_owned(),
        )
    }

    pub(crate) fn unknown_user(name: &str) -> Self {
        refusal(
            "access_denied",
            50034,
            90053,
            format!(
                "The user account {name} does not exist in the tenant, or may not sign in here."
            ),
        )
    }
}
