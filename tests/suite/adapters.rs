//! One request through each adapter, and what comes back. The route is `/`.

use std::convert::Infallible;

use doorward::{Error, ResourceServer, adapter::Access};
use http::{HeaderMap, Request, Response, header};
use http_body_util::BodyExt as _;
use tower::{Layer as _, ServiceExt as _};

/// A request: the values of its `Authorization` fields and any other fields.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub authorization: Vec<Vec<u8>>,
    pub fields: Vec<(&'static str, String)>,
    /// `GET` unless set. Whatever it is, the handler takes it.
    pub method: http::Method,
}

impl Asked {
    /// A request with this token.
    pub fn bearing(token: &str) -> Self {
        Self { authorization: vec![format!("Bearer {token}").into_bytes()], ..Self::default() }
    }
}

/// What a client sees, and the code that the response carries for layers outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub challenge: Option<String>,
    pub retry_after: Option<String>,
    pub cache_control: Option<String>,
    pub exposed: Option<String>,
    pub body: String,
    pub code: Option<&'static str>,
}

/// Asks the same of all adapters; their answers must be equal.
pub async fn ask_all(server: &ResourceServer, access: &Access, asked: &Asked) -> Answer {
    let tower = ask_tower(server, access, asked).await;
    let axum = ask_axum(server, access, asked).await;
    assert_eq!(tower, axum, "tower and axum differ for {asked:?}");
    let actix = ask_actix(server, access, asked).await;
    assert_eq!(axum, actix, "axum and actix differ for {asked:?}");
    tower
}

fn request<B: Default>(asked: &Asked) -> Request<B> {
    let mut request = Request::new(B::default());
    *request.method_mut() = asked.method.clone();
    for value in &asked.authorization {
        let value = http::HeaderValue::from_bytes(value).unwrap();
        request.headers_mut().append(header::AUTHORIZATION, value);
    }
    for (name, value) in &asked.fields {
        request.headers_mut().append(*name, value.parse().unwrap());
    }
    request
}

/// What the handlers answer: who asked.
fn greeting(token: Option<&doorward::AccessToken>) -> String {
    token.map_or_else(|| "anonymous".to_owned(), |token| token.subject().to_owned())
}

async fn ask_tower(server: &ResourceServer, access: &Access, asked: &Asked) -> Answer {
    let gate = doorward_tower::Gate::new(server.clone());
    let layer = match access {
        Access::Optional => gate.optional(),
        Access::Require(rule) => gate.require(rule.clone()),
        _ => unreachable!(),
    };
    let handler = tower::service_fn(move |request: Request<String>| {
        let body = greeting(gate.verified(request.extensions()));
        async move { Ok::<_, Infallible>(Response::new(body)) }
    });
    answer(layer.layer(handler).oneshot(request(asked)).await.unwrap()).await
}

async fn ask_axum(server: &ResourceServer, access: &Access, asked: &Asked) -> Answer {
    use axum::routing::any;
    use doorward_axum::{AccessToken, Gate};

    let gate = Gate::new(server.clone());
    let handler = any(async |token: Option<AccessToken>| {
        greeting(token.map(AccessToken::into_inner).as_ref())
    });
    let layer = match access {
        Access::Optional => gate.optional(),
        Access::Require(rule) => gate.require(rule.clone()),
        _ => unreachable!(),
    };
    let app: axum::Router = axum::Router::new().route("/", handler.layer(layer));
    answer(app.oneshot(request::<axum::body::Body>(asked)).await.unwrap()).await
}

async fn answer<B>(response: Response<B>) -> Answer
where
    B: http_body::Body,
    B::Error: std::fmt::Debug,
{
    let text = |headers: &HeaderMap, name: header::HeaderName| {
        let values: Vec<_> = headers.get_all(name).iter().collect();
        assert!(values.len() < 2, "a field occurs twice");
        values.first().map(|value| value.to_str().unwrap().to_owned())
    };
    let code = response.extensions().get::<Error>().map(Error::code);
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status.as_u16(),
        challenge: text(&parts.headers, header::WWW_AUTHENTICATE),
        retry_after: text(&parts.headers, header::RETRY_AFTER),
        cache_control: text(&parts.headers, header::CACHE_CONTROL),
        exposed: text(&parts.headers, header::ACCESS_CONTROL_EXPOSE_HEADERS),
        body: String::from_utf8(body.to_vec()).unwrap(),
        code,
    }
}

async fn ask_actix(server: &ResourceServer, access: &Access, asked: &Asked) -> Answer {
    use actix_web::{App, body, http::header, test, web};
    use doorward_actix::{Gate, OptionalToken};

    let gate = Gate::new(server.clone());
    let handler = async |OptionalToken(token): OptionalToken| {
        greeting(token.map(doorward_actix::AccessToken::into_inner).as_ref())
    };
    let guard = match access {
        Access::Optional => gate.optional(),
        Access::Require(rule) => gate.require(rule.clone()),
        _ => unreachable!(),
    };
    let app = App::new().service(web::resource("/").wrap(guard).route(web::route().to(handler)));
    let app = test::init_service(app).await;
    let method = actix_web::http::Method::from_bytes(asked.method.as_str().as_bytes()).unwrap();
    let mut request = test::TestRequest::with_uri("/").method(method);
    for value in &asked.authorization {
        let value = header::HeaderValue::from_bytes(value).unwrap();
        request = request.append_header((header::AUTHORIZATION, value));
    }
    for (name, value) in &asked.fields {
        request = request.append_header((*name, value.as_str()));
    }
    let response = test::call_service(&app, request.to_request()).await;
    let text = |name: header::HeaderName| {
        let values: Vec<_> = response.headers().get_all(name).collect();
        assert!(values.len() < 2, "a field occurs twice");
        values.first().map(|value| value.to_str().unwrap().to_owned())
    };
    let mut answer = Answer {
        status: response.status().as_u16(),
        challenge: text(header::WWW_AUTHENTICATE),
        retry_after: text(header::RETRY_AFTER),
        cache_control: text(header::CACHE_CONTROL),
        exposed: text(header::ACCESS_CONTROL_EXPOSE_HEADERS),
        body: String::new(),
        code: response.response().extensions().get::<Error>().map(Error::code),
    };
    let body = body::to_bytes(response.into_body()).await.unwrap();
    answer.body = String::from_utf8(body.to_vec()).unwrap();
    answer
}
