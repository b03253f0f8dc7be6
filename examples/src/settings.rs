//! Settings by environment variables.

use std::{env, error::Error, net::SocketAddr, process::ExitCode};

use doorward::{Issuer, ResourceServer};
use tokio::net::TcpListener;

use crate::demo::Demo;

/// Where an orders server listens, and which tokens it takes.
pub struct Settings {
    /// `ORDERS_ADDR`: where to listen; 127.0.0.1:3000 unless set.
    pub address: SocketAddr,
    /// `ISSUER`: the URL of the issuer to trust; without it a development issuer is started.
    pub issuer: Option<String>,
    /// `METADATA_URL`: where the issuer's metadata is, if not below `ISSUER`; as with an issuer of
    /// https whose certificate this machine does not trust, but which speaks http on loopback too.
    pub metadata_url: Option<String>,
    /// `LAZY`, if it is set: starts without waiting for the issuer, which may be down.
    pub lazy: bool,
    /// `AUDIENCE`: what tokens call this API; `api://orders` unless set.
    pub audience: String,
}

impl Settings {
    /// Reads the environment.
    ///
    /// # Errors
    ///
    /// When `ORDERS_ADDR` is no address and port.
    pub fn from_env() -> Result<Self, Box<dyn Error>> {
        let address = env::var("ORDERS_ADDR").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
        Ok(Self {
            address: address.parse().map_err(|_| {
                format!("ORDERS_ADDR={address} is no address and port, such as 127.0.0.1:3000")
            })?,
            issuer: env::var("ISSUER").ok(),
            metadata_url: env::var("METADATA_URL").ok(),
            lazy: env::var_os("LAZY").is_some(),
            audience: env::var("AUDIENCE").unwrap_or_else(|_| "api://orders".to_owned()),
        })
    }

    /// Listens on the address.
    ///
    /// # Errors
    ///
    /// When that cannot be done, such as when somebody else listens there.
    pub async fn listen(&self) -> Result<TcpListener, Box<dyn Error>> {
        let listener = TcpListener::bind(self.address).await;
        listener.map_err(|error| format!("cannot listen on {}: {error}", self.address).into())
    }

    /// Builds the resource server, and starts a development issuer if no other is named. The
    /// issuer serves as long as the demonstration is held.
    ///
    /// # Errors
    ///
    /// When the issuer cannot be started or its keys cannot be had.
    pub async fn resource_server(&self) -> Result<(ResourceServer, Option<Demo>), Box<dyn Error>> {
        let (issuer, demo) = match &self.issuer {
            Some(issuer) => (issuer.clone(), None),
            None => {
                let demo = Demo::start(&self.audience).await?;
                (demo.issuer_url().to_owned(), Some(demo))
            }
        };
        let audience = self.audience.as_str();
        let trusted = match &self.metadata_url {
            Some(url) => Issuer::metadata(issuer, audience, url),
            None => Issuer::discover(issuer, audience),
        };
        let builder = ResourceServer::builder().trust(trusted).allow_loopback_http();
        let builder = if self.lazy { builder.lazy() } else { builder };
        Ok((builder.build().await?, demo))
    }
}

/// Ends the program; an error is printed with its causes.
#[must_use]
pub fn exit_code(result: Result<(), Box<dyn Error>>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprint!("error: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprint!(": {error}");
                cause = error.source();
            }
            eprintln!();
            ExitCode::FAILURE
        }
    }
}

/// Logs refusals and their reasons to standard error.
pub fn log_to_stderr() {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_target(false).init();
}
