//! Measures how much more two threads do than one, with one server for both.
//!
//! `threads [ROUNDS]`: so many pairs of windows for each contender; 100 unless told.

use std::{
    env,
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use doorward::ResourceServer;
use doorward_benches::{
    claims::Claims,
    contender::{BareCheck, Contender, Core},
    crew::{Contenders, Crew, Throughput},
    in_turn::InTurn,
    rounds::median,
    signer::Signer,
    token::SignedToken,
};
use doorward_issuer::Algorithm;

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa];
const WINDOW: Duration = Duration::from_millis(10);
/// How many tokens a thread has, where it has many.
const TOKENS: usize = 500;
/// How often a pair is repeated in which other work took a core.
const MOST_REPEATS: usize = 20;
/// A server's factor divided by that of the bare check shall be at least this.
const AIM: f64 = 0.97;

const DESCRIPTIONS: [&str; 10] = [
    "bare signature check, one key for both threads",
    "bare signature check, a key for each",
    "adding 1 to the same number",
    "core, first sight, a server and a token for each",
    "core, first sight, the same token",
    "core, first sight, a token for each",
    "core, seen before, the same token",
    "core, seen before, a token for each",
    "core, seen before, the same 500 tokens",
    "core, seen before, 500 tokens for each",
];

fn main() -> Result<(), Box<dyn Error>> {
    let rounds: usize = env::args().nth(1).map_or(Ok(100), |rounds| rounds.parse())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    println!("| token | | 1 thread, 1000/s | 2 threads, 1000/s | factor | / bare check's factor |");
    println!("|---|---|---|---|---|---|");
    let mut repeated = 0;
    for algorithm in ALGORITHMS {
        let crew = runtime.block_on(crew(algorithm))?;
        repeated += measure(&crew, algorithm, rounds);
    }
    println!("\naim: at least {AIM} of the bare check's factor; {repeated} pairs were repeated");
    Ok(())
}

/// What one thread and two threads did, one right after the other.
struct Pair {
    one: f64,
    two: f64,
}

impl Pair {
    fn factor(&self) -> f64 {
        self.two / self.one
    }
}

/// Prints the rows of one algorithm; returns how many pairs were repeated because of other work.
fn measure(crew: &Crew, algorithm: Algorithm, rounds: usize) -> usize {
    let mut pairs: Vec<Vec<Pair>> = DESCRIPTIONS.iter().map(|_| Vec::new()).collect();
    let mut repeated = 0;
    for round in 0..rounds {
        for turn in 0..DESCRIPTIONS.len() {
            let contender = (round + turn) % DESCRIPTIONS.len();
            let (mut one, mut two) = pair(crew, contender, round);
            for _ in 0..MOST_REPEATS {
                if !one.is_disturbed && !two.is_disturbed {
                    break;
                }
                repeated += 1;
                (one, two) = pair(crew, contender, round);
            }
            pairs[contender].push(Pair { one: one.per_second, two: two.per_second });
        }
    }
    for (index, description) in DESCRIPTIONS.iter().enumerate() {
        let of = |value: &dyn Fn(usize) -> f64| median((0..rounds).map(value).collect());
        println!(
            "| {algorithm} | {description} | {:.1} | {:.1} | {:.3} | {:.3} |",
            of(&|round| pairs[index][round].one) / 1e3,
            of(&|round| pairs[index][round].two) / 1e3,
            of(&|round| pairs[index][round].factor()),
            of(&|round| pairs[index][round].factor() / pairs[0][round].factor()),
        );
    }
    repeated
}

/// Which thread is alone, and whether it is first, changes from round to round.
fn pair(crew: &Crew, contender: usize, round: usize) -> (Throughput, Throughput) {
    let alone = || crew.run(contender, &[round / 2 % 2], WINDOW);
    let together = || crew.run(contender, &[0, 1], WINDOW);
    if round.is_multiple_of(2) {
        (alone(), together())
    } else {
        let two = together();
        (alone(), two)
    }
}

/// Tells how far the cores are apart: what a number costs that both write.
struct Adding(Arc<AtomicU64>);

impl Contender for Adding {
    fn name(&self) -> &'static str {
        "adding"
    }

    fn description(&self) -> &'static str {
        "adding"
    }

    fn once(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

async fn crew(algorithm: Algorithm) -> Result<Crew, Box<dyn Error>> {
    let signer = Signer::new(algorithm).await?;
    let fresh = signer.server().max_cached_tokens(0).build().await?;
    let remembering = signer.server().build().await?;
    let mut signed = Vec::new();
    for serial in 0..2 * TOKENS {
        let token = signer.sign(&signer.key_id(), &Claims::now().subject(serial))?;
        signed.push(SignedToken {
            algorithm,
            token,
            jwk: signer.jwk(&signer.key_id()),
            wrong: Vec::new(),
        });
    }
    let one_key = BareCheck::new(&signed[0]);
    let (mut threads, number) = (Vec::new(), Arc::default());
    for of_this in signed.chunks(TOKENS) {
        let own = signer.server().max_cached_tokens(0).build().await?;
        threads.push(vec![
            Box::new(one_key.clone()) as Box<dyn Contender + Send>,
            Box::new(BareCheck::new(&of_this[0])),
            Box::new(Adding(Arc::clone(&number))),
            Box::new(Core::new(own, &of_this[0])),
        ]);
        if let Some(thread) = threads.last_mut() {
            thread.extend(contenders([&fresh, &remembering], [&signed, of_this]));
        }
    }
    Ok(Crew::start(threads))
}

/// The contenders of one thread that share a server with those of the other.
fn contenders(
    [fresh, remembering]: [&ResourceServer; 2],
    [of_both, of_this]: [&[SignedToken]; 2],
) -> Contenders {
    let seen_before = |signed: &SignedToken| Core::remembering(remembering.clone(), signed);
    let many = |all: &[SignedToken]| {
        let all = all.iter().take(TOKENS).map(seen_before).collect();
        Box::new(InTurn::new("core-again", all))
    };
    vec![
        Box::new(Core::new(fresh.clone(), &of_both[0])),
        Box::new(Core::new(fresh.clone(), &of_this[0])),
        Box::new(seen_before(&of_both[0])),
        Box::new(seen_before(&of_this[0])),
        many(of_both),
        many(of_this),
    ]
}
