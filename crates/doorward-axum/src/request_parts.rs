//! What axum and its server put into the extensions of a request.

use std::{
    future::Future as _,
    net::SocketAddr,
    pin::pin,
    task::{Context, Poll, Waker},
};

use axum::extract::{ConnectInfo, FromRequestParts as _, MatchedPath, OriginalUri, RawPathParams};
use http::{Extensions, Request, Uri};

/// Returns the matched route as it was registered, with the prefixes of routers around it.
pub(crate) fn matched_path(extensions: &Extensions) -> Option<&str> {
    extensions.get().map(MatchedPath::as_str)
}

/// Returns the URI of the request before routers around the matched one have stripped their prefixes.
pub(crate) fn original_uri(extensions: &Extensions) -> Option<&Uri> {
    extensions.get().map(|OriginalUri(uri)| uri)
}

/// Returns the peer, if the server was started with
/// [`into_make_service_with_connect_info`](axum::Router::into_make_service_with_connect_info).
pub(crate) fn peer(extensions: &Extensions) -> Option<SocketAddr> {
    extensions.get().map(|ConnectInfo(peer)| *peer)
}

/// Returns the path parameters, percent-decoded; none if one of them is not UTF-8. Where routers that
/// are nested have parameters of one name, the handler may read either: neither is returned.
///
/// Only an extractor can read them. It is ready at the first poll.
pub(crate) fn path_params(extensions: &Extensions) -> Vec<(String, String)> {
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.extensions = extensions.clone();
    let extracting = pin!(RawPathParams::from_request_parts(&mut parts, &()));
    let Poll::Ready(Ok(params)) = extracting.poll(&mut Context::from_waker(Waker::noop())) else {
        return Vec::new();
    };
    let occurrences = |name: &str| params.iter().filter(|(other, _)| *other == name).count();
    let unique = params.iter().filter(|(name, _)| occurrences(name) == 1);
    unique.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
