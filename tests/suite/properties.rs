//! What holds of every token, whatever it says: tried on many, drawn from a seed that is printed when
//! one fails.

use doorward::{
    Issuer, Keys, ResourceServer,
    keys::{Algorithm, FixedKeysIssuer},
};
use doorward_issuer::{DevIssuer, Mint};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::support::{AUDIENCE, NOW, TestClock, code};

const NAME: &str = "https://login.example.com";

async fn signer() -> &'static DevIssuer {
    static SIGNER: OnceCell<DevIssuer> = OnceCell::const_new();
    use doorward_issuer::Algorithm::{EdDsa, Es256, Rs256};
    let start =
        async || DevIssuer::builder().algorithms([Es256, EdDsa, Rs256]).start().await.unwrap();
    SIGNER.get_or_init(start).await
}

/// Numbers that look random and are the same in each run (a linear congruential generator).
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn one<'v, T>(&mut self, values: &'v [T]) -> &'v T {
        &values[self.below(values.len())]
    }
}

/// A token that is good, or wrong in up to two ways.
async fn token(draw: &mut Draw) -> Mint {
    let iat = i64::try_from(NOW).unwrap();
    let mut mint = signer().await.mint().issued_at(iat).audience(AUDIENCE).claim("iss", NAME);
    mint = mint.algorithm(*draw.one(&[
        doorward_issuer::Algorithm::Es256,
        doorward_issuer::Algorithm::EdDsa,
        doorward_issuer::Algorithm::Rs256,
    ]));
    for _ in 0..draw.below(3) {
        let now = i64::try_from(NOW).unwrap();
        let changes = [
            ("exp", json!(now - 30)),
            ("exp", json!(now - 90)),
            ("exp", json!(now + 90_000)),
            ("nbf", json!(now + 30)),
            ("nbf", json!(now + 90)),
            ("aud", json!(["x", AUDIENCE])),
            ("aud", json!("x")),
            ("iss", json!("https://other.example")),
            ("sub", Value::Null),
            ("jti", Value::Null),
            ("client_id", Value::Null),
            ("org", json!("acme")),
            ("cnf", json!({})),
            ("scope", json!(7)),
        ];
        let (name, value) = draw.one(&changes).clone();
        mint = if value.is_null() { mint.without(name) } else { mint.claim(name, value) };
    }
    match draw.below(6) {
        0 => mint.header("typ", "x"),
        1 | 2 => mint.header("typ", "JWT"),
        _ => mint,
    }
}

fn trust(keys: Value) -> FixedKeysIssuer {
    Issuer::fixed_keys(NAME, AUDIENCE, Keys::jwks(json!({ "keys": keys }).to_string()))
        .audience("api://second")
}

async fn keys() -> Value {
    signer().await.jwks()["keys"].clone()
}

fn builder(issuer: FixedKeysIssuer) -> doorward::ResourceServerBuilder {
    ResourceServer::builder().trust(issuer).clock(TestClock::at(NOW))
}

/// The server as it is, and each way to demand more.
async fn tightened() -> Vec<(&'static str, ResourceServer)> {
    let base = async || trust(keys().await);
    let hour = std::time::Duration::from_secs(3600);
    let zero = std::time::Duration::ZERO;
    let mut servers = Vec::new();
    for (name, builder) in [
        ("no leeway", builder(base().await).leeway(zero)),
        ("a limited lifetime", builder(base().await).max_lifetime(2 * hour)),
        ("short tokens", builder(base().await).max_token_len(600)),
        ("flat claims", builder(base().await).max_json_depth(1)),
        ("at+jwt", builder(base().await.require_at_jwt())),
        ("a claim", builder(base().await.require_claim("org"))),
        ("a claim's value", builder(base().await.require_claim_value("org", "acme"))),
        ("ES256 alone", builder(base().await.algorithms([Algorithm::Es256]))),
        ("the first key alone", builder(trust(json!([keys().await[0]])))),
        (
            "one audience alone",
            builder(Issuer::fixed_keys(
                NAME,
                AUDIENCE,
                Keys::jwks(json!({ "keys": keys().await }).to_string()),
            )),
        ),
    ] {
        servers.push((name, builder.build().await.unwrap()));
    }
    servers
}

#[tokio::test]
async fn a_tighter_configuration_never_accepts_what_a_looser_one_refuses() {
    let loose = builder(trust(keys().await)).build().await.unwrap();
    let tightened = tightened().await;
    let mut draw = Draw(1);
    let (mut accepted, mut refused) = (0, 0);
    for round in 0..400 {
        let token = token(&mut draw).await.sign().unwrap();
        let before = code(&loose, &token).await;
        for (name, server) in &tightened {
            let after = code(server, &token).await;
            assert!(before == "accepted" || after != "accepted", "{name}, round {round}: {before}");
            if before == "accepted" && after != "accepted" {
                refused += 1;
            }
        }
        accepted += u32::from(before == "accepted");
    }
    assert!(accepted > 100 && refused > 500, "{accepted} accepted, {refused} of them refused");
}

#[tokio::test]
async fn an_unknown_claim_or_header_or_another_key_never_changes_the_verdict() {
    let mut other = keys().await[0].clone();
    other["kid"] = json!("another");
    let mut more = keys().await;
    more.as_array_mut().unwrap().extend([
        other,
        json!({ "kty": "oct", "k": "AAAA", "kid": "secret" }),
        json!({ "kty": "quantum", "kid": "q" }),
    ]);
    let loose = builder(trust(keys().await)).build().await.unwrap();
    let with_keys = builder(trust(more)).build().await.unwrap();
    let mut draw = Draw(2);
    for round in 0..400 {
        let mint = token(&mut draw).await;
        let before = code(&loose, &mint.clone().sign().unwrap()).await;
        let unknown = mint.clone().claim("vendor:x", json!({ "a": [1, { "b": null }] }));
        assert_eq!(code(&loose, &unknown.sign().unwrap()).await, before, "claim, round {round}");
        let unknown = mint.clone().header("vendor", json!({ "a": 1 }));
        assert_eq!(code(&loose, &unknown.sign().unwrap()).await, before, "header, round {round}");
        assert_eq!(code(&with_keys, &mint.sign().unwrap()).await, before, "keys, round {round}");
    }
}

/// The order of members and the white space between them mean nothing.
#[tokio::test]
async fn the_same_claims_in_another_spelling_get_the_same_verdict() {
    let loose = builder(trust(keys().await)).build().await.unwrap();
    let mut draw = Draw(3);
    for round in 0..200 {
        let mint = token(&mut draw).await;
        let token = mint.sign().unwrap();
        let before = code(&loose, &token).await;
        let mut parts = token.split('.').map(crate::support::decoded);
        let (header, claims) = (parts.next().unwrap(), parts.next().unwrap());
        let spelled = respelled(&claims, &mut draw);
        let header: Value = serde_json::from_str(&header).unwrap();
        let algorithm = match header["alg"].as_str().unwrap() {
            "ES256" => doorward_issuer::Algorithm::Es256,
            "RS256" => doorward_issuer::Algorithm::Rs256,
            _ => doorward_issuer::Algorithm::EdDsa,
        };
        let again =
            signer().await.sign_raw(algorithm, &header.to_string(), spelled.as_bytes()).unwrap();
        assert_eq!(code(&loose, &again).await, before, "round {round}: {spelled}");
    }
}

fn respelled(claims: &str, draw: &mut Draw) -> String {
    let claims: Value = serde_json::from_str(claims).unwrap();
    let mut members: Vec<_> = claims.as_object().unwrap().iter().collect();
    for at in (1..members.len()).rev() {
        members.swap(at, draw.below(at + 1));
    }
    let space = draw.one(&["", " ", "\n\t ", "\r\n"]);
    let members: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("{space}\"{name}\"{space}:{space}{value}"))
        .collect();
    format!("{space}{{{}{space}}}{space}", members.join(","))
}
