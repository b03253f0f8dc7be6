use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    sync::{Arc, RwLock},
};

use crate::{
    Algorithm, Client, ClientError, DevIssuer, Directory, KeyGenerationError, Timeline,
    caching::Caching,
    client_error::check_clients,
    directory::SignIn,
    fault::Faults,
    issuer_state::{Counter, IssuerState},
    key_ring::KeyRing,
    router::{self, Control},
    server::{CertificateError, Server, Tls},
    signing_key::{generate_all, generate_keys},
    world::World,
};

/// The settings of an issuer before it starts.
///
/// ```
/// use doorward_issuer::{Algorithm, Client, DevIssuer};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let issuer = DevIssuer::builder()
///     .algorithms([Algorithm::Es256])
///     .client(Client::new("billing", "billing-secret").scopes(["invoices.read"]))
///     .start()
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "an issuer runs only when `start` is called"]
pub struct DevIssuerBuilder {
    address: SocketAddr,
    reach: Reach,
    issuer: Option<String>,
    algorithms: Vec<Algorithm>,
    clients: Vec<Client>,
    timeline: Option<Timeline>,
    control: Control,
    directory: Option<Directory>,
    sign_in: Option<SignIn>,
    scheme: Scheme,
}

#[derive(Clone, Copy, Debug)]
enum Scheme {
    Http,
    HttpAndHttps,
}

#[derive(Clone, Copy, Debug)]
enum Reach {
    Loopback,
    AnyAddress,
}

/// The error of an issuer that did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address can be reached from other machines, and the builder was not told that this is
    /// meant.
    #[error(
        "{address} can be reached from other machines, and anyone who reaches a development \
         issuer gets tokens; if this is meant, call `danger_listen_beyond_loopback`"
    )]
    BeyondLoopback {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The address could not be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// The server's thread or runtime could not be started.
    #[error("cannot start the server")]
    Serve(#[source] io::Error),
    /// The list of algorithms is empty.
    #[error("an issuer needs an algorithm to sign with")]
    NoAlgorithm,
    /// The issuer identifier is empty.
    #[error("the issuer identifier is empty")]
    EmptyIssuer,
    /// A client cannot be served.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The certificate for https could not be made.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// A signing key could not be generated.
    #[error(transparent)]
    KeyGeneration(#[from] KeyGenerationError),
}

impl DevIssuerBuilder {
    pub(crate) fn new() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            reach: Reach::Loopback,
            issuer: None,
            algorithms: Algorithm::ALL.to_vec(),
            clients: Vec::new(),
            timeline: None,
            control: Control::Off,
            directory: None,
            sign_in: None,
            scheme: Scheme::Http,
        }
    }

    /// Sets the address to listen on, a free port of 127.0.0.1 otherwise; port 0 means any free
    /// one.
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Allows an address that other machines can reach.
    ///
    /// Anyone who reaches a development issuer can have tokens: its secrets are known and
    /// nobody is asked for a password. This is for networks that are closed themselves, such as containers of
    /// one test.
    pub fn danger_listen_beyond_loopback(mut self) -> Self {
        self.reach = Reach::AnyAddress;
        self
    }

    /// Adds a client. An issuer with no client added has [`Client::demo_clients`].
    pub fn client(mut self, client: Client) -> Self {
        self.clients.push(client);
        self
    }

    /// Sets the algorithms to have keys for, [`Algorithm::ALL`] otherwise; the first one signs
    /// where none is named.
    ///
    /// Keys of RSA take most of the time of a start; an issuer for [`Algorithm::Es256`] alone
    /// starts within a few milliseconds.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms.clear();
        for algorithm in algorithms {
            if !self.algorithms.contains(&algorithm) {
                self.algorithms.push(algorithm);
            }
        }
        self
    }

    /// Sets the issuer identifier of tokens and metadata, the issuer's own URL otherwise.
    ///
    /// It is taken as it is, and the endpoints stay where they are. With the identifier of a real
    /// issuer, such as `https://login.microsoftonline.com/{tenant}/v2.0`, a resource server can be
    /// tested with its production settings but for the address of the keys.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Publishes the key sets of a timeline, its first one until
    /// [`DevIssuer::show`] says otherwise.
    ///
    /// The issuer has a key of its own under every ID of the timeline, all of them for the first of
    /// its algorithms; [`Mint::key_id`](crate::Mint::key_id) signs with one of them. Its other keys,
    /// those that [`DevIssuer::rotate`] makes too, are not published. An RSA key
    /// takes about a tenth of a second of a core, so that a long timeline starts faster with
    /// [`Algorithm::Es256`].
    pub fn timeline(mut self, timeline: Timeline) -> Self {
        self.timeline = Some(timeline);
        self
    }

    /// Serves the control endpoint, below `/control/`: POST requests rotate the keys and set faults.
    /// Default: off, and these paths are answered 404.
    ///
    /// It is for an API that is tested in a process of its own. Whoever reaches the issuer can send
    /// such requests, except web pages: a request with a foreign `Origin` or `Host` is answered 403.
    /// The [README](crate#control-endpoint) lists the requests and their limits.
    pub fn control_endpoint(mut self) -> Self {
        self.control = Control::On;
        self
    }

    /// Speaks as Azure AD, Entra ID, B2C and OpenID Connect for the tenants of a directory too, with
    /// the issuer's key for [`Algorithm::Rs256`], which is added to the algorithms if it is missing.
    pub fn directory(mut self, directory: Directory) -> Self {
        self.directory = Some(directory);
        self
    }

    /// Signs users of the directory in without a page: the one of `login_hint`, or else the first of
    /// the tenant; and has them agree to all that is theirs to give.
    ///
    /// A request with `prompt=none` is answered from earlier sign-ins of the same browser alone.
    pub fn sign_in_automatically(mut self) -> Self {
        self.sign_in = Some(SignIn::Automatic);
        self
    }

    /// Speaks https too, on the same port, and has it in its URLs; plain HTTP goes on.
    ///
    /// The certificate is new with every start. Clients are to trust
    /// [`DevIssuer::ca_pem`], which is at `/ca.pem` too.
    pub fn https(mut self) -> Self {
        self.scheme = Scheme::HttpAndHttps;
        self
    }

    /// Generates the keys and starts to listen.
    ///
    /// The issuer answers from a thread of its own, whatever becomes of the runtime that this is
    /// called from.
    ///
    /// # Errors
    ///
    /// A [`StartError`] that names the setting: an address beyond loopback or in use, no algorithm,
    /// an empty issuer identifier, a client that could not be served; or that the keys, the thread
    /// or the runtime could not be had.
    pub async fn start(self) -> Result<DevIssuer, StartError> {
        let Self {
            address,
            reach,
            issuer,
            mut algorithms,
            mut clients,
            timeline,
            control,
            mut directory,
            sign_in,
            scheme,
        } = self;
        if let (Some(directory), Some(sign_in)) = (&mut directory, sign_in) {
            directory.sign_in = sign_in;
        }
        let Some(&default_algorithm) = algorithms.first() else {
            return Err(StartError::NoAlgorithm);
        };
        if issuer.as_deref() == Some("") {
            return Err(StartError::EmptyIssuer);
        }
        if clients.is_empty() {
            clients = Client::demo_clients();
        }
        if directory.is_some() && !algorithms.contains(&Algorithm::Rs256) {
            algorithms.push(Algorithm::Rs256);
        }
        check_clients(&clients, &algorithms)?;

        let (listener, host) = listen(address, reach)?;
        let host_names = directory.as_ref().map_or(&[][..], |directory| &directory.host_names);
        let (url, tls) = match scheme {
            Scheme::Http => (format!("http://{host}"), None),
            Scheme::HttpAndHttps => {
                (format!("https://{host}"), Some(Tls::generate(host.ip(), host_names)?))
            }
        };
        let mut keys = KeyRing::new(
            generate_keys(&algorithms).await?,
            match &timeline {
                Some(timeline) => generate_all(timeline.wanted_keys(default_algorithm)).await?,
                None => Vec::new(),
            },
        );
        if let Some(timeline) = &timeline {
            keys.show(timeline.first_key_ids());
        }
        let state = Arc::new(IssuerState {
            issuer: issuer.unwrap_or_else(|| url.clone()),
            url,
            algorithms,
            default_algorithm,
            clients,
            timeline,
            world: directory.map(World::new),
            ca_pem: tls.as_ref().map(|tls| tls.ca_pem.clone()),
            connections: Arc::default(),
            jwks_requests: Counter::default(),
            jwks_not_modified: Counter::default(),
            metadata_requests: Counter::default(),
            faults: Faults::default(),
            caching: RwLock::new(Caching::default()),
            keys: RwLock::new(keys),
            rotation: tokio::sync::Mutex::default(),
        });
        let router = router::router(Arc::clone(&state), control);
        let server = Server::start(
            listener,
            router,
            Arc::clone(&state.connections),
            tls.map(|tls| tls.acceptor),
        )
        .await
        .map_err(StartError::Serve)?;
        Ok(DevIssuer::new(state, server))
    }
}

fn listen(address: SocketAddr, reach: Reach) -> Result<(TcpListener, SocketAddr), StartError> {
    match reach {
        Reach::Loopback if !address.ip().to_canonical().is_loopback() => {
            return Err(StartError::BeyondLoopback { address });
        }
        Reach::Loopback | Reach::AnyAddress => {}
    }
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).map_err(failed)?;
    let host = reachable(listener.local_addr().map_err(failed)?);
    Ok((listener, host))
}

/// Returns where this machine reaches a listener: the unspecified address is none to connect to.
fn reachable(mut bound: SocketAddr) -> SocketAddr {
    if bound.ip().is_unspecified() {
        bound.set_ip(match bound.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    bound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unspecified_address_is_reached_by_loopback() {
        for (bound, reached) in [
            ("0.0.0.0:9000", "127.0.0.1:9000"),
            ("[::]:9000", "[::1]:9000"),
            ("10.0.0.7:1", "10.0.0.7:1"),
        ] {
            assert_eq!(reachable(bound.parse().unwrap()).to_string(), reached);
        }
    }
}
