//! Zips that depend on their content alone: no clock, no umask, no folder, no order of a file system.

use std::io::{Cursor, Write as _};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

/// What Lambda runs in a custom runtime.
pub const BOOTSTRAP: &str = "bootstrap";
/// Runnable by anybody: Lambda runs it as another user than the one that unpacks it.
const MODE: u32 = 0o755;
/// How hard a zip is packed, as zlib counts.
#[derive(Clone, Copy, Debug)]
pub enum Effort {
    /// For AWS: zlib's own default. A higher one takes many times as long for one percent.
    Small = 6,
    /// For the local AWS, which reads it once, from the same disk, while somebody waits.
    Quick = 1,
}

/// A zip and its name.
#[derive(Clone, Debug)]
pub struct Zip {
    /// The archive.
    pub content: Vec<u8>,
    /// SHA-256, lower-case hex: its name in the cache.
    pub sha256_hex: String,
    /// SHA-256 in base64, as Lambda's `CodeSha256`.
    pub sha256_base64: String,
}

/// Packs files of the given names.
pub fn pack(files: &[(&str, &[u8])], effort: Effort) -> zip::result::ZipResult<Zip> {
    let mut sorted = files.to_vec();
    sorted.sort_by_key(|(name, _)| *name);
    // The default date is the first that a zip can hold, 1 January 1980.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(effort as i64))
        .last_modified_time(DateTime::default())
        .unix_permissions(MODE)
        .system(System::Unix);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in sorted {
        writer.start_file(name, options)?;
        writer.write_all(content)?;
    }
    let content = writer.finish()?.into_inner();
    let digest = Sha256::digest(&content);
    Ok(Zip { sha256_hex: hex::encode(digest), sha256_base64: BASE64_STANDARD.encode(digest), content })
}

/// The name in the cache of a zip that Lambda knows by that base64 SHA-256.
pub fn hex_of(sha256_base64: &str) -> Option<String> {
    let digest = BASE64_STANDARD.decode(sha256_base64).ok()?;
    (digest.len() == 32).then(|| hex::encode(digest))
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;
    use std::process::Command;

    use super::super::cache::{Cache, Shelf};
    use super::*;

    #[test]
    fn a_zip_is_the_same_whatever_the_order_and_the_machine() {
        let one = pack(&[(BOOTSTRAP, b"code"), ("data/a.txt", b"text")], Effort::Small).unwrap();
        let other = pack(&[("data/a.txt", b"text"), (BOOTSTRAP, b"code")], Effort::Small).unwrap();
        assert_eq!(one.content, other.content);
    }

    /// Bytes with long and short repetitions, as a program has them.
    fn content() -> Vec<u8> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 16
        };
        (0..50_000)
            .flat_map(|_| {
                b"mov rax, [rbp - 8]"[(next() % 9) as usize..]
                    .iter()
                    .copied()
                    .take((next() % 7) as usize)
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    #[test]
    fn a_zip_is_the_same_on_every_machine_and_day() {
        // Written down once: another processor, day or time zone must come to the same.
        assert_eq!(
            pack(&[(BOOTSTRAP, &content())], Effort::Small).unwrap().sha256_hex,
            "4ba46fca59f518918064be0d386b3acbef4c4719c805104e8c17e252a65c8d56"
        );
    }

    /// Set for the second self of the test below: where it puts its zip.
    const PACK_INTO: &str = "DEPLOYER_TEST_PACK_INTO";

    #[test]
    fn a_zip_is_the_same_and_private_under_any_mask_time_zone_and_folder() {
        if let Some(project) = std::env::var_os(PACK_INTO) {
            let zip = pack(&[(BOOTSTRAP, &content())], Effort::Small).unwrap();
            return Cache::new(project.as_ref()).write(Shelf::Zips, &zip.sha256_hex, &zip.content).unwrap();
        }
        let name = pack(&[(BOOTSTRAP, &content())], Effort::Small).unwrap().sha256_hex;
        let this = std::env::current_exe().unwrap();
        for (mask, zone, folder) in
            [("000", "Asia/Tokyo", "/"), ("077", "America/Los_Angeles", "/tmp"), ("777", "UTC", "/")]
        {
            let project = tempfile::tempdir().unwrap();
            let script = format!(
                "umask {mask}; cd {folder}; exec \"$0\" --exact artifacts::zip::tests::a_zip_is_the_same_and_private_under_any_mask_time_zone_and_folder"
            );
            let ended = Command::new("sh")
                .args(["-c", &script])
                .arg(&this)
                .env(PACK_INTO, project.path())
                .env("TZ", zone)
                .output()
                .unwrap();
            assert!(ended.status.success(), "{ended:?}");
            let cache = Cache::new(project.path());
            assert!(cache.read_checked(Shelf::Zips, &name).is_ok(), "umask {mask}");
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&cache.path(Shelf::Zips, &name)), 0o600, "umask {mask}");
            assert_eq!(mode(&project.path().join(".deployer/cache")), 0o700, "umask {mask}");
        }
    }

    #[test]
    fn what_is_packed_can_be_run_when_it_is_unpacked() {
        let zip = pack(&[(BOOTSTRAP, b"code")], Effort::Small).unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(zip.content)).unwrap();
        assert_eq!(archive.len(), 1);
        let mut file = archive.by_name(BOOTSTRAP).unwrap();
        assert_eq!(file.unix_mode(), Some(0o100_755));
        assert_eq!(
            file.last_modified().map(|date| (date.year(), date.month(), date.day(), date.hour())),
            Some((1980, 1, 1, 0))
        );
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "code");
    }

    #[test]
    fn both_forms_of_the_digest_are_one() {
        let zip = pack(&[(BOOTSTRAP, b"code")], Effort::Small).unwrap();
        assert_eq!(hex_of(&zip.sha256_base64).as_deref(), Some(zip.sha256_hex.as_str()));
        for text in ["", "!", "AAAA"] {
            assert_eq!(hex_of(text), None, "{text}");
        }
    }
}
