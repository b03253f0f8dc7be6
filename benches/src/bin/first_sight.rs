//! Measures the first sight of a token: what doorward adds to the signature check and the router
//! that no verifier can do without.
//!
//! ```text
//! first_sight [ROUNDS]
//! first_sight --once RUNS CONTENDER [ALGORITHM]
//! ```
//!
//! The second form runs one contender so many times, for a tool that counts instructions.

use std::{env, error::Error};

use doorward_benches::{
    contender::{BareCheck, Contender, Core, Route},
    miss::Miss,
    rounds,
    token::SignedToken,
};
use doorward_issuer::Algorithm;

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa];
const ROUNDS: usize = 500;
const BATCH: u32 = 32;

// Places in the list that `contenders` makes.
const CHECK: usize = 0;
const ROUTER: usize = 1;
const CORE: usize = 2;
const AXUM: usize = 3;
const MISS: usize = 6;

/// Looking for a token and remembering it may take a first sight so many times as long.
const MISS_AIM: f64 = 1.05;

/// The whole axum stack may take so many times what the bare check and the bare router take
/// together, with RS256.
const AIM: f64 = 1.15;

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => runtime.block_on(measure(ROUNDS)),
        ["--once", runs, contender] => {
            runtime.block_on(count(runs.parse()?, contender, Algorithm::Rs256))
        }
        ["--once", runs, contender, algorithm] => {
            let known = ALGORITHMS.into_iter().find(|known| known.name() == algorithm);
            runtime.block_on(count(runs.parse()?, contender, known.ok_or("RS256, ES256 or EdDSA")?))
        }
        [rounds] => runtime.block_on(measure(rounds.parse()?)),
        _ => Err("first_sight [ROUNDS] | --once RUNS CONTENDER [ALGORITHM]".into()),
    }
}

/// Runs all contenders by turns and prints the table.
async fn measure(rounds: usize) -> Result<(), Box<dyn Error>> {
    println!("| token | | min µs | median µs | × bare check |");
    println!("|---|---|---|---|---|");
    let mut stack = Vec::new();
    for algorithm in ALGORITHMS {
        let signed = SignedToken::new(algorithm).await?;
        let mut contenders = contenders(&signed).await?;
        let times = rounds::run(&mut contenders, rounds, BATCH);
        for (index, contender) in contenders.iter().enumerate() {
            println!(
                "| {algorithm}, {} bytes | {} | {:.2} | {:.2} | {:.3} |",
                signed.token.len(),
                contender.description(),
                times.min(index),
                times.median(index),
                times.ratio(index, &[CHECK]),
            );
        }
        let miss = times.ratio(MISS, &[CORE]);
        stack.push((algorithm, times.ratio(AXUM, &[CHECK, ROUTER]), miss));
    }
    println!();
    for (algorithm, ratio, miss) in stack {
        println!(
            "- {algorithm}: whole axum stack / (bare check + bare router) = **{ratio:.3}**; \
             a miss / first sight without a memory = **{miss:.3}**"
        );
    }
    println!("\nAims for RS256: at most {AIM}; a miss at most {MISS_AIM}.");
    Ok(())
}

/// Runs one contender so many times.
async fn count(runs: u32, name: &str, algorithm: Algorithm) -> Result<(), Box<dyn Error>> {
    let signed = SignedToken::new(algorithm).await?;
    let mut contenders = contenders(&signed).await?;
    let contender = contenders.iter_mut().find(|contender| contender.name() == name);
    let contender = contender
        .ok_or("the contenders are bare, router, core, axum, core-again, axum-again, core-miss")?;
    contender.prepare(runs);
    for _ in 0..runs {
        contender.once();
    }
    Ok(())
}

async fn contenders(signed: &SignedToken) -> Result<Vec<Box<dyn Contender>>, Box<dyn Error>> {
    let (server, remembering) = (signed.server().await?, signed.remembering_server().await?);
    Ok(vec![
        Box::new(BareCheck::new(signed)),
        Box::new(Route::bare(signed)),
        Box::new(Core::new(server.clone(), signed)),
        Box::new(Route::guarded(server, signed)),
        Box::new(Core::remembering(remembering.clone(), signed)),
        Box::new(Route::remembering(remembering, signed)),
        Box::new(Miss::new(signed.algorithm, BATCH as usize).await?),
    ])
}
