//! chronyd as it runs: its command lines (chronyd(8)) and the configuration that they lead to
//! (chrony.conf(5) of chrony 4.3).

use std::collections::{BTreeMap, BTreeSet};

use super::time::{Doubt, Source, Use};
use crate::error::{Error, Layer};
use crate::evidence::linux::reader::{Reader, TextFile, base, keep};
use crate::evidence::{Found, Gap, Location};

/// Files that one configuration may lead to.
const MAX_FILES: usize = 128;
/// Directives whose effect is not known that are told.
pub(super) const MAX_DOUBTS: usize = 500;

/// What stands behind a directive. With anything else chronyd does not start: chronyd 4.3 was asked
/// about each (`chronyd -p`).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Nothing.
    Nothing,
    /// One word.
    Word,
    /// One number.
    Number,
    /// Two numbers, and more of some.
    Numbers,
    /// This differs, or releases do.
    Any,
}

/// Directives that don't touch whose time is taken, or how much.
const HARMLESS: &[(&str, Form)] = &[
    ("acquisitionport", Form::Number),
    ("allow", Form::Any),
    ("deny", Form::Any),
    ("bindaddress", Form::Word),
    ("binddevice", Form::Word),
    ("bindcmdaddress", Form::Word),
    ("bindcmddevice", Form::Word),
    ("broadcast", Form::Any),
    ("clientloglimit", Form::Number),
    ("cmdallow", Form::Any),
    ("cmddeny", Form::Any),
    ("cmdport", Form::Number),
    ("cmdratelimit", Form::Any),
    ("combinelimit", Form::Number),
    ("driftfile", Form::Any),
    ("dscp", Form::Number),
    ("dumpdir", Form::Word),
    ("dumponexit", Form::Any),
    ("fallbackdrift", Form::Numbers),
    ("hwclockfile", Form::Word),
    ("keyfile", Form::Word),
    ("leapsecmode", Form::Word),
    ("leapsectz", Form::Word),
    ("leapseclist", Form::Word),
    ("lock_all", Form::Nothing),
    ("log", Form::Any),
    ("logbanner", Form::Number),
    ("logchange", Form::Number),
    ("logdir", Form::Word),
    ("mailonchange", Form::Any),
    ("makestep", Form::Numbers),
    ("maxntsconnections", Form::Number),
    ("nocerttimecheck", Form::Number),
    ("noclientlog", Form::Nothing),
    ("nosystemcert", Form::Nothing),
    ("ntpsigndsocket", Form::Word),
    ("ntsaeads", Form::Any),
    ("ntscachedir", Form::Word),
    ("ntsdumpdir", Form::Word),
    ("ntsntpserver", Form::Word),
    ("ntsport", Form::Number),
    ("ntsprocesses", Form::Number),
    ("ntsrefresh", Form::Number),
    ("ntsrotate", Form::Number),
    ("ntsservercert", Form::Word),
    ("ntsserverkey", Form::Word),
    ("ntstrustedcerts", Form::Any),
    ("port", Form::Number),
    ("ptpdomain", Form::Number),
    ("ptpport", Form::Number),
    ("ratelimit", Form::Any),
    ("ntsratelimit", Form::Any),
    ("reselectdist", Form::Number),
    ("rtcautotrim", Form::Number),
    ("rtcdevice", Form::Word),
    ("rtcfile", Form::Word),
    ("rtconutc", Form::Nothing),
    ("rtcsync", Form::Nothing),
    ("smoothtime", Form::Numbers),
    ("stratumweight", Form::Number),
    ("generatecommandkey", Form::Any),
    ("commandkey", Form::Any),
    ("linux_hz", Form::Any),
    ("linux_freq_scale", Form::Any),
    ("opencommands", Form::Any),
    ("local", Form::Any),
    ("refresh", Form::Number),
];

/// Options of `local`, and whether a number follows them.
const LOCAL: &[(&str, bool)] = &[
    ("stratum", true),
    ("orphan", false),
    ("distance", true),
    ("activate", true),
    ("waitsynced", true),
    ("waitunsynced", true),
];

/// Directives by whose value no answer may be good enough or no correction large enough, with the
/// least value that leaves that to the servers.
const LEAST: &[(&str, f64)] = &[
    ("corrtimeratio", 0.1),
    ("maxdistance", 0.5),
    ("maxjitter", 0.1),
    ("maxslewrate", 10.0),
    ("maxupdateskew", 1.0),
];

/// Directives by whose value no source is good enough, with the least and the greatest that leave that
/// to the servers. A source of one or two samples is never selected; 0 is no bound.
const WITHIN: &[(&str, f64, f64)] = &[
    ("maxsamples", 4.0, f64::INFINITY),
    ("minsamples", 0.0, 64.0),
    ("maxclockerror", 0.0, 1000.0),
    ("maxdrift", 500.0, f64::INFINITY),
    ("sched_priority", 0.0, 99.0),
];

/// The longest line that chronyd reads as one, in bytes: CNF_ReadFile of conf.c.
const MAX_LINE: usize = 2046;

/// Accounts that chronyd may change to. Without the one that it is told it does not start.
const ACCOUNTS: &[&str] = &["root", "_chrony", "chrony", "ntp"];

/// Options of a source by whose value it is hardly asked or its answers are dropped, with the least
/// and the greatest value that do neither. Polls are powers of two in seconds.
const BOUNDS: &[(&str, f64, f64)] = &[
    ("minpoll", -7.0, 12.0),
    ("maxpoll", -7.0, 14.0),
    ("maxdelay", 0.1, f64::INFINITY),
    ("maxdelayratio", 1.5, f64::INFINITY),
    ("maxdelaydevratio", 1.5, f64::INFINITY),
    ("maxdelayquant", 0.05, 1.0),
    ("minstratum", 0.0, 10.0),
    ("version", 3.0, 4.0),
    ("maxsamples", 4.0, f64::INFINITY),
    ("minsamples", 0.0, 64.0),
    ("filter", 1.0, 8.0),
    ("maxsources", 1.0, 16.0),
    ("presend", 0.0, 100.0),
    ("polltarget", 0.0, 64.0),
];

/// Options of a source that don't touch whether it is used, or what is made of its answers.
const OPTIONS: &[(&str, usize)] = &[
    ("iburst", 0),
    ("burst", 0),
    ("xleave", 0),
    ("auto_offline", 0),
    ("copy", 0),
    ("certset", 1),
    ("extfield", 1),
    ("ipv4", 0),
];

/// Other options that chronyd knows, with the number of their values. Any that it does not know keeps
/// it from starting.
const ODD: &[(&str, usize)] = &[
    ("noselect", 0),
    ("prefer", 0),
    ("trust", 0),
    ("require", 0),
    ("offline", 0),
    ("nts", 0),
    ("ipv6", 0),
    ("key", 1),
    ("port", 1),
    ("ntsport", 1),
    ("asymmetry", 1),
    ("offset", 1),
    ("mindelay", 1),
];

/// What chronyd does with one command line.
#[derive(Debug, Default)]
pub(super) struct Chrony {
    pub(super) sources: Vec<Found<Source>>,
    pub(super) doubts: Vec<Doubt>,
    /// It takes servers that DHCP names.
    pub(super) dhcp: bool,
    /// It sets the clock and stays.
    pub(super) keeps: bool,
    /// It sets the clock once.
    pub(super) once: bool,
    /// Accounts that were looked up.
    accounts: BTreeMap<&'static str, bool>,
    /// `rtcsync` and `rtcfile`, of which it takes one only.
    real_time: bool,
    clock_file: bool,
}

/// What chronyd does when `words` (behind the program) start it.
pub(super) fn of(
    reader: &Reader<'_>,
    words: &[&str],
    at: &Location,
    own: &str,
    gaps: &mut Vec<Gap>,
) -> Chrony {
    let mut all = Chrony {
        keeps: true,
        ..Chrony::default()
    };
    let mut file = own.to_owned();
    let mut direct = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let Some(letters) = word.strip_prefix('-').filter(|l| !l.is_empty()) else {
            direct.push(*word);
            continue;
        };
        // Flags may stand together, and before one with a value.
        for (i, letter) in letters.char_indices() {
            let valued = "fFilLPtu".contains(letter);
            let tail = &letters[i + letter.len_utf8()..];
            let value = match (valued, tail) {
                (false, _) => "",
                (true, "") => rest.next().copied().unwrap_or(""),
                (true, tail) => tail,
            };
            let number = value.parse::<i32>();
            let odd = match letter {
                'f' => {
                    value.clone_into(&mut file);
                    false
                }
                'q' => {
                    all.keeps = false;
                    all.once = true;
                    false
                }
                // It leaves the clock alone, prints something, or ends after that many seconds.
                'x' | 'p' | 'v' | 'h' | 'Q' | 't' => {
                    all.keeps = false;
                    false
                }
                // It ends at once: no such account, no such level, no file that can be written.
                'u' => !is_account(reader, value, &mut all.accounts),
                'F' => !number.is_ok_and(|n| (-2..=2).contains(&n)),
                'P' => !number.is_ok_and(|n| (0..100).contains(&n)),
                'l' => !value.starts_with("/var/log/"),
                'L' => number.is_err(),
                // Servers of the other protocol are not asked.
                '6' => true,
                '4' | 'd' | 'i' | 'm' | 'n' | 'r' | 'R' | 's' | 'U' => false,
                _ => true,
            };
            if odd {
                let value = if valued { value } else { "" };
                all.doubts
                    .push(Doubt::new(&format!("-{letter}"), value, at.clone()));
            }
            if valued {
                break;
            }
        }
    }
    if letters_unknown(&file) {
        all.doubts.push(Doubt::new("-f", &file, at.clone()));
        return all;
    }
    if direct.is_empty() {
        let Some(first) = reader.text(&file, gaps) else {
            // Without its file chronyd does not start.
            all.keeps = false;
            all.once = false;
            return all;
        };
        files(reader, &mut all, first, gaps);
    } else {
        // Directives on the command line stand for the file.
        for line in direct {
            line_of(reader, &mut all, line, at, &mut More::default(), gaps);
        }
    }
    all
}

/// True for an account that chronyd may change to, where the image has it. `known` holds what was
/// looked up.
fn is_account(reader: &Reader<'_>, name: &str, known: &mut BTreeMap<&'static str, bool>) -> bool {
    let Some(name) = ACCOUNTS.iter().find(|account| **account == name) else {
        return false;
    };
    *known.entry(name).or_insert_with(|| {
        let line = |l: &str| l.split(':').next() == Some(*name);
        let file = reader.text("/etc/passwd", &mut Vec::new());
        *name == "root" || file.is_none_or(|file| file.text.lines().any(line))
    })
}

fn letters_unknown(file: &str) -> bool {
    file.contains(['$', '`'])
}

impl Chrony {
    /// Each of them stops an accept.
    fn doubt(&mut self, key: &str, rest: &[&str], at: &Location) {
        if self.doubts.len() < MAX_DOUBTS {
            self.doubts
                .push(Doubt::new(key, &rest.join(" "), at.clone()));
        }
    }
}

fn files(reader: &Reader<'_>, all: &mut Chrony, first: TextFile, gaps: &mut Vec<Gap>) {
    let mut files = vec![first];
    let mut more = More::default();
    let mut at = 0;
    while at < files.len().min(MAX_FILES) {
        let file = files[at].clone();
        at += 1;
        for (n, line) in file.lines() {
            if line.len() > MAX_LINE {
                // What is behind is a line of its own.
                all.doubt("…", &[], &file.line(n));
            }
            line_of(reader, all, line, &file.line(n), &mut more, gaps);
            for next in more.files.drain(..) {
                if !files.iter().any(|f| f.at == next.at) && files.len() <= MAX_FILES {
                    files.push(next);
                }
            }
        }
    }
    if let Some(more) = files.get(MAX_FILES) {
        let what = say!(error_too_many, most = MAX_FILES, what = "includes");
        let why = Error::limit(Layer::Config, None, what);
        gaps.push(Gap::new(more.at.clone(), &why));
    }
}

/// Files that lines lead to, and the patterns that were looked for: each is looked for once.
#[derive(Default)]
struct More {
    files: Vec<TextFile>,
    asked: BTreeSet<String>,
}

/// One line; `more` gets the files that it leads to.
fn line_of(
    reader: &Reader<'_>,
    all: &mut Chrony,
    line: &str,
    at: &Location,
    more: &mut More,
    gaps: &mut Vec<Gap>,
) {
    let line = line.trim();
    if line.is_empty() || line.starts_with(['#', '!', ';', '%']) {
        return;
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let Some((key, rest)) = words.split_first() else {
        return;
    };
    let key = key.to_ascii_lowercase();
    match key.as_str() {
        "server" | "pool" | "peer" => {
            let Some((name, options)) = rest.split_first() else {
                return all.doubt(&key, rest, at);
            };
            let source = source(name, options, key == "pool");
            keep(&mut all.sources, gaps, source, at.clone());
            if !are_options(options) {
                all.doubt(&key, rest, at);
            }
        }
        // The clock is set from these at start, by steps of any size.
        "initstepslew" => {
            for name in rest.iter().skip(1) {
                let source = Source {
                    name: (*name).to_owned(),
                    options: "initstepslew".into(),
                    weight: 1,
                    used: Use::Preferred,
                };
                keep(&mut all.sources, gaps, source, at.clone());
            }
        }
        "include" => {
            let [pattern] = rest else {
                return all.doubt(&key, rest, at);
            };
            if !more.asked.insert((*pattern).to_owned()) {
                return;
            }
            let missing = !pattern.contains(['*', '?', '[', '\\'])
                && reader.find(pattern.as_bytes(), gaps).is_none();
            if missing {
                all.doubt(&key, rest, at);
            }
            for path in reader.glob(pattern.as_bytes(), gaps).unwrap_or_default() {
                more.files.extend(reader.text(&path, gaps));
            }
        }
        "confdir" | "sourcedir" => {
            let ending = if key == "confdir" {
                ".conf"
            } else {
                ".sources"
            };
            // Of files with one name the one of the first folder is read.
            let mut names = BTreeSet::new();
            for folder in rest {
                if folder.starts_with("/run/") || folder.starts_with("/var/run/") {
                    all.dhcp |= folder.contains("dhcp") || key == "sourcedir";
                    continue;
                }
                if more.asked.insert(format!("{folder}/*{ending}")) {
                    let mut found = reader.texts_in(folder.as_bytes(), &[ending], gaps);
                    found.retain(|f| names.insert(base(f.asked.as_bytes()).to_vec()));
                    more.files.extend(found);
                }
            }
        }
        // A clock of the host itself.
        "refclock"
            if rest.first() == Some(&"PHC")
                && !rest
                    .iter()
                    .any(|w| matches!(*w, "trust" | "require" | "offset")) => {}
        "minsources" if rest.first() == Some(&"1") => {}
        "authselectmode" if rest.first() != Some(&"require") => {}
        "user"
            if rest
                .first()
                .is_some_and(|name| is_account(reader, name, &mut all.accounts)) => {}
        // An interface that is not there ends it.
        "hwtimestamp" if rest.first() == Some(&"*") => {}
        "local" if is_local(rest) => {}
        // Where it can't be written chronyd ends.
        "pidfile"
            if rest
                .first()
                .is_some_and(|path| path.starts_with("/run/") || path.starts_with("/var/run/")) => {
        }
        "local" => all.doubt(&key, rest, at),
        key if rest.len() == 1 && at_least(key, rest.first().copied()) => {}
        key if rest.len() == 1 && within(WITHIN, key, rest.first()) => {}
        key if is_harmless(key, rest) => {
            all.real_time |= key == "rtcsync";
            all.clock_file |= key == "rtcfile";
            if all.real_time && all.clock_file {
                all.doubt(key, rest, at);
            }
        }
        _ => all.doubt(&key, rest, at),
    }
}

fn is_number(word: &str) -> bool {
    let word = word.trim_start_matches(['-', '+']);
    word.starts_with(|c: char| c.is_ascii_digit() || c == '.')
}

/// True for a directive of [`HARMLESS`] in its form.
fn is_harmless(key: &str, rest: &[&str]) -> bool {
    let Some((_, form)) = HARMLESS.iter().find(|(name, _)| *name == key) else {
        return false;
    };
    match form {
        Form::Nothing => rest.is_empty(),
        Form::Word => rest.len() == 1,
        Form::Number => rest.len() == 1 && is_number(rest[0]),
        Form::Numbers => rest.len() >= 2 && rest[..2].iter().all(|w| is_number(w)),
        Form::Any => true,
    }
}

/// True for options of `local` that chronyd understands.
fn is_local(rest: &[&str]) -> bool {
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        let lower = word.to_ascii_lowercase();
        let known = LOCAL.iter().find(|(name, _)| *name == lower);
        let value = known.is_some_and(|(_, valued)| *valued);
        let number = words.clone().next().is_some_and(|w| is_number(w));
        if known.is_none() || value && !number {
            return false;
        }
        if value && let Some(value) = words.next() {
            let stratum = value.parse::<u32>().is_ok_and(|n| (1..16).contains(&n));
            if lower == "stratum" && !stratum {
                return false;
            }
        }
    }
    true
}

/// True where chronyd understands the options of a source.
fn are_options(options: &[&str]) -> bool {
    let mut words = options.iter();
    while let Some(word) = words.next() {
        let lower = word.to_ascii_lowercase();
        let known = OPTIONS.iter().chain(ODD).find(|(name, _)| *name == lower);
        let values = match known {
            Some((_, values)) => *values,
            None if BOUNDS.iter().any(|(name, ..)| *name == lower) => 1,
            None => return false,
        };
        let number = |w: &&str| is_number(w) || lower == "extfield";
        if values == 1 && !words.next().is_some_and(number) {
            return false;
        }
    }
    true
}

/// True for a directive of [`LEAST`] with a value that is large enough.
fn at_least(key: &str, value: Option<&str>) -> bool {
    let least = LEAST.iter().find(|(name, _)| *name == key);
    let value = value.and_then(|v| v.parse::<f64>().ok());
    least
        .zip(value)
        .is_some_and(|((_, least), value)| value >= *least)
}

/// True for a name of the list with a value inside of its bounds; 0 samples are no bound.
fn within(list: &[(&str, f64, f64)], key: &str, value: Option<&&str>) -> bool {
    let bounds = list.iter().find(|(name, ..)| *name == key);
    let value = value.and_then(|v| v.parse::<f64>().ok());
    bounds.zip(value).is_some_and(|((_, least, most), value)| {
        (*least..=*most).contains(&value) || key == "maxsamples" && value == 0.0
    })
}

fn source(name: &str, options: &[&str], pool: bool) -> Source {
    let mut used = Use::Normal;
    let mut i = 0;
    while let Some(option) = options.get(i) {
        let lower = option.to_ascii_lowercase();
        let known = OPTIONS.iter().find(|(name, _)| *name == lower);
        let worse = match lower.as_str() {
            "noselect" => Use::Never,
            "prefer" | "trust" | "require" => Use::Preferred,
            "port" if options.get(i + 1) == Some(&"123") => {
                i += 1;
                Use::Normal
            }
            _ if within(BOUNDS, &lower, options.get(i + 1)) => {
                i += 1;
                Use::Normal
            }
            // It waits for a command, answers are shifted or dropped, or the option is not known.
            _ if known.is_none() => Use::Unsure,
            _ => Use::Normal,
        };
        used = used.max(worse);
        i += 1 + known.map_or(0, |(_, values)| *values);
    }
    Source {
        name: name.to_owned(),
        options: options.join(" "),
        weight: if pool { 4 } else { 1 },
        used,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::linux::testing::{Build, guest};

    fn of_words(build: Build, words: &[&str]) -> Chrony {
        let guest = guest(build);
        let reader = Reader::new(&guest.paths);
        let own = "/etc/chrony/chrony.conf";
        of(&reader, words, &Location::default(), own, &mut Vec::new())
    }

    #[test]
    fn the_configuration_is_that_of_the_command_line() {
        // chrony.conf(5) of 4.3.
        let build = || {
            Build::bare()
                .file(
                    "/etc/chrony/chrony.conf",
                    0o644,
                    "confdir /etc/chrony/conf.d\nsourcedir /run/chrony-dhcp\nserver a iburst\n",
                )
                .file(
                    "/etc/chrony/conf.d/x.conf",
                    0o644,
                    "pool b noselect\ninclude /srv/*.inc\n",
                )
                .file("/srv/c.inc", 0o644, "server c prefer trust\n")
                .file("/srv/c.conf", 0o644, "server d offline\n")
        };
        let names = |c: &Chrony| -> Vec<(String, Use)> {
            c.sources
                .iter()
                .map(|s| (s.fact.name.clone(), s.fact.used))
                .collect()
        };
        let all = of_words(build(), &["-F", "1"]);
        assert!(all.keeps && all.dhcp);
        assert_eq!(
            names(&all),
            [
                ("a".into(), Use::Normal),
                ("b".into(), Use::Never),
                ("c".into(), Use::Preferred)
            ]
        );
        let other = of_words(build(), &["-F", "1", "-f", "/srv/c.conf"]);
        assert_eq!(names(&other), [("d".into(), Use::Unsure)]);
        let direct = of_words(build(), &["-n", "server e iburst"]);
        assert_eq!(names(&direct), [("e".into(), Use::Normal)]);
        assert!(!of_words(build(), &["-x"]).keeps);
        assert!(of_words(build(), &["-q"]).once);
        assert!(!of_words(build(), &["-f", "/srv/none"]).keeps);
    }

    #[test]
    fn directives_that_are_not_understood_are_doubts() {
        let of = |line: &str| {
            let text = format!("server a\n{line}\n");
            let users = "root:x:0:0:root:/root:/bin/sh\n_chrony:x:101:103::/:/usr/sbin/nologin\n";
            let build = Build::bare().file("/etc/passwd", 0o644, users).file(
                "/etc/chrony/chrony.conf",
                0o644,
                text,
            );
            of_words(build, &[]).doubts.len()
        };
        assert_eq!(of("makestep 1 3"), 0);
        assert_eq!(of("authselectmode require"), 1);
        assert_eq!(of("minsources 9"), 1);
        assert_eq!(of("refclock SHM 0 trust"), 1);
        assert_eq!(of("refclock PHC /dev/ptp0 poll 2"), 0);
        // Debian's, Red Hat's and the manual page's own values, and such that no source stands.
        for (usual, odd) in [
            ("maxupdateskew 100.0", "maxupdateskew 0.000001"),
            ("maxdistance 16.0", "maxdistance 0.0000001"),
            ("maxjitter 1.0", "maxjitter 0.000000001"),
            ("maxslewrate 1000", "maxslewrate 0.0001"),
            ("corrtimeratio 3", "corrtimeratio x"),
            ("user _chrony", "user nosuchuser"),
            ("pidfile /run/chrony/chronyd.pid", "pidfile /nonexistent/x"),
            ("rtcsync", "tempcomp /srv/x 30 0 100.0 0.0 0.0"),
            ("bindaddress 10.0.0.1", "bindacqdevice lo"),
        ] {
            assert_eq!((of(usual), of(odd)), (0, 1), "{usual}, {odd}");
        }
    }

    /// Each ends chronyd 4.3 with a fatal error, or is one that it takes.
    #[test]
    fn lines_by_which_chronyd_does_not_start_are_doubts() {
        let of = |line: &str| {
            let text = format!("server a iburst\n{line}\n");
            let build = Build::bare().file("/etc/chrony/chrony.conf", 0o644, text);
            of_words(build.file("/srv/there", 0o644, "rtcsync\n"), &[])
                .doubts
                .len()
        };
        for usual in [
            "include /srv/there",
            "include /srv/*.none",
            "server b minpoll 4 maxpoll 10 iburst",
            "local stratum 10 orphan",
            "makestep 1.0 3",
            "log tracking measurements statistics",
            "keyfile /etc/chrony/chrony.keys",
            "leapsectz right/UTC",
            "hwtimestamp *",
            "maxclockerror 2",
            "maxsamples 0",
            "confdir /etc/chrony/conf.d /srv",
        ] {
            assert_eq!(of(usual), 0, "{usual}");
        }
        for fatal in [
            "include /srv/none",
            "include /srv/there /srv/there",
            "server",
            "server b bogus",
            "server b minpoll",
            "server b c",
            "nosuchdirective",
            "rtcsync 1",
            "driftfile /x\nmakestep 1",
            "makestep x y",
            "keyfile",
            "port x",
            "local stratum 99",
            "local foo",
            "hwtimestamp nosuch",
            "sched_priority 200",
            "rtcfile /x\nrtcsync",
            "maxsamples 2",
        ] {
            assert_eq!(of(fatal), 1, "{fatal}");
        }
        let long = format!("#{}server c trust", "a".repeat(2046));
        assert_eq!(of(&long), 1);
        for (words, doubts) in [
            (&["-F", "1"][..], 0),
            (&["-u", "root", "-4", "-n"], 0),
            (&["-u", "nosuch"], 1),
            (&["-u", "chrony"], 1),
            (&["-F9"], 1),
            (&["-P", "200"], 1),
            (&["-l", "/none/x"], 1),
            (&["-6"], 1),
            (&["-sL", "0"], 0),
        ] {
            let build = Build::bare()
                .file("/etc/passwd", 0o644, "root:x:0:0:root:/root:/bin/sh\n")
                .file("/etc/chrony/chrony.conf", 0o644, "server a\n");
            assert_eq!(of_words(build, words).doubts.len(), doubts, "{words:?}");
        }
        let build = || Build::bare().file("/etc/chrony/chrony.conf", 0o644, "server a\n");
        assert!(!of_words(build(), &["-4x"]).keeps);
        assert!(!of_words(build(), &["-nt5"]).keeps);
        assert!(of_words(build(), &["-4q"]).once);
    }

    /// chrony.conf(5), confdir: of files with one name the one of the first folder is read.
    #[test]
    fn a_file_that_another_hides_sets_nothing() {
        let build = Build::bare()
            .file("/etc/chrony/chrony.conf", 0o644, "confdir /srv/a /srv/b\n")
            .file("/srv/a/x.conf", 0o644, "server a\n")
            .file("/srv/b/x.conf", 0o644, "server b\n");
        let all = of_words(build, &[]);
        let names: Vec<&str> = all.sources.iter().map(|s| s.fact.name.as_str()).collect();
        assert_eq!(names, ["a"]);
    }

    #[test]
    fn options_by_which_a_source_is_not_asked_or_heard_leave_it_unsure() {
        let of = |options: &str| {
            let words: Vec<&str> = options.split_whitespace().collect();
            source("a", &words, false).used
        };
        for usual in [
            "iburst minpoll 4 maxpoll 10",
            "maxdelay 0.3 maxsamples 8 minstratum 2",
            "maxdelayratio 2 xleave maxsamples 0",
        ] {
            assert_eq!(of(usual), Use::Normal, "{usual}");
        }
        for odd in [
            "minpoll 24 maxpoll 24",
            "maxdelay 0.0000001",
            "maxdelay",
            "mindelay 1 asymmetry 0.5",
            "minstratum 15",
            "ipv6",
            "key 1",
            "maxsamples 2",
            "filter 64",
            "version 1",
        ] {
            assert_eq!(of(odd), Use::Unsure, "{odd}");
        }
    }

    #[test]
    fn includes_beyond_the_bound_are_told_once() {
        let own = "/etc/chrony/chrony.conf";
        let mut build = Build::bare().file(own, 0o644, "include /srv/*.inc\n");
        for i in 0..=2 * MAX_FILES {
            build = build.file(&format!("/srv/{i:04}.inc"), 0o644, "server x\n");
        }
        let guest = guest(build);
        let reader = Reader::new(&guest.paths);
        let mut gaps = Vec::new();
        of(&reader, &["-F", "1"], &Location::default(), own, &mut gaps);
        assert_eq!(gaps.len(), 1, "{gaps:?}");
    }
}
