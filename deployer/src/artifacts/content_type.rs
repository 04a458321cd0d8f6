//! What a browser is told that a file is.

/// Endings and types. Text says its character set: what is published here is UTF-8.
const TYPES: &[(&str, &str)] = &[
    ("html", "text/html; charset=utf-8"),
    ("htm", "text/html; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("cjs", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("map", "application/json"),
    ("jsonld", "application/ld+json"),
    ("geojson", "application/geo+json"),
    ("webmanifest", "application/manifest+json"),
    ("txt", "text/plain; charset=utf-8"),
    ("md", "text/markdown; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("ics", "text/calendar; charset=utf-8"),
    ("vcf", "text/vcard; charset=utf-8"),
    ("vtt", "text/vtt; charset=utf-8"),
    ("xml", "application/xml"),
    ("atom", "application/atom+xml"),
    ("rss", "application/rss+xml"),
    ("xhtml", "application/xhtml+xml"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("apng", "image/apng"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("avif", "image/avif"),
    ("ico", "image/vnd.microsoft.icon"),
    ("bmp", "image/bmp"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
    ("ttf", "font/ttf"),
    ("otf", "font/otf"),
    ("eot", "application/vnd.ms-fontobject"),
    ("mp3", "audio/mpeg"),
    ("m4a", "audio/mp4"),
    ("aac", "audio/aac"),
    ("flac", "audio/flac"),
    ("ogg", "audio/ogg"),
    ("oga", "audio/ogg"),
    ("opus", "audio/ogg"),
    ("wav", "audio/wav"),
    ("mp4", "video/mp4"),
    ("m4v", "video/mp4"),
    ("webm", "video/webm"),
    ("ogv", "video/ogg"),
    ("mov", "video/quicktime"),
    ("wasm", "application/wasm"),
    ("pdf", "application/pdf"),
    ("zip", "application/zip"),
    ("gz", "application/gzip"),
    ("gpx", "application/gpx+xml"),
    ("kml", "application/vnd.google-earth.kml+xml"),
];
/// Files whose ending says nothing, by their path below the site.
const BY_PATH: &[(&str, &str)] = &[
    (".well-known/apple-app-site-association", "application/json"),
    (".well-known/security.txt", "text/plain; charset=utf-8"),
];
/// What nobody knows is offered for saving, never run or shown.
const UNKNOWN: &str = "application/octet-stream";

/// The header `Content-Type` of a file of a site, by its path.
pub fn of(path: &str) -> &'static str {
    if let Some((_, found)) = BY_PATH.iter().find(|(each, _)| *each == path) {
        return found;
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    // A name that begins with its only point has no ending.
    let ending =
        name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, ending)| ending.to_ascii_lowercase());
    let found = ending.and_then(|ending| TYPES.iter().find(|(each, _)| *each == ending));
    found.map_or(UNKNOWN, |(_, found)| found)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn files_of_a_site_have_their_types() {
        for (path, expected) in [
            ("index.html", "text/html; charset=utf-8"),
            ("assets/index-CQVsjE6V.js", "text/javascript; charset=utf-8"),
            ("a/b.CSS", "text/css; charset=utf-8"),
            ("favicon.ico", "image/vnd.microsoft.icon"),
            ("logo.svg", "image/svg+xml"),
            ("site.webmanifest", "application/manifest+json"),
            ("font.woff2", "font/woff2"),
            ("app.wasm", "application/wasm"),
            ("robots.txt", "text/plain; charset=utf-8"),
            ("assets/index.js.map", "application/json"),
            (".well-known/apple-app-site-association", "application/json"),
            ("data.tar.gz", "application/gzip"),
            ("no-ending", "application/octet-stream"),
            (".html", "application/octet-stream"),
            ("folder.html/x", "application/octet-stream"),
        ] {
            assert_eq!(of(path), expected, "{path}");
        }
    }

    #[test]
    fn text_says_its_character_set_and_no_ending_stands_twice() {
        assert!(
            TYPES
                .iter()
                .filter(|(_, kind)| kind.starts_with("text/"))
                .all(|(_, kind)| kind.ends_with("; charset=utf-8"))
        );
        assert_eq!(TYPES.iter().map(|(ending, _)| ending).collect::<BTreeSet<_>>().len(), TYPES.len());
    }
}
