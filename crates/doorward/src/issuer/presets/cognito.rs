use super::{
    super::{Issuer, IssuerOptions, options::issuer_options},
    Needs,
    part::AppClients,
    parts::{is_made_of, rejected, word},
};
use crate::{
    claims::ClaimList,
    config_error::ConfigError,
    policy::{AccessToken, Actor, ActorRule, RequiredClaim},
    terms::{algorithm::Algorithm, audience::Audience},
};

/// A user pool of Amazon Cognito.
///
/// Its issuer is `https://cognito-idp.{region}.amazonaws.com/{user pool}`. Access tokens of Cognito
/// name no audience, so `client_id` must be one of the app clients. `token_use` must be `access`.
/// Signatures are RS256. Scopes are those of `scope`, roles the groups of `cognito:groups`. A token
/// with `username` is a user's; an app that acts for itself is its own subject.
///
/// ```
/// use doorward::{ResourceServer, presets::Cognito};
///
/// let pool = Cognito::user_pool("eu-central-1_aB3dE5f7G")
///     .app_clients(["63a3cr38i5iofnmtu8t0dh9bh4", "7uh8lb2idnder3jkjte0kqub4g"]);
/// let builder = ResourceServer::builder().trust(pool);
/// ```
#[derive(Clone)]
#[must_use = "an issuer is trusted when it is passed to `ResourceServer::builder().trust(…)`"]
pub struct Cognito {
    user_pool: String,
    app_clients: Vec<String>,
    options: IssuerOptions,
}

impl Cognito {
    /// Creates the description of the user pool, by its ID: `eu-central-1_aB3dE5f7G`, which begins
    /// with its region. `build` rejects another form, such as an ARN.
    pub fn user_pool(id: impl Into<String>) -> Needs<AppClients, Self> {
        let access = RequiredClaim { path: "token_use".into(), value: Some("access".into()) };
        let mut options = IssuerOptions {
            algorithms: Some(vec![Algorithm::Rs256]),
            required: vec![access],
            actor: ActorRule::new(actor),
            ..IssuerOptions::default()
        };
        options.claims.audience = Some("client_id".into());
        options.claims.scopes = vec!["scope".into()];
        options.claims.roles = vec![ClaimList::at("cognito:groups")];
        Needs::new(Self { user_pool: id.into(), app_clients: Vec::new(), options })
    }

    fn describe(self) -> Result<Issuer, ConfigError> {
        let pool = &self.user_pool;
        let parts = pool.split_once('_').filter(|(region, id)| {
            is_made_of(region, b"-") && region.contains('-') && is_made_of(id, b"")
        });
        let Some((region, _)) = parts else {
            let fault = "is not the ID of a user pool: write its region, `_` and the rest, such as `eu-central-1_aB3dE5f7G`";
            return Err(rejected("user pool", pool, fault));
        };
        let fault = "is not the ID of an app client, or none is listed";
        let client = |id: &String| word("app client", id, fault);
        let clients: Vec<String> = self.app_clients.iter().map(client).collect::<Result<_, _>>()?;
        if clients.is_empty() {
            return Err(rejected("app client", "", fault));
        }
        let url = format!("https://cognito-idp.{region}.amazonaws.com/{pool}");
        Ok(Issuer::discovered(url, Audience::from(clients), self.options))
    }
}

issuer_options!(Cognito: [algorithms, claims, fetched_keys, debug]);

impl Needs<AppClients, Cognito> {
    /// Sets the app clients whose tokens are accepted, by their IDs. `build` rejects an empty list.
    pub fn app_clients(self, ids: impl IntoIterator<Item = impl Into<String>>) -> Cognito {
        Cognito { app_clients: ids.into_iter().map(Into::into).collect(), ..self.preset }
    }
}

impl From<Cognito> for Issuer {
    fn from(pool: Cognito) -> Self {
        pool.describe().unwrap_or_else(Self::faulty)
    }
}

/// `username` names the user; an app that acts for itself is its own subject.
fn actor(token: &AccessToken) -> Actor {
    if token.claim::<String>("username").is_some() {
        Actor::Delegated
    } else if token.client_id() == Some(token.subject()) {
        Actor::AppOnly
    } else {
        Actor::Unknown
    }
}
