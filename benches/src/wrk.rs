//! `wrk` from the command line, and the servers that it asks.

use std::{
    error::Error,
    fs,
    io::{self, BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    time::Duration,
};

use doorward_issuer::DevIssuer;

/// Connections that are open at the same time, each with one request at a time.
pub const CONNECTIONS: u32 = 32;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/wire/tokens.lua");

/// What `wrk` has measured in one run.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// Requests a second.
    pub per_second: f64,
    /// The median latency, in microseconds.
    pub p50: f64,
    /// In microseconds.
    pub p99: f64,
    /// In microseconds.
    pub p999: f64,
    /// In microseconds.
    pub max: f64,
}

/// Returns whether `wrk` is there.
///
/// # Errors
///
/// Says how to install it.
pub fn is_installed() -> Result<(), Box<dyn Error>> {
    let run = Command::new("wrk").arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status();
    match run {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err("wrk is not there; on Debian: apt-get install wrk".into())
        }
        other => other.map(|_| ()).map_err(Into::into),
    }
}

/// Sends requests with one thread for so long, rounded to seconds: with the tokens in turn, and with
/// the later ones instead once two seconds have gone.
///
/// # Errors
///
/// When `wrk` fails, or a request does: its status is not 200, or there is no answer.
pub fn run(
    server: &Server,
    time: Duration,
    tokens: &TokenFile,
    later: Option<&TokenFile>,
) -> Result<Measured, Box<dyn Error>> {
    let mut command = Command::new("wrk");
    command.args(["-t1", "--timeout", "10s", "-s", SCRIPT]);
    command.arg(format!("-c{CONNECTIONS}")).arg(format!("-d{}s", time.as_secs()));
    command.arg(&server.url).arg("--").arg(&tokens.0);
    command.args(later.map(|file| &file.0));
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.strip_prefix("measured "));
    let line = line.ok_or_else(|| format!("wrk says {text}"))?;
    let numbers: Vec<f64> = line.split(' ').map(str::parse).collect::<Result<_, _>>()?;
    let [requests, micros, errors, p50, p99, p999, max] = numbers[..] else {
        return Err(format!("wrk says {text}").into());
    };
    if errors > 0.0 {
        return Err(format!("{errors} requests failed at {}: {text}", server.name).into());
    }
    Ok(Measured { per_second: requests / micros * 1e6, p50, p99, p999, max })
}

/// Tokens in a file, one a line, which goes when this is dropped.
#[derive(Debug)]
pub struct TokenFile(PathBuf);

impl TokenFile {
    /// Writes the file.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn write(name: &str, tokens: &[String]) -> io::Result<Self> {
        let name = format!("doorward-wire-{}-{name}", process::id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, tokens.join("\n") + "\n")?;
        Ok(Self(path))
    }
}

impl Drop for TokenFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A server in a process of its own, which ends when this is dropped.
#[derive(Debug)]
pub struct Server {
    name: String,
    url: String,
    process: Child,
}

impl Server {
    /// Starts the contender of this name beside the running program, and waits until it listens.
    ///
    /// # Errors
    ///
    /// When it does not start.
    pub fn start(name: &str, issuer: &DevIssuer) -> Result<Self, Box<dyn Error>> {
        let program = std::env::current_exe()?;
        let program = program.parent().unwrap_or(Path::new(".")).join("wire_server");
        let mut command = Command::new(&program);
        command.args(["--contender", name, "--issuer", issuer.url()]);
        command.args(["--keys", &issuer.jwks().to_string()]).stdout(Stdio::piped());
        let process = command.spawn();
        let mut process = process.map_err(|error| format!("{}: {error}", program.display()))?;
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let server = Self { name: name.to_owned(), url: line.trim().to_owned(), process };
        if server.url.is_empty() {
            return Err(format!("the contender {name} does not start").into());
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
