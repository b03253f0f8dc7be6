//! Measures the orders API over the loopback interface with `wrk`: requests a second and latencies
//! of each contender by turns, and latencies while a key is rotated and while the issuer is down.
//!
//! `wire [ROUNDS] [ROUNDS OF TROUBLE]`: 10 and 10 unless told, about seven minutes.

use std::{env, error::Error, time::Duration};

use doorward_benches::{
    claims::AUDIENCE,
    rounds::median,
    wrk::{self, Measured, Server, TokenFile},
};
use doorward_issuer::{Algorithm, DevIssuer, MintError, Outage};
use tokio::runtime::Builder;

/// The names for `wire_server`, how many tokens are sent, and what stands in the table.
const CONTENDERS: &[(&str, usize, &str)] = &[
    ("none", TOKENS, "without auth"),
    ("uncached", TOKENS, "doorward, no token remembered"),
    ("cached", TOKENS, "doorward, 500 tokens in turn"),
    ("cached", 1, "doorward, one token"),
    #[cfg(feature = "peers")]
    ("axum-jwt-auth", TOKENS, "axum-jwt-auth"),
    #[cfg(feature = "peers")]
    ("oauth-resource-server", TOKENS, "oauth-resource-server"),
];
const TOKENS: usize = 500;
/// Makes the tokens as long as those of Entra: 1.26 kB.
const PADDING: usize = 366;
const WINDOW: Duration = Duration::from_secs(3);
/// With trouble after two seconds. Between two rotations lies more than the cooldown of unknown keys.
const LONG_WINDOW: Duration = Duration::from_secs(5);

fn main() -> Result<(), Box<dyn Error>> {
    wrk::is_installed()?;
    let mut rounds = env::args().skip(1).map(|rounds| rounds.parse::<usize>());
    let mut rounds = || rounds.next().unwrap_or(Ok(10));
    let (rounds, troubled) = (rounds()?, rounds()?);
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let issuer = DevIssuer::builder().algorithms([Algorithm::Rs256]).start();
    let issuer = runtime.block_on(issuer)?;
    throughput(&issuer, rounds)?;
    println!();
    trouble(&issuer, troubled, |issuer| Ok(runtime.block_on(issuer.rotate())?))
}

/// Prints what each contender serves.
fn throughput(issuer: &DevIssuer, rounds: usize) -> Result<(), Box<dyn Error>> {
    let all = tokens(issuer, TOKENS)?;
    println!("Tokens of {} bytes.\n", all[0].len());
    let mut contenders = Vec::new();
    for &(name, tokens, _) in CONTENDERS {
        let file = TokenFile::write(&format!("{name}-{tokens}"), &all[..tokens])?;
        let server = Server::start(name, issuer)?;
        wrk::run(&server, Duration::from_secs(1), &file, None)?;
        contenders.push((server, file, Vec::new()));
    }
    for round in 0..rounds {
        for turn in 0..contenders.len() {
            let turn = (round + turn) % contenders.len();
            let (server, file, measured) = &mut contenders[turn];
            measured.push(wrk::run(server, WINDOW, file, None)?);
        }
    }
    println!("| | requests/s | × without auth | p50 µs | p99 µs |\n|---|---|---|---|---|");
    let bare: Vec<Measured> = contenders[0].2.clone();
    for ((_, _, measured), (_, _, description)) in contenders.iter().zip(CONTENDERS) {
        let ratios = measured.iter().zip(&bare).map(|(of, bare)| of.per_second / bare.per_second);
        println!(
            "| {description} | {:.0} | {:.3} | {:.0} | {:.0} |",
            of(measured, |of| of.per_second),
            median(ratios.collect()),
            of(measured, |of| of.p50),
            of(measured, |of| of.p99),
        );
    }
    Ok(())
}

/// What happens after two seconds of a window.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Event {
    /// Nothing but that the clients get other tokens, as in the other windows too.
    Quiet,
    /// Those tokens are of a new key.
    Rotation,
    /// The issuer answers nobody any more, from the window's beginning.
    Outage,
}

/// Prints the latencies in quiet and in trouble.
fn trouble(
    issuer: &DevIssuer,
    rounds: usize,
    rotate: impl Fn(&DevIssuer) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let patient = Server::start("cached", issuer)?;
    let impatient = Server::start("impatient", issuer)?;
    let windows = [
        (&patient, Event::Quiet, "quiet"),
        (&patient, Event::Rotation, "a key is rotated"),
        (&impatient, Event::Quiet, "quiet, keys fetched every second"),
        (&impatient, Event::Outage, "the issuer hangs, keys asked for every second"),
    ];
    let (mut measured, mut fetches) = (windows.map(|_| Vec::new()), [0; 4]);
    for _ in 0..rounds {
        for (window, (server, event, _)) in windows.into_iter().enumerate() {
            let now = TokenFile::write("now", &tokens(issuer, TOKENS)?)?;
            if event == Event::Rotation {
                // Published at once, but no server knows of it before it sees a token.
                rotate(issuer)?;
            }
            let later = TokenFile::write("later", &tokens(issuer, TOKENS)?)?;
            if event == Event::Outage {
                issuer.go_down(Outage::Hang)?;
            }
            let fetched_before = issuer.jwks_requests();
            let run = wrk::run(server, LONG_WINDOW, &now, Some(&later));
            fetches[window] += issuer.jwks_requests() - fetched_before;
            issuer.recover()?;
            measured[window].push(run?);
        }
    }
    println!(
        "| | requests/s | p50 µs | p99 µs | p99 / quiet | p99.9 µs | longest, median ms | keys served by the issuer |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (window, (_, _, description)) in windows.iter().enumerate() {
        let (here, quiet) = (&measured[window], &measured[window - window % 2]);
        let ratios = here.iter().zip(quiet).map(|(of, quiet)| of.p99 / quiet.p99);
        println!(
            "| {description} | {:.0} | {:.0} | {:.0} | {:.3} | {:.0} | {:.1} | {} |",
            of(here, |of| of.per_second),
            of(here, |of| of.p50),
            of(here, |of| of.p99),
            median(ratios.collect()),
            of(here, |of| of.p999),
            of(here, |of| of.max) / 1e3,
            fetches[window],
        );
    }
    Ok(())
}

fn of(measured: &[Measured], value: impl Fn(&Measured) -> f64) -> f64 {
    median(measured.iter().map(value).collect())
}

fn tokens(issuer: &DevIssuer, number: usize) -> Result<Vec<String>, MintError> {
    let mint = issuer.mint().audience(AUDIENCE).scope("orders.read");
    // Peers read the name that Entra has for it.
    let mint = mint.claim("scp", "orders.read").claim("padding", "x".repeat(PADDING));
    (0..number).map(|_| mint.clone().sign()).collect()
}
