#![doc = include_str!("../README.md")]

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
