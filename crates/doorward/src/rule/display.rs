use std::fmt;

use super::requirement::Requirement;

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, rules) = match self {
            Self::Authenticated => return f.write_str("authenticated"),
            Self::Scope(scope) => return write!(f, "scope {scope}"),
            Self::Role(role) => return write!(f, "role {}", Word(role)),
            Self::Permission { path, name } => return write!(f, "{path} has {}", Word(name)),
            Self::Delegated => return f.write_str("delegated"),
            Self::AppOnly => return f.write_str("app-only"),
            Self::Client(id) => return write!(f, "client {}", Word(id)),
            Self::IssuedBy(name) => return write!(f, "issued by {}", Word(name)),
            Self::Tenant(id) => return write!(f, "tenant {}", Word(id)),
            Self::Acr(values) => {
                let values: Vec<_> = values.iter().map(|value| Word(value).to_string()).collect();
                return write!(f, "acr {}", values.join(" or "));
            }
            Self::MaxAge(age) if age.subsec_nanos() == 0 => {
                return write!(f, "signed in within {} s", age.as_secs());
            }
            Self::MaxAge(age) => return write!(f, "signed in within {age:?}"),
            Self::Claim { path, .. } => return write!(f, "claim {path}"),
            Self::Check { name, .. } => return write!(f, "check {}", Word(name)),
            Self::All(rules) | Self::Any(rules) if rules.is_empty() => {
                return f.write_str("nobody");
            }
            Self::All(rules) => ("&", rules),
            Self::Any(rules) => ("|", rules),
        };
        for (index, rule) in rules.iter().enumerate() {
            if index > 0 {
                write!(f, " {sign} ")?;
            }
            match rule {
                Self::All(inner) | Self::Any(inner) if inner.len() > 1 => write!(f, "({rule})")?,
                _ => write!(f, "{rule}")?,
            }
        }
        Ok(())
    }
}

/// A name, in quotes unless it is one plain word: two different rules never look the same.
struct Word<'r>(&'r str);

impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |c: char| c.is_alphanumeric() || "-._~:/@+#".contains(c);
        if !self.0.is_empty() && self.0.chars().all(is_plain) {
            f.write_str(self.0)
        } else {
            write!(f, "{:?}", self.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::{
        all_scopes, any_scope,
        rules::{
            acr, any_scope, app_only, authenticated, check, claim, client, delegated, issued_by,
            max_age, permission, role, tenant,
        },
        scope,
    };

    #[test]
    fn a_rule_is_shown_in_plain_words() {
        let (a, b, c) = (scope!("a"), scope!("b"), role("C \"c\""));
        for (rule, shown) in [
            (authenticated(), "authenticated"),
            (delegated() & app_only(), "delegated & app-only"),
            (client("x") | tenant("t"), "client x | tenant t"),
            (issued_by("https://a.example"), "issued by https://a.example"),
            (permission(["realm_access", "roles"], "p"), "realm_access > roles has p"),
            (acr(["c1", "c2"]), "acr c1 or c2"),
            (max_age(Duration::from_secs(300)), "signed in within 300 s"),
            (claim("department", |value| value.is("x")), "claim department"),
            (check("owner", |_, _| true), "check owner"),
            (check("is the owner", |_, _| true), r#"check "is the owner""#),
            (role("x | scope a"), r#"role "x | scope a""#),
            (acr(["a or b"]), r#"acr "a or b""#),
            (client(""), r#"client """#),
            (max_age(Duration::from_millis(1500)), "signed in within 1.5s"),
            (all_scopes!("a", "b"), "scope a & scope b"),
            (any_scope!("a", "b") & scope!("c"), "(scope a | scope b) & scope c"),
            (any_scope([]), "nobody"),
            (a.clone() & b.clone() & c.clone(), r#"scope a & scope b & role "C \"c\"""#),
            (a.clone() | b.clone() & c.clone(), r#"scope a | (scope b & role "C \"c\"")"#),
            ((a.clone() | b.clone()) & c, r#"(scope a | scope b) & role "C \"c\"""#),
            (a.clone() & (b.clone() & a.clone()), "scope a & scope b & scope a"),
            (a.clone() | (b | a), "scope a | scope b | scope a"),
        ] {
            assert_eq!(rule.to_string(), shown);
        }
    }
}
