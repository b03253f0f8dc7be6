//! What must not compile, and what the compiler says.

/// The compiler whose messages are recorded.
const RECORDED_WITH: &str = "rustc 1.95.";

#[test]
fn misuse_does_not_compile() {
    let rustc = std::process::Command::new("rustc").arg("--version").output().unwrap();
    let version = String::from_utf8(rustc.stdout).unwrap();
    if !version.starts_with(RECORDED_WITH) {
        println!("SKIPPED: the messages are those of {RECORDED_WITH}x, this is {version}");
        return;
    }
    trybuild::TestCases::new().compile_fail("compile_fail/*.rs");
}
