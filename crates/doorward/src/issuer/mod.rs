//! The issuers that a server trusts, as users describe them.
//!
//! In: the parts and options of an [`Issuer`], or of a preset that converts into one. Out: the
//! [`ResolvedIssuer`]s, one for each key set, with the [`IssuerOptions`] that they share. Rejected,
//! when the server is built: parts that cannot be meant, such as a URL instead of a domain.
//!
//! `Issuer` knows none of the presets; each preset is a type of its own with `Into<Issuer>`.

mod description;
mod options;
pub(crate) mod presets;
mod resolved_issuer;

pub use description::{FixedKeysIssuer, Issuer};
pub(crate) use options::IssuerOptions;
pub(crate) use presets::MicrosoftName;
pub(crate) use resolved_issuer::{KeyOrigin, KeySetLocation, ResolvedIssuer};
