use std::{borrow::Cow, collections::HashSet};

/// The names of one object's members: a short list is searched, a long one hashed, so that an object
/// of thousands of members costs no quadratic time.
pub(super) struct NameSet<'de> {
    /// A bit for each kind of name that is in `few`: a name without its bit is not in the list.
    kinds: u64,
    few: Vec<Cow<'de, str>>,
    many: HashSet<Cow<'de, str>>,
}

impl<'de> NameSet<'de> {
    const FEW: usize = 48;

    pub(super) fn new() -> Self {
        Self { kinds: 0, few: Vec::with_capacity(24), many: HashSet::new() }
    }

    /// Adds the name; returns `false` if it was there already.
    pub(super) fn insert(&mut self, name: Cow<'de, str>) -> bool {
        let kind = Self::kind(&name);
        if self.kinds & kind != 0 && self.few.contains(&name) {
            return false;
        }
        if self.few.len() < Self::FEW {
            self.kinds |= kind;
            self.few.push(name);
            return true;
        }
        self.many.insert(name)
    }

    /// Returns one bit, chosen by the ends and the length of the name.
    fn kind(name: &str) -> u64 {
        let octets = name.as_bytes();
        let end = |octet: Option<&u8>| u32::from(octet.copied().unwrap_or_default());
        let len = u32::try_from(octets.len()).unwrap_or(u32::MAX);
        let mixed = end(octets.first()).wrapping_mul(17) ^ end(octets.last()).wrapping_mul(27);
        1_u64.rotate_left(mixed ^ len)
    }
}
