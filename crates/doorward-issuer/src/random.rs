use aws_lc_rs::{digest, rand};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// The error of the cryptographic library's random generator.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoRandomness;

/// Returns 256 random bits in base64url.
pub(crate) fn token() -> Result<String, NoRandomness> {
    Ok(URL_SAFE_NO_PAD.encode(bytes::<32>()?))
}

/// Returns a random GUID.
pub(crate) fn guid() -> Result<String, NoRandomness> {
    Ok(guid_of(u128::from_be_bytes(bytes()?)))
}

/// Returns a GUID that depends on the text alone.
pub(crate) fn guid_from(text: &str) -> String {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let half = hash.as_ref().first_chunk::<16>().copied().unwrap_or_default();
    guid_of(u128::from_be_bytes(half))
}

/// Formats the bits with version and variant of a random GUID (RFC 9562 §5.4).
fn guid_of(bits: u128) -> String {
    let bits = bits & !(0xF << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    let part = |from, to| hex.get(from..to).unwrap_or_default().to_owned();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

fn bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guid_has_the_form_of_version_4() {
        assert_eq!(guid_of(0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(guid_of(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(guid_from("a"), guid_from("a"));
        assert_ne!(guid_from("a"), guid_from("b"));
    }
}
