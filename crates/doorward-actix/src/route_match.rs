use std::cell::OnceCell;

use actix_web::HttpRequest;
use doorward::rules::{PathParams, RequestInfo};

/// The route that a request has matched, for rules, logs and audit hooks. Route and parameters are
/// computed when somebody asks for them.
pub(crate) struct RouteMatch<'r> {
    request: &'r HttpRequest,
    pattern: OnceCell<Option<String>>,
    values: OnceCell<Vec<String>>,
}

impl<'r> RouteMatch<'r> {
    pub(crate) const fn of(request: &'r HttpRequest) -> Self {
        Self { request, pattern: OnceCell::new(), values: OnceCell::new() }
    }

    pub(crate) fn info(&self) -> RequestInfo<'_> {
        RequestInfo::new().with_method(self.request.method().as_str()).with_params(self)
    }
}

impl PathParams for RouteMatch<'_> {
    /// Decodes as `web::Path` does, so that rule and handler see the same value. Where a scope and a
    /// resource have parameters of one name, the handler may read either: neither is returned.
    fn param(&self, name: &str) -> Option<&str> {
        let params = self.request.match_info();
        let mut named = params.iter().enumerate().filter(|(_, (known, _))| *known == name);
        let (at, _) = named.next()?;
        if named.next().is_some() {
            return None;
        }
        let values = self.values.get_or_init(|| params.load().unwrap_or_default());
        values.get(at).map(String::as_str)
    }

    fn route(&self) -> Option<&str> {
        self.pattern.get_or_init(|| self.request.match_pattern()).as_deref()
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn parameters_are_decoded_as_the_handler_reads_them() {
        let request = TestRequest::default()
            .param("id", "a%2Fb%25")
            .param("tail", "x/y")
            .param("twice", "1")
            .param("twice", "2")
            .to_http_request();
        let matched = RouteMatch::of(&request);
        let info = matched.info();
        assert_eq!(info.param("id"), Some("a/b%"));
        assert_eq!(info.param("tail"), Some("x/y"));
        assert_eq!(info.param("twice"), None);
        assert_eq!(info.param("other"), None);
        let params = request.match_info();
        let path: (String, String, String, String) = params.load().unwrap();
        assert_eq!((path.0.as_str(), path.1.as_str()), ("a/b%", "x/y"));
    }
}
