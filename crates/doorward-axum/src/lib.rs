#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use doorward;

mod extract;
mod gate;
pub mod guarded;

pub use doorward_tower::{
    Guard, GuardFuture, GuardLayer, MetadataFuture, MetadataLayer, ServeMetadata, denial_response,
};
pub use extract::{AccessToken, Claims, OptionalToken, Rejection, Scoped};
pub use gate::Gate;
