//! Measures what many issuers and many remembered tokens cost, in time and memory.
//!
//! `size [ROUNDS]`: so many rounds of the times; 300 unless told. Memory is measured once.

use std::{
    alloc::System,
    collections::HashMap,
    env,
    error::Error,
    process::Command,
    time::{Duration, Instant},
};

use cap::Cap;
use doorward::{Issuer, Keys, ResourceServer, ResourceServerBuilder, keys::FixedKeysIssuer};
use doorward_benches::{
    claims::{AUDIENCE, Claims},
    contender::{BareCheck, Contender, Core},
    in_turn::InTurn,
    memory::{megabytes, resident},
    rounds,
    signer::Signer,
    token::SignedToken,
};
use doorward_issuer::{Algorithm, MintError, StartError};
use serde_json::json;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// How many issuers a server trusts.
const SIZES: [usize; 4] = [1, 10, 100, 1000];
const KEYS: usize = 10;
/// How many tokens come in turn, whatever the number of issuers is.
const TOKENS: usize = 1000;
const BATCH: u32 = 50;

const REMEMBERED: usize = 100_000;
/// How many of each hundred thousand tokens are sent again, to see whether they are remembered.
const SAMPLE: usize = 1000;
/// Makes a token of EdDSA as long as one of RS256.
const PADDING: usize = 180;
/// A token that is remembered is known by its time: a signature check takes longer.
const AT_MOST_IF_SEEN: Duration = Duration::from_micros(20);

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => all("300"),
        ["issuers", issuers] => runtime.block_on(memory_of_issuers(issuers.parse()?)),
        ["tokens", mebibytes] => runtime.block_on(memory_of_tokens(mebibytes.parse()?)),
        ["times", rounds] => runtime.block_on(times(rounds.parse()?)),
        [rounds] => all(rounds),
        _ => Err("size [ROUNDS] | issuers NUMBER | tokens MEBIBYTES | times ROUNDS".into()),
    }
}

/// Measures each by a process of its own: what one has freed would hide what the next one takes.
fn all(rounds: &str) -> Result<(), Box<dyn Error>> {
    println!(
        "| issuers with {KEYS} keys | MB | resident MB | kB an issuer | resident kB an issuer |"
    );
    println!("|---|---|---|---|---|");
    for issuers in SIZES {
        alone(&["issuers", &issuers.to_string()])?;
    }
    println!("\n| issuers | | min µs | median µs | × 1 issuer |");
    println!("|---|---|---|---|---|");
    alone(&["times", rounds])?;
    println!(
        "\n| limits | tokens | MB | most MB | resident MB | remembered of the first 100,000 | of the latest |"
    );
    println!("|---|---|---|---|---|---|---|");
    alone(&["tokens", "1024"])?;
    alone(&["tokens", "64"])
}

fn alone(arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let status = Command::new(env::current_exe()?).args(arguments).status()?;
    if status.success() { Ok(()) } else { Err(format!("{arguments:?}: {status}").into()) }
}

async fn signers() -> Result<Vec<Signer>, StartError> {
    let mut signers = Vec::new();
    for _ in 0..KEYS {
        signers.push(Signer::new(Algorithm::Rs256).await?);
    }
    Ok(signers)
}

/// Prints what memory so many issuers take.
async fn memory_of_issuers(size: usize) -> Result<(), Box<dyn Error>> {
    let issuers = trusted(&signers().await?, size);
    let before = Held::now();
    let server = server(&issuers).build().await?;
    let [held, resident] = Held::now().since(&before);
    let each = |bytes: usize| megabytes(bytes * 1000 / size);
    println!(
        "| {size} | {} | {} | {} | {} |",
        megabytes(held),
        megabytes(resident),
        each(held),
        each(resident),
    );
    drop(server);
    Ok(())
}

/// Prints which times many issuers take.
async fn times(rounds: usize) -> Result<(), Box<dyn Error>> {
    let signers = signers().await?;
    let mut contenders: Vec<Box<dyn Contender>> = Vec::new();
    for size in SIZES {
        let issuers = trusted(&signers, size);
        let fresh = server(&issuers).max_cached_tokens(0).build().await?;
        let remembering = server(&issuers).build().await?;
        contenders.extend(of_size(&signed(&signers, size)?, &fresh, &remembering));
    }
    let times = rounds::run(&mut contenders, rounds, BATCH);
    let kinds = contenders.len() / SIZES.len();
    for (index, contender) in contenders.iter().enumerate() {
        println!(
            "| {} | {} | {:.2} | {:.2} | {:.3} |",
            SIZES[index / kinds],
            contender.description(),
            times.min(index),
            times.median(index),
            times.ratio(index, &[index % kinds]),
        );
    }
    Ok(())
}

fn issuer_name(issuer: usize) -> String {
    format!("https://login-{issuer:04}.example.com/7fe81447-da57-4385-becb-6de57f21477e/v2.0")
}

fn key_id(issuer: usize, key: usize) -> String {
    format!("key-{key}-of-{issuer:04}-Qb7hTz0cHfUe9bWn5x")
}

/// The issuers, each with the keys under names of its own.
fn trusted(signers: &[Signer], issuers: usize) -> Vec<FixedKeysIssuer> {
    let issuer = |issuer| {
        let jwk = |(key, signer): (usize, &Signer)| signer.jwk(&key_id(issuer, key));
        let keys: Vec<_> = signers.iter().enumerate().map(jwk).collect();
        let keys = Keys::jwks(json!({ "keys": keys }).to_string());
        Issuer::fixed_keys(issuer_name(issuer), AUDIENCE, keys)
    };
    (0..issuers).map(issuer).collect()
}

fn server(issuers: &[FixedKeysIssuer]) -> ResourceServerBuilder {
    issuers.iter().cloned().fold(ResourceServer::builder(), ResourceServerBuilder::trust)
}

/// Tokens of all issuers and keys by turns.
fn signed(signers: &[Signer], issuers: usize) -> Result<Vec<SignedToken>, Box<dyn Error>> {
    let sign = |serial: usize| {
        let (issuer, key) = (serial % issuers, serial / issuers.max(KEYS) + serial % KEYS);
        let key = key % KEYS;
        let claims = Claims { issuer: issuer_name(issuer), ..Claims::now().subject(serial) };
        let token = signers[key].sign(&key_id(issuer, key), &claims)?;
        let jwk = signers[key].jwk(&key_id(issuer, key));
        Ok(SignedToken { algorithm: Algorithm::Rs256, token, jwk, wrong: Vec::new() })
    };
    (0..TOKENS).map(sign).collect()
}

fn of_size(
    signed: &[SignedToken],
    fresh: &ResourceServer,
    remembering: &ResourceServer,
) -> [Box<dyn Contender>; 5] {
    let mut keys = HashMap::new();
    let check = |signed: &SignedToken| {
        let key_id = signed.jwk["kid"].as_str().expect("a name").to_owned();
        keys.entry(key_id).or_insert_with(|| BareCheck::new(signed)).with_token(signed)
    };
    let check = signed.iter().map(check).collect();
    let core = |signed| Core::new(fresh.clone(), signed);
    let again = |signed| Core::remembering(remembering.clone(), signed);
    let mut all_again =
        InTurn::new("seen before, 1,000 tokens", signed.iter().map(again).collect());
    (0..TOKENS).for_each(|_| all_again.once());
    [
        Box::new(InTurn::new("first sight, one token", vec![core(&signed[0])])),
        Box::new(InTurn::new("seen before, one token", vec![again(&signed[0])])),
        Box::new(InTurn::new("bare check, 1,000 tokens", check)),
        Box::new(InTurn::new("first sight, 1,000 tokens", signed.iter().map(core).collect())),
        Box::new(all_again),
    ]
}

/// Prints how much memory many remembered tokens take, and which are remembered.
async fn memory_of_tokens(mebibytes: u64) -> Result<(), Box<dyn Error>> {
    // Signs the same text alike, so that a token need not be kept to be sent again.
    let signer = Signer::new(Algorithm::EdDsa).await?;
    let (key_id, claims) = (signer.key_id(), Claims { padding: PADDING, ..Claims::now() });
    let token = |serial| signer.sign(&key_id, &claims.subject(serial));
    let before = Held::now();
    let server = signer.server().max_cached_tokens(u64::try_from(REMEMBERED)?);
    let server = server.max_cached_token_bytes(mebibytes << 20).build().await?;
    let remembered = |from: usize| -> Result<usize, MintError> {
        let mut seen = 0;
        for serial in (from..from + REMEMBERED).step_by(REMEMBERED / SAMPLE) {
            seen += usize::from(is_seen_before(&server, &token(serial)?));
        }
        Ok(seen * 100 / SAMPLE)
    };
    let mut most = 0;
    for sent in [REMEMBERED, 2 * REMEMBERED, 3 * REMEMBERED] {
        let latest = sent - REMEMBERED;
        for serial in latest..sent {
            is_seen_before(&server, &token(serial)?);
            most = most.max(ALLOCATOR.allocated());
        }
        let [held, resident] = Held::now().since(&before);
        println!(
            "| 100,000 tokens, {mebibytes} MiB | {sent} | {} | {} | {} | {} % | {} % |",
            megabytes(held),
            megabytes(most.saturating_sub(before.allocated)),
            megabytes(resident),
            remembered(0)?,
            remembered(latest)?,
        );
    }
    Ok(())
}

fn is_seen_before(server: &ResourceServer, token: &str) -> bool {
    let field = format!("Bearer {token}");
    let begin = Instant::now();
    let authentication = server.authenticate([field.as_bytes()]);
    let elapsed = begin.elapsed();
    authentication.into_ready().expect("fixed keys are at hand").expect("a good token");
    elapsed < AT_MOST_IF_SEEN
}

/// The memory that is held at one moment.
struct Held {
    /// By Rust, exactly.
    allocated: usize,
    /// By the process, libraries in C included.
    resident: usize,
}

impl Held {
    fn now() -> Self {
        Self { allocated: ALLOCATOR.allocated(), resident: resident() }
    }

    fn since(&self, before: &Self) -> [usize; 2] {
        [
            self.allocated.saturating_sub(before.allocated),
            self.resident.saturating_sub(before.resident),
        ]
    }
}
