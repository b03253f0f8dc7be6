use std::fmt;

use super::{Kind, Rule};

/// Shows the rule as a reviewer would say it.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, rules) = match &self.0 {
            Kind::Authenticated => return f.write_str("authenticated"),
            Kind::Scope(scope) => return write!(f, "scope {scope}"),
            Kind::Role(role) => return write!(f, "role {}", Word(role)),
            Kind::Permission { path, name } => return write!(f, "{path} has {}", Word(name)),
            Kind::Delegated => return f.write_str("delegated"),
            Kind::AppOnly => return f.write_str("app-only"),
            Kind::Client(id) => return write!(f, "client {}", Word(id)),
            Kind::IssuedBy(name) => return write!(f, "issued by {}", Word(name)),
            Kind::Tenant(id) => return write!(f, "tenant {}", Word(id)),
            Kind::Acr(values) => {
                let values: Vec<_> = values.iter().map(|value| Word(value).to_string()).collect();
                return write!(f, "acr {}", values.join(" or "));
            }
            Kind::MaxAge(age) if age.subsec_nanos() == 0 => {
                return write!(f, "signed in within {} s", age.as_secs());
            }
            Kind::MaxAge(age) => return write!(f, "signed in within {age:?}"),
            Kind::Claim { path, .. } => return write!(f, "claim {path}"),
            Kind::Check { name, .. } => return write!(f, "check {}", Word(name)),
            Kind::All(rules) | Kind::Any(rules) if rules.is_empty() => {
                return f.write_str("nobody");
            }
            Kind::All(rules) => ("&", rules),
            Kind::Any(rules) => ("|", rules),
        };
        for (index, rule) in rules.iter().enumerate() {
            if index > 0 {
                write!(f, " {sign} ")?;
            }
            match &rule.0 {
                Kind::All(inner) | Kind::Any(inner) if inner.len() > 1 => write!(f, "({rule})")?,
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

    use super::*;
    use crate::{
        all_scopes, any_scope,
        rules::{
            acr, app_only, authenticated, check, claim, client, delegated, issued_by, max_age,
            permission, role, tenant,
        },
        scope,
    };

    #[test]
    fn a_rule_is_shown_as_a_reviewer_would_say_it() {
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
            (check("owner", |_| true), "check owner"),
            (check("is the owner", |_| true), r#"check "is the owner""#),
            (role("x | scope a"), r#"role "x | scope a""#),
            (acr(["a or b"]), r#"acr "a or b""#),
            (client(""), r#"client """#),
            (max_age(Duration::from_millis(1500)), "signed in within 1.5s"),
            (all_scopes!("a", "b"), "scope a & scope b"),
            (any_scope!("a", "b") & scope!("c"), "(scope a | scope b) & scope c"),
            (Rule::any_scope([]), "nobody"),
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
