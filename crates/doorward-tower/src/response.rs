use doorward::adapter::Rejection;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};

/// The media type of gRPC
/// ([gRPC over HTTP/2](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md)); a message
/// format may follow after `+`, parameters after `;`.
const GRPC: &str = "application/grpc";

/// Header fields to add to a response.
#[derive(Debug, Default)]
pub(crate) struct ResponseFields(Vec<(HeaderName, HeaderValue)>);

impl ResponseFields {
    /// Takes the fields as the core writes them, which are always valid.
    pub(crate) fn new(fields: impl Iterator<Item = (&'static str, String)>) -> Self {
        let typed = |(name, value)| {
            Some((HeaderName::from_static(name), HeaderValue::try_from(value).ok()?))
        };
        Self(fields.filter_map(typed).collect())
    }

    /// Appends the fields. A name may occur more than once, and none is replaced.
    pub(crate) fn append_to(&mut self, headers: &mut HeaderMap) {
        for (name, value) in self.0.drain(..) {
            headers.append(name, value);
        }
    }
}

/// Returns the answer to a rejected request as the core has decided it: status and header fields, an
/// empty body, and the [`Error`](doorward::Error) in the response's extensions for layers outside.
#[must_use]
pub fn rejection_response<R: Default>(rejection: Rejection) -> Response<R> {
    let denial = rejection.denial();
    // The core's statuses are always valid; if one were not, the request would still be rejected.
    let status = StatusCode::from_u16(denial.status()).unwrap_or(StatusCode::UNAUTHORIZED);
    let mut response = empty_response(status);
    ResponseFields::new(denial.fields()).append_to(response.headers_mut());
    response.extensions_mut().insert(rejection.into_error());
    response
}

/// Returns the answer to a rejected gRPC call, by header fields only. The HTTP status stays that of
/// the rejection, so that nothing on the way takes it for a success; clients that look at it map 401,
/// 403 and 503 to the same meaning as `grpc-status`
/// ([HTTP to gRPC](https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md)).
pub(crate) fn grpc_response<R: Default>(rejection: Rejection) -> Response<R> {
    let (status, message) = (rejection.denial().grpc_status(), rejection.denial().message());
    let mut response = rejection_response(rejection);
    if response.status() == StatusCode::BAD_REQUEST {
        // It would be mapped to an internal error.
        *response.status_mut() = StatusCode::UNAUTHORIZED;
    }
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(GRPC));
    fields.insert("grpc-status", HeaderValue::from(u16::from(status)));
    fields.insert("grpc-message", HeaderValue::from_static(message));
    response
}

pub(crate) fn empty_response<R: Default>(status: StatusCode) -> Response<R> {
    let mut response = Response::new(R::default());
    *response.status_mut() = status;
    response
}

/// Returns whether the request is a gRPC call. gRPC-Web calls are not: a layer outside translates them.
pub(crate) fn is_grpc(fields: &HeaderMap) -> bool {
    let content_type = fields.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let rest = content_type.and_then(|value| value.strip_prefix(GRPC.as_bytes()));
    matches!(rest, Some([] | [b'+' | b';', ..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_appended_to_a_response_and_replace_none() {
        let fields = [("dpop-nonce", "a"), ("vary", "authorization"), ("dpop-nonce", "b")];
        let fields = fields.map(|(name, value)| (name, value.to_owned()));
        let mut headers = HeaderMap::new();
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
        ResponseFields::new(fields.into_iter()).append_to(&mut headers);
        let values = |name| headers.get_all(name).iter().collect::<Vec<_>>();
        assert_eq!(values("vary"), ["origin", "authorization"]);
        assert_eq!(values("dpop-nonce"), ["a", "b"]);
    }
}
