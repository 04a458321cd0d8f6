//! The objects port: a place for whole objects whose writes can be made conditional, such as a bucket.

use std::time::Duration;

use futures::future::BoxFuture;

use crate::resource::CloudError;

/// An object as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// What it holds.
    pub body: Vec<u8>,
    /// Its version's tag: another write has another one.
    pub tag: String,
    /// What its writer said with it.
    pub label: String,
    /// How long ago it was written, by the clock of the place; whole seconds, one more or less.
    pub age: Duration,
}

/// What must be so for a write to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Only {
    /// There is no such object.
    New,
    /// The object has this tag.
    Over(String),
}

/// What became of a conditional write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// It happened; the new tag.
    Done(String),
    /// The condition did not hold: nothing happened, unless our own lost answer is the reason.
    Refused,
}

/// Where whole objects are kept. Each method is one call, never repeated by itself.
pub trait Objects: Send + Sync {
    /// Reads an object; `None` when there is none.
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Object>, CloudError>>;

    /// Writes an object if the condition holds. `label` is kept with it: printable ASCII, at most 1 KB.
    fn put<'a>(
        &'a self,
        key: &'a str,
        body: &'a [u8],
        label: &'a str,
        only: &'a Only,
    ) -> BoxFuture<'a, Result<Written, CloudError>>;

    /// Deletes an object if it has this tag still. `false`: it has not, or is gone.
    fn delete<'a>(&'a self, key: &'a str, tag: &'a str) -> BoxFuture<'a, Result<bool, CloudError>>;

    /// What the object held before it was overwritten, youngest first, a few at most.
    fn former<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Vec<Vec<u8>>, CloudError>>;
}
