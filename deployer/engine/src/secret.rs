//! Secrets: what may be written down about them, and a holder for what may not.

use std::sync::atomic::{Ordering, compiler_fence};

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// All that inputs, plans, journals and state may know of a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretRef {
    /// Name of the SSM parameter that holds the value, such as `/shipcaptaincrew/prod/origin`.
    pub name: String,
    /// The parameter's version, as decimal text: it changes when the value does.
    pub generation: String,
}

/// A value that is never written: no `Debug`, no `Display`, no `Serialize`; wiped when dropped.
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes the value in.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for the one call that needs it.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
        compiler_fence(Ordering::SeqCst);
    }
}
