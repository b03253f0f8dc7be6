//! The only IO: fetches an issuer's metadata and key set.
//!
//! In goes the URL of an issuer, its metadata or its key set; out comes the key set. A URL that is not
//! `https`, that leads to a forbidden address, or metadata of another issuer is refused (RFC 8414
//! §3.3, RFC 8725 §3.10). When to fetch is decided by [`crate::key_set::rotation`]. Nothing of a
//! token is ever sent.

mod addresses;
mod cache_control;
mod discovery;
mod fetch_url;
mod fetcher;
mod http;
mod http_client_settings;
mod metadata;
mod proxy;
mod reqwest_error;
mod resolver;
mod settings;
mod url_rules;
mod well_known;

pub use addresses::AllowedAddresses;
pub(crate) use discovery::{KeySetFetcher, KeySetUrl};
pub(crate) use fetch_url::FetchUrl;
pub use fetcher::{Document, Fetch, FetchRequest};
pub use http_client_settings::HttpClientSettings;
pub(crate) use settings::{FetchSettings, InvalidFetchSettings};
pub(crate) use url_rules::UrlRules;
pub(crate) use well_known::MetadataUrls;
