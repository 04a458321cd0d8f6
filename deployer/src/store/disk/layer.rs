//! The file system as the store uses it: each act is one that a crash may come before or after.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use deployer_local::private;

/// One thing done to the files of a state.
#[derive(Clone, Copy, Debug)]
pub enum Act<'a> {
    /// A file is written anew, private.
    Write(&'a Path, &'a [u8]),
    /// Bytes are added to a file, made private if it is new.
    Append(&'a Path, &'a [u8]),
    /// A file's content, or a folder's names, are made durable.
    Sync(&'a Path),
    /// A file gets a second name.
    Link(&'a Path, &'a Path),
    /// A file gets another name, in place of what had it.
    Rename(&'a Path, &'a Path),
    /// A name goes; that it is gone already is fine.
    Remove(&'a Path),
}

/// What does it.
pub trait Layer: Send + Sync {
    /// Does it, or nothing, or a part of it.
    fn act(&self, act: Act<'_>) -> io::Result<()>;
}

/// The real file system.
pub struct Real;

impl Layer for Real {
    fn act(&self, act: Act<'_>) -> io::Result<()> {
        match act {
            Act::Write(path, bytes) => private::create(path)?.write_all(bytes),
            Act::Append(path, bytes) => private::append(path)?.write_all(bytes),
            Act::Sync(path) => File::open(path)?.sync_all(),
            Act::Link(from, to) => fs::hard_link(from, to).or_else(|_| fs::copy(from, to).map(drop)),
            Act::Rename(from, to) => fs::rename(from, to),
            Act::Remove(path) => match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
        }
    }
}
