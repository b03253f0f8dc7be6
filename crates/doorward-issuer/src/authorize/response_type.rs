use crate::{
    directory::Application,
    protocol::{Protocol, ProtocolError},
};

/// The `response_type`: what the authorization response contains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ResponseType {
    pub(super) code: bool,
    pub(super) id_token: bool,
    pub(super) token: bool,
}

impl ResponseType {
    /// Parses the names, in any order (OAuth 2.0 Multiple Response Types §3).
    pub(super) fn parse(
        protocol: Protocol,
        application: &Application,
        text: &str,
    ) -> Result<Self, ProtocolError> {
        let refused = || ProtocolError::bad_response_type(text);
        let mut wanted = Self::default();
        for name in text.split_ascii_whitespace() {
            let slot = match name {
                "code" => &mut wanted.code,
                "id_token" => &mut wanted.id_token,
                "token" => &mut wanted.token,
                _ => return Err(refused()),
            };
            if std::mem::replace(slot, true) {
                return Err(refused());
            }
        }
        // Only the documents of v2 and B2C allow a code together with an access token.
        let is_known = match protocol {
            Protocol::V2 | Protocol::B2c => true,
            Protocol::V1 | Protocol::Oidc => !(wanted.code && wanted.token),
        };
        let is_enabled = (!wanted.id_token || application.id_tokens)
            && (!wanted.token || application.access_tokens);
        if is_known && is_enabled && wanted != Self::default() {
            Ok(wanted)
        } else {
            Err(refused())
        }
    }

    /// Returns whether the response contains a token, which must not be sent in a query.
    pub(super) fn has_token(self) -> bool {
        self.id_token || self.token
    }
}
