//! Files that a Rust source takes in besides its modules: `include_str!`, `include_bytes!`,
//! `include!` and `#[path = "…"]`.
//!
//! They may stand anywhere in the project, so the package's folder alone does not tell what a
//! binary is made of. A name in a comment is found as well: that hashes a file too many, never one
//! too few.

/// What stands before the name.
const MACROS: &[&str] = &["include_str!", "include_bytes!", "include!"];
/// How a path from the package's folder begins, as `concat!` writes it.
const FROM_PACKAGE: &str = "env!(\"CARGO_MANIFEST_DIR\")";
/// Marks a path from the package's folder in what [`find`] returns.
pub const PACKAGE: &str = "$package";

/// The paths that a source names, as written: relative to its own folder, or `$package/…`.
pub fn find(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for word in MACROS {
        found.extend(after(source, word).filter_map(macro_argument));
    }
    found.extend(after(source, "#[path").filter_map(|rest| literal(rest.trim_start().strip_prefix('=')?)));
    found.sort();
    found.dedup();
    found
}

/// What follows each place where the word stands.
fn after<'a>(source: &'a str, word: &'a str) -> impl Iterator<Item = &'a str> {
    source.match_indices(word).map(|(at, _)| &source[at + word.len()..])
}

fn macro_argument(rest: &str) -> Option<String> {
    let inside = rest.trim_start().strip_prefix(['(', '[', '{'])?.trim_start();
    let Some(joined) = inside.strip_prefix("concat!") else { return literal(inside) };
    let joined = joined.trim_start().strip_prefix(['(', '[', '{'])?.trim_start();
    let rest = joined.strip_prefix(FROM_PACKAGE)?.trim_start().strip_prefix(',')?;
    Some(format!("{PACKAGE}{}", literal(rest)?))
}

/// The text of a string literal, plain or raw. An escape makes it none: paths have no need of them.
fn literal(rest: &str) -> Option<String> {
    let rest = rest.trim_start();
    if let Some(raw) = rest.strip_prefix('r') {
        let marks = raw.len() - raw.trim_start_matches('#').len();
        let body = raw[marks..].strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(marks));
        return body.find(&end).map(|at| body[..at].to_owned());
    }
    let body = rest.strip_prefix('"')?;
    let text = &body[..body.find('"')?];
    (!text.contains('\\')).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_take_a_file_in_is_found() {
        let source = r##"
            const A: &str = include_str!("../README.md");
            static B: &[u8] = include_bytes![ r#"data/b.bin"# ];
            const C: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json"));
            include!("tables.rs");
            #[path = "../../common/mod.rs"]
            mod common;
        "##;
        assert_eq!(
            find(source),
            ["$package/openapi.json", "../../common/mod.rs", "../README.md", "data/b.bin", "tables.rs"]
        );
    }

    #[test]
    fn what_names_no_file_is_passed_over() {
        for source in [
            "include!(concat!(env!(\"OUT_DIR\"), \"/x.rs\"))",
            "include_str!(NAME)",
            "include_str!",
            "#[path",
            "include_str!(\"a",
            "include_bytes!(r#\"a\")",
            "é",
        ] {
            assert_eq!(find(source), Vec::<String>::new(), "{source}");
        }
    }
}
