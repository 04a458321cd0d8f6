//! What is on a waiver, an address, and what opens a session come out where they belong, and in no log, no line, no mail
//! to others and no fault. The matrix asks this of every request; here one thing after the other does not answer.

use functions_shared::tables::Table;
use functions_shared::testing::{Broken, Log};

use super::door::{Answer, World};
use super::matrix::rows::{ROWS, Row};
use super::matrix::scene::{CONDITION, NAMED, Scene, operations};

/// What is on a waiver and for nobody but an administrator who opens that waiver.
const PRIVATE: [&str; 4] = [CONDITION, "555 0100", "Lopez", "1990-05-17"];
/// How every address of a scene ends.
const ADDRESS: &str = "quill@example.com";
/// Operations that tell addresses, and names with them, to administrators.
const ADDRESSES: [&str; 8] = [
    "listPeople",
    "readPerson",
    "changePerson",
    "inviteAgain",
    "revokePerson",
    "restorePerson",
    "readPersonHistory",
    "readAudit",
];
/// Operations that tell names of the crew or of guests to whoever may use them.
const NAMES: [&str; 7] = ["listCrew", "listRoles", "listWaivers", "listHolds", "readWaiver", "board", "clearHold"];
/// Operations that tell callers who they are themselves.
const OWN: [&str; 3] = ["readSession", "redeemLink", "redeemCode"];

/// What does not answer.
#[derive(Clone, Copy, Debug)]
enum Outage {
    Table(Table),
    People(Broken),
    Parameters,
    Reports,
}

impl Outage {
    fn all() -> impl Iterator<Item = Self> {
        let people = [Broken::Refuses, Broken::Panics].map(Self::People);
        Table::ALL.map(Self::Table).into_iter().chain(people).chain([Self::Parameters, Self::Reports])
    }

    fn begin(self, world: &World) {
        match self {
            Self::Table(table) => world.tables.break_table(table),
            Self::People(broken) => world.people.break_so(broken),
            Self::Parameters => world.parameters.set_down(true),
            Self::Reports => world.reports.set_down(true),
        }
    }
}

/// The planted words that a text holds, apart from what its reader is called.
fn planted(text: &str, reader: &str, words: &[&'static str]) -> Vec<&'static str> {
    let name = reader.split('@').next().unwrap_or_default();
    let text = text.to_lowercase().replace(reader, "").replace(name, "");
    words.iter().copied().filter(|word| text.contains(&word.to_lowercase())).collect()
}

/// The planted words that nobody may read in this answer.
fn forbidden(row: &Row, who: &str, answer: &Answer) -> Vec<&'static str> {
    let told = |operations: &[&str]| answer.status.is_success() && operations.contains(&row.operation);
    let mut words = Vec::new();
    if !(who == "admin" && told(&["readWaiver"])) {
        words.extend(PRIVATE);
    }
    if !(who == "admin" && told(&ADDRESSES)) {
        words.push(ADDRESS);
        if !told(&NAMES) {
            words.push(NAMED);
        }
    }
    words
}

/// What came out of one request where it does not belong.
pub fn of_request(scene: &Scene, row: &Row, who: &str, answer: &Answer, log: &Log) -> Vec<String> {
    let reader = if OWN.contains(&row.operation) { scene.caller.email.as_str() } else { "-" };
    let text = answer.json.to_string();
    let in_answer = planted(&text, reader, &forbidden(row, who, answer));
    let what = format!("{} of {} by {who}", row.operation, row.object);
    let in_answer = in_answer.into_iter().map(|word| format!("{word} in {what}: {text}"));
    in_answer.chain(in_written(scene, &what, &log.take())).collect()
}

/// What the lines about a scene's requests hold, which are metrics as well.
pub fn of_lines(scene: &Scene) -> Vec<String> {
    in_written(scene, "the lines", &scene.world.lines.all().concat())
}

fn in_written(scene: &Scene, what: &str, written: &str) -> Vec<String> {
    let planted = planted(written, "-", &everything()).into_iter().map(str::to_owned);
    let secrets = scene.secrets().into_iter().filter(|secret| written.contains(secret));
    planted.chain(secrets).map(|word| format!("{word} in what was written about {what}: {written}")).collect()
}

/// What was mailed of others than the one who reads it.
pub fn of_mails(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for mail in world.outbox.sent() {
        let text = format!("{}\n{}\n{}", mail.subject, mail.text, mail.html);
        let alone = mail.to.len() == 1 && mail.bcc.is_empty();
        if !alone || !planted(&text, mail.to[0].as_str(), &everything()).is_empty() {
            found.push(format!("a mail to {:?}: {text}", mail.to));
        }
    }
    found
}

fn everything() -> Vec<&'static str> {
    PRIVATE.into_iter().chain([NAMED]).collect()
}

#[test]
fn whatever_does_not_answer_nothing_personal_is_told_of_it() {
    let (log, operations) = (Log::default(), operations());
    let (found, faults) = log.of(async {
        let (mut found, mut faults) = (Vec::new(), 0);
        for who in ["guest", "captain", "admin"] {
            for outage in Outage::all() {
                let scene = Scene::of(who).await;
                outage.begin(&scene.world);
                for row in ROWS.iter().filter(|row| !row.operation.starts_with("endSession")) {
                    let answer = scene.answer(row, who, &operations[row.operation]).await;
                    faults += u32::from(answer.status.is_server_error());
                    found.extend(of_request(&scene, row, who, &answer, &log));
                }
                found.extend(of_lines(&scene));
            }
        }
        (found, faults)
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(faults > 300, "the outages were met: {faults}");
}
