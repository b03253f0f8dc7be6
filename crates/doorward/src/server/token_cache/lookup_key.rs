use std::{
    hash::{BuildHasherDefault, Hash, Hasher},
    sync::Arc,
};

use equivalent::Equivalent;

/// Hashes by the hash that a text already has.
pub(super) type ByItsHash = BuildHasherDefault<Passed>;

/// The text of a cached token, with its hash.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::server) struct Text {
    pub(super) hash: u64,
    pub(super) octets: Arc<[u8]>,
}

/// The text of a token to be looked up, with its hash.
#[derive(Clone, Copy)]
pub(super) struct LookupKey<'t> {
    pub(super) hash: u64,
    pub(super) octets: &'t [u8],
}

#[derive(Default)]
pub(super) struct Passed(u64);

impl LookupKey<'_> {
    pub(super) fn is(self, text: &Text) -> bool {
        self.hash == text.hash && *self.octets == *text.octets
    }

    /// Returns the text as a key of the cache, which shares these octets.
    pub(super) fn of(self, octets: Arc<[u8]>) -> Text {
        Text { hash: self.hash, octets }
    }
}

impl Equivalent<Text> for LookupKey<'_> {
    fn equivalent(&self, text: &Text) -> bool {
        self.is(text)
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl Hash for LookupKey<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl Hasher for Passed {
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, octets: &[u8]) {
        // Only hashes are written; anything else would be found all the same.
        self.0 = octets.iter().fold(self.0, |all, octet| all.rotate_left(8) ^ u64::from(*octet));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_with_the_same_hash_are_distinguished() {
        let text = LookupKey { hash: 7, octets: b"a.b.c" }.of(b"a.b.c".as_slice().into());
        assert!(LookupKey { hash: 7, octets: b"a.b.c" }.equivalent(&text));
        for octets in ["a.b.d", "a.b.", "a.b.cc", ""] {
            let other = LookupKey { hash: 7, octets: octets.as_bytes() };
            assert!(!other.equivalent(&text) && other.of(other.octets.into()) != text, "{octets}");
        }
    }
}
