use std::fmt;

use super::{Kind, Rule};

/// Shows the rule as a reviewer would say it.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, rules) = match &self.0 {
            Kind::Authenticated => return f.write_str("authenticated"),
            Kind::Scope(scope) => return write!(f, "scope {scope}"),
            Kind::Role(role) => return write!(f, "role {}", role.escape_debug()),
            Kind::Permission { path, name } => {
                return write!(f, "{path} has {}", name.escape_debug());
            }
            Kind::Delegated => return f.write_str("delegated"),
            Kind::AppOnly => return f.write_str("app-only"),
            Kind::Client(id) => return write!(f, "client {}", id.escape_debug()),
            Kind::IssuedBy(name) => return write!(f, "issued by {}", name.escape_debug()),
            Kind::Tenant(id) => return write!(f, "tenant {}", id.escape_debug()),
            Kind::Acr(values) => return write!(f, "acr {}", values.join(" or ").escape_debug()),
            Kind::MaxAge(age) => return write!(f, "signed in within {} s", age.as_secs()),
            Kind::Claim { path, .. } => return write!(f, "claim {path}"),
            Kind::Check { name, .. } => return write!(f, "check {}", name.escape_debug()),
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        acr, all_scopes, any_scope, app_only, authenticated, check, claim, client, delegated,
        issued_by, max_age, permission, role, scope, tenant,
    };

    #[test]
    fn a_rule_is_shown_as_a_reviewer_would_say_it() {
        let (a, b, c) = (scope!("a"), scope!("b"), role!("C \"c\""));
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
            (all_scopes!("a", "b"), "scope a & scope b"),
            (any_scope!("a", "b") & scope!("c"), "(scope a | scope b) & scope c"),
            (Rule::any_scope([]), "nobody"),
            (a.clone() & b.clone() & c.clone(), r#"scope a & scope b & role C \"c\""#),
            (a.clone() | b.clone() & c.clone(), r#"scope a | (scope b & role C \"c\")"#),
            ((a.clone() | b.clone()) & c, r#"(scope a | scope b) & role C \"c\""#),
            (a.clone() & (b.clone() & a.clone()), "scope a & scope b & scope a"),
            (a.clone() | (b | a), "scope a | scope b | scope a"),
        ] {
            assert_eq!(rule.to_string(), shown);
        }
    }
}
