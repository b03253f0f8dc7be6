//! Key sets as Microsoft and others have published them: none of their keys is lost, and each is
//! bound to those whose it says it is.

use std::{fs, path::PathBuf};

use doorward::{Issuer, Keys, ResourceServer, presets::Entra};
use serde_json::{Value, json};

use super::{
    API, CONSUMERS, Documents, NOW, TENANT, entra_metadata, sign, trusting, v1_name, v2_claims,
    with,
};
use crate::support::{TestClock, code};

/// The recorded document; `None`, and said so, where the records are not there.
fn recorded(name: &str) -> Option<Value> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/idp");
    if !folder.is_dir() {
        println!("skipped: the records are not in {}", folder.display());
        return None;
    }
    Some(serde_json::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap())
}

/// Whether a key is in use for a token shows in the signature being looked at: it is not the
/// recorded issuer's.
const IN_USE: &str = "signature.invalid";

fn keys(jwks: &Value) -> impl Iterator<Item = (&str, Option<&str>)> {
    let keys = jwks["keys"].as_array().unwrap().iter();
    keys.map(|key| (key["kid"].as_str().unwrap(), key["issuer"].as_str()))
}

async fn of_any_tenant(jwks: &Value) -> ResourceServer {
    let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
    let documents = Documents::of(&entra_metadata("common"), template, jwks["keys"].clone());
    let issuer = Entra::any_tenant().client_id(API).allow_consumer_accounts();
    trusting(issuer, documents, NOW).build().await.unwrap()
}

#[tokio::test]
async fn every_recorded_key_of_entra_is_bound_to_its_issuer() {
    for (file, total, of_consumers) in [
        ("entra-common.jwks.json", 7, 2),
        ("entra-organizations.jwks.json", 6, 0),
        ("entra-v1-common.jwks.json", 7, 0),
        ("entra-v2-common.jwks.json", 10, 3),
    ] {
        let Some(jwks) = recorded(file) else {
            return;
        };
        let server = of_any_tenant(&jwks).await;
        let (mut seen, mut bound) = (0, 0);
        for (kid, issuer) in keys(&jwks) {
            let header = json!({ "typ": "JWT", "alg": "RS256", "kid": kid });
            let own_alone = issuer.is_some_and(|issuer| !issuer.contains("{tenantid}"));
            let for_others = if own_alone { "key.other_tenant" } else { IN_USE };
            let v1 = json!({ "iss": v1_name(TENANT), "azp": null, "appid": "c" });
            for (claims, expected) in [
                (v2_claims(TENANT), for_others),
                (with(v2_claims(TENANT), v1), for_others),
                (v2_claims(CONSUMERS), IN_USE),
            ] {
                let token = sign(&header, &claims).await;
                assert_eq!(code(&server, &token).await, expected, "{file}: {kid} ({issuer:?})");
            }
            seen += 1;
            bound += u32::from(own_alone);
        }
        assert_eq!((seen, bound), (total, of_consumers), "{file}");
    }
}

#[tokio::test]
async fn every_key_that_entra_showed_in_five_months_loads() {
    let Some(timeline) = recorded("timeline-entra-common.json") else {
        return;
    };
    let keys: Vec<&Value> = timeline["keys"].as_object().unwrap().values().collect();
    assert_eq!(keys.len(), 42);
    let jwks = json!({ "keys": keys });
    let server = of_any_tenant(&jwks).await;
    for (kid, _) in self::keys(&jwks) {
        let header = json!({ "typ": "JWT", "alg": "RS256", "kid": kid });
        let token = sign(&header, &v2_claims(CONSUMERS)).await;
        assert_ne!(code(&server, &token).await, "key.unknown", "{kid}");
    }
}

#[tokio::test]
async fn every_recorded_key_of_other_issuers_loads() {
    for (file, total) in [("apple.jwks.json", 3), ("google.jwks.json", 2), ("gitlab.jwks.json", 2)]
    {
        let Some(jwks) = recorded(file) else {
            return;
        };
        let issuer = Issuer::fixed_keys("https://a.example", "a", Keys::jwks(jwks.to_string()));
        let server = ResourceServer::builder()
            .trust(issuer)
            .clock(TestClock::at(NOW))
            .build()
            .await
            .unwrap();
        let mut seen = 0;
        for (kid, _) in keys(&jwks) {
            let header = json!({ "alg": "RS256", "kid": kid });
            let claims = json!({ "iss": "https://a.example", "aud": "a", "sub": "s", "exp": NOW });
            assert_eq!(code(&server, &sign(&header, &claims).await).await, IN_USE, "{kid}");
            seen += 1;
        }
        assert_eq!(seen, total, "{file}");
    }
}

#[tokio::test]
async fn recorded_metadata_of_entra_names_the_template_and_is_believed_for_it() {
    for (file, authority) in [
        ("entra-common.openid-configuration.json", "common"),
        ("entra-organizations.openid-configuration.json", "organizations"),
        ("entra-v2-common.openid-configuration.json", "common"),
        ("entra-v1-common.openid-configuration.json", "common"),
    ] {
        let Some(metadata) = recorded(file) else {
            return;
        };
        let key = super::key(json!({ "kid": "k1" })).await;
        let documents = Documents::from([
            (entra_metadata(authority), metadata.to_string()),
            (
                metadata["jwks_uri"].as_str().unwrap().to_owned(),
                json!({ "keys": [key] }).to_string(),
            ),
        ]);
        let any = Entra::any_tenant().client_id(API);
        let issuer = if authority == "common" { any.allow_consumer_accounts() } else { any };
        let server = trusting(issuer, documents, NOW).build().await.unwrap();
        let token = super::v2_token(&v2_claims(TENANT)).await;
        assert_eq!(code(&server, &token).await, "accepted", "{file}");
    }
}
