//! `curl` lines to try an API with.

use std::{net::SocketAddr, time::Duration};

/// How long the tokens of the lines live: a day, so that they stay good while one reads.
pub const LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// What asks for an upgrade to WebSocket.
const UPGRADE: &str = " --http1.1 -N -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
                       -H 'Sec-WebSocket-Version: 13' \
                       -H 'Sec-WebSocket-Key: ZG9vcndhcmQtZXhhbXBsZQ=='";

/// What calls a method of gRPC with an empty message: five bytes of prefix and nothing behind. The
/// answer is binary too.
const GRPC: &str = " --http2-prior-knowledge --output - -H 'Content-Type: application/grpc' \
                    -H 'TE: trailers' --data-binary @<(printf '\\0\\0\\0\\0\\0')";

/// What asks an MCP server for its tools.
const MCP: &str = " -H 'Content-Type: application/json' \
                   -H 'Accept: application/json, text/event-stream' \
                   -d '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}'";

/// Writes a line, under a comment that says what it shows and which status comes back.
///
/// The request is a method and a path, `POST /orders`. The method `WEBSOCKET` asks for an upgrade,
/// `GRPC` calls with an empty message, and `MCP` asks for the tools.
#[must_use]
pub fn line(what: &str, api: SocketAddr, request: &str, token: Option<&str>) -> String {
    let (method, path) = request.split_once(' ').unwrap_or(("GET", request));
    let options = match method {
        "GET" => String::new(),
        "WEBSOCKET" => UPGRADE.to_owned(),
        "GRPC" => GRPC.to_owned(),
        "MCP" => MCP.to_owned(),
        method => format!(" -X {method}"),
    };
    let field =
        token.map(|token| format!(" -H 'Authorization: Bearer {token}'")).unwrap_or_default();
    format!("\n# {what}\ncurl -i{options} http://{api}{path}{field}\n")
}
