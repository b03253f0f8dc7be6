//! How much memory the process holds.

use std::fs;

/// Returns how many bytes of the process are resident: those that libraries in C hold too.
///
/// # Panics
///
/// Where there is no `/proc` of Linux.
#[must_use]
pub fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")).expect("VmRSS in kB");
    kib.trim().parse::<usize>().expect("a number") * 1024
}

/// Writes bytes as MB.
#[must_use]
pub fn megabytes(bytes: usize) -> String {
    #[allow(clippy::cast_precision_loss)]
    let megabytes = bytes as f64 / 1e6;
    format!("{megabytes:.1}")
}
