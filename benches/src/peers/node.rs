//! `jose` and `fast-jwt`, in a process of Node that is asked and answers by lines of JSON.
//!
//! The script takes the times, so the pipe is not in them.

use std::{
    cell::RefCell,
    error::Error,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    rc::Rc,
    time::Duration,
};

use serde_json::{Value, json};

use super::Peer;
use crate::{
    claims::{AUDIENCE, ISSUER},
    contender::Contender,
    token::SignedToken,
};

/// The script's names for its verifiers, as the table has them.
const VERIFIERS: [&str; 3] =
    ["jose (Node, no router)", "fast-jwt (Node, no router)", "fast-jwt, cache (Node, no router)"];

/// Whether Node takes part.
#[derive(Debug)]
pub enum Node {
    /// With these versions.
    Ready(String),
    /// Not, for this reason.
    Absent(String),
}

impl Node {
    /// Looks whether `node` starts and has the modules.
    #[must_use]
    pub fn find() -> Self {
        let versions = || -> Result<String, Box<dyn Error>> {
            let mut process = Process::start()?;
            let answer = process.ask(&json!({ "versions": true }))?;
            Ok(answer.as_str().ok_or("no versions")?.to_owned())
        };
        match versions() {
            Ok(versions) => Self::Ready(versions),
            Err(error) => Self::Absent(error.to_string()),
        }
    }

    /// Starts a process for the token, where Node takes part.
    pub(super) fn peers(&self, signed: &SignedToken) -> Result<Vec<Box<dyn Peer>>, Box<dyn Error>> {
        if let Self::Absent(_) = self {
            return Ok(Vec::new());
        }
        let mut process = Process::start()?;
        process.ask(&json!({
            "token": signed.token, "jwk": signed.jwk, "algorithm": signed.algorithm.name(),
            "issuer": ISSUER, "audience": AUDIENCE,
        }))?;
        let process = Rc::new(RefCell::new(process));
        let verifier =
            |name| -> Box<dyn Peer> { Box::new(Verifier { name, process: Rc::clone(&process) }) };
        Ok(VERIFIERS.map(verifier).into())
    }
}

/// One of the script's verifiers.
struct Verifier {
    name: &'static str,
    process: Rc<RefCell<Process>>,
}

impl Verifier {
    fn ask(&self, question: &Value) -> Value {
        self.process.borrow_mut().ask(question).expect("an answer of Node")
    }
}

impl Contender for Verifier {
    fn name(&self) -> &'static str {
        self.name
    }

    fn description(&self) -> &'static str {
        self.name
    }

    fn once(&mut self) {
        self.time(1);
    }

    fn time(&mut self, runs: u32) -> Duration {
        let nanos = self.ask(&json!({ "verifier": self.name, "runs": runs }));
        Duration::from_nanos(nanos.as_u64().expect("the time that the runs took"))
    }
}

impl Peer for Verifier {
    fn status(&mut self, token: &str) -> u16 {
        let accepted = self.ask(&json!({ "verifier": self.name, "token": token }));
        if accepted.as_bool().expect("a verdict") { 204 } else { 401 }
    }
}

/// The script, which ends when its input does.
#[derive(Debug)]
struct Process {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Process {
    fn start() -> Result<Self, Box<dyn Error>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
        if !folder.join("node_modules").is_dir() {
            return Err("its modules are not installed: npm ci in benches/node".into());
        }
        let mut child = Command::new("node")
            .arg(folder.join("verify.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("node does not start: {error}"))?;
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().ok_or("no output")?);
        Ok(Self { child, input, output })
    }

    /// Sends a line and reads one.
    fn ask(&mut self, question: &Value) -> Result<Value, Box<dyn Error>> {
        let input = self.input.as_mut().ok_or("no input")?;
        writeln!(input, "{question}")?;
        input.flush()?;
        let mut answer = String::new();
        self.output.read_line(&mut answer)?;
        Ok(serde_json::from_str(&answer)?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.input = None;
        self.child.wait().ok();
    }
}
