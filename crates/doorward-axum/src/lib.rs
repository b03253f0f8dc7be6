#![doc = include_str!("../README.md")]

pub use doorward;

mod extract;
mod gate;
pub mod guarded;
mod request_parts;

pub use doorward_tower::{
    ClientCertificate, Guard, GuardFuture, GuardLayer, MetadataFuture, MetadataLayer,
    ServeMetadata, rejection_response,
};
pub use extract::{AccessToken, Claims, Rejection, Scoped};
pub use gate::Gate;
