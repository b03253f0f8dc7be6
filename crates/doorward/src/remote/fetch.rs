use std::{fmt, future::Future, pin::Pin, time::Duration};

/// Fetches documents from issuers, in the place of the built-in HTTP client.
///
/// Which URLs may be asked is decided before this is called, and the size of the answer is checked
/// after. An implementation must verify the server's certificate, follow no redirects, send no
/// cookies, and give up after a few seconds.
///
/// ```
/// use std::{future::Future, pin::Pin};
///
/// use doorward::{Document, Fetch, FetchError};
///
/// /// Serves documents that came with the program.
/// #[derive(Debug)]
/// struct Bundled;
///
/// impl Fetch for Bundled {
///     fn fetch<'f>(
///         &'f self,
///         url: &'f str,
///     ) -> Pin<Box<dyn Future<Output = Result<Document, FetchError>> + Send + 'f>> {
///         Box::pin(async move {
///             match url {
///                 "https://login.example.com/jwks" => Ok(Document::new(r#"{"keys":[]}"#)),
///                 _ => Err(FetchError::Status(404)),
///             }
///         })
///     }
/// }
/// ```
pub trait Fetch: fmt::Debug + Send + Sync + 'static {
    /// Gets the document at the URL.
    fn fetch<'f>(
        &'f self,
        url: &'f str,
    ) -> Pin<Box<dyn Future<Output = Result<Document, FetchError>> + Send + 'f>>;
}

/// A document of an issuer: its metadata or its key set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub(crate) body: Vec<u8>,
    pub(crate) max_age: Option<Duration>,
}

impl Document {
    /// Takes the body, decompressed.
    #[must_use]
    pub fn new(body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), max_age: None }
    }

    /// Sets how long the document is fresh, as `Cache-Control: max-age` says
    /// ([RFC 9111 §5.2.2.1](https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.1)).
    #[must_use]
    pub const fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self
    }
}

/// Why a document could not be fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The server could not be reached.
    #[error("no connection: {0}")]
    Connect(String),
    /// The answer did not come, or not whole, in time.
    #[error("no whole answer in time")]
    Timeout,
    /// The answer was not 200.
    #[error("answered {}", status(.0))]
    Status(u16),
    /// The document is longer than the limit.
    #[error("the document is longer than 512 KiB")]
    TooLong,
    /// The answer broke off, or is no HTTP.
    #[error("the answer could not be read: {0}")]
    Body(String),
}

fn status(status: &u16) -> String {
    let note = if (300..400).contains(status) { " (redirects are not followed)" } else { "" };
    format!("{status}{note}")
}
