//! Measures what the layer of each adapter costs where no signature is checked: a request without a
//! token, which is refused, and one whose token the gate has verified already.
//!
//! ```text
//! layers [ROUNDS]
//! layers --once RUNS CONTENDER
//! ```
//!
//! The second form runs one contender so many times, for a tool that counts instructions.

use std::{env, error::Error};

use doorward_benches::{contender::Contender, layered, rounds, token::SignedToken};
use doorward_issuer::Algorithm;

const ROUNDS: usize = 500;
const BATCH: u32 = 256;
/// How many contenders an adapter has, the bare one first.
const OF_ADAPTER: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut contenders = runtime.block_on(contenders())?;
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => measure(&mut contenders, ROUNDS),
        ["--once", runs, name] => count(&mut contenders, runs.parse()?, name)?,
        [rounds] => measure(&mut contenders, rounds.parse()?),
        _ => return Err("layers [ROUNDS] | --once RUNS CONTENDER".into()),
    }
    Ok(())
}

async fn contenders() -> Result<Vec<Box<dyn Contender>>, Box<dyn Error>> {
    let signed = SignedToken::new(Algorithm::Es256).await?;
    let server = signed.server().await?;
    let token = server.authenticate([signed.field().as_bytes()]).await?;
    Ok(layered::all(&server, &token).await)
}

fn measure(contenders: &mut [Box<dyn Contender>], rounds: usize) {
    let times = rounds::run(contenders, rounds, BATCH);
    println!("| | min ns | median ns | × bare |");
    println!("|---|---|---|---|");
    for (index, contender) in contenders.iter().enumerate() {
        let bare = index - index % OF_ADAPTER;
        println!(
            "| {} | {:.0} | {:.0} | {:.2} |",
            contender.description(),
            times.min(index) * 1e3,
            times.median(index) * 1e3,
            times.ratio(index, &[bare]),
        );
    }
}

fn count(
    contenders: &mut [Box<dyn Contender>],
    runs: u32,
    name: &str,
) -> Result<(), Box<dyn Error>> {
    let contender = contenders.iter_mut().find(|contender| contender.name() == name);
    let contender = contender.ok_or("a contender is ADAPTER-bare, -refused or -verified")?;
    contender.prepare(runs);
    for _ in 0..runs {
        contender.once();
    }
    Ok(())
}
