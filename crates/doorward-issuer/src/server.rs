use std::{io, net::TcpListener, thread};

use axum::Router;
use tokio::{runtime, sync::oneshot};

/// A running HTTP server; dropping it closes its port and every connection.
///
/// It has a thread and a runtime of its own, so that it outlives the runtime of the test that
/// started it, answers while that test blocks its thread, and is gone when `drop` returns; held by
/// the tests `issuer_outlives_the_runtime_that_started_it` and
/// `dropped_issuer_has_closed_its_port_and_its_connections`.
#[derive(Debug)]
pub(crate) struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Server {
    pub(crate) async fn start(listener: TcpListener, router: Router) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let (stop, stopped) = oneshot::channel();
        let (report, started) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("doorward-issuer".to_owned())
            .spawn(move || serve(listener, router, report, stopped))?;
        let server = Self { stop: Some(stop), thread: Some(thread) };
        started.await.unwrap_or_else(|_| Err(io::Error::other("the server thread ended")))?;
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the server thread has nothing to add to a server that is going away.
            let _ = thread.join();
        }
    }
}

fn serve(
    listener: TcpListener,
    router: Router,
    report: oneshot::Sender<io::Result<()>>,
    stopped: oneshot::Receiver<()>,
) {
    let runtime = match runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return drop(report.send(Err(error))),
    };
    runtime.block_on(async move {
        let listener = match tokio::net::TcpListener::from_std(listener) {
            Ok(listener) => listener,
            Err(error) => return drop(report.send(Err(error))),
        };
        let _ = report.send(Ok(()));
        tokio::select! {
            _ = axum::serve(listener, router) => {}
            _ = stopped => {}
        }
    });
}
