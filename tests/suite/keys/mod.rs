//! An issuer's keys: found, fetched, kept fresh, used while the issuer is silent, and dropped.

mod choice;
mod faults;
mod fetched;
mod forgotten;
mod health;
mod host;
mod not_modified;
mod outage;
mod remembered;
mod replay;
mod run_time;
mod sleep;
mod storm;
mod virtual_time;
mod withdrawn;
