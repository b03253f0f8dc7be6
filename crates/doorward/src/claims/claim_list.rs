use super::{ClaimsError, strings::StringOrList};
use crate::{codec::lookup, terms::claim_path::ClaimPath};

/// A claim that lists scopes or roles, and its form.
///
/// ```
/// use doorward::tokens::ClaimList;
///
/// let realm = ClaimList::at(["realm_access", "roles"]); // a string, or an array of strings
/// let permissions = ClaimList::separated_by(["o", "per"], ','); // "read,write"
/// let project = ClaimList::names_of("urn:zitadel:iam:org:project:roles"); // {"admin":{…}}
/// # let _ = (realm, permissions, project);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimList {
    path: ClaimPath,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Strings,
    Separated(char),
    Names,
}

impl ClaimList {
    /// Creates a list that is a string or an array of strings. As scopes, a string counts as its words;
    /// as roles, it is one role.
    #[must_use]
    pub fn at(path: impl Into<ClaimPath>) -> Self {
        Self { path: path.into(), form: Form::Strings }
    }

    /// Creates a list that is a string with a separator, or an array of strings.
    #[must_use]
    pub fn separated_by(path: impl Into<ClaimPath>, separator: char) -> Self {
        Self { path: path.into(), form: Form::Separated(separator) }
    }

    /// Creates a list of the member names of an object with any values.
    #[must_use]
    pub fn names_of(path: impl Into<ClaimPath>) -> Self {
        Self { path: path.into(), form: Form::Names }
    }

    pub(crate) const fn path(&self) -> &ClaimPath {
        &self.path
    }

    /// Returns the name of the claim if it is at the top level and lists strings, as the claims that
    /// this library knows by name do.
    pub(super) fn plain(&self) -> Option<&str> {
        self.path.top_level().filter(|_| self.form == Form::Strings)
    }

    /// Reads the list from claims that have been read strictly; `None` where it is absent.
    pub(super) fn read(&self, text: &str) -> Result<Option<StringOrList>, ClaimsError> {
        let malformed = || ClaimsError::List { claim: self.path.clone() };
        let found = lookup::value_at(text, self.path.names()).map_err(|_| malformed())?;
        let Some(value) = found else {
            return Ok(None);
        };
        let list = match self.form {
            Form::Names => lookup::names_of(value).map(|names| StringOrList::Many(names.into())),
            Form::Strings => serde_json::from_str(value).ok(),
            Form::Separated(separator) => {
                serde_json::from_str::<StringOrList>(value).ok().map(|list| split(list, separator))
            }
        };
        list.map(Some).ok_or_else(malformed)
    }
}

#[cfg(feature = "testing")]
impl ClaimList {
    /// Returns the JSON that lists these names in this form; scopes are words of one string.
    pub(crate) fn value_for_test(&self, names: &[&str], as_words: bool) -> serde_json::Value {
        match self.form {
            Form::Strings if as_words => names.join(" ").into(),
            Form::Strings => names.to_vec().into(),
            Form::Separated(separator) => names.join(&separator.to_string()).into(),
            Form::Names => {
                let member = |name: &&str| ((*name).to_owned(), serde_json::Value::Bool(true));
                names.iter().map(member).collect()
            }
        }
    }
}

fn split(list: StringOrList, separator: char) -> StringOrList {
    match list {
        StringOrList::One(string) => {
            let parts = string.split(separator).map(str::trim).filter(|part| !part.is_empty());
            StringOrList::Many(parts.map(Into::into).collect())
        }
        many @ StringOrList::Many(_) => many,
    }
}

impl From<&str> for ClaimList {
    fn from(name: &str) -> Self {
        Self::at(name)
    }
}

impl From<String> for ClaimList {
    fn from(name: String) -> Self {
        Self::at(name)
    }
}

impl<const N: usize> From<[&str; N]> for ClaimList {
    fn from(path: [&str; N]) -> Self {
        Self::at(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"a":{"list":["x","y z"],"per":"r, w,,","map":{"p":{},"q":1}},"n":7}"#;

    fn read(list: &ClaimList) -> Vec<String> {
        let list = list.read(TEXT).unwrap().unwrap();
        list.iter().map(str::to_owned).collect()
    }

    #[test]
    fn each_form_is_read_where_it_stands() {
        assert_eq!(read(&ClaimList::at(["a", "list"])), ["x", "y z"]);
        assert_eq!(read(&ClaimList::separated_by(["a", "per"], ',')), ["r", "w"]);
        assert_eq!(read(&ClaimList::separated_by(["a", "list"], ',')), ["x", "y z"]);
        assert_eq!(read(&ClaimList::names_of(["a", "map"])), ["p", "q"]);
        assert_eq!(ClaimList::at("absent").read(TEXT), Ok(None));
    }

    #[test]
    fn another_form_is_refused_and_not_skipped() {
        for list in [
            ClaimList::at("n"),
            ClaimList::at(["a", "map"]),
            ClaimList::separated_by("n", ','),
            ClaimList::names_of(["a", "list"]),
            ClaimList::at(["n", "list"]),
            ClaimList::at(["a", "list", "0"]),
        ] {
            let error = ClaimsError::List { claim: list.path.clone() };
            assert_eq!(list.read(TEXT), Err(error));
        }
    }
}
