//! Whether a sail is ready for a step: three queries at once, and only where the step asks.

use functions_shared::call_error::CallError;
use functions_shared::checklist::Phase;
use functions_shared::sail::{Readiness, Role, Sail, Step};
use functions_shared::waiver::WaiverId;
use functions_shared::{checklists, roster, waivers};

use crate::app::App;

/// What the step asks for, as it is now.
pub async fn of(app: &App, sail: &Sail, step: Step) -> Result<Readiness, CallError> {
    if matches!(step, Step::Confirm | Step::Cancel) {
        return Ok(Readiness { has_captain: false, crew_without_waiver: 0, open_before_departure: 0, open: 0 });
    }
    let (crew, waivers, list) = tokio::join!(
        roster::of_sail(&*app.tables, &sail.event_id),
        waivers::of_sail(&*app.tables, &sail.event_id),
        checklists::of_sail(&*app.tables, sail),
    );
    let (crew, waivers, list) = (crew?, waivers?, list?);
    let may_sail = |holder: &&roster::Holder| {
        let waiver = holder.person_id.as_ref().and_then(|person_id| waivers.get(&WaiverId::of_crew(person_id)));
        waiver.is_some_and(|waiver| waiver.standing.may_sail())
    };
    Ok(Readiness {
        has_captain: crew.iter().any(|holder| holder.slot.role == Role::Captain),
        crew_without_waiver: crew.iter().filter(|holder| !may_sail(holder)).count(),
        open_before_departure: list.open(Phase::BeforeDeparture).count(),
        open: list.open(Phase::CloseOut).count(),
    })
}
