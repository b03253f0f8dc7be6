//! How long a document is fresh according to its header fields (RFC 9111 §4.2).

use std::time::Duration;

use reqwest::header::{self, HeaderMap};

/// Returns `Cache-Control: max-age` less `Age`, or zero for a document that must not be stored; `None`
/// without such a directive.
pub(super) fn freshness(fields: &HeaderMap) -> Option<Duration> {
    let values = fields.get_all(header::CACHE_CONTROL).iter();
    let directives = values.filter_map(|value| value.to_str().ok());
    let lifetime = lifetime(directives.flat_map(|value| value.split(',')))?;
    let age = fields.get(header::AGE).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    Some(lifetime.saturating_sub(Duration::from_secs(age.unwrap_or(0))))
}

fn lifetime<'d>(directives: impl Iterator<Item = &'d str>) -> Option<Duration> {
    let mut lifetime = None;
    for directive in directives {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "no-store" | "no-cache" => return Some(Duration::ZERO),
            "max-age" => {
                let seconds = value.trim().trim_matches('"').parse().ok();
                lifetime = lifetime.or(seconds.map(Duration::from_secs));
            }
            _ => {}
        }
    }
    lifetime
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cache_control: &str, age: Option<&str>) -> Option<u64> {
        let mut fields = HeaderMap::new();
        fields.insert(header::CACHE_CONTROL, cache_control.parse().unwrap());
        if let Some(age) = age {
            fields.insert(header::AGE, age.parse().unwrap());
        }
        freshness(&fields).map(|lifetime| lifetime.as_secs())
    }

    #[test]
    fn lifetime_is_that_of_cache_control() {
        assert_eq!(of("public, max-age=300", None), Some(300));
        assert_eq!(of("Max-Age=\"86400\", private", None), Some(86400));
        assert_eq!(of("max-age=10, max-age=20", None), Some(10));
        assert_eq!(of("max-age=300, no-store", None), Some(0));
        assert_eq!(of("no-cache", None), Some(0));
        for field in ["", "public", "max-age", "max-age=x", "max-age=-1", "s-maxage=5"] {
            assert_eq!(of(field, None), None, "{field}");
        }
    }

    #[test]
    fn time_spent_in_a_cache_between_counts() {
        assert_eq!(of("max-age=300", Some("120")), Some(180));
        assert_eq!(of("max-age=300", Some("400")), Some(0));
        for unreadable in ["", "x", "-1", "1.5"] {
            assert_eq!(of("max-age=300", Some(unreadable)), Some(300), "{unreadable}");
        }
        assert_eq!(of("public", Some("120")), None);
    }
}
