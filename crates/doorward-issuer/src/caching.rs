use aws_lc_rs::digest;
use axum::http::{
    HeaderMap, HeaderValue,
    header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// The kind of entity tag that the key set has
/// ([RFC 9110 §8.8.3](https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3)), set by
/// [`DevIssuer::etags`](crate::DevIssuer::etags).
///
/// A request whose `If-None-Match` contains the tag is answered 304
/// ([RFC 9110 §13.1.2](https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2)).
///
/// ```
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let issuer = doorward_issuer::DevIssuer::start().await?;
/// use doorward_issuer::ETags;
///
/// issuer.etags(ETags::Weak);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ETags {
    /// A strong tag, which is the hash of the document.
    #[default]
    Strong,
    /// The same tag, marked as weak.
    Weak,
    /// No tag; `If-None-Match` is ignored.
    Off,
}

/// The caching headers of the key set.
#[derive(Clone, Debug)]
pub(crate) struct Caching {
    pub(crate) cache_control: Option<HeaderValue>,
    pub(crate) etags: ETags,
}

impl Default for Caching {
    fn default() -> Self {
        let five_minutes = HeaderValue::from_static("public, max-age=300");
        Self { cache_control: Some(five_minutes), etags: ETags::default() }
    }
}

impl Caching {
    /// Returns the headers for the document, which a 304 has too (RFC 9110 §15.4.5).
    pub(crate) fn headers(self, document: &[u8]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(value) = self.cache_control {
            headers.insert(CACHE_CONTROL, value);
        }
        let opaque = || URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, document));
        let tag = match self.etags {
            ETags::Strong => Some(format!("\"{}\"", opaque())),
            ETags::Weak => Some(format!("W/\"{}\"", opaque())),
            ETags::Off => None,
        };
        if let Some(tag) = tag.and_then(|tag| HeaderValue::try_from(tag).ok()) {
            headers.insert(ETAG, tag);
        }
        headers
    }
}

/// Returns whether the client has the current document: its `If-None-Match` contains the tag or is `*`.
/// The comparison is weak (RFC 9110 §13.1.2).
pub(crate) fn is_not_modified(request: &HeaderMap, answer: &HeaderMap) -> bool {
    let Some(tag) = answer.get(ETAG).and_then(|tag| tag.to_str().ok()) else {
        return false;
    };
    let opaque = tag.trim_start_matches("W/").trim_matches('"');
    let mut lists = request.get_all(IF_NONE_MATCH).iter().filter_map(|list| list.to_str().ok());
    lists.any(|list| contains(list, opaque))
}

/// Returns whether a list of entity tags contains this one. Tags may contain commas.
fn contains(list: &str, opaque: &str) -> bool {
    let mut rest = list.trim();
    if rest == "*" {
        return true;
    }
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let Some(quoted) = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"') else {
            return false;
        };
        let Some((tag, after)) = quoted.split_once('"') else {
            return false;
        };
        if tag == opaque {
            return true;
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn tag_in_a_list_matches_strong_or_weak() {
        for list in [
            "\"a\"",
            "W/\"a\"",
            "\"b\", \"a\"",
            "\"b\",W/\"a\" ,\"c\"",
            ", \"a\"",
            "*",
            "\"b,\" \"a\"",
        ] {
            assert!(contains(list, "a"), "{list}");
        }
    }

    #[test]
    fn other_tags_and_malformed_lists_do_not_match() {
        for list in ["", "a", "\"b\"", "\"a", "\"x, a\"", "\"b\", *", "w/\"a\""] {
            assert!(!contains(list, "a"), "{list}");
        }
    }
}
