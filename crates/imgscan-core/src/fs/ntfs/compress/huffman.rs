//! Canonical Huffman codes by table: the first bits of a code index a primary table, longer
//! codes go on in a second one.

use super::Malformed;
use super::bits::Bits;

/// Marks an entry of the primary table that leads to a second table.
const SECOND: u32 = 1 << 31;

/// A decoder whose tables are built again for every block, in the same memory.
pub(super) struct Huffman {
    /// Bits that index the primary table.
    primary: u32,
    /// Longest code of the present code in bits.
    longest: u32,
    /// Symbol in bits 8 and up, code length in the low 8 bits; 0 where no code leads.
    table: Vec<u32>,
    /// Symbols sorted by code.
    sorted: Vec<u16>,
}

impl Huffman {
    /// A decoder with a primary table of 2 to the power of `primary` entries.
    pub(super) fn new(primary: u32) -> Self {
        Self {
            primary,
            longest: 0,
            table: Vec::new(),
            sorted: Vec::new(),
        }
    }

    /// Builds the tables for the code lengths (at most 16 bits each, 0 for an unused symbol).
    /// An incomplete code is accepted: using what it lacks is the error.
    #[expect(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        reason = "lengths are at most 16 and symbols at most 512, so counts, starts and sums stay below 2^25, and there is a place for each symbol"
    )]
    pub(super) fn build(&mut self, lengths: &[u8]) -> Result<(), Malformed> {
        let mut counts = [0_u32; 17];
        for &len in lengths {
            *counts
                .get_mut(usize::from(len))
                .ok_or(Malformed::LongCode)? += 1;
        }
        counts[0] = 0;
        self.longest = (1..=16)
            .rev()
            .find(|l| counts[*l as usize] > 0)
            .unwrap_or(0);
        let mut starts = [0_usize; 18];
        let mut space = 0_u32;
        for len in 1..=16 {
            space += counts[len] << (16 - len);
            starts[len + 1] = starts[len] + counts[len] as usize;
        }
        if space > 1 << 16 {
            return Err(Malformed::FullCode);
        }
        self.sorted.clear();
        self.sorted.resize(starts[17], 0);
        for (symbol, &len) in lengths.iter().enumerate() {
            if len > 0 {
                let slot = &mut starts[usize::from(len)];
                self.sorted[*slot] = symbol as u16;
                *slot += 1;
            }
        }
        self.fill(&counts);
        Ok(())
    }

    /// Writes the tables. Codes of one length follow each other, and the code behind the last
    /// one of a length, extended by a zero bit, is the first of the next length.
    #[expect(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        reason = "`build` made sure that the codes fit in 16 bits: none leads out of its table, and tables have at most 2^16 entries each"
    )]
    fn fill(&mut self, counts: &[u32; 17]) {
        let primary = self.primary;
        self.table.clear();
        self.table.resize(1 << primary, 0);
        let mut code = 0_u32;
        let mut next = 0;
        for len in 1..=self.longest {
            code <<= 1;
            for _ in 0..counts[len as usize] {
                let entry = u32::from(self.sorted[next]) << 8 | len;
                next += 1;
                if len <= primary {
                    let first = (code << (primary - len)) as usize;
                    self.table[first..first + (1 << (primary - len))].fill(entry);
                } else {
                    let second = self.longest - primary;
                    let top = (code >> (len - primary)) as usize;
                    if self.table[top] == 0 {
                        self.table[top] = SECOND | self.table.len() as u32;
                        self.table.resize(self.table.len() + (1 << second), 0);
                    }
                    let base = (self.table[top] & !SECOND) as usize;
                    let low = code & ((1 << (len - primary)) - 1);
                    let first = base + ((low << (self.longest - len)) as usize);
                    self.table[first..first + (1 << (self.longest - len))].fill(entry);
                }
                code += 1;
            }
        }
    }

    /// The next symbol. At least [`Huffman::longest`] bits (16 always do) must be available.
    #[expect(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        reason = "peek gives as many bits as the tables have indexes; checked access would cost in the inner loop"
    )]
    #[inline]
    pub(super) fn symbol(&self, bits: &mut Bits<'_>) -> Result<usize, Malformed> {
        let mut entry = self.table[bits.peek(self.primary)];
        if entry & SECOND != 0 {
            let rest = bits.peek(self.longest) & ((1 << (self.longest - self.primary)) - 1);
            entry = self.table[(entry & !SECOND) as usize + rest];
        }
        if entry == 0 {
            return Err(Malformed::NoCode);
        }
        bits.take(entry & 0xFF);
        Ok((entry >> 8) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_codes_of_rfc_1951_section_3_2_2_are_decoded() {
        // The example: lengths (3,3,3,3,3,2,4,4) give F=00, A=010, … E=110, G=1110, H=1111.
        for primary in [2, 4] {
            let mut code = Huffman::new(primary);
            code.build(&[3, 3, 3, 3, 3, 2, 4, 4]).unwrap();
            // F A E G H and padding: 00 010 110 1110 1111, in one 16-bit word.
            let word = 0b0001_0110_1110_1111_u16.to_le_bytes();
            let mut bits = Bits::new(&word);
            bits.ensure(16).unwrap();
            let read: Vec<usize> = (0..5).map(|_| code.symbol(&mut bits).unwrap()).collect();
            assert_eq!(read, [5, 0, 4, 6, 7]);
        }
    }

    #[test]
    fn impossible_codes_are_refused() {
        let mut code = Huffman::new(4);
        assert!(code.build(&[1, 1, 1]).is_err());
        assert!(code.build(&[17]).is_err());
        code.build(&[2]).unwrap();
        let mut bits = Bits::new(&[0xFF, 0xFF]);
        bits.ensure(16).unwrap();
        assert!(code.symbol(&mut bits).is_err());
    }
}
