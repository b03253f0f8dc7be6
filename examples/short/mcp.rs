//! An MCP server: its clients learn from a refusal which issuer to ask for a token (RFC 9728).
//!
//!     cargo run -p doorward-examples --features mcp --example mcp

use axum::{Router, http::request::Parts};
use doorward::{AccessToken, Issuer, scope};
use doorward_axum::Gate;
use doorward_examples::short::{self, AUDIENCE, Outcome};
use rmcp::{handler::server::tool::Extension, transport::streamable_http_server as http};

pub fn app(gate: &Gate) -> Router {
    let sessions = http::session::never::NeverSessionManager::default().into(); // a token each time
    let config = http::StreamableHttpServerConfig::default().with_legacy_session_mode(false);
    let tools = gate.clone();
    let mcp = http::StreamableHttpService::new(move || Ok(Tools(tools.clone())), sessions, config);
    let mcp = Router::new().route_service("/mcp", mcp);
    gate.router().mount("/", scope!("tools"), mcp).with_state(())
}

struct Tools(Gate);

#[rmcp::tool_router(server_handler)]
impl Tools {
    #[rmcp::tool(description = "Tells who calls")]
    fn whoami(&self, Extension(request): Extension<Parts>) -> String {
        self.0.verified(&request.extensions).map_or("nobody", AccessToken::subject).to_owned()
    }
}

#[tokio::main]
async fn main() -> Outcome {
    let issuer = short::issuer().await?;
    let server = short::server([Issuer::discover(issuer.url(), AUDIENCE)]); // what tokens name
    let gate = Gate::new(server.resource(short::url("/mcp")?).build().await?); // what clients call
    let trials = [
        ("no token: 401", "MCP /mcp", None),
        ("where to get one: 200", "GET /.well-known/oauth-protected-resource/mcp", None),
        ("the tools: 200", "MCP /mcp", Some(issuer.mint().scope("tools"))),
    ];
    short::serve(app(&gate), trials).await
}
