//! What a site's release consists of: every file by path, with its checksums and headers.
//!
//! A manifest is named by the SHA-256 of its text, so the same files with the same headers are the same
//! release, whoever built them. It stays in the private part of the bucket and in the local cache;
//! plans, journals and records hold its digest only.

use std::collections::{BTreeMap, BTreeSet};

use md5::Md5;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The form of the text below; another number is another form.
const VERSION: u32 = 1;
/// Longest key of S3, in bytes, less what stands before a file's path in the bucket.
const MAX_PATH_BYTES: usize = 1024 - 64;

/// Every file of a release, sorted by path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    version: u32,
    files: Vec<ManifestFile>,
}

/// One file of a release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestFile {
    /// Path below the site's folder, parts joined by `/`, such as `assets/index-CQVsjE6V.css`.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the content, lower-case hex: its name in the artifact cache, and what S3 checks on upload.
    pub sha256: String,
    /// MD5 of the content, lower-case hex: the ETag of an object that S3 encrypts with its own keys, so
    /// that one listing tells what is in the bucket. No protection rests on it.
    pub md5: String,
    /// The header `Content-Type`.
    pub content_type: String,
    /// The header `Cache-Control`.
    pub cache_control: String,
}

impl ManifestFile {
    /// The entry of a file with this content and these headers.
    pub fn new(path: &str, content: &[u8], content_type: &str, cache_control: &str) -> Self {
        Self {
            path: path.to_owned(),
            size: content.len() as u64,
            sha256: hex::encode(Sha256::digest(content)),
            md5: hex::encode(Md5::digest(content)),
            content_type: content_type.to_owned(),
            cache_control: cache_control.to_owned(),
        }
    }

    /// Whether it is a page: pages name the other files, so they come last.
    pub fn is_page(&self) -> bool {
        is_page(&self.path)
    }
}

/// Whether the file of that path is a page.
pub fn is_page(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    lower.ends_with(".html") || lower.ends_with(".htm")
}

/// A text that is no manifest, or files that cannot be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadManifest(String);

impl std::fmt::Display for BadManifest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl std::error::Error for BadManifest {}

impl Manifest {
    /// A manifest of these files. Paths must be plain and differ from each other.
    pub fn new(mut files: Vec<ManifestFile>) -> Result<Self, BadManifest> {
        files.sort();
        let manifest = Self { version: VERSION, files };
        manifest.check()?;
        Ok(manifest)
    }

    /// Reads the text of a manifest.
    pub fn parse(text: &[u8]) -> Result<Self, BadManifest> {
        let manifest: Self = serde_json::from_slice(text)
            .map_err(|error| BadManifest(format!("this is no manifest of a site: {error}")))?;
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), BadManifest> {
        if self.version != VERSION {
            return Err(BadManifest(format!(
                "a manifest of version {} needs another deployer: this one reads {VERSION}",
                self.version
            )));
        }
        let mut seen = BTreeSet::new();
        for file in &self.files {
            if !is_plain(&file.path) {
                return Err(BadManifest(format!("`{}` cannot be the path of a site's file", file.path.escape_debug())));
            }
            if !seen.insert(file.path.as_str()) {
                return Err(BadManifest(format!("the path `{}` stands twice", file.path)));
            }
        }
        Ok(())
    }

    /// Its canonical text: one line of JSON.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a manifest is plain data")
    }

    /// Its name: SHA-256 of its text, lower-case hex.
    pub fn sha256(&self) -> String {
        hex::encode(Sha256::digest(self.to_bytes()))
    }

    /// The files, sorted by path.
    pub fn files(&self) -> &[ManifestFile] {
        &self.files
    }

    /// The files by path.
    pub fn by_path(&self) -> BTreeMap<&str, &ManifestFile> {
        self.files.iter().map(|each| (each.path.as_str(), each)).collect()
    }

    /// How many bytes the files have together.
    pub fn total_bytes(&self) -> u64 {
        self.files.iter().map(|each| each.size).sum()
    }
}

/// Whether a path has no part that a server, a browser or S3 could read as something else.
fn is_plain(path: &str) -> bool {
    let part_is_plain = |part: &str| !matches!(part, "" | "." | "..");
    path.len() <= MAX_PATH_BYTES
        && path.split('/').all(part_is_plain)
        && !path.chars().any(|each| each.is_control() || each == '\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> ManifestFile {
        ManifestFile::new(path, path.as_bytes(), "text/plain", "no-cache")
    }

    #[test]
    fn a_manifest_has_one_text_and_one_name_whatever_order_its_files_came_in() {
        let one = Manifest::new(vec![file("b.txt"), file("a/c.txt")]).unwrap();
        let other = Manifest::new(vec![file("a/c.txt"), file("b.txt")]).unwrap();
        assert_eq!(one.to_bytes(), other.to_bytes());
        assert_eq!(one.sha256(), other.sha256());
        assert_eq!(Manifest::parse(&one.to_bytes()).unwrap(), one);
        assert_eq!(one.total_bytes(), 12);
    }

    #[test]
    fn an_entry_carries_the_checksums_that_s3_and_the_cache_know_the_file_by() {
        let entry = ManifestFile::new("x", b"hello", "text/plain", "no-cache");
        assert_eq!(entry.md5, "5d41402abc4b2a76b9719d911017c592");
        assert_eq!(entry.sha256, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
        assert_eq!(entry.size, 5);
    }

    #[test]
    fn a_path_that_leads_elsewhere_is_refused() {
        for path in ["", "/a", "a//b", "../a", "a/./b", "a/..", "a\\b", "a\nb", &"a".repeat(2000)] {
            assert!(Manifest::new(vec![file(path)]).is_err(), "{path:?}");
        }
        assert!(Manifest::new(vec![file("a"), file("a")]).is_err());
    }

    #[test]
    fn a_text_that_is_no_manifest_is_refused_without_a_panic() {
        for text in ["", "{}", "[]", r#"{"version":2,"files":[]}"#, r#"{"version":1,"files":[{"path":"a"}]}"#, "\u{0}"]
        {
            assert!(Manifest::parse(text.as_bytes()).is_err(), "{text:?}");
        }
    }
}
