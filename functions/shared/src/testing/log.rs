//! What the functions write to their log, in memory.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;

use crate::logging;

/// A log in memory.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("never poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Log {
    /// Runs to the end, and keeps everything that is logged meanwhile, of every level. A panic is logged as the functions
    /// log it, without its words: what is found wrong meanwhile must be told by the result.
    pub fn of<T>(&self, what: impl Future<Output = T>) -> T {
        let log = tracing_subscriber::fmt().json().with_max_level(tracing::Level::TRACE).with_writer(self.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let hook = std::panic::take_hook();
        logging::tell_panics_by_place();
        let told = tracing::subscriber::with_default(log.finish(), || runtime.block_on(what));
        std::panic::set_hook(hook);
        told
    }

    /// What was logged since the last time.
    pub fn take(&self) -> String {
        let bytes = std::mem::take(&mut *self.0.lock().expect("never poisoned"));
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
