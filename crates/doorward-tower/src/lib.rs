#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use doorward;

mod fields;
mod future;
mod gate;
mod layer;
mod metadata;
mod response;
mod service;

pub use future::GuardFuture;
pub use gate::Gate;
pub use layer::GuardLayer;
pub use metadata::{MetadataFuture, MetadataLayer, ServeMetadata};
pub use response::denial_response;
pub use service::Guard;
