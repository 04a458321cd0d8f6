//! What an editor offers to who writes a stack file, asked of a language server that people use.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use deployer_local::venv::prepare_in;
use serde_json::{Value, json};

/// The language server, with the hashes of its files.
const REQUIREMENTS: &str = include_str!("../tools/tombi.txt");
/// Its home: one for all tests of the project.
const HOME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../.deployer/editor");
/// The schema that the first line of a stack file names.
const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema/stack.json");
/// Every stack file begins so.
const HEADER: &str = "#:schema ../schema/stack.json\nstack = { name = \"crew\", region = \"us-west-2\" }\n\n";
/// How long it may offer nothing. A hang guard: half a second on an idle machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// What the cursor is, in the texts below.
const CURSOR: char = '|';

/// A language server that has a project open. It ends when this is dropped.
struct Editor {
    server: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    folder: tempfile::TempDir,
    asked: u64,
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Editor {
    async fn open() -> Self {
        std::fs::create_dir_all(HOME).expect("a folder");
        let python = prepare_in(Path::new(HOME), REQUIREMENTS, &|| eprintln!("preparing tombi (once) …"))
            .await
            .expect("a language server");
        let folder = tempfile::tempdir().expect("a folder");
        for each in ["schema", "stacks"] {
            std::fs::create_dir(folder.path().join(each)).expect("a folder");
        }
        std::fs::copy(SCHEMA, folder.path().join("schema/stack.json")).expect("the schema is there");
        // Nothing is asked of the net: the file names its schema.
        std::fs::write(folder.path().join("tombi.toml"), "[schema]\ncatalog = { paths = [] }\n").expect("a file");
        let mut server = Command::new(python.with_file_name("tombi"))
            .arg("lsp")
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let (to, from) =
            (server.stdin.take().expect("it is piped"), BufReader::new(server.stdout.take().expect("it is piped")));
        let mut editor = Self { server, to, from, folder, asked: 0 };
        let root = editor.uri("");
        let opened = json!({ "processId": null, "rootUri": root, "capabilities": {}, "workspaceFolders": [{ "uri": root, "name": "crew" }] });
        editor.ask("initialize", opened);
        editor.send(&json!({ "method": "initialized", "params": {} }));
        editor
    }

    fn uri(&self, path: &str) -> String {
        format!("file://{}/{path}", self.folder.path().display())
    }

    fn send(&mut self, message: &Value) {
        let mut message = message.clone();
        message["jsonrpc"] = json!("2.0");
        let text = message.to_string();
        write!(self.to, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("it listens");
        self.to.flush().expect("it listens");
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.from.read_line(&mut line).expect("it answers") > 0, "the language server has ended");
            match line.trim_end().split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.parse().expect("a length");
                }
                Some(_) => {}
                None => break,
            }
        }
        let mut text = vec![0; length];
        self.from.read_exact(&mut text).expect("as long as it said");
        serde_json::from_slice(&text).expect("JSON")
    }

    /// Asks, and answers what the server asks meanwhile: there is nothing to tell it.
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({ "id": id, "method": method, "params": params }));
        loop {
            let mut message = self.receive();
            match (message.get("method").is_some(), message.get("id").cloned()) {
                (true, Some(theirs)) => self.send(&json!({ "id": theirs, "result": null })),
                (false, Some(ours)) if ours == json!(id) => return message["result"].take(),
                _ => {}
            }
        }
    }

    /// What is offered where the cursor is: labels with what is said of them. The server reads schemas while it answers,
    /// so it is asked until it offers something.
    fn offered(&mut self, marked: &str) -> Vec<(String, String)> {
        let text = format!("{HEADER}{marked}");
        let (before, _) = text.split_once(CURSOR).expect("the text has a cursor");
        let line = before.matches('\n').count();
        let character = before.rsplit('\n').next().unwrap_or_default().chars().count();
        let uri = self.uri(&format!("stacks/s{}.toml", self.asked));
        let document = json!({ "uri": uri, "languageId": "toml", "version": 1, "text": text.replace(CURSOR, "") });
        self.send(&json!({ "method": "textDocument/didOpen", "params": { "textDocument": document } }));
        let place = json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } });
        let given_up = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < given_up, "{marked}: nothing is offered");
            if let Value::Array(items) = self.ask("textDocument/completion", place.clone()) {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                return items
                    .iter()
                    .map(|each| (text(&each["label"]), text(&each["documentation"]["value"])))
                    .collect();
            }
        }
    }
}

#[tokio::test]
async fn an_editor_completes_and_explains_what_a_stack_file_may_say() {
    let mut editor = Editor::open().await;
    for (marked, labels) in [
        ("[f|", &["function"][..]),
        ("[table.roles]\nkey = { hash = \"id:S\" }\n|\n", &["ttl", "indexes", "recovery", "was", "protect"]),
        ("[function.api]\nbuild = { p| }\n", &["package", "profile"]),
        ("[secret.origin]\nkind = \"|\"\n", &["\"random\"", "\"external\"", "\"rs256-ring\""]),
        ("[schedule.hourly]\ntarget = \"function.api\"\n|\n", &["rate", "cron", "input", "enabled"]),
    ] {
        let offered = editor.offered(marked);
        for label in labels {
            let found = offered.iter().find(|(each, _)| each == label);
            let (_, said) = found.unwrap_or_else(|| panic!("{marked}: no {label} in {offered:?}"));
            assert!(!said.is_empty(), "{marked}: {label} is explained");
        }
    }
}
