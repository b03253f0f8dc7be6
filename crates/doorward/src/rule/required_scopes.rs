use super::{RequestInfo, RuleError, all_scopes};
use crate::{policy::AccessToken, terms::scope::Scope};

/// Scopes that are named by a type, for the extractor `Scoped` of the adapters: all of them are
/// required. An empty list matches no token.
///
/// ```
/// use doorward::{rules::RequiredScopes, Scope};
///
/// struct ReadOrders;
///
/// impl RequiredScopes for ReadOrders {
///     const SCOPES: &'static [Scope] = &[Scope::literal("orders.read")];
/// }
/// ```
pub trait RequiredScopes {
    /// The scopes.
    const SCOPES: &'static [Scope];
}

impl AccessToken {
    /// Checks that the token grants all scopes of the type.
    ///
    /// # Errors
    ///
    /// [`RuleError`] when it does not.
    pub fn require<R: RequiredScopes>(&self) -> Result<(), RuleError> {
        let scopes = R::SCOPES;
        if !scopes.is_empty() && scopes.iter().all(|scope| self.grants(scope.as_str())) {
            return Ok(());
        }
        all_scopes(scopes.iter().cloned()).authorize(self, &RequestInfo::new())
    }
}
