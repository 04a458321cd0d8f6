//! The files of the stacks that are measured.

use std::fmt::Write as _;

/// One file of a project: its path and its content.
pub type File = (String, Vec<u8>);

/// The product: what `docs/speed.md` calls the standard stack.
pub const PRODUCT: &str = "product";
/// A site of many files.
pub const SITE: &str = "site";
/// Parameters alone.
pub const PARAMETERS: &str = "parameters";

/// How many parameters that stack has.
pub const PARAMETER_COUNT: usize = 1_000;
/// Bytes that no compression makes fewer, so that each zip is about so large.
const FUNCTION_BYTES: usize = 6_000_000;
/// The functions of the product.
const FUNCTIONS: [&str; 2] = ["api", "job"];

/// How large a site is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Its files, the page included.
    pub files: usize,
    /// All of them together.
    pub bytes: usize,
}

/// The site of the product.
pub const SMALL: Size = Size { files: 200, bytes: 7_600_000 };
/// A site of 100 MB.
pub const LARGE: Size = Size { files: 5_000, bytes: 100_000_000 };

const PRODUCT_STACK: &str = r#"
stack = { name = "product", region = "us-west-2", tags = { owner = "bench" } }

[env.local]
endpoint = "local"

[function.api]
build  = { package = "api" }
url    = { auth = "none" }
grants = ["rw table.t1", "rw table.t2", "send mail.main"]

[function.job]
build  = { package = "job" }
grants = ["rw table.t3"]

[schedule.hourly]
rate   = "1 hour"
target = "function.job"

[mail.main]
from     = "bench@example.com"
existing = false

[site.web]
dir = "site/dist"

[waf.edge]
rate = [{ limit = 1000 }]

[cdn.main]
waf   = "waf.edge"
route = [{ path = "/*", to = "site.web" }]
"#;

/// Everything of the product.
pub fn product() -> Vec<File> {
    let mut stack = PRODUCT_STACK.to_owned();
    for number in 1..=5 {
        let _ = write!(stack, "\n[table.t{number}]\nkey = {{ hash = \"id:S\" }}\n");
    }
    for number in 1..=6 {
        let _ = write!(stack, "\n[param.p{number}]\nvalue = \"{number}\"\n");
    }
    let mut files = vec![(format!("stacks/{PRODUCT}.toml"), stack.into_bytes())];
    files.extend(functions());
    files.extend(site(SMALL));
    files
}

/// What of the product a change touches: the code of one function and one file of the site.
pub fn changed() -> Vec<File> {
    vec![code(FUNCTIONS[0], "changed"), page("changed")]
}

/// A stack that is a site and nothing else.
pub fn site_alone(size: Size) -> Vec<File> {
    let stack = format!(
        "stack = {{ name = \"{SITE}\", region = \"us-west-2\" }}\n[env.local]\nendpoint = \"local\"\n[site.web]\ndir = \"site/dist\"\n"
    );
    [vec![(format!("stacks/{SITE}.toml"), stack.into_bytes())], site(size)].concat()
}

/// A stack of parameters and nothing else.
pub fn parameters() -> Vec<File> {
    let mut stack =
        format!("stack = {{ name = \"{PARAMETERS}\", region = \"us-west-2\" }}\n[env.local]\nendpoint = \"local\"\n");
    for number in 1..=PARAMETER_COUNT {
        let _ = write!(stack, "[param.p{number}]\nvalue = \"{number}\"\n");
    }
    vec![(format!("stacks/{PARAMETERS}.toml"), stack.into_bytes())]
}

/// A Cargo workspace of functions that are large and do nothing.
fn functions() -> Vec<File> {
    let members = FUNCTIONS.map(|name| format!("\"{name}\"")).join(", ");
    let locked = FUNCTIONS.map(|name| format!("\n[[package]]\nname = \"{name}\"\nversion = \"0.1.0\"\n")).concat();
    let mut files = vec![
        ("Cargo.toml".to_owned(), format!("[workspace]\nresolver = \"3\"\nmembers = [{members}]\n").into_bytes()),
        ("Cargo.lock".to_owned(), format!("version = 4\n{locked}").into_bytes()),
    ];
    for (seed, name) in (1..).zip(FUNCTIONS) {
        let manifest = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        files.push((format!("{name}/Cargo.toml"), manifest.into_bytes()));
        files.push((format!("{name}/src/data.bin"), noise(seed, FUNCTION_BYTES)));
        files.push(code(name, "first"));
    }
    files
}

fn code(name: &str, words: &str) -> File {
    let text = format!(
        "static DATA: &[u8] = include_bytes!(\"data.bin\");\n\nfn main() {{\n    println!(\"{words} {{}}\", std::hint::black_box(DATA).len());\n}}\n"
    );
    (format!("{name}/src/main.rs"), text.into_bytes())
}

fn site(size: Size) -> Vec<File> {
    let each = size.bytes / size.files;
    let assets = (1..size.files).map(|number| {
        let seed = u64::try_from(number).unwrap_or_default();
        (format!("site/dist/assets/{:02}/part-{number:08x}.woff2", number % 50), noise(seed, each))
    });
    [page("first")].into_iter().chain(assets).collect()
}

fn page(words: &str) -> File {
    ("site/dist/index.html".to_owned(), format!("<!doctype html><title>{words}</title>\n").into_bytes())
}

/// Bytes that look random and are the same each time. Source of the steps: splitmix64.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).to_le_bytes()
    };
    let mut bytes: Vec<u8> = (0..length.div_ceil(8)).flat_map(|_| next()).collect();
    bytes.truncate(length);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_site_has_as_many_files_and_bytes_as_it_says_and_no_two_alike() {
        let files = site(SMALL);
        assert_eq!(files.len(), SMALL.files);
        let bytes: usize = files.iter().map(|(_, content)| content.len()).sum();
        assert!(bytes.abs_diff(SMALL.bytes) < SMALL.bytes / 100, "{bytes}");
        assert_eq!(files.iter().map(|(path, _)| path).collect::<BTreeSet<_>>().len(), files.len());
        assert_eq!(files.iter().map(|(_, content)| content).collect::<BTreeSet<_>>().len(), files.len());
    }

    #[test]
    fn a_change_is_one_function_and_one_file_of_what_is_there() {
        let product = product();
        for (path, content) in changed() {
            let former = product.iter().find(|(each, _)| *each == path).map(|(_, content)| content);
            assert!(former.is_some_and(|former| *former != content), "{path}");
        }
        assert_eq!(changed().len(), 2);
    }
}
