//! Which route requires what: for reviewers, and for a test that holds it.

use std::{fmt, fmt::Write as _};

use serde::{Serialize, Serializer, ser::SerializeSeq as _};

use crate::{rule::Rule, terms::scope::Scope};

/// Which route requires what: method, path and rule of every route of an API, for reviewers.
///
/// A guarded router returns it, as text (`Display`), as [Markdown](Self::to_markdown) or as JSON (it
/// can be serialized). [`assert_access_map!`](crate::assert_access_map) compares it with a file of
/// the repository, so that a changed rule shows up in review.
///
/// ```
/// use doorward::{access_map::{AccessMap, MappedAccess}, scope};
///
/// let mut map = AccessMap::default();
/// map.add("GET", "/orders", MappedAccess::Rule(scope!("orders.read")));
/// map.add("*", "/health", MappedAccess::Public);
/// map.add("*", "/profile", MappedAccess::Optional);
/// assert_eq!(
///     map.to_string(),
///     "*    /health   public\nGET  /orders   scope orders.read\n*    /profile  optional\n"
/// );
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessMap {
    /// In the order of paths and methods.
    routes: Vec<MappedRoute>,
}

/// One method of one route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedRoute {
    method: String,
    path: String,
    access: MappedAccess,
}

/// What a route requires.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MappedAccess {
    /// Nothing: every request reaches it, whatever token it carries.
    Public,
    /// A valid token, or none at all.
    Optional,
    /// A valid token that meets the rule.
    Rule(Rule),
}

impl AccessMap {
    /// Adds a route. The method `*` stands for any method, and a path that ends with `/*` for all paths
    /// below it that no other route serves.
    pub fn add(&mut self, method: &str, path: &str, access: MappedAccess) {
        let route = MappedRoute { method: method.to_owned(), path: path.to_owned(), access };
        let place =
            |known: &MappedRoute| (&known.path, &known.method) <= (&route.path, &route.method);
        let at = self.routes.partition_point(place);
        self.routes.insert(at, route);
    }

    /// Adds the routes of another map, whose paths begin at this prefix.
    pub fn add_all(&mut self, prefix: &str, other: &Self) {
        for route in &other.routes {
            let path = match (prefix, route.path.as_str()) {
                ("", path) => path.to_owned(),
                (prefix, "/") => prefix.to_owned(),
                (prefix, path) => format!("{prefix}{path}"),
            };
            self.add(&route.method, &path, route.access.clone());
        }
    }

    /// Returns the routes, by path and method.
    #[must_use]
    pub fn routes(&self) -> &[MappedRoute] {
        &self.routes
    }

    /// Returns all scopes that the rules name, each once, sorted: `scopes_supported` of
    /// [RFC 9728 §2](https://www.rfc-editor.org/rfc/rfc9728#section-2).
    #[must_use]
    pub fn scopes(&self) -> Vec<&Scope> {
        let rules = self.routes.iter().filter_map(|route| match &route.access {
            MappedAccess::Rule(rule) => Some(rule),
            MappedAccess::Public | MappedAccess::Optional => None,
        });
        let mut scopes: Vec<&Scope> = rules.flat_map(Rule::scopes).collect();
        scopes.sort_unstable();
        scopes.dedup();
        scopes
    }

    /// Returns the map as a Markdown table.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut table = "| method | path | access |\n|---|---|---|\n".to_owned();
        for MappedRoute { method, path, access } in &self.routes {
            let (path, rule) = (in_cell(path), in_cell(&access.to_string()));
            // Writing to a string cannot fail.
            let _ = writeln!(table, "| {method} | `{path}` | {rule} |");
        }
        table
    }
}

impl MappedRoute {
    /// Returns the method, or `*` for any method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the path as it was registered.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns what the route requires.
    #[must_use]
    pub const fn access(&self) -> &MappedAccess {
        &self.access
    }
}

/// A bar would end the cell of a table, also within backticks.
fn in_cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Shows a line for each route.
impl fmt::Display for AccessMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |of: fn(&MappedRoute) -> &str| {
            self.routes.iter().map(|route| of(route).chars().count()).max().unwrap_or(0)
        };
        let (methods, paths) = (width(MappedRoute::method), width(MappedRoute::path));
        for MappedRoute { method, path, access } in &self.routes {
            writeln!(f, "{method:methods$}  {path:paths$}  {access}")?;
        }
        Ok(())
    }
}

impl fmt::Display for MappedAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public => f.write_str("public"),
            Self::Optional => f.write_str("optional"),
            Self::Rule(rule) => rule.fmt(f),
        }
    }
}

/// A list of objects with `method`, `path`, `access` (`public`, `optional` or `rule`) and, for
/// `rule`, the `rule`.
impl Serialize for AccessMap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Row<'r> {
            method: &'r str,
            path: &'r str,
            access: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            rule: Option<String>,
        }
        let mut rows = serializer.serialize_seq(Some(self.routes.len()))?;
        for MappedRoute { method, path, access } in &self.routes {
            let (access, rule) = match access {
                MappedAccess::Public => ("public", None),
                MappedAccess::Optional => ("optional", None),
                MappedAccess::Rule(rule) => ("rule", Some(rule.to_string())),
            };
            rows.serialize_element(&Row { method, path, access, rule })?;
        }
        rows.end()
    }
}

/// Compares an access map with a file, for [`assert_access_map!`](crate::assert_access_map).
///
/// # Panics
///
/// When they differ, with both and how to fix it.
#[doc(hidden)]
#[expect(clippy::panic, reason = "it fails a test")]
pub fn compare_with_file(map: &AccessMap, folder: &str, file: &str) {
    let path = std::path::Path::new(folder).join(file);
    let text = match path.extension().and_then(std::ffi::OsStr::to_str) {
        Some("md") => map.to_markdown(),
        Some("json") => serde_json::to_string_pretty(map).unwrap_or_default() + "\n",
        _ => map.to_string(),
    };
    if std::env::var_os("UPDATE_ACCESS_MAP").is_some_and(|value| value == "1") {
        if let Err(error) = std::fs::write(&path, &text) {
            panic!("cannot write {}: {error}", path.display());
        }
        return;
    }
    let known = std::fs::read_to_string(&path).map(|known| known.replace("\r\n", "\n"));
    let known = known.unwrap_or_else(|error| format!("(cannot be read: {error})"));
    assert!(
        known == text,
        "{} is not the access map of this API. If the change is meant, run this test once with \
         UPDATE_ACCESS_MAP=1 and commit the file.\n\nin the file:\n{known}\nof the API:\n{text}",
        path.display()
    );
}

/// Compares an [`AccessMap`](crate::access_map::AccessMap) with a file of this package: a table in Markdown
/// (`.md`), JSON (`.json`), or text.
///
/// With `UPDATE_ACCESS_MAP=1` in the environment, the file is written instead.
///
/// # Panics
///
/// When they differ.
///
/// ```no_run
/// # let map = doorward::access_map::AccessMap::default();
/// doorward::assert_access_map!(map, "access-map.md");
/// ```
#[macro_export]
macro_rules! assert_access_map {
    ($map:expr, $file:literal $(,)?) => {
        $crate::compare_with_file(&$map, env!("CARGO_MANIFEST_DIR"), $file)
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{rules::role, scope};

    fn map() -> AccessMap {
        let mut orders = AccessMap::default();
        orders.add("POST", "/", MappedAccess::Rule(scope!("orders.write")));
        orders.add("GET", "/", MappedAccess::Rule(scope!("orders.read") | role("Reader")));
        let mut map = AccessMap::default();
        map.add("*", "/health", MappedAccess::Public);
        map.add("*", "/profile", MappedAccess::Optional);
        map.add_all("/orders", &orders);
        map.add("DELETE", "/orders/{id}", MappedAccess::Rule(scope!("orders.write")));
        map
    }

    #[test]
    fn public_optional_and_guarded_routes_differ_in_text_markdown_and_json() {
        assert_eq!(
            map().to_string(),
            "*       /health       public\n\
             GET     /orders       scope orders.read | role Reader\n\
             POST    /orders       scope orders.write\n\
             DELETE  /orders/{id}  scope orders.write\n\
             *       /profile      optional\n"
        );
        assert_eq!(
            map().to_markdown().lines().nth(3),
            Some("| GET | `/orders` | scope orders.read \\| role Reader |")
        );
        let json = serde_json::to_value(map()).unwrap();
        let row = |at: usize| json.get(at).cloned().unwrap();
        assert_eq!(
            [row(0), row(2), row(4)],
            [
                serde_json::json!({ "method": "*", "path": "/health", "access": "public" }),
                serde_json::json!({
                    "method": "POST", "path": "/orders", "access": "rule", "rule": "scope orders.write"
                }),
                serde_json::json!({ "method": "*", "path": "/profile", "access": "optional" }),
            ]
        );
    }

    #[test]
    fn the_scopes_of_all_rules_are_listed_once() {
        let map = map();
        let scopes: Vec<_> = map.scopes().into_iter().map(Scope::as_str).collect();
        assert_eq!(scopes, ["orders.read", "orders.write"]);
    }
}
