//! Requests to an issuer, and its parsed answers.

use std::io::ErrorKind;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward_issuer::{Algorithm, Client, DevIssuer};
use reqwest::{
    Method, RequestBuilder, Response, StatusCode,
    header::{CONTENT_TYPE, HeaderMap},
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// An issuer that starts within milliseconds, because its only key is not an RSA key.
pub(crate) async fn quick_issuer() -> DevIssuer {
    DevIssuer::builder().algorithms([Algorithm::Es256]).start().await.unwrap()
}

pub(crate) async fn issuer_with(client: Client) -> DevIssuer {
    DevIssuer::builder().algorithms([Algorithm::Es256]).client(client).start().await.unwrap()
}

pub(crate) fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    async fn of(response: Response) -> Self {
        Self {
            status: response.status(),
            headers: response.headers().clone(),
            body: response.text().await.unwrap(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The status and the `error` member.
    pub(crate) fn refusal(&self) -> (u16, String) {
        (self.status.as_u16(), self.json()["error"].as_str().unwrap_or_default().to_owned())
    }

    pub(crate) fn claims(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        claims(self.json()["access_token"].as_str().unwrap())
    }
}

pub(crate) async fn get(url: &str) -> Answer {
    Answer::of(http().get(url).send().await.unwrap()).await
}

/// A connection to the issuer, on which a test sees what a client hides.
pub(crate) async fn connect(issuer: &DevIssuer) -> TcpStream {
    TcpStream::connect(issuer.url().strip_prefix("http://").unwrap()).await.unwrap()
}

/// Requests the key set and keeps the connection open.
pub(crate) async fn request_keys(connection: &mut TcpStream) {
    connection.write_all(b"GET /jwks HTTP/1.1\r\nhost: issuer\r\n\r\n").await.unwrap();
}

/// Reads up to the end of the headers.
pub(crate) async fn read_headers(connection: &mut TcpStream) -> String {
    let mut headers = Vec::new();
    while !headers.ends_with(b"\r\n\r\n") {
        headers.push(connection.read_u8().await.unwrap());
    }
    String::from_utf8(headers).unwrap()
}

/// Reads to the end of the connection: what came, and how it ended.
pub(crate) async fn read_to_end(connection: &mut TcpStream) -> (Vec<u8>, Option<ErrorKind>) {
    let mut bytes = Vec::new();
    let end = connection.read_to_end(&mut bytes).await;
    (bytes, end.err().map(|error| error.kind()))
}

/// Sends the text of a request with `Connection: close`, and returns the text of the answer.
pub(crate) async fn raw(issuer: &DevIssuer, request: &str) -> String {
    let mut connection = connect(issuer).await;
    connection.write_all(request.as_bytes()).await.unwrap();
    String::from_utf8(read_to_end(&mut connection).await.0).unwrap()
}

pub(crate) fn token_request(issuer: &DevIssuer, form: &str) -> RequestBuilder {
    http()
        .request(Method::POST, issuer.token_url())
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form.to_owned())
}

pub(crate) async fn send(request: RequestBuilder) -> Answer {
    Answer::of(request.send().await.unwrap()).await
}

/// Requests a token with the credentials of the demo client `writer` in the header.
pub(crate) async fn request_token(issuer: &DevIssuer, form: &str) -> Answer {
    send(token_request(issuer, form).basic_auth("writer", Some("writer-secret"))).await
}

pub(crate) fn header(token: &str) -> Value {
    part(token, 0)
}

pub(crate) fn claims(token: &str) -> Value {
    part(token, 1)
}

fn part(token: &str, index: usize) -> Value {
    serde_json::from_slice(&decoded(token, index)).unwrap()
}

pub(crate) fn decoded(token: &str, index: usize) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(token.split('.').nth(index).unwrap()).unwrap()
}
