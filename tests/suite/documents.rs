//! A host that serves whatever documents a test gives it, over real HTTP.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};

type Served = (StatusCode, HeaderMap, String);

/// A running host; it ends with the test's runtime.
#[derive(Clone)]
pub struct Documents {
    pub url: String,
    served: Arc<Mutex<HashMap<String, Served>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Documents {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let host = Self { url, served: Arc::default(), asked: Arc::default() };
        let app = Router::new().fallback(serve).with_state(host.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        host
    }

    pub fn put(&self, path: &str, body: impl Into<String>) {
        self.answer(path, StatusCode::OK, HeaderMap::new(), body);
    }

    pub fn answer(
        &self,
        path: &str,
        status: StatusCode,
        fields: HeaderMap,
        body: impl Into<String>,
    ) {
        self.served.lock().unwrap().insert(path.to_owned(), (status, fields, body.into()));
    }

    /// The paths that were asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Metadata of the issuer of this name, whose keys are at `/jwks` here.
    pub fn metadata(&self, issuer: &str) -> String {
        serde_json::json!({"issuer": issuer, "jwks_uri": format!("{}/jwks", self.url)}).to_string()
    }
}

async fn serve(State(host): State<Documents>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    host.asked.lock().unwrap().push(path.clone());
    let served = host.served.lock().unwrap().get(&path).cloned();
    served.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |answer| answer.into_response())
}
