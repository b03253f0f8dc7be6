//! What stands beside a short example: a development issuer, the gate that trusts it, a server, and
//! `curl` lines with live tokens.

use std::error::Error;

use axum::Router;
use doorward::{ConfigError, Issuer, ResourceServer};
use doorward_axum::Gate;
use doorward_issuer::{Algorithm, DevIssuer, Mint, StartError};

use crate::{curl, settings::Settings};

/// What `main` returns.
pub type Outcome = Result<(), Box<dyn Error>>;

/// The audience of the examples' APIs, for which the development issuer makes its tokens.
pub const AUDIENCE: &str = "api://orders";

/// Something to try: what it shows, and the status that comes back; method and path; the token.
pub type Trial = (&'static str, &'static str, Option<Mint>);

/// Starts a development issuer, which serves as long as it is held. Its tokens are short to paste.
///
/// # Errors
///
/// When it cannot be started.
pub async fn issuer() -> Result<DevIssuer, StartError> {
    DevIssuer::builder().algorithms([Algorithm::Es256]).start().await
}

/// Opens a gate for the tokens of these issuers, which may be development issuers.
///
/// # Errors
///
/// When the keys of an issuer cannot be had.
pub async fn gate(trusted: impl IntoIterator<Item = Issuer>) -> Result<Gate, ConfigError> {
    let builder = ResourceServer::builder().allow_loopback_http();
    let server = trusted.into_iter().fold(builder, |builder, issuer| builder.trust(issuer));
    Ok(Gate::new(server.build().await?))
}

/// Writes what can be tried, and serves the API at the address of the
/// [settings](Settings::address).
///
/// # Errors
///
/// When a token cannot be signed, or the API cannot be served.
pub async fn serve(app: Router, trials: impl IntoIterator<Item = Trial>) -> Outcome {
    let listener = Settings::from_env()?.listen().await?;
    let api = listener.local_addr()?;
    println!("API on http://{api}, protected by doorward. Try, in another terminal:");
    for (what, request, mint) in trials {
        let token = mint.map(|mint| mint.lifetime(curl::LIFETIME).sign()).transpose()?;
        println!("{}", curl::line(what, api, request, token.as_deref()).trim_end());
    }
    Ok(axum::serve(listener, app).await?)
}
