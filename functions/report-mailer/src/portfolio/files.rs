//! The portfolio's files: those compiled in, or those of a folder.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// The files, all of which must be there, with the texts that were compiled in.
const EMBEDDED: [(&str, &str); 8] = [
    ("group.toml", include_str!("../../portfolio/group.toml")),
    ("plan.toml", include_str!("../../portfolio/plan.toml")),
    ("technology.toml", include_str!("../../portfolio/technology.toml")),
    ("finance.toml", include_str!("../../portfolio/finance.toml")),
    ("marketing.toml", include_str!("../../portfolio/marketing.toml")),
    ("rental.toml", include_str!("../../portfolio/rental.toml")),
    ("yacht-delivery.toml", include_str!("../../portfolio/yacht-delivery.toml")),
    ("clients.toml", include_str!("../../portfolio/clients.toml")),
];

/// The names of the files, in the order in which they are read.
pub const FILES: [&str; EMBEDDED.len()] = {
    let mut names = [""; EMBEDDED.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = EMBEDDED[at].0;
        at += 1;
    }
    names
};

/// Texts by the name of their file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Files(pub BTreeMap<String, String>);

impl Files {
    /// The portfolio that was compiled into this program.
    pub fn embedded() -> Self {
        Self(EMBEDDED.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect())
    }

    /// The portfolio in a folder, or the first file that cannot be read.
    pub fn in_folder(folder: &Path) -> Result<Self, (PathBuf, io::Error)> {
        let read = |name: &str| {
            let path = folder.join(name);
            match std::fs::read_to_string(&path) {
                Ok(text) => Ok((name.to_owned(), text)),
                Err(error) => Err((path, error)),
            }
        };
        FILES.into_iter().map(read).collect::<Result<_, _>>().map(Self)
    }
}
