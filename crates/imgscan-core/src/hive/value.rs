//! Values: their cells and their data.

use std::borrow::Cow;

use super::Hive;
use super::name::{self, Name};
use super::store::{NOWHERE, corrupt, file_offset, unexpected, words};
use crate::bytes::{be32, le16, le32, le64};
use crate::error::Result;

/// Bytes of a value's cell before its name.
const VALUE_HEAD: usize = 20;
/// Bytes of the name behind the head of a value's cell.
fn name_len(head: &[u8; VALUE_HEAD]) -> usize {
    le16(head, 2).unwrap_or_default().into()
}

/// In the data length: the data stands in the offset field.
const RESIDENT: u32 = 0x8000_0000;
/// Flag: the name is stored as Latin-1.
const COMPRESSED_NAME: u16 = 1;
/// Bytes that one segment of big data holds.
const SEGMENT: usize = 16_344;

/// The type of a value, as its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueType(pub u32);

impl ValueType {
    /// No type.
    pub const NONE: Self = Self(0);
    /// Text.
    pub const SZ: Self = Self(1);
    /// Text with `%variables%`.
    pub const EXPAND_SZ: Self = Self(2);
    /// Bytes.
    pub const BINARY: Self = Self(3);
    /// A little-endian 32-bit number.
    pub const DWORD: Self = Self(4);
    /// A big-endian 32-bit number.
    pub const DWORD_BIG_ENDIAN: Self = Self(5);
    /// The target of a symbolic link between keys.
    pub const LINK: Self = Self(6);
    /// A list of texts.
    pub const MULTI_SZ: Self = Self(7);
    /// A little-endian 64-bit number.
    pub const QWORD: Self = Self(11);

    /// Its name (`REG_SZ`); the number in hexadecimal where it has none.
    #[must_use]
    pub fn name(self) -> String {
        const NAMES: [&str; 12] = [
            "REG_NONE",
            "REG_SZ",
            "REG_EXPAND_SZ",
            "REG_BINARY",
            "REG_DWORD",
            "REG_DWORD_BIG_ENDIAN",
            "REG_LINK",
            "REG_MULTI_SZ",
            "REG_RESOURCE_LIST",
            "REG_FULL_RESOURCE_DESCRIPTOR",
            "REG_RESOURCE_REQUIREMENTS_LIST",
            "REG_QWORD",
        ];
        match NAMES.get(self.0 as usize) {
            Some(name) => (*name).to_owned(),
            None => format!("{:#x}", self.0),
        }
    }
}

/// A value's data by its type.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Data {
    /// `REG_SZ`, up to its first NUL.
    Text(String),
    /// `REG_EXPAND_SZ`, up to its first NUL.
    Expand(String),
    /// `REG_MULTI_SZ`, up to its first empty text.
    List(Vec<String>),
    /// `REG_DWORD` of 4 bytes, or `REG_DWORD_BIG_ENDIAN`.
    Number(u32),
    /// `REG_QWORD` of 8 bytes.
    Long(u64),
    /// Every other type, and what is not as long as its type.
    Bytes(Vec<u8>),
}

/// Characters of a text in a value of another type.
const MIN_TEXT: usize = 3;

impl Data {
    /// The text that bytes of a type without texts hold: a reader that does not ask for the type takes
    /// it for one (Microsoft, "RegQueryValueEx"). Up to the first NUL, in UTF-16 or, with the sign of a
    /// path, in one byte a character.
    #[must_use]
    pub fn hidden_text(&self) -> Option<String> {
        let Self::Bytes(bytes) = self else {
            return None;
        };
        let units = bytes.len().saturating_sub(bytes.len() % 2);
        let wide = name::utf16(bytes.get(..units)?, true);
        let count = wide.chars().count();
        let plain = wide.chars().filter(|c| matches!(c, ' '..='~')).count();
        let is_text = |text: &str| !text.contains(|c: char| c.is_control() || c == '\u{fffd}');
        if count >= MIN_TEXT && plain > count / 2 && is_text(&wide) {
            return Some(wide);
        }
        let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
        let narrow = std::str::from_utf8(bytes.get(..end)?).ok()?;
        let is_path = narrow.contains(['.', '\\']) && narrow.len() >= MIN_TEXT;
        (is_path && is_text(narrow)).then(|| narrow.to_owned())
    }

    /// What `bytes` mean in a value of type `kind`.
    #[must_use]
    pub fn decode(kind: ValueType, bytes: &[u8]) -> Self {
        match (kind, bytes.len()) {
            (ValueType::SZ | ValueType::LINK, _) => Self::Text(name::utf16(bytes, true)),
            (ValueType::EXPAND_SZ, _) => Self::Expand(name::utf16(bytes, true)),
            (ValueType::MULTI_SZ, _) => Self::List(list(bytes)),
            (ValueType::DWORD, 4) => Self::Number(le32(bytes, 0).unwrap_or_default()),
            (ValueType::DWORD_BIG_ENDIAN, 4) => Self::Number(be32(bytes, 0).unwrap_or_default()),
            (ValueType::QWORD, 8) => Self::Long(le64(bytes, 0).unwrap_or_default()),
            _ => Self::Bytes(bytes.to_vec()),
        }
    }

    /// True where this shows all of the `bytes` that it was decoded from: text is valid, ends
    /// with its NUL (a list with its empty text), and hides nothing behind that.
    #[must_use]
    pub fn shows_all_of(&self, bytes: &[u8]) -> bool {
        let same = |text: &str, end: &[u16]| {
            let units = text.encode_utf16().chain(end.iter().copied());
            units.flat_map(u16::to_le_bytes).eq(bytes.iter().copied())
        };
        match self {
            Self::Text(text) | Self::Expand(text) => same(text, &[0]),
            Self::List(list) if list.is_empty() => same("", &[0]),
            Self::List(list) => same(&list.join("\0"), &[0, 0]),
            Self::Number(_) | Self::Long(_) | Self::Bytes(_) => true,
        }
    }
}

/// A value of a key. Its data is read when asked for.
#[derive(Clone)]
pub struct Value<'h> {
    hive: &'h Hive,
    at: u32,
    name: Name<'h>,
    len: u32,
    /// The data itself where it is resident, else the offset of its cell.
    data: [u8; 4],
    kind: ValueType,
}

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Value({:?} at {})", self.name(), self.offset())
    }
}

impl<'h> Value<'h> {
    /// Head and name of the value whose cell is at `at`, where that lies in one piece. `None` tells
    /// nothing: [`Value::read`] does.
    #[inline(always)]
    pub(super) fn parts(hive: &'h Hive, at: u32) -> Option<(&'h [u8; VALUE_HEAD], &'h [u8])> {
        let (head, rest) = hive.store.contents(at)?.split_first_chunk::<VALUE_HEAD>()?;
        let name = rest.get(..name_len(head))?;
        (head[..2] == *b"vk").then_some((head, name))
    }

    /// The value whose cell is at `at`.
    pub(super) fn read(hive: &'h Hive, at: u32) -> Result<Self> {
        let cell = hive.store.cell(at)?;
        let head = hive.store.head::<VALUE_HEAD>(cell)?;
        if !head.starts_with(b"vk") {
            return Err(unexpected(at, "vk", &head));
        }
        let name = hive
            .store
            .in_cell(cell, VALUE_HEAD as u64, name_len(&head))?;
        Ok(Self::new(hive, at, &head, name))
    }

    #[inline(always)]
    pub(super) fn new(
        hive: &'h Hive,
        at: u32,
        head: &[u8; VALUE_HEAD],
        name: Cow<'h, [u8]>,
    ) -> Self {
        let field = |from| le32(head, from).unwrap_or_default();
        let compressed = le16(head, 16).unwrap_or_default() & COMPRESSED_NAME != 0;
        Self {
            hive,
            at,
            name: Name::read(name, compressed),
            len: field(4),
            data: field(8).to_le_bytes(),
            kind: ValueType(field(12)),
        }
    }

    /// Its name; empty for the default value.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.text()
    }

    /// Its type.
    #[must_use]
    pub fn kind(&self) -> ValueType {
        self.kind
    }

    /// Its name as stored, where that is no valid UTF-16 and the text shows escapes.
    #[must_use]
    pub fn invalid_name(&self) -> Option<&[u8]> {
        self.name.invalid()
    }

    /// Byte offset of its cell in the hive file.
    #[must_use]
    pub fn offset(&self) -> u64 {
        file_offset(self.at.into())
    }

    /// Bytes of its data, as its cell claims.
    #[must_use]
    pub fn data_len(&self) -> u32 {
        self.len & !RESIDENT
    }

    /// Its data as stored.
    ///
    /// # Errors
    /// If not all of it is there.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        self.stored().map(Cow::into_owned)
    }

    /// Its data as stored, without a copy where it lies in one piece.
    ///
    /// # Errors
    /// If not all of it is there.
    pub fn stored(&self) -> Result<Cow<'_, [u8]>> {
        let len = self.data_len() as usize;
        if self.len & RESIDENT != 0 {
            return match self.data.get(..len) {
                Some(data) => Ok(Cow::Borrowed(data)),
                None => Err(corrupt(
                    self.at.into(),
                    say!(error_hive_data_resident, len = len),
                )),
            };
        }
        if len == 0 {
            return Ok(Cow::Borrowed(&[]));
        }
        let at = u32::from_le_bytes(self.data);
        if at == NOWHERE {
            return Err(corrupt(
                self.at.into(),
                say!(error_hive_data_nowhere, len = len),
            ));
        }
        let store = &self.hive.store;
        if len <= SEGMENT
            && let Some(data) = store.contents(at).and_then(|here| here.get(..len))
        {
            return Ok(Cow::Borrowed(data));
        }
        let cell = store.cell(at)?;
        // Big data came with version 1.4; before it a cell held data of any length.
        if len > SEGMENT && self.hive.base.minor > 3 {
            return self.big(at, len).map(Cow::Owned);
        }
        store.in_cell(cell, 0, len)
    }

    fn big(&self, at: u32, len: usize) -> Result<Vec<u8>> {
        let store = &self.hive.store;
        let cell = store.cell(at)?;
        let head = store.in_cell(cell, 0, 8)?;
        if !head.starts_with(b"db") {
            return Err(unexpected(at, "db", &head));
        }
        let count = usize::from(le16(&head, 2).unwrap_or_default());
        let list = le32(&head, 4).unwrap_or_default();
        if len > count * SEGMENT || len as u64 > store.len() {
            return Err(corrupt(
                at.into(),
                say!(error_hive_data_segments, len = len, count = count),
            ));
        }
        let offsets = store.in_cell(store.cell(list)?, 0, count * 4)?;
        let mut data = Vec::with_capacity(len);
        for segment in words(&offsets) {
            let take = len.saturating_sub(data.len()).min(SEGMENT);
            data.extend_from_slice(&store.in_cell(store.cell(segment)?, 0, take)?);
        }
        Ok(data)
    }

    /// Its data by its type.
    ///
    /// # Errors
    /// As [`Value::bytes`].
    pub fn data(&self) -> Result<Data> {
        Ok(Data::decode(self.kind, &self.bytes()?))
    }

    /// Its text, where it is `REG_SZ` or `REG_EXPAND_SZ`.
    ///
    /// # Errors
    /// As [`Value::bytes`].
    pub fn text(&self) -> Result<Option<String>> {
        Ok(match self.data()? {
            Data::Text(text) | Data::Expand(text) => Some(text),
            _ => None,
        })
    }

    /// Its number, where it is a `REG_DWORD`.
    ///
    /// # Errors
    /// As [`Value::bytes`].
    pub fn number(&self) -> Result<Option<u32>> {
        Ok(match self.data()? {
            Data::Number(number) if self.kind == ValueType::DWORD => Some(number),
            _ => None,
        })
    }
}

fn list(bytes: &[u8]) -> Vec<String> {
    let (units, _) = bytes.as_chunks::<2>();
    units
        .split(|unit| *unit == [0, 0])
        .take_while(|text| !text.is_empty())
        .map(|text| name::utf16(text.as_flattened(), false))
        .collect()
}
