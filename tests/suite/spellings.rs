//! Spellings of paths, asked of the guarded routes of each adapter over a socket, as they stand.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::good_token;

/// Which route takes a request target, of `/health`, `/orders` and `/orders/{id}`.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Taken {
    /// Public, for `GET` and `HEAD`.
    Health,
    /// Guarded, for `GET` and with it `HEAD`.
    List,
    /// Guarded, for `DELETE`.
    Order,
    Nobody,
    /// The server does not read it.
    Malformed,
}

use Taken::{Health, List, Malformed, Nobody, Order};

/// Which adapter is asked: its column of the table.
#[derive(Clone, Copy, Debug)]
pub enum Adapter {
    Axum,
    Actix,
}

/// By target: what takes it in axum, and what in actix.
const TARGETS: [(&str, Taken, Taken); 51] = [
    ("/health", Health, Health),
    ("/health/", Nobody, Nobody),
    ("/health/x", Nobody, Nobody),
    ("/health?x=/orders", Health, Health),
    ("/health/../orders", Nobody, Nobody),
    ("/health%2f..%2forders", Nobody, Nobody),
    ("/health;/../orders", Nobody, Nobody),
    ("/healt%68", Nobody, Health),
    ("/orders", List, List),
    ("/orders?y=/health", List, List),
    ("/orders?", List, List),
    ("http://elsewhere.example/orders", List, List),
    ("http://elsewhere.example/health", Health, Health),
    ("/orders/", Nobody, Nobody),
    ("//orders", Nobody, Nobody),
    ("///orders", Nobody, Nobody),
    ("/./orders", Nobody, Nobody),
    ("/x/../orders", Nobody, Nobody),
    ("/%6frders", Nobody, List),
    ("/%6Frders", Nobody, List),
    ("/%256frders", Nobody, Nobody),
    ("/%2forders", Nobody, Nobody),
    ("/%2e/orders", Nobody, Nobody),
    ("/ORDERS", Nobody, Nobody),
    ("/orders%00", Nobody, Nobody),
    ("/orders%20", Nobody, Nobody),
    ("/orders%ff", Nobody, Nobody),
    ("/orders%", Nobody, Nobody),
    ("/orders;x=1", Nobody, Nobody),
    ("/orders\\7", Nobody, Nobody),
    ("/orders%2f7", Nobody, Nobody),
    ("/orders/7", Order, Order),
    ("/orders/%37", Order, Order),
    ("/orders/7%2f..", Order, Order),
    ("/orders/%2e%2e", Order, Order),
    ("/orders/..", Order, Order),
    ("/orders/../health", Nobody, Nobody),
    ("/orders/%2e%2e/health", Nobody, Nobody),
    ("/orders/7/", Nobody, Nobody),
    ("/orders//7", Nobody, Nobody),
    ("/orders/{id}", Order, Order),
    ("/", Nobody, Nobody),
    ("/*", Nobody, Nobody),
    ("/{id}", Nobody, Nobody),
    ("*", Nobody, Nobody),
    ("orders", Nobody, Nobody),
    ("/orders#/health", List, List),
    ("/health#/../orders", Health, Health),
    ("/or ders", Malformed, Malformed),
    ("/orders\u{e9}", Nobody, Malformed),
    ("/orders\t", Malformed, Malformed),
];

const METHODS: [&str; 9] =
    ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"];

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Asking {
    Anonymous,
    Powerless,
    Admin,
}

fn expected(taken: Taken, method: &str, asking: Asking) -> u16 {
    let guarded = match asking {
        Asking::Anonymous => 401,
        Asking::Powerless => 403,
        Asking::Admin => 200,
    };
    match (taken, method) {
        (Health, "GET" | "HEAD") => 200,
        (List, "GET" | "HEAD") | (Order, "DELETE") => guarded,
        (Health | List | Order, _) => 405,
        (Nobody, _) => 404,
        (Malformed, _) => 400,
    }
}

/// Asks for every target by every method, and compares the status with the table's.
pub async fn assert_each_is_taken_as_the_table_says(adapter: Adapter, address: SocketAddr) {
    let powerless = good_token().await.scope("x").sign().unwrap();
    let admin = good_token().await.scope("orders.read orders.write").roles(["Admin"]);
    let admin = admin.sign().unwrap();
    for (target, axum, actix) in TARGETS {
        let taken = match adapter {
            Adapter::Axum => axum,
            Adapter::Actix => actix,
        };
        for method in METHODS {
            for (asking, token) in [
                (Asking::Anonymous, None),
                (Asking::Powerless, Some(&powerless)),
                (Asking::Admin, Some(&admin)),
            ] {
                let answer = send(address, method, target, token).await;
                assert_eq!(
                    status(&answer),
                    expected(taken, method, asking),
                    "{adapter:?}: {method} {target} by {asking:?}"
                );
            }
        }
    }
}

/// Sends the request as it is spelled, and returns all that comes back.
pub async fn send(
    address: SocketAddr,
    method: &str,
    target: &str,
    token: Option<&String>,
) -> String {
    let field = token.map(|token| format!("Authorization: Bearer {token}\r\n"));
    let field = field.unwrap_or_default();
    let request =
        format!("{method} {target} HTTP/1.1\r\nHost: api\r\nConnection: close\r\n{field}\r\n");
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

pub fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}
