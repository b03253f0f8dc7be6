//! Stable codes of errors, each written once.

use std::mem;

/// Defines `CODES` and `code()` of an error enum. A variant without a code does not compile.
macro_rules! codes {
    ($error:ident { $($($variant:ident)|+ => $code:literal,)+ }) => {
        impl $error {
            /// All codes, in the order of the checks.
            pub(crate) const CODES: &'static [&'static str] = &[$($code),+];

            pub(crate) const fn code(&self) -> &'static str {
                match self {
                    $($(Self::$variant { .. })|+ => $code,)+
                }
            }
        }
    };
}

pub(crate) use codes;

/// Joins lists of codes into one; `N` is their [`count`].
#[allow(clippy::mem_replace_with_default, reason = "`mem::take` is not const")]
pub(crate) const fn join<const N: usize>(mut lists: &[&[&'static str]]) -> [&'static str; N] {
    assert!(N == count(lists), "N is the number of codes");
    let mut joined = [""; N];
    let mut free: &mut [&str] = &mut joined;
    while let [list, more @ ..] = lists {
        let mut codes = *list;
        while let [code, others @ ..] = codes {
            if let Some((slot, rest)) = mem::replace(&mut free, &mut []).split_first_mut() {
                (*slot, free) = (code, rest);
            }
            codes = others;
        }
        lists = more;
    }
    joined
}

/// Returns how many codes the lists have together.
pub(crate) const fn count(lists: &[&[&'static str]]) -> usize {
    match lists {
        [] => 0,
        [list, more @ ..] => list.len().saturating_add(count(more)),
    }
}
