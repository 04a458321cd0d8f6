use super::*;
use crate::artifacts::tests::world::pipe;

fn environment(more: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    let path = std::env::var_os("PATH").unwrap();
    std::iter::once(("PATH".into(), path)).chain(more.iter().map(|(name, value)| (name.into(), value.into()))).collect()
}

async fn sh(script: &str, environment: &[(OsString, OsString)]) -> (ExitStatus, Vec<(Stream, String)>) {
    let mut lines = Vec::new();
    let child =
        Child { program: "sh", arguments: vec!["-c".into(), script.into()], folder: Path::new("/"), environment };
    let status = child.run(&mut |stream, line| lines.push((stream, line.to_owned()))).await.unwrap();
    (status, lines)
}

#[tokio::test]
async fn both_streams_come_line_by_line_and_the_last_needs_no_end() {
    let (status, mut lines) = sh("echo one; echo two >&2; printf three; exit 3", &environment(&[])).await;
    assert_eq!(status.code(), Some(3));
    lines.sort_by(|one, other| one.1.cmp(&other.1));
    let expected = [(Stream::Out, "one"), (Stream::Out, "three"), (Stream::Error, "two")];
    assert_eq!(lines, expected.map(|(stream, line)| (stream, line.to_owned())));
}

#[tokio::test]
async fn what_a_dropped_build_started_is_told_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let named = folder.path().join("pipe");
    pipe(&named);
    // Whoever the build starts holds the pipe open: its end is seen when they are all gone.
    let script = format!("sleep 1000 > {} & wait", named.display());
    let environment = environment(&[]);
    let child = Child {
        program: "sh",
        arguments: vec!["-c".into(), script],
        folder: Path::new("/"),
        environment: &environment,
    };
    let mut ignore = |_: Stream, _: &str| {};
    let mut opened = tokio::select! {
        _ = child.run(&mut ignore) => panic!("it waits for ever"),
        file = tokio::fs::File::open(&named) => file.unwrap(),
    };
    let ended = tokio::time::timeout(Duration::from_secs(60), opened.read_to_end(&mut Vec::new())).await;
    assert_eq!(ended.unwrap().unwrap(), 0);
}

#[tokio::test]
async fn nothing_of_a_group_outlives_its_stop_not_even_what_will_not_hear() {
    for (script, limit) in [
        ("trap 'exit 0' TERM; sleep 1000 & echo ready; wait", Duration::from_secs(60)),
        ("trap '' TERM; (trap '' TERM; sleep 1000) & echo ready; wait", Duration::from_millis(50)),
    ] {
        let environment = environment(&[]);
        let arguments = vec!["-c".into(), script.into()];
        let child = Child { program: "sh", arguments, folder: Path::new("/"), environment: &environment };
        let mut started = child.start().unwrap();
        let group = started.group.0.unwrap();
        let (ready, mut is_ready) = tokio::sync::mpsc::unbounded_channel();
        let mut tell = |_: Stream, line: &str| ready.send(line.to_owned()).unwrap();
        tokio::select! {
            _ = started.ended(&mut tell) => panic!("it waits for ever"),
            line = is_ready.recv() => assert_eq!(line.as_deref(), Some("ready")),
        }
        started.stop(limit).await;
        // Who was killed is gone as soon as the system has buried it.
        tokio::time::timeout(Duration::from_secs(60), async {
            while test_kill_process_group(group).is_ok() {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        })
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn a_program_that_is_missing_is_said_so() {
    let child = Child {
        program: "no-such-program",
        arguments: Vec::new(),
        folder: Path::new("/"),
        environment: &environment(&[]),
    };
    assert_eq!(child.run(&mut |_, _| {}).await.unwrap_err().kind(), io::ErrorKind::NotFound);
}

#[test]
fn a_line_cannot_play_with_the_terminal() {
    assert_eq!(harmless("\u{1b}[31merror\u{1b}[0m: a\tb\u{7}"), "error: a    b\\u{7}");
    assert_eq!(harmless("x\u{202e}y"), "x\\u{202e}y");
    assert!(harmless(&"a".repeat(1 << 20)).len() < MAX_LINE_BYTES + 10);
}
