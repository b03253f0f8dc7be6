//! The pages for sign-in and consent.

use doorward_issuer::DevIssuer;

use crate::wire::{Answer, form, get, issuer_with_pages, parameter, post, send};

const PATH: &str = "/contoso.com/oauth2/v2.0/authorize";
const QUERY: &str = "client_id=00001111-aaaa-2222-bbbb-3333cccc4444&response_type=code\
    &redirect_uri=http%3A%2F%2Flocalhost%2Fmyapp%2F&scope=openid+user.read&state=s";

fn ticket(page: &Answer) -> String {
    assert_eq!(page.status, 200, "{page:?}");
    let (_, after) = page.body.split_once("name=\"ticket\" value=\"").unwrap();
    after.split_once('"').unwrap().0.to_owned()
}

async fn sign_in(issuer: &DevIssuer, username: &str) -> Answer {
    let page = get(issuer, &format!("{PATH}?{QUERY}")).await;
    assert!(page.body.contains("<h1>Sign in</h1>"));
    post(issuer, PATH, &format!("ticket={}&username={username}", ticket(&page))).await
}

#[tokio::test]
async fn user_signs_in_and_consents_once() {
    let issuer = issuer_with_pages().await;
    let consent = sign_in(&issuer, "alice@contoso.com").await;
    assert!(consent.body.contains("<h1>Permissions requested</h1>"));
    assert!(consent.body.contains("<b>Read your profile</b>"));
    let done = post(&issuer, PATH, &format!("ticket={}&agree=1", ticket(&consent))).await;
    assert!(parameter(&done.redirected('?'), "code").is_some());

    let cookie = done.header("set-cookie").unwrap();
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"));
    let cookie = cookie.split(';').next().unwrap();
    let second = crate::wire::http().get(format!("{}{PATH}?{QUERY}", issuer.url()));
    let second = send(second.header("cookie", cookie)).await;
    assert!(parameter(&second.redirected('?'), "code").is_some());
    for (prompt, heading) in [
        ("login", "<h1>Sign in</h1>"),
        ("select_account", "<h1>Sign in</h1>"),
        ("consent", "<h1>Permissions requested</h1>"),
    ] {
        let url = format!("{}{PATH}?{QUERY}&prompt={prompt}", issuer.url());
        let page = send(crate::wire::http().get(url).header("cookie", cookie)).await;
        assert!(page.body.contains(heading), "{prompt}: {}", page.body);
    }
}

#[tokio::test]
async fn unknown_user_name_shows_the_page_again() {
    let issuer = issuer_with_pages().await;
    for name in ["nobody@contoso.com", "carol@live.com", "%3Cscript%3E"] {
        let page = sign_in(&issuer, name).await;
        assert!(page.body.contains("<h1>Sign in</h1>"), "{name}");
        assert!(page.body.contains("Nobody who may sign in here has this name."), "{name}");
        assert!(!page.body.contains("<script>"), "{name}");
        let body = format!("ticket={}&username=alice@contoso.com", ticket(&page));
        let consent = post(&issuer, PATH, &body).await;
        assert!(consent.body.contains("<h1>Permissions requested</h1>"), "{name}");
    }
}

#[tokio::test]
async fn user_who_cancels_is_denied_access() {
    let issuer = issuer_with_pages().await;
    let page = get(&issuer, &format!("{PATH}?{QUERY}")).await;
    let consent = sign_in(&issuer, "alice@contoso.com").await;
    for ticket in [ticket(&page), ticket(&consent)] {
        let parameters =
            post(&issuer, PATH, &format!("ticket={ticket}&cancel=1")).await.redirected('?');
        assert_eq!(parameter(&parameters, "error").unwrap(), "access_denied");
        assert!(parameter(&parameters, "error_description").unwrap().starts_with("AADSTS65004: "));
        assert_eq!(parameter(&parameters, "state").unwrap(), "s");
    }
}

#[tokio::test]
async fn ticket_of_a_page_is_valid_once() {
    let issuer = issuer_with_pages().await;
    let page = get(&issuer, &format!("{PATH}?{QUERY}")).await;
    let body = format!("ticket={}&username=alice@contoso.com", ticket(&page));
    assert_eq!(post(&issuer, PATH, &body).await.status, 200);
    let second = post(&issuer, PATH, &body).await;
    assert_eq!(second.status, 400);
    assert!(second.body.contains("is unknown or over"));
}

#[tokio::test]
async fn ticket_of_a_page_is_valid_at_its_endpoint_only() {
    let issuer = issuer_with_pages().await;
    for elsewhere in [
        "/fabrikam.com/oauth2/v2.0/authorize",
        "/common/oauth2/v2.0/authorize",
        "/contoso.com/oauth2/authorize",
    ] {
        let consent = sign_in(&issuer, "alice@contoso.com").await;
        let body = format!("ticket={}&agree=1", ticket(&consent));
        let answer = post(&issuer, elsewhere, &body).await;
        assert_eq!(answer.status, 400, "{elsewhere}");
        assert!(answer.body.contains("is unknown or over"), "{elsewhere}");
    }
}

#[tokio::test]
async fn consent_before_sign_in_is_ignored() {
    let issuer = issuer_with_pages().await;
    let page = get(&issuer, &format!("{PATH}?{QUERY}")).await;
    let answer = post(&issuer, PATH, &format!("ticket={}&agree=1", ticket(&page))).await;
    assert!(answer.body.contains("<h1>Sign in</h1>"));
}

#[tokio::test]
async fn pages_load_and_run_nothing_of_other_origins() {
    let issuer = issuer_with_pages().await;
    let hostile = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    let page = get(&issuer, &format!("{PATH}?{QUERY}&login_hint={hostile}")).await;
    assert!(page.body.contains("value=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\""));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
    assert!(policy.contains("script-src 'none'; frame-ancestors 'none'; base-uri 'none'"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let issuer = issuer_with_pages().await;
    let consent = sign_in(&issuer, "alice@contoso.com").await;
    let done = post(&issuer, PATH, &format!("ticket={}&agree=1", ticket(&consent))).await;
    let cookie = done.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let out =
        send(form(&issuer, "/contoso.com/oauth2/v2.0/logout", "").header("cookie", &cookie)).await;
    assert!(out.header("set-cookie").unwrap().ends_with("; Max-Age=0"));
    let url = format!("{}{PATH}?{QUERY}&prompt=none", issuer.url());
    let silent = send(crate::wire::http().get(url).header("cookie", cookie)).await.redirected('?');
    assert_eq!(parameter(&silent, "error").unwrap(), "login_required");
}

/// The consent of a user counts for every version of the endpoint.
#[tokio::test]
async fn consent_of_v2_counts_in_v1() {
    let issuer = issuer_with_pages().await;
    let asked = "/contoso.com/oauth2/authorize?client_id=00001111-aaaa-2222-bbbb-3333cccc4444\
        &response_type=code&redirect_uri=http%3A%2F%2Flocalhost%2Fmyapp%2F\
        &resource=https%3A%2F%2Fgraph.microsoft.com&login_hint=alice@contoso.com";
    let in_v1 = async || {
        let page = get(&issuer, asked).await;
        let body = format!("ticket={}&username=alice@contoso.com", ticket(&page));
        let answer = post(&issuer, "/contoso.com/oauth2/authorize", &body).await;
        parameter(&answer.redirected('?'), "error")
    };
    assert_eq!(in_v1().await.as_deref(), Some("invalid_resource"));
    let consent = sign_in(&issuer, "alice@contoso.com").await;
    post(&issuer, PATH, &format!("ticket={}&agree=1", ticket(&consent))).await;
    assert_eq!(in_v1().await, None);
}
