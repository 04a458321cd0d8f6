//! Uploading a release: many files at once, pages after everything that they name.

use aws_sdk_s3::primitives::ByteStream;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use deployer_engine::resource::{CloudError, ErrorClass};
use futures::stream::{self, StreamExt as _};
use tokio::sync::Semaphore;

use super::bucket::Bucket;
use crate::resources::s3_bucket::owner;
use crate::site_manifest::{Manifest, ManifestFile};

/// Most uploads that are under way at once: with 80 ms to the region that is 800 files a second.
const UPLOADS_AT_ONCE: usize = 64;
/// Most KiB that the uploads under way hold in memory together.
const KIB_AT_ONCE: u32 = 64 * 1024;
/// Failures one after the other that end an upload: then it is not single calls that fail.
const FAILURES_IN_A_ROW: usize = 32;
/// Files between two words about progress.
const STEP: usize = 10;

/// The upload of one release.
pub(super) struct Upload<'a> {
    bucket: &'a Bucket<'a>,
    due: &'a [&'a ManifestFile],
    memory: Semaphore,
}

impl<'a> Upload<'a> {
    /// An upload of these files, pages last.
    pub(super) fn new(bucket: &'a Bucket<'a>, due: &'a [&'a ManifestFile]) -> Self {
        Self { bucket, due, memory: Semaphore::new(KIB_AT_ONCE as usize) }
    }

    /// Uploads what is due and the manifest: all but pages, then pages.
    pub(super) async fn run(&self, manifest: &Manifest) -> Result<(), CloudError> {
        let pages_from = self.due.iter().position(|file| file.is_page()).unwrap_or(self.due.len());
        let (others, pages) = self.due.split_at(pages_from);
        futures::try_join!(self.bucket.write_manifest(manifest), self.files(others, 0))?;
        self.files(pages, others.len()).await
    }

    /// Uploads files side by side. After a failure that may pass the others go on, so that what
    /// is left for the next attempt gets fewer with each.
    async fn files(&self, files: &[&ManifestFile], before: usize) -> Result<(), CloudError> {
        let uploads: Vec<_> = files.iter().map(|file| self.file(file)).collect();
        let mut uploads = stream::iter(uploads).buffer_unordered(UPLOADS_AT_ONCE);
        let (mut done, mut failed, mut in_a_row) = (before, None, 0);
        while let Some(uploaded) = uploads.next().await {
            match uploaded {
                Ok(()) => {
                    in_a_row = 0;
                    done += 1;
                    if done % STEP == 0 || done == self.due.len() {
                        self.bucket.cx.say(format!("uploading {done} of {} files", self.due.len()));
                    }
                }
                Err(error) if may_pass(&error) && in_a_row < FAILURES_IN_A_ROW => {
                    in_a_row += 1;
                    failed.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        failed.map_or(Ok(()), Err)
    }

    async fn file(&self, file: &ManifestFile) -> Result<(), CloudError> {
        let kib = u32::try_from(file.size.div_ceil(1024)).unwrap_or(KIB_AT_ONCE).min(KIB_AT_ONCE);
        let _held = self.memory.acquire_many(kib).await.expect("the semaphore is never closed");
        let content = self.content(file).await?;
        let checksum = hex::decode(&file.sha256)
            .map(|digest| BASE64_STANDARD.encode(digest))
            .map_err(|_| self.unusable(file, "its checksum is no hex text"))?;
        let key = self.bucket.key(file);
        let request =
            self.bucket.cx.cloud.s3().put_object().bucket(self.bucket.name).key(&key).body(ByteStream::from(content));
        let request =
            request.content_type(&file.content_type).cache_control(&file.cache_control).checksum_sha256(checksum);
        let request = request.set_expected_bucket_owner(owner(self.bucket.cx));
        self.bucket.cx.cloud.call("s3:PutObject", &self.bucket.object(&key), request.send()).await.map(drop)
    }

    async fn content(&self, file: &ManifestFile) -> Result<Bytes, CloudError> {
        let (artifacts, sha256) = (std::sync::Arc::clone(&self.bucket.cx.cloud.artifacts), file.sha256.clone());
        let read =
            tokio::task::spawn_blocking(move || artifacts.file(&sha256)).await.expect("reading a file does not panic");
        let content = read.map_err(|error| self.unusable(file, &format!("{error}: build the site again")))?;
        if content.len() as u64 == file.size {
            Ok(content)
        } else {
            Err(self.unusable(file, "it has not the size that the manifest says: build the site again"))
        }
    }

    fn unusable(&self, file: &ManifestFile, why: &str) -> CloudError {
        CloudError::inputs(&self.bucket.object(&self.bucket.key(file)), format!("the file cannot be uploaded: {why}"))
    }
}

fn may_pass(error: &CloudError) -> bool {
    matches!(error.class, ErrorClass::Throttled | ErrorClass::NotYet | ErrorClass::Unknown)
}
