use crate::{
    authorization_store::AuthorizationStore,
    clock::Clock,
    directory::{Directory, SignIn},
};

/// The tenants of a directory: what is configured, and what has been issued since the start.
#[derive(Debug, Default)]
pub(crate) struct TenantState {
    pub(crate) directory: Directory,
    pub(crate) store: AuthorizationStore,
    pub(crate) clock: Clock,
}

impl TenantState {
    pub(crate) fn new(directory: Directory) -> Self {
        Self { directory, store: AuthorizationStore::default(), clock: Clock::default() }
    }

    pub(crate) fn signs_in_automatically(&self) -> bool {
        self.directory.sign_in == SignIn::Automatic
    }
}
