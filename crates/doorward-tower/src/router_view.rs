use std::{cell::OnceCell, net::SocketAddr};

use doorward::rules::{PathParams, RequestInfo};
use http::{Extensions, Method, Uri};

/// How the extensions of a request are read for what its router and its server have put there.
///
/// The default knows no router, and takes the peer's address from an extension of type [`SocketAddr`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct RouterView {
    pub(crate) route: fn(&Extensions) -> Option<&str>,
    pub(crate) path_params: fn(&Extensions) -> Vec<(String, String)>,
    pub(crate) original_uri: fn(&Extensions) -> Option<&Uri>,
    pub(crate) peer: fn(&Extensions) -> Option<SocketAddr>,
}

impl Default for RouterView {
    fn default() -> Self {
        Self {
            route: |_| None,
            path_params: |_| Vec::new(),
            original_uri: |_| None,
            peer: |extensions| extensions.get().copied(),
        }
    }
}

impl RouterView {
    /// Calls `decide` with what the request asks for. The path parameters are read when a rule asks
    /// for one.
    pub(crate) fn with_info<T>(
        &self,
        method: &Method,
        extensions: &Extensions,
        decide: impl FnOnce(&RequestInfo<'_>) -> T,
    ) -> T {
        let read = self.path_params;
        let params = LazyParams { extensions, read, params: OnceCell::new() };
        let info = RequestInfo::new()
            .with_method(method.as_str())
            .with_route((self.route)(extensions))
            .with_params(&params);
        decide(&info)
    }
}

struct LazyParams<'e> {
    extensions: &'e Extensions,
    read: fn(&Extensions) -> Vec<(String, String)>,
    params: OnceCell<Vec<(String, String)>>,
}

impl PathParams for LazyParams<'_> {
    fn param(&self, name: &str) -> Option<&str> {
        self.params.get_or_init(|| (self.read)(self.extensions)).param(name)
    }
}
