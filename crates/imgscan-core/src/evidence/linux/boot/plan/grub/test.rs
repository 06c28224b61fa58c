//! `[ … ]` and `test` (rule 3.3f): `grub-core/commands/test.c` of GRUB 2.06.

use super::machine::{Arg, Machine, Status};
use crate::fs::FileKind;

impl Machine<'_> {
    pub(super) fn test_command(&mut self, _line: usize, name: &str, args: &[Arg]) -> Status {
        let args = match (name, args.split_last()) {
            ("[", Some((last, rest))) if last.text == "]" => rest,
            ("[", _) => return Status::Undecided,
            _ => args,
        };
        self.any(args)
    }

    /// Terms parted by `-o`, of which one has to hold.
    fn any(&self, args: &[Arg]) -> Status {
        let mut found = Status::False;
        for part in split(args, "-o") {
            match self.every(part) {
                Status::True => return Status::True,
                Status::Undecided => found = Status::Undecided,
                Status::False => {}
            }
        }
        found
    }

    /// Terms parted by `-a`, of which all have to hold.
    fn every(&self, args: &[Arg]) -> Status {
        let mut found = Status::True;
        for part in split(args, "-a") {
            match self.term(part) {
                Status::False => return Status::False,
                Status::Undecided => found = Status::Undecided,
                Status::True => {}
            }
        }
        found
    }

    fn term(&self, args: &[Arg]) -> Status {
        let words: Vec<&str> = args.iter().map(|a| a.text.as_str()).collect();
        let known = args.iter().all(|a| a.known);
        match words.as_slice() {
            ["!", ..] => self.term(&args[1..]).not(),
            ["(", .., ")"] => self.any(&args[1..args.len() - 1]),
            // An operator in a place where it could also be an operand: readers differ.
            [only @ ("-n" | "-z" | "-e" | "-f" | "-d" | "-s")] => {
                let _ = only;
                Status::Undecided
            }
            // GRUB 2.06 takes no words at all for true; later ones do not.
            [] => Status::Undecided,
            ["-e" | "-f" | "-d" | "-s", _] if !known => Status::Undecided,
            [kind @ ("-e" | "-f" | "-d" | "-s"), _] => self.file_test(kind, &args[1]),
            _ if !known && !decides(args) => Status::Undecided,
            ["-n", text] => Status::of(!text.is_empty()),
            ["-z", text] => Status::of(text.is_empty()),
            [text] => Status::of(!text.is_empty()),
            [a, op, b] => compare(a, op, b),
            _ => Status::Undecided,
        }
    }

    fn file_test(&self, kind: &str, arg: &Arg) -> Status {
        let mut arg = arg.clone();
        // The root of a device, and a folder by a name that ends with a slash.
        if arg.text.ends_with(')') && arg.text.starts_with('(') {
            arg.text.push('/');
        }
        let target = self.target(&arg);
        match (self.look(&target), kind) {
            (None, _) => Status::Undecided,
            (Some(None), _) => Status::False,
            (Some(Some((found, _))), "-d") => Status::of(found == FileKind::Directory),
            (Some(Some((found, _))), "-f") => Status::of(found == FileKind::Regular),
            (Some(Some((found, size))), "-s") => Status::of(found == FileKind::Regular && size > 0),
            _ => Status::True,
        }
    }
}

/// Whether a term holds or not whatever its unknown part is: text that is there stays there.
fn decides(args: &[Arg]) -> bool {
    match args {
        [only] => !only.text.is_empty(),
        [op, text] if matches!(op.text.as_str(), "-n" | "-z") => !text.text.is_empty(),
        _ => false,
    }
}

fn split<'a>(args: &'a [Arg], at: &'a str) -> impl Iterator<Item = &'a [Arg]> {
    let mut depth = 0_usize;
    args.split(move |a| {
        match a.text.as_str() {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            text => return depth == 0 && text == at,
        }
        false
    })
}

fn compare(a: &str, op: &str, b: &str) -> Status {
    let number = |s: &str| s.trim().parse::<i64>().ok();
    // Words of GRUB's numbers are read as far as they go; only plain ones are decided here.
    let numbers = number(a).zip(number(b));
    let by_number = |holds: fn(i64, i64) -> bool| match numbers {
        Some((a, b)) => Status::of(holds(a, b)),
        None => Status::Undecided,
    };
    match op {
        "=" | "==" => Status::of(a == b),
        "!=" => Status::of(a != b),
        "<" => Status::of(a < b),
        ">" => Status::of(a > b),
        "<=" => Status::of(a <= b),
        ">=" => Status::of(a >= b),
        "-eq" => by_number(|a, b| a == b),
        "-ne" => by_number(|a, b| a != b),
        "-lt" => by_number(|a, b| a < b),
        "-le" => by_number(|a, b| a <= b),
        "-gt" => by_number(|a, b| a > b),
        "-ge" => by_number(|a, b| a >= b),
        _ => Status::Undecided,
    }
}
