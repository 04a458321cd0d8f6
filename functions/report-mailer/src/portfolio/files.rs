//! The portfolio's files: those compiled in, or those of a folder.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// The names of the files, all of which must be there.
pub const FILES: [&str; 8] = [
    "entities.toml",
    "assets.toml",
    "figures.toml",
    "kpis.toml",
    "shortfalls.toml",
    "risks.toml",
    "pipeline.toml",
    "actions.toml",
];

/// Texts by the name of their file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Files(pub BTreeMap<String, String>);

impl Files {
    /// The portfolio that was compiled into this program.
    pub fn embedded() -> Self {
        let texts = [
            include_str!("../../portfolio/entities.toml"),
            include_str!("../../portfolio/assets.toml"),
            include_str!("../../portfolio/figures.toml"),
            include_str!("../../portfolio/kpis.toml"),
            include_str!("../../portfolio/shortfalls.toml"),
            include_str!("../../portfolio/risks.toml"),
            include_str!("../../portfolio/pipeline.toml"),
            include_str!("../../portfolio/actions.toml"),
        ];
        let named = FILES.into_iter().zip(texts);
        Self(named.map(|(name, text)| (name.to_owned(), text.to_owned())).collect())
    }

    /// The portfolio in a folder.
    pub fn in_folder(folder: &Path) -> io::Result<Self> {
        let read = |name: &str| {
            let path = folder.join(name);
            let text = std::fs::read_to_string(&path);
            let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
            text.map(|text| (name.to_owned(), text)).map_err(named)
        };
        FILES.into_iter().map(read).collect::<io::Result<_>>().map(Self)
    }
}
