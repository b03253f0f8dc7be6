//! What the examples share.
//!
//! The servers of the orders API (`src/bin/orders_*.rs`) share settings, the demonstration and the
//! orders themselves, and differ in their framework alone. The short examples (`short/*.rs`) share
//! [`short`], so that each shows nothing but its point.

pub mod curl;
pub mod demo;
pub mod orders;
pub mod settings;
pub mod short;
