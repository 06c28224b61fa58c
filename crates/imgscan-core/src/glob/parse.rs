//! From the bytes of a pattern to its parts.

use super::{Class, Flags, Item, MAX_PATTERN, Token, units};
use crate::error::{Error, Layer, Result};
use crate::text::Text;

const BACKSLASH: u32 = b'\\' as u32;
const STAR: u32 = b'*' as u32;
const QUESTION: u32 = b'?' as u32;
const OPEN: u32 = b'[' as u32;
const CLOSE: u32 = b']' as u32;
const MINUS: u32 = b'-' as u32;
const COLON: u32 = b':' as u32;
const SLASH: u32 = b'/' as u32;

/// A pattern in which only stars are special.
pub(super) fn stars(pattern: &[u8], flags: Flags) -> Vec<Token> {
    let mut tokens = Vec::new();
    for unit in units(pattern, flags) {
        match unit {
            STAR => star(&mut tokens),
            unit => tokens.push(Token::Unit(unit)),
        }
    }
    tokens
}

fn star(tokens: &mut Vec<Token>) {
    if !matches!(tokens.last(), Some(Token::Star)) {
        tokens.push(Token::Star);
    }
}

pub(super) fn tokens(pattern: &[u8], flags: Flags) -> Result<Vec<Token>> {
    if pattern.len() > MAX_PATTERN {
        let why = say!(error_pattern_long, len = pattern.len(), most = MAX_PATTERN);
        return Err(Error::limit(Layer::Config, None, why));
    }
    if flags.contains(Flags::STARS_ONLY) {
        return Ok(stars(pattern, flags));
    }
    let mut rest = Rest {
        pattern,
        units: &units(pattern, flags),
        at: 0,
        flags,
    };
    let mut tokens = Vec::new();
    while let Some(unit) = rest.next() {
        match unit {
            STAR => star(&mut tokens),
            QUESTION => tokens.push(Token::One),
            BACKSLASH if rest.escapes() => match rest.next() {
                Some(unit) => tokens.push(Token::Unit(unit)),
                None => return Err(rest.corrupt(say!(error_pattern_backslash))),
            },
            OPEN => tokens.push(rest.set()?),
            unit => tokens.push(Token::Unit(unit)),
        }
    }
    Ok(tokens)
}

/// What is left of a pattern.
struct Rest<'a> {
    pattern: &'a [u8],
    units: &'a [u32],
    at: usize,
    flags: Flags,
}

impl Rest<'_> {
    fn next(&mut self) -> Option<u32> {
        let unit = self.peek(0)?;
        self.at = self.at.saturating_add(1);
        Some(unit)
    }

    fn peek(&self, ahead: usize) -> Option<u32> {
        self.units.get(self.at.checked_add(ahead)?).copied()
    }

    fn escapes(&self) -> bool {
        !self.flags.contains(Flags::NO_ESCAPE)
    }

    fn corrupt(&self, why: Text) -> Error {
        Error::corrupt(Layer::Config, None, self.text(why))
    }

    fn unsupported(&self, why: Text) -> Error {
        Error::unsupported(Layer::Config, None, self.text(why))
    }

    fn text(&self, why: Text) -> Text {
        let pattern = crate::text::terminal_bytes(self.pattern);
        say!(error_pattern, pattern = pattern, why = why)
    }

    /// What stands behind a `[`; the bracket itself where no `]` closes it.
    fn set(&mut self) -> Result<Token> {
        let start = self.at;
        let plain = self.flags.contains(Flags::PLAIN_SETS);
        let not = !plain
            && match self.peek(0) {
                Some(c) if c == u32::from(b'!') => true,
                Some(c) if c == u32::from(b'^') => !self.flags.contains(Flags::PLAIN_CARET),
                _ => false,
            };
        self.at = self.at.saturating_add(usize::from(not));
        let first = self.at;
        let mut items = Vec::new();
        loop {
            let at = self.at;
            let Some(mut unit) = self.next() else {
                return self.unclosed(start, &items);
            };
            match unit {
                CLOSE if at > first => return Ok(Token::Set { not, items }),
                BACKSLASH if self.escapes() => {
                    unit = self
                        .next()
                        .ok_or_else(|| self.corrupt(say!(error_pattern_backslash)))?;
                }
                OPEN if self.peek(0) == Some(COLON) && !plain => {
                    if let Some(class) = self.class()? {
                        items.push(Item::Class(class));
                        continue;
                    }
                }
                OPEN if !plain && self.collates() => {
                    return Err(self.unsupported(say!(error_pattern_collating)));
                }
                _ => {}
            }
            let mut last = unit;
            if self.peek(0) == Some(MINUS) && self.peek(1) != Some(CLOSE) {
                self.at = self.at.saturating_add(1);
                last = match self.next() {
                    Some(BACKSLASH) if self.escapes() => self.next(),
                    Some(OPEN) if !plain && self.collates() => {
                        return Err(self.unsupported(say!(error_pattern_range_collating)));
                    }
                    last => last,
                }
                .ok_or_else(|| self.corrupt(say!(error_pattern_range)))?;
            }
            if self.flags.contains(Flags::PATH) && (unit == SLASH || last == SLASH) {
                return Err(self.unsupported(say!(error_pattern_slash)));
            }
            items.push(Item::Range(unit, last));
        }
    }

    fn collates(&self) -> bool {
        matches!(self.peek(0), Some(c) if c == u32::from(b'.') || c == u32::from(b'='))
    }

    /// A bracket that nothing closes stands for itself, but not in systemd-boot; and glibc takes
    /// it for a failure where the bracket itself is among what it opened.
    fn unclosed(&mut self, start: usize, items: &[Item]) -> Result<Token> {
        if self.flags.contains(Flags::PLAIN_SETS) || items.iter().any(|i| i.has(OPEN)) {
            return Err(self.corrupt(say!(error_pattern_open)));
        }
        self.at = start;
        Ok(Token::Unit(OPEN))
    }

    /// The class `[:name:]` whose colon comes next; `None` where it is no class.
    fn class(&mut self) -> Result<Option<Class>> {
        let behind_colon = self.at.saturating_add(1);
        let name: String = self
            .units
            .iter()
            .skip(behind_colon)
            .map_while(|c| u8::try_from(*c).ok())
            .take_while(u8::is_ascii_lowercase)
            .map(char::from)
            .collect();
        let behind = behind_colon.saturating_add(name.len());
        let closed = self.units.get(behind..).unwrap_or_default();
        if !closed.starts_with(&[COLON, CLOSE]) {
            return Ok(None);
        }
        self.at = behind.saturating_add(2);
        let class: Class = match name.as_str() {
            "upper" | "lower" if self.flags.contains(Flags::IGNORE_CASE) => {
                return Err(self.unsupported(say!(error_pattern_case)));
            }
            "alnum" => u8::is_ascii_alphanumeric,
            "alpha" => u8::is_ascii_alphabetic,
            "blank" => |b| matches!(b, b' ' | b'\t'),
            "cntrl" => u8::is_ascii_control,
            "digit" => u8::is_ascii_digit,
            "graph" => u8::is_ascii_graphic,
            "lower" => u8::is_ascii_lowercase,
            "print" => |b| matches!(b, b' '..=b'~'),
            "punct" => u8::is_ascii_punctuation,
            "space" => |b| matches!(b, b' ' | b'\t'..=b'\r'),
            "upper" => u8::is_ascii_uppercase,
            "xdigit" => u8::is_ascii_hexdigit,
            _ => return Err(self.corrupt(say!(error_pattern_class))),
        };
        Ok(Some(class))
    }
}
