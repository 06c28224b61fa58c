//! PAM: what the stacks of its services answer, and lines that accept an account without a
//! password. pam.d(5), pam.conf(5), pam_unix(8).

use std::collections::BTreeSet;

use super::users::Accounts;
use crate::error::{Error, Layer};
use crate::evidence::linux::packages::{Provenance, Vendor};
use crate::evidence::linux::reader::{Reader, TextFile, keep};
use crate::evidence::{Collected, Found, Gap, Location};
use crate::fs::FileKind;

/// Lines of one stack.
const MAX_LINES: usize = 512;
/// Files that include one another.
const MAX_DEPTH: usize = 16;

/// Services by which somebody comes in from outside, or becomes somebody else.
const ENTRANCES: &[&str] = &[
    "sshd",
    "login",
    "remote",
    "su",
    "su-l",
    "sudo",
    "sudo-i",
    "doas",
    "polkit-1",
    "other",
    "cockpit",
    "xrdp-sesman",
    "vsftpd",
    "proftpd",
    "dropbear",
    "gdm-password",
    "lightdm",
    "sddm",
    "rlogin",
    "rsh",
    "rexec",
    "telnet",
    "ftp",
    "pure-ftpd",
    "webmin",
    "usermin",
    "password-auth",
    "system-auth",
    "common-auth",
];

/// Services whose programs keep the user id of whoever calls them while they ask PAM. The others ask it
/// as root: su(1), pkexec(1).
const CALLERS: &[&str] = &["su", "su-l", "polkit-1"];

/// What a stack answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It lets in.
    Yes,
    /// It refuses.
    No,
    /// That depends on a module that is not known, at this place.
    Depends(Location),
    /// The service has no such stack.
    Absent,
}

/// PAM, as far as it decides who comes in.
#[derive(Debug, Clone, Default)]
pub struct Pam {
    /// Lines of type `auth` with `nullok` or `nullok_secure`, as they stand.
    pub nullok: Vec<Found<String>>,
    /// Services that let in whoever knows no password, each with the line that does it.
    pub open: Vec<Found<String>>,
    /// Modules and programs that no package brought, or that were changed.
    pub foreign: Vec<Found<String>>,
    /// What the jobs of cron get as root: the answer, and the file of the service.
    pub cron: Option<(Answer, Location)>,
    /// Limits by which what root's jobs start may end early, as they stand.
    pub limits: Vec<Found<String>>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// A line of a stack.
#[derive(Debug, Clone)]
struct Module {
    /// What each result does; the last holds for all that are not named.
    actions: Vec<(String, String)>,
    name: String,
    options: Vec<String>,
    at: Location,
    /// Where a decision in a substack goes on.
    end: usize,
}

pub(in crate::evidence::linux) fn collect(
    reader: &Reader<'_>,
    accounts: &Accounts,
    vendor: &Vendor,
) -> Pam {
    let mut all = Pam::default();
    let lines = nullok(reader);
    all.gaps.extend(lines.gaps);
    all.nullok = lines.items;
    for service in ENTRANCES {
        let stack = stack(reader, service, "auth", &mut all.gaps);
        match answer(&stack, &|m| auth(m, service)) {
            Answer::Yes => {
                let at = stack.last().map(|m| m.at.clone()).unwrap_or_default();
                let by = stack.iter().find(|m| m.name == "pam_permit.so");
                all.open.push(Found {
                    fact: (*service).to_owned(),
                    at: by.map_or(at, |m| m.at.clone()),
                });
            }
            Answer::Depends(at) => all.foreign.push(Found {
                fact: (*service).to_owned(),
                at,
            }),
            Answer::No | Answer::Absent => {}
        }
    }
    modules(reader, vendor, &mut all);
    limits(reader, &mut all);
    for service in ["cron", "crond"] {
        let stack = stack(reader, service, "account", &mut all.gaps);
        let answer = answer(&stack, &|m| account(reader, m, accounts));
        if answer != Answer::Absent {
            let place = format!("/etc/pam.d/{service}");
            let no = stack
                .iter()
                .find(|m| account(reader, m, accounts) == ["auth_err"]);
            let at = no.map_or_else(|| Location::of_path(place), |m| m.at.clone());
            let session = match &answer {
                Answer::Yes => session(reader, vendor, &stack, service, &mut all.gaps),
                _ => None,
            };
            all.cron = Some(session.unwrap_or((answer, at)));
            break;
        }
    }
    all
}

/// What keeps cron from opening a session, without which it runs no job, or runs a program before: the
/// answer and its place. Lines that stand as packages brought them do what the package is for.
fn session(
    reader: &Reader<'_>,
    vendor: &Vendor,
    account: &[Module],
    service: &str,
    gaps: &mut Vec<Gap>,
) -> Option<(Answer, Location)> {
    let session = stack(reader, service, "session", gaps);
    let own = |m: &Module| {
        let path = m.at.path.as_deref().unwrap_or_default();
        vendor.of(reader, path) == Provenance::Unchanged
    };
    let results = |m: &Module| match m.name.as_str() {
        "pam_deny.so" => vec!["session_err"],
        // With it no session is opened as long as the daemon of the audit system does not run.
        "pam_loginuid.so" if m.options.iter().any(|o| o == "require_auditd") => {
            vec!["success", "session_err"]
        }
        _ if own(m) => vec!["success"],
        name if INDIFFERENT.contains(&name) || ASKING.contains(&name) => vec!["success"],
        name if PASSING.contains(&name) || SESSION.contains(&name) => vec!["success"],
        _ => vec!["success", "session_err"],
    };
    let at = |m: Option<&Module>| m.map(|m| m.at.clone()).unwrap_or_default();
    match answer(&session, &results) {
        Answer::No => return Some((Answer::No, at(session.last()))),
        Answer::Depends(at) => return Some((Answer::Depends(at.clone()), at)),
        Answer::Yes | Answer::Absent => {}
    }
    let runs = |m: &&Module| RUNNING.contains(&m.name.as_str()) && !own(m);
    let program = session.iter().chain(account).find(runs)?;
    Some((Answer::Depends(program.at.clone()), program.at.clone()))
}

/// Limits of limits.conf(5), each with the least value that leaves programs of root running. `cpu` is
/// in minutes of a program, after which it ends.
const LEAST: &[(&str, u64)] = &[
    ("as", 4 << 20),
    ("data", 1 << 20),
    ("fsize", 1 << 20),
    ("stack", 1024),
    ("nofile", 1024),
    ("nproc", 256),
    ("cpu", 1 << 20),
    ("maxlogins", 1),
    ("maxsyslogins", 1),
];

/// The lines of pam_limits(8) that hold for root, who is bound by lines with the name alone, and that
/// leave too little.
fn limits(reader: &Reader<'_>, all: &mut Pam) {
    let mut files = Vec::new();
    files.extend(reader.text("/etc/security/limits.conf", &mut all.gaps));
    files.extend(reader.texts_in(b"/etc/security/limits.d", &[".conf"], &mut all.gaps));
    for file in &files {
        for (n, line) in file.lines() {
            let line = line.split('#').next().unwrap_or_default();
            let words: Vec<&str> = line.split_whitespace().collect();
            let ["root", _, item, value, ..] = words.as_slice() else {
                continue;
            };
            let least = LEAST
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(item));
            let little =
                least.is_some_and(|(_, least)| value.parse::<u64>().is_ok_and(|v| v < *least));
            if little {
                let fact = line.trim().to_owned();
                keep(&mut all.limits, &mut all.gaps, fact, file.line(n));
            }
        }
    }
}

/// Modules that open a session and refuse it to nobody.
const SESSION: &[&str] = &[
    "pam_permit.so",
    "pam_mkhomedir.so",
    "pam_oddjob_mkhomedir.so",
    "pam_lastlog2.so",
    "pam_xauth.so",
    "pam_tty_audit.so",
];
/// Modules that run a program.
const RUNNING: &[&str] = &[
    "pam_exec.so",
    "pam_script.so",
    "pam_python.so",
    "pam_lua.so",
];

/// Lines of type `auth` with `nullok` or `nullok_secure`, as they stand.
fn nullok(reader: &Reader<'_>) -> Collected<String> {
    let mut all = Collected::default();
    let mut files = reader.texts_in(b"/etc/pam.d", &[], &mut all.gaps);
    files.extend(reader.text("/etc/pam.conf", &mut all.gaps));
    for file in &files {
        // /etc/pam.conf has the service in front of the type.
        let at = usize::from(file.asked == "/etc/pam.conf");
        for (n, line) in file.lines() {
            let text = line.split('#').next().unwrap_or("");
            let mut words = text.split_whitespace();
            let kind = words.nth(at).map(|w| w.trim_start_matches('-'));
            if kind == Some("auth") && words.any(|w| w == "nullok" || w == "nullok_secure") {
                all.push(text.trim().to_owned(), file.line(n));
            }
        }
    }
    all
}

fn file(reader: &Reader<'_>, service: &str, gaps: &mut Vec<Gap>) -> Option<TextFile> {
    let folders = ["/etc/pam.d", "/usr/lib/pam.d", "/usr/etc/pam.d"];
    let mut paths = folders.iter().map(|folder| format!("{folder}/{service}"));
    if service.starts_with('/') {
        return reader.text(service, gaps);
    }
    paths.find_map(|path| reader.text(path, gaps))
}

/// The lines of the type `kind` of a service, includes followed.
fn stack(reader: &Reader<'_>, service: &str, kind: &str, gaps: &mut Vec<Gap>) -> Vec<Module> {
    let mut out = Vec::new();
    add(reader, service, kind, 0, &mut out, gaps);
    let end = out.len();
    for module in &mut out {
        if module.end == usize::MAX {
            module.end = end;
        }
    }
    out
}

/// Tells once that a stack goes on in `file` beyond what is read.
fn limit(file: &TextFile, most: usize, what: &str, gaps: &mut Vec<Gap>) {
    let what = say!(error_too_many, most = most, what = what);
    let gap = Gap::new(file.at.clone(), &Error::limit(Layer::Config, None, what));
    if !gaps.contains(&gap) {
        gaps.push(gap);
    }
}

fn add(
    reader: &Reader<'_>,
    service: &str,
    kind: &str,
    depth: usize,
    out: &mut Vec<Module>,
    gaps: &mut Vec<Gap>,
) {
    let Some(file) = file(reader, service, gaps) else {
        return;
    };
    if depth >= MAX_DEPTH {
        return limit(&file, MAX_DEPTH, "levels", gaps);
    }
    for (n, line) in whole_lines(&file) {
        if out.len() >= MAX_LINES {
            return limit(&file, MAX_LINES, "lines", gaps);
        }
        if let Some(other) = line.trim().strip_prefix("@include") {
            add(reader, other.trim(), kind, depth + 1, out, gaps);
            continue;
        }
        let mut words = tokens(&line).into_iter();
        let (Some(of), Some(control), Some(name)) = (words.next(), words.next(), words.next())
        else {
            continue;
        };
        if !of.trim_start_matches('-').eq_ignore_ascii_case(kind) {
            continue;
        }
        let lower = control.to_ascii_lowercase();
        if lower == "include" || lower == "substack" {
            let first = out.len();
            add(reader, &name, kind, depth + 1, out, gaps);
            if lower == "substack" {
                let end = out.len();
                for module in out.iter_mut().skip(first) {
                    module.end = module.end.min(end);
                }
            }
            continue;
        }
        out.push(Module {
            actions: actions(&control),
            name: name.rsplit('/').next().unwrap_or(&name).to_owned(),
            options: words.collect(),
            at: file.line(n),
            end: usize::MAX,
        });
    }
}

/// The lines of a file with those that a backslash continues, each under the number of its last.
fn whole_lines(file: &TextFile) -> Vec<(usize, String)> {
    let mut all = Vec::new();
    let mut carried = String::new();
    for (n, line) in file.lines() {
        // Nothing but a comment ends no line.
        if line.trim_start().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let comment = line.contains('#');
        let text = line.split('#').next().unwrap_or_default();
        match text.trim_end().strip_suffix('\\') {
            Some(more) if !comment => {
                carried.push_str(more);
                carried.push(' ');
            }
            _ => all.push((n, std::mem::take(&mut carried) + text)),
        }
    }
    if !carried.is_empty() {
        all.push((file.text.lines().count(), carried));
    }
    all
}

/// The words of a line as libpam takes it apart (_pam_tokenize): what stands in brackets is one word,
/// which ends with the first `]` that has no backslash before it.
fn tokens(line: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let Some(inner) = rest.strip_prefix('[') else {
            let end = rest.find([' ', '\t', '\n']).unwrap_or(rest.len());
            all.push(rest[..end].to_owned());
            rest = rest[end..].trim_start();
            continue;
        };
        let mut word = String::new();
        let mut chars = inner.char_indices().peekable();
        let mut end = inner.len();
        while let Some((i, c)) = chars.next() {
            match c {
                ']' => {
                    end = i + 1;
                    break;
                }
                '\\' if chars.peek().is_some_and(|(_, next)| *next == ']') => {
                    word.push(']');
                    chars.next();
                }
                c => word.push(c),
            }
        }
        all.push(word);
        rest = inner[end..].trim_start();
    }
    all
}

/// What a line says that a module may return: pam.conf(5), in the spelling of libpam.
const RETURNS: &[&str] = &[
    "success",
    "open_err",
    "symbol_err",
    "service_err",
    "system_err",
    "buf_err",
    "perm_denied",
    "auth_err",
    "cred_insufficient",
    "authinfo_unavail",
    "user_unknown",
    "maxtries",
    "new_authtok_reqd",
    "acct_expired",
    "session_err",
    "cred_unavail",
    "cred_expired",
    "cred_err",
    "no_module_data",
    "conv_err",
    "authtok_err",
    "authtok_recover_err",
    "authtok_lock_busy",
    "authtok_disable_aging",
    "try_again",
    "ignore",
    "abort",
    "authtok_expired",
    "module_unknown",
    "bad_item",
    "conv_again",
    "incomplete",
    "default",
];
/// What it then does, but for jumps.
const ACTIONS: &[&str] = &["ignore", "ok", "done", "bad", "die", "reset"];

/// What a control does with each result. A control that libpam can't read makes every result bad, as
/// one that names none does.
fn actions(control: &str) -> Vec<(String, String)> {
    let text = match control.to_ascii_lowercase().as_str() {
        "required" => "success=ok new_authtok_reqd=ok ignore=ignore default=bad",
        "requisite" => "success=ok new_authtok_reqd=ok ignore=ignore default=die",
        "sufficient" => "success=done new_authtok_reqd=done default=ignore",
        "optional" => "success=ok new_authtok_reqd=ok default=ignore",
        _ => control,
    };
    pairs(text).unwrap_or_default()
}

/// `result=action …`, with or without blanks between. Of a result the last action holds, but of
/// `default` the first.
fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let starts = |text: &str, list: &[&str]| {
        let fits = list.iter().filter(|word| text.starts_with(**word));
        fits.max_by_key(|word| word.len()).map(|word| word.len())
    };
    let mut all: Vec<(String, String)> = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (result, behind) = rest.split_at(starts(rest, RETURNS)?);
        let behind = behind.trim_start().strip_prefix('=')?.trim_start();
        let end = match starts(behind, ACTIONS) {
            Some(end) => end,
            None => {
                let digits = |c: char| !c.is_ascii_digit();
                let end = behind.find(digits).unwrap_or(behind.len());
                behind[..end].parse::<u64>().ok()?;
                end
            }
        };
        let (action, more) = behind.split_at(end);
        rest = more.trim_start();
        match all.iter_mut().find(|(name, _)| name == result) {
            Some(_) if result == "default" => {}
            Some((_, known)) => action.clone_into(known),
            None => all.push((result.to_owned(), action.to_owned())),
        }
    }
    Some(all)
}

/// What may come out of a stack, given what may come out of each module.
fn answer<'m>(stack: &'m [Module], results: &dyn Fn(&'m Module) -> Vec<&'static str>) -> Answer {
    if stack.is_empty() {
        return Answer::Absent;
    }
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    enum State {
        Undecided,
        Good,
        Bad,
    }
    let mut todo = vec![(0, State::Undecided)];
    let mut seen = BTreeSet::new();
    let (mut yes, mut no) = (false, false);
    let mut doubt = None;
    while let Some((i, state)) = todo.pop() {
        if !seen.insert((i, state)) {
            continue;
        }
        let Some(module) = stack.get(i) else {
            yes |= state == State::Good;
            no |= state != State::Good;
            continue;
        };
        let results = results(module);
        if results.len() > 1 {
            doubt.get_or_insert_with(|| module.at.clone());
        }
        for result in results {
            let named = module.actions.iter().find(|(name, _)| name == result);
            let default = || module.actions.iter().find(|(name, _)| name == "default");
            let action = named.or_else(default).map_or("bad", |(_, a)| a.as_str());
            let good = match state {
                State::Bad => State::Bad,
                _ if result == "ignore" => state,
                _ if result == "success" => State::Good,
                // `ok` keeps the failure that it was given.
                _ => State::Bad,
            };
            todo.push(match action {
                "ignore" => (i + 1, state),
                "ok" => (i + 1, good),
                "done" if state != State::Bad => (module.end, good),
                "done" => (i + 1, state),
                "die" => (module.end, State::Bad),
                "reset" => (i + 1, State::Undecided),
                jump => match jump.parse::<usize>() {
                    Ok(n) => (i + 1 + n.min(MAX_LINES), state),
                    Err(_) => (i + 1, State::Bad),
                },
            });
        }
    }
    match (yes, no) {
        (true, false) => Answer::Yes,
        (true, true) => doubt.map_or(Answer::Yes, Answer::Depends),
        _ => Answer::No,
    }
}

/// Modules that ask for something which somebody without a password does not have. Those that ask a
/// server, a file of their own or a device are none of them: who is known there can't be told.
const ASKING: &[&str] = &[
    "pam_unix.so",
    "pam_sss.so",
    "pam_deny.so",
    "pam_systemd_home.so",
    "pam_fprintd.so",
    "pam_timestamp.so",
    "pam_tcb.so",
    "pam_unix2.so",
    "pam_unix_auth.so",
    "pam_gdm.so",
    "pam_sss_gss.so",
];

/// Modules that decide nothing about who somebody is, and say so.
const INDIFFERENT: &[&str] = &[
    "pam_env.so",
    "pam_faildelay.so",
    "pam_nologin.so",
    "pam_group.so",
    "pam_selinux.so",
    "pam_motd.so",
    "pam_mail.so",
    "pam_keyinit.so",
    "pam_limits.so",
    "pam_loginuid.so",
    "pam_systemd.so",
    "pam_umask.so",
    "pam_issue.so",
    "pam_echo.so",
    "pam_warn.so",
    "pam_console.so",
    "pam_apparmor.so",
];

/// Modules that decide nothing about who somebody is either, and succeed for whom they keep nothing
/// against: what `sufficient` makes of that lets in. pam_shells(8), pam_securetty(8), pam_faillock(8)
/// and the others.
const PASSING: &[&str] = &[
    "pam_shells.so",
    "pam_securetty.so",
    "pam_cap.so",
    "pam_faillock.so",
    "pam_tally2.so",
    "pam_tally.so",
    "pam_lastlog.so",
    "pam_gnome_keyring.so",
    "pam_kwallet5.so",
    "pam_kwallet.so",
    "pam_ecryptfs.so",
    "pam_mount.so",
    "pam_fscrypt.so",
];

/// What a module answers somebody who knows no password.
fn auth(module: &Module, service: &str) -> Vec<&'static str> {
    let name = module.name.as_str();
    let has = |option: &str| module.options.iter().any(|o| o == option);
    match name {
        "pam_permit.so" => vec!["success"],
        "pam_faillock.so" if has("authfail") => vec!["auth_err"],
        // It asks who runs the program, not who comes in.
        "pam_rootok.so" if CALLERS.contains(&service) => vec!["auth_err"],
        "pam_rootok.so" => vec!["success"],
        "pam_nologin.so" if has("successok") => vec!["success"],
        "pam_wheel.so" if has("trust") => vec!["success", "auth_err"],
        "pam_wheel.so" => vec!["auth_err", "ignore"],
        _ if ASKING.contains(&name) => vec!["auth_err"],
        _ if INDIFFERENT.contains(&name) => vec!["ignore"],
        _ if PASSING.contains(&name) => vec!["success"],
        // Conditions on the user, and modules that are not known.
        _ => vec!["success", "auth_err"],
    }
}

/// What a module answers cron about root.
fn account(reader: &Reader<'_>, module: &Module, accounts: &Accounts) -> Vec<&'static str> {
    match module.name.as_str() {
        "pam_deny.so" => vec!["auth_err"],
        "pam_unix.so" => match accounts.shadow_of("root") {
            Some(root) if root.fact.may_expire => vec!["success", "acct_expired"],
            _ => vec!["success"],
        },
        "pam_access.so" => {
            let own = module
                .options
                .iter()
                .find_map(|o| o.strip_prefix("accessfile="));
            let mut gaps = Vec::new();
            let mut files: Vec<TextFile> = Vec::new();
            files.extend(reader.text(own.unwrap_or("/etc/security/access.conf"), &mut gaps));
            if own.is_none() {
                files.extend(reader.texts_in(b"/etc/security/access.d", &[".conf"], &mut gaps));
            }
            let rule = |l: &str| !l.trim().is_empty() && !l.trim_start().starts_with('#');
            if gaps.is_empty() && !files.iter().any(|f| f.text.lines().any(rule)) {
                vec!["success"]
            } else {
                vec!["success", "auth_err"]
            }
        }
        "pam_permit.so" | "pam_systemd_home.so" | "pam_sss.so" => vec!["success"],
        // Those that restrict somebody else pass root, or leave it to the next line.
        "pam_succeed_if.so" if is_about_ids(&module.options) => vec!["success"],
        "pam_usertype.so" if module.options.iter().any(|o| o == "issystem") => vec!["success"],
        // With another file it may know nobody.
        "pam_localuser.so" if !module.options.iter().any(|o| o.starts_with("file=")) => {
            vec!["success"]
        }
        // It wants the shell of root in /etc/shells.
        "pam_shells.so" => vec!["success", "auth_err"],
        name if PASSING.contains(&name) => vec!["success"],
        name if INDIFFERENT.contains(&name) => vec!["ignore"],
        _ => vec!["success", "auth_err"],
    }
}

/// Conditions such as `uid < 1000`, which root meets, and no others: all of them have to hold.
fn is_about_ids(options: &[String]) -> bool {
    let flags = [
        "debug",
        "use_uid",
        "quiet",
        "quiet_fail",
        "quiet_success",
        "audit",
    ];
    let words: Vec<&str> = options.iter().map(String::as_str).collect();
    let words: Vec<&str> = words.into_iter().filter(|w| !flags.contains(w)).collect();
    !words.is_empty()
        && words.chunks(3).all(|w| match w {
            ["uid", "<", most] => most.parse::<u32>().is_ok_and(|n| n > 0),
            ["uid", "<=", most] => most.parse::<u32>().is_ok(),
            _ => false,
        })
}

/// Modules in use that stand as no package brought them, and programs that `pam_exec` runs.
fn modules(reader: &Reader<'_>, vendor: &Vendor, all: &mut Pam) {
    let mut files = reader.texts_in(b"/etc/pam.d", &[], &mut all.gaps);
    files.extend(reader.texts_in(b"/usr/lib/pam.d", &[], &mut all.gaps));
    files.extend(reader.texts_in(b"/usr/etc/pam.d", &[], &mut all.gaps));
    let mut folders: Vec<Vec<u8>> = vec![
        b"/lib/security".to_vec(),
        b"/lib64/security".to_vec(),
        b"/usr/lib/security".to_vec(),
        b"/usr/lib64/security".to_vec(),
    ];
    for machine in ["x86_64", "aarch64"] {
        folders.push(format!("/usr/lib/{machine}-linux-gnu/security").into_bytes());
        folders.push(format!("/lib/{machine}-linux-gnu/security").into_bytes());
    }
    let mut seen = BTreeSet::new();
    for file in &files {
        for (n, line) in whole_lines(file) {
            let words = tokens(&line);
            let runs = |w: &String| RUNNING.iter().any(|module| w.ends_with(module));
            let program = words.iter().any(runs);
            for (i, word) in words.iter().enumerate() {
                // The module is the third word, whatever its name ends with.
                let includes = ["include", "substack"];
                let is_module = i == 2
                    && !includes.iter().any(|c| words[1].eq_ignore_ascii_case(c))
                    || word.ends_with(".so");
                if !(is_module || program && word.starts_with('/')) {
                    continue;
                }
                let paths: Vec<String> = if word.starts_with('/') {
                    vec![word.replace("/$ISA", "")]
                } else {
                    let in_folder = |f: &Vec<u8>| format!("{}/{word}", String::from_utf8_lossy(f));
                    folders.iter().map(in_folder).collect()
                };
                for path in paths {
                    let mut gaps = Vec::new();
                    let found = reader.find(path.as_bytes(), &mut gaps);
                    let Some(at) = found.filter(|at| at.metadata.kind == FileKind::Regular) else {
                        continue;
                    };
                    let real = at.path_text();
                    if !seen.insert(real.clone()) {
                        continue;
                    }
                    if matches!(
                        vendor.of(reader, &real),
                        Provenance::Foreign | Provenance::Changed
                    ) {
                        all.foreign.push(Found {
                            fact: real,
                            at: file.line(n),
                        });
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::linux::testing::{Build, guest};

    fn of(files: &[(&str, &str)], service: &str, kind: &str) -> Answer {
        let mut build = Build::bare();
        for (path, text) in files {
            build = build.file(path, 0o644, *text);
        }
        let guest = guest(build);
        let reader = Reader::new(&guest.paths);
        let mut gaps = Vec::new();
        let stack = stack(&reader, service, kind, &mut gaps);
        let accounts = crate::evidence::linux::accounts::users::collect(&reader);
        match kind {
            "auth" => answer(&stack, &|m| auth(m, service)),
            _ => answer(&stack, &|m| account(&reader, m, &accounts)),
        }
    }

    const COMMON: &str = "auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\nauth required pam_permit.so\n";

    #[test]
    fn stacks_answer_as_the_manual_has_it() {
        // pam.conf(5) of Linux-PAM 1.5.2, for a wrong password.
        let with = |line: &str| {
            let text = format!("{line}\n@include common-auth\n");
            of(
                &[
                    ("/etc/pam.d/common-auth", COMMON),
                    ("/etc/pam.d/sshd", &text),
                ],
                "sshd",
                "auth",
            )
        };
        assert_eq!(with(""), Answer::No);
        assert_eq!(with("auth sufficient pam_permit.so"), Answer::Yes);
        assert_eq!(with("auth required pam_permit.so"), Answer::No);
        assert_eq!(
            with("auth [success=done default=ignore] pam_permit.so"),
            Answer::Yes
        );
        assert!(matches!(
            with("auth sufficient pam_other.so"),
            Answer::Depends(_)
        ));
        let open = "auth [success=1 default=1] pam_unix.so\nauth requisite pam_deny.so\nauth required pam_permit.so\n";
        assert_eq!(
            of(&[("/etc/pam.d/sshd", open)], "sshd", "auth"),
            Answer::Yes
        );
        let redhat = "auth required pam_env.so\nauth sufficient pam_unix.so\nauth requisite pam_succeed_if.so uid >= 1000 quiet_success\nauth required pam_deny.so\n";
        let sshd = "auth substack password-auth\nauth include postlogin\n";
        assert_eq!(
            of(
                &[
                    ("/etc/pam.d/password-auth", redhat),
                    ("/etc/pam.d/sshd", sshd)
                ],
                "sshd",
                "auth"
            ),
            Answer::No
        );
    }

    /// _pam_tokenize and _pam_parse_control of Linux-PAM 1.5.2.
    #[test]
    fn controls_are_read_as_libpam_reads_them() {
        let with = |line: &str| {
            let text = format!("{line}\n@include common-auth\n");
            let files = [
                ("/etc/pam.d/common-auth", COMMON),
                ("/etc/pam.d/sshd", text.as_str()),
            ];
            of(&files, "sshd", "auth")
        };
        for open in [
            "auth [success = done default = ignore] pam_permit.so",
            "auth [success=donedefault=ignore] pam_permit.so",
            "auth [success=ignore success=done default=ignore] pam_permit.so",
            "auth [sufficient] pam_permit.so",
            "[auth] SUFFICIENT pam_permit.so",
            "auth success=done pam_permit.so",
            "auth [success=done]pam_permit.so",
            "auth sufficient \\ \npam_permit.so",
            "auth sufficient \\\n\n  # comment\npam_permit.so",
            "auth sufficient [pam_permit.so]",
        ] {
            assert_eq!(with(open), Answer::Yes, "{open}");
        }
        for shut in [
            "auth [success=Done default=ignore] pam_permit.so",
            "auth [success=done default=] pam_permit.so",
            "auth [default=bad default=ignore] pam_permit.so",
            "auth sufficient # \\\npam_permit.so",
        ] {
            assert_eq!(with(shut), Answer::No, "{shut}");
        }
    }

    /// sshd, login and sudo ask PAM as root, su as whoever calls it: pam_rootok(8) wants the real user
    /// id 0. The others succeed for whom they keep nothing against.
    #[test]
    fn modules_that_know_nobody_do_not_keep_anybody_out() {
        let with = |service: &str, line: &str| {
            let path = format!("/etc/pam.d/{service}");
            let text = format!("{line}\n@include common-auth\n");
            let files = [
                ("/etc/pam.d/common-auth", COMMON),
                (path.as_str(), text.as_str()),
            ];
            of(&files, service, "auth")
        };
        let rootok = "auth sufficient pam_rootok.so";
        assert_eq!(with("su", rootok), Answer::No);
        assert_eq!(with("sshd", rootok), Answer::Yes);
        assert_eq!(with("sudo", rootok), Answer::Yes);
        for module in [
            "pam_shells.so",
            "pam_securetty.so",
            "pam_faillock.so preauth",
            "pam_nologin.so successok",
            "pam_cap.so",
        ] {
            let line = |control: &str| format!("auth {control} {module}");
            assert_eq!(with("sshd", &line("sufficient")), Answer::Yes, "{module}");
            assert_eq!(with("sshd", &line("required")), Answer::No, "{module}");
        }
        for module in [
            "pam_userdb.so db=/etc/x",
            "pam_oath.so usersfile=/etc/x",
            "pam_ldap.so",
            "pam_krb5.so",
            "pam_u2f.so authfile=/etc/x",
        ] {
            let line = |control: &str| format!("auth {control} {module}");
            let open = with("sshd", &line("sufficient"));
            assert!(matches!(open, Answer::Depends(_)), "{module}");
            assert_eq!(with("sshd", &line("required")), Answer::No, "{module}");
        }
    }

    #[test]
    fn lines_and_includes_beyond_the_bound_are_told_once() {
        let gaps = |text: String| {
            let guest = guest(Build::bare().file("/etc/pam.d/sshd", 0o644, text));
            let mut gaps = Vec::new();
            stack(&Reader::new(&guest.paths), "sshd", "auth", &mut gaps);
            gaps.len()
        };
        let line = "auth required pam_unix.so\n";
        assert_eq!(gaps(line.repeat(MAX_LINES)), 0);
        assert_eq!(gaps(line.repeat(MAX_LINES + 3)), 1);
        assert_eq!(gaps("@include sshd\n".to_owned()), 1);
    }

    #[test]
    fn cron_gets_an_answer_about_root() {
        let common = "account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so\naccount requisite pam_deny.so\naccount required pam_permit.so\n";
        let with = |line: &str| {
            let text = format!("{line}\n@include common-account\n");
            of(
                &[
                    ("/etc/pam.d/common-account", common),
                    ("/etc/pam.d/cron", &text),
                ],
                "cron",
                "account",
            )
        };
        assert_eq!(with(""), Answer::Yes);
        assert_eq!(with("account required pam_deny.so"), Answer::No);
        assert!(matches!(
            with("account required pam_time.so"),
            Answer::Depends(_)
        ));
        assert_eq!(with("account required pam_access.so"), Answer::Yes);
        for line in [
            "account required pam_shells.so",
            "account required pam_localuser.so file=/srv/none",
            "account required pam_usertype.so isregular",
            "account required pam_succeed_if.so uid < 1000 user = nobody",
        ] {
            assert!(matches!(with(line), Answer::Depends(_)), "{line}");
        }
        let redhat = "account required pam_access.so\naccount required pam_unix.so\naccount sufficient pam_localuser.so\naccount sufficient pam_succeed_if.so uid < 1000 quiet\naccount required pam_permit.so\n";
        assert_eq!(
            of(&[("/etc/pam.d/crond", redhat)], "crond", "account"),
            Answer::Yes
        );
    }
}
