//! Whether a sail is ready for a step: three queries at once, and only where the step asks.

use functions_shared::call_error::CallError;
use functions_shared::checklist::Phase;
use functions_shared::roster::{self, Holder};
use functions_shared::sail::{Readiness, Role, Sail, Step};
use functions_shared::waiver::WaiverId;
use functions_shared::{checklists, waivers};

use crate::app::App;

/// What the step asks for, as it is now, and who commands the sail.
pub async fn of(app: &App, sail: &Sail, step: Step) -> Result<(Readiness, Option<Holder>), CallError> {
    if matches!(step, Step::Confirm | Step::Cancel) {
        let unasked = Readiness { has_captain: false, crew_without_waiver: 0, open_before_departure: 0, open: 0 };
        return Ok((unasked, None));
    }
    let (crew, waivers, list) = tokio::join!(
        roster::of_sail(&*app.tables, &sail.event_id),
        waivers::of_sail(&*app.tables, &sail.event_id),
        checklists::of_sail(&*app.tables, sail),
    );
    let (crew, waivers, list) = (crew?, waivers?, list?);
    let may_sail = |holder: &&Holder| {
        let waiver = holder.person_id.as_ref().and_then(|person_id| waivers.get(&WaiverId::of_crew(person_id)));
        waiver.is_some_and(|waiver| waiver.standing.may_sail())
    };
    let captain = crew.iter().find(|holder| holder.slot.role == Role::Captain);
    let ready = Readiness {
        has_captain: captain.is_some(),
        crew_without_waiver: crew.iter().filter(|holder| !may_sail(holder)).count(),
        open_before_departure: list.open(Phase::BeforeDeparture).count(),
        open: list.open(Phase::CloseOut).count(),
    };
    Ok((ready, captain.cloned()))
}
