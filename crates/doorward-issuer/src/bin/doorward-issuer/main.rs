//! The development issuer as a program.

mod arguments;
mod greeting;

use std::{
    env,
    error::Error,
    fs, future,
    io::{self, Write as _},
    process::ExitCode,
};

use doorward_issuer::{DevIssuer, Directory};

use self::arguments::{Command, Serve, USAGE};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If standard error is closed, the error cannot be reported.
            let _ = writeln!(io::stderr(), "doorward-issuer: {}", with_causes(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    match Command::parse(env::args_os().skip(1))? {
        Command::Help => Ok(io::stdout().write_all(USAGE.as_bytes())?),
        Command::Serve(settings) => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(serve(settings)),
    }
}

async fn serve(settings: Serve) -> Result<(), Box<dyn Error>> {
    let mut builder = DevIssuer::builder().address(settings.address);
    if settings.beyond_loopback {
        builder = builder.danger_listen_beyond_loopback();
    }
    if settings.control {
        builder = builder.control_endpoint();
    }
    builder = builder.directory(match &settings.config {
        Some(file) => Directory::read(file)?,
        None => Directory::from_toml(Directory::DEMO)?,
    });
    if settings.automatic {
        builder = builder.sign_in_automatically();
    }
    if settings.https {
        builder = builder.https();
    }
    let issuer = builder.start().await?;
    if let (Some(file), Some(pem)) = (&settings.ca_file, issuer.ca_pem()) {
        fs::write(file, pem)?;
    }
    let greeted = async {
        let mut stdout = io::stdout();
        stdout.write_all(greeting::greeting(&issuer, &settings).as_bytes())?;
        stdout.flush()?;
        future::pending::<io::Result<()>>().await
    };
    tokio::select! {
        // The signal is subscribed to before the greeting names it.
        biased;
        ended = tokio::signal::ctrl_c() => Ok(ended?),
        failed = greeted => Ok(failed?),
    }
}

fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
