use std::{fmt, future::Future, pin::Pin, time::Duration};

use super::AllowedAddresses;
use crate::key_set::FetchError;

/// Fetches documents from issuers, instead of the built-in HTTP client.
///
/// The URL is checked before [`fetch`](Self::fetch) is called, and the size of the document after. An
/// implementation must verify the server's certificate, connect to
/// [allowed addresses](FetchRequest::allowed_addresses) alone, follow no redirects, send no cookies, and
/// give up after a few seconds.
///
/// ```
/// use std::{future::Future, pin::Pin};
///
/// use doorward::{errors::FetchError, remote::{Document, Fetch, FetchRequest}};
///
/// /// Serves documents that came with the program.
/// #[derive(Debug)]
/// struct Bundled;
///
/// impl Fetch for Bundled {
///     fn fetch<'f>(
///         &'f self,
///         request: FetchRequest<'f>,
///     ) -> Pin<Box<dyn Future<Output = Result<Document, FetchError>> + Send + 'f>> {
///         Box::pin(async move {
///             match request.url() {
///                 "https://login.example.com/jwks" => Ok(Document::new(r#"{"keys":[]}"#)),
///                 _ => Err(FetchError::Status(404)),
///             }
///         })
///     }
/// }
/// ```
pub trait Fetch: fmt::Debug + Send + Sync + 'static {
    /// Fetches the document.
    fn fetch<'f>(
        &'f self,
        request: FetchRequest<'f>,
    ) -> Pin<Box<dyn Future<Output = Result<Document, FetchError>> + Send + 'f>>;
}

/// Which document to fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchRequest<'f> {
    pub(crate) url: &'f str,
    pub(crate) etag: Option<&'f str>,
    pub(crate) addresses: AllowedAddresses,
}

impl<'f> FetchRequest<'f> {
    /// Returns the URL.
    #[must_use]
    pub const fn url(&self) -> &'f str {
        self.url
    }

    /// Returns the `ETag` of the cached document. If the document has not changed,
    /// [`Document::not_modified`] may be returned
    /// ([RFC 9110 §13.1.2](https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2)). An
    /// implementation may ignore it.
    #[must_use]
    pub const fn etag(&self) -> Option<&'f str> {
        self.etag
    }

    /// Returns the addresses that the URL's host may resolve to. Hosts that are written as addresses
    /// have been checked. An implementation must check what a name resolves to, and connect to an
    /// allowed address alone; if there is none, it returns [`FetchError::Address`].
    #[must_use]
    pub const fn allowed_addresses(&self) -> AllowedAddresses {
        self.addresses
    }
}

/// A document of an issuer: its metadata or its key set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// `None` when the cached document has not changed.
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) max_age: Option<Duration>,
    pub(crate) etag: Option<String>,
}

impl Document {
    /// Creates a document from its body, decompressed.
    #[must_use]
    pub fn new(body: impl Into<Vec<u8>>) -> Self {
        Self { body: Some(body.into()), max_age: None, etag: None }
    }

    /// Creates the answer that the document of the request's [`etag`](FetchRequest::etag) has not
    /// changed (status 304, [RFC 9110 §15.4.5](https://www.rfc-editor.org/rfc/rfc9110#section-15.4.5)).
    #[must_use]
    pub const fn not_modified() -> Self {
        Self { body: None, max_age: None, etag: None }
    }

    /// Sets how long the document is fresh, from `Cache-Control: max-age` less `Age`
    /// ([RFC 9111 §5.2.2.1](https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.1)).
    #[must_use]
    pub const fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self
    }

    /// Sets the document's `ETag`, to be sent with the next request for it.
    #[must_use]
    pub fn etag(mut self, etag: impl Into<String>) -> Self {
        self.etag = Some(etag.into());
        self
    }
}
