use doorward::adapter::RequestFields;
use http::{HeaderMap, HeaderValue, header};

/// The fields of a request, as the core reads them.
pub(crate) struct Fields<'r>(pub(crate) &'r HeaderMap);

impl RequestFields for Fields<'_> {
    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        self.0.get_all(name).iter().map(HeaderValue::as_bytes)
    }

    fn authorization(&self) -> impl Iterator<Item = &[u8]> {
        self.0.get_all(header::AUTHORIZATION).iter().map(HeaderValue::as_bytes)
    }
}
