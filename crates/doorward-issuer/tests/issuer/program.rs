use std::{
    io::{BufReader, Read as _},
    process::{Child, ChildStdout, Command, Output, Stdio},
};

use doorward_issuer::Client;

use crate::wire::{claims, http};

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_doorward-issuer"))
}

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

/// The program, killed when a test ends in the middle.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the program on a free port and reads up to the last line of its greeting.
fn start() -> (Running, String) {
    start_with(&[])
}

fn start_with(arguments: &[&str]) -> (Running, String) {
    let mut program = program();
    program.args(["--addr", "127.0.0.1:0"]).args(arguments);
    let mut child = program.stdout(Stdio::piped()).spawn().unwrap();
    let stdout = child.stdout.take().unwrap();
    (Running(child), read_until(stdout, "Stop with ctrl-c.\n"))
}

fn read_until(stdout: ChildStdout, end: &str) -> String {
    let mut text = Vec::new();
    for byte in BufReader::new(stdout).bytes() {
        text.push(byte.unwrap());
        if text.ends_with(end.as_bytes()) {
            return String::from_utf8(text).unwrap();
        }
    }
    panic!("the program ended after {}", String::from_utf8_lossy(&text));
}

#[test]
fn greeting_warns_and_names_the_issuer_and_every_client() {
    let (_running, greeting) = start();
    assert!(greeting.contains("NOT FOR PRODUCTION"));
    assert!(greeting.contains("issuer    http://127.0.0.1:"));
    for client in Client::demo_clients() {
        let row = greeting.lines().find(|line| line.starts_with(client.client_id())).unwrap();
        assert!(row.contains(client.client_secret()), "{row}");
        assert!(row.contains(&client.allowed_scopes().join(" ")), "{row}");
    }
}

#[tokio::test]
async fn command_of_the_greeting_yields_a_token() {
    let (_running, greeting) = start();
    let line = greeting.lines().find(|line| line.trim().starts_with("curl ")).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    let ["curl", "-s", "-u", credentials, "-d", form, url] = words[..] else { panic!("{line}") };
    let (client, secret) = credentials.split_once(':').unwrap();
    let request = http()
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .basic_auth(client, Some(secret))
        .body(form.to_owned());
    let answer: serde_json::Value =
        serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap();
    assert_eq!(claims(answer["access_token"].as_str().unwrap())["sub"], client);
}

#[tokio::test]
async fn program_has_the_control_endpoint_with_its_option() {
    for (arguments, status) in [(&[][..], 404), (&["--control"][..], 204)] {
        let (_running, greeting) = start_with(arguments);
        let line = greeting.lines().find(|line| line.starts_with("issuer ")).unwrap();
        let url = line.split_whitespace().next_back().unwrap();
        let request = http().post(format!("{url}/control/rotate-without-overlap"));
        assert_eq!(request.send().await.unwrap().status(), status);
    }
}

#[test]
fn greeting_names_the_tenants_and_where_the_certificate_is() {
    let (_running, greeting) = start_with(&["--https"]);
    let url = greeting.lines().find(|line| line.starts_with("issuer ")).unwrap();
    let url = url.split_whitespace().next_back().unwrap();
    assert!(url.starts_with("https://127.0.0.1:"));
    assert!(greeting.contains(&format!("  {url}/contoso.com\n")));
    assert!(greeting.contains(&format!("  {url}/contoso.onmicrosoft.com/B2C_1_edit\n")));
    assert!(greeting.contains(&format!("The certificate to trust is at {url}/ca.pem")));
    assert!(greeting.contains("-----BEGIN CERTIFICATE-----"));
}

#[test]
fn directory_that_is_wrong_ends_the_program_with_the_reason() {
    let file = std::env::temp_dir().join(format!("doorward-issuer-{}.toml", std::process::id()));
    std::fs::write(&file, "[[tenants]]\nid = \"x\"\ndomains = []\n").unwrap();
    let output = run(&["--config", file.to_str().unwrap()]);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error, "doorward-issuer: the tenant \"x\" needs a GUID as its id\n");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_program_with_success() {
    let (mut running, _) = start();
    let pid = running.0.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert!(running.0.wait().unwrap().success());
}

#[test]
fn help_names_every_option() {
    let output = run(&["--help"]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    for option in [
        "--listen HOST:PORT",
        "--config FILE",
        "--https",
        "--control",
        "--danger-listen-beyond-loopback",
        "--help",
    ] {
        assert!(text.contains(option), "{text}");
    }
}

#[test]
fn unknown_argument_ends_the_program_with_its_name() {
    let output = run(&["--prot", "9000"]);
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error, "doorward-issuer: unknown argument \"--prot\"; see --help\n");
}

#[test]
fn address_beyond_loopback_ends_the_program() {
    let output = run(&["--addr", "0.0.0.0:0"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("other machines"));
}
