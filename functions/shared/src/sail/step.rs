//! The life of a sail: which step may follow which, and what each asks for.
//!
//! ```text
//! created ──confirm──▶ confirmed ──start──▶ in_progress ──complete──▶ completed
//!    └───────────────────┴──cancel──▶ cancelled
//! ```

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Sail, SailState};

/// How long before its departure a sail may start.
pub const EARLIEST_START: SignedDuration = SignedDuration::from_mins(60);

/// What somebody does with a whole sail.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Step {
    /// It takes place.
    Confirm,
    /// It leaves.
    Start,
    /// Everybody is ashore again.
    Complete,
    /// It does not take place.
    Cancel,
}

/// What starting and completing ask for, as it is now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Readiness {
    /// Whether somebody holds a captain's slot.
    pub has_captain: bool,
    /// How many of the crew have no waiver, or one on hold.
    pub crew_without_waiver: usize,
    /// How many entries of the checklist before departure are open.
    pub open_before_departure: usize,
    /// How many entries of the whole checklist are open.
    pub open: usize,
}

/// Why a step is not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StepRefused {
    /// The sail stands elsewhere.
    State(SailState),
    /// It would have left already.
    Departed,
    /// It starts from this moment on.
    TooEarly(Timestamp),
    /// It would be back already.
    TooLate,
    /// Nobody commands it.
    NoCaptain,
    /// So many of the crew have no waiver, or one on hold.
    Waivers(usize),
    /// So many entries of the checklist are open.
    Checklist(usize),
}

/// Where the sail stands after the step, or why it is not taken.
pub fn after(sail: &Sail, step: Step, ready: &Readiness, now: Timestamp) -> Result<SailState, StepRefused> {
    match (sail.state, step) {
        (SailState::Created, Step::Confirm) if sail.departs_at <= now => Err(StepRefused::Departed),
        (SailState::Created, Step::Confirm) => Ok(SailState::Confirmed),
        (SailState::Confirmed, Step::Start) => start(sail, ready, now),
        (SailState::InProgress, Step::Complete) if ready.open > 0 => Err(StepRefused::Checklist(ready.open)),
        (SailState::InProgress, Step::Complete) => Ok(SailState::Completed),
        (SailState::Created | SailState::Confirmed, Step::Cancel) => Ok(SailState::Cancelled),
        (state, _) => Err(StepRefused::State(state)),
    }
}

fn start(sail: &Sail, ready: &Readiness, now: Timestamp) -> Result<SailState, StepRefused> {
    let earliest = sail.departs_at.checked_sub(EARLIEST_START).unwrap_or(Timestamp::MIN);
    if now < earliest {
        return Err(StepRefused::TooEarly(earliest));
    }
    if now >= sail.returns_at {
        return Err(StepRefused::TooLate);
    }
    if !ready.has_captain {
        return Err(StepRefused::NoCaptain);
    }
    if ready.crew_without_waiver > 0 {
        return Err(StepRefused::Waivers(ready.crew_without_waiver));
    }
    match ready.open_before_departure {
        0 => Ok(SailState::InProgress),
        open => Err(StepRefused::Checklist(open)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sail;
    use proptest::prelude::*;

    const READY: Readiness = Readiness { has_captain: true, crew_without_waiver: 0, open_before_departure: 0, open: 0 };

    fn at(offset_seconds: i64) -> (Sail, Timestamp) {
        let sail = Sail { state: SailState::Confirmed, ..sail("evening", "2026-11-22T00:00:00Z") };
        let now = sail.departs_at + SignedDuration::from_secs(offset_seconds);
        (sail, now)
    }

    #[test]
    fn a_sail_starts_within_an_hour_before_its_departure_and_before_its_return() {
        let started = |offset| {
            let (sail, now) = at(offset);
            after(&sail, Step::Start, &READY, now)
        };
        let (sail, _) = at(0);
        assert_eq!(started(-3601), Err(StepRefused::TooEarly(sail.departs_at - EARLIEST_START)));
        assert_eq!(started(-3600), Ok(SailState::InProgress));
        assert_eq!(started(7199), Ok(SailState::InProgress));
        assert_eq!(started(7200), Err(StepRefused::TooLate));
    }

    #[test]
    fn a_sail_starts_with_a_captain_waivers_and_a_ticked_list() {
        let (sail, now) = at(0);
        let started = |ready| after(&sail, Step::Start, &ready, now);
        assert_eq!(started(Readiness { has_captain: false, ..READY }), Err(StepRefused::NoCaptain));
        assert_eq!(started(Readiness { crew_without_waiver: 2, ..READY }), Err(StepRefused::Waivers(2)));
        let open = Readiness { open_before_departure: 3, open: 5, ..READY };
        assert_eq!(started(open), Err(StepRefused::Checklist(3)));
        assert_eq!(started(Readiness { open: 5, ..READY }), Ok(SailState::InProgress));
    }

    fn any_step() -> impl Strategy<Value = (Step, i64, bool, usize, usize, usize)> {
        let step = prop_oneof![Just(Step::Confirm), Just(Step::Start), Just(Step::Complete), Just(Step::Cancel)];
        (step, -10_000_i64..10_000, any::<bool>(), 0..2_usize, 0..2_usize, 0..2_usize)
    }

    proptest! {
        /// Whatever is tried in whatever order: a completed sail was confirmed ahead of its departure, started in
        /// its time with a captain, waivers and a ticked list, and completed with nothing open.
        #[test]
        fn no_path_skips_a_rule(steps in prop::collection::vec(any_step(), 1..40)) {
            let (mut sail, _) = at(0);
            sail.state = SailState::Created;
            let mut taken = Vec::new();
            for (step, offset, has_captain, crew_without_waiver, before, rest) in steps {
                let now = sail.departs_at + SignedDuration::from_secs(offset);
                let ready =
                    Readiness { has_captain, crew_without_waiver, open_before_departure: before, open: before + rest };
                let Ok(state) = after(&sail, step, &ready, now) else { continue };
                match step {
                    Step::Confirm => prop_assert!(taken.is_empty() && offset < 0),
                    Step::Start => {
                        prop_assert_eq!(&taken, &[Step::Confirm]);
                        prop_assert!(has_captain && crew_without_waiver == 0 && before == 0);
                        prop_assert!((-3600..7200).contains(&offset));
                    }
                    Step::Complete => {
                        prop_assert_eq!(&taken, &[Step::Confirm, Step::Start]);
                        prop_assert_eq!(before + rest, 0);
                    }
                    Step::Cancel => prop_assert!(!taken.contains(&Step::Start) && !taken.contains(&Step::Cancel)),
                }
                sail.state = state;
                taken.push(step);
            }
        }
    }
}
