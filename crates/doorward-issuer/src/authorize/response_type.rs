use crate::{
    directory::Application,
    system::{Refusal, System},
};

/// What the endpoint is to answer with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ResponseType {
    pub(crate) code: bool,
    pub(crate) id_token: bool,
    pub(crate) token: bool,
}

impl ResponseType {
    /// Reads the names in any order (OAuth 2.0 Multiple Response Types §3).
    pub(crate) fn read(
        system: System,
        application: &Application,
        text: &str,
    ) -> Result<Self, Refusal> {
        let refused = || Refusal::bad_response_type(text);
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
        // The documents of v2 and B2C alone have a code with an access token.
        let is_known = match system {
            System::V2 | System::B2c => true,
            System::V1 | System::Oidc => !(wanted.code && wanted.token),
        };
        let is_enabled = (!wanted.id_token || application.id_tokens)
            && (!wanted.token || application.access_tokens);
        if is_known && is_enabled && wanted != Self::default() {
            Ok(wanted)
        } else {
            Err(refused())
        }
    }

    /// Tells whether the answer has a token, which must not stand in a query.
    pub(crate) fn has_token(self) -> bool {
        self.id_token || self.token
    }
}
