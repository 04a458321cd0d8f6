//! Every command of the guides, and of pages that are written like them, is run and does what the guide says.
//!
//! A guide is Markdown. A block with a path (```` ```toml stacks/harbour.toml ````) is written to that file. Of a block
//! `console` each line after `$ ` is run; the lines below it must be said, `…` standing for anything. A command ends with 0,
//! or as `# exit N` behind it says.

use std::collections::BTreeMap;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::process::Command;

use crate::world::{Ran, World, ran};

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs");

/// One thing that a reader of a guide does.
#[derive(Debug, PartialEq, Eq)]
enum Act {
    Write { path: String, text: String },
    Run { line: usize, command: String, exit: i32, said: Vec<String> },
}

/// What a guide has its reader do, in order.
fn acts(guide: &str) -> Vec<Act> {
    let mut acts = Vec::new();
    let mut lines = guide.lines().enumerate();
    while let Some((_, line)) = lines.next() {
        let Some(block) = line.strip_prefix("```") else { continue };
        let body: Vec<_> = lines.by_ref().take_while(|(_, line)| *line != "```").collect();
        match block.split_once(' ') {
            Some((_, path)) => {
                let text = body.iter().map(|(_, line)| format!("{line}\n")).collect();
                acts.push(Act::Write { path: path.to_owned(), text });
            }
            None if block == "console" => acts.extend(runs(&body)),
            None => {}
        }
    }
    acts
}

fn runs(body: &[(usize, &str)]) -> Vec<Act> {
    let mut runs: Vec<Act> = Vec::new();
    for (at, text) in body {
        match (text.strip_prefix("$ "), runs.last_mut()) {
            (Some(command), _) => {
                let (command, exit) = command.split_once("# exit ").unwrap_or((command, "0"));
                let exit = exit.trim().parse().unwrap_or_else(|_| panic!("line {}: an exit code", at + 1));
                runs.push(Act::Run { line: at + 1, command: command.trim().to_owned(), exit, said: Vec::new() });
            }
            (None, Some(Act::Run { said, .. })) => said.push((*text).to_owned()),
            (None, _) => panic!("line {}: a block begins with a command", at + 1),
        }
    }
    runs
}

/// Whether somebody said it: the parts between `…` in their order on one line, spaces as they like.
fn is_said(wanted: &str, ran: &Ran) -> bool {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let parts: Vec<String> = wanted.split('…').map(plain).collect();
    ran.out.lines().chain(ran.err.lines()).map(plain).any(|line| {
        let mut rest = line.as_str();
        parts.iter().all(|part| match rest.split_once(part.as_str()) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        })
    })
}

/// Cargo in the project's folder, with what this machine has fetched.
fn cargo(world: &World, arguments: &str) -> Command {
    let mut command = Command::new("cargo");
    command
        .args(arguments.split_whitespace())
        .current_dir(world.folder.path())
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_TARGET_DIR", &world.target)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn follow(guide: &str, world: &World) {
    let text = std::fs::read_to_string(format!("{DOCS}/{guide}.md")).expect("the guide is there");
    let acts = acts(&text);
    assert!(acts.iter().any(|act| matches!(act, Act::Run { .. })), "{guide} has its reader run something");
    for act in acts {
        match act {
            Act::Write { path, text } => world.write(&path, &text),
            Act::Run { line, command, exit, said } => {
                let ran = match command.split_once(' ') {
                    Some(("deployer", arguments)) => world.run(arguments).await,
                    Some(("cargo", arguments)) => ran(&mut cargo(world, arguments)).await,
                    _ => panic!("{guide}:{line}: {command}: a guide runs deployer and cargo"),
                };
                assert_eq!(ran.status.code(), Some(exit), "{guide}:{line}: {command}\n{ran}");
                for wanted in said {
                    assert!(is_said(&wanted, &ran), "{guide}:{line}: {command} does not say\n{wanted}\nbut\n{ran}");
                }
            }
        }
    }
}

/// An empty folder called `harbour`, before an AWS of its own.
async fn harbour() -> (World, TempDir) {
    let around = tempfile::tempdir().expect("a folder");
    let folder = tempfile::Builder::new().prefix("harbour").rand_bytes(0).tempdir_in(around.path()).expect("a folder");
    (World::within(folder).await, around)
}

#[tokio::test]
async fn a_first_deploy() {
    let (world, _around) = harbour().await;
    follow("guides/first-deploy", &world).await;
}

#[tokio::test]
async fn adding_a_function() {
    follow("guides/add-a-function", &World::product(false).await).await;
}

#[tokio::test]
async fn a_plaintext_file_is_imported_applied_and_read_by_a_function() {
    follow("secrets", &World::product(false).await).await;
}

#[tokio::test]
async fn adding_a_site() {
    let (world, _around) = harbour().await;
    follow("guides/add-a-site", &world).await;
}

#[tokio::test]
async fn alarms() {
    let (world, _around) = harbour().await;
    follow("guides/alarms", &world).await;
}

#[tokio::test]
async fn a_domain_of_ones_own() {
    let (world, _around) = harbour().await;
    follow("guides/domains", &world).await;
}

#[tokio::test]
async fn environments() {
    let (world, _around) = harbour().await;
    follow("guides/environments", &world).await;
}

#[tokio::test]
async fn in_a_pipeline() {
    let (world, _around) = harbour().await;
    follow("guides/pipelines", &world).await;
}

#[tokio::test]
async fn troubleshooting() {
    let (world, _around) = harbour().await;
    follow("guides/troubleshooting", &world).await;
}

/// The commands that a text names: code that begins with `deployer `, up to what is no word, value or flag.
fn named(text: &str) -> Vec<Vec<&str>> {
    let mut in_block = false;
    let mut found = Vec::new();
    for line in text.lines() {
        in_block ^= line.starts_with("```");
        let spans: Vec<&str> = if in_block { vec![line] } else { line.split('`').skip(1).step_by(2).collect() };
        for span in spans {
            let span = span.trim_start();
            let Some(command) = span.strip_prefix("$ ").unwrap_or(span).strip_prefix("deployer ") else { continue };
            let words = command.split(' ').take_while(|each| !each.is_empty() && !["|", "#", "&&"].contains(each));
            let words: Vec<_> = words.map(|each| each.trim_end_matches([',', ')', ']', ';', '"'])).collect();
            if words.first().is_some_and(|verb| verb.chars().all(|each| each.is_ascii_lowercase() || each == '-')) {
                found.push(words);
            }
        }
    }
    found
}

#[tokio::test]
async fn every_command_and_flag_that_the_documentation_names_is_one() {
    let (world, _around) = harbour().await;
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let mut pages = vec![format!("{root}/README.md"), format!("{root}/ARCHITECTURE.md")];
    for folder in ["docs", "docs/guides"] {
        let entries = std::fs::read_dir(format!("{root}/{folder}")).unwrap().map(|each| each.unwrap().path());
        pages.extend(
            entries
                .filter(|path| path.extension().is_some_and(|each| each == "md"))
                .map(|path| path.display().to_string()),
        );
    }
    let mut helps: BTreeMap<Vec<&str>, String> = BTreeMap::new();
    let texts: Vec<(String, String)> = pages
        .into_iter()
        .map(|page| (std::fs::read_to_string(&page).unwrap(), page))
        .map(|(text, page)| (page, text))
        .collect();
    let mut named_at_all = 0;
    for (page, text) in &texts {
        for words in named(text) {
            let verbs: Vec<&str> = words
                .iter()
                .copied()
                .take(if ["local", "lock", "state", "secrets"].contains(&words[0]) { 2 } else { 1 })
                .filter(|each| each.chars().all(|each| each.is_ascii_lowercase()))
                .collect();
            if !helps.contains_key(&verbs) {
                let ran = world.run(&format!("{} --help", verbs.join(" "))).await;
                assert_eq!(ran.status.code(), Some(0), "{page}: `deployer {}` is no command", words.join(" "));
                helps.insert(verbs.clone(), ran.out);
            }
            for flag in words.iter().filter(|each| each.starts_with("--") && each.len() > 2) {
                let flag = flag.split('=').next().unwrap_or_default();
                assert!(helps[&verbs].contains(flag), "{page}: `deployer {}` has no {flag}", words.join(" "));
            }
            named_at_all += 1;
        }
    }
    assert!(named_at_all > 50, "{named_at_all} commands were found");
}

#[test]
fn no_guide_is_forgotten() {
    let tests = include_str!("guides.rs");
    for entry in std::fs::read_dir(format!("{DOCS}/guides")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let guide = name.strip_suffix(".md").unwrap_or_else(|| panic!("{name} is no guide"));
        assert!(tests.contains(&format!("follow(\"guides/{guide}\"")), "{guide} is followed by no test");
    }
}

#[test]
fn a_guide_is_read_as_its_reader_reads_it() {
    let guide = "# G\n```toml a.toml\nx = 1\n```\ntext\n```console\n$ deployer plan  # exit 2\nsaid\n$ deployer up\n```\n```yaml\nno: act\n```\n";
    let run = |line, command: &str, exit, said: &[&str]| Act::Run {
        line,
        command: command.to_owned(),
        exit,
        said: said.iter().map(|each| (*each).to_owned()).collect(),
    };
    let wanted = [
        Act::Write { path: "a.toml".to_owned(), text: "x = 1\n".to_owned() },
        run(7, "deployer plan", 2, &["said"]),
        run(9, "deployer up", 0, &[]),
    ];
    assert_eq!(acts(guide), wanted);
}
