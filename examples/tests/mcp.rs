//! The client of the Rust SDK of MCP, against the example, over a socket.

use doorward::Issuer;
use doorward_axum::Gate;
use doorward_examples::short::{self, AUDIENCE};
use doorward_issuer::{DevIssuer, Mint};
use rmcp::{
    RoleClient, ServiceExt as _,
    model::CallToolRequestParams,
    service::{ClientInitializeError, RunningService},
    transport::{
        AuthorizationManager, StreamableHttpClientTransport,
        auth::{AuthError, ProtectedResourceMetadataInvalidReason},
        streamable_http_client::{StreamableHttpClientTransportConfig, StreamableHttpError},
    },
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[path = "../short/mcp.rs"]
#[expect(dead_code, reason = "`main` is not for here")]
mod mcp;

/// The running example, whose resource is the URL at which it is reached.
struct Api {
    issuer: DevIssuer,
    address: String,
}

impl Api {
    async fn start() -> Self {
        let issuer = short::issuer().await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let api = Self { issuer, address: listener.local_addr().unwrap().to_string() };
        let server = short::server([Issuer::discover(api.issuer.url(), AUDIENCE)]);
        let gate = Gate::new(server.resource(api.url()).build().await.unwrap());
        tokio::spawn(async move { axum::serve(listener, mcp::app(&gate)).await });
        api
    }

    fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }

    fn metadata_url(&self) -> String {
        format!("http://{}/.well-known/oauth-protected-resource/mcp", self.address)
    }

    /// Writes the challenge of a refusal with these further parameters.
    fn challenge(&self, parameters: &str) -> String {
        format!("Bearer realm=\"api\", resource_metadata=\"{}\"{parameters}", self.metadata_url())
    }

    /// Connects the client, which initializes.
    async fn connect(
        &self,
        token: Option<Mint>,
    ) -> Result<RunningService<RoleClient, ()>, ClientInitializeError> {
        let mut config = StreamableHttpClientTransportConfig::with_uri(self.url());
        if let Some(token) = token {
            config = config.auth_header(token.sign().unwrap());
        }
        ().serve(StreamableHttpClientTransport::with_client(client(), config)).await
    }

    /// Has the client initialize in vain, and returns why its transport says it could not.
    async fn refused(&self, token: Option<Mint>) -> StreamableHttpError<reqwest::Error> {
        match self.connect(token).await {
            Err(ClientInitializeError::TransportError { error, .. }) => {
                *error.error.downcast().unwrap()
            }
            Err(error) => panic!("{error:?}"),
            Ok(_) => panic!("the client is connected"),
        }
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// What discovers, for a client of this URL, where its tokens are to be had.
async fn manager(url: &str) -> AuthorizationManager {
    let mut manager = AuthorizationManager::new(url).await.unwrap();
    manager.with_client(client()).unwrap();
    manager
}

#[tokio::test]
async fn with_the_scope_a_client_initializes_lists_the_tools_and_calls_one() {
    let api = Api::start().await;
    let ada = api.issuer.mint().subject("ada").scope("tools");
    let client = api.connect(Some(ada)).await.unwrap();
    let tools = client.list_all_tools().await.unwrap();
    assert_eq!(tools.iter().map(|tool| tool.name.as_ref()).collect::<Vec<_>>(), ["whoami"]);
    let answer = client.call_tool(CallToolRequestParams::new("whoami")).await.unwrap();
    assert_eq!(
        serde_json::to_value(&answer.content).unwrap(),
        json!([{"type": "text", "text": "ada"}])
    );
    client.cancel().await.unwrap();
}

#[tokio::test]
async fn a_client_without_a_token_is_told_where_it_learns_of_the_issuer() {
    let api = Api::start().await;
    let StreamableHttpError::AuthRequired(error) = api.refused(None).await else { panic!() };
    assert_eq!(error.www_authenticate_header, api.challenge(", scope=\"tools\""));
}

#[tokio::test]
async fn a_client_with_an_expired_token_is_told_so() {
    let api = Api::start().await;
    let expired = api.issuer.mint().scope("tools").expired();
    let StreamableHttpError::AuthRequired(error) = api.refused(Some(expired)).await else {
        panic!()
    };
    let parameters = ", error=\"invalid_token\", error_description=\"The access token expired\", \
                      scope=\"tools\"";
    assert_eq!(error.www_authenticate_header, api.challenge(parameters));
}

#[tokio::test]
async fn a_client_without_the_scope_is_told_which() {
    let api = Api::start().await;
    let StreamableHttpError::InsufficientScope(error) = api.refused(Some(api.issuer.mint())).await
    else {
        panic!()
    };
    let parameters = ", error=\"insufficient_scope\", error_description=\"The access token does not \
                      grant what this resource requires\", scope=\"tools\"";
    assert_eq!(error.www_authenticate_header, api.challenge(parameters));
    assert_eq!(error.required_scope.as_deref(), Some("tools"));
}

#[tokio::test]
async fn the_metadata_names_the_resource_as_clients_call_it() {
    let api = Api::start().await;
    let response = client().get(api.metadata_url()).send().await.unwrap();
    let document: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    let expected = json!({
        "resource": api.url(),
        "authorization_servers": [api.issuer.url()],
        "bearer_methods_supported": ["header"],
        "scopes_supported": ["tools"],
    });
    assert_eq!(document, expected);
}

/// The client follows the challenge to the metadata and from there to the issuer. There it ends: the
/// development issuer has no authorization endpoint.
#[tokio::test]
async fn a_client_discovers_the_issuer_by_the_challenge() {
    let api = Api::start().await;
    let StreamableHttpError::AuthRequired(refusal) = api.refused(None).await else { panic!() };
    let manager = manager(&api.url()).await;
    let asked_before = api.issuer.metadata_requests();
    let challenge = Some(refusal.www_authenticate_header.as_str());
    match manager.resolve_metadata_from_challenge(challenge).await.unwrap_err() {
        AuthError::AuthorizationServersUnavailable {
            resource_metadata_url,
            authorization_servers,
        } => {
            assert_eq!(resource_metadata_url.as_str(), api.metadata_url());
            assert_eq!(authorization_servers, [api.issuer.url()]);
        }
        error => panic!("{error}"),
    }
    assert_eq!(api.issuer.metadata_requests() - asked_before, 2, "RFC 8414, then OpenID Connect");
    assert_eq!(manager.select_initial_scopes(&[]).await, ["tools"]);
}

#[tokio::test]
async fn a_client_that_has_not_called_yet_discovers_the_same() {
    let api = Api::start().await;
    let manager = manager(&api.url()).await;
    match manager.resolve_metadata().await.unwrap_err() {
        AuthError::AuthorizationServersUnavailable { authorization_servers, .. } => {
            assert_eq!(authorization_servers, [api.issuer.url()]);
        }
        error => panic!("{error}"),
    }
    assert_eq!(manager.select_initial_scopes(&[]).await, ["tools"]);
}

/// RFC 9728 §3.3: who calls the API by another name than the metadata tells must not use them.
#[tokio::test]
async fn a_client_that_calls_the_api_by_another_name_refuses_its_metadata() {
    let api = Api::start().await;
    let other_name = api.url().replace("127.0.0.1", "localhost");
    let manager = manager(&other_name).await;
    match manager.resolve_metadata().await.unwrap_err() {
        AuthError::ProtectedResourceMetadataInvalid { url, reason } => {
            assert_eq!(url.as_str(), api.metadata_url());
            let ProtectedResourceMetadataInvalidReason::ResourceMismatch { reference, permitted } =
                *reason
            else {
                panic!("{reason}")
            };
            assert_eq!((reference.as_str(), permitted.as_str()), (&*other_name, &*api.url()));
        }
        error => panic!("{error}"),
    }
}
