use super::untrusted_text::UntrustedText;

/// The text names no value of the type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{given}\" is not {expected}: expected one of {}", .accepted.join(", "))]
pub struct UnknownName {
    given: UntrustedText,
    expected: &'static str,
    accepted: Vec<&'static str>,
}

impl UnknownName {
    pub(crate) fn new(
        given: &str,
        expected: &'static str,
        accepted: impl IntoIterator<Item = &'static str>,
    ) -> Self {
        Self {
            given: UntrustedText::new(given),
            expected,
            accepted: accepted.into_iter().collect(),
        }
    }

    /// Returns the names that are accepted.
    #[must_use]
    pub fn accepted(&self) -> &[&'static str] {
        &self.accepted
    }
}
