use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Fault, Target};

/// The current faults.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Set>);

#[derive(Debug, Default)]
struct Set {
    key_set: Option<Fault>,
    metadata: Option<Fault>,
}

impl Faults {
    /// Sets the fault of the target, or clears it with `None`.
    pub(crate) fn set(&self, target: Target, fault: Option<Fault>) {
        let mut set = self.lock();
        match target {
            Target::KeySet => set.key_set = fault,
            Target::Metadata => set.metadata = fault,
            Target::Both => *set = Set { key_set: fault.clone(), metadata: fault },
        }
    }

    pub(crate) fn of_key_set(&self) -> Option<Fault> {
        self.lock().key_set.clone()
    }

    pub(crate) fn of_metadata(&self) -> Option<Fault> {
        self.lock().metadata.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Set> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
