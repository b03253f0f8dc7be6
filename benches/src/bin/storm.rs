//! What a flood of tokens with unknown keys does to good clients: their latency beside their own in
//! quiet, by turns, and how long a newly published key takes to be served.
//!
//! `storm [ROUNDS]`: so many pairs of a quiet round and one of attack, 50 ms each; 200 unless told.

use std::{
    env,
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use doorward::{Issuer, ResourceServer};
use doorward_issuer::{Algorithm, DevIssuer};
use tokio::runtime::{Builder, Runtime};

const AUDIENCE: &str = "api://orders";
const ATTACK: usize = 10_000;
const ROUND: Duration = Duration::from_millis(50);

fn main() -> Result<(), Box<dyn Error>> {
    let rounds: usize = env::args().nth(1).map_or(Ok(200), |rounds| rounds.parse())?;
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let issuer = runtime.block_on(DevIssuer::builder().algorithms([Algorithm::Es256]).start())?;
    let server = runtime.block_on(
        ResourceServer::builder()
            .trust(Issuer::discover(issuer.issuer(), AUDIENCE))
            .allow_loopback_http()
            // Each request of the good client costs a signature check, as a new token's would.
            .max_cached_tokens(0)
            .build(),
    )?;
    let unknown = |index| issuer.mint().header("kid", format!("unknown-{index}")).sign();
    let attack: Vec<String> = (0..ATTACK).map(unknown).collect::<Result<_, _>>()?;
    let good = issuer.mint().sign()?;
    let fetched_before = issuer.jwks_requests();

    let flood = Flood::start(server.clone(), attack);
    let client = Builder::new_current_thread().enable_all().build()?;
    let (mut quiet, mut attacked) = (Vec::new(), Vec::new());
    let (mut ratios, mut delay) = (Vec::new(), None);
    let begin = Instant::now();
    for round in 0..rounds {
        let of_quiet = latencies(&client, &server, &good);
        flood.on.store(true, Relaxed);
        if round == rounds / 2 {
            delay = Some(rotate(&runtime, &client, &issuer, &server)?);
        }
        let of_attack = latencies(&client, &server, &good);
        flood.on.store(false, Relaxed);
        ratios.push(percentile(&of_attack, 99) / percentile(&of_quiet, 99));
        quiet.extend(of_quiet);
        attacked.extend(of_attack);
    }
    let elapsed = begin.elapsed();

    println!("| good client | p50 µs | p99 µs |\n|---|---|---|");
    for (what, all) in [("quiet", &quiet), ("under attack", &attacked)] {
        println!("| {what} | {:.1} | {:.1} |", percentile(all, 50), percentile(all, 99));
    }
    println!(
        "\np99 under attack / quiet, median of {rounds} pairs of rounds: {:.2}\n\
         tokens of the attack, each of an unknown key: {} in {elapsed:.1?}\n\
         fetches for them and for the new key: {}, with a cooldown of 10 s\n\
         a key published during the attack was served after {:.2?}",
        percentile(&ratios, 50),
        flood.sent.load(Relaxed),
        issuer.jwks_requests() - fetched_before,
        delay.unwrap_or_default(),
    );
    Ok(())
}

/// An attacker on a thread of its own, who knows issuer and audience.
struct Flood {
    on: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
}

impl Flood {
    fn start(server: ResourceServer, tokens: Vec<String>) -> Self {
        let flood = Self { on: Arc::default(), sent: Arc::default() };
        let (on, sent) = (Arc::clone(&flood.on), Arc::clone(&flood.sent));
        thread::spawn(move || {
            let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return };
            for token in tokens.iter().cycle() {
                while !on.load(Relaxed) {
                    thread::park_timeout(Duration::from_micros(100));
                }
                let field = format!("Bearer {token}");
                let refused = runtime.block_on(server.authenticate([field.as_bytes()])).is_err();
                sent.fetch_add(u64::from(refused), Relaxed);
            }
        });
        flood
    }
}

/// The latencies of one round, in microseconds.
fn latencies(client: &Runtime, server: &ResourceServer, token: &str) -> Vec<f64> {
    let field = format!("Bearer {token}");
    let (begin, mut latencies) = (Instant::now(), Vec::new());
    while begin.elapsed() < ROUND {
        let sent = Instant::now();
        let answer = client.block_on(server.authenticate([field.as_bytes()]));
        latencies.push(sent.elapsed().as_secs_f64() * 1e6);
        assert!(answer.is_ok(), "a good client is refused: {answer:?}");
    }
    latencies
}

/// Publishes a new key, signs with it at once, and asks until it is served.
fn rotate(
    runtime: &Runtime,
    client: &Runtime,
    issuer: &DevIssuer,
    server: &ResourceServer,
) -> Result<Duration, Box<dyn Error>> {
    runtime.block_on(issuer.rotate())?;
    let (begin, field) = (Instant::now(), format!("Bearer {}", issuer.mint().sign()?));
    while client.block_on(server.authenticate([field.as_bytes()])).is_err() {
        thread::sleep(Duration::from_millis(1));
    }
    Ok(begin.elapsed())
}

fn percentile(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() * percent / 100).copied().unwrap_or(f64::NAN)
}
