//! Files that stay here.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::BoxFuture;
use crate::call_error::{CallError, Effect};
use crate::objects::{Object, Objects};

/// Files in memory.
#[derive(Debug, Default)]
pub struct MemoryObjects {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    objects: BTreeMap<String, Object>,
    down: bool,
}

impl MemoryObjects {
    /// From now on nothing answers, or everything does again.
    pub fn set_down(&self, down: bool) {
        self.state.lock().expect("never poisoned").down = down;
    }

    /// The keys there are.
    pub fn keys(&self) -> Vec<String> {
        self.state.lock().expect("never poisoned").objects.keys().cloned().collect()
    }

    fn act<T>(&self, operation: &'static str, act: impl FnOnce(&mut State) -> T) -> Result<T, CallError> {
        let mut state = self.state.lock().expect("never poisoned");
        let code = "a fault of the test".to_owned();
        match state.down {
            true => Err(CallError { operation, code, request_id: None, effect: Effect::None }),
            false => Ok(act(&mut state)),
        }
    }
}

impl Objects for MemoryObjects {
    fn put<'a>(&'a self, key: &'a str, object: Object) -> BoxFuture<'a, Result<(), CallError>> {
        let result = self.act("PutObject", |state| state.objects.insert(key.to_owned(), object));
        Box::pin(async { result.map(drop) })
    }

    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Object>, CallError>> {
        let result = self.act("GetObject", |state| state.objects.get(key).cloned());
        Box::pin(async { result })
    }
}
