use serde_json::Value;

use super::DevIssuer;
use crate::{Algorithm, KeyGenerationError, Timeline};

/// What signs, and what is published.
impl DevIssuer {
    /// Returns the key set as it is published now
    /// ([RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5)), the keys that sign first,
    /// and without the [`Fault`](crate::Fault) that may be set.
    #[must_use]
    pub fn jwks(&self) -> Value {
        self.state.jwks()
    }

    /// Returns the IDs of the keys in [`DevIssuer::jwks`], in its order.
    #[must_use]
    pub fn key_ids(&self) -> Vec<String> {
        let jwks = self.state.jwks();
        let keys = jwks.get("keys").and_then(Value::as_array).into_iter().flatten();
        keys.filter_map(|key| Some(key.get("kid")?.as_str()?.to_owned())).collect()
    }

    /// Returns the ID of the key that signs for the algorithm now; `None` when the issuer has no key
    /// for it.
    #[must_use]
    pub fn key_id_of(&self, algorithm: Algorithm) -> Option<String> {
        let key = self.state.key_of(algorithm).ok()?;
        Some(key.public().key_id().to_owned())
    }

    /// Replaces every signing key by a new one with a new ID; the old public keys stay published.
    ///
    /// A token that was signed before stays good, and one signed afterwards needs a key that a
    /// resource server has not seen.
    ///
    /// # Errors
    ///
    /// A [`KeyGenerationError`] when a key could not be generated; the old keys stay in use.
    pub async fn rotate(&self) -> Result<(), KeyGenerationError> {
        self.state.rotate().await
    }

    /// Replaces every signing key by a new one with a new ID; the old public keys, those of
    /// earlier rotations too, vanish at once, as after a compromise.
    ///
    /// # Errors
    ///
    /// A [`KeyGenerationError`] when a key could not be generated; the old keys stay in use.
    pub async fn rotate_without_overlap(&self) -> Result<(), KeyGenerationError> {
        self.state.rotate_without_overlap().await
    }

    /// Stops publishing a key, which signs as before; tells whether it was published.
    ///
    /// So do keys of some issuers: they vanish from the key set for hours, and tokens are signed with
    /// them all the while.
    pub fn withdraw(&self, key_id: &str) -> bool {
        self.state.change_keys(|ring| ring.withdraw(key_id))
    }

    /// Publishes a key again, at its old place; tells whether [`DevIssuer::withdraw`] had withdrawn
    /// it.
    pub fn restore(&self, key_id: &str) -> bool {
        self.state.change_keys(|ring| ring.restore(key_id))
    }

    /// Publishes any JSON as the key set, whatever the issuer signs with; `None` publishes its keys
    /// again.
    pub fn publish(&self, document: Option<Value>) {
        self.state.change_keys(|ring| ring.publish(document));
    }

    /// Publishes the keys that the issuer's timeline has at a time, in seconds since
    /// 1970-01-01 UTC; tells whether it has any moment so early.
    ///
    /// Where it has none, or the issuer has no [`Timeline`], nothing changes. A mint that names no
    /// key signs with the first one of the moment, and keys that were withdrawn stay so.
    pub fn show(&self, at: u64) -> bool {
        let Some(key_ids) = self.timeline().and_then(|timeline| timeline.key_ids_at(at)) else {
            return false;
        };
        self.state.change_keys(|ring| ring.show(key_ids));
        true
    }

    /// Returns the timeline that the builder was given.
    #[must_use]
    pub fn timeline(&self) -> Option<&Timeline> {
        self.state.timeline.as_ref()
    }
}
