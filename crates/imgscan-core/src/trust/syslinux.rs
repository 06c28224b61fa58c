//! extlinux as a BIOS starts it from an ext file system: the boot sector of the active partition, and `ldlinux.sys`,
//! which that loads by a list of sectors. Both are kept inside the program `extlinux`, which fills in where things are.
//!
//! Sources: `libinstaller/syslxmod.c`, `libinstaller/syslxint.h` (`struct patch_area`, `struct ext_patch_area`),
//! `libinstaller/setadv.c` and `core/adv.inc` of syslinux 6.04 for the fields. All integers are little-endian; sectors
//! have 512 bytes and are counted from the start of the partition.

use std::ops::Range;

use super::grub::{CODE, SECTOR};
use crate::bytes::{le16, le32, le64};

/// What `ldlinux.sys` begins with.
const BANNER: &[u8] = b"\r\nSYSLINUX ";
/// Where its patch area stands, and what that begins with.
const PATCH: usize = 0x18;
const MAGIC: u32 = 0x3EB2_02FE;
/// Fields of the patch area that are filled in: numbers of sectors and of words, and the sum of them.
const COUNTS: Range<usize> = PATCH + 8..PATCH + 0x14;
/// Where the patch area says where the extended one is.
const EXTENDED: usize = PATCH + 0x16;
/// Where a boot sector holds the parameters of a file system, which its code jumps over.
const PARAMETERS: Range<usize> = 3..0x5A;
/// Bytes of an extent: the first sector and how many.
const EXTENT: usize = 10;
/// The longest `ldlinux.sys`, in sectors.
pub const MAX_SECTORS: usize = 1024;
/// Copies of the auxiliary data vector, a sector each.
const VECTORS: usize = 2;
const VECTOR_HEAD: u32 = 0x5A2D_2FA5;
const VECTOR_TAIL: u32 = 0xDD28_BF64;

/// True where the code of the disk's first sector is `original`, which starts the active partition.
#[must_use]
pub fn is_first_sector(sector: &[u8], original: &[u8]) -> bool {
    let code = sector.get(..CODE).unwrap_or_default();
    let (mine, rest) = code.split_at(original.len().min(code.len()));
    !original.is_empty() && mine == original && rest.iter().all(|b| *b == 0)
}

/// The first sector of the one active partition of the partition table in `sector`.
#[must_use]
pub fn active(sector: &[u8]) -> Option<u32> {
    let entries = sector.get(446..510)?.chunks_exact(16);
    let mut marked = entries.filter(|e| e.first() != Some(&0));
    let entry = marked.next()?;
    let alone = marked.next().is_none() && entry.first() == Some(&0x80);
    let plain = !matches!(entry.get(4)?, 0 | 0x05 | 0x0F | 0x85 | 0xEE);
    le32(entry, 8).filter(|start| alone && plain && *start > 0)
}

/// What the program `extlinux` holds: `ldlinux.sys` and the boot sector as they are before they are filled in.
#[derive(Debug, Clone, Copy)]
pub struct Program<'a> {
    bytes: &'a [u8],
    core: &'a [u8],
}

/// Where `ldlinux.sys` says that its fields are.
#[derive(Debug, Clone)]
struct Fields {
    vectors: Range<usize>,
    folder: Range<usize>,
    subvolume: Range<usize>,
    extents: Range<usize>,
    first: [usize; 2],
}

impl<'a> Program<'a> {
    /// Finds them in the bytes of the program.
    #[must_use]
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let starts = bytes.windows(BANNER.len()).enumerate();
        let mut starts = starts.filter(|(_, w)| *w == BANNER).map(|(at, _)| at);
        let core = starts.find_map(|at| {
            let core = bytes.get(at..)?;
            (le32(core, PATCH)? == MAGIC).then_some(core)
        })?;
        Some(Self { bytes, core })
    }

    fn fields(&self) -> Option<Fields> {
        let at = usize::from(le16(self.core, EXTENDED)?);
        let field = |n: usize| {
            Some(usize::from(le16(
                self.core,
                at.checked_add(n.checked_mul(2)?)?,
            )?))
        };
        let range = |start: usize, len: usize| Some(start..start.checked_add(len)?);
        Some(Fields {
            vectors: range(field(0)?, VECTORS * 8)?,
            folder: range(field(1)?, field(2)?)?,
            subvolume: range(field(3)?, field(4)?)?,
            extents: range(field(5)?, field(6)?.checked_mul(EXTENT)?)?,
            first: [field(7)?, field(8)?],
        })
    }

    /// The sector that the boot sector `sector` loads first, where it is the one of this program.
    #[must_use]
    pub fn loads(&self, sector: &[u8]) -> Option<u64> {
        let sector = sector.get(..SECTOR)?;
        let [low, high] = self.fields()?.first;
        let free = [
            PARAMETERS,
            low..low.checked_add(4)?,
            high..high.checked_add(4)?,
        ];
        let free = |at: usize| free.iter().any(|r| r.contains(&at));
        let same = |w: &&[u8]| {
            let mut both = w.iter().zip(sector).enumerate();
            both.all(|(at, (a, b))| a == b || free(at))
        };
        let tail = sector.get(SECTOR - 16..)?;
        let mut alike = self.bytes.windows(SECTOR).filter(|w| w.ends_with(tail));
        alike.find(same)?;
        let number = |at| le32(sector, at).map(u64::from);
        Some(number(low)? | number(high)?.checked_shl(32)?)
    }

    /// Extent `n` of `ldlinux.sys` behind its first sector: where it begins and how many sectors it has; none ends the
    /// list. `loaded` is what the extents before it brought: the list goes on in there. `None` where it ends before.
    #[must_use]
    pub fn extent(&self, loaded: &[u8], n: usize) -> Option<(u64, usize)> {
        let Fields { extents, .. } = self.fields()?;
        let at = extents.start.checked_add(n.checked_mul(EXTENT)?)?;
        let one = at..at.checked_add(EXTENT)?;
        let one = loaded.get(one).filter(|_| extents.contains(&at))?;
        Some((le64(one, 0)?, usize::from(le16(one, 8)?)))
    }

    /// True where `loaded` is this program's `ldlinux.sys`, filled in: whole, and what fills it sound.
    #[must_use]
    pub fn is_core(&self, loaded: &[u8]) -> bool {
        self.core_differs(loaded).is_some_and(|differs| !differs)
    }

    fn core_differs(&self, loaded: &[u8]) -> Option<bool> {
        let Fields {
            vectors,
            folder,
            subvolume,
            extents,
            ..
        } = self.fields()?;
        let words = usize::try_from(le32(loaded, PATCH + 0x0C)?).ok()?;
        let length = words.checked_mul(4)?;
        let sectors = usize::from(le16(loaded, PATCH + 8)?);
        let whole =
            loaded.len() == sectors.checked_mul(SECTOR)? && length.div_ceil(SECTOR) == sectors;
        // The program does not say how long it is: the sum over all words is what `ldlinux.sys` itself goes by.
        let mut sum = MAGIC;
        for word in loaded.get(..length)?.chunks_exact(4) {
            sum = sum.wrapping_sub(le32(word, 0)?);
        }
        let free = [COUNTS, vectors, folder, subvolume.clone(), extents];
        let free = |at: usize| free.iter().any(|r| r.contains(&at));
        let original = self.core.get(..length)?;
        let mut both = original.iter().zip(loaded).enumerate();
        let same = both.all(|(at, (a, b))| a == b || free(at));
        let padding = loaded.get(length..)?.iter().all(|b| *b == 0);
        let plain = loaded.get(subvolume)?.iter().all(|b| *b == 0);
        Some(!(whole && sum == 0 && same && padding && plain))
    }

    /// The folder that `ldlinux.sys` reads, and where its two vectors are.
    #[must_use]
    pub fn settings(&self, loaded: &[u8]) -> Option<(String, [u64; VECTORS])> {
        let Fields {
            vectors, folder, ..
        } = self.fields()?;
        let name = loaded.get(folder)?.split(|b| *b == 0).next()?;
        let name = std::str::from_utf8(name).ok()?.to_owned();
        let at = |n: usize| le64(loaded, vectors.start.checked_add(n)?);
        Some((name, [at(0)?, at(8)?]))
    }

    /// True where the program holds `module`, which it puts beside `ldlinux.sys`.
    #[must_use]
    pub fn holds(&self, module: &[u8]) -> bool {
        let Some(head) = module.get(..64) else {
            return false;
        };
        let mut alike = self
            .bytes
            .windows(64)
            .enumerate()
            .filter(|(_, w)| *w == head);
        alike.any(|(at, _)| self.bytes.get(at..).is_some_and(|b| b.starts_with(module)))
    }
}

/// True where the auxiliary data vector in `sector` holds nothing: no command for the next boot.
#[must_use]
pub fn is_empty_vector(sector: &[u8]) -> bool {
    let Some(body) = sector.get(8..SECTOR - 4) else {
        return false;
    };
    let marks =
        le32(sector, 0) == Some(VECTOR_HEAD) && le32(sector, SECTOR - 4) == Some(VECTOR_TAIL);
    marks && body.iter().all(|b| *b == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The program of the tests: a boot sector at 64, `ldlinux.sys` of two sectors at 1024, a module behind it.
    fn program() -> Vec<u8> {
        let mut bytes = vec![0x11_u8; 64];
        let mut boot: Vec<u8> = (0..SECTOR)
            .map(|n| u8::try_from(n % 251).unwrap())
            .collect();
        boot[SECTOR - 2..].copy_from_slice(&[0x55, 0xAA]);
        bytes.extend(&boot);
        bytes.resize(1024, 0);
        let mut core = vec![0_u8; 2 * SECTOR];
        core[..BANNER.len()].copy_from_slice(BANNER);
        core[PATCH..PATCH + 4].copy_from_slice(&MAGIC.to_le_bytes());
        core[EXTENDED..EXTENDED + 2].copy_from_slice(&0x100_u16.to_le_bytes());
        for (n, value) in [0x180_u16, 0x140, 16, 0x150, 16, 0x1C0, 4, 0x60, 0x66]
            .iter()
            .enumerate()
        {
            core[0x100 + n * 2..][..2].copy_from_slice(&value.to_le_bytes());
        }
        core[0x200..].fill(0x90);
        bytes.extend(&core);
        bytes.extend((0..100_u8).map(|n| n ^ 0x5A));
        bytes
    }

    fn installed(program: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let mut boot = program[64..64 + SECTOR].to_vec();
        boot[0x20] = 0xEE;
        boot[0x60..0x64].copy_from_slice(&7_u32.to_le_bytes());
        boot[0x66..0x6A].copy_from_slice(&0_u32.to_le_bytes());
        let mut core = program[1024..2048].to_vec();
        core[PATCH + 8..PATCH + 10].copy_from_slice(&2_u16.to_le_bytes());
        core[PATCH + 12..PATCH + 16].copy_from_slice(&256_u32.to_le_bytes());
        core[0x140..0x14E].copy_from_slice(b"/boot/extlinux");
        core[0x180] = 40;
        core[0x188] = 41;
        core[0x1C0] = 8;
        core[0x1C8] = 1;
        let sum = core
            .chunks_exact(4)
            .fold(MAGIC, |sum, w| sum.wrapping_sub(le32(w, 0).unwrap()));
        core[PATCH + 16..PATCH + 20].copy_from_slice(&sum.to_le_bytes());
        (boot, core)
    }

    #[test]
    fn what_is_filled_in_is_read_and_all_else_has_to_be_the_programs() {
        let bytes = program();
        let program = Program::parse(&bytes).unwrap();
        let (boot, core) = installed(&bytes);
        assert_eq!(program.loads(&boot), Some(7));
        assert_eq!(program.extent(&core[..SECTOR], 0), Some((8, 1)));
        assert_eq!(program.extent(&core[..SECTOR], 1), Some((0, 0)));
        assert_eq!(program.extent(&core, 4), None, "behind the list");
        assert_eq!(program.extent(&core[..0x1C5], 0), None, "not loaded yet");
        assert!(program.is_core(&core));
        assert_eq!(
            program.settings(&core),
            Some(("/boot/extlinux".into(), [40, 41]))
        );
        for at in [0, 0x5A, 0x65, 0x100, 0x1FE] {
            let mut other = boot.clone();
            other[at] ^= 1;
            assert_eq!(program.loads(&other), None, "byte {at} of the boot sector");
        }
        // A byte of code; with the sum made to fit, too.
        for at in [0x30, 0x200, 0x3FF] {
            let mut other = core.clone();
            other[at] ^= 1;
            assert!(!program.is_core(&other), "byte {at} of ldlinux.sys");
            other[PATCH + 16..PATCH + 20].fill(0);
            let sum = other
                .chunks_exact(4)
                .fold(MAGIC, |sum, w| sum.wrapping_sub(le32(w, 0).unwrap()));
            other[PATCH + 16..PATCH + 20].copy_from_slice(&sum.to_le_bytes());
            assert!(!program.is_core(&other), "byte {at}, and the sum");
        }
        assert!(
            !program.is_core(&core[..SECTOR]),
            "less of it than there is"
        );
        let module: Vec<u8> = (0..100_u8).map(|n| n ^ 0x5A).collect();
        assert!(program.holds(&module));
        let mut other = module;
        other[99] ^= 1;
        assert!(!program.holds(&other));
        assert!(!program.holds(b""));
    }

    #[test]
    fn one_active_partition_starts() {
        let mut sector = vec![0_u8; SECTOR];
        sector[446] = 0x80;
        sector[450] = 0x83;
        sector[454..458].copy_from_slice(&2048_u32.to_le_bytes());
        assert_eq!(active(&sector), Some(2048));
        sector[462] = 0x80;
        assert_eq!(active(&sector), None, "two are active");
        sector[462] = 0;
        sector[450] = 0x05;
        assert_eq!(active(&sector), None, "a list of partitions");
        let mut code = vec![7_u8; 300];
        code.resize(SECTOR, 0);
        assert!(is_first_sector(&code, &[7; 300]));
        assert!(!is_first_sector(&code, &[7; 299]));
        assert!(!is_first_sector(&code, &[]));
    }

    #[test]
    fn a_command_for_the_next_boot_is_seen() {
        let mut vector = vec![0_u8; SECTOR];
        vector[..4].copy_from_slice(&VECTOR_HEAD.to_le_bytes());
        vector[4..8].copy_from_slice(&0xA304_1767_u32.to_le_bytes());
        vector[SECTOR - 4..].copy_from_slice(&VECTOR_TAIL.to_le_bytes());
        assert!(is_empty_vector(&vector));
        vector[8] = 1;
        assert!(!is_empty_vector(&vector));
        assert!(!is_empty_vector(&[]));
    }
}
