/// Who acts when a token is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Actor {
    /// An app for a user who has signed in.
    Delegated,
    /// An app for itself, no user being there.
    AppOnly,
    /// The token does not say, or contradicts itself.
    Unknown,
}

impl Actor {
    /// Returns what `idtyp` says, which Microsoft calls the most accurate source; `None` without it.
    pub(super) fn of_identity_type(identity_type: Option<&str>) -> Option<Self> {
        identity_type.map(|identity_type| match identity_type {
            "app" => Self::AppOnly,
            "user" => Self::Delegated,
            _ => Self::Unknown,
        })
    }
}
