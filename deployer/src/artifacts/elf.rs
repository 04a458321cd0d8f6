//! Whether a program can run on Lambda: its processor, and the C library that it needs.

use object::Endianness;
use object::elf::{EM_AARCH64, EM_X86_64, FileHeader64};
use object::read::elf::{FileHeader as _, VerneedIterator};

/// The C library of Amazon Linux 2023, on which `provided.al2023` runs.
pub const LAMBDA_GLIBC: Version = Version(2, 34);
/// Prefix of the names by which a program asks for a version of the C library.
const GLIBC: &str = "GLIBC_";
/// Asked for by programs with packed relocations, which only this or a newer C library loads.
const PACKED_RELOCATIONS: (&str, Version) = ("GLIBC_ABI_DT_RELR", Version(2, 36));

/// A version of the C library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32);

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// What a program asks of the machine it runs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The processor, as the triples of the compiler begin: `aarch64`, `x86_64` or `other`.
    pub processor: &'static str,
    /// The newest version of the C library that it asks for; absent: none at all.
    pub glibc: Option<Version>,
}

/// Reads a Linux program. The error says why it is none.
pub fn read(content: &[u8]) -> Result<Program, String> {
    inspect(content).map_err(|error| format!("it is no 64-bit Linux program: {error}"))
}

fn inspect(content: &[u8]) -> object::read::Result<Program> {
    let header = FileHeader64::<Endianness>::parse(content)?;
    let endian = header.endian()?;
    let processor = match header.e_machine(endian) {
        EM_X86_64 => "x86_64",
        EM_AARCH64 => "aarch64",
        _ => "other",
    };
    let sections = header.sections(endian, content)?;
    let mut names = Vec::new();
    if let Some((needs, link)) = sections.gnu_verneed(endian, content)? {
        let strings = sections.strings(endian, content, link)?;
        collect(needs, endian, &strings, &mut names)?;
    }
    Ok(Program { processor, glibc: names.iter().filter_map(|name| version(name)).max() })
}

fn collect<'data>(
    mut needs: VerneedIterator<'data, FileHeader64<Endianness>>,
    endian: Endianness,
    strings: &object::StringTable<'data>,
    names: &mut Vec<String>,
) -> object::read::Result<()> {
    while let Some((_, mut entries)) = needs.next()? {
        while let Some(entry) = entries.next()? {
            names.push(String::from_utf8_lossy(entry.name(endian, *strings)?).into_owned());
        }
    }
    Ok(())
}

fn version(name: &str) -> Option<Version> {
    if name == PACKED_RELOCATIONS.0 {
        return Some(PACKED_RELOCATIONS.1);
    }
    let mut numbers = name.strip_prefix(GLIBC)?.split('.').map(str::parse::<u32>);
    Some(Version(numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn this_very_test_program_is_read() {
        let content = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let found = read(&content).unwrap();
        assert_eq!(found.processor, std::env::consts::ARCH);
        // Rust's own library asks for at least 2.17 on every Linux with glibc.
        assert!(found.glibc.is_none_or(|version| version >= Version(2, 17)), "{found:?}");
        #[cfg(target_env = "gnu")]
        assert!(found.glibc.is_some());
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(version("GLIBC_2.3.4"), Some(Version(2, 3)));
        assert_eq!(version("GLIBC_ABI_DT_RELR"), Some(Version(2, 36)));
        for other in ["GCC_3.0", "GLIBC_PRIVATE", "GLIBC_", ""] {
            assert_eq!(version(other), None, "{other}");
        }
        assert!(version("GLIBC_2.4").unwrap() < version("GLIBC_2.34").unwrap());
        assert!(version("GLIBC_2.35").unwrap() > LAMBDA_GLIBC);
    }

    #[test]
    fn every_beginning_of_a_program_is_refused_without_a_panic() {
        let content = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        for length in (0..4096.min(content.len())).chain([content.len() / 2]) {
            let _ = read(&content[..length]);
        }
        assert!(read(b"#!/bin/sh\n").unwrap_err().contains("no 64-bit Linux program"));
    }
}
