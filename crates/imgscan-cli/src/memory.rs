//! What this program holds of memory: the budget of an image asks for it.

use std::alloc::System;

use cap::Cap;

/// The system's allocator, counted. It refuses nothing: the budget ends the reading before.
#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// Bytes that are allocated now: as many as were asked for, without what the allocator keeps beside them.
pub(crate) fn held() -> u64 {
    MEMORY.allocated() as u64
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_held_is_counted() {
        const BYTES: usize = 1 << 30;
        let before = super::held();
        let bytes = Vec::<u8>::with_capacity(BYTES);
        assert!(super::held() >= before + (BYTES as u64) / 2);
        drop(bytes);
        assert!(super::held() < before + (BYTES as u64) / 2);
    }
}
