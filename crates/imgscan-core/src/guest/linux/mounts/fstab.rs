//! fstab(5) as its readers read it. They are not of one mind: systemd before 259 asks getmntent(3)
//! of glibc, systemd from 259 and mount(8) ask libmount.

use crate::text::lossless;

/// Bytes of a line that glibc keeps: its buffer less the end mark (`misc/mntent_r.c`).
const GLIBC_LINE: usize = 4095;

/// An entry of fstab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The line, from 1.
    pub(super) number: usize,
    /// What: a device, a tag or a path.
    pub(super) what: Vec<u8>,
    /// Where.
    pub(super) at: Vec<u8>,
    /// The type of the file system; may be empty.
    pub(super) kind: String,
    /// The options as one field; may be empty.
    pub(super) options: String,
}

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// getmntent(3) of glibc.
    Glibc,
    /// mnt_table_parse_file(3) of libmount.
    Libmount,
}

/// What a reader finds, and where another finds something else.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Table {
    /// The entries.
    pub(super) lines: Vec<Line>,
    /// Lines that glibc, libmount and the shell of an initramfs do not read alike.
    pub(super) disputed: Vec<usize>,
}

/// Reads an fstab with `reader`, and compares with the other one (8.1).
pub(super) fn read(bytes: &[u8], reader: Reader) -> Table {
    let all = physical(bytes);
    let mut table = Table::default();
    for (number, line) in all {
        let glibc = glibc(number, line);
        let libmount = libmount(number, line);
        // A NUL ends the line for these two, makes glibc swallow the line behind it, and is
        // dropped by a shell.
        if glibc != libmount || line.contains(&0) {
            table.disputed.push(number);
        }
        table.lines.extend(match reader {
            Reader::Glibc => glibc,
            Reader::Libmount => libmount,
        });
    }
    table
}

fn physical(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    text.split(|b| *b == b'\n')
        .enumerate()
        .map(|(i, line)| (i.saturating_add(1), line))
}

/// Takes the next field; blanks and tabs separate.
fn field<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let is_blank = |b: &u8| *b == b' ' || *b == b'\t';
    let end = rest.iter().position(is_blank).unwrap_or(rest.len());
    let (field, behind) = rest.split_at(end);
    *rest = trim_start(behind);
    field
}

fn trim_start(bytes: &[u8]) -> &[u8] {
    let blanks = bytes
        .iter()
        .take_while(|b| **b == b' ' || **b == b'\t')
        .count();
    bytes.get(blanks..).unwrap_or_default()
}

fn until_nul(line: &[u8]) -> &[u8] {
    line.split(|b| *b == 0).next().unwrap_or_default()
}

/// A line as glibc reads it: what is missing is empty, nothing is an error, and of a long line
/// only the beginning counts.
fn glibc(number: usize, line: &[u8]) -> Option<Line> {
    let line = line.get(..GLIBC_LINE).unwrap_or(line);
    let mut rest = trim_start(until_nul(line));
    if rest.is_empty() || rest.starts_with(b"#") {
        return None;
    }
    let mut next = || glibc_escapes(field(&mut rest));
    let (what, at, kind, options) = (next(), next(), next(), next());
    Some(Line {
        number,
        what,
        at,
        kind: lossless(&kind),
        options: lossless(&options),
    })
}

/// glibc knows `\040`, `\011`, `\012`, `\134` and a doubled backslash.
fn glibc_escapes(field: &[u8]) -> Vec<u8> {
    let known: [(&[u8], u8); 5] = [
        (b"\\040", b' '),
        (b"\\011", b'\t'),
        (b"\\012", b'\n'),
        (b"\\134", b'\\'),
        (b"\\\\", b'\\'),
    ];
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, tail)) = rest.split_first() {
        let escape = known
            .iter()
            .find_map(|(text, byte)| Some((*byte, rest.strip_prefix(*text)?)));
        let (byte, behind) = escape.unwrap_or((*first, tail));
        out.push(byte);
        rest = behind;
    }
    out
}

/// A line as libmount reads it (`libmount/src/tab_parse.c`): without source, target and type it is
/// skipped, and so it is where one of the last two fields is no number.
fn libmount(number: usize, line: &[u8]) -> Option<Line> {
    let line = until_nul(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let mut rest = trim_start(line);
    if rest.is_empty() || rest.starts_with(b"#") {
        return None;
    }
    let mut next = || field(&mut rest).to_vec();
    let (what, at, kind, options) = (next(), next(), next(), next());
    let is_number = |field: Vec<u8>| {
        let digits = field.strip_prefix(b"-").unwrap_or(&field);
        field.is_empty() || !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
    };
    if kind.is_empty() || !is_number(next()) || !is_number(next()) {
        return None;
    }
    Some(Line {
        number,
        what: octal_escapes(&what),
        at: octal_escapes(&at),
        kind: lossless(&octal_escapes(&kind)),
        options: lossless(&octal_escapes(&options)),
    })
}

/// libmount decodes any three octal digits.
fn octal_escapes(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, tail)) = rest.split_first() {
        let (byte, behind) = match rest {
            [
                b'\\',
                a @ b'0'..=b'7',
                b @ b'0'..=b'7',
                c @ b'0'..=b'7',
                behind @ ..,
            ] => ((a & 3) << 6 | (b & 7) << 3 | c & 7, behind),
            _ => (*first, tail),
        };
        out.push(byte);
        rest = behind;
    }
    out
}

/// True where the shell of an initramfs reads the line otherwise (8.1): it knows no escapes, and
/// that of initramfs-tools leaves a last line out that no newline ends.
pub(super) fn shell_differs(bytes: &[u8], number: usize) -> bool {
    let lines = physical(bytes);
    let count = bytes.split(|b| *b == b'\n').count();
    let unterminated = !bytes.ends_with(b"\n") && number == count;
    let mut this = lines.filter(|(n, _)| *n == number);
    unterminated || this.any(|(_, line)| line.contains(&b'\\') || line.contains(&b'\r'))
}

/// The options of a field, commas and backslashes in values unescaped (8.2l).
pub(super) fn options(field: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut rest = field.chars();
    while let Some(c) = rest.next() {
        let escaped = (c == '\\').then(|| rest.clone().next()).flatten();
        match (c, escaped) {
            (_, Some(next @ (',' | '\\'))) => {
                rest.next();
                if let Some(last) = all.last_mut() {
                    last.push(next);
                }
            }
            (',', _) => all.push(String::new()),
            _ => {
                if let Some(last) = all.last_mut() {
                    last.push(c);
                }
            }
        }
    }
    all.retain(|option| !option.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(lines: &[Line]) -> Vec<String> {
        let show = |l: &Line| {
            let (what, at) = (lossless(&l.what), lossless(&l.at));
            format!("{} {what} {at} {} {}", l.number, l.kind, l.options)
        };
        lines.iter().map(show).collect()
    }

    /// As `findmnt --tab-file` (util-linux 2.38) and systemd-fstab-generator 252 (glibc 2.36) read
    /// the same lines.
    #[test]
    fn each_reader_reads_as_its_own_source_does() {
        let text = b"# c\n \t# indented\nUUID=aa / ext4 rw,noatime 0 1\n/dev/vdb1\t/a\\040b xfs\n\
            UUID=b /us\\162 ext4 defaults 0 0\n/dev/vda9 /usr ext4 defaults x y\n/dev/vda8 /x\n\
            UUID=c\xc2\xa0/y /z ext4\nUUID=d /cr ext4 defaults\r\nlast /l ext4";
        let glibc = read(text, Reader::Glibc);
        assert_eq!(
            told(&glibc.lines),
            [
                "3 UUID=aa / ext4 rw,noatime",
                "4 /dev/vdb1 /a b xfs ",
                "5 UUID=b /us\\162 ext4 defaults",
                "6 /dev/vda9 /usr ext4 defaults",
                "7 /dev/vda8 /x  ",
                "8 UUID=c\u{a0}/y /z ext4 ",
                "9 UUID=d /cr ext4 defaults\r",
                "10 last /l ext4 ",
            ]
        );
        let libmount = read(text, Reader::Libmount);
        assert_eq!(
            told(&libmount.lines),
            [
                "3 UUID=aa / ext4 rw,noatime",
                "4 /dev/vdb1 /a b xfs ",
                "5 UUID=b /usr ext4 defaults",
                "8 UUID=c\u{a0}/y /z ext4 ",
                "9 UUID=d /cr ext4 defaults",
                "10 last /l ext4 ",
            ]
        );
        assert_eq!(glibc.disputed, [5, 6, 7, 9]);
        assert!(shell_differs(text, 10) && shell_differs(text, 4) && !shell_differs(text, 3));
    }

    /// glibc 2.36 drops what is behind 4,095 bytes of a line.
    #[test]
    fn a_long_line_and_a_nul_are_disputed() {
        let mut text = b"UUID=a /usr ".to_vec();
        text.extend([b' '; 5000]);
        text.extend(b"ext4 noauto\nUUID=b\0 /x ext4\n");
        let table = read(&text, Reader::Glibc);
        assert_eq!(told(&table.lines), ["1 UUID=a /usr  ", "2 UUID=b   "]);
        assert_eq!(table.disputed, [1, 2]);
    }

    /// `extract_first_word` of systemd with a comma: `lowerdir=a\,b` is one option.
    #[test]
    fn commas_of_values_are_escaped() {
        assert_eq!(
            options("rw,lowerdir=/a\\,b:/c\\\\,x,"),
            ["rw", "lowerdir=/a,b:/c\\", "x"]
        );
    }
}
