use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, RwLock},
};

use crate::{
    Algorithm, Client, DevIssuer, Directory, StartError, Timeline,
    caching::Caching,
    client_error::check_clients,
    counter::Counter,
    directory::SignIn,
    fault::Faults,
    issuer_state::IssuerState,
    key_ring::KeyRing,
    listen::{AllowedAddresses, listen},
    router::{self, Control},
    server::{Server, Tls},
    signing_key::{generate_all, generate_keys},
    tenant_state::TenantState,
};

/// A builder of a [`DevIssuer`], created by [`DevIssuer::builder`].
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
    allowed: AllowedAddresses,
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

impl DevIssuer {
    /// Starts an issuer on a free port of 127.0.0.1, with the [demo clients](Client::demo_clients) and
    /// a key for every algorithm.
    ///
    /// # Errors
    ///
    /// As [`DevIssuerBuilder::start`].
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// Returns a builder for an issuer with other settings.
    pub fn builder() -> DevIssuerBuilder {
        DevIssuerBuilder::new()
    }
}

impl DevIssuerBuilder {
    fn new() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            allowed: AllowedAddresses::Loopback,
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

    /// Sets the address to listen on; port 0 selects a free one. Default: `127.0.0.1:0`.
    ///
    /// An address that other machines can reach is [`StartError::BeyondLoopback`], unless
    /// [`danger_listen_beyond_loopback`](Self::danger_listen_beyond_loopback) allows it.
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Allows an address that other machines can reach.
    ///
    /// Anyone who reaches a development issuer can get tokens from it: its secrets are public, and
    /// users sign in without a password. Use this only in an isolated network, such as the containers
    /// of one test.
    pub fn danger_listen_beyond_loopback(mut self) -> Self {
        self.allowed = AllowedAddresses::Any;
        self
    }

    /// Adds a client. Default, if none is added: [`Client::demo_clients`].
    ///
    /// A client that cannot be served is [`StartError::Client`].
    pub fn client(mut self, client: Client) -> Self {
        self.clients.push(client);
        self
    }

    /// Sets the algorithms to generate keys for; the first one is the default to sign with. Default:
    /// [`Algorithm::ALL`]. An empty list is [`StartError::NoAlgorithm`].
    ///
    /// Most of the start is spent on RSA keys: an issuer for [`Algorithm::Es256`] alone starts within a
    /// few milliseconds.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms.clear();
        for algorithm in algorithms {
            if !self.algorithms.contains(&algorithm) {
                self.algorithms.push(algorithm);
            }
        }
        self
    }

    /// Sets the issuer identifier of tokens and metadata, which is not validated. Default: the issuer's
    /// URL. An empty text is [`StartError::EmptyIssuer`].
    ///
    /// The URLs of the endpoints do not change. With the identifier of a real issuer, such as
    /// `https://login.microsoftonline.com/{tenant}/v2.0`, a resource server can be tested with its
    /// production settings except for the URL of the keys.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Sets a timeline of key sets to publish: the first one until [`DevIssuer::publish_at`] selects
    /// another. Default: none.
    ///
    /// The issuer generates a key for every ID of the timeline, all of them for the first of its
    /// algorithms; [`Mint::key_id`](crate::Mint::key_id) signs with one of them. Its other keys, and
    /// those of [`DevIssuer::rotate`], are not published. An RSA key takes about a tenth of a second to
    /// generate, so a long timeline starts faster with [`Algorithm::Es256`].
    pub fn timeline(mut self, timeline: Timeline) -> Self {
        self.timeline = Some(timeline);
        self
    }

    /// Serves the control endpoint, below `/control/`: POST requests rotate the keys and set faults.
    /// Default: off, and these paths are answered 404.
    ///
    /// It is for tests that run the issuer in another process. Any program that reaches the issuer can
    /// send these requests. Web pages cannot: a request with a foreign `Origin` or `Host` is answered
    /// 403. The [README](crate#control-endpoint) lists the requests and their limits.
    pub fn control_endpoint(mut self) -> Self {
        self.control = Control::On;
        self
    }

    /// Sets the directory whose tenants the issuer serves, by the protocols of Azure AD, Entra ID, B2C
    /// and OpenID Connect. Default: none.
    ///
    /// Their tokens are signed with the key for [`Algorithm::Rs256`], which is added to the algorithms
    /// if it is missing.
    pub fn directory(mut self, directory: Directory) -> Self {
        self.directory = Some(directory);
        self
    }

    /// Signs users of the directory in without a page: the user of `login_hint`, otherwise the first
    /// one of the tenant. The user consents to every scope that a user may consent to. Default: as
    /// `sign_in` of the directory sets.
    ///
    /// A request with `prompt=none` succeeds only after an earlier sign-in of the same browser.
    pub fn sign_in_automatically(mut self) -> Self {
        self.sign_in = Some(SignIn::Automatic);
        self
    }

    /// Serves https in addition to http, on the same port. URLs of the issuer begin with `https`.
    /// Default: http alone.
    ///
    /// Each start generates a new certificate. Clients must trust [`DevIssuer::ca_pem`], which is served
    /// at `/ca.pem` too.
    pub fn https(mut self) -> Self {
        self.scheme = Scheme::HttpAndHttps;
        self
    }

    /// Generates the keys and starts to listen.
    ///
    /// The issuer has a thread of its own, so it outlives the runtime of the caller.
    ///
    /// # Errors
    ///
    /// A [`StartError`] that names the setting: an address beyond loopback or in use, no algorithm, an
    /// empty issuer identifier, or a client that cannot be served. Also if the keys, the certificate,
    /// the thread or the runtime could not be created.
    pub async fn start(self) -> Result<DevIssuer, StartError> {
        let Self {
            address,
            allowed,
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

        let (listener, host) = listen(address, allowed)?;
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
            keys.publish_recorded(timeline.first_key_ids());
        }
        let state = Arc::new(IssuerState {
            issuer: issuer.unwrap_or_else(|| url.clone()),
            url,
            algorithms,
            default_algorithm,
            clients,
            timeline,
            tenants: directory.map(TenantState::new),
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
