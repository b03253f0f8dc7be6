use serde::de::DeserializeOwned;

use super::ClaimsError;
use crate::terms::untrusted_text::UntrustedText;

/// Reads all claims, which have been read strictly before, into a type of the API's own.
///
/// The path of a field costs time, so it is looked for only after a failure.
pub(crate) fn deserialize<T: DeserializeOwned>(text: &str) -> Result<T, ClaimsError> {
    serde_json::from_str(text).or_else(|_| {
        let mut json = serde_json::Deserializer::from_str(text);
        serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let (field, reason) = (error.path().to_string(), reason(&error.inner().to_string()));
            ClaimsError::Mismatch {
                wanted: std::any::type_name::<T>(),
                field: UntrustedText::new(&field),
                reason: UntrustedText::new(&reason),
            }
        })
    })
}

/// How serde's own messages without an expectation begin: they name members of the type, and no values.
const OF_SERDE: [&str; 2] = ["missing field `", "duplicate field `"];

/// Returns serde's message without its position and without the value that it quotes, which may be
/// personal: of ``invalid type: string "Ada", expected u64`` remains `invalid type: string, expected
/// u64`.
fn reason(message: &str) -> String {
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    match message.rsplit_once(", expected ") {
        Some((seen, expected)) => {
            let kind = seen.split(['"', '`']).next().unwrap_or_default();
            format!("{}, expected {expected}", kind.trim_end())
        }
        None if OF_SERDE.iter().any(|known| message.starts_with(known)) => message.to_owned(),
        // The type's own message may quote the value.
        None => "the value was refused by the type".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "read by serde")]
    struct Wanted {
        level: u8,
        #[serde(default)]
        kinds: Vec<Kind>,
        #[serde(default)]
        orders: BTreeMap<String, u8>,
    }

    #[derive(Debug, Deserialize)]
    enum Kind {
        A,
        B,
    }

    #[track_caller]
    fn assert_mismatch(text: &str, field: &str, reason: &str) {
        let error = deserialize::<Wanted>(text).unwrap_err();
        let expected = ClaimsError::Mismatch {
            wanted: std::any::type_name::<Wanted>(),
            field: UntrustedText::new(field),
            reason: UntrustedText::new(reason),
        };
        assert_eq!(error, expected);
    }

    #[test]
    fn a_mismatch_names_the_field_and_the_reason_and_no_value() {
        let wrong = r#"{"level":"a, expected b"}"#;
        assert_mismatch(wrong, "level", "invalid type: string, expected u8");
        assert_mismatch(r#"{"level":300}"#, "level", "invalid value: integer, expected u8");
        assert_mismatch(r#"{"kinds":[]}"#, ".", "missing field `level`");
        let other = r#"{"level":1,"kinds":["A","C"]}"#;
        assert_mismatch(other, "kinds[1]", "unknown variant, expected `A` or `B`");
        let nested = r#"{"level":1,"orders":{"x":null}}"#;
        assert_mismatch(nested, "orders.x", "invalid type: null, expected u8");
    }

    #[test]
    fn a_message_of_the_type_itself_is_left_out() {
        #[derive(Debug, Deserialize)]
        #[serde(try_from = "String")]
        struct Email;

        impl TryFrom<String> for Email {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                Err(format!("bad email {text}"))
            }
        }

        let error = deserialize::<BTreeMap<String, Email>>(r#"{"email":"ada"}"#).unwrap_err();
        assert!(error.to_string().ends_with("the value was refused by the type"), "{error}");
        assert!(!error.to_string().contains("ada"), "{error}");
    }

    #[test]
    fn what_fits_is_read() {
        let read = deserialize::<Wanted>(r#"{"level":1,"kinds":["A","B"],"more":{}}"#);
        assert_eq!(read.unwrap().level, 1);
    }
}
