//! A server that remembers tokens, and sees each for the first time.

use std::hint::black_box;

use axum::http::HeaderValue;
use doorward::ResourceServer;
use doorward_issuer::{Algorithm, MintError};

use crate::{claims::Claims, contender::Contender, signer::Signer};

/// The core's whole walk with tokens that it has not seen, each of which it remembers then.
#[derive(Debug)]
pub struct Miss {
    server: ResourceServer,
    tokens: Vec<(String, HeaderValue)>,
    next: usize,
}

impl Miss {
    /// Signs so many tokens; more runs cannot be prepared for.
    ///
    /// # Errors
    ///
    /// When the development issuer does not start or does not sign.
    ///
    /// # Panics
    ///
    /// Never: a compact serialization is printable ASCII.
    pub async fn new(
        algorithm: Algorithm,
        tokens: usize,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let signer = Signer::new(algorithm).await?;
        let sign = |serial: usize| -> Result<_, MintError> {
            let token = signer.sign(&signer.key_id(), &Claims::now().subject(serial))?;
            let field = HeaderValue::try_from(format!("Bearer {token}")).expect("printable ASCII");
            Ok((token, field))
        };
        let tokens = (0..tokens).map(sign).collect::<Result<_, _>>()?;
        Ok(Self { server: signer.server().build().await?, tokens, next: 0 })
    }
}

impl Contender for Miss {
    fn name(&self) -> &'static str {
        "core-miss"
    }

    fn description(&self) -> &'static str {
        "doorward, core alone, remembering what it has not seen"
    }

    fn prepare(&mut self, runs: u32) {
        assert!(runs as usize <= self.tokens.len(), "at most {} runs", self.tokens.len());
        self.tokens.iter().for_each(|(token, _)| self.server.evict(token));
        self.next = 0;
    }

    #[inline(never)]
    fn once(&mut self) {
        let (_, field) = &self.tokens[self.next];
        self.next += 1;
        let authentication = self.server.authenticate([black_box(field.as_bytes())]);
        let token = authentication.into_ready().expect("fixed keys are at hand");
        black_box(token.expect("a good token"));
    }
}
