//! Faults at a chosen call.

use std::sync::Mutex;

use crate::call_error::{CallError, Effect};

/// What happens to a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Strike {
    /// It is refused: no effect, and the caller knows.
    Refused,
    /// It never arrives: no effect, and the caller cannot know.
    RequestLost,
    /// It has its effect, and the caller cannot know.
    AnswerLost,
    /// The process dies before it: this and every later call has no effect.
    DeadBefore,
    /// The process dies after it: it has its effect, and no later call has one.
    DeadAfter,
}

impl Strike {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Refused, Self::RequestLost, Self::AnswerLost, Self::DeadBefore, Self::DeadAfter];
}

/// Counts the calls of a world and strikes one of them. Ports that share it share the count.
#[derive(Debug, Default)]
pub struct Faults {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    calls: u32,
    planned: Option<(u32, Strike)>,
    dead: bool,
}

impl Faults {
    /// Strikes call number `call`, from 1.
    pub fn strike(call: u32, strike: Strike) -> Self {
        let state = State { planned: Some((call, strike)), ..State::default() };
        Self { state: Mutex::new(state) }
    }

    /// How many calls were made.
    pub fn calls(&self) -> u32 {
        self.state.lock().expect("never poisoned").calls
    }

    /// Forgets the plan and revives the process, as a new one would start.
    pub fn restart(&self) {
        *self.state.lock().expect("never poisoned") = State::default();
    }

    /// Makes one call, or what is left of it.
    pub fn call<T>(&self, operation: &'static str, act: impl FnOnce() -> Result<T, CallError>) -> Result<T, CallError> {
        let strike = {
            let mut state = self.state.lock().expect("never poisoned");
            if state.dead {
                return Err(error(operation, Effect::Unknown));
            }
            state.calls += 1;
            let strike = state.planned.filter(|(call, _)| *call == state.calls);
            let strike = strike.map(|(_, strike)| strike);
            state.dead = matches!(strike, Some(Strike::DeadBefore | Strike::DeadAfter));
            strike
        };
        match strike {
            None => act(),
            Some(Strike::Refused) => Err(error(operation, Effect::None)),
            Some(Strike::RequestLost | Strike::DeadBefore) => Err(error(operation, Effect::Unknown)),
            Some(Strike::AnswerLost | Strike::DeadAfter) => {
                act()?;
                Err(error(operation, Effect::Unknown))
            }
        }
    }
}

fn error(operation: &'static str, effect: Effect) -> CallError {
    CallError { operation, code: "a fault of the test".to_owned(), request_id: None, effect }
}
