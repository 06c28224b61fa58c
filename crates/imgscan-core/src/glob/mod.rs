//! Glob patterns: the one matcher for include lines, boot menus and policies.
//!
//! A pattern is parsed once. Without flags it means what fnmatch(3) of glibc makes of it in the C
//! locale; where glibc refuses a pattern or is not of one mind about it, [`Pattern::new`] fails, so
//! that a caller can say that the pattern was not followed.

#![warn(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::indexing_slicing
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

mod parse;
#[cfg(test)]
mod tests;

use bitflags::bitflags;

use crate::error::Result;

/// The longest pattern that is parsed, in bytes.
pub(crate) const MAX_PATTERN: usize = 4096;

bitflags! {
    /// How a pattern is read and compared.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub(crate) struct Flags: u8 {
        /// Letters fit in either case: those of ASCII, with [`Flags::CHARS`] all.
        const IGNORE_CASE = 1;
        /// Only a `/` of the pattern fits a `/`.
        const PATH = 1 << 1;
        /// Only a `.` of the pattern fits a `.` at the start (with [`Flags::PATH`], of a component).
        const LEADING_DOT = 1 << 2;
        /// A backslash stands for itself.
        const NO_ESCAPE = 1 << 3;
        /// Only `*` is special; `?`, `[` and the backslash stand for themselves.
        const STARS_ONLY = 1 << 4;
        /// Brackets know neither negation nor classes, as in systemd-boot.
        const PLAIN_SETS = 1 << 5;
        /// In brackets only `!` negates, and `^` stands for itself, as in glob(3) of the BSDs and
        /// OpenSSH.
        const PLAIN_CARET = 1 << 6;
        /// `?` and brackets fit a character of UTF-8 rather than a byte.
        const CHARS = 1 << 7;
    }
}

/// A pattern, ready to compare.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    tokens: Vec<Token>,
    flags: Flags,
}

/// Units are bytes, or with [`Flags::CHARS`] characters.
#[derive(Debug, Clone)]
enum Token {
    Unit(u32),
    One,
    Star,
    Set { not: bool, items: Vec<Item> },
}

#[derive(Debug, Clone, Copy)]
enum Item {
    /// First and last unit.
    Range(u32, u32),
    Class(Class),
}

type Class = fn(&u8) -> bool;

impl Pattern {
    /// Reads `pattern`.
    ///
    /// # Errors
    /// [`crate::Kind::Corrupt`] for a pattern that has no meaning (an unknown class, a backslash at
    /// the end), [`crate::Kind::Unsupported`] for one whose meaning is not certain, and
    /// [`crate::Kind::Limit`] beyond [`MAX_PATTERN`].
    pub(crate) fn new(pattern: &[u8], flags: Flags) -> Result<Self> {
        let tokens = parse::tokens(pattern, flags)?;
        Ok(Self { tokens, flags })
    }

    /// The pattern of a policy: `*` stands for any characters, everything else for itself in
    /// either case.
    #[must_use]
    pub(crate) fn stars(pattern: &str) -> Self {
        let flags = Flags::STARS_ONLY | Flags::IGNORE_CASE | Flags::CHARS;
        let tokens = parse::stars(pattern.as_bytes(), flags);
        Self { tokens, flags }
    }

    /// The only text that fits, where the pattern has no wildcards and heeds case.
    #[must_use]
    pub(crate) fn literal(&self) -> Option<Vec<u8>> {
        if self.flags.contains(Flags::IGNORE_CASE) {
            return None;
        }
        let mut text = Vec::new();
        for token in &self.tokens {
            let Token::Unit(unit) = token else {
                return None;
            };
            match (u8::try_from(*unit), char::from_u32(*unit)) {
                (Ok(byte), _) if byte < 0x80 || !self.flags.contains(Flags::CHARS) => {
                    text.push(byte);
                }
                (_, Some(c)) => text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                // A byte that is no UTF-8.
                (_, None) => text.push(u8::try_from(unit.checked_sub(NOT_UTF8)?).ok()?),
            }
        }
        Some(text)
    }

    /// True where all of `text` fits. Takes at most the product of both lengths in steps.
    #[must_use]
    pub(crate) fn matches(&self, text: &[u8]) -> bool {
        if self.flags.contains(Flags::CHARS) && !text.is_ascii() {
            self.run(&units(text, self.flags))
        } else {
            self.run(text)
        }
    }

    #[expect(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        reason = "t is below the length wherever text is indexed, and p is at most the number of \
                  tokens: it grows by one where a token stands"
    )]
    fn run<T: Copy + Into<u32>>(&self, text: &[T]) -> bool {
        let fold = self.flags.contains(Flags::IGNORE_CASE);
        let path = self.flags.contains(Flags::PATH);
        let dots = self.flags.contains(Flags::LEADING_DOT);
        let slash = u32::from(b'/');
        let at = |i: usize| match text[i].into() {
            c @ 0x41..=0x5a if fold => c + 0x20,
            c => c,
        };
        // Behind the last star it is enough to go on from there, for an earlier one could only
        // give it less; and no star crosses a slash that a later part of the pattern must fit.
        let (mut p, mut t, mut star) = (0, 0, None);
        while t < text.len() {
            let unit = at(t);
            let held =
                dots && unit == u32::from(b'.') && (t == 0 || path && text[t - 1].into() == slash);
            // Only the pattern's own dot or slash fits these.
            let special = held || path && unit == slash;
            let fits = match self.tokens.get(p) {
                Some(Token::Star) if held => return false,
                Some(Token::Star) => {
                    star = Some((p, t));
                    p += 1;
                    continue;
                }
                Some(Token::Unit(c)) => *c == unit,
                Some(Token::One) => !special,
                Some(Token::Set { not, items }) => {
                    !special && items.iter().any(|i| i.has(unit)) != *not
                }
                None => false,
            };
            if fits {
                p += 1;
                t += 1;
            } else if let Some((behind, from)) = star
                && !(path && at(from) == slash)
            {
                p = behind + 1;
                t = from + 1;
                star = Some((behind, t));
            } else {
                return false;
            }
        }
        self.tokens[p..].iter().all(|t| matches!(t, Token::Star))
    }
}

impl Item {
    fn has(&self, unit: u32) -> bool {
        match self {
            Self::Range(first, last) => (*first..=*last).contains(&unit),
            Self::Class(is) => u8::try_from(unit).is_ok_and(|b| is(&b)),
        }
    }
}

/// Units from here on stand for single bytes that are no UTF-8; beyond all characters.
const NOT_UTF8: u32 = 0x11_0000;

/// The units of `text` as `flags` say, folded where they ignore case.
fn units(text: &[u8], flags: Flags) -> Vec<u32> {
    let fold = flags.contains(Flags::IGNORE_CASE);
    let mut units = Vec::with_capacity(text.len());
    if !flags.contains(Flags::CHARS) {
        units.extend(
            text.iter()
                .map(|b| u32::from(if fold { b.to_ascii_lowercase() } else { *b })),
        );
        return units;
    }
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            if fold {
                units.extend(c.to_lowercase().map(u32::from));
            } else {
                units.push(u32::from(c));
            }
        }
        units.extend(chunk.invalid().iter().map(|b| NOT_UTF8 | u32::from(*b)));
    }
    units
}
