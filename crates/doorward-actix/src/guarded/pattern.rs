use actix_web::dev::ResourceDef;

/// A path as it was registered, which matches paths of requests.
pub(super) struct Pattern(ResourceDef);

/// A character that occurs in no path of an API: in a sample path it stands for any.
const ANY: &str = "\u{1}";

impl Pattern {
    /// Creates a pattern for exactly this path.
    #[track_caller]
    pub(super) fn of_route(path: &str) -> Self {
        assert!(
            path.is_empty() || path.starts_with('/'),
            "the path `{path}` does not begin with a slash"
        );
        // actix drops everything after the last variable of such a pattern.
        assert!(
            !path.ends_with('*') || path.ends_with("}*"),
            "the rest of the path `{path}` has no name: write `{{tail}}*`"
        );
        Self(ResourceDef::new(path))
    }

    /// Creates a pattern for this path and all paths below it.
    #[track_caller]
    pub(super) fn of_prefix(path: &str) -> Self {
        assert_prefix(path);
        Self(ResourceDef::root_prefix(path))
    }

    /// Returns the same pattern below another path.
    #[track_caller]
    pub(super) fn below(&self, prefix: &str) -> Self {
        let path = format!("{prefix}{}", self.path());
        if self.0.is_prefix() { Self::of_prefix(&path) } else { Self::of_route(&path) }
    }

    pub(super) fn path(&self) -> &str {
        self.0.pattern().unwrap_or_default()
    }

    /// Returns whether every path of a later pattern matches this one, so that no request reaches the
    /// later one. A regular expression, as in `{id:\d+}`, may hide that.
    pub(super) fn takes_all_of(&self, later: &Self) -> bool {
        let mut samples = later.samples().peekable();
        self.0 == later.0 || samples.peek().is_some() && samples.all(|path| self.0.is_match(&path))
    }

    /// Returns paths of every kind that match this pattern.
    fn samples(&self) -> impl Iterator<Item = String> {
        let below: &[&str] = if self.0.is_prefix() { &["", "/\u{1}/\u{1}"] } else { &[""] };
        // Nothing, a segment, a longer one, and more segments than a pattern can have variables.
        [String::new(), ANY.to_owned(), ANY.repeat(4), format!("{ANY}/").repeat(17) + ANY]
            .into_iter()
            .filter_map(|value| {
                let mut path = String::new();
                self.0.resource_path_from_iter(&mut path, std::iter::repeat(&value)).then_some(path)
            })
            .flat_map(move |path| below.iter().map(move |more| format!("{path}{more}")))
            .filter(|path| self.0.is_match(path))
    }
}

/// Panics if what is appended to the prefix would not be below it.
#[track_caller]
pub(super) fn assert_prefix(prefix: &str) {
    assert!(
        prefix.is_empty() || prefix.starts_with('/') && !prefix.ends_with(['/', '*']),
        "the prefix `{prefix}` does not begin with a slash, or ends with a slash or a star"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes_all(earlier: &str, later: &str) -> bool {
        Pattern::of_route(earlier).takes_all_of(&Pattern::of_route(later))
    }

    #[test]
    fn pattern_takes_all_of_one_that_is_the_same_or_narrower() {
        for (earlier, later) in [
            ("/a", "/a"),
            ("/{x}", "/a"),
            ("/{x}", "/{y}"),
            ("/{x}", "/a-{y}"),
            ("/{x}", r"/{y:\u{1}+}"),
            ("/{x}/{y}", "/a/{z}"),
            ("/{x:.+}", "/a/{y}/b"),
            (r"/{x:\d+}", "/7"),
            (r"/{x:\d+}", r"/{x:\d+}"),
            ("/{tail}*", "/"),
            ("/{tail}*", "/a/{rest}*"),
            ("/a{tail}*", "/ab/{x}"),
        ] {
            assert!(takes_all(earlier, later), "{earlier} before {later}");
        }
    }

    #[test]
    fn pattern_leaves_paths_to_one_that_takes_others_too() {
        for (earlier, later) in [
            ("/a", "/a/"),
            ("/a", "/{x}"),
            ("/{x}", "/{x}/"),
            ("/{x}", "/"),
            ("/{x}/b", "/a/{x}"),
            (r"/{x:\d+}", "/{x}"),
            ("/{x:.}", "/{x}"),
            ("/{x}", "/{tail}*"),
            ("/{x}/{tail}*", "/{tail}*"),
            ("/{x}/{y}", "/{tail}*"),
            ("/a-{x}", "/{x}"),
        ] {
            assert!(!takes_all(earlier, later), "{earlier} before {later}");
        }
    }

    #[test]
    fn prefix_takes_what_is_below_it_and_no_more() {
        let reports = Pattern::of_prefix("/reports");
        for taken in ["/reports", "/reports/", "/reports/{x}", "/reports/{tail}*"] {
            assert!(reports.takes_all_of(&Pattern::of_route(taken)), "{taken}");
        }
        for left in ["/", "/reportsx", "/{x}", "/reports{tail}*"] {
            assert!(!reports.takes_all_of(&Pattern::of_route(left)), "{left}");
        }
        assert!(reports.takes_all_of(&Pattern::of_prefix("/reports/{x}")));
        assert!(Pattern::of_prefix("").takes_all_of(&reports));
        assert!(Pattern::of_route("/{tail}*").takes_all_of(&reports));
        assert!(!reports.takes_all_of(&Pattern::of_prefix("")));
        assert!(!Pattern::of_route("/reports").takes_all_of(&reports));
        assert!(!Pattern::of_route("/reports/{x}").takes_all_of(&reports));
    }

    #[test]
    fn pattern_below_a_path_stays_of_its_kind() {
        let route = Pattern::of_route("/{x}").below("/a");
        assert!(route.takes_all_of(&Pattern::of_route("/a/b")));
        assert!(!route.takes_all_of(&Pattern::of_route("/a/b/c")));
        let prefix = Pattern::of_prefix("/b").below("/a");
        assert_eq!(prefix.path(), "/a/b");
        assert!(prefix.takes_all_of(&Pattern::of_route("/a/b/c")));
    }
}
