use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use doorward::{ResourceServer, Scope};
use http::{HeaderValue, Method, Request, Response, header};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

/// A layer that serves the protected resource metadata
/// ([RFC 9728 §3](https://www.rfc-editor.org/rfc/rfc9728#section-3)) at its path, for everybody; made
/// by [`Gate::metadata`](crate::Gate::metadata). Other requests pass.
#[derive(Clone, Debug)]
#[must_use = "a layer serves nothing until it is put on a service"]
pub struct MetadataLayer {
    server: ResourceServer,
    scopes: Arc<[Scope]>,
}

/// The service of a [`MetadataLayer`].
#[derive(Clone, Debug)]
pub struct ServeMetadata<S> {
    inner: S,
    layer: MetadataLayer,
}

impl MetadataLayer {
    pub(crate) const fn new(server: ResourceServer, scopes: Arc<[Scope]>) -> Self {
        Self { server, scopes }
    }

    fn answer<B, R: From<String>>(&self, request: &Request<B>) -> Option<Response<R>> {
        let path = self.server.resource_metadata_path()?;
        let is_read = [Method::GET, Method::HEAD].contains(request.method());
        if !is_read || request.uri().path() != path {
            return None;
        }
        let mut response = Response::new(self.server.resource_metadata(&*self.scopes)?.into());
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
    type Future = MetadataFuture<S::Future, Response<R>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let answer = self.layer.answer(&request);
        let inner = answer.is_none().then(|| self.inner.call(request));
        MetadataFuture { inner, answer }
    }
}

pin_project! {
    /// The response future of [`ServeMetadata`].
    #[derive(Debug)]
    pub struct MetadataFuture<F, R> {
        #[pin]
        inner: Option<F>,
        answer: Option<R>,
    }
}

impl<F, R, E> Future for MetadataFuture<F, R>
where
    F: Future<Output = Result<R, E>>,
{
    type Output = Result<R, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        match this.inner.as_pin_mut() {
            Some(inner) => inner.poll(cx),
            // Polled after it was done: nothing more will come.
            None => this.answer.take().map_or(Poll::Pending, |answer| Poll::Ready(Ok(answer))),
        }
    }
}
