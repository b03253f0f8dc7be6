use std::{error::Error, fmt};

/// Displays an error and its sources in one line, each separated by a colon: for logs and other
/// places that show text alone.
pub(crate) struct ErrorChain<'e>(pub(crate) &'e (dyn Error + 'static));

impl fmt::Display for ErrorChain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
