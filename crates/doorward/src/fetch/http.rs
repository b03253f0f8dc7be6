//! The built-in HTTP client.

use std::{
    collections::HashMap,
    fmt,
    future::Future,
    pin::Pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use reqwest::{Client, Response, StatusCode, header, redirect};
use url::Url;

use super::{
    AllowedAddresses, Document, Fetch, FetchRequest, cache_control,
    http_client_settings::HttpClientConfig,
    reqwest_error::{client_error, fetch_error},
    resolver::FilteringResolver,
    url_rules::is_loopback,
};
use crate::{key_set::FetchError, limits};

/// Fetches over HTTP. There is a client for each kind of URL, created when it is first needed.
pub(super) struct HttpFetch {
    config: HttpClientConfig,
    timeout: Duration,
    clients: Mutex<HashMap<ClientKind, Client>>,
}

/// What a client may do. It depends on the URL and on who named it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct ClientKind {
    /// Loads certificates. A client for `http` needs none, so it works in a bare container.
    tls: bool,
    /// Uses no proxy, because the URL's host is a loopback address.
    direct: bool,
    /// Resolves names to these addresses.
    addresses: AllowedAddresses,
}

impl ClientKind {
    fn of(url: &Url, addresses: AllowedAddresses) -> Self {
        let is_loopback = is_loopback(url);
        // Metadata may name `localhost` only if it came from this machine itself.
        let addresses = match addresses {
            AllowedAddresses::NotLocal if is_loopback => AllowedAddresses::Any,
            addresses => addresses,
        };
        Self { tls: url.scheme() == "https", direct: is_loopback, addresses }
    }
}

impl HttpFetch {
    pub(super) fn new(config: HttpClientConfig, timeout: Duration) -> Self {
        Self { config, timeout, clients: Mutex::default() }
    }

    /// Creates the client for a URL of the configuration, so that a failure is returned when the server
    /// is built.
    pub(super) fn prepare(&self, url: &Url, addresses: AllowedAddresses) -> Result<(), String> {
        self.client(ClientKind::of(url, addresses)).map(drop)
    }

    fn client(&self, kind: ClientKind) -> Result<Client, String> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&kind) {
            return Ok(client.clone());
        }
        let client = self.build(kind).map_err(|error| client_error(&error))?;
        clients.insert(kind, client.clone());
        Ok(client)
    }

    fn build(&self, kind: ClientKind) -> Result<Client, reqwest::Error> {
        let builder = Client::builder()
            .redirect(redirect::Policy::none())
            .referer(false)
            // A kept connection is driven by the runtime that opened it. If that runtime stops, the
            // connection hangs for others.
            .pool_max_idle_per_host(0)
            .connect_timeout(self.config.connect_timeout.min(self.timeout))
            .timeout(self.timeout);
        let builder =
            if kind.direct { builder.no_proxy() } else { self.config.proxy.apply(builder)? };
        let builder = if kind.tls {
            self.config.with_certificates(builder)
        } else {
            builder.tls_certs_only([])
        };
        match kind.addresses {
            AllowedAddresses::Any => builder,
            addresses => builder.dns_resolver(FilteringResolver(addresses)),
        }
        .build()
    }

    async fn get(&self, request: FetchRequest<'_>) -> Result<Document, FetchError> {
        let url =
            Url::parse(request.url).map_err(|error| FetchError::Connect(error.to_string()))?;
        let kind = ClientKind::of(&url, request.addresses);
        let client = self.client(kind).map_err(FetchError::Connect)?;
        let mut get = client.get(url.clone()).header(header::ACCEPT, "application/json");
        if let Some(etag) = request.etag {
            get = get.header(header::IF_NONE_MATCH, etag);
        }
        let response = get.send().await.map_err(|error| self.send_error(&error, &url, kind))?;
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

    /// Returns what kept the answer away, and names the proxy that the request took.
    fn send_error(&self, error: &reqwest::Error, url: &Url, kind: ClientKind) -> FetchError {
        let proxy = if kind.direct { None } else { self.config.proxy.describe(url) };
        match fetch_error(error) {
            FetchError::Connect(cause) => FetchError::Connect(through(cause, proxy)),
            FetchError::Timeout if error.is_connect() && proxy.is_some() => {
                FetchError::Connect(through("connecting took too long".to_owned(), proxy))
            }
            error => error,
        }
    }
}

fn through(cause: String, proxy: Option<String>) -> String {
    match proxy {
        Some(proxy) => format!("{cause} (through the proxy {proxy})"),
        None => cause,
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

/// Reads the body chunk by chunk, and no further than the limit.
async fn read_body(mut response: Response) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| fetch_error(&error))? {
        if body.len().saturating_add(chunk.len()) > limits::DOCUMENT_LEN {
            return Err(FetchError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::{super::HttpClientSettings, *};

    fn http() -> HttpFetch {
        let config = HttpClientSettings::new().no_proxy().parse().unwrap();
        HttpFetch::new(config, Duration::from_secs(5))
    }

    fn kind(url: &str, addresses: AllowedAddresses) -> ClientKind {
        ClientKind::of(&Url::parse(url).unwrap(), addresses)
    }

    /// Serves one answer of 200 with a body of this many bytes, and returns the URL.
    async fn serve_bytes(bytes: usize) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
        tokio::spawn(async move {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            let _ = connection.read(&mut request).await;
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {bytes}\r\n\r\n");
            connection.write_all(head.as_bytes()).await.unwrap();
            // The client hangs up when it has read enough.
            let _ = connection.write_all(&vec![b' '; bytes]).await;
        });
        url
    }

    #[test]
    fn the_kind_of_client_depends_on_the_url_and_on_who_named_it() {
        use AllowedAddresses::{Any, NotLocal, PublicOnly};
        let client = |tls, direct, addresses| ClientKind { tls, direct, addresses };
        for (url, addresses, expected) in [
            ("https://a.example/", Any, client(true, false, Any)),
            ("https://a.example/", NotLocal, client(true, false, NotLocal)),
            ("https://a.example/", PublicOnly, client(true, false, PublicOnly)),
            ("http://keycloak/", Any, client(false, false, Any)),
            ("http://keycloak/", NotLocal, client(false, false, NotLocal)),
            ("https://localhost/", NotLocal, client(true, true, Any)),
            ("http://127.0.0.1/", Any, client(false, true, Any)),
            ("https://localhost/", PublicOnly, client(true, true, PublicOnly)),
        ] {
            assert_eq!(kind(url, addresses), expected, "{url} {addresses:?}");
        }
    }

    #[tokio::test]
    async fn a_host_name_that_resolves_to_this_machine_is_not_connected_to() {
        for addresses in [AllowedAddresses::NotLocal, AllowedAddresses::PublicOnly] {
            let url = serve_bytes(2).await;
            let kind = ClientKind { tls: false, direct: true, addresses };
            let error = http().client(kind).unwrap().get(&url).send().await.unwrap_err();
            assert_eq!(fetch_error(&error), FetchError::Address, "{addresses:?}");
        }
        for (addresses, error) in [
            (AllowedAddresses::PublicOnly, Some(FetchError::Address)),
            (AllowedAddresses::Any, None),
        ] {
            let url = serve_bytes(2).await;
            let request = FetchRequest { url: &url, etag: None, addresses };
            assert_eq!(http().get(request).await.err(), error, "{addresses:?}");
        }
    }

    #[tokio::test]
    async fn no_more_of_a_body_is_read_than_the_limit() {
        for (bytes, fits) in [(limits::DOCUMENT_LEN, true), (limits::DOCUMENT_LEN + 1, false)] {
            let url = serve_bytes(bytes).await;
            let request = FetchRequest { url: &url, etag: None, addresses: AllowedAddresses::Any };
            match http().get(request).await {
                Ok(document) => assert!(fits && document.body.unwrap().len() == bytes),
                Err(error) => assert!(!fits && error == FetchError::TooLong, "{error}"),
            }
        }
    }
}
