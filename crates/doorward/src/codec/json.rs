//! Reads one JSON object strictly: no duplicate member at any level, no member that `serde_json`
//! would interpret, bounded nesting, nothing after it. `serde_json` is the lexer; this adds what it
//! leaves open.

use std::{borrow::Cow, cell::Cell, fmt, marker::PhantomData};

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

pub(crate) use super::member_name::Text;
use super::{
    member_name::{MemberName, is_reserved},
    name_set::NameSet,
};
use crate::limits;

/// Why a text is not the JSON object that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotJson {
    /// Not one JSON object and nothing else.
    Syntax,
    /// Two members with one name, escapes resolved (RFC 7519 §4).
    DuplicateMember,
    /// A member has a name that `serde_json` interprets.
    ReservedMember,
    /// Nested deeper than the limit.
    TooDeep,
    /// A member has a type or value that its reader refuses.
    Member(&'static str),
}

/// Reads the members of an object one by one.
pub(crate) trait Members<'de> {
    /// Reads the value of the member, or rejects it with the member's name.
    fn member<A: MapAccess<'de>>(
        &mut self,
        name: &str,
        value: Value<'_, 'de, A>,
    ) -> Result<(), Refused>;
}

/// The reader of a member rejected it; the validator holds the reason.
pub(crate) struct Refused;

/// The value of a member, to be read exactly once.
pub(crate) struct Value<'c, 'de, A> {
    map: &'c mut A,
    validator: Validator<'c>,
    de: PhantomData<&'de ()>,
}

impl<'de, A: MapAccess<'de>> Value<'_, 'de, A> {
    /// Reads the value as `T`, or rejects the member under this name.
    pub(crate) fn take<T: Deserialize<'de>>(self, name: &'static str) -> Result<T, Refused> {
        self.map.next_value::<T>().map_err(|_| self.validator.refuse(NotJson::Member(name)))
    }

    /// Reads the value as a string and converts it, or rejects the member under this name.
    pub(crate) fn take_text<T>(
        self,
        name: &'static str,
        make: impl FnOnce(Cow<'de, str>) -> Option<T>,
    ) -> Result<T, Refused> {
        let Text(text) =
            self.map.next_value().map_err(|_| self.validator.refuse(NotJson::Member(name)))?;
        make(text).ok_or_else(|| self.validator.refuse(NotJson::Member(name)))
    }

    /// Skips the value, checking only its form.
    pub(crate) fn skip(self) -> Result<(), Refused> {
        self.map.next_value_seed(self.validator).map_err(|_| self.validator.refuse(NotJson::Syntax))
    }

    /// Rejects the member under this name with any value.
    pub(crate) fn refuse(self, name: &'static str) -> Result<(), Refused> {
        Err(self.validator.refuse(NotJson::Member(name)))
    }
}

/// Reads the object and passes its members to `reader`.
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
/// its values to a reader that checks them one by one.
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
    read_object(text, limits::JSON_DEPTH, &mut MemberNames)
}

/// Finds the first string member of this name at the top level, and reads no further than it. What
/// comes after it is not checked, nor are duplicate names before it: the answer may serve to choose a
/// key set and for nothing else.
pub(crate) fn first_string_member<'t>(
    text: &'t str,
    name: &'static str,
    depth: u8,
) -> Result<Option<Cow<'t, str>>, NotJson> {
    let (fault, mut found) = (Cell::new(None), None);
    let validator = Validator { depth, fault: &fault };
    let mut json = serde_json::Deserializer::from_str(text);
    match json.deserialize_map(FirstMember { name, validator, found: &mut found }) {
        // To the parser the early end is an error; the value that was found is valid.
        Err(_) if found.is_none() => Err(fault.get().unwrap_or(NotJson::Syntax)),
        Ok(()) | Err(_) => Ok(found),
    }
}

/// The state of the validation: how much deeper a value may nest, and the first fault.
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

    /// Returns the name of the object's next member.
    fn next_name<'de, A: MapAccess<'de>>(
        self,
        map: &mut A,
    ) -> Result<Option<Cow<'de, str>>, A::Error> {
        match map.next_key()? {
            None => Ok(None),
            Some(MemberName::Name(name)) if is_reserved(&name) => {
                Err(self.error(NotJson::ReservedMember))
            }
            Some(MemberName::Name(name)) => Ok(Some(name)),
            Some(MemberName::NumberFollows) => Err(self.error(NotJson::Syntax)),
        }
    }

    /// Reads the digits of a number that `serde_json` did not convert: a number is finite, as it
    /// must be where `serde_json` does.
    fn finish_number<'de, A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Text(digits) = map.next_value()?;
        match digits.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(()),
            _ => Err(self.error(NotJson::Syntax)),
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
        let mut names = NameSet::new();
        while let Some(name) = validator.next_name(&mut map)? {
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
        while let Some(name) = validator.next_name(&mut map)? {
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
        let first = match map.next_key()? {
            Some(MemberName::NumberFollows) => return self.finish_number(map),
            Some(MemberName::Name(name)) => Some(name),
            None => None,
        };
        let validator = self.deeper()?;
        let (mut names, mut next) = (NameSet::new(), first);
        while let Some(name) = next {
            if is_reserved(&name) {
                return Err(validator.error(NotJson::ReservedMember));
            }
            map.next_value_seed(validator)?;
            if !names.insert(name) {
                return Err(validator.error(NotJson::DuplicateMember));
            }
            next = validator.next_name(&mut map)?;
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
    fn members_that_serde_json_interprets_are_refused_at_every_level_and_in_every_spelling() {
        for bad in [
            r#"{"$serde_json::private::RawValue":"1"}"#,
            r#"{"x":{"$serde_json::private::RawValue":"1"}}"#,
            r#"{"x":[{"a":1,"$serde_json::private::Number":"1"}]}"#,
            r#"{"x":{"\u0024serde_json::private::Number":"1"}}"#,
            r#"{"x":{"$serde_json::private::\u0052awValue":"1"}}"#,
            r#"{"x":{"$serde_json::private::":1}}"#,
        ] {
            assert_eq!(check_object(bad, 32), Err(NotJson::ReservedMember), "{bad}");
        }
        let harmless = r#"{"$serde_json":1,"x":"$serde_json::private::Number"}"#;
        assert_eq!(check_object(harmless, 32), Ok(()));
        let before = r#"{"x":{"$serde_json::private::Number":"1"},"iss":"a"}"#;
        assert_eq!(first_string_member(before, "iss", 32), Err(NotJson::ReservedMember));
    }

    #[test]
    fn numbers_of_any_form_are_read_and_have_no_depth() {
        for number in ["0", "-1", "1.5", "1e3", "18446744073709551616", "0.1234567890123456789"] {
            assert_eq!(check_object(&format!(r#"{{"a":[{number}]}}"#), 2), Ok(()), "{number}");
        }
        assert_eq!(check_object(r#"{"a":[1e400]}"#, 32), Err(NotJson::Syntax));
    }

    #[test]
    fn what_stands_before_a_member_may_be_nested_up_to_the_limit() {
        let nested = format!(r#"{{"a":{}{},"iss":"x"}}"#, "[".repeat(40), "]".repeat(40));
        assert_eq!(first_string_member(&nested, "iss", 41), Ok(Some("x".into())));
        assert_eq!(first_string_member(&nested, "iss", 40), Err(NotJson::TooDeep));
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
