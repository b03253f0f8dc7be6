//! What is known of the issuers of this world: data and small functions, no checks of their own.
//!
//! Every preset sets nothing but what [`Issuer`]'s own methods can set.

mod entra;
mod issuer;

pub use entra::Cloud;
pub use issuer::Issuer;
pub(crate) use issuer::KeyOrigin;
#[cfg(feature = "remote")]
pub(crate) use issuer::Whence;
