//! Whatever an issuer's metadata says, the server is built or refused without a panic, and nothing but
//! https is ever fetched, and nothing from link-local addresses.

#![no_main]

use std::{future::Future, pin::Pin, sync::Mutex};

use doorward::{
    Issuer, ResourceServer,
    errors::FetchError,
    remote::{Document, Fetch, FetchRequest},
};
use doorward_fuzz::{AUDIENCE, ISSUER};
use libfuzzer_sys::fuzz_target;

/// The input at every place where metadata may be; nothing elsewhere.
#[derive(Debug)]
struct Published(Mutex<Vec<u8>>);

impl Fetch for Published {
    fn fetch<'f>(
        &'f self,
        request: FetchRequest<'f>,
    ) -> Pin<Box<dyn Future<Output = Result<Document, FetchError>> + Send + 'f>> {
        let url = request.url();
        assert!(url.starts_with("https://"), "{url}");
        assert!(!url.starts_with("https://169.254."), "{url}");
        let metadata = url.contains("/.well-known/");
        let document = self.0.lock().map(|document| document.clone()).unwrap_or_default();
        let found = metadata.then(|| Document::new(document)).ok_or(FetchError::Status(404));
        Box::pin(std::future::ready(found))
    }
}

fuzz_target!(|metadata: &[u8]| {
    let build = async {
        ResourceServer::builder()
            .trust(Issuer::discover(ISSUER, AUDIENCE))
            .fetcher(Published(Mutex::new(metadata.to_vec())))
            .build()
            .await
    };
    let refused = doorward_fuzz::block_on(build).expect_err("there are no keys");
    let told = format!("{refused} {refused:?}");
    assert!(!told.chars().any(char::is_control), "{told:?}");
    // Cut to 200 characters each, which may take ten bytes when they are escaped.
    assert!(told.len() < 16 * 1024, "{} bytes", told.len());
});
