use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION},
    },
    response::{IntoResponse, Response},
};
use tokio::time;

use super::{Fault, body};
use crate::server::ConnectionHandle;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Waits as long as the fault delays the answer.
pub(crate) async fn delay(fault: Option<&Fault>) {
    if let Some(Fault::Delay(delay)) = fault {
        time::sleep(*delay).await;
    }
}

/// Returns whether the answer has status 200 and a complete document, which may have a fault itself.
pub(crate) fn has_document(fault: Option<&Fault>) -> bool {
    match fault {
        None
        | Some(
            Fault::Delay(_)
            | Fault::Truncated
            | Fault::EmptySet
            | Fault::OneBadKey
            | Fault::ManyKeys(_),
        ) => true,
        Some(
            Fault::Trickle { .. }
            | Fault::Cut { .. }
            | Fault::Status(_)
            | Fault::Redirect(_)
            | Fault::Html
            | Fault::Huge(_)
            | Fault::ContentType(_),
        ) => false,
    }
}

/// Returns the answer with the fault. `headers` are sent with the document.
pub(crate) fn answer(
    fault: Option<Fault>,
    document: Vec<u8>,
    mut headers: HeaderMap,
    connection: ConnectionHandle,
) -> Response {
    headers.insert(CONTENT_TYPE, JSON);
    let Some(fault) = fault else {
        return (headers, document).into_response();
    };
    match fault {
        Fault::Delay(_)
        | Fault::Truncated
        | Fault::EmptySet
        | Fault::OneBadKey
        | Fault::ManyKeys(_) => (headers, document).into_response(),
        Fault::Status(status) => page(final_status(status)),
        Fault::Html => page(StatusCode::OK),
        Fault::Redirect(to) => redirect(to),
        Fault::ContentType(content_type) => typed(content_type, document, headers),
        Fault::Huge(length) => (headers, body::huge(document, length)).into_response(),
        Fault::Trickle { pause } => {
            headers.insert(CONTENT_LENGTH, document.len().into());
            (headers, body::trickle(document, pause)).into_response()
        }
        Fault::Cut { after } => {
            headers.insert(CONTENT_LENGTH, document.len().into());
            (headers, body::cut(document, after, connection)).into_response()
        }
    }
}

fn redirect(to: String) -> Response {
    let mut answer = page(StatusCode::FOUND);
    if let Ok(to) = HeaderValue::try_from(to) {
        answer.headers_mut().insert(LOCATION, to);
    }
    answer
}

/// Returns the document with this content type, or without one if it is empty. Converting a body into a
/// response would add one.
fn typed(content_type: String, document: Vec<u8>, mut headers: HeaderMap) -> Response {
    headers.remove(CONTENT_TYPE);
    if let Ok(value) = HeaderValue::try_from(content_type)
        && !value.is_empty()
    {
        headers.insert(CONTENT_TYPE, value);
    }
    let mut answer = Response::new(Body::from(document));
    *answer.headers_mut() = headers;
    answer
}

fn final_status(status: u16) -> StatusCode {
    StatusCode::from_u16(status)
        .ok()
        .filter(|status| !status.is_informational())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn page(status: StatusCode) -> Response {
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    let page = format!("<!DOCTYPE html>\n<title>{status}</title>\n<h1>{status}</h1>\n");
    (status, [(CONTENT_TYPE, html)], page).into_response()
}
