#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use doorward;

mod extract;
mod future;
mod gate;
pub mod guarded;
mod head;
mod metadata;
mod response;
mod route_match;
mod service;
mod transform;

pub use doorward::adapter::ClientCertificate;

pub use extract::{AccessToken, Claims, OptionalToken, Rejection, Scoped};
pub use future::GuardFuture;
pub use gate::Gate;
pub use metadata::Metadata;
pub use response::rejection_response;
pub use service::GuardService;
pub use transform::GuardTransform;
