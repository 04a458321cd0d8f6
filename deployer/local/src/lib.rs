//! The local AWS of a project folder, for `-e local`: [ministack](https://pypi.org/project/ministack/) in
//! its own virtual environment, behind a front door for browsers, with the mail that was sent kept to be read.
//!
//! Everything lives in `.deployer/` of that folder and listens on the loopback interface only, so that two
//! clones beside each other do not meet. Processes are ended by their id, never by name.

pub mod console;
pub mod daemon;
pub mod edge;
pub mod error;
pub mod files;
pub mod http;
pub mod lifecycle;
pub mod mail;
pub mod ministack;
pub mod private;
pub mod tap;
pub mod venv;

pub use console::{ResourceView, StackView, Stacks};
pub use daemon::serve;
pub use error::LocalError;
pub use lifecycle::{LocalAws, Status, Up, down, environment, mail, status, up};
