//! What the programs of this package share: tokens with their keys, contenders, and rounds that
//! run contenders by turns.
//!
//! The rounds are our own because the usual harnesses time one contender to the end before the
//! next one begins. A shared machine drifts by a third within that time, and the ratio of two
//! contenders drifts with it.

pub mod chart;
pub mod claims;
pub mod contender;
pub mod crew;
pub mod in_turn;
pub mod layered;
pub mod memory;
pub mod miss;
#[cfg(feature = "peers")]
pub mod peers;
pub mod refusal;
pub mod rounds;
pub mod signer;
pub mod token;
pub mod wrk;
