//! Verified tokens made by hand, for tests of handlers: no keys, no issuer, no network.
//!
//! This module exists with the feature `testing` alone. Switch it on in `[dev-dependencies]`; then
//! a program that is built without its tests cannot contain it.

use serde_json::{Map, Value};

use crate::{
    AccessToken,
    claims::ClaimsSet,
    clock::{Clock as _, SystemClock, UnixTime},
};

/// A token to be described claim by claim.
///
/// Put what [`token`](Self::token) returns into a test request's extensions: every gate takes it
/// for verified, whatever the `Authorization` field says. Rules still apply to it.
///
/// ```
/// use doorward::AccessToken;
///
/// let token = AccessToken::for_test().subject("u1").scopes("orders.read").token();
/// assert_eq!(token.subject(), "u1");
/// ```
#[derive(Clone, Debug)]
pub struct TestToken {
    claims: Map<String, Value>,
}

impl AccessToken {
    /// Begins a token for a test. Its subject is `test` and it grants nothing unless told so.
    #[must_use]
    pub fn for_test() -> TestToken {
        let claims = [
            ("iss", Value::from("https://issuer.test")),
            ("sub", Value::from("test")),
            ("aud", Value::from("test")),
            ("exp", Value::from(253_402_300_799_u64)),
        ];
        TestToken {
            claims: claims.map(|(name, value)| (name.to_owned(), value)).into_iter().collect(),
        }
    }
}

impl TestToken {
    /// Sets `iss`.
    #[must_use]
    pub fn issuer(self, issuer: &str) -> Self {
        self.claim("iss", issuer)
    }

    /// Sets `sub`.
    #[must_use]
    pub fn subject(self, subject: &str) -> Self {
        self.claim("sub", subject)
    }

    /// Sets `client_id`.
    #[must_use]
    pub fn client_id(self, client: &str) -> Self {
        self.claim("client_id", client)
    }

    /// Sets `scope`: one string, scopes separated by spaces.
    #[must_use]
    pub fn scopes(self, scopes: &str) -> Self {
        self.claim("scope", scopes)
    }

    /// Sets `roles`.
    #[must_use]
    pub fn roles<'r>(self, roles: impl IntoIterator<Item = &'r str>) -> Self {
        let roles: Vec<&str> = roles.into_iter().collect();
        self.claim("roles", roles)
    }

    /// Sets any claim.
    #[must_use]
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Makes the token.
    ///
    /// # Panics
    ///
    /// When a claim that was set is malformed, such as a number for `sub`.
    #[must_use]
    #[expect(clippy::panic, reason = "a test that describes an impossible token shall fail")]
    pub fn token(&self) -> AccessToken {
        let text = Value::Object(self.claims.clone()).to_string();
        let claims = ClaimsSet::for_test(text).map_err(|error| error.to_string());
        let token = claims.and_then(|claims| {
            let now = SystemClock::new().now().unwrap_or(UnixTime::from_secs(0));
            AccessToken::admitted_for_test(claims, now).map_err(|error| error.to_string())
        });
        match token {
            Ok(token) => token,
            Err(error) => panic!("no such token can be verified: {error}"),
        }
    }
}
