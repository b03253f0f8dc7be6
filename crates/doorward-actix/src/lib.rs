#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use doorward;

mod extract;
mod fields;
mod future;
mod gate;
pub mod guarded;
mod metadata;
mod response;
mod service;
mod transform;

pub use extract::{AccessToken, Claims, ExtractFuture, OptionalToken, Rejection, Scoped};
pub use future::GuardFuture;
pub use gate::Gate;
pub use metadata::Metadata;
pub use response::denial_response;
pub use service::GuardService;
pub use transform::GuardTransform;
