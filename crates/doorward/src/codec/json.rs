//! Reads one JSON object strictly: no duplicate member at any level, bounded nesting, nothing
//! after it. `serde_json` is the lexer; this adds what it leaves open.

use std::{borrow::Cow, cell::Cell, collections::HashSet, fmt, marker::PhantomData};

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// Why a text is not the JSON object that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotJson {
    /// Not one JSON object and nothing else.
    Syntax,
    /// Two members with one name, escapes resolved (RFC 7519 §4).
    DuplicateMember,
    /// Nested deeper than the limit.
    TooDeep,
    /// A member has a type or value that its reader refuses.
    Member(&'static str),
}

/// Takes the members of an object one by one.
pub(crate) trait Members<'de> {
    /// Takes the value of the member, or refuses it with the member's name.
    fn member<A: MapAccess<'de>>(
        &mut self,
        name: &str,
        value: Value<'_, 'de, A>,
    ) -> Result<(), Refused>;
}

/// The reader of a member gave up; the reason is kept aside.
pub(crate) struct Refused;

/// The value of a member, to be taken exactly once.
pub(crate) struct Value<'c, 'de, A> {
    map: &'c mut A,
    validator: Validator<'c>,
    de: PhantomData<&'de ()>,
}

impl<'de, A: MapAccess<'de>> Value<'_, 'de, A> {
    /// Reads the value as `T`, or refuses the member under this name.
    pub(crate) fn take<T: Deserialize<'de>>(self, name: &'static str) -> Result<T, Refused> {
        self.map.next_value::<T>().map_err(|_| self.validator.refuse(NotJson::Member(name)))
    }

    /// Reads the value as a string and makes something of it, or refuses the member under this name.
    pub(crate) fn take_text<T>(
        self,
        name: &'static str,
        make: impl FnOnce(Cow<'de, str>) -> Option<T>,
    ) -> Result<T, Refused> {
        let Text(text) =
            self.map.next_value().map_err(|_| self.validator.refuse(NotJson::Member(name)))?;
        make(text).ok_or_else(|| self.validator.refuse(NotJson::Member(name)))
    }

    /// Walks over the value, checking only its form.
    pub(crate) fn skip(self) -> Result<(), Refused> {
        self.map.next_value_seed(self.validator).map_err(|_| self.validator.refuse(NotJson::Syntax))
    }

    /// Refuses the member under this name, whatever its value.
    pub(crate) fn refuse(self, name: &'static str) -> Result<(), Refused> {
        Err(self.validator.refuse(NotJson::Member(name)))
    }
}

/// Reads the object, handing its members to `reader`.
pub(crate) fn read_object<'de, M: Members<'de>>(
    text: &'de str,
    depth: u8,
    reader: &mut M,
) -> Result<(), NotJson> {
    let fault = Cell::new(None);
    let validator = Validator { depth, fault: &fault };
    let mut json = serde_json::Deserializer::from_str(text);
    let read = json.deserialize_map(Object { validator, reader }).and_then(|()| json.end());
    read.map_err(|_| fault.get().unwrap_or(NotJson::Syntax))
}

/// Checks that the text is one JSON object without duplicate members at its top level, leaving
/// its values to a reader that judges them one by one.
pub(crate) fn check_members(text: &str) -> Result<(), NotJson> {
    struct MemberNames;
    impl<'de> Members<'de> for MemberNames {
        fn member<A: MapAccess<'de>>(
            &mut self,
            _: &str,
            value: Value<'_, 'de, A>,
        ) -> Result<(), Refused> {
            value.take::<de::IgnoredAny>("").map(drop)
        }
    }
    read_object(text, crate::limits::JSON_DEPTH, &mut MemberNames)
}

/// Finds the first string member of this name at the top level, reading no further than it. What
/// comes after it is not checked, nor whether names before it stand twice: the answer may serve for
/// a choice and for nothing else.
pub(crate) fn first_string_member<'t>(
    text: &'t str,
    name: &'static str,
) -> Result<Option<Cow<'t, str>>, NotJson> {
    let (fault, mut found) = (Cell::new(None), None);
    let validator = Validator { depth: crate::limits::JSON_DEPTH, fault: &fault };
    let mut json = serde_json::Deserializer::from_str(text);
    match json.deserialize_map(FirstMember { name, validator, found: &mut found }) {
        // To the parser the early end is an error; what was found stands.
        Err(_) if found.is_none() => Err(fault.get().unwrap_or(NotJson::Syntax)),
        Ok(()) | Err(_) => Ok(found),
    }
}

/// Where the validator stands: how much deeper it may go, and the first fault found.
#[derive(Clone, Copy)]
struct Validator<'c> {
    depth: u8,
    fault: &'c Cell<Option<NotJson>>,
}

impl Validator<'_> {
    fn refuse(self, fault: NotJson) -> Refused {
        if self.fault.get().is_none() {
            self.fault.set(Some(fault));
        }
        Refused
    }

    fn error<E: de::Error>(self, fault: NotJson) -> E {
        self.refuse(fault);
        E::custom("refused")
    }

    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth, ..self }),
            None => Err(self.error(NotJson::TooDeep)),
        }
    }
}

struct Object<'c, 'r, M> {
    validator: Validator<'c>,
    reader: &'r mut M,
}

impl<'de, M: Members<'de>> Visitor<'de> for Object<'_, '_, M> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let validator = self.validator.deeper()?;
        let mut names = MemberNames::new();
        while let Some(Text(name)) = map.next_key()? {
            let value = Value { map: &mut map, validator, de: PhantomData };
            if self.reader.member(&name, value).is_err() {
                return Err(de::Error::custom("refused"));
            }
            if !names.insert(name) {
                return Err(validator.error(NotJson::DuplicateMember));
            }
        }
        Ok(())
    }
}

/// Looks for one member, and ends with it.
struct FirstMember<'c, 'f, 'de> {
    name: &'static str,
    validator: Validator<'c>,
    found: &'f mut Option<Cow<'de, str>>,
}

impl<'de> Visitor<'de> for FirstMember<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let validator = self.validator.deeper()?;
        while let Some(Text(name)) = map.next_key()? {
            if name == self.name {
                let value = map.next_value::<Text<'de>>();
                let Text(value) = value.map_err(|_| validator.error(NotJson::Member(self.name)))?;
                *self.found = Some(value);
                return Ok(());
            }
            map.next_value_seed(validator)?;
        }
        Ok(())
    }
}

/// A string, a member's name for one, borrowed unless it holds escapes.
pub(crate) struct Text<'de>(pub(crate) Cow<'de, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        json.deserialize_str(TextVisitor)
    }
}

/// The names seen in one object: a short list is searched, a long one hashed, so that an object
/// of thousands of members costs no quadratic time.
struct MemberNames<'de> {
    /// A bit for each kind of name that is in `few`: without its bit, a name is not.
    kinds: u64,
    few: Vec<Cow<'de, str>>,
    many: HashSet<Cow<'de, str>>,
}

impl<'de> MemberNames<'de> {
    const FEW: usize = 48;

    fn new() -> Self {
        Self { kinds: 0, few: Vec::with_capacity(24), many: HashSet::new() }
    }

    fn insert(&mut self, name: Cow<'de, str>) -> bool {
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

impl<'de> DeserializeSeed<'de> for Validator<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Validator<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let validator = self.deeper()?;
        while seq.next_element_seed(validator)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let validator = self.deeper()?;
        let mut names = MemberNames::new();
        while let Some(Text(name)) = map.next_key()? {
            map.next_value_seed(validator)?;
            if !names.insert(name) {
                return Err(validator.error(NotJson::DuplicateMember));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks that the text is one strict JSON object, whatever its members.
    fn check_object(text: &str, depth: u8) -> Result<(), NotJson> {
        struct Any;
        impl<'de> Members<'de> for Any {
            fn member<A: MapAccess<'de>>(
                &mut self,
                _: &str,
                value: Value<'_, 'de, A>,
            ) -> Result<(), Refused> {
                value.skip()
            }
        }
        read_object(text, depth, &mut Any)
    }

    #[test]
    fn one_object_and_nothing_else_is_read() {
        assert_eq!(check_object(r#"{"a":[1,{"b":null}],"c":"\u00e4"}"#, 32), Ok(()));
        for bad in ["", "[]", "1", "null", "\"x\"", "{}{}", "{} x", "{\"a\":NaN}", "{\"a\":01}"] {
            assert_eq!(check_object(bad, 32), Err(NotJson::Syntax), "{bad:?}");
        }
        for bad in ["{\"a\":1,}", "{'a':1}", "{\"a\":1e400}", "{\"a\":\"\\ud800\"}", "\u{feff}{}"] {
            assert_eq!(check_object(bad, 32), Err(NotJson::Syntax), "{bad:?}");
        }
    }

    #[test]
    fn duplicate_members_are_refused_at_every_level_and_in_every_spelling() {
        for bad in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":1}"#,
            r#"{"x":{"a":1,"a":2}}"#,
            r#"{"x":[{"a":1,"a":2}]}"#,
        ] {
            assert_eq!(check_object(bad, 32), Err(NotJson::DuplicateMember), "{bad}");
        }
    }

    #[test]
    fn duplicates_are_found_among_thousands_of_members() {
        let members: Vec<String> = (0..5000).map(|n| format!("\"m{n}\":0")).collect();
        let many = format!("{{{}}}", members.join(","));
        assert_eq!(check_object(&many, 32), Ok(()));
        for twin in [0, 47, 48, 4999] {
            let twice = format!("{{{},\"m{twin}\":0}}", members.join(","));
            assert_eq!(check_object(&twice, 32), Err(NotJson::DuplicateMember));
        }
    }

    #[test]
    fn nesting_is_allowed_up_to_the_limit_and_refused_beyond() {
        let nested = |levels: usize| {
            format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1))
        };
        assert_eq!(check_object(&nested(32), 32), Ok(()));
        assert_eq!(check_object(&nested(33), 32), Err(NotJson::TooDeep));
    }
}
