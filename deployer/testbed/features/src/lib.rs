//! Nothing but the features that `Cargo.toml` asks for.
