//! Other libraries for the same task, each with its fastest settings, beside doorward.
//!
//! Each goes through a router with one GET route whose handler takes the verified claims. Issuer,
//! audience, times and the scope `orders.read` are checked as far as the library has a way to say so.
//! Keys are fixed: all of these libraries take some, so that nothing waits and no time is spent on
//! looking whether keys are fresh.

mod aliri;
mod axum_jwt_auth;
mod doorward;
mod huskarl;
mod jsonwebtoken;
mod jwt_authorizer;
mod node;
mod oauth_resource_server;
mod served;
mod tower_oauth2;
pub mod wire;

use std::error::Error;

use serde::Deserialize;

pub use self::node::Node;
use self::served::Served;
use crate::{
    contender::{BareCheck, Contender},
    token::SignedToken,
};

/// A contender that can be asked about other tokens too.
pub trait Peer: Contender {
    /// Returns the status with which a request that carries the token is answered.
    fn status(&mut self, token: &str) -> u16;
}

/// The ways of serving a request that one run times against each other, in the order of the table.
#[derive(Default)]
#[allow(missing_debug_implementations)]
pub struct Field {
    /// What verifies nothing, or not by itself: the bare check first, then the bare router.
    pub bare: Vec<Box<dyn Contender>>,
    /// `jsonwebtoken` alone, without a router.
    pub decoders: Vec<Box<dyn Peer>>,
    /// The peers, each behind a router.
    pub peers: Vec<Box<dyn Peer>>,
    /// doorward behind axum, then behind actix: the first sight of a token, and a token seen before.
    pub ours: Vec<Box<dyn Peer>>,
    /// Verifiers of Node, without a router.
    pub node: Vec<Box<dyn Peer>>,
}

impl Field {
    /// Makes all contenders that know the token's algorithm ready.
    ///
    /// # Errors
    ///
    /// When one of them does not take the key or its settings, or Node does not start.
    pub async fn new(signed: &SignedToken, node: &Node) -> Result<Self, Box<dyn Error>> {
        let peers = [
            axum_jwt_auth::peer(signed)?,
            aliri::tower(signed)?,
            jwt_authorizer::peer(signed).await?,
            tower_oauth2::peer(signed).await?,
            oauth_resource_server::peer(signed)?,
            huskarl::peer(signed).await?,
            aliri::actix(signed).await?,
        ];
        Ok(Self {
            bare: vec![Box::new(BareCheck::new(signed)), doorward::bare_router(signed)],
            decoders: vec![jsonwebtoken::peer(signed)?],
            peers: peers.into_iter().flatten().collect(),
            ours: doorward::all(signed).await?,
            node: node.peers(signed)?,
        })
    }
}

/// A library that does not know the algorithm is left out.
type Maybe = Result<Option<Box<dyn Peer>>, Box<dyn Error>>;

/// The claims that a handler takes, where the library lets the user say which.
#[derive(Clone, Debug, Deserialize)]
struct Claims {
    sub: String,
    scp: String,
}

impl Claims {
    /// Tells whether the token has the scope of the route.
    fn may_read(&self) -> bool {
        has_scope(&self.scp, SCOPE)
    }
}

/// The scope of the route.
const SCOPE: &str = "orders.read";

fn has_scope(scp: &str, scope: &str) -> bool {
    scp.split(' ').any(|granted| granted == scope)
}
