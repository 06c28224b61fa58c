//! The ELF headers of a kernel that passes by, and what they lead to.

use super::window::Window;
use crate::bytes::{le16, le32, le64};

/// Program and section headers that are looked at.
const MAX_HEADERS: usize = 256;

/// A table of headers.
#[derive(Debug, Clone, Copy)]
struct Table {
    at: usize,
    /// Bytes from one row to the next.
    size: usize,
    count: usize,
    /// Bytes of a row.
    row: usize,
}

impl Table {
    /// The table with these numbers of the ELF header; one that leads nowhere has no rows.
    fn new(at: Option<u64>, size: Option<u16>, count: Option<u16>, row: usize) -> Self {
        let at = at.and_then(|at| usize::try_from(at).ok()).unwrap_or(0);
        let size = usize::from(size.unwrap_or(0));
        let count = usize::from(count.unwrap_or(0)).min(MAX_HEADERS);
        // A row is at least 32 bytes long, so that none of them is read twice.
        let sound = at > 0 && size >= 32 && at < usize::MAX / 2;
        Self {
            at,
            size,
            count: if sound { count } else { 0 },
            row,
        }
    }

    /// Where its last row ends.
    fn end(&self) -> usize {
        let before = self.count.saturating_sub(1).saturating_mul(self.size);
        self.at.saturating_add(before).saturating_add(self.row)
    }

    /// The rows that `window` holds, up to the first that the kernel ends in.
    fn rows<'a>(self, window: Window<'a>) -> impl Iterator<Item = &'a [u8]> {
        (0..self.count).map_while(move |i| {
            let at = self.at.checked_add(i.checked_mul(self.size)?)?;
            window.get(at, self.row)
        })
    }
}

/// What is known of something that passes by.
#[derive(Debug, Clone, Copy)]
enum State<T> {
    /// It comes yet.
    Awaited,
    /// It had passed before its place was known, or is too long to be held.
    Lost,
    /// It was there; or the kernel ends before it.
    Read(T),
}

impl<T> State<Option<T>> {
    /// Reads what lies between `start` and `end` when all of it is there.
    fn look(
        &mut self,
        window: Window<'_>,
        start: usize,
        end: usize,
        read: impl FnOnce() -> Option<T>,
    ) {
        if !matches!(self, Self::Awaited) {
            return;
        }
        if end > window.end() {
            if window.is_last() {
                *self = Self::Read(None);
            }
        } else if start < window.start() {
            *self = Self::Lost;
        } else {
            *self = Self::Read(read());
        }
    }
}

/// What a program or section header says.
#[derive(Debug, Clone, Copy)]
struct Header {
    /// Offset of a section's name among the names; 0 of a segment.
    name: u32,
    kind: u32,
    address: u64,
    start: usize,
    len: usize,
}

impl Header {
    fn segment(row: &[u8], wide: bool) -> Option<Self> {
        let fields = if wide {
            [le64(row, 16), le64(row, 8), le64(row, 32)]
        } else {
            [8, 4, 16].map(|o| le32(row, o).map(u64::from))
        };
        Self::new(0, le32(row, 0)?, fields)
    }

    fn section(row: &[u8], wide: bool) -> Option<Self> {
        let fields = if wide {
            [le64(row, 16), le64(row, 24), le64(row, 32)]
        } else {
            [12, 16, 20].map(|o| le32(row, o).map(u64::from))
        };
        Self::new(le32(row, 0)?, le32(row, 4)?, fields)
    }

    /// A place that can't be in memory is behind the end of every kernel.
    fn new(name: u32, kind: u32, fields: [Option<u64>; 3]) -> Option<Self> {
        let [Some(address), Some(start), Some(len)] = fields else {
            return None;
        };
        Some(Self {
            name,
            kind,
            address,
            start: usize::try_from(start).unwrap_or(usize::MAX),
            len: usize::try_from(len).unwrap_or(usize::MAX),
        })
    }

    /// Where it ends; `None` where that is behind the end of every kernel.
    fn end(&self) -> Option<usize> {
        self.start.checked_add(self.len)
    }
}

/// Notes among which the build id may be.
#[derive(Debug)]
struct Notes {
    at: Header,
    found: State<Option<Vec<u8>>>,
}

impl Notes {
    fn of(at: Header) -> Self {
        Self {
            at,
            found: State::Awaited,
        }
    }

    fn look(&mut self, window: Window<'_>) {
        let (start, len) = (self.at.start, self.at.len);
        let end = self.at.end().unwrap_or(usize::MAX);
        let read = || note(window.get(start, len)?).map(<[u8]>::to_vec);
        self.found.look(window, start, end, read);
    }
}

/// A segment that is loaded where the address lies that was asked for.
#[derive(Debug)]
struct Asked {
    segment: Header,
    /// The place of the address.
    at: usize,
    /// Bytes of the segment there, [`super::BANNER`] being the longest that counts.
    len: usize,
    banner: State<Option<bool>>,
}

/// What the program headers lead to.
#[derive(Debug, Default)]
struct Programs {
    notes: Vec<Notes>,
    asked: Vec<Asked>,
}

/// What the section headers lead to.
#[derive(Debug, Default)]
struct Sections {
    all: Vec<Header>,
    names: Option<Header>,
    /// Where type information ends, at the least.
    btf: Option<usize>,
    /// Notes, in the order of the sections.
    notes: Vec<Notes>,
}

/// What stands where System.map says that the banner is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtAddress {
    /// The banner.
    Banner,
    /// Something else, or nothing is loaded there.
    Other,
    /// It can't be told: there are no ELF headers, or they don't lead there in time.
    Unknown,
}

/// What the headers lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Led {
    pub(super) build_id: Option<Vec<u8>>,
    pub(super) btf: Option<bool>,
    pub(super) banner: AtAddress,
}

/// Reads the headers of a little-endian ELF file.
#[derive(Debug)]
pub(super) struct Headers {
    wide: bool,
    address: Option<u64>,
    programs: Table,
    program: State<Option<Programs>>,
    sections: Table,
    /// The row of the section that holds the names.
    names: usize,
    section: State<Option<Sections>>,
    named: State<Option<()>>,
}

impl Headers {
    /// Those of the kernel that begins with `window`; `None` where it is no such file.
    pub(super) fn new(window: Window<'_>, address: Option<u64>) -> Option<Self> {
        let b = window.from(0);
        let wide = match b.get(..6)? {
            [0x7F, b'E', b'L', b'F', 2, 1] => true,
            [0x7F, b'E', b'L', b'F', 1, 1] => false,
            _ => return None,
        };
        let word = |at| le32(b, at).map(u64::from);
        let (programs, sections, names) = if wide {
            (
                Table::new(le64(b, 32), le16(b, 54), le16(b, 56), 40),
                Table::new(le64(b, 40), le16(b, 58), le16(b, 60), 40),
                le16(b, 62),
            )
        } else {
            (
                Table::new(word(28), le16(b, 42), le16(b, 44), 20),
                Table::new(word(32), le16(b, 46), le16(b, 48), 24),
                le16(b, 50),
            )
        };
        Some(Self {
            wide,
            address,
            programs,
            program: State::Awaited,
            sections,
            names: usize::from(names.unwrap_or(0)),
            section: State::Awaited,
            named: State::Awaited,
        })
    }

    /// Takes what `window` holds of what the headers lead to.
    pub(super) fn look(&mut self, window: Window<'_>) {
        self.look_at_programs(window);
        self.look_at_sections(window);
    }

    fn look_at_programs(&mut self, window: Window<'_>) {
        let table = self.programs;
        if is_there(&mut self.program, table, window) {
            let mut programs = Programs::default();
            for row in table.rows(window) {
                let Some(header) = Header::segment(row, self.wide) else {
                    break;
                };
                match header.kind {
                    1 => programs.asked.extend(asked(header, self.address)),
                    4 => programs.notes.push(Notes::of(header)),
                    _ => {}
                }
            }
            self.program = State::Read(Some(programs));
        }
        if let State::Read(Some(programs)) = &mut self.program {
            for notes in &mut programs.notes {
                notes.look(window);
            }
            for one in &mut programs.asked {
                let (at, len) = (one.at, one.len);
                let read = || Some(window.get(at, len)? == super::BANNER);
                one.banner.look(window, at, at.saturating_add(len), read);
            }
        }
    }

    fn look_at_sections(&mut self, window: Window<'_>) {
        let table = self.sections;
        if is_there(&mut self.section, table, window) {
            let rows = table.rows(window);
            let all: Vec<_> = rows.map_while(|r| Header::section(r, self.wide)).collect();
            let names = all.get(self.names).copied();
            self.section = State::Read(Some(Sections {
                all,
                names,
                ..Sections::default()
            }));
        }
        let State::Read(Some(sections)) = &mut self.section else {
            return;
        };
        // Without names no section has one that counts.
        let (start, end) = sections.names.map_or((window.start(), 0), |names| {
            (names.start, names.end().unwrap_or(usize::MAX))
        });
        let strings = sections.names.and_then(|n| window.get(n.start, n.len));
        let Sections {
            all, btf, notes, ..
        } = sections;
        self.named.look(window, start, end, || {
            for header in all.iter() {
                // SHT_NULL, and SHT_NOBITS, which has no bytes in the file.
                if header.kind == 0 || header.kind == 8 {
                    continue;
                }
                let name = name(strings.unwrap_or_default(), header.name);
                if name == b".BTF" {
                    let end = header.end().unwrap_or(usize::MAX);
                    *btf = Some(btf.map_or(end, |old| old.min(end)));
                } else if name.starts_with(b".note") {
                    notes.push(Notes::of(*header));
                }
            }
            Some(())
        });
        for notes in notes {
            notes.look(window);
        }
    }

    /// What was found in a kernel of `len` bytes, after the last window. What lies behind its end
    /// counts as not there.
    pub(super) fn finish(&self, len: usize) -> Led {
        Led {
            build_id: self.build_id(len),
            btf: self.btf(len),
            banner: self.banner(len),
        }
    }

    fn build_id(&self, len: usize) -> Option<Vec<u8>> {
        let State::Read(Some(programs)) = &self.program else {
            return None;
        };
        match first(&programs.notes, len) {
            State::Read(None) => {}
            State::Read(found) => return found,
            State::Awaited | State::Lost => return None,
        }
        let State::Read(Some(sections)) = &self.section else {
            return None;
        };
        match first(&sections.notes, len) {
            State::Read(found) => found,
            State::Awaited | State::Lost => None,
        }
    }

    fn btf(&self, len: usize) -> Option<bool> {
        match (&self.section, &self.named) {
            (State::Read(Some(sections)), State::Read(_)) => {
                Some(sections.btf.is_some_and(|end| end <= len))
            }
            _ => None,
        }
    }

    fn banner(&self, len: usize) -> AtAddress {
        let (State::Read(Some(programs)), Some(_)) = (&self.program, self.address) else {
            return AtAddress::Unknown;
        };
        let mut asked = programs.asked.iter();
        let there = asked.find(|a| a.segment.end().is_some_and(|end| end <= len));
        match there.map(|a| a.banner) {
            Some(State::Read(Some(true))) => AtAddress::Banner,
            Some(State::Read(_)) | None => AtAddress::Other,
            Some(State::Awaited | State::Lost) => AtAddress::Unknown,
        }
    }
}

/// True where the rows of `table` are in `window`, and were not there before.
fn is_there<T>(state: &mut State<T>, table: Table, window: Window<'_>) -> bool {
    if !matches!(state, State::Awaited)
        || table.count > 0 && table.end() > window.end() && !window.is_last()
    {
        return false;
    }
    let passed = table.count > 0 && table.at < window.start();
    if passed {
        *state = State::Lost;
    }
    !passed
}

/// `segment`, where `address` lies in it.
fn asked(segment: Header, address: Option<u64>) -> Option<Asked> {
    let inside = address?.checked_sub(segment.address)?;
    let inside = usize::try_from(inside).ok()?;
    let left = segment.len.checked_sub(inside).filter(|left| *left > 0)?;
    Some(Asked {
        segment,
        at: segment.start.checked_add(inside)?,
        len: left.min(super::BANNER.len()),
        banner: State::Awaited,
    })
}

/// The first build id among the notes of a kernel of `len` bytes.
fn first(notes: &[Notes], len: usize) -> State<Option<Vec<u8>>> {
    for notes in notes {
        match &notes.found {
            State::Read(None) => {}
            _ if notes.at.end().is_none_or(|end| end > len) => {}
            found => return found.clone(),
        }
    }
    State::Read(None)
}

/// The name at `offset` among the names of sections; empty where there is none.
fn name(strings: &[u8], offset: u32) -> &[u8] {
    let rest = usize::try_from(offset).ok().and_then(|o| strings.get(o..));
    let rest = rest.unwrap_or_default();
    let end = rest.iter().take(64).position(|c| *c == 0);
    end.and_then(|end| rest.get(..end)).unwrap_or_default()
}

/// The descriptor of the build id among the notes in `bytes`.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "the first number stands at `at`, so that the length of the slice is more"
)]
fn note(bytes: &[u8]) -> Option<&[u8]> {
    let mut at = 0_usize;
    for _ in 0..MAX_HEADERS {
        let name_len = usize::try_from(le32(bytes, at)?).ok()?;
        let len = usize::try_from(le32(bytes, at + 4)?).ok()?;
        let kind = le32(bytes, at + 8)?;
        let name_at = at + 12;
        let start = name_at.checked_add(name_len.checked_next_multiple_of(4)?)?;
        let end = start.checked_add(len)?;
        let name = bytes.get(name_at..name_at.checked_add(name_len)?)?;
        if kind == 3 && name == b"GNU\0" && (4..=64).contains(&len) {
            return bytes.get(start..end);
        }
        at = end.checked_next_multiple_of(4)?;
    }
    None
}
