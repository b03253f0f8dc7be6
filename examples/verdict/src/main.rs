//! Reads cases from standard input, a JSON line each, and writes a verdict line for each, in order.
//! Exits with 2 when a line was no case.

use std::{
    io::{self, BufRead as _, BufWriter, Read as _, Write as _},
    process::ExitCode,
};

use doorward_verdict::{Verdict, judge};

/// Bytes of the longest line that is read.
const LINE_LEN: u64 = 4 * 1024 * 1024;

fn main() -> io::Result<ExitCode> {
    let mut input = io::stdin().lock();
    let mut output = BufWriter::new(io::stdout().lock());
    let (mut line, mut all_cases) = (Vec::new(), true);
    loop {
        line.clear();
        let read = input.by_ref().take(LINE_LEN).read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        let is_whole = line.ends_with(b"\n") || input.fill_buf()?.is_empty();
        let verdict = if is_whole {
            judge(&line)
        } else {
            input.skip_until(b'\n')?;
            Verdict::no_case("the line is longer than 4 MiB")
        };
        all_cases &= verdict.is_of_a_case();
        writeln!(output, "{verdict}")?;
    }
    output.flush()?;
    Ok(if all_cases { ExitCode::SUCCESS } else { ExitCode::from(2) })
}
