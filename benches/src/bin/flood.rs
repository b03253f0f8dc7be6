//! Measures what refusals cost beside acceptances, and what a flood of forged tokens does to the
//! tokens that are remembered.
//!
//! `flood [ROUNDS]`: so many rounds; 300 unless told.

use std::{alloc::System, env, error::Error, time::Instant};

use cap::Cap;
use doorward::ResourceServer;
use doorward_benches::{
    claims::Claims,
    contender::Contender,
    memory::resident,
    refusal::Sent,
    rounds::{self, median},
    signer::Signer,
};
use doorward_issuer::{Algorithm, MintError};

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

const BATCH: u32 = 32;
/// How long a token may be.
const LONGEST: usize = 16 * 1024;
/// What makes the claims so long that the token is nearly as long as it may be.
const PADDING: usize = 11_300;
/// Good tokens that are remembered while the flood comes.
const GOOD: usize = 1000;
/// Forged tokens between two looks at the good ones.
const FORGED: usize = 5000;
const WAVES: usize = 40;
/// A token that is remembered is known by its time, in microseconds: a signature check takes longer.
const AT_MOST_IF_SEEN: f64 = 10.0;

// Places in the list that `requests` makes.
const ACCEPTED: usize = 0;
const LONG_ACCEPTED: usize = 1;

fn main() -> Result<(), Box<dyn Error>> {
    let rounds: usize = env::args().nth(1).map_or(Ok(300), |rounds| rounds.parse())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let signer = runtime.block_on(Signer::new(Algorithm::Rs256))?;
    refusals(&signer, &runtime.block_on(signer.server().max_cached_tokens(0).build())?, rounds)?;
    println!();
    flood(&signer, &runtime.block_on(signer.server().build())?)
}

/// Prints what each request costs, beside the first sight of a good token.
fn refusals(signer: &Signer, server: &ResourceServer, rounds: usize) -> Result<(), Box<dyn Error>> {
    let mut contenders: Vec<Box<dyn Contender>> = Vec::new();
    let mut measures = Vec::new();
    for (sent, measure) in requests(signer)? {
        measures.push(measure);
        contenders.push(Box::new(sent.clone().to_core(server.clone())));
        contenders.push(Box::new(sent.to_stack(server.clone())));
    }
    let times = rounds::run(&mut contenders, rounds, BATCH);
    println!(
        "| sent | core, min µs | median µs | × accepted | axum, min µs | median µs | × accepted |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (sent, measure) in measures.into_iter().enumerate() {
        print!("| {}", contenders[2 * sent].description());
        for stack in [0, 1] {
            let (index, accepted) = (2 * sent + stack, 2 * measure + stack);
            print!(
                " | {:.2} | {:.2} | {:.3}",
                times.min(index),
                times.median(index),
                times.ratio(index, &[accepted]),
            );
        }
        println!(" |");
    }
    Ok(())
}

/// What is sent, and the place of the good request that it is measured by.
fn requests(signer: &Signer) -> Result<Vec<(Sent, usize)>, MintError> {
    let (key_id, good) = (signer.key_id(), Claims::now());
    let long = Claims { padding: PADDING, ..good.clone() };
    let elsewhere = Claims { issuer: "https://login.example.com".to_owned(), ..good.clone() };
    let expired = Claims { issued_at: good.issued_at - 2 * 3600, ..good.clone() };
    let (token, long_token) = (signer.sign(&key_id, &good)?, signer.sign(&key_id, &long)?);
    let expired = signer.sign(&key_id, &expired)?;
    let elsewhere = signer.sign(&key_id, &elsewhere)?;
    let (unknown, long_unknown) = (signer.sign("another", &good)?, signer.sign("another", &long)?);
    let part = "eyJh".repeat(LONGEST / 4 / 3 - 1);
    let parts = format!("{part}.{part}.{part}");
    let mut sent = Vec::new();
    let mut send = |description, token: &str, code, measure| {
        sent.push((Sent::token(description, token, code), measure));
    };
    send("good", &token, None, ACCEPTED);
    send("good, 16 KiB", &long_token, None, LONG_ACCEPTED);
    send("forged", &forged(&token, 0), Some("signature.invalid"), ACCEPTED);
    send("forged, 16 KiB", &forged(&long_token, 0), Some("signature.invalid"), LONG_ACCEPTED);
    send("expired, good signature", &expired, Some("policy.expired"), ACCEPTED);
    send("unknown key", &unknown, Some("key.unknown"), ACCEPTED);
    send("unknown key, 16 KiB", &long_unknown, Some("key.unknown"), LONG_ACCEPTED);
    send("another issuer", &elsewhere, Some("policy.untrusted_issuer"), ACCEPTED);
    send("garbage", "garbage", Some("token.not_compact"), ACCEPTED);
    let garbage = "garbage.".repeat(LONGEST / 8);
    send("garbage, 16 KiB", &garbage, Some("token.not_compact"), ACCEPTED);
    send("garbage in three parts, 16 KiB", &parts, Some("token.header_json"), ACCEPTED);
    send("garbage, 400 kB", &"g".repeat(400_000), Some("token.too_long"), ACCEPTED);
    Ok(sent)
}

/// Returns the token with other bytes in the middle of its signature.
fn forged(token: &str, serial: usize) -> String {
    let (message, signature) = token.rsplit_once('.').expect("a compact JWS");
    let (begin, end) = (&signature[..100], &signature[109..]);
    format!("{message}.{begin}f{serial:08}{end}")
}

/// Prints what a flood of forged tokens does to the good ones that are remembered.
fn flood(signer: &Signer, server: &ResourceServer) -> Result<(), Box<dyn Error>> {
    let (key_id, claims) = (signer.key_id(), Claims::now());
    let field = |serial| Ok(format!("Bearer {}", signer.sign(&key_id, &claims.subject(serial))?));
    let good: Vec<String> = (0..GOOD).map(field).collect::<Result<_, MintError>>()?;
    for field in good.iter().cycle().take(3 * GOOD) {
        time(server, field, true);
    }
    let is_seen = |time: &&f64| **time < AT_MOST_IF_SEEN;
    let calm: Vec<f64> =
        good.iter().cycle().take(WAVES * GOOD).map(|field| time(server, field, true)).collect();
    let seen_before = calm.iter().filter(is_seen).count();
    let (allocated, resident_before) = (ALLOCATOR.allocated(), resident());
    let (mut seen, mut times, mut of_forged) = (0, Vec::new(), Vec::new());
    let mut most = allocated;
    for wave in 0..WAVES {
        for serial in wave * FORGED..(wave + 1) * FORGED {
            let field = forged(&good[serial % GOOD], serial);
            of_forged.push(time(server, &field, false));
        }
        most = most.max(ALLOCATOR.allocated());
        let again: Vec<f64> = good.iter().map(|field| time(server, field, true)).collect();
        seen += again.iter().filter(is_seen).count();
        times.extend(again);
    }
    // What the times themselves take.
    let own = (of_forged.capacity() + times.capacity()) * size_of::<f64>();
    println!("| forged tokens, each another | {} |\n|---|---|", of_forged.len());
    println!("| each refused after, median µs | {:.2} |", median(of_forged));
    println!("| good tokens sent before the flood | {} |", calm.len());
    println!("| answered within {AT_MOST_IF_SEEN} µs | {seen_before} |");
    println!("| median µs | {:.2} |", median(calm));
    println!("| good tokens sent in between | {} |", times.len());
    println!("| answered within {AT_MOST_IF_SEEN} µs | {seen} |");
    println!("| median µs | {:.2} |", median(times));
    println!("| bytes held more than before | {} |", signed_difference(most, allocated + own));
    println!("| resident | {} |", signed_difference(resident(), resident_before));
    Ok(())
}

fn signed_difference(after: usize, before: usize) -> i128 {
    after as i128 - before as i128
}

/// Returns how long the answer took, in microseconds.
fn time(server: &ResourceServer, field: &str, is_good: bool) -> f64 {
    let begin = Instant::now();
    let authentication = server.authenticate([field.as_bytes()]);
    let elapsed = begin.elapsed();
    let answer = authentication.into_ready().expect("fixed keys are at hand");
    assert_eq!(answer.is_ok(), is_good);
    elapsed.as_secs_f64() * 1e6
}
