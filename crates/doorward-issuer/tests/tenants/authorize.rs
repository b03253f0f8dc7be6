//! The authorization endpoint: its parameters, responses and errors.

use crate::wire::{get, http, issuer, parameter, send};

const BASE: &str = "/contoso.com/oauth2/v2.0/authorize?client_id=00001111-aaaa-2222-bbbb-3333cccc4444\
    &redirect_uri=http%3A%2F%2Flocalhost%2Fmyapp%2F&state=s";

async fn refused(query: &str, mark: char) -> (String, String, String) {
    let issuer = issuer().await;
    let parameters = get(&issuer, &format!("{BASE}&{query}")).await.redirected(mark);
    let description = parameter(&parameters, "error_description").unwrap();
    let number = description.split(':').next().unwrap().to_owned();
    let state = parameter(&parameters, "state").unwrap();
    (parameter(&parameters, "error").unwrap(), number, state)
}

#[tokio::test]
async fn each_broken_request_is_an_error_for_the_application() {
    for (query, mark, error, number) in [
        ("scope=openid", '?', "invalid_request", "AADSTS900144"),
        ("response_type=magic&scope=openid", '?', "unsupported_response_type", "AADSTS700054"),
        ("response_type=code+token&scope=openid", '?', "unsupported_response_type", "AADSTS700054"),
        ("response_type=token&scope=openid", '?', "unsupported_response_type", "AADSTS700054"),
        ("response_type=code", '?', "invalid_request", "AADSTS900144"),
        (
            "response_type=code&scope=openid&response_mode=magic",
            '?',
            "invalid_request",
            "AADSTS90023",
        ),
        (
            "response_type=id_token&scope=openid&nonce=n&response_mode=query",
            '#',
            "invalid_request",
            "AADSTS70007",
        ),
        ("response_type=code+id_token&scope=openid", '#', "invalid_request", "AADSTS900144"),
        (
            "response_type=code+id_token&nonce=n&scope=user.read",
            '#',
            "invalid_request",
            "AADSTS70011",
        ),
        ("response_type=code&scope=openid&prompt=magic", '?', "invalid_request", "AADSTS90023"),
        ("response_type=code&scope=openid&prompt=none", '?', "login_required", "AADSTS50058"),
        (
            "response_type=code&scope=https://foo.microsoft.com/mail.read",
            '?',
            "invalid_scope",
            "AADSTS70011",
        ),
        (
            "response_type=code&scope=openid&code_challenge=x&code_challenge_method=S512",
            '?',
            "invalid_request",
            "AADSTS501491",
        ),
        ("response_type=code&scope=Directory.ReadWrite.All", '?', "access_denied", "AADSTS90094"),
        (
            "response_type=code&scope=openid&login_hint=nobody@contoso.com",
            '?',
            "access_denied",
            "AADSTS50034",
        ),
        (
            "response_type=code&scope=openid&login_hint=bob@fabrikam.com",
            '?',
            "access_denied",
            "AADSTS50034",
        ),
    ] {
        let expected = (error.to_owned(), number.to_owned(), "s".to_owned());
        assert_eq!(refused(query, mark).await, expected, "{query}");
    }
}

#[tokio::test]
async fn request_of_an_unknown_application_is_refused_on_a_page() {
    let issuer = issuer().await;
    for (query, number) in [
        ("response_type=code", "AADSTS900144"),
        ("client_id=nobody&response_type=code", "AADSTS700016"),
        (
            "client_id=00001111-aaaa-2222-bbbb-3333cccc4444&redirect_uri=http://evil.example/",
            "AADSTS50011",
        ),
        ("client_id=00001111-aaaa-2222-bbbb-3333cccc4444", "AADSTS900144"),
        ("client_id=a&client_id=b", "AADSTS9002313"),
    ] {
        let answer = get(&issuer, &format!("/contoso.com/oauth2/v2.0/authorize?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.body.contains(&format!("{number}: ")), "{query}: {}", answer.body);
    }
}

#[tokio::test]
async fn port_of_a_redirect_uri_on_this_machine_is_free_and_nothing_else_is() {
    let issuer = issuer().await;
    let location = async |uri: &str| {
        let path = BASE.replace("http%3A%2F%2Flocalhost%2Fmyapp%2F", uri);
        let answer = get(&issuer, &format!("{path}&response_type=code&scope=openid")).await;
        answer.header("location").map(str::to_owned).ok_or(answer.body)
    };
    let other_port = location("http://localhost:4711/myapp/").await.unwrap();
    assert!(other_port.starts_with("http://localhost:4711/myapp/?code="));
    for uri in [
        "http://localhost:x%40evil.example/myapp/",
        "http://localhost:80%40evil.example/myapp/",
        "http://localhost:80%5C%40evil.example/myapp/",
        "http://localhost:80%23/myapp/",
        "http://localhost:80%0D%0AX:/myapp/",
        "http://localhost:65536/myapp/",
        "http://localhost:%2B80/myapp/",
        "http://localhost.evil.example/myapp/",
        "http://localhost:80/myapp/../other",
        "https://localhost:80/myapp/",
    ] {
        let refused = location(uri).await.unwrap_err();
        assert!(refused.contains("AADSTS50011: "), "{uri}: {refused}");
    }
}

#[tokio::test]
async fn application_of_one_tenant_is_refused_at_common() {
    let issuer = issuer().await;
    let query = "/common/oauth2/v2.0/authorize?client_id=22223333-cccc-4444-dddd-5555eeee6666";
    assert!(get(&issuer, query).await.body.contains("AADSTS50194: "));
}

#[tokio::test]
async fn parameters_can_come_by_post_and_be_sent_on_by_a_form() {
    let issuer = issuer().await;
    let (path, query) = BASE.split_once('?').unwrap();
    let body = format!("{query}&response_type=code&response_mode=form_post&scope=user.read");
    let answer = crate::wire::post(&issuer, path, &body).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("<form method=\"post\" action=\"http://localhost/myapp/\">"));
    assert!(answer.body.contains("<input type=\"hidden\" name=\"code\" value=\""));
    assert!(answer.body.contains("<input type=\"hidden\" name=\"state\" value=\"s\">"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn silent_request_is_answered_from_the_session_of_the_browser() {
    let issuer = issuer().await;
    let url =
        |rest: &str| format!("{}{BASE}&response_type=code&scope=user.read{rest}", issuer.url());
    let signed_in = send(http().get(url(""))).await;
    let cookie = signed_in.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let silent = async |rest: &str| {
        let request = http().get(url(&format!("&prompt=none{rest}"))).header("cookie", &cookie);
        send(request).await.redirected('?')
    };
    assert!(parameter(&silent("").await, "code").is_some());
    let other = silent("&login_hint=alice@contoso.com").await;
    assert_eq!(parameter(&other, "error").unwrap(), "login_required");
}

#[tokio::test]
async fn silent_request_for_scopes_without_consent_requires_interaction() {
    let issuer = issuer().await;
    let url = |rest: &str| format!("{}{BASE}&response_type=code{rest}", issuer.url());
    let signed_in = send(http().get(url("&scope=user.read"))).await;
    let cookie = signed_in.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let request = http().get(url("&scope=mail.read&prompt=none")).header("cookie", cookie);
    let parameters = send(request).await.redirected('?');
    assert_eq!(parameter(&parameters, "error").unwrap(), "interaction_required");
}

#[tokio::test]
async fn hint_of_a_domain_and_the_authority_decide_who_signs_in() {
    let issuer = issuer().await;
    for (authority, hint, username) in [
        ("common", "", "frankm@contoso.com"),
        ("common", "&domain_hint=fabrikam.com", "bob@fabrikam.com"),
        ("common", "&domain_hint=1f0cb2a5-3f5e-4f0d-9d6b-2a4c5f8f6a10", "bob@fabrikam.com"),
        ("common", "&domain_hint=consumers", "carol@live.com"),
        ("common", "&domain_hint=organizations", "frankm@contoso.com"),
        ("organizations", "&login_hint=BOB@fabrikam.com", "bob@fabrikam.com"),
        ("consumers", "", "carol@live.com"),
        ("fabrikam.com", "", "bob@fabrikam.com"),
    ] {
        let query = BASE.replacen("contoso.com", authority, 1);
        let query = format!("{query}&response_type=id_token&scope=openid&nonce=n{hint}");
        let parameters = get(&issuer, &query).await.redirected('#');
        let claims = crate::wire::claims(&parameter(&parameters, "id_token").unwrap());
        assert_eq!(claims["preferred_username"], username, "{authority}{hint}");
    }
}
