//! actix turns a rejection into `None` or `Err` for a handler that extracts an `Option` or a `Result`.
//! Behind a gate no such handler is reached: the gate has rejected the invalid token before.

use actix_web::{
    App,
    middleware::Condition,
    test::{TestRequest, call_and_read_body, call_service, init_service},
    web::{self, ServiceConfig},
};
use doorward::rules::authenticated;
use doorward_actix::{AccessToken, Claims, Gate, GuardTransform, Rejection, guarded};
use doorward_issuer::DevIssuer;
use serde::de::IgnoredAny;

use crate::support::{AUDIENCE, NOW, good_token, server};

async fn careless(
    _: Option<AccessToken>,
    _: Option<Claims<IgnoredAny>>,
    _: Result<AccessToken, Rejection>,
) -> &'static str {
    "reached"
}

/// By what is wrong: the values of the `Authorization` fields, and the status.
type Invalid = Vec<(&'static str, Vec<String>, u16)>;

async fn invalid() -> Invalid {
    let bearer = |token: &str| format!("Bearer {token}");
    let good = good_token().await.sign().unwrap();
    let another = good_token().await.subject("u2").sign().unwrap();
    let (content, _) = good.rsplit_once('.').unwrap();
    let (_, signature) = another.rsplit_once('.').unwrap();
    let expired = good_token().await.expired().sign().unwrap();
    let elsewhere = DevIssuer::start().await.unwrap();
    let of_another = elsewhere.mint().audience(AUDIENCE).issued_at(i64::try_from(NOW).unwrap());
    vec![
        ("expired", vec![bearer(&expired)], 401),
        ("forged", vec![bearer(&format!("{content}.{signature}"))], 401),
        ("of another issuer", vec![bearer(&of_another.sign().unwrap())], 401),
        ("no token", vec![bearer("junk")], 401),
        ("malformed", vec![format!("Bearer {good} {good}")], 400),
        ("two fields", vec![bearer(&good), bearer(&good)], 400),
    ]
}

/// Asks with every invalid token; `around` stands around the whole app.
async fn assert_none_is_reached(
    place: &str,
    gate: &Gate,
    invalid: &Invalid,
    around: Option<&GuardTransform>,
    routes: impl FnOnce(&mut ServiceConfig),
) {
    let middleware = around.cloned().unwrap_or_else(|| gate.authenticated());
    let app = App::new().configure(routes).wrap(Condition::new(around.is_some(), middleware));
    let app = init_service(app).await;
    let request = |values: &[String]| {
        let fields = values.iter().map(|value| ("Authorization", value.as_str()));
        fields.fold(TestRequest::get(), TestRequest::append_header).to_request()
    };
    for (token, values, status) in invalid {
        let response = call_service(&app, request(values)).await;
        assert_eq!(response.status(), *status, "{token} at {place}");
    }
    let valid = format!("Bearer {}", good_token().await.sign().unwrap());
    let body = call_and_read_body(&app, request(&[valid])).await;
    assert_eq!(body, "reached", "valid at {place}");
}

#[tokio::test]
async fn invalid_token_reaches_no_handler_behind_middleware_wherever_it_is_wrapped() {
    let (gate, invalid) = (Gate::new(server().await), invalid().await);
    for guard in [gate.require(authenticated()), gate.authenticated(), gate.optional()] {
        let on_route = |config: &mut ServiceConfig| {
            config.route("/", web::get().to(careless).wrap(guard.clone()));
        };
        assert_none_is_reached("a route", &gate, &invalid, None, on_route).await;
        let on_resource = |config: &mut ServiceConfig| {
            config.service(web::resource("/").wrap(guard.clone()).get(careless));
        };
        assert_none_is_reached("a resource", &gate, &invalid, None, on_resource).await;
        let on_scope = |config: &mut ServiceConfig| {
            let scope = web::scope("").wrap(guard.clone()).route("/", web::get().to(careless));
            config.service(scope);
        };
        assert_none_is_reached("a scope", &gate, &invalid, None, on_scope).await;
        let inside = |config: &mut ServiceConfig| {
            config.route("/", web::get().to(careless));
        };
        assert_none_is_reached("an app", &gate, &invalid, Some(&guard), inside).await;
    }
}

#[tokio::test]
async fn invalid_token_reaches_no_handler_of_a_guarded_scope() {
    let (gate, invalid) = (Gate::new(server().await), invalid().await);
    let route = |config: &mut ServiceConfig| {
        let methods = guarded::get(authenticated(), careless);
        config.service(gate.guarded_scope("").route("/", methods));
    };
    assert_none_is_reached("a guarded route", &gate, &invalid, None, route).await;
    let foreign = |config: &mut ServiceConfig| {
        let foreign = |config: &mut ServiceConfig| {
            config.route("/", web::get().to(careless));
        };
        config.service(gate.guarded_scope("").mount("", authenticated(), foreign));
    };
    assert_none_is_reached("a foreign route", &gate, &invalid, None, foreign).await;
    let optional = |config: &mut ServiceConfig| {
        config.service(gate.guarded_scope("").optional("/", web::get().to(careless)));
    };
    assert_none_is_reached("an optional route", &gate, &invalid, None, optional).await;
}
