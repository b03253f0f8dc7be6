//! Many tokens, each in its turn, as of many clients.

use crate::contender::Contender;

/// Contenders of one kind that run one after the other, each with a token of its own.
#[derive(Debug)]
pub struct InTurn<C> {
    description: &'static str,
    all: Vec<C>,
    next: usize,
}

impl<C> InTurn<C> {
    /// Takes the contenders, at least one.
    #[must_use]
    pub const fn new(description: &'static str, all: Vec<C>) -> Self {
        Self { description, all, next: 0 }
    }
}

impl<C: Contender> Contender for InTurn<C> {
    fn name(&self) -> &'static str {
        self.description
    }

    fn description(&self) -> &'static str {
        self.description
    }

    #[inline(never)]
    fn once(&mut self) {
        self.all[self.next].once();
        self.next = (self.next + 1) % self.all.len();
    }
}
