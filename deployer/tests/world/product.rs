//! The product of this repository, shipped from a copy of it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use deployer_local::files::Files;
use deployer_local::{Up, venv};
use serde_json::{Value, json};

use super::aws::{Answer, Aws};
use super::{Running, World, new_folder};

/// The repository.
const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// How often is looked whether what is awaited has come.
const POLL: Duration = Duration::from_millis(500);
/// A day and an hour from now: within the 48 hours that a nudge looks ahead.
const SOON_SECONDS: u64 = 25 * 3600;

/// The built site of the copy: no test of these runs npm.
pub const PAGE: &str = "<!doctype html><title>Ship Captain Crew</title><div id=app></div><script type=module src=/assets/index-Bk3x9QzT.js></script>\n";

impl World {
    /// A copy of the repository's files with a local AWS of its own; `auth`: one that enforces IAM.
    ///
    /// The packages of the copy have another version: cargo, which tells packages by name and version and not by
    /// where the workspace is, must not take them for those of the repository, which share the target directory.
    pub async fn product(auth: bool) -> Self {
        let folder = new_folder();
        copy(folder.path());
        let files = Files::of(folder.path());
        files.create().expect("folders");
        venv::prepare(Path::new(REPOSITORY), &|_| {}).await.expect("an environment for the local AWS");
        let there = fs::canonicalize(Files::of(Path::new(REPOSITORY)).venv()).expect("it is there");
        std::os::unix::fs::symlink(there, files.venv()).expect("a link");
        let options = Up { program: env!("CARGO_BIN_EXE_deployer").into(), auth: Some(auth), say: &|_| {} };
        let local = deployer_local::up(folder.path(), &options).await.unwrap_or_else(|error| panic!("{error}"));
        let world = Self::around(folder, local.endpoint, Running::Local(local.pid));
        world.edit("stacks/shipcaptaincrew.toml", "install = \"npm ci\"\nbuild   = \"npm run build\"\n", "");
        world.edit("Cargo.toml", "version = \"0.1.0\"", "version = \"0.1.0-e2e\"");
        let lock = world.read("Cargo.lock");
        world.write("Cargo.lock", &with_versions(&lock));
        world.write("site/dist/index.html", PAGE);
        world.write("site/dist/assets/index-Bk3x9QzT.js", "console.log('crew')\n");
        world.write("site/dist/favicon.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>\n");
        world
    }

    /// The label of the distribution's domain, `e1abc` of `e1abc.cloudfront.net`.
    pub async fn label(&self) -> String {
        let url = self.run("outputs -s shipcaptaincrew -e local url").await.exits(0).out;
        let host = url.trim().trim_start_matches("https://").trim_start_matches("http://");
        host.split('.').next().expect("a label").to_owned()
    }

    /// What a browser gets from the front door.
    pub async fn browse(&self, label: &str, path: &str) -> Answer {
        self.aws().ask(&format!("{label}.cloudfront.localhost"), path).await
    }

    /// A sail without a captain, a day and an hour from now.
    pub async fn seed_sail(&self) {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
        let departs = now + SOON_SECONDS;
        let item = json!({
            "event_id": { "S": "e2e-sunset-cruise" }, "calendar": { "S": "sails" }, "title": { "S": "Sunset cruise" },
            "vessel": { "S": "Jada" }, "departs_at": { "N": departs.to_string() },
            "returns_at": { "N": (departs + 7200).to_string() }, "guest_limit": { "N": "24" },
            "state": { "S": "confirmed" }, "slots": { "M": { "captain": { "N": "1" }, "deckhand": { "N": "2" } } },
        });
        put_item(&self.aws(), "shipcaptaincrew-local-events", item).await;
    }

    /// Runs git in the project, as somebody; it must succeed.
    pub fn git(&self, arguments: &[&str]) {
        let somebody = ["-c", "user.name=Jo", "-c", "user.email=jo@example.com"];
        let run = Command::new("git").arg("-C").arg(self.path("")).args(somebody).args(arguments).output();
        let told = run.expect("git");
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    }

    /// The mail that was sent to an address, as `deployer local mail` tells it.
    pub async fn mail_to(&self, address: &str) -> Vec<Value> {
        let mut mails = Vec::new();
        for line in self.run("local mail --json").await.exits(0).lines() {
            if line["type"] == "mail" && line["to"] == json!([address]) {
                let whole = self.run(&format!("local mail {} --json", line["number"])).await.exits(0).lines();
                mails.extend(whole.into_iter().filter(|line| line["type"] == "mail"));
            }
        }
        mails
    }

    /// The same, as soon as there are so many; a schedule fires once a minute.
    pub async fn awaited_mails(&self, address: &str, count: usize, limit: Duration) -> Vec<Value> {
        let awaited = async {
            loop {
                let mails = self.mail_to(address).await;
                if mails.len() >= count {
                    return mails;
                }
                tokio::time::sleep(POLL).await;
            }
        };
        tokio::time::timeout(limit, awaited).await.unwrap_or_else(|_| panic!("too few mails came to {address}"))
    }
}

async fn put_item(aws: &Aws, table: &str, item: Value) {
    aws.json("dynamodb", "DynamoDB_20120810.PutItem", json!({ "TableName": table, "Item": item })).await;
}

/// Copies the repository's own files: what git tracks, as it stands there now.
fn copy(folder: &Path) {
    let listed = Command::new("git").args(["-C", REPOSITORY, "ls-files", "-z"]).output().expect("git");
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let names = String::from_utf8(listed.stdout).expect("names in UTF-8");
    for name in names.split_terminator('\0') {
        let (from, to) = (Path::new(REPOSITORY).join(name), folder.join(name));
        let Ok(bytes) = fs::read(&from) else { continue };
        fs::create_dir_all(to.parent().expect("it is below the folder")).expect("folders");
        fs::write(&to, bytes).expect("a copy");
        let mode = fs::metadata(&from).expect("it is there").permissions().mode();
        fs::set_permissions(&to, fs::Permissions::from_mode(mode)).expect("a mode");
    }
}

/// The lock file with the version that the packages of the copy have: those without a source are the workspace's.
fn with_versions(lock: &str) -> String {
    let packages = lock.split("\n\n").map(|package| {
        if package.starts_with("[[package]]") && !package.contains("\nsource = ") {
            package.replacen("version = \"0.1.0\"", "version = \"0.1.0-e2e\"", 1)
        } else {
            package.to_owned()
        }
    });
    packages.collect::<Vec<_>>().join("\n\n")
}
