//! All servers on sockets, before one resource server; what each answers to the same bytes.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use actix_web::dev::ServerHandle;
use axum::Router;
use doorward::{ResourceServerBuilder, clock::Clock};
use tokio::net::TcpListener;

use super::{
    issuers::{self, Tokens},
    on_actix, on_axum, on_tower,
    row::{Expected, Row},
    wire::{Answer, exchange},
};
use crate::support::{NOW, TestClock};

pub struct World {
    pub tokens: Tokens,
    tower: SocketAddr,
    axum: SocketAddr,
    /// axum with layers on a plain router.
    layered: SocketAddr,
    actix: SocketAddr,
    /// actix with its guarded scope.
    scope: SocketAddr,
    actix_handles: [ServerHandle; 2],
    /// The codes of which the operator was told.
    told: Arc<Mutex<Vec<&'static str>>>,
}

/// What came back for the requests of one row, and what the operator was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub answers: Vec<Answer>,
    pub codes: Vec<&'static str>,
}

/// The same of every server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcomes<T = Outcome> {
    pub tower: T,
    pub axum: T,
    pub layered: T,
    pub actix: T,
}

impl<T> Outcomes<T> {
    /// Each with its server's name.
    pub fn named(&self) -> [(&'static str, &T); 4] {
        let Self { tower, axum, layered, actix } = self;
        [("tower", tower), ("axum", axum), ("axum by layers", layered), ("actix", actix)]
    }
}

impl Outcome {
    pub fn of(expected: &[Expected]) -> Self {
        Self {
            answers: expected.iter().map(|expected| expected.answer.clone()).collect(),
            codes: expected.iter().filter_map(|expected| expected.code).collect(),
        }
    }
}

impl World {
    /// Opens the usual world.
    pub async fn open() -> Self {
        Self::set(TestClock::at(NOW), |builder| builder).await
    }

    /// Opens one with the server set further.
    pub async fn set(
        clock: impl Clock,
        set: impl FnOnce(ResourceServerBuilder) -> ResourceServerBuilder,
    ) -> Self {
        let told = Arc::<Mutex<Vec<_>>>::default();
        let hook = Arc::clone(&told);
        let hook = move |decision: &doorward::audit::Decision<'_>| {
            if decision.error().is_some() {
                hook.lock().unwrap().push(decision.code());
            }
        };
        let (server, tokens) =
            issuers::server(clock, |builder| set(builder.on_decision(hook))).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let tower = listener.local_addr().unwrap();
        tokio::spawn(on_tower::serve(listener, server.clone()));
        let axum = serve(on_axum::guarded_router(server.clone())).await;
        let layered = serve(on_axum::layered_router(server.clone())).await;
        let (actix, by_middleware) = on_actix::by_middleware(&server);
        let (scope, by_scope) = on_actix::by_guarded_scope(&server);
        let actix_handles = [by_middleware, by_scope];
        Self { tokens, tower, axum, layered, actix, scope, actix_handles, told }
    }

    /// Sends the row to all servers, one after the other.
    pub async fn ask(&self, row: &Row) -> Outcomes {
        Outcomes {
            tower: self.ask_one(self.tower, row).await,
            axum: self.ask_one(self.axum, row).await,
            layered: self.ask_one(self.layered, row).await,
            actix: self.ask_one(self.actix, row).await,
        }
    }

    /// Sends the row to actix's guarded scope, which routes as axum's guarded router does where its
    /// middleware does not.
    pub async fn ask_scope(&self, row: &Row) -> Outcome {
        self.ask_one(self.scope, row).await
    }

    async fn ask_one(&self, address: SocketAddr, row: &Row) -> Outcome {
        let answers = exchange(address, &row.requests, &row.token).await;
        Outcome { answers, codes: std::mem::take(&mut *self.told.lock().unwrap()) }
    }

    pub async fn close(self) {
        for handle in self.actix_handles {
            handle.stop(false).await;
        }
    }
}

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}
