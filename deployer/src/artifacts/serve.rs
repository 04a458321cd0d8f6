//! What is built, given to the resources that ship it: by content, checked again when it is read.

use std::io;

use bytes::Bytes;

use super::ArtifactStore;
use super::cache::{Shelf, sha256_hex};
use super::zip::hex_of;

impl deployer_aws::Artifacts for ArtifactStore {
    fn zip(&self, sha256_base64: &str) -> io::Result<Bytes> {
        let name = hex_of(sha256_base64)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "this is no SHA-256 in base64"))?;
        self.cache.read_checked(Shelf::Zips, &name).map(Bytes::from)
    }

    fn manifest(&self, sha256_hex: &str) -> io::Result<Bytes> {
        self.cache.read_checked(Shelf::Manifests, sha256_hex).map(Bytes::from)
    }

    fn keep_manifest(&self, name: &str, text: &[u8]) -> io::Result<()> {
        if sha256_hex(text) != name {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "this is not the manifest of that SHA-256"));
        }
        self.cache.write(Shelf::Manifests, name, text)
    }

    fn file(&self, name: &str) -> io::Result<Bytes> {
        let place = self.places.lock().expect("nothing panics with the places").get(name).cloned();
        let place = place
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no site of this run has a file of that SHA-256"))?;
        let content = std::fs::read(&place)?;
        if sha256_hex(&content) == name {
            Ok(Bytes::from(content))
        } else {
            Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{} has changed since the plan was made", place.display()),
            ))
        }
    }
}
