/// Creates a [`Rule`](crate::Rule) that requires a scope. A literal that is not a scope token of
/// [RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3) does not compile. For a scope
/// that is known at run time, use [`Scope::parse`](crate::Scope::parse) and
/// [`rules::scope`](crate::rules::scope).
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
        $crate::rules::scope(SCOPE)
    }};
    ($($other:tt)*) => {
        ::core::compile_error!(
            "`scope!` takes one string literal; for a scope that is known at run time write `rules::scope(Scope::parse(text)?)`"
        )
    };
}

/// Creates a [`Rule`](crate::Rule) that requires all of the scopes; literals as with
/// [`scope!`](crate::scope). For scopes that are known at run time, use
/// [`rules::all_scopes`](crate::rules::all_scopes).
///
/// ```
/// let both = doorward::all_scopes!("orders.read", "orders.write");
/// assert_eq!(both.to_string(), "scope orders.read & scope orders.write");
/// ```
#[macro_export]
macro_rules! all_scopes {
    ($($scope:literal),+ $(,)?) => {{
        const SCOPES: &[$crate::Scope] = &[$($crate::Scope::literal($scope)),+];
        $crate::rules::all_scopes(SCOPES.iter().cloned())
    }};
    ($($other:tt)*) => {
        ::core::compile_error!(
            "`all_scopes!` takes string literals; for scopes that are known at run time write `rules::all_scopes([Scope::parse(text)?, …])`"
        )
    };
}

/// Creates a [`Rule`](crate::Rule) that requires one of the scopes; literals as with
/// [`scope!`](crate::scope). For scopes that are known at run time, use
/// [`rules::any_scope`](crate::rules::any_scope).
///
/// ```
/// let one = doorward::any_scope!("orders.read", "orders.all");
/// assert_eq!(one.to_string(), "scope orders.read | scope orders.all");
/// ```
#[macro_export]
macro_rules! any_scope {
    ($($scope:literal),+ $(,)?) => {{
        const SCOPES: &[$crate::Scope] = &[$($crate::Scope::literal($scope)),+];
        $crate::rules::any_scope(SCOPES.iter().cloned())
    }};
    ($($other:tt)*) => {
        ::core::compile_error!(
            "`any_scope!` takes string literals; for scopes that are known at run time write `rules::any_scope([Scope::parse(text)?, …])`"
        )
    };
}
