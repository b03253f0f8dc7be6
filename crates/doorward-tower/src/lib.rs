#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use doorward;

mod future;
mod gate;
mod head;
mod layer;
mod metadata;
mod response;
mod router_view;
mod service;

pub use doorward::adapter::ClientCertificate;
pub use future::GuardFuture;
pub use gate::Gate;
pub use layer::GuardLayer;
pub use metadata::{MetadataFuture, MetadataLayer, ServeMetadata};
pub use response::rejection_response;
pub use service::Guard;
