//! Requests to the tenants, and their parsed answers.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward_issuer::{Algorithm, DevIssuer, Directory};
use percent_encoding::percent_decode_str;
use reqwest::{RequestBuilder, StatusCode, header::HeaderMap, redirect::Policy};
use serde_json::Value;

pub(crate) const CONTOSO: &str = "7fe81447-da57-4385-becb-6de57f21477e";

/// An issuer with the demo directory, where users sign in without a page.
pub(crate) async fn issuer() -> DevIssuer {
    issuer_of(Directory::DEMO).await
}

pub(crate) async fn issuer_of(toml: &str) -> DevIssuer {
    DevIssuer::builder()
        .algorithms([Algorithm::Rs256])
        .directory(Directory::from_toml(toml).unwrap())
        .sign_in_automatically()
        .start()
        .await
        .unwrap()
}

/// The same with pages.
pub(crate) async fn issuer_with_pages() -> DevIssuer {
    DevIssuer::builder()
        .algorithms([Algorithm::Rs256])
        .directory(Directory::from_toml(Directory::DEMO).unwrap())
        .start()
        .await
        .unwrap()
}

pub(crate) fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .timeout(Duration::from_secs(30))
        .build()
        .unwrap()
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// A member that is a string.
    pub(crate) fn text(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap_or_else(|| panic!("no {name}: {self:?}")).to_owned()
    }

    pub(crate) fn claims(&self) -> Value {
        claims(&self.text("access_token"))
    }

    /// The status, the `error` and the number in its description, such as `AADSTS70011`.
    pub(crate) fn refusal(&self) -> (u16, String, String) {
        let description = self.text("error_description");
        let number = description.split(':').next().unwrap().to_owned();
        (self.status.as_u16(), self.text("error"), number)
    }

    /// The parameters of the redirect, after `mark`, which is `?` or `#`.
    pub(crate) fn redirected(&self, mark: char) -> Vec<(String, String)> {
        assert_eq!(self.status, 302, "{self:?}");
        let location = self.header("location").unwrap();
        let (_, parameters) = location.split_once(mark).unwrap_or_else(|| panic!("{location}"));
        pairs(parameters)
    }
}

pub(crate) fn pairs(parameters: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let pairs = parameters.split('&').map(|pair| pair.split_once('=').unwrap());
    pairs.map(|(name, value)| (decode(name), decode(value))).collect()
}

pub(crate) fn parameter(parameters: &[(String, String)], name: &str) -> Option<String> {
    parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
}

pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    Answer {
        status: response.status(),
        headers: response.headers().clone(),
        body: response.text().await.unwrap(),
    }
}

pub(crate) async fn get(issuer: &DevIssuer, path: &str) -> Answer {
    send(http().get(format!("{}{path}", issuer.url()))).await
}

pub(crate) fn form(issuer: &DevIssuer, path: &str, body: &str) -> RequestBuilder {
    http()
        .post(format!("{}{path}", issuer.url()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.to_owned())
}

pub(crate) async fn post(issuer: &DevIssuer, path: &str, body: &str) -> Answer {
    send(form(issuer, path, body)).await
}

/// Requests a code and returns it.
pub(crate) async fn code(issuer: &DevIssuer, path_and_query: &str) -> String {
    let parameters = get(issuer, path_and_query).await.redirected('?');
    parameter(&parameters, "code").unwrap_or_else(|| panic!("{parameters:?}"))
}

pub(crate) fn header(token: &str) -> Value {
    part(token, 0)
}

pub(crate) fn claims(token: &str) -> Value {
    part(token, 1)
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The names of an object's members, in alphabetical order.
pub(crate) fn members(value: &Value) -> Vec<String> {
    let mut names: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
    names.sort();
    names
}
