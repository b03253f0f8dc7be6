use std::net::SocketAddr;

/// The head of a request, as a framework holds it: what an adapter implements for its framework.
///
/// Only [`method`](Self::method), [`target`](Self::target) and [`values`](Self::values) are
/// mandatory. The other methods have defaults that mean "unknown".
///
/// ```
/// use doorward::adapter::RequestHead;
///
/// struct Head {
///     method: String,
///     target: String,
///     fields: Vec<(String, String)>,
/// }
///
/// impl RequestHead for Head {
///     fn method(&self) -> &str {
///         &self.method
///     }
///
///     fn target(&self) -> &str {
///         &self.target
///     }
///
///     fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
///         let named = move |(known, _): &&(String, String)| known.eq_ignore_ascii_case(name);
///         self.fields.iter().filter(named).map(|(_, value)| value.as_bytes())
///     }
/// }
/// ```
pub trait RequestHead {
    /// Returns the method, in the case in which it was sent (methods are case-sensitive,
    /// [RFC 9110 §9.1](https://www.rfc-editor.org/rfc/rfc9110#section-9.1)).
    fn method(&self) -> &str;

    /// Returns path and query of the request target as the server received them, before a router
    /// strips a prefix or decodes anything
    /// ([RFC 9112 §3.2](https://www.rfc-editor.org/rfc/rfc9112#section-3.2)).
    fn target(&self) -> &str;

    /// Returns the values of all header fields with this name, which is in lower case. No value may be
    /// left out: a request with several credentials is rejected.
    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]>;

    /// Returns the values of the `Authorization` fields. Overrides [`values`](Self::values) for
    /// frameworks that find a well-known name faster.
    fn authorization(&self) -> impl Iterator<Item = &[u8]> {
        self.values("authorization")
    }

    /// Returns the address of the peer of the connection: of a client, or of a proxy in front.
    /// Default: `None`, unknown.
    fn peer(&self) -> Option<SocketAddr> {
        None
    }

    /// Returns the client certificate of the TLS connection, DER-encoded, without its chain.
    /// Default: `None`, no certificate.
    fn client_certificate(&self) -> Option<&[u8]> {
        None
    }
}

/// Returns whether the request has the form of a CORS preflight: `OPTIONS` with one `Origin` and one
/// `Access-Control-Request-Method`
/// ([Fetch §4.8](https://fetch.spec.whatwg.org/#cors-preflight-fetch)).
pub(crate) fn is_preflight(head: &impl RequestHead) -> bool {
    let has_one = |name| {
        let mut values = head.values(name);
        values.next().is_some_and(|value| !value.trim_ascii().is_empty()) && values.next().is_none()
    };
    head.method() == "OPTIONS" && has_one("origin") && has_one("access-control-request-method")
}
