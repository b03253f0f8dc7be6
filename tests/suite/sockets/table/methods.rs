//! Methods that a route has, and those that it has not. `/orders` has `GET` and `POST`.

use serde_json::json;

use crate::sockets::{
    issuers::Tokens,
    row::{Row, insufficient, of_framework, refused},
    wire::Request,
};

pub fn rows(tokens: &Tokens) -> Vec<Row> {
    let powerless = tokens.with(json!({}));
    let unknown = [
        "PUT",
        "PATCH",
        "DELETE",
        "TRACE",
        "OPTIONS",
        "BREW",
        "get",
        "post",
        "GETX",
        "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
    ];
    let unknown = unknown.into_iter().flat_map(|method| {
        let request = Request::new(method, "/orders");
        let not_allowed = of_framework(405);
        [
            Row::new(format!("{method}, no token"), request.clone(), "", not_allowed.clone()),
            Row::new(format!("{method}, a token"), request.bearing(), &powerless, not_allowed),
        ]
    });
    let post = Request::new("POST", "/orders");
    let form = "access_token={token}";
    let preflight = Request::new("OPTIONS", "/orders")
        .line("Origin: https://app.example")
        .line("Access-Control-Request-Method: POST");
    let broken = ["GE(T", "G\u{e9}T", "", " GET"].into_iter().map(|method| {
        let request = Request::new(method, "/orders").bearing();
        Row::new(format!("the method {method:?}"), request, &powerless, of_framework(400))
    });
    unknown
        .chain(broken)
        .chain([
            Row::new("a preflight", preflight.clone(), "", of_framework(405)),
            Row::new(
                "a preflight with a token",
                preflight.bearing(),
                &powerless,
                of_framework(405),
            ),
            Row::new("OPTIONS *", Request::new("OPTIONS", "*"), "", of_framework(404)),
            Row::new(
                "CONNECT",
                Request::new("CONNECT", "api.example.com:443"),
                "",
                of_framework(404),
            ),
            Row::new(
                "CONNECT to a path",
                Request::new("CONNECT", "/orders"),
                "",
                of_framework(405),
            ),
            Row::new(
                "HEAD, no token",
                Request::new("HEAD", "/scope"),
                "",
                refused("credentials.missing"),
            ),
            Row::new(
                "HEAD, no grant",
                Request::new("HEAD", "/scope").bearing(),
                &powerless,
                insufficient("a"),
            ),
            Row::new("POST, no token", post.clone(), "", refused("credentials.missing")),
            Row::new(
                "POST, no grant",
                post.clone().bearing(),
                &powerless,
                insufficient("orders.write"),
            ),
            Row::new(
                "the token in a form",
                post.clone()
                    .line("Content-Type: application/x-www-form-urlencoded")
                    .line(format!("Content-Length: {}", "access_token=".len() + powerless.len()))
                    .body(form),
                &powerless,
                refused("credentials.missing"),
            ),
            Row::new(
                "GET that says it is POST",
                Request::get("/orders").line("X-HTTP-Method-Override: POST").bearing(),
                &tokens.with(json!({ "scope": "orders.write" })),
                insufficient("orders.read"),
            ),
        ])
        .collect()
}
