//! The tests of the workspace: what a user sees, through all adapters. They are in `suite/`, one
//! binary; `compile_fail/` holds what must not compile, `interop/` what needs other programs.

/// The example of the project's README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
