//! Measures doorward beside other libraries for the same task, with the same token and key.
//!
//! `peers [ROUNDS]`: so many rounds for each algorithm; 500 unless told. The verifiers of Node take
//! part after `npm ci` in `benches/node`.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    error::Error,
    ops::Range,
};

use doorward_benches::{
    contender::Contender,
    peers::{Field, Node, Peer},
    rounds::{self, Times},
    token::{FORGED, SignedToken},
};
use doorward_issuer::Algorithm;
use tokio::runtime::{Builder, Runtime};

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa];
const ROUNDS: usize = 500;
const BATCH: u32 = 128;

/// The crates whose versions are told.
const CRATES: [&str; 11] = [
    "aws-lc-rs",
    "axum",
    "jsonwebtoken",
    "axum-jwt-auth",
    "aliri_tower",
    "jwt-authorizer",
    "tower-oauth2-resource-server",
    "oauth-resource-server",
    "huskarl-resource-server",
    "huskarl-axum",
    "aliri_actix",
];

fn main() -> Result<(), Box<dyn Error>> {
    let rounds = env::args().nth(1).map_or(Ok(ROUNDS), |rounds| rounds.parse())?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let node = Node::find();
    let mut results = Vec::new();
    for algorithm in ALGORITHMS {
        results.push(measure(&runtime, &node, algorithm, rounds)?);
    }
    print_table(&results);
    print_notes(&results);
    print_comparison(&results);
    println!("\nVersions: {}.", versions());
    match node {
        Node::Ready(versions) => println!("Node: {versions}."),
        Node::Absent(why) => println!("**The rows of Node are skipped: {why}.**"),
    }
    Ok(())
}

/// What is wrong with a peer's answers, and the peer.
type Note = (String, &'static str);

/// What one algorithm's rounds have shown.
struct Measured {
    algorithm: Algorithm,
    /// The rows' names, in the order of the times; the bare check is the first.
    names: Vec<&'static str>,
    /// The places of the peers that have a router.
    peers: Range<usize>,
    /// The place of doorward's first sight; a token seen before is the next.
    ours: usize,
    times: Times,
    notes: Vec<Note>,
}

fn measure(
    runtime: &Runtime,
    node: &Node,
    algorithm: Algorithm,
    rounds: usize,
) -> Result<Measured, Box<dyn Error>> {
    let signed = runtime.block_on(SignedToken::new(algorithm))?;
    let field = runtime.block_on(Field::new(&signed, node))?;
    // Not within `block_on`: there tokio makes a task that has done much wait for its next turn.
    let _entered = runtime.enter();
    let peers = field.bare.len() + field.decoders.len();
    let peers = peers..peers + field.peers.len();
    let mut notes = Vec::new();
    let mut contenders: Vec<Box<dyn Contender>> = field.bare;
    for (ours, group) in
        [(false, field.decoders), (false, field.peers), (true, field.ours), (false, field.node)]
    {
        for mut peer in group {
            let found = wrongly_answered(peer.as_mut(), &signed);
            assert!(!ours || found.is_empty(), "{found:?}");
            notes.extend(found);
            contenders.push(peer);
        }
    }
    let times = rounds::run(&mut contenders, rounds, BATCH);
    let names = contenders.iter().map(|contender| contender.description()).collect();
    Ok(Measured { algorithm, names, ours: peers.end, peers, times, notes })
}

/// Tells the tokens that the peer accepts and should not, and those for which it blames itself.
///
/// # Panics
///
/// When it refuses the good token, or accepts one whose signature is wrong: its time says nothing then.
fn wrongly_answered(peer: &mut dyn Peer, signed: &SignedToken) -> Vec<Note> {
    let name = peer.description();
    assert_eq!(peer.status(&signed.token), 204, "{name} refuses a good token");
    let mut found = Vec::new();
    for (way, token) in &signed.wrong {
        let verdict = match peer.status(token) {
            400..500 => continue,
            status @ 500.. => format!("answers {status} to a token {way}"),
            _ => format!("accepts a token {way}"),
        };
        assert!(*way != FORGED || !verdict.starts_with("accepts"), "{name} {verdict}");
        found.push((verdict, name));
    }
    found
}

fn print_table(results: &[Measured]) {
    print!("| |");
    for Measured { algorithm, .. } in results {
        print!(" {algorithm} min µs | median µs | × bare |");
    }
    println!("\n|---|{}", "---|".repeat(3 * results.len()));
    // Every contender knows the first algorithm.
    for name in results.first().map(|first| &first.names[..]).unwrap_or_default() {
        print!("| {name} |");
        for Measured { names, times, .. } in results {
            match names.iter().position(|other| other == name) {
                Some(at) => {
                    let (min, median) = (times.min(at), times.median(at));
                    print!(" {min:.2} | {median:.2} | {:.3} |", times.ratio(at, &[0]));
                }
                None => print!(" no | no | no |"),
            }
        }
        println!();
    }
}

/// Prints each verdict once, with the names of all whom it befits.
fn print_notes(results: &[Measured]) {
    let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (verdict, name) in results.iter().flat_map(|result| &result.notes) {
        names.entry(verdict).or_default().insert(name);
    }
    println!("\nEach was asked about tokens that are wrong in one way, before the first round:\n");
    for (verdict, names) in names {
        println!("- {verdict}: {}", names.into_iter().collect::<Vec<_>>().join("; "));
    }
    println!("- All others were refused by all.");
}

/// Prints doorward's time beside that of the quickest peer with a router.
fn print_comparison(results: &[Measured]) {
    println!();
    for Measured { algorithm, names, peers, ours, times, .. } in results {
        let by_median =
            |one: &usize, other: &usize| times.median(*one).total_cmp(&times.median(*other));
        let Some(best) = peers.clone().min_by(by_median) else { continue };
        println!(
            "- {algorithm}: seen before: **{:.1}** times faster than the best peer ({}); \
             first sight: {:.2} times faster; first sight / (bare check + bare router) = {:.3}",
            times.ratio(best, &[ours + 1]),
            names[best],
            times.ratio(best, &[*ours]),
            times.ratio(*ours, &[0, 1]),
        );
    }
}

/// Tells the versions that the lock file names.
fn versions() -> String {
    let lock = include_str!("../../Cargo.lock");
    let of = |name: &&str| {
        let entry = format!("name = \"{name}\"\nversion = \"");
        let versions = lock.split(&entry).skip(1).filter_map(|rest| rest.split('"').next());
        format!("{name} {}", versions.collect::<Vec<_>>().join(" and "))
    };
    CRATES.iter().map(of).collect::<Vec<_>>().join(", ")
}
