//! The HTTP server on its own thread.
//!
//! A bound port and a router come in. The thread leads one life after the other, each with a runtime
//! of its own: it serves, or it is down in one of the ways of [`Outage`]. Dropping the runtime of a
//! life closes every connection of it, so that none outlives an outage.

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
/// It has a thread and runtimes of its own, so that it outlives the runtime of the test that
/// started it, answers while that test blocks its thread, and is gone when `drop` returns; held by
/// the tests `issuer_outlives_the_runtime_that_started_it` and
/// `dropped_issuer_has_closed_its_port_and_its_connections`.
#[derive(Debug)]
pub(crate) struct Server {
    commands: Option<mpsc::UnboundedSender<Command>>,
    thread: Option<thread::JoinHandle<()>>,
}

/// The life to lead from now on, and whom to tell when it has begun.
struct Command {
    outage: Option<Outage>,
    report: Box<dyn FnOnce(io::Result<()>) + Send>,
}

/// What all lives of a server share.
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
        let (order, commands) = mpsc::unbounded_channel();
        let lives = ServerThread { port, router, connections, tls, commands };
        let (done, started) = oneshot::channel();
        let report = Box::new(move |begun| drop(done.send(begun)));
        let thread = thread::Builder::new()
            .name("doorward-issuer".to_owned())
            .spawn(move || lives.lead(Command { outage: None, report }))?;
        let server = Self { commands: Some(order), thread: Some(thread) };
        started.await.unwrap_or_else(|_| Err(ended()))?;
        Ok(server)
    }

    /// Serves, or is down; returns when it is so, which takes about a millisecond.
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
            // A panic of the server thread has nothing to add to a server that is going away.
            let _ = thread.join();
        }
    }
}

impl ServerThread {
    fn lead(mut self, first: Command) {
        let mut next = Some(first);
        while let Some(command) = next {
            next = self.life(command);
        }
    }

    /// Lives until another life is asked for; `None` is the end of all.
    fn life(&mut self, Command { outage, report }: Command) -> Option<Command> {
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
                () = behave(outage, listener, self.router.clone()) => None,
                next = another(&mut self.commands, outage) => next,
            }
        })
    }
}

async fn behave(outage: Option<Outage>, listener: Option<ConnectionListener>, router: Router) {
    match (outage, listener) {
        (_, None) | (Some(Outage::Refuse), _) => future::pending().await,
        (Some(Outage::Reset), Some(listener)) => outage::reset_all(listener).await,
        (Some(Outage::Hang), Some(listener)) => outage::hold_all(listener).await,
        (None, Some(listener)) => {
            let service = router.into_make_service_with_connect_info::<ConnectionHandle>();
            // It ends with the life alone.
            let _ = axum::serve(listener, service).into_future().await;
        }
    }
}

/// Returns the next command that asks for another life than the one that is led.
async fn another(
    commands: &mut mpsc::UnboundedReceiver<Command>,
    led: Option<Outage>,
) -> Option<Command> {
    loop {
        match commands.recv().await {
            Some(command) if command.outage == led => (command.report)(Ok(())),
            other => return other,
        }
    }
}

fn ended() -> io::Error {
    io::Error::other("the server thread ended")
}
