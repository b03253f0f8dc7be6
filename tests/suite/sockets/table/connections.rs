//! Connections, versions and bodies.

use serde_json::json;

use crate::sockets::{
    issuers::Tokens,
    row::{Expected, Row, insufficient, of_framework, refused, served},
    wire::Request,
};

pub fn rows(tokens: &Tokens) -> Vec<Row> {
    let token = tokens.with(json!({ "scope": "orders.read" }));
    let get = |target: &str| Request::get(target);
    let old = |target: &str| get(target).version("HTTP/1.0").without("Connection");
    let kept = |target: &str| get(target).without("Connection");
    let missing = || refused("credentials.missing");
    let chunked = |request: Request| {
        request.line("Transfer-Encoding: chunked").body("5\r\nhello\r\n0\r\n\r\n")
    };
    let smuggled = "GET /public HTTP/1.1\r\nHost: x\r\n\r\n";
    let one = |what: &str, request, expected| Row::new(what, request, &token, expected);
    let many = |what: &str, pairs: Vec<(Request, Expected)>| {
        let (requests, expected) = pairs.into_iter().unzip();
        Row { what: what.to_owned(), requests, token: token.clone(), expected }
    };
    let after_empty_lines = Request::new("\r\n\r\nGET", "/orders").bearing();
    let good_behind = "GET /public HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned();
    let versions = ["HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/11", "http/1.1", "HTTP/1.1 x", ""];
    let versions = versions.map(|version| {
        let request = get("/orders").bearing().version(version);
        one(&format!("the version {version:?}"), request, of_framework(400))
    });
    let rows = vec![
        one("HTTP/1.0, no token", old("/orders"), missing()),
        one("HTTP/1.0, a token", old("/orders").bearing(), served("orders")),
        one("HTTP/1.0 without a host", old("/orders").without("Host"), missing()),
        one("an empty host", get("/orders").without("Host").line("Host:"), missing()),
        one("a host that is none", get("/orders").without("Host").line("Host: a b/@"), missing()),
        many(
            "HTTP/1.0, kept",
            vec![
                (old("/orders").line("Connection: keep-alive"), missing()),
                (old("/orders").bearing(), served("orders")),
            ],
        ),
        many("empty lines first", vec![(after_empty_lines, served("orders"))]),
        many(
            "a method that the route has not, then a good request",
            vec![
                (Request::new("PUT", "/orders").without("Connection"), of_framework(405)),
                (get("/orders").bearing(), served("orders")),
            ],
        ),
        many(
            "a head that is broken, then a good request that is not read",
            vec![(kept("/orders").line("X : 1").body(&good_behind), of_framework(400))],
        ),
        one("an unknown expectation", get("/orders").line("Expect: 200-ok"), missing()),
        one(
            "a body that is promised and not sent",
            Request::new("POST", "/orders").line("Content-Length: 5"),
            missing(),
        ),
        one(
            "a refused body whose chunks are broken",
            Request::new("POST", "/orders").line("Transfer-Encoding: chunked").body("zz\r\n"),
            missing(),
        ),
        one(
            "an upgrade to HTTP/2",
            get("/orders").line("Upgrade: h2c").line("HTTP2-Settings: AAMAAABkAAQAAP__"),
            missing(),
        ),
        many(
            "a refused request, then a good one",
            vec![(kept("/orders"), missing()), (get("/orders").bearing(), served("orders"))],
        ),
        many(
            "a good request, then one without its token",
            vec![(kept("/orders").bearing(), served("orders")), (get("/orders"), missing())],
        ),
        many(
            "refused in three ways, then good",
            vec![
                (kept("/orders").bearing().bearing(), refused("credentials.several")),
                (kept("/scope").bearing(), insufficient("a")),
                (kept("/orders").line("Authorization: Bearer x"), refused("token.not_compact")),
                (get("/orders").bearing(), served("orders")),
            ],
        ),
        one("a refused body in chunks", chunked(Request::new("POST", "/orders")), missing()),
        one(
            "a refused body in chunks, with a token",
            chunked(Request::new("POST", "/orders").bearing()),
            insufficient("orders.write"),
        ),
        many(
            "a refused body in chunks, then a good request",
            vec![
                (chunked(Request::new("POST", "/orders").without("Connection")), missing()),
                (get("/orders").bearing(), served("orders")),
            ],
        ),
        many(
            "a refused body that looks like a request, then a good one",
            vec![
                (
                    Request::new("POST", "/orders")
                        .without("Connection")
                        .line(format!("Content-Length: {}", smuggled.len()))
                        .body(smuggled),
                    missing(),
                ),
                (get("/orders").bearing(), served("orders")),
            ],
        ),
    ];
    rows.into_iter().chain(versions).collect()
}
