use std::io;

use axum::serve::Listener as _;

use super::connection::{Connection, ConnectionListener};

/// An outage of the whole server, begun by [`DevIssuer::go_down`](crate::DevIssuer::go_down).
///
/// ```
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let issuer = doorward_issuer::DevIssuer::start().await?;
/// use doorward_issuer::Outage;
///
/// issuer.go_down(Outage::Refuse)?;
/// // How does the API under test answer meanwhile?
/// issuer.recover()?;
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outage {
    /// The port is closed, and connections are refused. The port stays reserved for the issuer, which
    /// listens on it again on recovery.
    Refuse,
    /// Connections are accepted, and reset once the client sends something.
    Reset,
    /// Connections are accepted and never answered. They are closed on recovery.
    Hang,
}

pub(super) async fn reset_all(mut listener: ConnectionListener) {
    loop {
        let (connection, _) = listener.accept().await;
        tokio::spawn(reset(connection));
    }
}

async fn reset(connection: Connection) {
    let mut request = [0; 4096];
    while let Some(stream) = connection.stream() {
        if stream.readable().await.is_err() {
            break;
        }
        match stream.try_read(&mut request) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            _ => break,
        }
    }
    connection.handle().reset_when_closed();
}

pub(super) async fn hang_all(mut listener: ConnectionListener) {
    loop {
        let (connection, _) = listener.accept().await;
        tokio::spawn(hang(connection));
    }
}

/// Reads a request of any length and never answers.
async fn hang(connection: Connection) {
    let mut request = vec![0; 4096];
    while let Some(stream) = connection.stream() {
        if stream.readable().await.is_err() {
            return;
        }
        match stream.try_read(&mut request) {
            Ok(0) => return,
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => return,
            _ => {}
        }
    }
}
