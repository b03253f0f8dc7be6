use actix_web::http::header::{self, HeaderMap, HeaderValue};
use doorward::adapter::RequestFields;

/// The fields of a request, as the core reads them.
pub(crate) struct Fields<'r>(pub(crate) &'r HeaderMap);

impl RequestFields for Fields<'_> {
    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        self.0.get_all(name).map(HeaderValue::as_bytes)
    }

    fn authorization(&self) -> impl Iterator<Item = &[u8]> {
        self.0.get_all(header::AUTHORIZATION).map(HeaderValue::as_bytes)
    }
}
