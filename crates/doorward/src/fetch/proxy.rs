//! The proxy through which documents are fetched.

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::ClientBuilder;
use url::Url;

/// Which proxy is used.
#[derive(Clone, Debug, Default)]
pub(super) enum Proxy {
    /// The one of the environment variables, if one applies to the URL.
    #[default]
    Environment,
    None,
    Url(Url),
}

impl Proxy {
    /// Parses the URL of a proxy, or returns what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text)
            .map_err(|_| "it is not an absolute URL such as `http://proxy.example.com:3128`")?;
        match url.scheme() {
            "http" | "https" => Ok(Self::Url(url)),
            _ => Err("its scheme is neither http nor https"),
        }
    }

    pub(super) fn apply(&self, builder: ClientBuilder) -> Result<ClientBuilder, reqwest::Error> {
        Ok(match self {
            Self::Environment => builder,
            Self::None => builder.no_proxy(),
            Self::Url(url) => builder.proxy(reqwest::Proxy::all(url.as_str())?),
        })
    }

    /// Names the proxy through which the URL is fetched, and the setting that it comes from.
    pub(super) fn describe(&self, url: &Url) -> Option<String> {
        match self {
            Self::None => None,
            Self::Url(proxy) => Some(format!("{} of `.proxy(…)`", origin(proxy)?)),
            Self::Environment => {
                let uri = url.as_str().parse().ok()?;
                let proxy = Matcher::from_env().intercept(&uri)?.uri().clone();
                let is_of = |variable: &&&str| {
                    let value = std::env::var(variable).unwrap_or_default();
                    let matcher = Matcher::builder().all(value).build();
                    matcher.intercept(&uri).is_some_and(|intercept| *intercept.uri() == proxy)
                };
                let variables = match url.scheme() {
                    "https" => ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"],
                    _ => ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"],
                };
                let variable = variables.iter().find(is_of)?;
                let proxy = origin(&Url::parse(&proxy.to_string()).ok()?)?;
                Some(format!("{proxy} of the environment variable {variable}"))
            }
        }
    }
}

/// Returns the URL's scheme, host and port alone: it may contain a password.
pub(super) fn origin(url: &Url) -> Option<String> {
    let (scheme, host) = (url.scheme(), url.host_str()?);
    let port = url.port_or_known_default()?;
    Some(format!("{scheme}://{host}:{port}"))
}
