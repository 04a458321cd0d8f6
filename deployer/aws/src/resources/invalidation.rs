//! Invalidations: the edge forgets pages that a release changed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use aws_sdk_cloudfront::types::{InvalidationBatch, Paths};
use deployer_engine::resource::{CloudError, Cx, Effect};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::cloudfront::unusable;
use super::site_release::PUBLIC_FOLDER;
use super::site_release::bucket::Bucket;
use crate::Cloud;
use crate::site_manifest::{Manifest, is_page};

/// Most paths that are named: each costs after the first thousand of a month, `/*` costs as one.
const MAX_PATHS: usize = 10;
/// Everything.
const ALL: &str = "/*";
/// The page that is also served for `/`.
const ROOT_PAGE: &str = "index.html";

/// Has a distribution forget the pages that differ from the releases that were served before. It does
/// not wait until every edge has. Files other than pages have a name or a time limit of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invalidation {
    /// The distribution's id.
    pub distribution_id: String,
    /// What it serves.
    pub releases: Vec<Served>,
}

/// One site's release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// The site's bucket.
    pub bucket: String,
    /// SHA-256 (hex) of its manifest.
    pub manifest_sha256: String,
    /// What differs between any two releases, even of the same files.
    pub version: String,
}

/// The paths that need forgetting after a change from one manifest to the other; none: nothing to do.
pub fn paths<'a>(changes: impl IntoIterator<Item = (Option<&'a Manifest>, Option<&'a Manifest>)>) -> Vec<String> {
    let mut pages = BTreeSet::new();
    for (old, new) in changes {
        let (Some(old), Some(new)) = (old, new) else { return vec![ALL.to_owned()] };
        let now = new.by_path();
        let gone_or_changed =
            old.files().iter().filter(|file| is_page(&file.path) && now.get(file.path.as_str()) != Some(file));
        pages.extend(gone_or_changed.map(|file| file.path.as_str()));
    }
    let root = pages.contains(ROOT_PAGE).then(|| "/".to_owned());
    let paths: Vec<_> = root.into_iter().chain(pages.iter().map(|path| format!("/{}", encoded(path)))).collect();
    if paths.len() > MAX_PATHS { vec![ALL.to_owned()] } else { paths }
}

/// The path as a browser asks for it; a `*` in it is no wildcard.
fn encoded(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => text.push(char::from(byte)),
            _ => write!(text, "%{byte:02X}").expect("a string takes all that is written"),
        }
    }
    text
}

impl Invalidation {
    /// The paths that differ from what was served when `prior` was done.
    async fn changed(&self, cx: &Cx<Cloud>, prior: Option<&Self>) -> Result<Vec<String>, CloudError> {
        let Some(prior) = prior.filter(|prior| prior.distribution_id == self.distribution_id) else {
            return Ok(vec![ALL.to_owned()]);
        };
        let mut manifests = Vec::new();
        for now in &self.releases {
            let bucket = Bucket { cx, name: &now.bucket, folder: PUBLIC_FOLDER };
            let before = prior.releases.iter().find(|each| each.bucket == now.bucket);
            if before.is_some_and(|before| before.manifest_sha256 == now.manifest_sha256) {
                continue;
            }
            let old = match before {
                Some(before) => bucket.manifest(&before.manifest_sha256).await?,
                None => None,
            };
            manifests.push((old, bucket.manifest(&now.manifest_sha256).await?));
        }
        Ok(paths(manifests.iter().map(|(old, new)| (old.as_ref(), new.as_ref()))))
    }

    /// The same for each attempt at the same change, another for every other change: a release that
    /// comes back must be forgotten again.
    fn caller_reference(&self, prior: Option<&Self>) -> String {
        let text = serde_json::to_string(&(prior, self)).expect("plain data becomes JSON");
        format!("deployer-{}", hex::encode(Sha256::digest(text)))
    }
}

impl Effect for Invalidation {
    const TYPE: &'static str = "invalidation";
    const ACTIONS: &'static [&'static str] = &["cloudfront:CreateInvalidation", "s3:GetObject"];
    type Cloud = Cloud;

    async fn run(&self, cx: &Cx<Cloud>, prior: Option<&Self>) -> Result<(), CloudError> {
        let paths = self.changed(cx, prior).await?;
        if paths.is_empty() {
            return Ok(());
        }
        let quantity = i32::try_from(paths.len()).unwrap_or(i32::MAX);
        let paths =
            Paths::builder().quantity(quantity).set_items(Some(paths)).build().map_err(|error| unusable(&error))?;
        let batch = InvalidationBatch::builder()
            .paths(paths)
            .caller_reference(self.caller_reference(prior))
            .build()
            .map_err(|error| unusable(&error))?;
        let request = cx
            .cloud
            .cloudfront()
            .create_invalidation()
            .distribution_id(&self.distribution_id)
            .invalidation_batch(batch);
        // The same change was asked for already, when other manifests could be had.
        cx.cloud
            .find(
                "cloudfront:CreateInvalidation",
                &self.distribution_id,
                &["InvalidationBatchAlreadyExists"],
                request.send(),
            )
            .await
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site_manifest::ManifestFile;

    fn manifest(files: &[(&str, &str)]) -> Manifest {
        Manifest::new(
            files
                .iter()
                .map(|(path, content)| ManifestFile::new(path, content.as_bytes(), "text/html", "no-cache"))
                .collect(),
        )
        .unwrap()
    }

    fn between(old: &[(&str, &str)], new: &[(&str, &str)]) -> Vec<String> {
        paths([(Some(&manifest(old)), Some(&manifest(new)))])
    }

    #[test]
    fn changed_and_removed_pages_are_forgotten_and_new_ones_need_not() {
        let old = [("about.html", "1"), ("gone.html", "1"), ("same.html", "1"), ("assets/a-1.js", "1")];
        let new = [("about.html", "2"), ("new.html", "1"), ("same.html", "1"), ("assets/a-2.js", "1")];
        assert_eq!(between(&old, &new), ["/about.html", "/gone.html"]);
    }

    #[test]
    fn the_first_page_is_also_forgotten_under_its_shorter_address() {
        assert_eq!(between(&[("index.html", "1")], &[("index.html", "2")]), ["/", "/index.html"]);
    }

    #[test]
    fn nothing_changed_needs_no_call() {
        assert_eq!(between(&[("index.html", "1")], &[("index.html", "1"), ("app.js", "2")]), Vec::<String>::new());
        assert_eq!(paths([]), Vec::<String>::new());
    }

    #[test]
    fn many_pages_and_unknown_ones_are_all_pages() {
        let pages = |content: &'static str| (0..11).map(|each| (format!("{each}.html"), content)).collect::<Vec<_>>();
        let of = |pages: &[(String, &'static str)]| {
            manifest(&pages.iter().map(|(path, content)| (path.as_str(), *content)).collect::<Vec<_>>())
        };
        assert_eq!(paths([(Some(&of(&pages("1"))), Some(&of(&pages("2"))))]), ["/*"]);
        assert_eq!(paths([(Some(&of(&pages("1")[..10])), Some(&of(&pages("2")[..10])))]).len(), 10);
        assert_eq!(paths([(None, Some(&of(&pages("1"))))]), ["/*"]);
    }

    #[test]
    fn an_odd_name_is_asked_for_as_browsers_do() {
        assert_eq!(between(&[("über *.html", "1")], &[("über *.html", "2")]), ["/%C3%BCber%20%2A.html"]);
    }

    #[test]
    fn a_release_that_comes_back_is_another_change() {
        let served = |version: &str, manifest: &str| Invalidation {
            distribution_id: "E1".into(),
            releases: vec![Served { bucket: "b".into(), manifest_sha256: manifest.into(), version: version.into() }],
        };
        let (first, second, third) = (served("1", "a"), served("2", "b"), served("3", "a"));
        assert_eq!(second.caller_reference(Some(&first)), second.caller_reference(Some(&first)));
        assert_ne!(third.caller_reference(Some(&second)), first.caller_reference(None));
        assert_ne!(third.caller_reference(Some(&second)), second.caller_reference(Some(&first)));
    }
}
