use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, OnceLock},
    time::Duration,
};

use reqwest::{Client, ClientBuilder, Response, header, redirect};
use url::Url;

use super::{Document, Fetch, FetchError, RemoteError, location};
use crate::limits;

/// How a client begins to be built.
pub(super) type Begin = Arc<dyn Fn() -> ClientBuilder + Send + Sync>;

/// Fetches over HTTP. There is a client for each kind of destination, made when it is first needed.
pub(crate) struct HttpFetch {
    begin: Begin,
    outward: OnceLock<Client>,
    /// For loopback addresses: uses no proxy.
    loopback: OnceLock<Client>,
    /// For `http` to loopback addresses: needs no CA certificates either.
    plain: OnceLock<Client>,
}

impl HttpFetch {
    pub(crate) fn new(begin: Begin) -> Self {
        let (outward, loopback, plain) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self { begin, outward, loopback, plain }
    }

    /// Makes the client for the URL, so that what is wrong with it is told when the server is built.
    pub(crate) fn prepare(&self, url: &Url) -> Result<(), RemoteError> {
        self.client(url).map(drop).map_err(|reason| RemoteError::Client { reason })
    }

    fn client(&self, url: &Url) -> Result<&Client, String> {
        let (slot, rules): (_, fn(ClientBuilder) -> ClientBuilder) =
            match (location::is_loopback(url), url.scheme()) {
                (true, "http") => (&self.plain, |begun| begun.no_proxy().tls_certs_only([])),
                (true, _) => (&self.loopback, ClientBuilder::no_proxy),
                (false, _) => (&self.outward, |begun| begun),
            };
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        let client =
            rules(with_our_rules((self.begin)())).build().map_err(|error| client_fault(&error))?;
        Ok(slot.get_or_init(|| client))
    }

    async fn get(&self, url: &str) -> Result<Document, FetchError> {
        let url = Url::parse(url).map_err(|error| FetchError::Connect(error.to_string()))?;
        let client = self.client(&url).map_err(FetchError::Connect)?;
        let request = client.get(url).header(header::ACCEPT, "application/json");
        let response = request.send().await.map_err(|error| fetch_error(&error))?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        let max_age = max_age(&response);
        Ok(Document { body: read_body(response).await?, max_age })
    }
}

impl fmt::Debug for HttpFetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpFetch").finish_non_exhaustive()
    }
}

impl Fetch for HttpFetch {
    fn fetch<'f>(
        &'f self,
        url: &'f str,
    ) -> Pin<Box<dyn Future<Output = Result<Document, FetchError>> + Send + 'f>> {
        Box::pin(self.get(url))
    }
}

fn with_our_rules(builder: ClientBuilder) -> ClientBuilder {
    builder
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(limits::CONNECT_TIMEOUT)
        .timeout(limits::FETCH_TIMEOUT)
}

/// Reads the body piece by piece, and no further than the limit.
async fn read_body(mut response: Response) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| fetch_error(&error))? {
        if body.len().saturating_add(piece.len()) > limits::DOCUMENT_LEN {
            return Err(FetchError::TooLong);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// Reads `Cache-Control: max-age`; a document that must not be stored is stale at once.
fn max_age(response: &Response) -> Option<Duration> {
    let values = response.headers().get_all(header::CACHE_CONTROL);
    let directives = values.iter().filter_map(|value| value.to_str().ok());
    cache_lifetime(directives.flat_map(|value| value.split(',')))
}

fn cache_lifetime<'d>(directives: impl Iterator<Item = &'d str>) -> Option<Duration> {
    let mut lifetime = None;
    for directive in directives {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "no-store" | "no-cache" => return Some(Duration::ZERO),
            "max-age" => {
                let seconds = value.trim().trim_matches('"').parse().ok();
                lifetime = lifetime.or(seconds.map(Duration::from_secs));
            }
            _ => {}
        }
    }
    lifetime
}

fn fetch_error(error: &reqwest::Error) -> FetchError {
    if error.is_timeout() {
        FetchError::Timeout
    } else if error.is_connect() {
        FetchError::Connect(root_cause(error))
    } else {
        FetchError::Body(root_cause(error))
    }
}

/// Says how to mend what is known to go wrong in containers.
fn client_fault(error: &reqwest::Error) -> String {
    let cause = root_cause(error);
    if cause.contains("No CA certificates") {
        format!(
            "{cause}. Install the package `ca-certificates` in the container, point SSL_CERT_FILE to a bundle, or set roots by `.http_client(…)`"
        )
    } else {
        cause
    }
}

/// The innermost cause; the outer ones repeat the URL.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lifetime(field: &str) -> Option<u64> {
        cache_lifetime(field.split(',')).map(|lifetime| lifetime.as_secs())
    }

    #[test]
    fn lifetime_is_that_of_cache_control() {
        assert_eq!(lifetime("public, max-age=300"), Some(300));
        assert_eq!(lifetime("Max-Age=\"86400\", private"), Some(86400));
        assert_eq!(lifetime("max-age=10, max-age=20"), Some(10));
        assert_eq!(lifetime("max-age=300, no-store"), Some(0));
        assert_eq!(lifetime("no-cache"), Some(0));
        for field in ["", "public", "max-age", "max-age=x", "max-age=-1", "s-maxage=5"] {
            assert_eq!(lifetime(field), None, "{field}");
        }
    }
}
