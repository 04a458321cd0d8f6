//! The bucket of a site: its served folder, and the private one that tells what is served.

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use deployer_engine::resource::{CloudError, Cx, ErrorClass};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::compare::{Listed, Listing};
use crate::Cloud;
use crate::resources::s3_bucket::{NO_BUCKET, owner};
use crate::site_manifest::{Manifest, ManifestFile};

/// What is served now. Written last.
const CURRENT: &str = "_deployer/current.json";
/// What the upload under way will serve. Written first.
const NEXT: &str = "_deployer/next.json";
/// Codes of "there is no such object".
const MISSING: &[&str] = &["NoSuchKey", "NotFound", NO_BUCKET];

/// A site's bucket.
#[derive(Clone, Copy)]
pub(in crate::resources) struct Bucket<'a> {
    /// The clients.
    pub(in crate::resources) cx: &'a Cx<Cloud>,
    /// Its name.
    pub(in crate::resources) name: &'a str,
    /// The served folder, ending with `/`.
    pub(in crate::resources) folder: &'a str,
}

/// A release as `current.json` tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Release {
    /// SHA-256 (hex) of the sources.
    pub(super) source_sha256: String,
    /// SHA-256 (hex) of the manifest.
    pub(super) manifest_sha256: String,
    /// How many files.
    pub(super) files: u64,
    /// How many bytes.
    pub(super) bytes: u64,
}

/// The release that is served, and when it was complete.
pub(super) struct Current {
    /// Which.
    pub(super) release: Release,
    /// The version of `current.json`.
    pub(super) version: String,
    /// Seconds since 1970, by the clock of S3.
    pub(super) written_at: i64,
}

/// An upload that began.
pub(super) struct Next {
    /// Of which manifest.
    pub(super) manifest_sha256: String,
    /// Seconds since 1970, by the clock of S3.
    pub(super) written_at: i64,
}

#[derive(Serialize, Deserialize)]
struct NextText {
    manifest_sha256: String,
}

impl Bucket<'_> {
    /// The release that is served; `None`: none ever was, or the bucket is not there.
    pub(super) async fn current(&self) -> Result<Option<Current>, CloudError> {
        let Some((answer, text)) = self.get(CURRENT).await? else { return Ok(None) };
        // Somebody else's text is no release of ours: it is written anew.
        let Ok(release) = serde_json::from_slice(&text) else { return Ok(None) };
        let written_at = written_at(&answer);
        Ok(Some(Current { release, version: version(answer.version_id, written_at), written_at }))
    }

    /// The upload that began last.
    pub(super) async fn next(&self) -> Result<Option<Next>, CloudError> {
        let Some((answer, text)) = self.get(NEXT).await? else { return Ok(None) };
        let next = serde_json::from_slice::<NextText>(&text).ok();
        Ok(next.map(|next| Next { manifest_sha256: next.manifest_sha256, written_at: written_at(&answer) }))
    }

    /// Every object of the served folder; `None`: there is no such bucket.
    pub(super) async fn list(&self) -> Result<Option<Listing>, CloudError> {
        let mut listing = Listing::new();
        let mut token = None;
        loop {
            let request = self
                .cx
                .cloud
                .s3()
                .list_objects_v2()
                .bucket(self.name)
                .prefix(self.folder)
                .set_continuation_token(token)
                .set_expected_bucket_owner(owner(self.cx));
            let Some(page) = self.cx.cloud.find("s3:ListObjectsV2", self.name, &[NO_BUCKET], request.send()).await?
            else {
                return Ok(None);
            };
            for object in page.contents.unwrap_or_default() {
                let Some(path) = object.key.as_deref().and_then(|key| key.strip_prefix(self.folder)) else { continue };
                let etag = object.e_tag.unwrap_or_default().trim_matches('"').to_owned();
                let size = object.size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default();
                listing.insert(
                    path.to_owned(),
                    Listed { size, etag, written_at: object.last_modified.map_or(i64::MAX, |at| at.secs()) },
                );
            }
            token = page.next_continuation_token;
            if token.is_none() {
                return Ok(Some(listing));
            }
        }
    }

    /// The manifest of that digest, from this machine or else from the bucket.
    pub(in crate::resources) async fn manifest(&self, sha256: &str) -> Result<Option<Manifest>, CloudError> {
        let parse =
            |text: &[u8]| (hex::encode(Sha256::digest(text)) == sha256).then(|| Manifest::parse(text).ok()).flatten();
        let kept = self.cx.cloud.artifacts.manifest(sha256).ok().and_then(|text| parse(&text));
        if kept.is_some() {
            return Ok(kept);
        }
        let Some((_, text)) = self.get(&manifest_key(sha256)).await? else { return Ok(None) };
        let manifest = parse(&text);
        if manifest.is_some() {
            // Without a copy here the next run asks the bucket again, no more.
            let _ = self.cx.cloud.artifacts.keep_manifest(sha256, &text);
        }
        Ok(manifest)
    }

    /// Whether the served object has the headers that its entry says.
    pub(super) async fn has_headers_of(&self, file: &ManifestFile) -> Result<bool, CloudError> {
        let key = self.key(file);
        let request =
            self.cx.cloud.s3().head_object().bucket(self.name).key(&key).set_expected_bucket_owner(owner(self.cx));
        let found = self.cx.cloud.find("s3:HeadObject", &self.object(&key), MISSING, request.send()).await?;
        Ok(found.is_some_and(|head| {
            head.content_type.as_deref() == Some(&file.content_type)
                && head.cache_control.as_deref() == Some(&file.cache_control)
        }))
    }

    /// Says that an upload of this manifest begins.
    pub(super) async fn write_next(&self, manifest_sha256: &str) -> Result<(), CloudError> {
        let text = serde_json::to_vec(&NextText { manifest_sha256: manifest_sha256.to_owned() })
            .expect("plain data becomes JSON");
        self.put_text(NEXT, text).await.map(drop)
    }

    /// Keeps a manifest in the private folder.
    pub(super) async fn write_manifest(&self, manifest: &Manifest) -> Result<(), CloudError> {
        self.put_text(&manifest_key(&manifest.sha256()), manifest.to_bytes()).await.map(drop)
    }

    /// Says what is served from now on.
    pub(super) async fn write_current(&self, release: Release) -> Result<Current, CloudError> {
        let text = serde_json::to_vec(&release).expect("plain data becomes JSON");
        let version_id = self.put_text(CURRENT, text).await?;
        Ok(Current { version: version(version_id, 0), release, written_at: 0 })
    }

    /// Forgets what is served. The objects stay.
    pub(super) async fn forget(&self) -> Result<(), CloudError> {
        let request =
            self.cx.cloud.s3().delete_object().bucket(self.name).key(CURRENT).set_expected_bucket_owner(owner(self.cx));
        self.cx.cloud.find("s3:DeleteObject", &self.object(CURRENT), MISSING, request.send()).await.map(drop)
    }

    /// The key of a served file.
    pub(super) fn key(&self, file: &ManifestFile) -> String {
        format!("{}{}", self.folder, file.path)
    }

    /// An object as messages name it.
    pub(super) fn object(&self, key: &str) -> String {
        format!("{}/{key}", self.name)
    }

    async fn put_text(&self, key: &str, text: Vec<u8>) -> Result<Option<String>, CloudError> {
        let request = self
            .cx
            .cloud
            .s3()
            .put_object()
            .bucket(self.name)
            .key(key)
            .body(ByteStream::from(text))
            .content_type("application/json");
        let request = request.set_expected_bucket_owner(owner(self.cx));
        self.cx.cloud.call("s3:PutObject", &self.object(key), request.send()).await.map(|answer| answer.version_id)
    }

    async fn get(&self, key: &str) -> Result<Option<(GetObjectOutput, Bytes)>, CloudError> {
        const OPERATION: &str = "s3:GetObject";
        let request =
            self.cx.cloud.s3().get_object().bucket(self.name).key(key).set_expected_bucket_owner(owner(self.cx));
        let Some(mut answer) = self.cx.cloud.find(OPERATION, &self.object(key), MISSING, request.send()).await? else {
            return Ok(None);
        };
        let cut = |error: aws_sdk_s3::primitives::ByteStreamError| {
            CloudError::new(ErrorClass::Unknown, OPERATION, &self.object(key), "answer-cut", error.to_string())
        };
        let text = std::mem::take(&mut answer.body).collect().await.map_err(cut)?.into_bytes();
        Ok(Some((answer, text)))
    }
}

fn manifest_key(sha256: &str) -> String {
    format!("_deployer/manifests/{sha256}.json")
}

fn written_at(answer: &GetObjectOutput) -> i64 {
    answer.last_modified.map_or(0, |at| at.secs())
}

/// The version that S3 gave, or the second in which it was written where versions are off.
fn version(version_id: Option<String>, written_at: i64) -> String {
    version_id.filter(|id| id != "null").unwrap_or_else(|| written_at.to_string())
}
