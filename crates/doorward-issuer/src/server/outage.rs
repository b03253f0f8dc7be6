use std::io;

use axum::serve::Listener as _;

use super::connection::{Connection, ConnectionListener};

/// A way in which the whole server is down; see [`DevIssuer::go_down`](crate::DevIssuer::go_down).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outage {
    /// The port is closed: connections are refused. It stays the issuer's and is listened on again
    /// on recovery.
    Refuse,
    /// A connection is accepted, and reset as soon as something is sent.
    Reset,
    /// A connection is accepted and never answered. It is closed on recovery.
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
    connection.connection().reset_when_closed();
}

pub(super) async fn hold_all(mut listener: ConnectionListener) {
    loop {
        let (connection, _) = listener.accept().await;
        tokio::spawn(hold(connection));
    }
}

/// Reads, so that the client can send a request of any length, and says nothing.
async fn hold(connection: Connection) {
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
