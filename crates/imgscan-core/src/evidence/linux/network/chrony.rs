//! chronyd as it runs: its command lines (chronyd(8)) and the configuration that they lead to
//! (chrony.conf(5) of chrony 4.3).

use super::time::{Doubt, Source, Use};
use crate::evidence::linux::reader::{Reader, TextFile};
use crate::evidence::{Found, Gap, Location};

/// Files that one configuration may lead to.
const MAX_FILES: usize = 128;

/// Directives that don't touch whose time is taken, or how much.
const HARMLESS: &[&str] = &[
    "acquisitionport",
    "allow",
    "deny",
    "bindacqdevice",
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
    "corrtimeratio",
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
    "maxdistance",
    "maxjitter",
    "maxntsconnections",
    "maxsamples",
    "maxslewrate",
    "maxupdateskew",
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
    "pidfile",
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
    "tempcomp",
    "user",
    "generatecommandkey",
    "commandkey",
    "linux_hz",
    "linux_freq_scale",
    "opencommands",
    "local",
    "refresh",
];

/// Options of a source that don't touch whether it is used, or what is made of its answers.
const OPTIONS: &[(&str, usize)] = &[
    ("iburst", 0),
    ("burst", 0),
    ("minpoll", 1),
    ("maxpoll", 1),
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
    ("maxdelay", 1),
    ("maxdelayratio", 1),
    ("maxdelaydevratio", 1),
    ("maxdelayquant", 1),
    ("mindelay", 1),
    ("asymmetry", 1),
    ("minstratum", 1),
    ("copy", 0),
    ("certset", 1),
    ("extfield", 1),
    ("ipv4", 0),
    ("ipv6", 0),
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
            line_of(reader, &mut all, line, at, &mut Vec::new(), gaps);
        }
    }
    all
}

fn letters_unknown(file: &str) -> bool {
    file.contains(['$', '`'])
}

fn files(reader: &Reader<'_>, all: &mut Chrony, first: TextFile, gaps: &mut Vec<Gap>) {
    let mut files = vec![first];
    let mut at = 0;
    while at < files.len().min(MAX_FILES) {
        let file = files[at].clone();
        at += 1;
        for (n, line) in file.lines() {
            let mut more = Vec::new();
            line_of(reader, all, line, &file.line(n), &mut more, gaps);
            for next in more {
                if !files.iter().any(|f| f.at == next.at) {
                    files.push(next);
                }
            }
        }
    }
}

/// One line; `more` gets the files that it leads to.
fn line_of(
    reader: &Reader<'_>,
    all: &mut Chrony,
    line: &str,
    at: &Location,
    more: &mut Vec<TextFile>,
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
                all.sources.push(Found {
                    fact: source(name, options, key == "pool"),
                    at: at.clone(),
                });
            }
        }
        // The clock is set from these at start, by steps of any size.
        "initstepslew" => {
            for name in rest.iter().skip(1) {
                all.sources.push(Found {
                    fact: Source {
                        name: (*name).to_owned(),
                        options: "initstepslew".into(),
                        weight: 1,
                        used: Use::Preferred,
                    },
                    at: at.clone(),
                });
            }
        }
        "include" => {
            for pattern in rest {
                for path in reader.glob(pattern.as_bytes(), gaps).unwrap_or_default() {
                    more.extend(reader.text(&path, gaps));
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
                more.extend(reader.texts_in(folder.as_bytes(), &[ending], gaps));
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
        key if HARMLESS.contains(&key) => {}
        _ => all
            .doubts
            .push(Doubt::new(&key, &rest.join(" "), at.clone())),
    }
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
            // It waits for a command, answers are shifted, or the option is not known.
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
    }
}
