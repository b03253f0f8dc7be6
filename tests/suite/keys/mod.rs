//! An issuer's keys: found, fetched, kept fresh, used while the issuer is silent, and dropped.

mod choice;
mod faults;
mod fetched;
mod first_fetch;
mod forgotten;
mod health;
mod host;
mod http_client;
mod not_modified;
mod outage;
mod remembered;
mod replay;
mod run_time;
mod sleep;
mod storm;
mod urls;
mod virtual_time;
mod withdrawn;
