use std::{fmt, time::Duration};

use super::{Access, Denial, RequestInfo};
use crate::{
    audit::{Decision, Outcome},
    error::Error,
    server::RequestSettings,
};

/// A rejected request: the answer for the client, and the reason for the operator.
///
/// The decision has been reported when this is returned. An adapter turns [`denial`](Self::denial)
/// into a response and puts [`error`](Self::error) where the framework keeps such things (the
/// response's extensions).
#[derive(Clone, PartialEq, Eq)]
pub struct Rejection(Box<(Denial, Error)>);

impl Rejection {
    /// Decides the answer, and reports the decision.
    pub(super) fn new(
        error: Error,
        access: Option<&Access>,
        request: &RequestInfo<'_>,
        settings: &RequestSettings,
        duration: Option<Duration>,
    ) -> Self {
        let denial = Denial::new(&error, access, &settings.challenge);
        settings.on_decision.report(&Decision {
            outcome: Outcome::Rejected { error: &error, denial: &denial },
            access,
            request,
            server: settings.name.as_deref(),
            logs_subject: settings.logs_subjects,
            duration,
        });
        Self(Box::new((denial, error)))
    }

    /// Returns the answer that the client gets.
    #[must_use]
    pub const fn denial(&self) -> &Denial {
        &self.0.0
    }

    /// Returns the reason, for logs; the client must not see it.
    #[must_use]
    pub const fn error(&self) -> &Error {
        &self.0.1
    }

    /// Returns the reason by value.
    #[must_use]
    pub fn into_error(self) -> Error {
        self.0.1
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rejection").field(self.error()).finish()
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error().fmt(f)
    }
}

impl std::error::Error for Rejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error().source()
    }
}
