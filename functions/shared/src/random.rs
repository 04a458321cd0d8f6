//! Values that nobody can guess.

use crate::call_error::CallError;

/// So many random bytes. The error is that this machine has none.
pub fn bytes<const COUNT: usize>() -> Result<[u8; COUNT], CallError> {
    let mut random = [0_u8; COUNT];
    getrandom::fill(&mut random).map_err(|_| CallError::odd_result("getrandom", "no random bytes"))?;
    Ok(random)
}

/// 128 random bits as 32 hexadecimal digits: an id that meets no other.
pub fn id() -> Result<String, CallError> {
    Ok(hex::encode(bytes::<16>()?))
}
