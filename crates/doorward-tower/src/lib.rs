#![doc = include_str!("../README.md")]

pub use doorward;

mod future;
mod gate;
mod layer;
mod response;
mod service;

pub use future::GuardFuture;
pub use gate::Gate;
pub use layer::GuardLayer;
pub use response::denial_response;
pub use service::Guard;
