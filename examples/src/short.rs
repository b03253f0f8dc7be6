//! What stands beside a short example: a development issuer, the gate that trusts it, a server, and
//! `curl` lines with live tokens.

use std::error::Error;

use axum::Router;
use doorward::{ConfigError, Issuer, ResourceServer, ResourceServerBuilder};
use doorward_axum::Gate;
use doorward_issuer::{Algorithm, DevIssuer, Mint, StartError};
use tokio::net::TcpListener;

use crate::{
    curl,
    settings::{Settings, log_to_stderr},
};

/// The audience of the APIs: that for which a development issuer makes tokens.
pub const AUDIENCE: &str = "api://orders";

/// What `main` returns.
pub type Outcome = Result<(), Box<dyn Error>>;

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

/// Starts a development issuer, and creates a gate that accepts its tokens.
///
/// # Errors
///
/// If the issuer cannot be started, or its keys are unavailable.
pub async fn issuer_and_gate() -> Result<(DevIssuer, Gate), Box<dyn Error>> {
    let issuer = issuer().await?;
    let gate = gate([Issuer::discover(issuer.url(), AUDIENCE)]).await?;
    Ok((issuer, gate))
}

/// Creates a gate that accepts the tokens of these issuers, which may be development issuers.
///
/// # Errors
///
/// If the keys of an issuer are unavailable.
pub async fn gate(trusted: impl IntoIterator<Item = Issuer>) -> Result<Gate, ConfigError> {
    Ok(Gate::new(server(trusted).build().await?))
}

/// Describes a server that accepts the tokens of these issuers, which may be development issuers.
pub fn server(trusted: impl IntoIterator<Item = Issuer>) -> ResourceServerBuilder {
    let builder = ResourceServer::builder().allow_loopback_http();
    trusted.into_iter().fold(builder, ResourceServerBuilder::trust)
}

/// Returns the URL of a path at the address of the [settings](Settings::address), as clients call
/// it.
///
/// # Errors
///
/// As [`Settings::from_env`].
pub fn url(path: &str) -> Result<String, Box<dyn Error>> {
    Ok(format!("http://{}{path}", Settings::from_env()?.address))
}

/// Serves the API where [`listen`] listens.
///
/// # Errors
///
/// As [`listen`], and when the API cannot be served.
pub async fn serve(app: Router, trials: impl IntoIterator<Item = Trial>) -> Outcome {
    Ok(axum::serve(listen(trials).await?, app).await?)
}

/// Listens at the address of the [settings](Settings::address), and writes what can be tried there.
/// Refusals and their reasons are logged.
///
/// # Errors
///
/// When a token cannot be signed, or it cannot be listened there.
pub async fn listen(
    trials: impl IntoIterator<Item = Trial>,
) -> Result<TcpListener, Box<dyn Error>> {
    log_to_stderr();
    let listener = Settings::from_env()?.listen().await?;
    let api = listener.local_addr()?;
    println!("API on http://{api}, protected by doorward. Try, in another terminal:");
    for (what, request, mint) in trials {
        let token = mint.map(|mint| mint.lifetime(curl::LIFETIME).sign()).transpose()?;
        print!("{}", curl::line(what, api, request, token.as_deref()));
    }
    Ok(listener)
}
