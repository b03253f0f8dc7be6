use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

/// The parameters of a request, from a query or a body (`application/x-www-form-urlencoded`).
///
/// Line breaks and spaces around a value are ignored: encoders never write them, but examples in
/// documents have them "for legibility only".
#[derive(Clone, Debug, Default)]
pub(crate) struct Form(BTreeMap<String, Value>);

#[derive(Clone, Debug)]
struct Value {
    text: String,
    /// The value as sent by a client that did not encode its `+`.
    with_plus: String,
}

/// Why a text is not a valid form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FormError {
    NotUtf8,
    /// A parameter is repeated (RFC 6749 §3.1 and §3.2).
    Repeated(String),
}

impl Form {
    /// Parses the parameters. One without a value counts as omitted.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, FormError> {
        let mut form = Self::default();
        let text = str::from_utf8(text).map_err(|_| FormError::NotUtf8)?;
        for pair in text.split('&') {
            let (name, raw) = pair.split_once('=').unwrap_or((pair, ""));
            let raw = raw.trim_ascii();
            let name = form_decode(name.trim_ascii()).ok_or(FormError::NotUtf8)?;
            if raw.is_empty() {
                continue;
            }
            let value = Value {
                text: form_decode(raw).ok_or(FormError::NotUtf8)?,
                with_plus: percent_decode_str(raw).decode_utf8_lossy().into_owned(),
            };
            if form.0.insert(name.clone(), value).is_some() {
                return Err(FormError::Repeated(name));
            }
        }
        Ok(form)
    }

    /// Returns a parameter's value, which is not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.text.as_str())
    }

    /// Returns a parameter's value with `+` unchanged instead of decoded to a space.
    pub(crate) fn get_with_plus(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.with_plus.as_str())
    }
}

/// Decodes `application/x-www-form-urlencoded` text (RFC 6749 appendix B); `None` if the
/// result is not UTF-8.
pub(crate) fn form_decode(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8().map(Into::into).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_is_decoded_and_a_plus_can_be_kept() {
        let form = Form::parse(b"a=x+y%2B%3D&b=&c").unwrap();
        assert_eq!(form.get("a"), Some("x y+="));
        assert_eq!(form.get_with_plus("a"), Some("x+y+="));
        assert_eq!((form.get("b"), form.get("c"), form.get("d")), (None, None, None));
    }

    #[test]
    fn line_breaks_between_parameters_are_not_part_of_them() {
        let form = Form::parse(b"a=1 \n&b=2\r\n&c=3%20\n").unwrap();
        assert_eq!(
            (form.get("a"), form.get("b"), form.get("c")),
            (Some("1"), Some("2"), Some("3 "))
        );
    }

    #[test]
    fn repeated_parameter_is_refused_by_name() {
        let repeated = FormError::Repeated("scope".to_owned());
        assert_eq!(Form::parse(b"scope=a&sc%6Fpe=b").unwrap_err(), repeated);
        assert_eq!(Form::parse(b"a=%ff").unwrap_err(), FormError::NotUtf8);
    }
}
