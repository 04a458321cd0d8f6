//! What of a release must be uploaded: decided from manifests and one listing. Pure.

use std::collections::BTreeMap;

use crate::site_manifest::{Manifest, ManifestFile};

/// An object as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    /// Bytes.
    pub(super) size: u64,
    /// The ETag without its quotes: the MD5 of what was put in one piece.
    pub(super) etag: String,
    /// When it was written, in seconds since 1970: finer than that S3 does not tell everywhere.
    pub(super) written_at: i64,
}

/// Objects by their path below the served folder.
pub(super) type Listing = BTreeMap<String, Listed>;

/// How a served object compares to its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The content is right, and so are the headers: nobody touched it since the release.
    Right,
    /// It is missing, or has another content.
    Wrong,
    /// The content is right, but it was written after the release: its headers may differ.
    Touched,
}

/// Judges an object by its entry in the manifest that was released at `released_at`.
pub(super) fn verdict(file: &ManifestFile, listing: &Listing, released_at: i64) -> Verdict {
    match listing.get(&file.path) {
        Some(object) if has_content(object, file) && object.written_at <= released_at => Verdict::Right,
        Some(object) if has_content(object, file) => Verdict::Touched,
        _ => Verdict::Wrong,
    }
}

fn has_content(object: &Listed, file: &ManifestFile) -> bool {
    object.size == file.size && object.etag == file.md5
}

/// From what the headers of listed objects are known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known<'a> {
    /// The manifest that is served, and when its release was complete.
    pub(super) served: Option<(&'a Manifest, i64)>,
    /// When an earlier attempt at the wanted manifest began: what was written since is as it says.
    pub(super) resumed_at: Option<i64>,
}

/// The files to upload, pages last: a page is served only when all that it names is there.
///
/// A file whose content lies in the bucket is uploaded again when its headers differ or cannot be known.
pub(super) fn due<'m>(wanted: &'m Manifest, listing: &Listing, known: &Known<'_>) -> Vec<&'m ManifestFile> {
    let served = known.served.map(|(manifest, written_at)| (manifest.by_path(), written_at));
    let is_there = |file: &ManifestFile| {
        let Some(object) = listing.get(&file.path).filter(|object| has_content(object, file)) else { return false };
        let as_served = served.as_ref().is_some_and(|(entries, released_at)| {
            entries.get(file.path.as_str()) == Some(&file) && object.written_at <= *released_at
        });
        as_served || known.resumed_at.is_some_and(|began| object.written_at >= began)
    };
    let mut due: Vec<_> = wanted.files().iter().filter(|file| !is_there(file)).collect();
    due.sort_by_key(|file| file.is_page());
    due
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, content: &str) -> ManifestFile {
        ManifestFile::new(path, content.as_bytes(), "text/plain", "no-cache")
    }

    fn manifest(files: &[(&str, &str)]) -> Manifest {
        Manifest::new(files.iter().map(|(path, content)| file(path, content)).collect()).unwrap()
    }

    fn listing(manifest: &Manifest, written_at: i64) -> Listing {
        manifest
            .files()
            .iter()
            .map(|each| (each.path.clone(), Listed { size: each.size, etag: each.md5.clone(), written_at }))
            .collect()
    }

    fn paths(due: &[&ManifestFile]) -> Vec<String> {
        due.iter().map(|each| each.path.clone()).collect()
    }

    #[test]
    fn a_first_release_uploads_everything_and_its_pages_last() {
        let wanted = manifest(&[("about.html", "a"), ("assets/app.js", "j"), ("index.html", "i"), ("robots.txt", "r")]);
        let due = due(&wanted, &Listing::new(), &Known::default());
        assert_eq!(paths(&due), ["assets/app.js", "robots.txt", "about.html", "index.html"]);
    }

    #[test]
    fn a_release_that_is_served_already_uploads_nothing() {
        let wanted = manifest(&[("a.js", "j"), ("index.html", "i")]);
        let known = Known { served: Some((&wanted, 100)), resumed_at: None };
        assert_eq!(due(&wanted, &listing(&wanted, 100), &known), Vec::<&ManifestFile>::new());
    }

    #[test]
    fn only_what_is_missing_or_has_another_content_is_uploaded() {
        let old = manifest(&[("a.js", "1"), ("b.js", "1"), ("index.html", "1")]);
        let wanted = manifest(&[("a.js", "1"), ("b.js", "2"), ("c.js", "1"), ("index.html", "2")]);
        let known = Known { served: Some((&old, 100)), resumed_at: None };
        assert_eq!(paths(&due(&wanted, &listing(&old, 90), &known)), ["b.js", "c.js", "index.html"]);
    }

    #[test]
    fn other_headers_for_the_same_content_are_an_upload() {
        let old = manifest(&[("a.js", "1")]);
        let wanted =
            Manifest::new(vec![ManifestFile { cache_control: "public, max-age=60".into(), ..file("a.js", "1") }])
                .unwrap();
        let known = Known { served: Some((&old, 100)), resumed_at: None };
        assert_eq!(paths(&due(&wanted, &listing(&old, 90), &known)), ["a.js"]);
    }

    #[test]
    fn an_object_that_somebody_wrote_after_the_release_is_uploaded_again() {
        let wanted = manifest(&[("a.js", "1")]);
        let known = Known { served: Some((&wanted, 100)), resumed_at: None };
        assert_eq!(paths(&due(&wanted, &listing(&wanted, 101), &known)), ["a.js"]);
    }

    #[test]
    fn a_second_attempt_goes_on_where_the_first_was_cut_off() {
        let wanted = manifest(&[("a.js", "1"), ("b.js", "1"), ("index.html", "1")]);
        let mut listed = listing(&wanted, 205);
        listed.remove("index.html");
        listed.insert("b.js".into(), Listed { written_at: 150, ..listed["b.js"].clone() });
        let known = Known { served: None, resumed_at: Some(200) };
        assert_eq!(paths(&due(&wanted, &listed, &known)), ["b.js", "index.html"]);
    }

    #[test]
    fn a_changed_object_is_told_from_a_touched_one() {
        let wanted = manifest(&[("a.js", "1")]);
        let entry = &wanted.files()[0];
        assert_eq!(verdict(entry, &listing(&wanted, 100), 100), Verdict::Right);
        assert_eq!(verdict(entry, &listing(&wanted, 101), 100), Verdict::Touched);
        assert_eq!(verdict(entry, &listing(&manifest(&[("a.js", "2")]), 90), 100), Verdict::Wrong);
        assert_eq!(verdict(entry, &Listing::new(), 100), Verdict::Wrong);
    }
}
