//! 143 days of Entra's key sets as they were recorded, in virtual time: keys appear, vanish for hours
//! and return.

use std::{
    collections::{BTreeSet, HashMap},
    future::Future,
    iter,
    path::Path,
    pin::Pin,
    time::Duration,
};

use doorward::{
    Issuer, ResourceServer,
    errors::FetchError,
    presets::Cloud,
    remote::{Document, Fetch, FetchRequest},
};
use doorward_issuer::{Algorithm, DevIssuer, Timeline};
use serde_json::{Value, json};
use tokio::{sync::OnceCell, time::Instant};

use super::host::{HOUR, MINUTE, VirtualClock};
use crate::support::{NOW, code};

const TENANT: &str = "7fe81447-da57-4385-becb-6de57f21477e";
const API: &str = "f2a76e08-93f2-4350-833c-965c02483b11";

/// The recorded key sets, on keys of ours.
struct Records {
    signer: DevIssuer,
    /// Every key, as it is published.
    keys: HashMap<String, Value>,
}

impl Records {
    async fn read(path: &Path) -> Self {
        let timeline = Timeline::read(path).unwrap();
        let builder = DevIssuer::builder().algorithms([Algorithm::Rs256]).timeline(timeline);
        let (signer, mut keys) = (builder.start().await.unwrap(), HashMap::new());
        for time in signer.timeline().unwrap().times() {
            assert!(signer.publish_at(time));
            for key in signer.jwks()["keys"].as_array().unwrap() {
                let mut key = key.clone();
                // As Entra publishes them.
                key["issuer"] = json!("https://login.microsoftonline.com/{tenantid}/v2.0");
                key.as_object_mut().unwrap().remove("alg");
                keys.insert(key["kid"].as_str().unwrap().to_owned(), key);
            }
        }
        Self { signer, keys }
    }

    fn timeline(&self) -> &Timeline {
        self.signer.timeline().unwrap()
    }
}

/// The records; `None`, visibly, where they are not there.
async fn recorded() -> Option<&'static Records> {
    static RECORDS: OnceCell<Records> = OnceCell::const_new();
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/idp/timeline-entra-common.json");
    if !path.exists() {
        eprintln!("SKIPPED: no recorded key sets at {}", path.display());
        return None;
    }
    Some(RECORDS.get_or_init(async || Records::read(&path).await).await)
}

/// Virtual time, and the recorded time that it stands for.
#[derive(Clone, Copy)]
struct Moments {
    begin: Instant,
    first: u64,
}

impl Moments {
    fn of(timeline: &Timeline) -> Self {
        Self { begin: Instant::now(), first: timeline.times().next().unwrap() }
    }

    fn now(self) -> u64 {
        self.first + self.begin.elapsed().as_secs()
    }

    async fn reach(self, time: u64) {
        tokio::time::sleep_until(self.begin + Duration::from_secs(time - self.first)).await;
    }
}

/// When tokens are presented: soon after each change, and in growing steps until the next.
fn presentations(timeline: &Timeline) -> BTreeSet<u64> {
    let changes: Vec<u64> = timeline.times().collect();
    let steps = || iter::successors(Some(1), |step| Some(step * 4));
    let between = |pair: &[u64]| {
        let (from, to) = (pair[0], pair[1]);
        steps().map(move |step| from + step).take_while(move |time| *time < to)
    };
    changes.windows(2).flat_map(between).collect()
}

/// How many seconds ago the key was last published.
fn gap(timeline: &Timeline, kid: &str, now: u64) -> u64 {
    let is_in =
        |time: &u64| timeline.key_ids_at(*time).is_some_and(|ids| ids.iter().any(|id| id == kid));
    if is_in(&now) {
        return 0;
    }
    let changes: Vec<u64> = timeline.times().take_while(|time| *time <= now).collect();
    let shown = changes.iter().rposition(is_in);
    // It was published until the change after the last one that has it.
    shown.and_then(|last| changes.get(last + 1)).map_or(u64::MAX, |left| now - left)
}

fn token(signer: &DevIssuer, kid: &str) -> String {
    let iss = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let mint = signer.mint().key_id(kid).issued_at(i64::try_from(NOW).unwrap()).audience(API);
    let mint = mint.header("typ", "JWT").claim("tid", TENANT).claim("iss", iss).claim("azp", API);
    mint.sign().unwrap()
}

/// Publishes what was recorded at the time.
#[derive(Clone)]
struct Recorded {
    records: &'static Records,
    moments: Moments,
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
        let kids = self.records.timeline().key_ids_at(self.moments.now()).unwrap();
        let etag = kids.concat();
        let document = if request.etag() == Some(&etag) {
            Document::not_modified()
        } else {
            let keys: Vec<_> = kids.iter().map(|kid| &self.records.keys[kid]).collect();
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

/// A server with Entra's profile, or with less.
async fn server(host: Recorded, means: Means) -> ResourceServer {
    let mut issuer = Issuer::entra(Cloud::Global, TENANT, API);
    if means != Means::Profile {
        issuer = issuer.keep_removed_keys_for(Duration::ZERO);
    }
    let clock = VirtualClock(host.moments.begin);
    let mut builder = ResourceServer::builder().trust(issuer).fetcher(host).clock(clock);
    if means == Means::ReplacementAlone {
        builder = builder.unknown_key_cooldown(365 * 24 * HOUR);
    }
    builder.build().await.unwrap()
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

async fn replay(records: &'static Records, means: Means, max_age: Option<Duration>) -> Outcome {
    let (timeline, signer) = (records.timeline(), &records.signer);
    let moments = Moments::of(timeline);
    let server = server(Recorded { records, moments, max_age }, means).await;
    let kids = timeline.key_ids();
    let tokens: Vec<(&str, String)> = kids.iter().map(|kid| (*kid, token(signer, kid))).collect();
    if means == Means::ReplacementAlone {
        // The one fetch for an unknown key that is left is spent.
        let is_later = |kid: &str| timeline.first_time_of(kid) > Some(moments.first);
        let (_, unknown) = tokens.iter().find(|(kid, _)| is_later(kid)).unwrap();
        assert_eq!(code(&server, unknown).await, "key.unknown");
    }
    let mut outcome = Outcome::default();
    for time in presentations(timeline) {
        moments.reach(time).await;
        for (kid, token) in &tokens {
            let (first, last) = (timeline.first_time_of(kid), timeline.last_time_of(kid));
            if Some(time) < first || Some(time) > last {
                continue;
            }
            outcome.tokens += 1;
            if code(&server, token).await != "accepted" {
                outcome.refused += 1;
                let is_within = gap(timeline, kid, time) <= 24 * 3600;
                outcome.without_excuse += usize::from(is_within);
            }
        }
    }
    outcome
}

#[tokio::test(start_paused = true)]
async fn entras_recorded_keys_are_accepted_with_the_profile_through_all_their_gaps() {
    let Some(records) = recorded().await else { return };
    for max_age in [None, Some(24 * HOUR)] {
        let outcome = replay(records, Means::Profile, max_age).await;
        println!("profile, fresh for {max_age:?}: {outcome:?}");
        assert!(outcome.tokens > 10_000, "{outcome:?}");
        assert_eq!(outcome.without_excuse, 0, "{outcome:?}");
    }
}

/// Why the profile does what it does.
#[tokio::test(start_paused = true)]
async fn without_the_profile_entras_recorded_keys_are_refused_in_their_gaps() {
    let Some(records) = recorded().await else { return };
    let refetch = replay(records, Means::RefetchAlone, None).await;
    let replacement = replay(records, Means::ReplacementAlone, None).await;
    println!("refetch alone: {refetch:?}\nreplacement alone: {replacement:?}");
    assert!(refetch.without_excuse > 100, "{refetch:?}");
    assert!(replacement.refused > refetch.refused, "{replacement:?} {refetch:?}");
}

#[tokio::test(start_paused = true)]
async fn an_emergency_withdrawal_takes_effect_at_once_with_the_profile() {
    let Some(records) = recorded().await else { return };
    let timeline = records.timeline();
    let moments = Moments::of(timeline);
    let host = Recorded { records, moments, max_age: None };
    let server = server(host, Means::Profile).await;
    let kid = &timeline.key_ids_at(moments.first).unwrap()[0];
    let token = token(&records.signer, kid);
    assert_eq!(code(&server, &token).await, "accepted");
    let name = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    server.forget_key(&name, kid).unwrap();
    for _ in 0..10 {
        assert_eq!(code(&server, &token).await, "key.forgotten");
        tokio::time::sleep(30 * MINUTE).await;
    }
}
