//! Judges one case: a token, the keys and the configuration to judge it by, and what doorward says.
//!
//! `README.md` of this folder tells the format.

mod case;
mod keys;

use std::{
    fmt,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use case::{Case, Check, Typ};
use doorward::{
    ConfigError, Error, Issuer, Keys, ResourceServer, Rule, Scope,
    clock::{Clock, UnixTime},
    conformance::{self, SignatureRefusal},
    errors::{JwksError, KeysError},
    keys::{Algorithm, FixedKeysIssuer},
    rules::{self, RequestInfo, authenticated},
};
use serde_json::{Value, json};

/// What is said of one line.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The case's own; `None` when the line is no case.
    id: Option<String>,
    outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq)]
enum Outcome {
    Accept,
    Reject {
        code: &'static str,
        status: u16,
        error: Option<&'static str>,
    },
    /// The builder refuses the configuration.
    Config(String),
    /// The line is no case.
    NoCase(String),
}

impl Verdict {
    /// Says that a line is no case.
    #[must_use]
    pub fn no_case(message: &str) -> Self {
        Self { id: None, outcome: Outcome::NoCase(message.to_owned()) }
    }

    /// Returns whether the line was a case.
    #[must_use]
    pub const fn is_of_a_case(&self) -> bool {
        self.id.is_some()
    }
}

/// Writes the verdict as one line of JSON.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = &self.id;
        let line: Value = match &self.outcome {
            Outcome::Accept => json!({ "id": id, "verdict": "accept" }),
            Outcome::Reject { code, status, error } => json!({
                "id": id, "verdict": "reject", "code": code, "status": status, "error": error,
            }),
            Outcome::Config(message) => {
                json!({ "id": id, "verdict": "config-error", "message": message })
            }
            Outcome::NoCase(message) => {
                json!({ "id": null, "verdict": "error", "message": message })
            }
        };
        write!(f, "{line}")
    }
}

/// Judges one line.
#[must_use]
pub fn judge(line: &[u8]) -> Verdict {
    match serde_json::from_slice::<Case<'_>>(line) {
        Ok(case) => {
            let outcome = match case.check {
                Check::Token => judge_token(&case),
                Check::Signature => judge_signature(&case),
            };
            Verdict { id: Some(case.id), outcome: outcome.unwrap_or_else(Outcome::Config) }
        }
        Err(error) => Verdict::no_case(&error.to_string()),
    }
}

/// A configuration that is refused, and why.
type Refused = String;

fn judge_signature(case: &Case<'_>) -> Result<Outcome, Refused> {
    let algorithms = keys::algorithms(case)?;
    let verify = |keys| conformance::verify_signature(&case.token, &keys, algorithms.as_deref());
    let verified = match verify(keys::of_case(case)?) {
        Err(SignatureRefusal::Keys(error)) if leaves_no_key(&error) => {
            verify(conformance::no_keys())
        }
        verified => verified,
    };
    match verified {
        Ok(_) => Ok(Outcome::Accept),
        Err(SignatureRefusal::Keys(error)) => Err(error.to_string()),
        Err(SignatureRefusal::Token(error)) => Ok(reject(&error)),
    }
}

fn judge_token(case: &Case<'_>) -> Result<Outcome, Refused> {
    let rule = rule(case)?;
    let algorithms = keys::algorithms(case)?;
    let mut builder = ResourceServer::builder().clock(Fixed(now(case)?));
    if let Some(leeway) = case.leeway {
        let leeway = Duration::try_from_secs_f64(leeway).map_err(|error| error.to_string())?;
        builder = builder.leeway(leeway);
    }
    for (name, keys) in issuers(case)? {
        builder = builder.trust(describe(
            case,
            name,
            usable(keys, algorithms.as_deref()),
            algorithms.as_deref(),
        ));
    }
    let server = at_once(builder.build())?;
    let verified = conformance::verify_token(&server, &case.token).into_ready();
    let verified = verified.map_err(|_| "keys that are given need not be waited for")?;
    let admitted = verified.and_then(|token| Ok(rule.authorize(&token, &RequestInfo::new())?));
    Ok(admitted.map_or_else(|error| reject(&error), |()| Outcome::Accept))
}

fn describe(
    case: &Case<'_>,
    name: String,
    keys: Keys,
    algorithms: Option<&[Algorithm]>,
) -> FixedKeysIssuer {
    let audience = case.audience.as_ref().map(case::Audience::names).unwrap_or_default();
    let mut issuer = Issuer::fixed_keys(name, audience, keys);
    if let Some(algorithms) = algorithms {
        issuer = issuer.algorithms(algorithms.iter().copied());
    }
    match case.typ {
        Typ::Access => issuer,
        // As the preset `Rfc9068` does.
        Typ::AtJwt => issuer
            .require_at_jwt()
            .require_claim("client_id")
            .require_claim("iat")
            .require_claim("jti"),
        Typ::Any => issuer.danger_any_type(),
    }
}

fn issuers(case: &Case<'_>) -> Result<Vec<(String, Keys)>, Refused> {
    match (&case.issuers, &case.issuer) {
        (Some(issuers), None) => {
            Ok(issuers.iter().map(|(name, jwks)| (name.clone(), Keys::jwks(jwks.get()))).collect())
        }
        (None, Some(issuer)) => Ok(vec![(issuer.clone(), keys::of_case(case)?)]),
        (Some(_), Some(_)) => Err("both `issuer` and `issuers`".to_owned()),
        (None, None) => Err("neither `issuer` nor `issuers`".to_owned()),
    }
}

/// A key set of which no key can be used is what an issuer may publish at any time: it verifies
/// nothing, and is no fault of the configuration.
fn usable(keys: Keys, algorithms: Option<&[Algorithm]>) -> Keys {
    match conformance::check_keys(&keys, algorithms) {
        Err(error) if leaves_no_key(&error) => conformance::no_keys(),
        _ => keys,
    }
}

const fn leaves_no_key(error: &KeysError) -> bool {
    matches!(error, KeysError::Jwks(JwksError::NoneUsable(_)))
}

fn rule(case: &Case<'_>) -> Result<Rule, Refused> {
    let scopes = case.required_scopes.iter().flatten();
    let rules: Result<Vec<Rule>, _> =
        scopes.map(|scope| Scope::parse(scope.clone()).map(rules::scope)).collect();
    let rules = rules.map_err(|error| error.to_string())?;
    Ok(rules.into_iter().reduce(|all, rule| all & rule).unwrap_or_else(authenticated))
}

fn now(case: &Case<'_>) -> Result<UnixTime, Refused> {
    let now = case.now.ok_or("`now` is missing")?;
    Duration::try_from_secs_f64(now).map(UnixTime::since_epoch).map_err(|error| error.to_string())
}

fn reject(error: &Error) -> Outcome {
    let (status, told) = conformance::answer(error);
    Outcome::Reject { code: error.code(), status, error: told }
}

/// Runs what never waits.
fn at_once<T>(future: impl Future<Output = Result<T, ConfigError>>) -> Result<T, String> {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done.map_err(|error| error.to_string()),
        Poll::Pending => Err("the server could not be built at once".to_owned()),
    }
}

/// A clock that stands still.
#[derive(Debug)]
struct Fixed(UnixTime);

impl Clock for Fixed {
    fn now(&self) -> Option<UnixTime> {
        Some(self.0)
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}
