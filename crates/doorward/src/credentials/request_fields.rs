/// The fields (headers) of a request, as an adapter's framework holds them.
///
/// ```
/// use doorward::adapter::RequestFields;
///
/// struct Lines(Vec<(&'static str, &'static str)>);
///
/// impl RequestFields for Lines {
///     fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
///         let named = move |(known, _): &&(&str, &str)| known.eq_ignore_ascii_case(name);
///         self.0.iter().filter(named).map(|(_, value)| value.as_bytes())
///     }
/// }
/// ```
pub trait RequestFields {
    /// Returns an iterator over all values of the fields with this name, which is in lower case. None may
    /// be left out: a request with several credentials is refused.
    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]>;

    /// Returns an iterator over the values of the `Authorization` fields. Override it in a framework that
    /// finds a well-known name faster.
    fn authorization(&self) -> impl Iterator<Item = &[u8]> {
        self.values("authorization")
    }
}

/// Returns whether the request has the form of a preflight, which browsers send before a request from
/// another origin: `OPTIONS` with one `Origin` and one
/// `Access-Control-Request-Method`
/// ([Fetch §4.8](https://fetch.spec.whatwg.org/#cors-preflight-fetch)).
pub(crate) fn is_preflight(method: &str, fields: &impl RequestFields) -> bool {
    let has_one = |name| {
        let mut values = fields.values(name);
        values.next().is_some_and(|value| !value.trim_ascii().is_empty()) && values.next().is_none()
    };
    method == "OPTIONS" && has_one("origin") && has_one("access-control-request-method")
}
