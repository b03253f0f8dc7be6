use serde::de::MapAccess;

use crate::{
    codec::json::{self, Members, NotJson, Refused, Value},
    key_set::MetadataError,
    limits,
    terms::untrusted_text::UntrustedText,
};

/// The members of an issuer's metadata that lead to its keys (RFC 8414 §2).
#[derive(Debug)]
pub(super) struct Metadata {
    pub(super) issuer: String,
    pub(super) jwks_uri: String,
}

/// What has been read of the metadata so far.
#[derive(Default)]
struct Reader {
    issuer: Option<String>,
    jwks_uri: Option<String>,
    /// The name of the last member, to name it in an error.
    last: String,
    /// Whether the value of the last member has been read.
    last_is_complete: bool,
}

impl Metadata {
    /// Characters of a document that an error shows.
    const SHOWN: usize = 40;

    pub(super) fn parse(text: &str) -> Result<Self, MetadataError> {
        let mut reader = Reader::default();
        if let Err(fault) = json::read_object(text, limits::JSON_DEPTH, &mut reader) {
            return Err(reader.error(fault, text));
        }
        let missing = |member| MetadataError::Missing { member };
        let issuer = reader.issuer.ok_or_else(|| missing("issuer"))?;
        let jwks_uri = reader.jwks_uri.ok_or_else(|| missing("jwks_uri"))?;
        Ok(Self { issuer, jwks_uri })
    }
}

impl Reader {
    fn error(&self, fault: NotJson, text: &str) -> MetadataError {
        let last = || UntrustedText::new(&self.last);
        match fault {
            NotJson::DuplicateMember if self.last_is_complete => {
                MetadataError::DuplicateMember { member: last() }
            }
            NotJson::DuplicateMember => MetadataError::DuplicateWithin { member: last() },
            NotJson::ReservedMember => MetadataError::ReservedMember { member: last() },
            NotJson::TooDeep => MetadataError::TooDeep,
            NotJson::Member(member) => MetadataError::NotString { member },
            NotJson::Syntax => {
                let start: String = text.trim_start().chars().take(Metadata::SHOWN).collect();
                MetadataError::NotJson { start: UntrustedText::new(&start) }
            }
        }
    }
}

impl<'de> Members<'de> for Reader {
    fn member<A: MapAccess<'de>>(
        &mut self,
        name: &str,
        value: Value<'_, 'de, A>,
    ) -> Result<(), Refused> {
        name.clone_into(&mut self.last);
        self.last_is_complete = false;
        match name {
            "issuer" => self.issuer = Some(value.take("issuer")?),
            "jwks_uri" => self.jwks_uri = Some(value.take("jwks_uri")?),
            _ => value.skip()?,
        }
        self.last_is_complete = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Metadata::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn the_two_members_are_read_and_others_skipped() {
        let text = r#"{"a":[{"b":1}],"jwks_uri":"https://b","issuer":"https://a"}"#;
        let metadata = Metadata::parse(text).unwrap();
        assert_eq!((&*metadata.issuer, &*metadata.jwks_uri), ("https://a", "https://b"));
    }

    #[test]
    fn an_error_names_what_is_wrong_and_the_member() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(32), "]".repeat(32));
        for (text, expected) in [
            (r#"{"issuer":"a","jwks_uri":"b","issuer":"a"}"#, "the member `issuer` occurs twice"),
            (r#"{"a":1,"issuer":"a","jwks_uri":"b","\u0061":1}"#, "the member `a` occurs twice"),
            (
                r#"{"issuer":"a","mtls":{"x":1,"x":2},"jwks_uri":"b"}"#,
                "an object within the member `mtls` has two members of one name",
            ),
            (&deep, "it is nested deeper than 32 levels"),
            ("{}", "the member `issuer` is missing"),
            (r#"{"issuer":"a"}"#, "the member `jwks_uri` is missing"),
            (r#"{"issuer":"a","jwks_uri":null}"#, "the member `jwks_uri` is not a string"),
            (r#"{"issuer":["a"],"jwks_uri":"b"}"#, "the member `issuer` is not a string"),
            (
                "\n<!DOCTYPE html><html><head><title>Sign in</title></head>",
                "expected one JSON object, found a document that begins with \"<!DOCTYPE html><html><head><title>Sign i\"",
            ),
            ("[]", "expected one JSON object, found a document that begins with \"[]\""),
            (
                r#"{"issuer":"a","jwks_uri":"b"} x"#,
                r#"expected one JSON object, found a document that begins with "{\"issuer\":\"a\",\"jwks_uri\":\"b\"} x""#,
            ),
        ] {
            assert_eq!(error(text), expected, "{text}");
        }
    }
}
