//! A site's release: which files its bucket serves, known by their manifest.

pub(super) mod bucket;
mod compare;
mod upload;

use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Resource};
use serde::{Deserialize, Serialize};

use self::bucket::{Bucket, Current};
use self::compare::{Listing, Verdict};
use self::upload::Upload;
use crate::Cloud;
use crate::client::all_of;
use crate::site_manifest::{Manifest, ManifestFile};

/// The folder of a bucket that the distribution serves; nothing outside it can be asked for.
pub const PUBLIC_FOLDER: &str = "site/";

/// The files that a site's bucket serves.
///
/// Files are uploaded before the pages that name them, and the old ones stay, so that at every moment
/// each page that is served finds its files. `_deployer/current.json` is written last and tells what
/// the release is.
///
/// Read budget: a GET and a listing (a call per 1,000 objects) at once; then a GET of the manifest where
/// this machine has not got it, and a HEAD of each served object that is newer than the release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteRelease {
    /// The bucket's name.
    pub bucket: String,
    /// The folder that is served, ending with `/`.
    pub folder: String,
    /// SHA-256 (hex) of everything that the site is built from.
    pub source_sha256: String,
    /// SHA-256 (hex) of the manifest of what was built: see [`Manifest`].
    pub manifest_sha256: String,
    /// Whether every file of the manifest is served as it says.
    pub intact: bool,
}

/// What a release is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteReleaseOutputs {
    /// The manifest that is served.
    pub manifest_sha256: String,
    /// How many files it has.
    pub files: u64,
    /// How many bytes they have together.
    pub bytes: u64,
    /// What differs between any two releases, even of the same files: the version of `current.json`.
    pub version: String,
}

fn live_of(bucket: &Bucket<'_>, current: Current, intact: bool) -> Live<SiteRelease> {
    let inputs = SiteRelease {
        bucket: bucket.name.to_owned(),
        folder: bucket.folder.to_owned(),
        source_sha256: current.release.source_sha256,
        manifest_sha256: current.release.manifest_sha256.clone(),
        intact,
    };
    let outputs = SiteReleaseOutputs {
        manifest_sha256: current.release.manifest_sha256,
        files: current.release.files,
        bytes: current.release.bytes,
        version: current.version,
    };
    Live { id: bucket.name.to_owned(), inputs, outputs }
}

async fn read(cx: &Cx<Cloud>, inputs: &SiteRelease) -> Result<Option<Live<SiteRelease>>, CloudError> {
    let bucket = Bucket { cx, name: &inputs.bucket, folder: &inputs.folder };
    let (current, listing) = futures::try_join!(bucket.current(), bucket.list())?;
    let (Some(current), Some(listing)) = (current, listing) else { return Ok(None) };
    let intact = match bucket.manifest(&current.release.manifest_sha256).await? {
        Some(manifest) => is_intact(&bucket, &manifest, &listing, current.written_at).await?,
        None => false,
    };
    Ok(Some(live_of(&bucket, current, intact)))
}

/// Whether the listing has every file as the manifest says; objects touched since are asked for their headers.
async fn is_intact(
    bucket: &Bucket<'_>,
    manifest: &Manifest,
    listing: &Listing,
    released_at: i64,
) -> Result<bool, CloudError> {
    let mut touched = Vec::new();
    for file in manifest.files() {
        match compare::verdict(file, listing, released_at) {
            Verdict::Right => {}
            Verdict::Wrong => return Ok(false),
            Verdict::Touched => touched.push(bucket.has_headers_of(file)),
        }
    }
    Ok(all_of(touched).await?.into_iter().all(|right| right))
}

impl SiteRelease {
    /// The manifest to release: built on this machine, or released from another before.
    async fn wanted(&self, bucket: &Bucket<'_>) -> Result<Manifest, CloudError> {
        let missing = || {
            CloudError::inputs(
                &self.bucket,
                format!(
                    "the manifest {} is neither on this machine nor in the bucket: build the site again",
                    self.manifest_sha256
                ),
            )
        };
        bucket.manifest(&self.manifest_sha256).await?.ok_or_else(missing)
    }
}

impl Resource for SiteRelease {
    const TYPE: &'static str = "site_release";
    const IDENTITY: Identity = Identity::Parent;
    const REPLACE_ON: &'static [&'static str] = &["bucket"];
    const ACTIONS: &'static [&'static str] = &["s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:DeleteObject"];
    type Outputs = SiteReleaseOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        all_of(keys.iter().map(|key| read(cx, &key.inputs)).collect()).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        _: Option<&Self>,
        _: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        let bucket = Bucket { cx, name: &self.bucket, folder: &self.folder };
        let wanted = self.wanted(&bucket).await?;
        let (listing, current, next) = futures::try_join!(bucket.list(), bucket.current(), bucket.next())?;
        let listing = listing
            .ok_or_else(|| CloudError::not_yet("s3:ListObjectsV2", &self.bucket, "the bucket is not there yet"))?;
        let served = match &current {
            Some(current) => bucket.manifest(&current.release.manifest_sha256).await?,
            None => None,
        };
        let resumed = next.filter(|next| {
            next.manifest_sha256 == self.manifest_sha256
                && current.as_ref().is_none_or(|current| next.written_at > current.written_at)
        });
        let known = compare::Known {
            served: served.as_ref().zip(current.as_ref().map(|each| each.written_at)),
            resumed_at: resumed.as_ref().map(|next| next.written_at),
        };
        let due: Vec<&ManifestFile> = compare::due(&wanted, &listing, &known);
        let release = bucket::Release {
            source_sha256: self.source_sha256.clone(),
            manifest_sha256: self.manifest_sha256.clone(),
            files: wanted.files().len() as u64,
            bytes: wanted.total_bytes(),
        };
        match current {
            Some(current) if due.is_empty() && current.release == release => {
                return Ok(live_of(&bucket, current, true));
            }
            // Other sources made the same files: only that is written down.
            Some(current) if due.is_empty() && current.release.manifest_sha256 == release.manifest_sha256 => {}
            _ => {
                if !due.is_empty() && resumed.is_none() {
                    bucket.write_next(&self.manifest_sha256).await?;
                }
                Upload::new(&bucket, &due).run(&wanted).await?;
            }
        }
        Ok(live_of(&bucket, bucket.write_current(release).await?, true))
    }

    /// The files stay: they go with their bucket. What is forgotten is which of them were a release.
    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        Bucket { cx, name: &live.inputs.bucket, folder: &live.inputs.folder }.forget().await
    }
}
