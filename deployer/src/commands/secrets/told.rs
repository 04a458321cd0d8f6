//! What a person or a program is told about rotations.

use deployer_aws::kinds::secret::{Made, SecretKind};
use deployer_aws::rotation::{FUNCTION_CACHE_SECONDS, Stage, Turn, due};
use serde_json::json;

use super::decide::Wish;
use super::findings::comes_by;
use super::opened::Found;
use super::turns::Decided;
use crate::render::Reporter;

/// A time as people and programs read it: RFC 3339, UTC.
pub fn time(epoch: u64) -> String {
    let epoch = i64::try_from(epoch).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(epoch).map_or_else(|_| epoch.to_string(), |at| at.strftime("%FT%TZ").to_string())
}

/// Secrets that nobody asked for by name and that are due, but are not the deployer's to rotate, or not there.
pub fn skipped(found: &[Found], now: u64, by_name: bool, report: &Reporter) {
    for (secret, standing) in found.iter().filter(|_| !by_name) {
        match (standing, &secret.made) {
            (None, _) if secret.optional => {}
            (None, _) => report.note(&format!("{} is not there: {}", secret.address, comes_by(secret))),
            (Some(standing), Made::ByHand) if due(standing.stage, secret.terms).is_some_and(|(_, at)| at <= now) => {
                let how = secret.how.as_deref().unwrap_or("make a new value where it is used");
                report.note(&format!("{} is due, and a person rotates it: {how}", secret.address));
            }
            _ => {}
        }
    }
}

/// Who is locked out by what is about to be done.
pub fn risks(decided: &[Decided], wish: Wish, report: &Reporter) {
    let minutes = FUNCTION_CACHE_SECONDS / 60;
    for each in decided.iter().filter(|each| wish.is_emergency() && !each.decision.turns.is_empty()) {
        let address = &each.secret.address;
        report.say(&match each.secret.kind {
            SecretKind::Rs256Ring => format!(
                "  ! {address}: everybody whose session was signed with a former key is logged out within {minutes} minutes"
            ),
            _ => format!(
                "  ! {address}: whoever still uses a former value is refused within {minutes} minutes; readers: {}",
                readers(each)
            ),
        });
    }
}

fn readers(decided: &Decided) -> String {
    let readers: Vec<_> = decided.secret.readers.iter().map(ToString::to_string).collect();
    if readers.is_empty() { "none".to_owned() } else { readers.join(", ") }
}

/// What was done, for programs.
pub fn turned(decided: &[Decided], report: &Reporter) {
    for each in decided.iter().filter(|each| !each.decision.turns.is_empty()) {
        let turns: Vec<_> = each.decision.turns.iter().map(|turn| turn.word()).collect();
        let line = json!({ "type": "rotation", "address": each.secret.address.to_string(), "turns": turns });
        report.result(&format!("{}: {}", each.secret.address, turns.join(", ")), &line);
    }
}

/// What is waited for, and when to come back.
pub fn waits(decided: &[Decided], report: &Reporter) {
    for each in decided {
        let address = &each.secret.address;
        let Some((turn, at)) = each.decision.next else { continue };
        let line =
            json!({ "type": "rotation_next", "address": address.to_string(), "turn": turn.word(), "at": time(at) });
        report.result(&format!("{address}: {}", next_words(turn, at)), &line);
    }
}

fn next_words(turn: Turn, at: u64) -> String {
    let what = match turn {
        Turn::Publish => return format!("rotates when it is due, at {}", time(at)),
        Turn::Activate => "the new value is known everywhere, and is used from then on",
        _ => "nothing needs the former value any more, and it is refused from then on",
    };
    format!("come back with `deployer secrets resume` at {}: by then {what}", time(at))
}

/// When the next turn of a rotation that is under way may be made, as far as it is wished for.
pub fn next(decided: &[Decided], wish: Wish) -> Option<u64> {
    let wished = |turn: Turn| matches!(wish, Wish::Rotate(_, limits) if turn <= limits.until && turn != Turn::Publish);
    decided.iter().filter_map(|each| each.decision.next.filter(|(turn, _)| wished(*turn))).map(|(_, at)| at).min()
}

/// Where a rotation stands, in a word.
pub fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Steady { .. } => "steady",
        Stage::Published { .. } => "published",
        Stage::Activated { .. } => "activated",
    }
}
