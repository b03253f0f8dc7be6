use super::ResourceServer;
use crate::policy::AccessToken;

/// A token and the server that has verified it. Adapters put it into a request, so that what a
/// layer has verified is not verified again.
#[derive(Clone, Debug)]
pub struct Verified {
    token: AccessToken,
    by: By,
}

#[derive(Clone, Debug)]
enum By {
    Server(ResourceServer),
    /// Nobody: a test has written the token.
    #[cfg(feature = "testing")]
    Test,
}

impl Verified {
    pub(super) const fn new(token: AccessToken, by: ResourceServer) -> Self {
        Self { token, by: By::Server(by) }
    }

    #[cfg(feature = "testing")]
    pub(crate) const fn for_test(token: AccessToken) -> Self {
        Self { token, by: By::Test }
    }

    /// Returns the token if exactly this server has verified it. What another server admits is
    /// worth nothing here.
    #[must_use]
    pub fn by(&self, server: &ResourceServer) -> Option<&AccessToken> {
        let same = match &self.by {
            By::Server(by) => by.is_same(server),
            #[cfg(feature = "testing")]
            By::Test => true,
        };
        same.then_some(&self.token)
    }
}
