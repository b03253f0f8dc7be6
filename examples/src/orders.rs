//! The orders: what the API serves once a request is through the gate.

use std::sync::{Arc, Mutex, PoisonError};

use doorward::AccessToken;
use serde::Serialize;

/// One order.
#[derive(Clone, Debug, Serialize)]
pub struct Order {
    /// Its number.
    pub id: u64,
    /// What was ordered.
    pub item: String,
    /// Who added it: the subject of a token.
    pub by: String,
}

/// All orders, in memory.
#[derive(Clone, Debug, Default)]
pub struct Orders(Arc<Mutex<Vec<Order>>>);

impl Orders {
    /// Begins with two orders.
    #[must_use]
    pub fn with_samples() -> Self {
        let orders = Self::default();
        orders.add("lamp", "shop");
        orders.add("chair", "shop");
        orders
    }

    /// Returns all orders.
    #[must_use]
    pub fn list(&self) -> Vec<Order> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds an order and returns it.
    pub fn add(&self, item: &str, by: &str) -> Order {
        let mut orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let id = orders.iter().map(|order| order.id).max().unwrap_or(0) + 1;
        let order = Order { id, item: item.to_owned(), by: by.to_owned() };
        orders.push(order.clone());
        order
    }

    /// Removes an order; nothing happens if there is none of this number.
    pub fn remove(&self, id: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|order| order.id != id);
    }

    /// Sums the orders up.
    #[must_use]
    pub fn report(&self) -> Report {
        Report { orders: self.list().len() }
    }
}

/// The sum of all orders.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// How many there are.
    pub orders: usize,
}

/// What a token says of its bearer.
#[derive(Clone, Debug, Serialize)]
pub struct Me {
    subject: String,
    client_id: Option<String>,
    issuer: String,
    scopes: Vec<String>,
    roles: Vec<String>,
}

impl From<&AccessToken> for Me {
    fn from(token: &AccessToken) -> Self {
        Self {
            subject: token.subject().to_owned(),
            client_id: token.client_id().map(str::to_owned),
            issuer: token.issuer().to_owned(),
            scopes: token.scopes().iter().map(str::to_owned).collect(),
            roles: token.roles().map(str::to_owned).collect(),
        }
    }
}
