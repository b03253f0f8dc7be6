//! The HTTP server on its own thread.
//!
//! A bound port and a router come in. The thread serves the router, or simulates an [`Outage`], each with
//! a new runtime. Dropping the old runtime closes its connections, so that none outlives the change.

mod connection;
mod outage;
mod port;
mod tls;
mod transport;

use std::{
    future::{self, IntoFuture as _},
    io,
    net::TcpListener,
    sync::{Arc, mpsc as blocking},
    thread,
};

use axum::Router;
use tokio::{
    runtime,
    sync::{mpsc, oneshot},
};
use tokio_rustls::TlsAcceptor;

pub(crate) use self::connection::{ConnectionHandle, ConnectionListener};
use self::port::Port;
pub(crate) use self::tls::Tls;
pub use self::{outage::Outage, tls::CertificateError};
use crate::counter::Counter;

/// A running HTTP server; dropping it closes its port and every connection.
///
/// It has a thread and runtimes of its own. So it outlives the runtime of the test that started it,
/// answers while that test blocks its thread, and is closed when `drop` returns. Held by the tests
/// `issuer_outlives_the_runtime_that_started_it` and
/// `dropped_issuer_has_closed_its_port_and_its_connections`.
#[derive(Debug)]
pub(crate) struct Server {
    commands: Option<mpsc::UnboundedSender<Command>>,
    thread: Option<thread::JoinHandle<()>>,
}

/// Begins an outage, or ends it with `None`; `report` receives the result.
struct Command {
    outage: Option<Outage>,
    report: Box<dyn FnOnce(io::Result<()>) + Send>,
}

/// The state of the server's thread.
struct ServerThread {
    port: Port,
    router: Router,
    connections: Arc<Counter>,
    tls: Option<TlsAcceptor>,
    commands: mpsc::UnboundedReceiver<Command>,
}

impl Server {
    pub(crate) async fn start(
        listener: TcpListener,
        router: Router,
        connections: Arc<Counter>,
        tls: Option<TlsAcceptor>,
    ) -> io::Result<Self> {
        let port = Port::new(listener)?;
        let (sender, commands) = mpsc::unbounded_channel();
        let server_thread = ServerThread { port, router, connections, tls, commands };
        let (done, started) = oneshot::channel();
        let report = Box::new(move |result| drop(done.send(result)));
        let thread = thread::Builder::new()
            .name("doorward-issuer".to_owned())
            .spawn(move || server_thread.run(Command { outage: None, report }))?;
        let server = Self { commands: Some(sender), thread: Some(thread) };
        started.await.unwrap_or_else(|_| Err(ended()))?;
        Ok(server)
    }

    /// Begins an outage, or ends it with `None`. Returns once the change has taken effect, after about a
    /// millisecond.
    pub(crate) fn set(&self, outage: Option<Outage>) -> io::Result<()> {
        let (done, begun) = blocking::channel();
        let report = Box::new(move |result| drop(done.send(result)));
        let commands = self.commands.as_ref().ok_or_else(ended)?;
        commands.send(Command { outage, report }).map_err(|_| ended())?;
        begun.recv().unwrap_or_else(|_| Err(ended()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.commands.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread is of no interest any more.
            let _ = thread.join();
        }
    }
}

impl ServerThread {
    fn run(mut self, first: Command) {
        let mut next = Some(first);
        while let Some(command) = next {
            next = self.execute(command);
        }
    }

    /// Executes a command until the next one comes, and returns that; `None` ends the thread.
    fn execute(&mut self, Command { outage, report }: Command) -> Option<Command> {
        let runtime = match runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => {
                report(Err(error));
                return self.commands.blocking_recv();
            }
        };
        runtime.block_on(async {
            let listener = match outage {
                Some(Outage::Refuse) => {
                    self.port.close();
                    None
                }
                None | Some(Outage::Reset | Outage::Hang) => match self.port.listen() {
                    Ok(listener) => Some(listener),
                    Err(error) => {
                        report(Err(error));
                        return self.commands.recv().await;
                    }
                },
            };
            let listener = listener.map(|listener| {
                ConnectionListener::new(listener, Arc::clone(&self.connections), self.tls.clone())
            });
            report(Ok(()));
            tokio::select! {
                () = serve(outage, listener, self.router.clone()) => None,
                next = next_change(&mut self.commands, outage) => next,
            }
        })
    }
}

async fn serve(outage: Option<Outage>, listener: Option<ConnectionListener>, router: Router) {
    match (outage, listener) {
        (_, None) | (Some(Outage::Refuse), _) => future::pending().await,
        (Some(Outage::Reset), Some(listener)) => outage::reset_all(listener).await,
        (Some(Outage::Hang), Some(listener)) => outage::hang_all(listener).await,
        (None, Some(listener)) => {
            let service = router.into_make_service_with_connect_info::<ConnectionHandle>();
            // It runs until the runtime is dropped.
            let _ = axum::serve(listener, service).into_future().await;
        }
    }
}

/// Returns the next command that changes the current outage.
async fn next_change(
    commands: &mut mpsc::UnboundedReceiver<Command>,
    current: Option<Outage>,
) -> Option<Command> {
    loop {
        match commands.recv().await {
            Some(command) if command.outage == current => (command.report)(Ok(())),
            other => return other,
        }
    }
}

fn ended() -> io::Error {
    io::Error::other("the server thread ended")
}
