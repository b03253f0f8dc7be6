use std::{fmt, future::Future, pin::Pin, time::Duration};

use crate::key_set::FetchError;

/// Fetches documents from issuers, in the place of the built-in HTTP client.
///
/// Which URLs may be asked is decided before this is called, and the size of the answer is checked
/// after. An implementation must verify the server's certificate, follow no redirects, send no
/// cookies, and give up after a few seconds.
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
    /// Gets the document.
    fn fetch<'f>(
        &'f self,
        request: FetchRequest<'f>,
    ) -> Pin<Box<dyn Future<Output = Result<Document, FetchError>> + Send + 'f>>;
}

/// Which document to get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchRequest<'f> {
    pub(crate) url: &'f str,
    pub(crate) etag: Option<&'f str>,
    pub(crate) named_by: NamedBy,
}

/// Who has named a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NamedBy {
    Operator,
    /// The issuer's metadata.
    Issuer,
}

impl<'f> FetchRequest<'f> {
    /// Returns the URL.
    #[must_use]
    pub const fn url(&self) -> &'f str {
        self.url
    }

    /// Returns the `ETag` of the document that is at hand. If it is still the same,
    /// [`Document::not_modified`] may be answered
    /// ([RFC 9110 §13.1.2](https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2)); to ignore it
    /// is always right.
    #[must_use]
    pub const fn etag(&self) -> Option<&'f str> {
        self.etag
    }

    /// Returns whether it is the issuer's metadata that names the URL, and not the operator. Such a
    /// URL must not lead to link-local addresses, at which clouds keep credentials; the built-in
    /// client looks at what a host's name resolves to.
    #[must_use]
    pub fn is_named_by_issuer(&self) -> bool {
        self.named_by == NamedBy::Issuer
    }
}

/// A document of an issuer: its metadata or its key set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// `None` when it is the one at hand.
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) max_age: Option<Duration>,
    pub(crate) etag: Option<String>,
}

impl Document {
    /// Takes the body, decompressed.
    #[must_use]
    pub fn new(body: impl Into<Vec<u8>>) -> Self {
        Self { body: Some(body.into()), max_age: None, etag: None }
    }

    /// Says that the document is the one of the request's [`etag`](FetchRequest::etag) (status 304,
    /// [RFC 9110 §15.4.5](https://www.rfc-editor.org/rfc/rfc9110#section-15.4.5)).
    #[must_use]
    pub const fn not_modified() -> Self {
        Self { body: None, max_age: None, etag: None }
    }

    /// Sets how long the document is fresh, as `Cache-Control: max-age` and `Age` say
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
