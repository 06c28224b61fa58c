//! Two views of one image, and the differences that are known.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a reader says: a place (a path, a partition, a field) and what is there.
pub type Facts = BTreeMap<String, String>;

/// A fault of a crate, and all places where it shows.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// Why imgscan says something else, and is right.
    pub why: &'static str,
    /// Image, and the fact or the beginning of several where it ends with `*`. The fact is empty
    /// where the crate refuses all of the image.
    pub at: &'static [(&'static str, &'static str)],
}

/// True where a place of a table stands for this fact.
fn covers(place: (&str, &str), image: &str, fact: &str) -> bool {
    let fits = match place.1.strip_suffix('*') {
        Some(start) => fact.starts_with(start),
        None => fact == place.1,
    };
    place.0 == image && fits
}

/// True where both say the same; why something can't be read need not be the same.
fn same(ours: &str, theirs: &str) -> bool {
    let unreadable = |fact: &str| fact.starts_with("unreadable");
    ours == theirs || unreadable(ours) && unreadable(theirs)
}

/// All comparisons of one test.
#[derive(Debug)]
pub struct Comparison {
    subject: &'static str,
    faults: &'static [Fault],
    images: usize,
    whole: usize,
    facts: usize,
    differences: usize,
    unexpected: Vec<String>,
    used: BTreeSet<(&'static str, &'static str)>,
}

impl Comparison {
    /// Begins the comparison with the crate `subject`.
    #[must_use]
    pub fn new(subject: &'static str, faults: &'static [Fault]) -> Self {
        Self {
            subject,
            faults,
            images: 0,
            whole: 0,
            facts: 0,
            differences: 0,
            unexpected: Vec::new(),
            used: BTreeSet::new(),
        }
    }

    /// Compares what imgscan and the crate say of `image`. `theirs` is an error where the crate
    /// refuses all of it.
    pub fn add(&mut self, image: &str, ours: &Facts, theirs: Result<Facts, String>) {
        self.images += 1;
        let before = self.differences;
        match theirs {
            Err(why) => self.differ(image, "", &format!("the crate refuses it: {why}")),
            Ok(theirs) => {
                let both: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
                for fact in both {
                    let none = String::from("nothing");
                    let (our, their) = (
                        ours.get(fact).unwrap_or(&none),
                        theirs.get(fact).unwrap_or(&none),
                    );
                    if same(our, their) {
                        self.facts += 1;
                    } else {
                        self.differ(image, fact, &format!("imgscan {our}, crate {their}"));
                    }
                }
            }
        }
        self.whole += usize::from(self.differences == before);
    }

    fn differ(&mut self, image: &str, fact: &str, what: &str) {
        self.differences += 1;
        let mut known = self.faults.iter().flat_map(|f| f.at);
        match known.find(|place| covers(**place, image, fact)) {
            Some(place) => {
                self.used.insert(*place);
            }
            None => self.unexpected.push(format!("{image} [{fact}]: {what}")),
        }
    }

    /// Says what was compared, and ends the test where a difference is not in the table, where the
    /// table has one that is not there, or where fewer than `least` images were found. Without
    /// `all` of them, the corpus among them, only the fixtures can be missed.
    ///
    /// # Panics
    /// In these cases.
    pub fn finish(self, all: bool, least: usize) {
        let subject = self.subject;
        let (summary, failures) = self.check(all, least);
        // Not by a macro: the line is to be seen where the test passes.
        let _ = writeln!(std::io::stdout(), "{summary}");
        let count = failures.len();
        assert!(
            failures.is_empty(),
            "{subject}: {count} failures\n{}",
            failures.join("\n")
        );
    }

    fn check(self, all: bool, least: usize) -> (String, Vec<String>) {
        let summary = format!(
            "{} compared: {} images, {} equal throughout; {} facts equal, {} known differences at {} places",
            self.subject,
            self.images,
            self.whole,
            self.facts,
            self.differences - self.unexpected.len(),
            self.used.len(),
        );
        let mut failures = self.unexpected;
        for place in self.faults.iter().flat_map(|f| f.at) {
            if !self.used.contains(place) && (all || place.0.starts_with("testdata/")) {
                failures.push(format!("no difference any more: {} [{}]", place.0, place.1));
            }
        }
        if self.facts == 0 || all && self.images < least {
            failures.push(format!("{least} images or more were expected"));
        }
        (summary, failures)
    }
}

/// What `read` returns, or its panic as an error.
///
/// # Errors
/// As `read`, or where it panics.
pub fn contained<T>(read: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err("it panics".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[Fault] = &[Fault {
        why: "a test",
        at: &[("testdata/a", "/b*")],
    }];

    fn facts(pairs: &[(&str, &str)]) -> Facts {
        let own = |(k, v): &(&str, &str)| ((*k).to_owned(), (*v).to_owned());
        pairs.iter().map(own).collect()
    }

    fn failures(least: usize, image: &str, theirs: &[(&str, &str)]) -> usize {
        let mut all = Comparison::new("a test", KNOWN);
        let ours = facts(&[("/a", "1"), ("/b/c", "2")]);
        all.add(image, &ours, Ok(facts(theirs)));
        all.check(true, least).1.len()
    }

    #[test]
    fn only_the_differences_of_the_table_pass() {
        let of = |image, theirs: &[(&str, &str)]| failures(1, image, theirs);
        assert_eq!(of("testdata/a", &[("/a", "1"), ("/b/c", "3")]), 0);
        assert_eq!(of("testdata/a", &[("/a", "1")]), 0);
        assert_eq!(of("testdata/a", &[("/a", "2"), ("/b/c", "2")]), 2);
        assert_eq!(
            of("testdata/a", &[("/a", "1"), ("/b/c", "3"), ("/d", "4")]),
            1
        );
        // Neither this difference nor that of the table.
        assert_eq!(of("testdata/other", &[("/a", "1"), ("/b/c", "3")]), 2);
    }

    #[test]
    fn a_line_of_the_table_that_nothing_differs_on_fails() {
        assert_eq!(failures(1, "testdata/a", &[("/a", "1"), ("/b/c", "2")]), 1);
    }

    #[test]
    fn images_that_are_not_there_fail() {
        let theirs = [("/a", "1"), ("/b/c", "3")];
        assert_eq!(failures(1, "testdata/a", &theirs), 0);
        assert_eq!(failures(2, "testdata/a", &theirs), 1);
    }

    #[test]
    fn what_the_crate_refuses_or_panics_at_is_a_difference() {
        let mut all = Comparison::new("a test", &[]);
        all.add(
            "a",
            &facts(&[("/a", "1")]),
            contained(|| panic!("as it may")),
        );
        all.add("b", &facts(&[("/a", "1")]), Ok(facts(&[("/a", "1")])));
        assert_eq!(
            all.check(true, 2).1,
            ["a []: the crate refuses it: it panics"]
        );
    }
}
