//! What builds see of the environment: what is listed here, and nothing that opens a door (no `AWS_…`, no tokens).

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Who and where: what every program expects.
const OF_PEOPLE: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "TMPDIR",
    "TMP",
    "TEMP",
    "LANG",
    "LANGUAGE",
    "TERM",
    "COLUMNS",
    "NO_COLOR",
    "CI",
    "TZ",
    "SOURCE_DATE_EPOCH",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
];
/// How the outside is reached from behind a proxy or with a company's own certificates.
const OF_NETWORK: &[&str] = &[
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
];
/// What compilers and linkers go by.
const OF_COMPILERS: &[&str] = &[
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTFLAGS",
    "CC",
    "CXX",
    "AR",
    "CFLAGS",
    "CXXFLAGS",
    "LDFLAGS",
    "MAKEFLAGS",
    "PKG_CONFIG_PATH",
    "SDKROOT",
    "DEVELOPER_DIR",
    "MACOSX_DEPLOYMENT_TARGET",
    "LIBRARY_PATH",
    "CPATH",
    "CARGO_HOME",
    "CARGO_TARGET_DIR",
    "CARGO_INCREMENTAL",
    "CARGO_ENCODED_RUSTFLAGS",
];
/// What Node and npm go by.
const OF_NODE: &[&str] = &[
    "NODE_OPTIONS",
    "NODE_PATH",
    "NVM_DIR",
    "npm_config_cache",
    "npm_config_registry",
    "npm_config_offline",
    "npm_config_prefer_offline",
];
/// What Rust's tools and the language go by, by how the names begin.
const ALLOWED_BEGINNINGS: &[&str] = &[
    "LC_",
    "RUSTUP_",
    "CARGO_BUILD_",
    "CARGO_PROFILE_",
    "CARGO_NET_",
    "CARGO_HTTP_",
    "CARGO_TARGET_",
    "CARGO_ZIGBUILD_",
];
/// Words in a name that close the door again.
const SECRETS: &[&str] = &["TOKEN", "SECRET", "PASSWORD", "CREDENTIAL", "PRIVATE"];

/// Whether a build may see the variable of that name.
fn is_allowed(name: &str) -> bool {
    let listed = [OF_PEOPLE, OF_NETWORK, OF_COMPILERS, OF_NODE].iter().any(|names| names.contains(&name))
        || ALLOWED_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning));
    let upper = name.to_uppercase();
    listed && !SECRETS.iter().any(|word| upper.contains(word))
}

/// The part of an environment that builds may see.
pub fn allowed(environment: impl IntoIterator<Item = (OsString, OsString)>) -> Vec<(OsString, OsString)> {
    environment.into_iter().filter(|(name, _)| name.to_str().is_some_and(is_allowed)).collect()
}

/// The place of a program, looked up in the `PATH` of an environment.
pub fn find(program: &str, environment: &[(OsString, OsString)]) -> Option<PathBuf> {
    let path = environment.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value)?;
    std::env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(program))
        .find(|place| is_program(place))
}

fn is_program(place: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(place).is_ok_and(|facts| facts.is_file() && facts.permissions().mode() & 0o111 != 0)
}

/// The environment with a folder put before all others on the `PATH`.
pub fn with_path(environment: &[(OsString, OsString)], folder: &Path) -> Vec<(OsString, OsString)> {
    let old = environment.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value.clone()).unwrap_or_default();
    let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&old));
    let path = std::env::join_paths(folders).unwrap_or(old);
    let others = environment.iter().filter(|(name, _)| name != "PATH").cloned();
    others.chain([("PATH".into(), path)]).collect()
}

#[cfg(test)]
mod tests {
    use super::super::child::Child;
    use super::*;

    #[tokio::test]
    async fn a_build_sees_the_allowed_variables_alone() {
        let pairs = [
            ("HOME", "/home/x"),
            ("LC_ALL", "C"),
            ("CARGO_TARGET_DIR", "/t"),
            ("AWS_SECRET_ACCESS_KEY", "canary"),
            ("AWS_PROFILE", "canary"),
            ("GITHUB_TOKEN", "canary"),
            ("CARGO_REGISTRY_TOKEN", "canary"),
            ("CARGO_REGISTRIES_X_TOKEN", "canary"),
            ("CARGO_NET_TOKEN", "canary"),
            ("CARGO_MANIFEST_DIR", "canary"),
            ("npm_config__authToken", "canary"),
            ("DEPLOYER_PROFILE", "canary"),
            ("LD_PRELOAD", "canary"),
        ];
        let path = std::env::var_os("PATH").unwrap();
        let given = pairs.into_iter().map(|(name, value)| (name.into(), value.into())).chain([("PATH".into(), path)]);
        let environment = allowed(given);
        let child = Child { program: "env", arguments: Vec::new(), folder: Path::new("/"), environment: &environment };
        let mut lines = Vec::new();
        assert!(child.run(&mut |_, line| lines.push(line.to_owned())).await.unwrap().success());
        assert!(!lines.iter().any(|line| line.contains("canary")), "{lines:?}");
        for expected in ["HOME=/home/x", "LC_ALL=C", "CARGO_TARGET_DIR=/t"] {
            assert!(lines.iter().any(|line| line == expected), "{expected}");
        }
    }

    #[test]
    fn a_folder_put_first_on_the_path_is_looked_into_first() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("sh");
        std::fs::write(&program, "").unwrap();
        let environment = with_path(&[("PATH".into(), "relative:/usr/bin:/bin".into())], folder.path());
        assert_ne!(find("sh", &environment), Some(program.clone()), "it cannot be run");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(find("sh", &environment), Some(program));
        assert_eq!(find("no-such-program", &environment), None);
    }
}
