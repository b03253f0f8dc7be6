use std::{io, time::Duration};

use axum::body::{Body, Bytes};
use http_body_util::channel::{Channel, Sender};
use tokio::time;

use crate::server::ConnectionHandle;

/// How long a reset waits for the bytes before it, which it would otherwise discard.
const BEFORE_RESET: Duration = Duration::from_millis(5);

/// The size of the chunks of a long body, in bytes.
const CHUNK: usize = 64 * 1024;

type BodySender = Sender<Bytes, io::Error>;

/// Returns a body that sends one byte after each pause.
pub(super) fn trickle(bytes: Vec<u8>, pause: Duration) -> Body {
    sent_by_task(|mut sender| async move {
        for byte in bytes {
            time::sleep(pause).await;
            if sender.send_data(Bytes::from(vec![byte])).await.is_err() {
                return;
            }
        }
    })
}

/// Returns a body with the document and spaces after it, `length` bytes in all.
pub(super) fn huge(document: Vec<u8>, length: usize) -> Body {
    sent_by_task(|mut sender| async move {
        let mut missing = length.saturating_sub(document.len());
        let mut sent = sender.send_data(Bytes::from(document)).await;
        let spaces = Bytes::from(vec![b' '; CHUNK.min(missing)]);
        while sent.is_ok() && missing > 0 {
            let chunk = CHUNK.min(missing);
            missing = missing.saturating_sub(chunk);
            sent = sender.send_data(spaces.slice(..chunk)).await;
        }
    })
}

/// Returns a body that sends `after` bytes and then resets the connection.
pub(super) fn cut(mut bytes: Vec<u8>, after: usize, connection: ConnectionHandle) -> Body {
    bytes.truncate(after.min(bytes.len().saturating_sub(1)));
    sent_by_task(|mut sender| async move {
        if bytes.is_empty() || sender.send_data(Bytes::from(bytes)).await.is_ok() {
            time::sleep(BEFORE_RESET).await;
            connection.reset_when_closed();
            sender.abort(io::Error::other("the connection is reset on purpose"));
        }
    })
}

/// Returns a body that a new task sends.
fn sent_by_task<F>(send: impl FnOnce(BodySender) -> F) -> Body
where
    F: Future<Output = ()> + Send + 'static,
{
    let (sender, body) = Channel::<Bytes, io::Error>::new(1);
    tokio::spawn(send(sender));
    Body::new(body)
}
