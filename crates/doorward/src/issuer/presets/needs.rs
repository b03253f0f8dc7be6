use std::{any::type_name, fmt, marker::PhantomData};

/// A preset that still lacks a mandatory part. It does not convert into an
/// [`Issuer`](crate::Issuer), and has one method: the one that sets this part.
///
/// `Needs<ClientId, Entra>` in a message of the compiler means: call `.client_id(…)`.
///
/// ```compile_fail
/// # use doorward::{ResourceServer, presets::Entra};
/// let tenant = Entra::tenant("7fe81447-da57-4385-becb-6de57f21477e");
/// let builder = ResourceServer::builder().trust(tenant); // needs `.client_id(…)`
/// ```
#[must_use = "a mandatory part is missing; the type names it"]
pub struct Needs<Part, Preset> {
    pub(super) preset: Preset,
    part: PhantomData<fn() -> Part>,
}

/// Mandatory parts that have no type of their own.
pub mod part {
    /// The IDs of the app clients of a Cognito user pool.
    #[derive(Debug)]
    pub enum AppClients {}

    /// The ID of a custom authorization server of Okta.
    #[derive(Debug)]
    pub enum AuthorizationServer {}

    /// The policies (user flows) of a B2C tenant.
    #[derive(Debug)]
    pub enum Policies {}

    /// The name of a Keycloak realm.
    #[derive(Debug)]
    pub enum Realm {}
}

impl<Part, Preset> Needs<Part, Preset> {
    pub(super) const fn new(preset: Preset) -> Self {
        Self { preset, part: PhantomData }
    }
}

impl<Part, Preset: Clone> Clone for Needs<Part, Preset> {
    fn clone(&self) -> Self {
        Self::new(self.preset.clone())
    }
}

impl<Part, Preset> fmt::Debug for Needs<Part, Preset> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(type_name::<Self>()).finish_non_exhaustive()
    }
}
