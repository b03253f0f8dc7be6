//! Issuers that have no preset, each described with `Issuer`'s own methods: tokens as they write
//! them are accepted, and those that must not pass are refused.

mod identity_servers;
mod sessions;
mod without_subject;
mod workloads;
