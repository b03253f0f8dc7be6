/// Returns a text as an `error_description`: what RFC 6749 §5.2 does not allow in one is replaced.
pub(crate) fn error_description(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' | '\\' => '\'',
            ' '..='~' => c,
            _ => '?',
        })
        .collect()
}
