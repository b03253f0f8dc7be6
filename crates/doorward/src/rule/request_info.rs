use std::fmt;

/// What is known of a request beside its token: for the function of a [`check`](super::check), for
/// logs and for audit hooks. Adapters create it; each part is `None` where the adapter does not know it.
///
/// ```
/// use doorward::rules::RequestInfo;
///
/// let params = [("id", "17")];
/// let request =
///     RequestInfo::new().with_method("GET").with_route("/orders/{id}").with_params(&params);
/// assert_eq!((request.method(), request.param("id")), (Some("GET"), Some("17")));
/// ```
#[derive(Clone, Copy, Default)]
pub struct RequestInfo<'r> {
    method: Option<&'r str>,
    route: Option<&'r str>,
    params: Option<&'r dyn PathParams>,
}

/// The path parameters of a matched route, percent-decoded.
pub trait PathParams {
    /// Returns the value of the parameter with this name; `None` if the route has no such
    /// parameter.
    fn param(&self, name: &str) -> Option<&str>;

    /// Returns the matched route as it was registered, for frameworks that compute it. It is called
    /// only when a rule, a log line or an audit hook needs the route.
    fn route(&self) -> Option<&str> {
        None
    }
}

impl<N: AsRef<str>, V: AsRef<str>, const LEN: usize> PathParams for [(N, V); LEN] {
    fn param(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| known.as_ref() == name).map(|(_, value)| value.as_ref())
    }
}

impl<N: AsRef<str>, V: AsRef<str>> PathParams for Vec<(N, V)> {
    fn param(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| known.as_ref() == name).map(|(_, value)| value.as_ref())
    }
}

impl<'r> RequestInfo<'r> {
    /// Creates a value in which nothing is known.
    #[must_use]
    pub const fn new() -> Self {
        Self { method: None, route: None, params: None }
    }

    /// Sets the method, such as `GET`.
    #[must_use]
    pub const fn with_method(self, method: &'r str) -> Self {
        Self { method: Some(method), ..self }
    }

    /// Sets the matched route as it was registered, such as `/orders/{id}`; never the path of the
    /// request.
    #[must_use]
    pub fn with_route(self, route: impl Into<Option<&'r str>>) -> Self {
        Self { route: route.into(), ..self }
    }

    /// Sets the path parameters of the matched route.
    #[must_use]
    pub fn with_params(self, params: &'r dyn PathParams) -> Self {
        Self { params: Some(params), ..self }
    }

    /// Returns the method, such as `GET`.
    #[must_use]
    pub const fn method(&self) -> Option<&'r str> {
        self.method
    }

    /// Returns the matched route as it was registered, such as `/orders/{id}`.
    #[must_use]
    pub fn route(&self) -> Option<&'r str> {
        self.route.or_else(|| self.params?.route())
    }

    /// Returns the value of a path parameter, percent-decoded; `None` if the route has no such
    /// parameter or the adapter did not provide any.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&'r str> {
        self.params?.param(name)
    }
}

/// Shows method and route; the values of parameters may be personal.
impl fmt::Debug for RequestInfo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestInfo")
            .field("method", &self.method)
            .field("route", &self.route())
            .finish_non_exhaustive()
    }
}
