//! A command line cut into arguments, as each of its readers cuts it (rules 6.1a to 6.1c).

use crate::text::lossless;

/// What the kernel takes for a blank: `isspace` in its own table, byte by byte (`lib/ctype.c`).
fn is_blank(byte: u8) -> bool {
    matches!(byte, 9..=13 | b' ' | 0xA0)
}

/// The arguments as the kernel cuts them (`next_arg` of `lib/cmdline.c`): quotation marks hold
/// blanks, wherever they stand, and those around a value or a whole word are taken off.
pub(super) fn of_kernel(line: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let mut rest = line;
    loop {
        let start = rest.iter().position(|b| !is_blank(*b));
        rest = match start {
            Some(start) => &rest[start..],
            None => return all,
        };
        let whole_quoted = rest.first() == Some(&b'"');
        let body = &rest[usize::from(whole_quoted)..];
        let mut inside = whole_quoted;
        let mut end = body.len();
        for (i, byte) in body.iter().enumerate() {
            if is_blank(*byte) && !inside {
                end = i;
                break;
            }
            inside ^= *byte == b'"';
        }
        let (mut word, behind) = body.split_at(end);
        rest = behind;
        if whole_quoted {
            word = word.strip_suffix(b"\"").unwrap_or(word);
        }
        let equals = word.iter().position(|b| *b == b'=').filter(|at| *at > 0);
        let word = match equals.map(|at| word.split_at(at + 1)) {
            Some((name, [b'"', value @ ..])) => {
                let value = value.strip_suffix(b"\"").unwrap_or(value);
                [name, value].concat()
            }
            _ => word.to_vec(),
        };
        if !word.is_empty() {
            all.push(word);
        }
    }
}

/// The words as a shell's `for` cuts `/proc/cmdline`, which the initramfs of initramfs-tools does:
/// quotation marks mean nothing.
pub(super) fn of_shell(line: &[u8]) -> Vec<Vec<u8>> {
    let words = line.split(|b| matches!(b, b' ' | b'\t' | b'\n'));
    words
        .filter(|w| !w.is_empty())
        .map(<[u8]>::to_vec)
        .collect()
}

/// The words as systemd cuts them: single and double quotation marks hold blanks and are taken
/// off (`extract_first_word` with `EXTRACT_UNQUOTE|EXTRACT_RELAX`).
pub(super) fn of_systemd(line: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut quote = None;
    for byte in line {
        match (quote, byte) {
            (Some(q), b) if q == *b => quote = None,
            (None, b'"' | b'\'') => {
                quote = Some(*byte);
                word.get_or_insert_with(Vec::new);
            }
            (None, b' ' | b'\t' | b'\n' | b'\r') => all.extend(word.take()),
            (_, b) => word.get_or_insert_with(Vec::new).push(*b),
        }
    }
    all.extend(word);
    all
}

/// The arguments that any reader sees: the kernel's, and what systemd and the initramfs see beside
/// them. Those two read on behind a bare `--`, where the kernel stops (rule 6.1b).
#[must_use]
pub(crate) fn of_any(line: &[u8]) -> Vec<String> {
    let mut all = of_kernel(line);
    for word in of_systemd(line).into_iter().chain(of_shell(line)) {
        if !all.contains(&word) {
            all.push(word);
        }
    }
    all.iter().map(|w| lossless(w)).collect()
}

/// The values of `name`, as the kernel sees them and as the initramfs does.
#[must_use]
pub(crate) fn values(line: &[u8], name: &str) -> (Option<String>, Option<String>) {
    let prefix = format!("{name}=");
    let last = |words: Vec<Vec<u8>>| {
        let mut named = words
            .iter()
            .filter_map(|w| w.strip_prefix(prefix.as_bytes()));
        named.next_back().map(lossless)
    };
    let bare = |w: &Vec<u8>| w.as_slice() == b"--";
    let kernel: Vec<Vec<u8>> = of_kernel(line)
        .into_iter()
        .take_while(|w| !bare(w))
        .collect();
    (last(kernel), last(of_shell(line)))
}

/// The files that the EFI stub of the kernel loads: every `initrd=`, wherever it stands, without
/// regard to words or quotation marks (rule 6.3b).
#[must_use]
pub(crate) fn stub_initrds(line: &[u8]) -> Vec<String> {
    let mut all = Vec::new();
    for at in memchr::memmem::find_iter(line, b"initrd=") {
        let name = &line[at + 7..];
        let end = name.iter().position(|b| matches!(b, b' ' | b'\n' | 0));
        let name = &name[..end.unwrap_or(name.len())];
        let name = lossless(name).replace('\\', "/");
        let name = name.trim_start_matches('/');
        if !name.is_empty() {
            all.push(format!("/{name}"));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kernel(line: &[u8]) -> Vec<String> {
        of_kernel(line).iter().map(|w| lossless(w)).collect()
    }

    /// `next_arg` of Linux, `lib/cmdline.c`.
    #[test]
    fn the_kernel_cuts_at_its_own_blanks_outside_of_quotation_marks() {
        assert_eq!(kernel(b"ro  quiet\tx=1"), ["ro", "quiet", "x=1"]);
        assert_eq!(kernel(b"ro\xa0init=/x"), ["ro", "init=/x"]);
        // The second byte of a letter is a blank too.
        assert_eq!(kernel("a\u{e0}b".as_bytes()), ["a\\xc3", "b"]);
        assert_eq!(kernel(b"x=\"a b\" y"), ["x=a b", "y"]);
        assert_eq!(kernel(b"\"x=a b\" y"), ["x=a b", "y"]);
        assert_eq!(kernel(b"ro\"ot=/x y\" z"), ["ro\"ot=/x y\"", "z"]);
        assert_eq!(kernel(b"a \"-- b\" c"), ["a", "-- b", "c"]);
        assert_eq!(kernel(b""), Vec::<String>::new());
    }

    /// T2: one parameter for the kernel, a root device for the initramfs.
    #[test]
    fn readers_differ_and_none_is_left_out() {
        let line = b"root=UUID=1 x=\"a root=/dev/evil\"";
        let (of_kernel, of_initramfs) = values(line, "root");
        assert_eq!(of_kernel.as_deref(), Some("UUID=1"));
        assert_eq!(of_initramfs.as_deref(), Some("/dev/evil\""));
        let line = b"root=UUID=1 -- root=/dev/evil";
        assert_eq!(values(line, "root").0.as_deref(), Some("UUID=1"));
        assert_eq!(values(line, "root").1.as_deref(), Some("/dev/evil"));
        let seen = of_any(b"a='b init=/x' -- init=/y");
        for word in ["init=/x'", "init=/y", "a=b init=/x"] {
            assert!(seen.iter().any(|w| w == word), "{word}");
        }
    }

    /// `drivers/firmware/efi/libstub/file.c`.
    #[test]
    fn the_stub_finds_its_files_anywhere() {
        assert_eq!(stub_initrds(b"ro initrd=/a.img quiet"), ["/a.img"]);
        assert_eq!(
            stub_initrds(b"noinitrd=\\\\b x=\"initrd=c\""),
            ["/b", "/c\""]
        );
        assert_eq!(stub_initrds(b"ro"), Vec::<String>::new());
    }
}
