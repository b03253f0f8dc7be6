//! The manual: how to register an API at an issuer, what to write, what its tokens look like, which
//! traps there are, and what the log says of a token that is refused.
//!
//! - [`entra`]: Microsoft Entra ID (Azure AD), v1 and v2, one tenant, several or all
//!   ([`presets::Entra`](crate::presets::Entra))
//! - [`b2c`]: Azure AD B2C ([`presets::B2c`](crate::presets::B2c))
//! - [`external_id`]: Microsoft Entra External ID, CIAM
//!   ([`presets::ExternalId`](crate::presets::ExternalId))
//! - [`auth0`]: tenants of Auth0 ([`presets::Auth0`](crate::presets::Auth0))
//! - [`okta`]: custom authorization servers of Okta ([`presets::Okta`](crate::presets::Okta))
//! - [`keycloak`]: realms of Keycloak ([`presets::Keycloak`](crate::presets::Keycloak))
//! - [`cognito`]: user pools of Amazon Cognito ([`presets::Cognito`](crate::presets::Cognito))
//! - [`google`]: service accounts of Google ([`presets::Google`](crate::presets::Google))
//! - [`rfc9068`]: issuers that follow RFC 9068 ([`presets::Rfc9068`](crate::presets::Rfc9068))
//! - [`access`]: rules, guarded routers and their map, refusals, CORS, cookies, resource metadata
//! - [`keys`]: how keys are found, kept fresh and dropped; rotation, outage, attack; the defaults and why
//! - [`recipes`]: eleven more issuers, described by the options of [`Issuer`](crate::Issuer) alone
//! - [`claims`]: what is done with every claim of Microsoft's tokens
//! - [`adapters`]: what tower, axum and actix answer, where they differ and why
//! - [`attacks`]: every attack on record, what is done about it, and the test that holds it
//! - [`checklist`]: what the specifications demand, and the test that holds it
//!
//! The pages are read as files too, where a link into this crate would lead nowhere, so they have
//! none.
//!
//! # Logs and decisions
//!
//! A gate writes one event for each request that it rejects. Its `code` never changes, its `status` is
//! that of the answer, its `reason` is for people. The client gets neither code nor reason. `method`,
//! `route` and `rule` say what was requested; `issuer` and `client_id` say who requested it, once the
//! signature of the token has been verified; `server` is the server's
//! [name](crate::ResourceServerBuilder::name), if it has one. The log lines on the other pages are
//! shortened to code, status and reason.
//!
//! ```text
//! INFO doorward::refusal: request refused code="policy.expired" status=401 method="GET" route="/orders" rule=scope orders.read issuer="https://login.example.com" client_id="shop" reason=the token expired 3600 s ago; the leeway is 60 s
//! WARN doorward::refusal: cannot verify code="unavailable.keys" status=503 method="GET" route="/orders" rule=scope orders.read issuer="https://login.example.com" reason=no usable keys of the issuer https://login.example.com are available
//! DEBUG doorward::refusal: no credentials code="credentials.missing" status=401 method="GET" route="/orders" rule=scope orders.read
//! ```
//!
//! Accepted requests are logged at level `DEBUG` ("request accepted"). Every decision, accepted or not,
//! is passed to the function of [`on_decision`](crate::ResourceServerBuilder::on_decision), and recorded in
//! the fields `auth.code`, `auth.issuer`, `auth.client_id` and `auth.subject` of the current span, if it
//! declares them. There is no subject in any of these unless
//! [`log_subjects`](crate::ResourceServerBuilder::log_subjects) was called, and never a token.
//!
//! The pages of issuers list the codes with a meaning of their own there. Those of every issuer:
//!
//! | code | what happened |
//! |---|---|
//! | `credentials.malformed`, `credentials.several` | the `Authorization` field is not `Bearer` and one token, or there are several |
//! | `token.not_compact`, `token.encrypted` | an opaque or encrypted token |
//! | `token.algorithm_unsupported` | `none`, or an algorithm that is not verified here |
//! | `key.forgotten` | the operator has had the key forgotten |
//! | `key.unknown` | the issuer has no such key, or none that may be used: another algorithm than those accepted |
//! | `signature.invalid` | the signature is not the key's |
//! | `claims.malformed` | a claim is of another type than it should be |
//! | `policy.untrusted_issuer` | `iss` is not one of the names trusted, byte for byte |
//! | `policy.audience` | `aud` names another API |
//! | `policy.missing` | a claim is absent that must be there; the reason names it |
//! | `policy.id_token` | the client sent its ID token |
//! | `policy.expired`, `policy.not_yet_valid`, `policy.issued_in_future` | the time is not right; the reason says by how many seconds |
//! | `policy.lifetime`, `policy.too_old` | the token lives longer, or is older, than the server accepts |
//! | `rule.not_met` | a valid token without what the route asks for (403) |
//! | `rule.step_up` | a valid token whose user must sign in again, as the route asks (401) |
//! | `unavailable.keys`, `unavailable.issuer` | the issuer cannot be asked for keys (503); the client is not at fault |

#[doc = include_str!("../manual/access.md")]
pub mod access {}
#[doc = include_str!("../manual/adapters.md")]
pub mod adapters {}
#[doc = include_str!("../manual/attacks.md")]
pub mod attacks {}
#[doc = include_str!("../manual/auth0.md")]
pub mod auth0 {}
#[doc = include_str!("../manual/b2c.md")]
pub mod b2c {}
#[doc = include_str!("../manual/checklist.md")]
pub mod checklist {}
#[doc = include_str!("../manual/claims.md")]
pub mod claims {}
#[doc = include_str!("../manual/cognito.md")]
pub mod cognito {}
#[doc = include_str!("../manual/entra.md")]
pub mod entra {}
#[doc = include_str!("../manual/external_id.md")]
pub mod external_id {}
#[doc = include_str!("../manual/google.md")]
pub mod google {}
#[doc = include_str!("../manual/keys.md")]
pub mod keys {}
#[doc = include_str!("../manual/keycloak.md")]
pub mod keycloak {}
#[doc = include_str!("../manual/okta.md")]
pub mod okta {}
#[doc = include_str!("../manual/recipes.md")]
pub mod recipes {}
#[doc = include_str!("../manual/rfc9068.md")]
pub mod rfc9068 {}
