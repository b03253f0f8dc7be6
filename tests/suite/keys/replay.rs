//! 143 days of Entra's key sets as they were recorded, in virtual time: keys appear, vanish for hours
//! and return.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    future::Future,
    path::Path,
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use doorward::{
    Algorithm::Es256, Cloud, Document, Fetch, FetchError, FetchRequest, Issuer, ResourceServer,
};
use doorward_issuer::{Algorithm, DevIssuer};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::host::{HOUR, MINUTE, VirtualClock};
use crate::support::{NOW, code};

const TENANT: &str = "7fe81447-da57-4385-becb-6de57f21477e";
const API: &str = "f2a76e08-93f2-4350-833c-965c02483b11";

/// Which keys were published from when on; times since the first record.
struct Timeline(BTreeMap<Duration, Vec<String>>);

impl Timeline {
    fn read() -> Option<Self> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../shared/idp/timeline-entra-common.json");
        let Ok(text) = std::fs::read_to_string(&path) else {
            eprintln!("SKIPPED: no recorded key sets at {}", path.display());
            return None;
        };
        let json: Value = serde_json::from_str(&text).unwrap();
        let records = json["timeline"].as_array().unwrap();
        let begin = records[0]["t"].as_u64().unwrap();
        let kids = |record: &Value| -> Vec<String> {
            record["kids"]
                .as_array()
                .unwrap()
                .iter()
                .map(|kid| kid.as_str().unwrap().into())
                .collect()
        };
        let at = |record: &Value| Duration::from_secs(record["t"].as_u64().unwrap() - begin);
        Some(Self(records.iter().map(|record| (at(record), kids(record))).collect()))
    }

    fn published(&self, at: Duration) -> &[String] {
        self.0.range(..=at).next_back().map_or(&[], |(_, kids)| kids)
    }

    /// How long ago the key was last published.
    fn gap(&self, kid: &str, now: Duration) -> Duration {
        let mut later = now;
        for (at, kids) in self.0.range(..=now).rev() {
            if kids.iter().any(|published| published == kid) {
                return now - later;
            }
            later = *at;
        }
        Duration::MAX
    }

    /// First and last sighting of each key.
    fn lives(&self) -> HashMap<&str, (Duration, Duration)> {
        let mut lives = HashMap::new();
        for (at, kids) in &self.0 {
            for kid in kids {
                lives.entry(kid.as_str()).or_insert((*at, *at)).1 = *at;
            }
        }
        lives
    }

    /// When tokens are presented: soon after each change, and in growing steps until the next.
    fn moments(&self) -> BTreeSet<Duration> {
        let changes: Vec<_> = self.0.keys().copied().collect();
        let mut moments = BTreeSet::new();
        for pair in changes.windows(2) {
            let mut step = Duration::from_secs(1);
            while pair[0] + step < pair[1] {
                moments.insert(pair[0] + step);
                step *= 4;
            }
        }
        moments
    }
}

/// The recorded keys' names on keys of ours, and a token of each.
struct Signed {
    jwks: HashMap<String, Value>,
    tokens: HashMap<String, String>,
}

impl Signed {
    async fn by_own_keys(timeline: &Timeline) -> Self {
        let signer = DevIssuer::builder().algorithms([Algorithm::Es256]).start().await.unwrap();
        let (mut jwks, mut tokens) = (HashMap::new(), HashMap::new());
        for kid in timeline.lives().into_keys() {
            signer.rotate_without_overlap().await.unwrap();
            let mut jwk = signer.jwks()["keys"][0].clone();
            jwk["kid"] = json!(kid);
            jwk["issuer"] = json!("https://login.microsoftonline.com/{tenantid}/v2.0");
            jwks.insert(kid.to_owned(), jwk);
            let mint = signer.mint().issued_at(i64::try_from(NOW).unwrap()).audience(API);
            let mint = mint.header("kid", kid).header("typ", "JWT").claim("tid", TENANT);
            let iss = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
            let mint = mint.claim("iss", iss).claim("azp", API);
            tokens.insert(kid.to_owned(), mint.sign().unwrap());
        }
        Self { jwks, tokens }
    }
}

/// Publishes what was recorded at the time.
#[derive(Clone)]
struct Recorded {
    timeline: Arc<Timeline>,
    signed: Arc<Signed>,
    begin: Instant,
    max_age: Option<Duration>,
}

impl std::fmt::Debug for Recorded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recorded")
    }
}

impl Recorded {
    fn document(&self, request: FetchRequest<'_>) -> Document {
        if request.url().ends_with("/.well-known/openid-configuration") {
            let iss = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
            let metadata = json!({ "issuer": iss, "jwks_uri": "https://keys.example/" });
            return Document::new(metadata.to_string());
        }
        let kids = self.timeline.published(self.begin.elapsed());
        let etag = kids.concat();
        let document = if request.etag() == Some(&etag) {
            Document::not_modified()
        } else {
            let keys: Vec<_> = kids.iter().map(|kid| &self.signed.jwks[kid]).collect();
            Document::new(json!({ "keys": keys }).to_string()).etag(etag)
        };
        self.max_age.map_or(document.clone(), |max_age| document.max_age(max_age))
    }
}

impl Fetch for Recorded {
    fn fetch<'f>(
        &'f self,
        request: FetchRequest<'f>,
    ) -> Pin<Box<dyn Future<Output = Result<Document, FetchError>> + Send + 'f>> {
        Box::pin(std::future::ready(Ok(self.document(request))))
    }
}

/// How removed keys and unknown ones are dealt with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Means {
    /// As Entra's profile does: removed keys are kept, and unknown ones asked for.
    Profile,
    /// Unknown keys are asked for, and removed ones are gone at once.
    RefetchAlone,
    /// The scheduled refresh replaces all keys, and nothing else is done.
    ReplacementAlone,
}

/// What came of all tokens.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    tokens: usize,
    refused: usize,
    /// Refused although the issuer showed the key, now or within the last 24 hours.
    without_excuse: usize,
}

async fn replay(means: Means, max_age: Option<Duration>) -> Option<Outcome> {
    let timeline = Arc::new(Timeline::read()?);
    let signed = Arc::new(Signed::by_own_keys(&timeline).await);
    let begin = Instant::now();
    let (of_host, of_signed) = (Arc::clone(&timeline), Arc::clone(&signed));
    let host = Recorded { timeline: of_host, signed: of_signed, begin, max_age };
    let mut issuer = Issuer::entra(Cloud::Global, TENANT, API).algorithms([Es256]);
    if means != Means::Profile {
        issuer = issuer.keep_removed_keys_for(Duration::ZERO);
    }
    let mut builder =
        ResourceServer::builder().trust(issuer).fetch(host).clock(VirtualClock(begin));
    if means == Means::ReplacementAlone {
        builder = builder.unknown_key_cooldown(365 * 24 * HOUR);
    }
    let server = builder.build().await.unwrap();
    let lives = timeline.lives();
    if means == Means::ReplacementAlone {
        // The one fetch for an unknown key that is left is spent.
        let later = lives.iter().find(|(_, life)| !life.0.is_zero()).unwrap().0;
        assert_eq!(code(&server, &signed.tokens[*later]).await, "key.unknown");
    }
    let mut outcome = Outcome::default();
    for moment in timeline.moments() {
        tokio::time::sleep_until(begin + moment).await;
        for (kid, token) in &signed.tokens {
            let (first, last) = lives[kid.as_str()];
            if !(first..=last).contains(&moment) {
                continue;
            }
            outcome.tokens += 1;
            if code(&server, token).await != "accepted" {
                outcome.refused += 1;
                outcome.without_excuse += usize::from(timeline.gap(kid, moment) <= 24 * HOUR);
            }
        }
    }
    Some(outcome)
}

#[tokio::test(start_paused = true)]
async fn entras_recorded_keys_are_accepted_with_the_profile_through_all_their_gaps() {
    for max_age in [None, Some(24 * HOUR)] {
        let Some(outcome) = replay(Means::Profile, max_age).await else { return };
        println!("profile, fresh for {max_age:?}: {outcome:?}");
        assert!(outcome.tokens > 10_000, "{outcome:?}");
        assert_eq!(outcome.without_excuse, 0, "{outcome:?}");
    }
}

/// Why the profile does what it does.
#[tokio::test(start_paused = true)]
async fn without_the_profile_entras_recorded_keys_are_refused_in_their_gaps() {
    let Some(profile) = replay(Means::Profile, None).await else { return };
    let refetch = replay(Means::RefetchAlone, None).await.unwrap();
    let replacement = replay(Means::ReplacementAlone, None).await.unwrap();
    println!("refetch alone: {refetch:?}\nreplacement alone: {replacement:?}");
    assert!(refetch.refused > 10 * profile.refused.max(1), "{refetch:?} {profile:?}");
    assert!(replacement.refused >= refetch.refused, "{replacement:?} {refetch:?}");
}

#[tokio::test(start_paused = true)]
async fn an_emergency_withdrawal_takes_effect_at_once_with_the_profile() {
    let Some(timeline) = Timeline::read() else { return };
    let timeline = Arc::new(timeline);
    let signed = Arc::new(Signed::by_own_keys(&timeline).await);
    let begin = Instant::now();
    let (of_host, of_signed) = (Arc::clone(&timeline), Arc::clone(&signed));
    let host = Recorded { timeline: of_host, signed: of_signed, begin, max_age: None };
    let issuer = Issuer::entra(Cloud::Global, TENANT, API).algorithms([Es256]);
    let builder = ResourceServer::builder().trust(issuer).fetch(host).clock(VirtualClock(begin));
    let server = builder.build().await.unwrap();
    let kid = &timeline.published(Duration::ZERO)[0];
    assert_eq!(code(&server, &signed.tokens[kid]).await, "accepted");
    let name = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    server.forget_key(&name, kid).unwrap();
    for _ in 0..10 {
        assert_eq!(code(&server, &signed.tokens[kid]).await, "key.forgotten");
        tokio::time::sleep(30 * MINUTE).await;
    }
}
