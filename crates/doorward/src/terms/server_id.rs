/// The server that verified a token, by an ID drawn at random when the server is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServerId {
    Drawn([u8; 16]),
    /// No server: a test has written the token.
    #[cfg(feature = "testing")]
    Test,
}

impl ServerId {
    /// Draws an ID; `None` when the system has no randomness.
    pub(crate) fn draw() -> Option<Self> {
        let mut id = [0; 16];
        aws_lc_rs::rand::fill(&mut id).ok()?;
        Some(Self::Drawn(id))
    }

    /// Returns whether a token that this server verified is accepted by the other.
    pub(crate) fn counts_for(self, other: Self) -> bool {
        #[cfg(feature = "testing")]
        if self == Self::Test {
            return true;
        }
        self == other
    }
}
