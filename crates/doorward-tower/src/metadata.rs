use std::{
    future::{Future, Ready, ready},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use doorward::{ResourceServer, Scope, adapter::ResourceMetadata};
use http::{HeaderValue, Method, Request, Response, header};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

/// A layer that serves the protected resource metadata
/// ([RFC 9728 §3](https://www.rfc-editor.org/rfc/rfc9728#section-3)) at its path to everybody: created
/// by [`Gate::metadata`](crate::Gate::metadata). Other requests pass.
#[derive(Clone, Debug)]
#[must_use = "a layer serves nothing until it is put on a service"]
pub struct MetadataLayer(Option<Arc<ResourceMetadata>>);

/// The service of a [`MetadataLayer`].
#[derive(Clone, Debug)]
pub struct ServeMetadata<S> {
    inner: S,
    layer: MetadataLayer,
}

impl MetadataLayer {
    pub(crate) fn new(server: &ResourceServer, scopes: impl IntoIterator<Item = Scope>) -> Self {
        Self(ResourceMetadata::new(server, scopes).map(Arc::new))
    }

    fn answer<B, R: From<String>>(&self, request: &Request<B>) -> Option<Response<R>> {
        let metadata = self.0.as_ref()?;
        let is_read = [Method::GET, Method::HEAD].contains(request.method());
        if !is_read || request.uri().path() != metadata.path() {
            return None;
        }
        let mut response = Response::new(metadata.document().into());
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        Some(response)
    }
}

impl<S> Layer<S> for MetadataLayer {
    type Service = ServeMetadata<S>;

    fn layer(&self, inner: S) -> ServeMetadata<S> {
        ServeMetadata { inner, layer: self.clone() }
    }
}

impl<S, B, R> Service<Request<B>> for ServeMetadata<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: From<String>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = MetadataFuture<S::Future, Result<Response<R>, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let state = match self.layer.answer(&request) {
            Some(answer) => State::Answered { answer: ready(Ok(answer)) },
            None => State::Inner { future: self.inner.call(request) },
        };
        MetadataFuture { state }
    }
}

pin_project! {
    /// The response future of [`ServeMetadata`].
    #[derive(Debug)]
    pub struct MetadataFuture<F, R> {
        #[pin]
        state: State<F, R>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = StateProjection]
    enum State<F, R> {
        Inner { #[pin] future: F },
        Answered { answer: Ready<R> },
    }
}

impl<F: Future> Future for MetadataFuture<F, F::Output> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        match self.project().state.project() {
            StateProjection::Inner { future } => future.poll(cx),
            StateProjection::Answered { answer } => Pin::new(answer).poll(cx),
        }
    }
}
