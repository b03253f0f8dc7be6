//! Tokens for tests: no keys, no issuer, no network.
//!
//! This module exists with the feature `testing` only. Enable it in `[dev-dependencies]`: a normal build
//! then leaves it out. A build with `--all-targets`, or another dependency that enables the feature,
//! includes it.
//!
//! - A whole API is tested with a server for tests,
//!   [`ResourceServer::for_test`](crate::ResourceServer::for_test), or with its own configuration,
//!   [`ResourceServerBuilder::build_for_test`](crate::ResourceServerBuilder::build_for_test), and with
//!   tokens of that server: [`ResourceServer::test_token`](crate::ResourceServer::test_token). Such a
//!   token is checked by the server's own configuration, so that a test cannot pass where production
//!   refuses.
//! - A handler that is called as a function gets a token of
//!   [`AccessToken::for_test`](crate::AccessToken::for_test).
//!
//! ```
//! use doorward::{ResourceServer, Scope, scope};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let server = ResourceServer::for_test();
//! let field = server.test_token().subject("u1").scopes("orders.read").bearer();
//! let token = server.authenticate([field.as_bytes()]).await.unwrap();
//! assert_eq!(token.subject(), "u1");
//! # }
//! ```

use serde_json::Value;

use crate::{
    AccessToken, ResourceServer,
    claims::ClaimsSet,
    clock::{Clock as _, SystemClock, UnixTime},
    error::Error,
    server::TestClaims,
    token::TokenType,
};

/// A token for a test, described claim by claim.
///
/// It is neither `Clone` nor a token itself, so that it cannot be put into a request by mistake:
/// [`bearer`](Self::bearer) and [`token`](Self::token) create what is sent or passed on.
#[derive(Debug)]
#[must_use = "a description; `bearer()` or `token()` creates the token"]
pub struct TestToken {
    server: Option<ResourceServer>,
    claims: TestClaims,
}

impl AccessToken {
    /// Creates a token for a handler that is called as a function: it is not verified, and no gate
    /// accepts it. Its subject is `test`; it grants nothing unless set otherwise.
    ///
    /// ```
    /// use doorward::AccessToken;
    ///
    /// let token: AccessToken = AccessToken::for_test().subject("u1").scopes("orders.read").token();
    /// assert_eq!(token.subject(), "u1");
    /// ```
    pub fn for_test() -> TestToken {
        TestToken { server: None, claims: TestClaims::default() }
    }
}

impl ResourceServer {
    /// Creates a token that this server checks like any other, except for its signature: by its issuers,
    /// audiences, required claims, scope hierarchy and clock.
    ///
    /// The claims that every token of the issuer has are set by default. The test sets the others, such
    /// as scopes, roles and subject.
    pub fn test_token(&self) -> TestToken {
        TestToken { server: Some(self.clone()), claims: TestClaims::default() }
    }
}

impl TestToken {
    /// Sets the issuer, if the server trusts several: the `iss` of its tokens.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.claims.issuer = Some(issuer.into());
        self
    }

    /// Sets `sub`. Default: `test`.
    pub fn subject(self, subject: &str) -> Self {
        self.claim("sub", subject)
    }

    /// Sets `client_id`. Default: none, unless the issuer's tokens must name a client.
    pub fn client_id(self, client: &str) -> Self {
        self.claim("client_id", client)
    }

    /// Sets the scopes, separated by spaces, in the claim in which the issuer's tokens have them.
    /// Default: none; for a Microsoft preset, whose tokens are rejected without scopes and roles, a
    /// scope `test`.
    pub fn scopes(mut self, scopes: &str) -> Self {
        self.claims.scopes = Some(scopes.to_owned());
        self
    }

    /// Sets the roles, in the claim in which the issuer's tokens have them. Default: none.
    pub fn roles<'r>(mut self, roles: impl IntoIterator<Item = &'r str>) -> Self {
        self.claims.roles = Some(roles.into_iter().map(str::to_owned).collect());
        self
    }

    /// Sets any claim at the top level; it overrides what the other methods set there.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Sets the audience, in `aud` or the claim in which the issuer's tokens have it. Default: one that the
    /// server accepts.
    pub fn audience(mut self, audience: &str) -> Self {
        self.claims.audience = Some(audience.to_owned());
        self
    }

    /// Sets an `exp` in 1970: the token has expired.
    pub fn expired(self) -> Self {
        self.expires_at(UnixTime::from_secs(1))
    }

    /// Sets `exp`. Default: an hour from now.
    pub fn expires_at(self, time: UnixTime) -> Self {
        self.claim("exp", time.as_secs())
    }

    /// Returns the value of an `Authorization` field by which requests to the server send the token.
    /// What the server refuses is refused when the request comes, as in production.
    ///
    /// # Panics
    ///
    /// If the token is one of [`AccessToken::for_test`], which belongs to no server, or if the server
    /// does not trust the issuer that was set.
    #[must_use]
    #[track_caller]
    pub fn bearer(&self) -> String {
        let Some(server) = &self.server else {
            fail("only a token of `server.test_token()` or `gate.test_token()` can be sent");
        };
        match server.issue_test_token(&self.claims) {
            Ok(token) => format!("Bearer {token}"),
            Err(error) => fail(&error.to_string()),
        }
    }

    /// Creates the token, for a handler that is called as a function.
    ///
    /// # Panics
    ///
    /// If the server would refuse it, with the reason; or if a claim is malformed.
    #[must_use]
    #[track_caller]
    pub fn token(&self) -> AccessToken {
        let token = match &self.server {
            Some(server) => server.verify_test_claims(&self.claims),
            None => self.unverified(),
        };
        token.unwrap_or_else(|error| fail(&format!("the server refuses this token: {error}")))
    }

    fn unverified(&self) -> Result<AccessToken, Error> {
        let TestClaims { issuer, audience, scopes, roles, claims } = &self.claims;
        let mut all = serde_json::Map::new();
        all.insert("iss".into(), issuer.as_deref().unwrap_or("https://issuer.test").into());
        all.insert("sub".into(), "test".into());
        all.insert("aud".into(), audience.as_deref().unwrap_or("test").into());
        all.insert("exp".into(), 253_402_300_799_u64.into());
        if let Some(scopes) = scopes {
            all.insert("scope".into(), scopes.as_str().into());
        }
        if let Some(roles) = roles {
            all.insert("roles".into(), roles.clone().into());
        }
        all.extend(claims.clone());
        let map = crate::claims::ClaimMap { microsoft: true, ..Default::default() };
        let claims =
            ClaimsSet::for_test(Value::Object(all).to_string(), &map, TokenType::AccessToken)?;
        let now = SystemClock::new().now().unwrap_or(UnixTime::from_secs(0));
        Ok(AccessToken::unverified(claims, now)?)
    }
}

impl From<TestToken> for AccessToken {
    /// Creates the token as [`TestToken::token`] does, and panics as it does.
    fn from(token: TestToken) -> Self {
        token.token()
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "a test that describes an impossible token must fail")]
fn fail(reason: &str) -> ! {
    panic!("{reason}")
}
