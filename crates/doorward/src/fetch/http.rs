use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, OnceLock},
    time::Duration,
};

use reqwest::{Client, ClientBuilder, Response, StatusCode, header, redirect};
use url::Url;

use super::{
    Document, Fetch, FetchRequest, cache_control, fetch_url, fetcher::NamedBy,
    resolver::PublicResolver,
};
use crate::{
    key_set::{FetchError, RemoteError},
    limits,
};

/// How a client begins to be built.
pub(super) type ClientFactory = Arc<dyn Fn() -> ClientBuilder + Send + Sync>;

/// Fetches over HTTP. There is a client for each kind of destination, made when it is first needed.
pub(crate) struct HttpFetch {
    begin: ClientFactory,
    timeout: Duration,
    public: OnceLock<Client>,
    /// For other hosts that an issuer's metadata names: resolves names neither to link-local addresses
    /// nor to this machine.
    discovered: OnceLock<Client>,
    /// For loopback addresses: uses no proxy.
    loopback: OnceLock<Client>,
    /// For `http` to loopback addresses: needs no CA certificates either.
    plain: OnceLock<Client>,
}

impl HttpFetch {
    pub(crate) fn new(begin: ClientFactory, timeout: Duration) -> Self {
        let (public, discovered) = (OnceLock::new(), OnceLock::new());
        let (loopback, plain) = (OnceLock::new(), OnceLock::new());
        Self { begin, timeout, public, discovered, loopback, plain }
    }

    /// Makes the client for the URL, so that what is wrong with it is told when the server is built.
    pub(crate) fn prepare(&self, url: &Url) -> Result<(), RemoteError> {
        let client = self.client(url, NamedBy::Operator);
        client.map(drop).map_err(|reason| RemoteError::Client { reason })
    }

    fn client(&self, url: &Url, named_by: NamedBy) -> Result<&Client, String> {
        let (slot, rules): (_, fn(ClientBuilder) -> ClientBuilder) =
            match (fetch_url::is_loopback(url), url.scheme(), named_by) {
                (true, "http", _) => (&self.plain, |begun| begun.no_proxy().tls_certs_only([])),
                (true, ..) => (&self.loopback, ClientBuilder::no_proxy),
                (false, _, NamedBy::Operator) => (&self.public, |begun| begun),
                (false, _, NamedBy::Issuer) => {
                    (&self.discovered, |begun| begun.dns_resolver(PublicResolver))
                }
            };
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        let client = rules(self.with_our_rules()).build().map_err(|error| client_fault(&error))?;
        Ok(slot.get_or_init(|| client))
    }

    fn with_our_rules(&self) -> ClientBuilder {
        (self.begin)()
            .redirect(redirect::Policy::none())
            .referer(false)
            // A connection that is kept is driven by the runtime that opened it; on one that stands
            // still, it would hang for others.
            .pool_max_idle_per_host(0)
            .connect_timeout(limits::CONNECT_TIMEOUT.min(self.timeout))
            .timeout(self.timeout)
    }

    async fn get(&self, request: FetchRequest<'_>) -> Result<Document, FetchError> {
        let url =
            Url::parse(request.url).map_err(|fault| FetchError::Connect(fault.to_string()))?;
        let client = self.client(&url, request.named_by).map_err(FetchError::Connect)?;
        let mut get = client.get(url).header(header::ACCEPT, "application/json");
        if let Some(etag) = request.etag {
            get = get.header(header::IF_NONE_MATCH, etag);
        }
        let response = get.send().await.map_err(|error| fetch_error(&error))?;
        let max_age = cache_control::freshness(response.headers());
        match response.status() {
            StatusCode::OK => {
                let etag = etag(&response);
                Ok(Document { body: Some(read_body(response).await?), max_age, etag })
            }
            StatusCode::NOT_MODIFIED if request.etag.is_some() => {
                Ok(Document { max_age, ..Document::not_modified() })
            }
            status => Err(FetchError::Status(status.as_u16())),
        }
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
        request: FetchRequest<'f>,
    ) -> Pin<Box<dyn Future<Output = Result<Document, FetchError>> + Send + 'f>> {
        Box::pin(self.get(request))
    }
}

/// Returns the document's `ETag`, if it can be sent back.
fn etag(response: &Response) -> Option<String> {
    let etag = response.headers().get(header::ETAG)?.to_str().ok()?;
    (etag.len() <= limits::ETAG_LEN).then(|| etag.to_owned())
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

    #[test]
    fn another_host_that_metadata_names_is_asked_by_a_client_of_its_own() {
        let http = HttpFetch::new(Arc::new(Client::builder), Duration::from_secs(2));
        let url = Url::parse("https://keys.example/").unwrap();
        for (named_by, slot) in
            [(NamedBy::Operator, &http.public), (NamedBy::Issuer, &http.discovered)]
        {
            assert!(slot.get().is_none());
            let client = http.client(&url, named_by).unwrap();
            assert!(std::ptr::eq(client, slot.get().unwrap()), "{named_by:?}");
        }
    }
}
