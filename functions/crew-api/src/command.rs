//! Who commands a sail, and how what is not done there is told.

use functions_shared::mail::header_text;
use functions_shared::person::Grant;
use functions_shared::problem::FieldError;
use functions_shared::roster::{self, Authority, RosterRefused};
use functions_shared::sail::{EventId, Role, SailState, StepRefused};
use functions_shared::waiver::WaiverRefused;
use functions_shared::zone;

use crate::actor::Actor;
use crate::app::App;
use crate::refusal::Refusal;

/// The right by which the actor commands the sail: an administrator's, or a captain's of this sail, who is one still.
/// Others get 403; one read.
pub async fn of_sail(app: &App, actor: &Actor, event_id: &EventId) -> Result<Authority, Refusal> {
    if actor.is_admin() {
        return Ok(Authority::Own);
    }
    match roster::of_person(&*app.tables, event_id, &actor.person_id).await? {
        Some(slot) if slot.role == Role::Captain && actor.grants.contains(&Grant::Captain) => {
            Ok(Authority::Captain(slot))
        }
        _ => Err(Refusal::not_allowed()),
    }
}

/// A reason as the audit trail keeps it: one line of 1 to 200 characters.
pub fn reason(pointer: &str, text: &str) -> Result<String, Refusal> {
    let line = header_text(text);
    match (1..=200).contains(&text.chars().count()) && line == text {
        true => Ok(line),
        false => Err(Refusal::invalid(vec![FieldError::new(pointer, "is not one line of 1 to 200 characters")])),
    }
}

/// 409: the sail stands elsewhere.
pub fn wrong_state(state: SailState) -> Refusal {
    let mut refusal = Refusal::conflict("urn:problem:wrong-state", "The sail does not stand where this is done");
    refusal.0.detail = Some(format!("It is `{}`.", state.name()));
    refusal
}

/// Why a step was not taken.
pub fn step_refused(refused: StepRefused) -> Refusal {
    let with = |mut refusal: Refusal, detail: String| {
        refusal.0.detail = Some(detail);
        refusal
    };
    match refused {
        StepRefused::State(state) => wrong_state(state),
        StepRefused::Departed => departed(),
        StepRefused::TooEarly(from) => with(
            Refusal::conflict("urn:problem:too-early", "The sail starts within an hour before its departure"),
            format!("That is from {}.", zone::words(from)),
        ),
        StepRefused::TooLate => Refusal::conflict("urn:problem:too-late", "The sail would be back already"),
        StepRefused::NoCaptain => Refusal::conflict("urn:problem:no-captain", "Nobody holds a captain's slot"),
        StepRefused::Waivers(count) => with(
            Refusal::conflict("urn:problem:waiver-needed", "Some of the crew have no waiver, or one on hold"),
            format!("{count} of them."),
        ),
        StepRefused::Checklist(count) => with(
            Refusal::conflict("urn:problem:checklist-open", "Entries of the checklist are open"),
            format!("{count} of them."),
        ),
    }
}

/// Why a slot did not change hands.
pub fn roster_refused(refused: RosterRefused) -> Refusal {
    match refused {
        RosterRefused::NoSail | RosterRefused::NoSlot => Refusal::not_found(),
        RosterRefused::State(state) => wrong_state(state),
        RosterRefused::Departed => departed(),
        RosterRefused::OtherHolder => {
            Refusal::conflict("urn:problem:slot-taken", "Somebody else was first: look at the sail again")
        }
        RosterRefused::HasRole => Refusal::conflict("urn:problem:has-role", "One role a person a sail"),
        RosterRefused::NoWaiver => {
            Refusal::conflict("urn:problem:waiver-needed", "A signed waiver for this sail comes first")
        }
        RosterRefused::OnHold => on_hold(),
        RosterRefused::NotQualified => {
            Refusal::conflict("urn:problem:not-qualified", "This person may not hold this role")
        }
        RosterRefused::NotCaptain => Refusal::not_allowed(),
        RosterRefused::OtherBody => Refusal::other_body(),
    }
}

/// Why a waiver stays where it is.
pub fn waiver_refused(refused: WaiverRefused) -> Refusal {
    match refused {
        WaiverRefused::NotOnHold => Refusal::conflict("urn:problem:not-on-hold", "The waiver is not on hold"),
        WaiverRefused::OnHold => on_hold(),
        WaiverRefused::Aboard => Refusal::conflict("urn:problem:aboard", "This person is aboard already"),
        WaiverRefused::NotAllowed => Refusal::not_allowed(),
        WaiverRefused::State(state) => wrong_state(state),
    }
}

fn on_hold() -> Refusal {
    Refusal::conflict("urn:problem:waiver-on-hold", "The waiver is on hold until an administrator clears it")
}

fn departed() -> Refusal {
    Refusal::conflict("urn:problem:departed", "The sail would have left already")
}
