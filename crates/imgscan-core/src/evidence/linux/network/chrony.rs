//! chronyd as it runs: its command lines (chronyd(8)) and the configuration that they lead to
//! (chrony.conf(5) of chrony 4.3).

use std::collections::BTreeSet;

use super::time::{Doubt, Source, Use};
use crate::error::{Error, Layer};
use crate::evidence::linux::reader::{Reader, TextFile, keep};
use crate::evidence::{Found, Gap, Location};

/// Files that one configuration may lead to.
const MAX_FILES: usize = 128;
/// Directives whose effect is not known that are told.
const MAX_DOUBTS: usize = 500;

/// Directives that don't touch whose time is taken, or how much.
const HARMLESS: &[&str] = &[
    "acquisitionport",
    "allow",
    "deny",
    "bindaddress",
    "binddevice",
    "bindcmdaddress",
    "bindcmddevice",
    "broadcast",
    "clientloglimit",
    "cmdallow",
    "cmddeny",
    "cmdport",
    "cmdratelimit",
    "combinelimit",
    "driftfile",
    "dscp",
    "dumpdir",
    "dumponexit",
    "fallbackdrift",
    "hwclockfile",
    "hwtimestamp",
    "keyfile",
    "leapsecmode",
    "leapsectz",
    "leapseclist",
    "lock_all",
    "log",
    "logbanner",
    "logchange",
    "logdir",
    "mailonchange",
    "makestep",
    "maxclockerror",
    "maxntsconnections",
    "maxsamples",
    "minsamples",
    "nocerttimecheck",
    "noclientlog",
    "nosystemcert",
    "ntpsigndsocket",
    "ntsaeads",
    "ntscachedir",
    "ntsdumpdir",
    "ntsntpserver",
    "ntsport",
    "ntsprocesses",
    "ntsrefresh",
    "ntsrotate",
    "ntsservercert",
    "ntsserverkey",
    "ntstrustedcerts",
    "port",
    "ptpdomain",
    "ptpport",
    "ratelimit",
    "ntsratelimit",
    "reselectdist",
    "rtcautotrim",
    "rtcdevice",
    "rtcfile",
    "rtconutc",
    "rtcsync",
    "sched_priority",
    "smoothtime",
    "stratumweight",
    "generatecommandkey",
    "commandkey",
    "linux_hz",
    "linux_freq_scale",
    "opencommands",
    "local",
    "refresh",
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
];

/// Options of a source that don't touch whether it is used, or what is made of its answers.
const OPTIONS: &[(&str, usize)] = &[
    ("iburst", 0),
    ("burst", 0),
    ("key", 1),
    ("version", 1),
    ("presend", 1),
    ("polltarget", 1),
    ("maxsources", 1),
    ("minsamples", 1),
    ("maxsamples", 1),
    ("filter", 1),
    ("xleave", 0),
    ("auto_offline", 0),
    ("copy", 0),
    ("certset", 1),
    ("extfield", 1),
    ("ipv4", 0),
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
        let (first, tail) = letters.split_at(1);
        let valued = matches!(first, "f" | "F" | "i" | "l" | "L" | "P" | "t" | "u");
        let value = if !valued {
            ""
        } else if tail.is_empty() {
            rest.next().copied().unwrap_or("")
        } else {
            tail
        };
        match first {
            "f" => value.clone_into(&mut file),
            "x" => all.keeps = false,
            "p" | "v" | "h" | "Q" => {
                all.keeps = false;
            }
            "q" => {
                all.keeps = false;
                all.once = true;
            }
            // It ends after that many seconds.
            "t" => all.keeps = false,
            _ if valued => {}
            // Flags may stand together.
            _ if letters.contains(['x', 'p', 'v', 'Q']) => all.keeps = false,
            _ => {}
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

fn letters_unknown(file: &str) -> bool {
    file.contains(['$', '`'])
}

fn files(reader: &Reader<'_>, all: &mut Chrony, first: TextFile, gaps: &mut Vec<Gap>) {
    let mut files = vec![first];
    let mut more = More::default();
    let mut at = 0;
    while at < files.len().min(MAX_FILES) {
        let file = files[at].clone();
        at += 1;
        for (n, line) in file.lines() {
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
            if let Some((name, options)) = rest.split_first() {
                let source = source(name, options, key == "pool");
                keep(&mut all.sources, gaps, source, at.clone());
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
            for pattern in rest.iter().filter(|p| more.asked.insert((*p).to_string())) {
                for path in reader.glob(pattern.as_bytes(), gaps).unwrap_or_default() {
                    more.files.extend(reader.text(&path, gaps));
                }
            }
        }
        "confdir" | "sourcedir" => {
            let ending = if key == "confdir" {
                ".conf"
            } else {
                ".sources"
            };
            for folder in rest {
                if folder.starts_with("/run/") || folder.starts_with("/var/run/") {
                    all.dhcp |= folder.contains("dhcp") || key == "sourcedir";
                    continue;
                }
                if more.asked.insert(format!("{folder}/*{ending}")) {
                    let found = reader.texts_in(folder.as_bytes(), &[ending], gaps);
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
        "user" if rest.first().is_some_and(|name| ACCOUNTS.contains(name)) => {}
        // Where it can't be written chronyd ends.
        "pidfile"
            if rest
                .first()
                .is_some_and(|path| path.starts_with("/run/") || path.starts_with("/var/run/")) => {
        }
        key if at_least(key, rest.first().copied()) => {}
        key if HARMLESS.contains(&key) => {}
        // Each of them stops an accept.
        _ if all.doubts.len() >= MAX_DOUBTS => {}
        _ => all
            .doubts
            .push(Doubt::new(&key, &rest.join(" "), at.clone())),
    }
}

/// True for a directive of [`LEAST`] with a value that is large enough.
fn at_least(key: &str, value: Option<&str>) -> bool {
    let least = LEAST.iter().find(|(name, _)| *name == key);
    let value = value.and_then(|v| v.parse::<f64>().ok());
    least
        .zip(value)
        .is_some_and(|((_, least), value)| value >= *least)
}

/// True for an option of [`BOUNDS`] with a value inside of its bounds.
fn bounded(option: &str, value: Option<&&str>) -> bool {
    let bounds = BOUNDS.iter().find(|(name, ..)| *name == option);
    let value = value.and_then(|v| v.parse::<f64>().ok());
    bounds
        .zip(value)
        .is_some_and(|((_, least, most), value)| (*least..=*most).contains(&value))
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
            _ if bounded(&lower, options.get(i + 1)) => {
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
            of_words(
                Build::bare().file("/etc/chrony/chrony.conf", 0o644, text),
                &[],
            )
            .doubts
            .len()
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

    #[test]
    fn options_by_which_a_source_is_not_asked_or_heard_leave_it_unsure() {
        let of = |options: &str| {
            let words: Vec<&str> = options.split_whitespace().collect();
            source("a", &words, false).used
        };
        for usual in [
            "iburst minpoll 4 maxpoll 10",
            "maxdelay 0.3 maxsamples 8 minstratum 2",
            "maxdelayratio 2 xleave key 1",
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
