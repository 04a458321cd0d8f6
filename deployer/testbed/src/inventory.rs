//! Everything that exists in an AWS on this machine.
