//! What the servers of the orders API share: settings, the demonstration, the orders themselves.
//!
//! The servers (`src/bin/orders_*.rs`) differ in their framework alone.

pub mod demo;
pub mod orders;
pub mod settings;
