//! One table of requests through three adapters on real sockets: what is sent byte for byte, and all
//! that comes back. axum and actix are asked twice, with their guarded routers and with layers or
//! middleware.

mod differences;
mod issuers;
mod on_actix;
mod on_axum;
mod on_tower;
mod routes;
mod row;
mod table;
mod wire;
mod world;

use std::collections::BTreeSet;

use doorward::Error;
use doorward_issuer::Flaw;
use serde_json::json;

use self::{
    row::{Expected, Row, of_framework, refused, unavailable},
    wire::Request,
    world::{Outcome, Outcomes, World},
};
use crate::support::BrokenClock;

/// Sends the row and returns what is not as expected, a line for each server.
async fn wrong_answers(
    world: &World,
    row: &Row,
    expected: &Outcomes<Vec<Expected>>,
) -> Vec<String> {
    let outcomes = world.ask(row).await;
    let pairs = outcomes.named().into_iter().zip(expected.named());
    pairs
        .map(|((name, outcome), (_, expected))| (name, outcome, Outcome::of(expected)))
        .filter(|(_, outcome, expected)| *outcome != expected)
        .map(|(name, outcome, expected)| {
            format!("{}\n  {name}: {outcome:?}\n  expected: {expected:?}", row.what)
        })
        .collect()
}

/// The same of all.
fn alike(row: &Row) -> Outcomes<Vec<Expected>> {
    let one = || row.expected.clone();
    Outcomes { tower: one(), axum: one(), layered: one(), actix: one() }
}

#[tokio::test]
async fn every_request_of_the_table_is_answered_alike_by_all_three() {
    let world = World::open().await;
    let rows = table::rows(&world.tokens);
    assert!(rows.len() >= 350, "{} rows", rows.len());
    let mut wrong = Vec::new();
    for row in rows {
        wrong.extend(wrong_answers(&world, &row, &alike(&row)).await);
        let by_scope = world.ask_scope(&row).await;
        if by_scope != Outcome::of(&row.expected) {
            wrong.push(format!("{}\n  actix by its guarded scope: {by_scope:?}", row.what));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    world.close().await;
}

#[tokio::test]
async fn where_the_three_differ_it_is_by_their_own_routing_and_reading() {
    let world = World::open().await;
    let mut wrong = Vec::new();
    for difference in differences::differences(&world.tokens) {
        assert!(!difference.cases.is_empty(), "{}", difference.reason);
        for case in difference.cases {
            let [(_, first), others @ ..] = case.expected.named();
            let differ = others.iter().any(|(_, other)| *other != first);
            assert!(differ, "{} belongs into the table", case.row.what);
            wrong.extend(wrong_answers(&world, &case.row, &case.expected).await);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    world.close().await;
}

/// Every request of both tables is sent again, without a token, with a forged one that grants
/// everything, and with a good one that grants nothing.
#[tokio::test]
async fn no_request_reaches_a_handler_without_what_its_rule_asks_for() {
    let world = World::open().await;
    let differences = differences::differences(&world.tokens);
    let odd = differences.into_iter().flat_map(|difference| difference.cases);
    let rows = table::rows(&world.tokens).into_iter().chain(odd.map(|case| case.row));
    let powerless = world.tokens.with(json!({ "sub": "u2" }));
    let forged = world.tokens.forged_for_everything();
    for row in rows {
        let asks = row.requests.iter().map(asks).min().unwrap();
        if asks == Asks::Nothing {
            continue;
        }
        let anonymous = row.requests.iter().cloned().map(Request::anonymous).collect();
        let sent = [
            Row { requests: anonymous, token: String::new(), ..row.clone() },
            Row { token: forged.clone(), ..row.clone() },
            Row { token: powerless.clone(), ..row },
        ];
        let count = if asks == Asks::Token { 2 } else { 3 };
        for row in &sent[..count] {
            for (name, outcome) in world.ask(row).await.named() {
                let refused = outcome.answers.iter().all(|answer| answer.status >= 400);
                assert!(refused, "{name}: {row:?}");
            }
            let by_scope = world.ask_scope(row).await;
            assert!(by_scope.answers.iter().all(|answer| answer.status >= 400), "scope: {row:?}");
        }
    }
    world.close().await;
}

/// What a target asks of a request, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Asks {
    Nothing,
    /// Any good token.
    Token,
    /// One that grants something.
    Grant,
}

/// By the target as it is written, exactly: every other one that is answered asks for a grant.
fn asks(request: &Request) -> Asks {
    match request.target() {
        "/public" | "/%70ublic" | "/optional" => Asks::Nothing,
        "/authenticated" | "/token" => Asks::Token,
        _ => Asks::Grant,
    }
}

#[tokio::test]
async fn the_table_provokes_every_refusal_and_meets_and_misses_every_rule() {
    let world = World::open().await;
    let rows = table::rows(&world.tokens);
    let expected = rows.iter().flat_map(|row| &row.expected);
    // The clock has a test of its own.
    let codes = expected.filter_map(|expected| expected.code).chain(["unavailable.clock"]);
    let codes: BTreeSet<&str> = codes.collect();
    assert_eq!(codes, Error::CODES.iter().copied().collect());

    for (path, rule) in routes::kinds() {
        let of_route = rows.iter().filter(|row| row.requests[0].target() == path);
        let codes: BTreeSet<_> = of_route.flat_map(|row| &row.expected).map(|e| e.code).collect();
        assert!(codes.contains(&Some("credentials.missing")), "{rule}");
        assert_eq!(codes.contains(&None), !path.starts_with("/nobody"), "{rule}");
        let missed = codes.contains(&Some("rule.not_met")) || codes.contains(&Some("rule.step_up"));
        assert_eq!(missed, path != "/authenticated", "{rule}");
    }
    world.close().await;
}

#[tokio::test]
async fn without_the_time_none_of_the_three_lets_a_token_pass() {
    let world = World::set(BrokenClock, |builder| builder).await;
    let token = world.tokens.with(json!({ "scope": "a" }));
    for path in ["/scope", "/optional", "/token"] {
        let expected = unavailable("unavailable.clock", "10");
        let row = Row::new(path, Request::get(path).bearing(), &token, expected);
        assert_eq!(wrong_answers(&world, &row, &alike(&row)).await, [""; 0]);
    }
    world.close().await;
}

/// Where it was chosen: a gate that stands behind the choice of the method sees no preflight.
#[tokio::test]
async fn a_preflight_is_answered_by_a_gate_that_stands_before_the_choice_of_the_method() {
    let world = World::set(crate::support::TestClock::at(crate::support::NOW), |builder| {
        builder.answer_preflights()
    })
    .await;
    let preflight = |path| {
        Request::new("OPTIONS", path)
            .line("Origin: https://app.example")
            .line("Access-Control-Request-Method: GET")
    };
    let (passed, not_allowed) = (vec![of_framework(204)], vec![of_framework(405)]);
    for (path, layered, actix) in [
        ("/scope", &not_allowed, &passed),
        ("/orders", &not_allowed, &not_allowed),
        ("/reports/daily", &passed, &passed),
    ] {
        let row = Row::new(path, preflight(path), "", of_framework(405));
        let expected = Outcomes {
            tower: not_allowed.clone(),
            axum: passed.clone(),
            layered: layered.clone(),
            actix: actix.clone(),
        };
        assert_eq!(wrong_answers(&world, &row, &expected).await, [""; 0]);
    }
    let bearing = preflight("/reports/daily").bearing();
    let forged = world.tokens.forged(Flaw::Signature).concat().replace("Bearer ", "");
    let (refusal, not_allowed) = (vec![refused("signature.invalid")], vec![of_framework(405)]);
    let row = Row::new("a preflight with a token", bearing, &forged, of_framework(405));
    let expected = Outcomes {
        tower: not_allowed.clone(),
        axum: not_allowed,
        layered: refusal.clone(),
        actix: refusal,
    };
    assert_eq!(wrong_answers(&world, &row, &expected).await, [""; 0]);
    world.close().await;
}

#[tokio::test]
async fn every_difference_is_told_in_the_manual_and_no_other() {
    let page = include_str!("../../../crates/doorward/manual/adapters.md");
    let (_, table) = page.split_once("| why |").unwrap();
    let told: Vec<&str> = table
        .lines()
        .skip(2)
        .map_while(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.rsplit_once(" | "))
        .map(|(_, why)| why)
        .collect();
    let world = World::open().await;
    let reasons = differences::differences(&world.tokens);
    let reasons: Vec<&str> = reasons.iter().map(|difference| difference.reason).collect();
    assert_eq!(told, reasons);
    world.close().await;
}
