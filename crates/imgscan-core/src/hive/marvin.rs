//! Marvin32, the hash of transaction log entries.
//!
//! The algorithm is the one of Microsoft's patent US 20130262421 as .NET publishes it; the seed
//! of registry logs is given by M. Suhanov's specification; that it is a number with its high word
//! first is proven by the hashes of real logs.

/// The seed of registry transaction logs.
pub const LOG_SEED: u64 = 0x82EF_4D88_7A4E_55C5;

/// The 64-bit Marvin32 hash of `data`.
#[must_use]
pub fn marvin32(seed: u64, data: &[u8]) -> u64 {
    let mut state = ((seed & 0xFFFF_FFFF) as u32, (seed >> 32) as u32);
    let (words, rest) = data.as_chunks::<4>();
    for word in words {
        state.0 = state.0.wrapping_add(u32::from_le_bytes(*word));
        mix(&mut state);
    }
    // The end of the data is marked by 0x80 behind the last byte.
    let mut last = [0; 4];
    let end = rest.iter().chain(&[0x80]);
    last.iter_mut().zip(end).for_each(|(to, from)| *to = *from);
    state.0 = state.0.wrapping_add(u32::from_le_bytes(last));
    mix(&mut state);
    mix(&mut state);
    u64::from(state.1) << 32 | u64::from(state.0)
}

fn mix((lo, hi): &mut (u32, u32)) {
    *hi ^= *lo;
    *lo = lo.rotate_left(20).wrapping_add(*hi);
    *hi = hi.rotate_left(9) ^ *lo;
    *lo = lo.rotate_left(27).wrapping_add(*hi);
    *hi = hi.rotate_left(19);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_equal_the_vectors_that_dotnet_publishes() {
        let seed = 0x004f_b61a_001b_dbcc;
        assert_eq!(marvin32(seed, &[]), 0x30ed_35c1_00cd_3c7d);
        assert_eq!(marvin32(seed, &[0xaf]), 0x48e7_3fc7_7d75_ddc1);
        assert_eq!(marvin32(seed, &[0xe7, 0x0f]), 0xb5f6_e1fc_485d_bff8);
    }
}
