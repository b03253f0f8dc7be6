use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{
        HeaderMap, HeaderName, StatusCode,
        header::{HOST, ORIGIN},
    },
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use crate::{issuer_state::IssuerState, server::ConnectionHandle};

/// Rejects requests that a browser sends for a web page, with 403.
///
/// A browser sends a cross-site POST without a preflight, but with the page's `Origin`. After DNS
/// rebinding the page's own host name resolves to loopback, so the `Origin` equals that of the issuer by
/// that name, and only the `Host` shows that the name is foreign. Held by the tests `control_request_of_another_origin_is_refused` and
/// `control_request_of_a_rebound_name_is_refused_even_if_origin_and_host_agree`.
pub(super) async fn check(
    State(state): State<Arc<IssuerState>>,
    ConnectInfo(connection): ConnectInfo<ConnectionHandle>,
    request: Request,
    next: Next,
) -> Response {
    let checked = check_host(&request, &connection, &state.url)
        .and_then(|host| check_origin(request.headers(), &connection, host));
    match checked {
        Ok(()) => next.run(request).await,
        Err(reason) => (StatusCode::FORBIDDEN, reason).into_response(),
    }
}

/// Returns the host of the request, with its port, if it is a name or an address of this machine.
///
/// The port is not compared: where ports are forwarded it is another one, and a web page cannot choose
/// it independently of the host.
fn check_host<'r>(
    request: &'r Request,
    connection: &ConnectionHandle,
    url: &str,
) -> Result<&'r str, String> {
    let foreign = |seen: String| {
        format!(
            "foreign host refused: {seen}, expected localhost, 127.0.0.1, [::1] or the address that \
             the issuer listens on; send control requests to {url}\n"
        )
    };
    let field = single(request.headers(), &HOST).map_err(foreign)?;
    let field = field.ok_or_else(|| foreign("the request has no Host field".to_owned()))?;
    // An absolute target replaces the field (RFC 9112 §3.2.2).
    let target = request.uri().authority().map(|authority| authority.as_str());
    let host = target.unwrap_or(field);
    if is_local(without_port(host), connection.local_address()) {
        Ok(host)
    } else {
        Err(foreign(format!("the Host is {host:?}")))
    }
}

fn check_origin(
    headers: &HeaderMap,
    connection: &ConnectionHandle,
    host: &str,
) -> Result<(), String> {
    let scheme = if connection.is_secure() { "https" } else { "http" };
    let own = format!("{scheme}://{host}");
    let foreign = |seen: String| {
        format!(
            "cross-origin request refused: {seen}, expected none or {own:?}; send control requests \
             from a program, not from a web page\n"
        )
    };
    match single(headers, &ORIGIN).map_err(foreign)? {
        Some(origin) if !origin.eq_ignore_ascii_case(&own) => {
            Err(foreign(format!("the Origin is {origin:?}")))
        }
        Some(_) | None => Ok(()),
    }
}

/// Returns the value of a header field, or a description of what is wrong with it.
fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, String> {
    let title = if *name == HOST { "Host" } else { "Origin" };
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.count()) {
        (None, _) => Ok(None),
        (Some(value), 0) => {
            value.to_str().map(Some).map_err(|_| format!("the {title} is not ASCII text"))
        }
        (Some(_), more) => {
            Err(format!("the request has {} {title} fields", more.saturating_add(1)))
        }
    }
}

/// Returns whether a host is this machine: `localhost`, a common loopback address, or the address that
/// the client has connected to.
fn is_local(host: &str, listening: Option<IpAddr>) -> bool {
    const LOOPBACK: [&str; 2] = ["127.0.0.1", "::1"];
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
        || LOOPBACK.contains(&address)
        || address.parse().is_ok_and(|address: IpAddr| listening == Some(address.to_canonical()))
}

/// Returns the host of a `Host` field (RFC 9110 §7.2) without the port.
fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_local, without_port};

    #[test]
    fn host_is_separated_from_its_port() {
        for (authority, host) in [
            ("localhost", "localhost"),
            ("localhost:9000", "localhost"),
            ("[::1]", "[::1]"),
            ("[::1]:9000", "[::1]"),
            ("user@127.0.0.1:80", "user@127.0.0.1"),
            ("127.0.0.1:80@evil.example", "127.0.0.1:80@evil.example"),
        ] {
            assert_eq!(without_port(authority), host);
        }
    }

    #[test]
    fn names_that_contain_a_local_one_are_not_local() {
        let listening = "10.0.0.7".parse().ok();
        for host in
            ["localhost", "Localhost", "127.0.0.1", "[::1]", "10.0.0.7", "[::ffff:10.0.0.7]"]
        {
            assert!(is_local(host, listening), "{host}");
        }
        for host in
            ["", "localhost.", "a.localhost", "10.0.0.8", "[10.0.0.7.evil.example]", "0x7f.1"]
        {
            assert!(!is_local(host, listening), "{host}");
        }
        assert!(!is_local("10.0.0.7", None));
    }
}
