//! The caches that fontconfig makes of the fonts in an initramfs: programs map them into memory and
//! follow what they hold without looking, so every reference has to stay inside, and every font that
//! one names has to be a member.
//!
//! Source: fontconfig `src/fcint.h` and `src/fccache.c` (`FcCacheOffsetsValid` has the same aim):
//! structures as a 64-bit little-endian machine has them in memory, where a pointer is the distance
//! from the structure that it stands in, plus 1.

use md5::{Digest as _, Md5};

use crate::bytes::{hex, le32, le64};
use crate::text::lossless;

/// `FC_CACHE_MAGIC_MMAP`.
const MAGIC: u32 = 0xFC02_FC04;
/// Bytes of `FcCache`, `FcPatternElt`, `FcValueList`.
const HEADER: usize = 64;
const ELEMENT: usize = 16;
const VALUE: usize = 32;
/// Structures of one cache.
const MAX_STEPS: usize = 100_000;
/// Words of the map in an `FcLangSet`.
const MAX_WORDS: usize = 64;

/// True where `bytes` are a sound cache under the name `name`, and `there` tells that a member is at
/// each path that it names.
pub(super) fn sound(name: &str, bytes: &[u8], there: impl Fn(&str) -> bool) -> bool {
    let mut cache = Cache {
        bytes,
        there: &there,
        steps: MAX_STEPS,
    };
    cache.check(name).is_some()
}

struct Cache<'a> {
    bytes: &'a [u8],
    there: &'a dyn Fn(&str) -> bool,
    steps: usize,
}

impl Cache<'_> {
    fn step(&mut self) -> Option<()> {
        self.steps = self.steps.checked_sub(1)?;
        Some(())
    }

    fn number(&self, at: usize) -> Option<usize> {
        let number = i32::from_le_bytes(le32(self.bytes, at)?.to_le_bytes());
        usize::try_from(number).ok()
    }

    /// What is `by` bytes from `from`, with `len` bytes there.
    fn place(&self, from: usize, by: u64, len: usize) -> Option<usize> {
        let by = i64::from_le_bytes(by.to_le_bytes());
        let at = from.checked_add_signed(isize::try_from(by).ok()?)?;
        self.bytes.get(at..at.checked_add(len)?)?;
        (at >= HEADER).then_some(at)
    }

    /// The distance at `at`, counted from `from`.
    fn offset(&self, at: usize, from: usize, len: usize) -> Option<usize> {
        self.place(from, le64(self.bytes, at)?, len)
    }

    /// The pointer at `at` in the structure at `from`; `None` inside for NULL.
    #[allow(clippy::option_option)]
    fn pointer(&self, at: usize, from: usize, len: usize) -> Option<Option<usize>> {
        match le64(self.bytes, at)? {
            0 => Some(None),
            p if p & 1 == 1 => Some(Some(self.place(from, p & !1, len)?)),
            _ => None,
        }
    }

    fn text(&self, at: usize) -> Option<String> {
        let rest = self.bytes.get(at..)?;
        let end = rest.iter().position(|b| *b == 0)?;
        Some(lossless(rest.get(..end)?))
    }

    /// A text; where it is a path, that of a member.
    fn named(&self, at: usize) -> Option<()> {
        let text = self.text(at)?;
        (!text.starts_with('/') || (self.there)(&text)).then_some(())
    }

    fn check(&mut self, name: &str) -> Option<()> {
        let whole = le64(self.bytes, 8)?;
        if le32(self.bytes, 0)? != MAGIC || whole != self.bytes.len() as u64 {
            return None;
        }
        let folder = self.offset(16, 0, 1)?;
        let folder = self.text(folder)?;
        let sum = hex(&Md5::digest(folder.as_bytes()));
        if name.split_once('-')?.0 != sum {
            return None;
        }
        let count = self.number(32)?;
        if count > 0 {
            let list = self.offset(24, 0, count.checked_mul(8)?)?;
            for i in 0..count {
                self.step()?;
                let one = self.offset(list + 8 * i, list, 1)?;
                self.text(one)?;
            }
        }
        let set = self.offset(40, 0, 16)?;
        let fonts = self.number(set)?;
        if fonts == 0 {
            return Some(());
        }
        let list = self.pointer(set + 8, set, fonts.checked_mul(8)?)??;
        for i in 0..fonts {
            let font = self.pointer(list + 8 * i, set, 24)??;
            self.font(font)?;
        }
        Some(())
    }

    fn font(&mut self, font: usize) -> Option<()> {
        let count = self.number(font)?;
        let list = self.offset(font + 8, font, count.checked_mul(ELEMENT)?)?;
        for i in 0..count {
            let element = list + ELEMENT * i;
            let mut next = self.pointer(element + 8, element, VALUE)?;
            while let Some(value) = next {
                self.step()?;
                self.value(value + 8)?;
                next = self.pointer(value, value, VALUE)?;
            }
        }
        Some(())
    }

    /// An `FcValue`.
    fn value(&mut self, value: usize) -> Option<()> {
        match le32(self.bytes, value)? {
            // Nothing, a number, a yes or no.
            0 | 1 | 2 | 4 => Some(()),
            3 => {
                let text = self.pointer(value + 8, value, 1)??;
                self.named(text)
            }
            // Characters: leaves of 32 bytes, and a number of 16 bits for each.
            6 => {
                let set = self.pointer(value + 8, value, 24)??;
                let count = self.number(set + 4)?;
                if count == 0 {
                    return Some(());
                }
                let leaves = self.offset(set + 8, set, count.checked_mul(8)?)?;
                self.offset(set + 16, set, count.checked_mul(2)?)?;
                for i in 0..count {
                    self.step()?;
                    self.offset(leaves + 8 * i, leaves, 32)?;
                }
                Some(())
            }
            // Languages: no text of its own, and a map.
            8 => {
                let set = self.pointer(value + 8, value, 16)??;
                let words = self.number(set + 8)?;
                let fits = words <= MAX_WORDS && le64(self.bytes, set)? == 0;
                let end = set.checked_add(12)?.checked_add(words.checked_mul(4)?)?;
                (fits && end <= self.bytes.len()).then_some(())
            }
            // A range: two numbers.
            9 => self.pointer(value + 8, value, 16)?.map(|_| ()),
            // A matrix: four.
            5 => self.pointer(value + 8, value, 32)?.map(|_| ()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cache of a folder with one font, whose file is `file`.
    fn cache(folder: &str, file: &str) -> Vec<u8> {
        let mut b = vec![0; 256];
        let mut put = |at: usize, value: u64| b[at..at + 8].copy_from_slice(&value.to_le_bytes());
        put(0, u64::from(MAGIC) | 8 << 32);
        put(8, 256);
        put(16, 64); // the folder
        put(40, 96); // the set: one font
        put(96, 1 | 1 << 32);
        put(104, 16 | 1); // the list
        put(112, 24 | 1); // the font, from the set
        put(120, 1 | 1 << 32);
        put(128, 24); // its elements
        put(144, 21);
        put(152, 16 | 1); // the values
        put(168, 3); // a text
        put(176, 24 | 1);
        b[64..64 + folder.len()].copy_from_slice(folder.as_bytes());
        b[192..192 + file.len()].copy_from_slice(file.as_bytes());
        b
    }

    #[test]
    fn references_stay_inside_and_fonts_are_members() {
        let name = format!("{}-le64.cache-8", hex(&Md5::digest(b"/usr/share/fonts")));
        let there = |path: &str| path == "/usr/share/fonts/a.ttf";
        let good = cache("/usr/share/fonts", "/usr/share/fonts/a.ttf");
        assert!(sound(&name, &good, there));
        assert!(!sound("0-le64.cache-8", &good, there));
        assert!(!sound(
            &name,
            &cache("/usr/share/other", "/usr/share/fonts/a.ttf"),
            there
        ));
        assert!(!sound(
            &name,
            &cache("/usr/share/fonts", "/srv/x.ttf"),
            there
        ));
        for (at, value) in [
            (40, 250),
            (104, 301),
            (112, 201),
            (128, 200),
            (152, 96 | 1),
            (160, 1 | 8),
            (176, 99),
            (168, 7),
        ] {
            let mut bad = good.clone();
            bad[at..at + 8].copy_from_slice(&(value as u64).to_le_bytes());
            let found = sound(&name, &bad, there);
            assert!(!found, "{at}");
        }
        for len in 0..good.len() {
            assert!(!sound(&name, &good[..len], there));
        }
    }
}
