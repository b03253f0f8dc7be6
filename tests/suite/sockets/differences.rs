//! Where the servers differ: by the routing and the reading of their frameworks, and how. The reasons
//! are those of the manual's page `adapters`.

use doorward_issuer::Flaw;
use serde_json::json;

use super::{
    issuers::Tokens,
    row::{Expected, Row, insufficient, of_framework, refused, served, unavailable},
    wire::Request,
    world::Outcomes,
};

/// Requests that are answered differently for one reason.
pub struct Difference {
    pub reason: &'static str,
    pub cases: Vec<Case>,
}

/// What is sent, and what each server answers.
#[derive(Clone)]
pub struct Case {
    pub row: Row,
    pub expected: Outcomes<Vec<Expected>>,
}

fn case(row: Row, [tower, axum, layered, actix]: [Vec<Expected>; 4]) -> Case {
    Case { row, expected: Outcomes { tower, axum, layered, actix } }
}

/// hyper, and so tower and axum, on one side; actix on the other.
fn apart(request: Request, token: &str, hyper: Expected, actix: Expected) -> Case {
    let row = Row::new(format!("{request:?}"), request, token, hyper.clone());
    case(row, [vec![hyper.clone()], vec![hyper.clone()], vec![hyper], vec![actix]])
}

/// What is done without a token, with one that grants nothing, and with a good one.
struct Three<'t> {
    powerless: &'t str,
    good: &'t str,
}

impl Three<'_> {
    fn apart(&self, request: Request, hyper: [Expected; 3], actix: [Expected; 3]) -> Vec<Case> {
        let bearing = request.clone().bearing();
        let sent = [(request, ""), (bearing.clone(), self.powerless), (bearing, self.good)];
        let answers = hyper.into_iter().zip(actix);
        sent.into_iter()
            .zip(answers)
            .filter(|(_, (hyper, actix))| hyper != actix)
            .map(|((request, token), (hyper, actix))| apart(request, token, hyper, actix))
            .collect()
    }
}

fn asked(scope: &str, body: &str) -> [Expected; 3] {
    [refused("credentials.missing"), insufficient(scope), served(body)]
}

fn always(status: u16) -> [Expected; 3] {
    [of_framework(status), of_framework(status), of_framework(status)]
}

/// Without what the rule asks for, the gate's answer; with it, the framework's.
fn behind_the_gate(scope: &str, status: u16) -> [Expected; 3] {
    [refused("credentials.missing"), insufficient(scope), of_framework(status)]
}

pub fn differences(tokens: &Tokens) -> Vec<Difference> {
    let powerless = tokens.with(json!({ "sub": "u2" }));
    let good = tokens.with(json!({ "scope": "a orders.read reports.read" }));
    let three = Three { powerless: &powerless, good: &good };
    let all = [routing(&three), paths(&three), reading(&three), grpc(tokens, &three)];
    all.into_iter().flatten().collect()
}

fn routing(three: &Three<'_>) -> Vec<Difference> {
    let new = Request::new;
    let preflight = new("OPTIONS", "/scope")
        .line("Origin: https://app.example")
        .line("Access-Control-Request-Method: GET");
    let post_report = new("POST", "/reports/daily");
    let missing = || vec![refused("credentials.missing")];
    let not_allowed = || vec![of_framework(405)];
    let of_router = case(
        Row::new("POST /reports/daily", post_report.clone(), "", of_framework(405)),
        [not_allowed(), not_allowed(), missing(), missing()],
    );
    vec![
        Difference {
            reason: "web::get() of actix does not take HEAD",
            cases: [
                three.apart(new("HEAD", "/orders"), asked("orders.read", ""), always(405)),
                three.apart(new("HEAD", "/scope"), asked("a", ""), behind_the_gate("a", 405)),
            ]
            .concat(),
        },
        Difference {
            reason: "App::route of actix takes the method for a part of the path",
            cases: [
                three.apart(new("POST", "/token"), always(405), always(404)),
                three.apart(new("POST", "/public"), always(405), always(404)),
            ]
            .concat(),
        },
        Difference {
            reason: "middleware on a resource of actix stands before the choice of the method",
            cases: ["PUT", "TRACE", "BREW", "get"]
                .map(|method| new(method, "/scope"))
                .into_iter()
                .chain([preflight])
                .flat_map(|request| three.apart(request, always(405), behind_the_gate("a", 405)))
                .collect(),
        },
        Difference {
            reason: "middleware on a scope of actix stands before the choice of the path",
            cases: ["/reports", "/reports/nowhere", "/reports/../public", "/reports/daily/"]
                .map(Request::get)
                .into_iter()
                .flat_map(|request| {
                    three.apart(request, always(404), behind_the_gate("reports.read", 404))
                })
                .chain(three.apart(
                    new("HEAD", "/reports/daily"),
                    asked("reports.read", ""),
                    behind_the_gate("reports.read", 404),
                ))
                .collect(),
        },
        Difference {
            reason: "Router::route_layer of axum stands before the choice of the method, \
                     MethodRouter::route_layer behind it",
            cases: vec![of_router],
        },
    ]
}

fn paths(three: &Three<'_>) -> Vec<Difference> {
    let decoded = [("%37", "7"), ("%2F", "/"), ("%2e%2e", ".."), ("a%20b", "a b"), ("%25", "%")];
    let by_hand = decoded.map(|(written, read)| {
        let request = Request::get(&format!("/orders/{written}")).bearing();
        let raw = served(&format!("order {written}"));
        let read = vec![served(&format!("order {read}"))];
        let row = Row::new(written, request, three.good, raw.clone());
        case(row, [vec![raw], read.clone(), read.clone(), read])
    });
    let mut no_utf8 = of_framework(400);
    no_utf8.answer.body = "Invalid URL: Invalid UTF-8 in `id`".to_owned();
    let (raw, replaced) = (served("order %ff"), served("order \u{fffd}"));
    let row =
        Row::new("/orders/%ff", Request::get("/orders/%ff").bearing(), three.good, raw.clone());
    let no_utf8 = case(row, [vec![raw], vec![no_utf8.clone()], vec![no_utf8], vec![replaced]]);
    let long = format!("/orders/{}", "x".repeat(70_000));
    vec![
        Difference {
            reason: "actix decodes letters, digits and dots before it matches a path",
            cases: [
                three.apart(Request::get("/%6frders"), always(404), asked("orders.read", "orders")),
                three.apart(Request::get("/%73cope"), always(404), asked("a", "u1")),
                three.apart(
                    Request::get("/reports/%64aily"),
                    always(404),
                    asked("reports.read", "u1"),
                ),
                vec![apart(Request::get("/%70ublic"), "", of_framework(404), served("public"))],
            ]
            .concat(),
        },
        Difference {
            reason: "axum and actix decode a parameter of the path, routing by hand does not",
            cases: by_hand.to_vec(),
        },
        Difference {
            reason: "axum refuses a parameter that is no UTF-8; its rule is asked before",
            cases: vec![no_utf8],
        },
        Difference {
            reason: "hyper takes UTF-8 in a target",
            cases: three.apart(
                Request::get("/orders/\u{c3}\u{a9}"),
                asked("orders.read", "order \u{e9}"),
                always(400),
            ),
        },
        Difference {
            reason: "a target of more than 64 KiB is too long for both, and each says so its way",
            cases: three.apart(Request::get(&long), always(414), always(400)),
        },
    ]
}

fn reading(three: &Three<'_>) -> Vec<Difference> {
    let get = || Request::get("/orders");
    let orders = || asked("orders.read", "orders");
    let framing = [
        "Content-Length: 0\r\nContent-Length: 0",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    ];
    let hosts = [get().without("Host"), get().line("Host: other.example")];
    // 98 fields with `Authorization`.
    let many = (0..95).fold(get(), |request, field| request.line(format!("X-{field}: 1")));
    let large = get().line(format!("X-Padding: {}", "x".repeat(140_000)));
    let unsent = |method| {
        Request::new(method, "/orders").line("Expect: 100-continue").line("Content-Length: 5")
    };
    let behind = Row {
        what: "a request behind the last".to_owned(),
        requests: vec![get(), Request::get("/public")],
        token: String::new(),
        expected: Vec::new(),
    };
    let missing = || vec![refused("credentials.missing")];
    let both = vec![refused("credentials.missing"), served("public")];
    vec![
        Difference {
            reason: "actix wants one Host",
            cases: hosts
                .into_iter()
                .flat_map(|request| three.apart(request, orders(), always(400)))
                .collect(),
        },
        Difference {
            reason: "hyper reads lengths that agree, a coding beside a length, and one that is said twice",
            cases: framing
                .into_iter()
                .flat_map(|line| three.apart(get().line(line), orders(), always(400)))
                .collect(),
        },
        Difference {
            reason: "hyper reads 100 fields, actix 96",
            cases: three.apart(many, orders(), always(431)),
        },
        Difference {
            reason: "hyper reads more than the 128 KiB of fields that actix reads",
            cases: three.apart(large, orders(), always(431)),
        },
        Difference {
            reason: "actix tells everybody to go on before the gate is asked, hyper when the body is read",
            cases: [
                three.apart(unsent("GET"), orders(), orders().map(Expected::after_continue)),
                three.apart(
                    unsent("POST"),
                    behind_the_gate("orders.write", 403).map(forbid_all),
                    behind_the_gate("orders.write", 403)
                        .map(forbid_all)
                        .map(Expected::after_continue),
                ),
            ]
            .concat(),
        },
        Difference {
            reason: "actix reads on after Connection: close; every request is judged by itself",
            cases: vec![case(behind, [missing(), missing(), missing(), both])],
        },
    ]
}

/// The good token of these tables does not grant to write.
fn forbid_all(expected: Expected) -> Expected {
    if expected.code.is_none() { insufficient("orders.write") } else { expected }
}

fn grpc(tokens: &Tokens, three: &Three<'_>) -> Vec<Difference> {
    let call = |path: &str| Request::get(path).line("Content-Type: application/grpc");
    let told = |request: Request, token: &str, refusal: Expected, status| {
        apart(request, token, refusal.clone().told_by_grpc(status), refusal)
    };
    let expired = format!("Authorization: {}", tokens.forged(Flaw::Expired).concat());
    let proto = Request::get("/scope").line("Content-Type: application/grpc+proto");
    let down = tokens.of_silent_issuer();
    let silent = unavailable("unavailable.keys", "1");
    let missing = || refused("credentials.missing");
    let refusals = vec![
        told(call("/scope"), "", missing(), "16"),
        told(proto, "", missing(), "16"),
        told(call("/scope").bearing(), "a,b", refused("credentials.malformed"), "16"),
        told(call("/scope").line(expired), "", refused("policy.expired"), "16"),
        told(call("/scope").bearing(), three.powerless, insufficient("a"), "7"),
        told(call("/scope").bearing(), &down, silent, "14"),
    ];
    let (by_grpc, plain) = (vec![missing().told_by_grpc("16")], vec![missing()]);
    let row = Row::new("/token", call("/token"), "", missing());
    let extracted = case(row, [by_grpc.clone(), plain.clone(), by_grpc, plain]);
    vec![
        Difference {
            reason: "the layers of tower and axum tell a call of gRPC its refusal by grpc-status too",
            cases: refusals,
        },
        Difference {
            reason: "an extractor refuses a call of gRPC as any other request",
            cases: vec![extracted],
        },
    ]
}
