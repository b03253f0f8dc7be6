use aws_lc_rs::digest;
use axum::{
    http::{
        HeaderName,
        header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
    },
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

const CSS: &str = include_str!("page.css");
const SUBMIT: &str = "document.forms[0].submit()";

/// The page on which a user signs in, without a password.
pub(super) struct SignInPage<'a> {
    pub(super) ticket: &'a str,
    pub(super) application: &'a str,
    /// The content of the input field.
    pub(super) username: &'a str,
    /// Whether the user has sent this name before and it is unknown.
    pub(super) is_unknown: bool,
    pub(super) accounts: Vec<Account>,
}

/// A user to choose on the sign-in page.
pub(super) struct Account {
    pub(super) username: String,
    pub(super) name: String,
}

/// The page on which a user consents to scopes.
pub(super) struct ConsentPage<'a> {
    pub(super) ticket: &'a str,
    pub(super) username: &'a str,
    pub(super) application: &'a str,
    pub(super) scopes: Vec<RequestedScope>,
}

/// A scope on the consent page.
pub(super) struct RequestedScope {
    pub(super) api: String,
    pub(super) name: String,
    /// Shown instead of the name, unless it is empty.
    pub(super) description: String,
}

/// A page: its title, and its body in HTML.
pub(super) struct Page {
    title: &'static str,
    body: String,
    script: Option<&'static str>,
}

impl SignInPage<'_> {
    pub(super) fn render(&self) -> Page {
        let username = escape(self.username);
        let error = if self.is_unknown {
            "<p class=\"error\">Nobody who may sign in here has this name.</p>\n"
        } else {
            ""
        };
        let ticket = ticket_field(self.ticket);
        let accounts = self.accounts.iter().map(|account| {
            let (username, name) = (escape(&account.username), escape(&account.name));
            format!(
                "<form method=\"post\">{ticket}<button class=\"account\" name=\"username\" \
                 value=\"{username}\"><b>{name}</b><span>{username}</span></button></form>\n"
            )
        });
        let accounts: String = accounts.collect();
        let application = escape(self.application);
        let body = format!(
            "<p>to continue to <b>{application}</b></p>\n{error}\
             <form method=\"post\">{ticket}<label for=\"username\">User name</label>\n\
             <input id=\"username\" name=\"username\" value=\"{username}\" \
             autocomplete=\"username\" autofocus>\n\
             <button class=\"main\">Sign in</button></form>\n\
             <h2>Pick an account</h2>\n{accounts}\
             <form method=\"post\">{ticket}<button name=\"cancel\" value=\"1\">Cancel</button></form>\n"
        );
        Page { title: "Sign in", body, script: None }
    }
}

impl ConsentPage<'_> {
    pub(super) fn render(&self) -> Page {
        let ticket = ticket_field(self.ticket);
        let items = self.scopes.iter().map(|scope| {
            let (api, name) = (escape(&scope.api), escape(&scope.name));
            let description =
                if scope.description.is_empty() { &scope.name } else { &scope.description };
            let description = escape(description);
            format!("<li><b>{description}</b><span>{name} at {api}</span></li>\n")
        });
        let items: String = items.collect();
        let (username, application) = (escape(self.username), escape(self.application));
        let body = format!(
            "<p>{username}</p>\n<p><b>{application}</b> would like to:</p>\n<ul>\n{items}</ul>\n\
             <form method=\"post\">{ticket}<button class=\"main\" name=\"agree\" value=\"1\">Accept</button>\n\
             <button name=\"cancel\" value=\"1\">Cancel</button></form>\n"
        );
        Page { title: "Permissions requested", body, script: None }
    }
}

/// Returns a page that posts the parameters to the application by a form, which a script submits.
pub(super) fn form_post(redirect_uri: &str, parameters: &[(&str, String)]) -> Page {
    let fields = parameters.iter().map(|(name, value)| {
        format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">\n", escape(value))
    });
    let fields: String = fields.collect();
    let action = escape(redirect_uri);
    let body = format!(
        "<form method=\"post\" action=\"{action}\">\n{fields}<button class=\"main\">Continue</button></form>\n"
    );
    Page { title: "Back to the application", body, script: Some(SUBMIT) }
}

/// Returns a page with an error that cannot be sent to an application.
pub(super) fn error(headline: &str) -> Page {
    let body = format!("<p class=\"error\">{}</p>\n", escape(headline));
    Page { title: "This request cannot be answered", body, script: None }
}

pub(super) fn signed_out() -> Page {
    Page {
        title: "Signed out",
        body: "<p>Nobody is signed in here.</p>\n".to_owned(),
        script: None,
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let Self { title, body, script } = self;
        let scripts = script.map_or_else(|| "'none'".to_owned(), hash_source);
        // No `form-action`: browsers apply it to the redirect that follows, which leads to another origin.
        let policy = format!(
            "default-src 'none'; style-src {}; script-src {scripts}; frame-ancestors 'none'; \
             base-uri 'none'",
            hash_source(CSS)
        );
        let script = script.map(|text| format!("<script>{text}</script>\n")).unwrap_or_default();
        let html = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
             <style>{CSS}</style>\n<main>\n<h1>{title}</h1>\n{body}</main>\n\
             <footer>doorward-issuer: a development issuer, not for production. \
             Nobody is asked for a password.</footer>\n{script}</html>\n"
        );
        let fields: [(HeaderName, &str); 4] = [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CONTENT_SECURITY_POLICY, &policy),
            (REFERRER_POLICY, "no-referrer"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        (fields, html).into_response()
    }
}

fn ticket_field(ticket: &str) -> String {
    format!("<input type=\"hidden\" name=\"ticket\" value=\"{ticket}\">")
}

/// Returns the source expression of an inline style or script (Content Security Policy §2.3.1).
fn hash_source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(digest::digest(&digest::SHA256, text.as_bytes())))
}

/// Escapes a text for use between tags and in quoted attributes.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn markup_in_a_text_is_escaped() {
        assert_eq!(escape("<a b='c' d=\"e\">&"), "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;");
    }
}
