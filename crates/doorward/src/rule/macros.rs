/// Makes a [`Rule`](crate::Rule) that asks for a scope. A literal that is no scope token of
/// [RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3) does not compile.
///
/// ```
/// let read = doorward::scope!("orders.read");
/// assert_eq!(read.to_string(), "scope orders.read");
/// ```
///
/// ```compile_fail
/// doorward::scope!("orders.read orders.write"); // two scopes: combine two rules with `&`
/// ```
#[macro_export]
macro_rules! scope {
    ($scope:literal) => {{
        const SCOPE: $crate::Scope = $crate::Scope::literal($scope);
        $crate::Rule::scope(SCOPE)
    }};
}

/// Makes a [`Rule`](crate::Rule) that asks for every one of the scopes; literals as with
/// [`scope!`](crate::scope).
///
/// ```
/// let both = doorward::all_scopes!("orders.read", "orders.write");
/// assert_eq!(both.to_string(), "scope orders.read & scope orders.write");
/// ```
#[macro_export]
macro_rules! all_scopes {
    ($($scope:literal),+ $(,)?) => {{
        const SCOPES: &[$crate::Scope] = &[$($crate::Scope::literal($scope)),+];
        $crate::Rule::all_scopes(SCOPES.iter().cloned())
    }};
}

/// Makes a [`Rule`](crate::Rule) that asks for one of the scopes; literals as with
/// [`scope!`](crate::scope).
///
/// ```
/// let one = doorward::any_scope!("orders.read", "orders.all");
/// assert_eq!(one.to_string(), "scope orders.read | scope orders.all");
/// ```
#[macro_export]
macro_rules! any_scope {
    ($($scope:literal),+ $(,)?) => {{
        const SCOPES: &[$crate::Scope] = &[$($crate::Scope::literal($scope)),+];
        $crate::Rule::any_scope(SCOPES.iter().cloned())
    }};
}
