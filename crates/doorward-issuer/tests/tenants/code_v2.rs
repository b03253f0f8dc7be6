//! "Microsoft identity platform and OAuth 2.0 authorization code flow": the requests of the document,
//! word for word but for host, code and, once that is shown to be wrong, the code challenge.

use doorward_issuer::DevIssuer;

use crate::wire::{CONTOSO, claims, get, issuer, members, parameter, post};

/// The printed one is the base64 of a hexadecimal text, and not a SHA-256.
const PRINTED_CHALLENGE: &str =
    "YTFjNjI1OWYzMzA3MTI4ZDY2Njg5M2RkNmVjNDE5YmEyZGRhOGYyM2IzNjdmZWFhMTQ1ODg3NDcxY2Nl";
/// The SHA-256 of the verifier that is printed.
const CHALLENGE: &str = "ocYCWfMwcSjWZok91g7EAZsKLdqPI7Nn_qoUWIdHHM4";

const AUTHORIZE: &str = "/common/oauth2/v2.0/authorize?\
    client_id=00001111-aaaa-2222-bbbb-3333cccc4444\
    &response_type=code\
    &redirect_uri=http%3A%2F%2Flocalhost%2Fmyapp%2F\
    &response_mode=query\
    &scope=https%3A%2F%2Fgraph.microsoft.com%2Fmail.read\
    &state=12345\
    &code_challenge=YTFjNjI1OWYzMzA3MTI4ZDY2Njg5M2RkNmVjNDE5YmEyZGRhOGYyM2IzNjdmZWFhMTQ1ODg3NDcxY2Nl\
    &code_challenge_method=S256";

const HYBRID: &str = "/common/oauth2/v2.0/authorize?\
    client_id=00001111-aaaa-2222-bbbb-3333cccc4444\
    &response_type=code%20id_token\
    &redirect_uri=http%3A%2F%2Flocalhost%2Fmyapp%2F\
    &response_mode=fragment\
    &scope=openid%20offline_access%20https%3A%2F%2Fgraph.microsoft.com%2Fuser.read\
    &state=12345\
    &nonce=abcde\
    &code_challenge=YTFjNjI1OWYzMzA3MTI4ZDY2Njg5M2RkNmVjNDE5YmEyZGRhOGYyM2IzNjdmZWFhMTQ1ODg3NDcxY2Nl\
    &code_challenge_method=S256";

const TOKEN: &str = "/common/oauth2/v2.0/token";

fn with_valid_challenge(request: &str) -> String {
    request.replace(PRINTED_CHALLENGE, CHALLENGE)
}

/// The redeeming request of the document, with its line breaks and the space after its verifier.
fn redeem(code: &str, scope: &str) -> String {
    format!(
        "client_id=00001111-aaaa-2222-bbbb-3333cccc4444\n&scope={scope}\n&code={code}\n\
         &redirect_uri=http%3A%2F%2Flocalhost%2Fmyapp%2F\n&grant_type=authorization_code\n\
         &code_verifier=ThisIsntRandomButItNeedsToBe43CharactersLong \n\
         &client_secret=sampleCredentia1s"
    )
}

const MAIL: &str = "https%3A%2F%2Fgraph.microsoft.com%2Fmail.read";

async fn code(issuer: &DevIssuer) -> String {
    let parameters = get(issuer, &with_valid_challenge(AUTHORIZE)).await.redirected('?');
    parameter(&parameters, "code").unwrap()
}

#[tokio::test]
async fn printed_code_challenge_is_refused_because_it_is_no_sha_256() {
    let issuer = issuer().await;
    let parameters = get(&issuer, AUTHORIZE).await.redirected('?');
    assert_eq!(parameter(&parameters, "error").unwrap(), "invalid_request");
    assert!(parameter(&parameters, "error_description").unwrap().starts_with("AADSTS501491: "));
    assert_eq!(parameter(&parameters, "state").unwrap(), "12345");
}

#[tokio::test]
async fn code_comes_to_the_redirect_uri_with_the_state() {
    let issuer = issuer().await;
    let answer = get(&issuer, &with_valid_challenge(AUTHORIZE)).await;
    assert!(answer.header("location").unwrap().starts_with("http://localhost/myapp/?code="));
    let names: Vec<String> = answer.redirected('?').into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["code", "state"]);
}

#[tokio::test]
async fn code_is_redeemed_with_the_secret() {
    let issuer = issuer().await;
    let answer = post(&issuer, TOKEN, &redeem(&code(&issuer).await, MAIL)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let json = answer.json();
    assert_eq!(json["token_type"], "Bearer");
    assert_eq!(json["expires_in"], 3599);
    assert_eq!(json["scope"], "https://graph.microsoft.com/mail.read");
    // Neither offline_access nor openid was asked for.
    let names = ["access_token", "expires_in", "ext_expires_in", "scope", "token_type"];
    assert_eq!(members(&json), names);
    let claims = answer.claims();
    assert_eq!((&claims["scp"], &claims["ver"]), (&"mail.read".into(), &"1.0".into()));
    assert_eq!(claims["appidacr"], "1");
}

#[tokio::test]
async fn code_is_redeemed_once() {
    let issuer = issuer().await;
    let body = redeem(&code(&issuer).await, MAIL);
    assert_eq!(post(&issuer, TOKEN, &body).await.status, 200);
    let refusal = (400, "invalid_grant".to_owned(), "AADSTS54005".to_owned());
    assert_eq!(post(&issuer, TOKEN, &body).await.refusal(), refusal);
}

#[tokio::test]
async fn code_expires_after_ten_minutes() {
    let issuer = issuer().await;
    let body = redeem(&code(&issuer).await, MAIL);
    issuer.advance_clock(std::time::Duration::from_secs(600));
    let refusal = (400, "invalid_grant".to_owned(), "AADSTS70008".to_owned());
    assert_eq!(post(&issuer, TOKEN, &body).await.refusal(), refusal);
}

#[tokio::test]
async fn each_broken_redemption_has_its_error_and_leaves_the_code_valid() {
    let issuer = issuer().await;
    let body = redeem(&code(&issuer).await, MAIL);
    for (from, to, status, error, number) in [
        ("CharactersLong", "CharactersLonger", 400, "invalid_grant", "AADSTS501481"),
        ("&code_verifier=", "&x=", 400, "invalid_grant", "AADSTS501481"),
        ("myapp", "other", 400, "invalid_grant", "AADSTS70000"),
        ("&code=", "&code=x", 400, "invalid_grant", "AADSTS70000"),
        ("sampleCredentia1s", "x", 401, "invalid_client", "AADSTS7000215"),
        ("&client_secret=", "&x=", 401, "invalid_client", "AADSTS7000218"),
        ("00001111", "11112222", 400, "unauthorized_client", "AADSTS700016"),
        ("mail.read", "user.read", 400, "consent_required", "AADSTS65001"),
        ("mail.read", "mail.nothing", 400, "invalid_scope", "AADSTS70011"),
        ("graph.microsoft.com", "foo.microsoft.com", 400, "invalid_scope", "AADSTS70011"),
        (MAIL, &format!("{MAIL}%20api://orders/orders.read"), 400, "invalid_scope", "AADSTS28000"),
        ("grant_type", "resource=api://orders&grant_type", 400, "invalid_target", "AADSTS9010010"),
    ] {
        let answer = post(&issuer, TOKEN, &body.replacen(from, to, 1)).await;
        let refusal = (status, error.to_owned(), number.to_owned());
        assert_eq!(answer.refusal(), refusal, "{from} -> {to}");
    }
    assert_eq!(post(&issuer, TOKEN, &body).await.status, 200);
}

#[tokio::test]
async fn hybrid_answer_has_code_and_id_token_in_the_fragment() {
    let issuer = issuer().await;
    let parameters = get(&issuer, &with_valid_challenge(HYBRID)).await.redirected('#');
    let names: Vec<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["code", "id_token", "state"]);
    let claims = claims(&parameter(&parameters, "id_token").unwrap());
    assert_eq!(claims["iss"], format!("{}/{CONTOSO}/v2.0", issuer.url()));
    assert_eq!(claims["aud"], "00001111-aaaa-2222-bbbb-3333cccc4444");
    assert_eq!((&claims["nonce"], &claims["ver"]), (&"abcde".into(), &"2.0".into()));
    assert_eq!(claims["preferred_username"], "frankm@contoso.com");
    assert_eq!(claims["c_hash"].as_str().unwrap().len(), 22);
}

#[tokio::test]
async fn hybrid_answer_has_an_access_token_where_the_application_is_registered_for_it() {
    let issuer = issuer().await;
    let query = format!(
        "/contoso.com/oauth2/v2.0/authorize?client_id=22223333-cccc-4444-dddd-5555eeee6666\
         &redirect_uri=http://localhost:5173/&scope=openid+api://orders/orders.read&nonce=n\
         &code_challenge={CHALLENGE}&code_challenge_method=S256&response_type="
    );
    for (response_type, expected) in [
        ("code+token", &["code", "access_token", "token_type", "expires_in", "scope"][..]),
        (
            "code+id_token+token",
            &["code", "id_token", "access_token", "token_type", "expires_in", "scope"],
        ),
    ] {
        let parameters = get(&issuer, &format!("{query}{response_type}")).await.redirected('#');
        let names: Vec<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, expected);
        let token = parameter(&parameters, "access_token").unwrap();
        assert_eq!(claims(&token)["scp"], "orders.read");
    }
}

#[tokio::test]
async fn refresh_token_and_id_token_need_their_scopes() {
    let issuer = issuer().await;
    let parameters = get(&issuer, &with_valid_challenge(HYBRID)).await.redirected('#');
    let code = parameter(&parameters, "code").unwrap();
    let scope = "https%3A%2F%2Fgraph.microsoft.com%2Fuser.read";
    let first = post(&issuer, TOKEN, &redeem(&code, scope)).await;
    assert_eq!(claims(&first.text("id_token"))["nonce"], "abcde");

    // The refreshing request of the document, then one for scopes of another API.
    let refresh = |token: &str, scope: &str| {
        format!(
            "client_id=00001111-aaaa-2222-bbbb-3333cccc4444\n&scope={scope}\n&refresh_token={token}\n\
             &grant_type=refresh_token\n&client_secret=sampleCredentia1s"
        )
    };
    let token = first.text("refresh_token");
    let second = post(&issuer, TOKEN, &refresh(&token, scope)).await;
    assert_eq!(second.claims()["scp"], "user.read");
    assert_ne!(second.text("refresh_token"), token);
    let other = refresh(&token, "api%3A%2F%2Forders%2Forders.read");
    let refusal = (400, "consent_required".to_owned(), "AADSTS65001".to_owned());
    assert_eq!(post(&issuer, TOKEN, &other).await.refusal(), refusal);
    let _agreed =
        get(&issuer, &with_valid_challenge(AUTHORIZE).replace(MAIL, "api://orders/orders.read"))
            .await;
    assert_eq!(post(&issuer, TOKEN, &other).await.claims()["scp"], "orders.read");
    let both = refresh(&token, &format!("openid+api://orders/orders.read+{scope}+profile"));
    let answer = post(&issuer, TOKEN, &both).await;
    assert_eq!(answer.claims()["aud"], "6e74172b-be56-4843-9ff4-e66a39bb12e3");
    // A `resource` is the API that the token would be for without it, or the request is rejected.
    let graph = "&resource=https://graph.microsoft.com";
    let refusal = (400, "invalid_target".to_owned(), "AADSTS9010010".to_owned());
    assert_eq!(post(&issuer, TOKEN, &format!("{both}{graph}")).await.refusal(), refusal);
    let without_scope = refresh(&token, "");
    let same = post(&issuer, TOKEN, &format!("{without_scope}{graph}")).await;
    assert_eq!(same.claims()["scp"], "user.read");
    let orders = format!("{without_scope}&resource=api://orders");
    assert_eq!(post(&issuer, TOKEN, &orders).await.refusal(), refusal);
}

#[tokio::test]
async fn token_for_an_api_of_version_2_has_the_claims_of_v2() {
    let issuer = issuer().await;
    let query = with_valid_challenge(AUTHORIZE)
        .replace(MAIL, "api://orders/orders.read+api://orders/orders.write");
    let parameters = get(&issuer, &format!("{query}&login_hint=alice@contoso.com")).await;
    let code = parameter(&parameters.redirected('?'), "code").unwrap();
    let body = redeem(&code, "api://orders/orders.read");
    let claims = post(&issuer, TOKEN, &body).await.claims();
    assert_eq!(claims["iss"], format!("{}/{CONTOSO}/v2.0", issuer.url()));
    assert_eq!(claims["aud"], "6e74172b-be56-4843-9ff4-e66a39bb12e3");
    assert_eq!(claims["azp"], "00001111-aaaa-2222-bbbb-3333cccc4444");
    assert_eq!((&claims["azpacr"], &claims["ver"]), (&"1".into(), &"2.0".into()));
    assert_eq!(claims["scp"], "orders.read");
    assert_eq!(claims["roles"], serde_json::json!(["Orders.Admin"]));
    assert_eq!(claims["preferred_username"], "alice@contoso.com");
}

#[tokio::test]
async fn application_asks_for_its_roles_by_default_scope() {
    let issuer = issuer().await;
    let body = |scope: &str| {
        format!(
            "grant_type=client_credentials&client_id=11112222-bbbb-3333-cccc-4444dddd5555\
             &client_secret=sampleCredentia1s&scope={scope}"
        )
    };
    let path = "/contoso.com/oauth2/v2.0/token";
    let answer = post(&issuer, path, &body("api://orders/.default")).await;
    let names = ["access_token", "expires_in", "ext_expires_in", "token_type"];
    assert_eq!(members(&answer.json()), names);
    let claims = answer.claims();
    assert_eq!(claims["roles"], serde_json::json!(["Orders.Admin"]));
    assert_eq!((&claims["oid"], claims.get("scp")), (&claims["sub"], None));
    for (scope, error, number) in [
        ("api://orders/orders.read", "invalid_scope", "AADSTS1002012"),
        ("api://nobody/.default", "invalid_resource", "AADSTS500011"),
        ("", "invalid_request", "AADSTS900144"),
    ] {
        let refusal = (400, error.to_owned(), number.to_owned());
        assert_eq!(post(&issuer, path, &body(scope)).await.refusal(), refusal, "{scope}");
    }
}

#[tokio::test]
async fn code_of_a_user_of_one_tenant_is_not_redeemed_at_another() {
    let issuer = issuer().await;
    let body = redeem(&code(&issuer).await, MAIL);
    let refusal = (400, "invalid_grant".to_owned(), "AADSTS700005".to_owned());
    assert_eq!(post(&issuer, "/fabrikam.com/oauth2/v2.0/token", &body).await.refusal(), refusal);
    assert_eq!(post(&issuer, "/contoso.com/oauth2/v2.0/token", &body).await.status, 200);
}
