use crate::{
    clock::Clock,
    directory::{Directory, SignIn},
    grant::Memory,
};

/// A directory, and what has happened in it since the issuer started.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) directory: Directory,
    pub(crate) memory: Memory,
    pub(crate) clock: Clock,
}

impl World {
    pub(crate) fn new(directory: Directory) -> Self {
        Self { directory, memory: Memory::default(), clock: Clock::default() }
    }

    pub(crate) fn signs_in_automatically(&self) -> bool {
        self.directory.sign_in == SignIn::Automatic
    }
}
