use std::io;

use axum::http::HeaderValue;

use super::DevIssuer;
use crate::{ETags, Fault, Outage, Target};

/// What is wrong with the answers, and what they say about keeping them.
impl DevIssuer {
    /// Serves a document wrongly until it is mended; the last fault that was set counts.
    ///
    /// ```
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// # let issuer = doorward_issuer::DevIssuer::start().await?;
    /// use doorward_issuer::{Fault, Target};
    ///
    /// issuer.fail(Target::KeySet, Fault::Status(503));
    /// // What does the API under test do meanwhile?
    /// issuer.mend(Target::KeySet);
    /// # Ok(()) }
    /// ```
    pub fn fail(&self, target: Target, fault: Fault) {
        self.state.faults.set(target, Some(fault));
    }

    /// Serves a document as it should be again. Answers that were begun before end as they were
    /// begun.
    pub fn mend(&self, target: Target) {
        self.state.faults.set(target, None);
    }

    /// Takes the whole server down until [`DevIssuer::recover`]; every open connection is closed.
    ///
    /// The server is down when this returns. Minting and rotating go on.
    ///
    /// # Errors
    ///
    /// An [`io::Error`] when the server could not be taken down in this way; nothing is served then
    /// either.
    pub fn go_down(&self, outage: Outage) -> io::Result<()> {
        self.server.set(Some(outage))
    }

    /// Ends the outage and mends both documents; a server that was down listens when this returns,
    /// on the same port as before.
    ///
    /// What was withdrawn or published stays so.
    ///
    /// # Errors
    ///
    /// An [`io::Error`] when the port cannot be listened on again.
    pub fn recover(&self) -> io::Result<()> {
        self.mend(Target::Both);
        self.server.set(None)
    }

    /// Sets the `Cache-Control` of the key set, `public, max-age=300` otherwise; with `None`, or a
    /// text that no header can carry, there is none.
    pub fn cache_control(&self, value: Option<&str>) {
        let value = value.and_then(|value| HeaderValue::try_from(value).ok());
        self.state.change_caching(|caching| caching.cache_control = value);
    }

    /// Sets whether the key set has an entity tag, a strong one otherwise.
    pub fn etags(&self, etags: ETags) {
        self.state.change_caching(|caching| caching.etags = etags);
    }
}
