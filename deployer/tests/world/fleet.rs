//! A product of every kind of resource, small enough to be brought up again and again.

use deployer_testbed::Emulator;

use super::{Running, World, new_folder};

const STACK: &str = r#"stack = { name = "fleet", region = "us-west-2" }
[env.local]
endpoint = "local"
[table.sails]
key     = { hash = "sail_id:S" }
indexes = { by-day = { hash = "day:S" } }
ttl     = "expires_at"
recovery = true
[param.greeting]
value = "ahoy"
[param.url]
value = "${cdn.main.url}"
[secret.origin]
kind = "random"
[mail.main]
from = "crew@example.com"
[function.hello]
build  = { package = "hello" }
url    = { auth = "cdn", secret = "secret.origin" }
env    = { SAILS = "${table.sails.name}" }
grants = ["rw table.sails", "send mail.main"]
[schedule.hourly]
rate   = "1 hour"
target = "function.hello"
[site.web]
dir = "web"
[waf.edge]
managed = [{ set = "core" }]
[cdn.main]
waf   = "waf.edge"
route = [{ path = "/api/*", to = "function.hello" }, { path = "/*", to = "site.web", spa = "index.html" }]
[output]
url = "${cdn.main.url}"
"#;

impl World {
    /// The fleet's project, not yet up. It builds in a target directory of its own.
    pub async fn fleet() -> Self {
        let mut world = Self::before(new_folder(), Emulator::start().await);
        world.target = world.path("target");
        world.write("stacks/fleet.toml", STACK);
        world.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"hello\"]\n");
        world.write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"hello\"\nversion = \"0.1.0\"\n");
        world.write("hello/Cargo.toml", "[package]\nname = \"hello\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        world.write("hello/src/main.rs", "fn main() {\n    println!(\"ahoy\");\n}\n");
        world.write(
            "web/index.html",
            "<!doctype html><title>Fleet</title><script src=/assets/app-Bk3x9QzT.js></script>\n",
        );
        world.write("web/assets/app-Bk3x9QzT.js", "console.log('ahoy')\n");
        world
    }

    /// Forgets what is up, on both sides: the fleet was never shipped. What is built stays.
    pub async fn forget(&self) {
        let Running::Emulator(emulator) = &self.aws else { panic!("a local AWS keeps what it has") };
        emulator.reset().await;
        self.wire.clear();
        match std::fs::remove_dir_all(self.path(".deployer/state")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
            _ => {}
        }
    }
}
