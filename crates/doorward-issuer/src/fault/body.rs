use std::{io, time::Duration};

use axum::body::{Body, Bytes};
use http_body_util::channel::{Channel, Sender};
use tokio::time;

use crate::server::ConnectionHandle;

/// How long a reset waits for what was sent before it, which would otherwise not leave.
const BEFORE_RESET: Duration = Duration::from_millis(5);

/// How many bytes of a long body are made at a time.
const PIECE: usize = 64 * 1024;

type Feed = Sender<Bytes, io::Error>;

/// Sends a byte after each pause.
pub(super) fn trickle(bytes: Vec<u8>, pause: Duration) -> Body {
    fed(|mut feed| async move {
        for byte in bytes {
            time::sleep(pause).await;
            if feed.send_data(Bytes::from(vec![byte])).await.is_err() {
                return;
            }
        }
    })
}

/// Sends the document and spaces after it, `length` bytes in all.
pub(super) fn huge(document: Vec<u8>, length: usize) -> Body {
    fed(|mut feed| async move {
        let mut missing = length.saturating_sub(document.len());
        let mut sent = feed.send_data(Bytes::from(document)).await;
        let spaces = Bytes::from(vec![b' '; PIECE.min(missing)]);
        while sent.is_ok() && missing > 0 {
            let piece = PIECE.min(missing);
            missing = missing.saturating_sub(piece);
            sent = feed.send_data(spaces.slice(..piece)).await;
        }
    })
}

/// Sends `after` bytes and resets the connection.
pub(super) fn cut(mut bytes: Vec<u8>, after: usize, connection: ConnectionHandle) -> Body {
    bytes.truncate(after.min(bytes.len().saturating_sub(1)));
    fed(|mut feed| async move {
        if bytes.is_empty() || feed.send_data(Bytes::from(bytes)).await.is_ok() {
            time::sleep(BEFORE_RESET).await;
            connection.reset_when_closed();
            feed.abort(io::Error::other("cut on purpose"));
        }
    })
}

/// Returns a body whose bytes come from a task of its own.
fn fed<F>(feed: impl FnOnce(Feed) -> F) -> Body
where
    F: Future<Output = ()> + Send + 'static,
{
    let (sender, body) = Channel::<Bytes, io::Error>::new(1);
    tokio::spawn(feed(sender));
    Body::new(body)
}
