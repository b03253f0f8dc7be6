//! The claims of the tokens that are measured: those of an Entra v2 access token, in their order.

use std::time::{SystemTime, UNIX_EPOCH};

/// The audience that the tokens are for.
pub const AUDIENCE: &str = "6e74172b-be56-4843-9ff4-e66a39bb12e3";
/// The issuer that the tokens name, unless another is told.
pub const ISSUER: &str =
    "https://login.microsoftonline.com/7fe81447-da57-4385-becb-6de57f21477e/v2.0";

/// How long a token is valid, in seconds.
pub const LIFETIME: u64 = 3600;

/// What differs between the tokens.
#[derive(Clone, Debug)]
pub struct Claims {
    /// `iss`.
    pub issuer: String,
    /// `sub`.
    pub subject: String,
    /// `iat` and `nbf`, in seconds since 1970; `exp` is an hour later.
    pub issued_at: u64,
    /// How many bytes of a further claim make the token longer.
    pub padding: usize,
}

impl Claims {
    /// Returns claims that are good for an hour.
    ///
    /// # Panics
    ///
    /// When the clock is before 1970.
    #[must_use]
    pub fn now() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock that is set");
        Self {
            issuer: ISSUER.to_owned(),
            subject: "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ".to_owned(),
            issued_at: now.as_secs(),
            padding: 0,
        }
    }

    /// Returns the same claims of another subject, whose name is as long.
    #[must_use]
    pub fn subject(&self, serial: usize) -> Self {
        Self { subject: format!("HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV{serial:07}"), ..self.clone() }
    }

    /// Writes the claims as JSON.
    #[must_use]
    pub fn json(&self) -> String {
        let Self { issuer, subject, issued_at, padding } = self;
        let expires = issued_at + LIFETIME;
        let more = if *padding == 0 {
            String::new()
        } else {
            format!(r#","padding":"{}""#, "x".repeat(*padding))
        };
        format!(
            r#"{{"aud":"{AUDIENCE}","iss":"{issuer}","iat":{issued_at},"nbf":{issued_at},"exp":{expires},{},"sub":"{subject}",{}{more}}}"#,
            concat!(
                r#""aio":"AXQAi/8TAAAAq2mQ1zQ4vT9x0XoY7c3kHhW5bE2rUu6LsJdPZfNnGt8iCwMaVyKe","#,
                r#""azp":"f2a76e08-93f2-4350-833c-965c02483b11","azpacr":"1","#,
                r#""name":"Ada Example","oid":"690222be-ff1a-4d56-abd1-7e4f7d38e474","#,
                r#""preferred_username":"ada@example.com","roles":["Orders.Admin"],"#,
                r#""scp":"orders.read orders.write""#,
            ),
            r#""tid":"7fe81447-da57-4385-becb-6de57f21477e","uti":"k3TqZ0cHfUe9bWn5xLrVAA","ver":"2.0""#,
        )
    }
}
