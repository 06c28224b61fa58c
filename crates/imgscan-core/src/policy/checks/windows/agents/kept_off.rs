//! What keeps an agent that starts from doing its work: rights, policies over programs, memory and
//! the network that it does not get, and commands that end it.
//!
//! Windows' own services are held down so on purpose; this is asked of programs that somebody
//! installed.

use std::collections::BTreeSet;

use crate::evidence::windows::{Action, NamedValue, Service, batch_words};
use crate::evidence::{Found, Location};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::windows::values::{SET, Values};
use crate::policy::checks::windows::{commands, firewall, matches};
use crate::policy::{Context, Item};
use crate::text::Text;

/// `ServiceSidType` of a process that may write only where it is named.
const RESTRICTED: u64 = 3;
/// A stack that is committed at once may be so big, in bytes.
const MAX_STACK: u64 = 0x10_0000;
/// Windows gives the desktop of services 768 KiB, that of 32 bits 512; the heap that all share has
/// 1,024 KiB.
const LEAST_DESKTOP: u64 = 256;
const LEAST_SHARED: u64 = 512;
/// `DefaultLevel` of a policy that restricts nothing (SAFER_LEVELID_FULLYTRUSTED).
const UNRESTRICTED: u64 = 0x4_0000;
/// Whom a rule of AppLocker has to be of to hold for a service of the system: everyone, the system,
/// administrators, those who have logged on.
const SYSTEM: [&str; 4] = ["s-1-1-0", "s-1-5-18", "s-1-5-32-544", "s-1-5-11"];
/// Characters of a value that are shown.
const SHOWN: usize = 200;
/// Policies over programs: software restriction and AppLocker.
const SAFER: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\Safer\CodeIdentifiers";
const APP_LOCKER: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\SrpV2";
/// Modes of compatibility by the paths of programs, of the machine and of users.
const COMPATIBILITY: [&str; 2] = [
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\AppCompatFlags\Layers",
    r"HKU\*\Software\Microsoft\Windows NT\CurrentVersion\AppCompatFlags\Layers",
];
/// The policy over IPsec that is in force, of the machine and of a group policy (MS-GPIPSEC).
const IPSEC: [(&str, &str); 2] = [
    (
        r"HKLM\SOFTWARE\Policies\Microsoft\Windows\IPSec\Policy\Local",
        "ActivePolicy",
    ),
    (
        r"HKLM\SOFTWARE\Policies\Microsoft\Windows\IPSec\GPTIPSECPolicy",
        "DSIPSECPolicyPath",
    ),
];
/// Rules that ask the other side for IPsec (MS-FASP), of the machine and of a group policy.
const SECURED: [&str; 3] = [
    r"HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\ConSecRules",
    r"HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\Mdm\ConSecRules",
    r"HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall\ConSecRules",
];
const OPTIONS: &str =
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File Execution Options";

struct Agent<'a, 'c> {
    context: &'a Context<'c>,
    values: Values<'c>,
    service: &'a Service,
    /// The program with backslashes, and its file name, in lower case.
    program: String,
    file: String,
    /// The same of the program and of those that it may start in turn: what its command names, and
    /// what lies in its folder.
    programs: Vec<(String, String)>,
}

/// Files what keeps `service`, whose program is at `program`, from its work.
pub(super) fn look(context: &Context<'_>, service: &Service, program: &str, found: &mut Findings) {
    let program = program.replace('/', r"\").to_lowercase();
    let file = program.rsplit('\\').next().unwrap_or_default().to_owned();
    if file.is_empty() {
        return;
    }
    let agent = Agent {
        context,
        values: Values::of(context),
        service,
        programs: programs(context, service, &program, found),
        program,
        file,
    };
    agent.rights(found);
    agent.policies(found);
    agent.resources(found);
    agent.network(found);
    agent.compatibility(found);
    agent.ended(found);
}

/// The programs of the agent as paths with their file names, in lower case.
fn programs(
    context: &Context<'_>,
    service: &Service,
    program: &str,
    found: &mut Findings,
) -> Vec<(String, String)> {
    let windows = &context.evidence.windows;
    let mut all = BTreeSet::from([program.to_owned()]);
    let mut patterns = Vec::new();
    let own = windows.roots().windows.to_lowercase();
    if let Some((folder, _)) = program.rsplit_once('\\').filter(|(f, _)| *f != own) {
        patterns.push(format!(r"{folder}\*.exe"));
    }
    let command = service.image_path.as_ref().map(|path| path.fact.as_str());
    for word in batch_words(command.unwrap_or_default()) {
        let word = word.replace('/', r"\").to_lowercase();
        let Some((folder, _)) = word.rsplit_once('\\') else {
            continue;
        };
        if word.ends_with(".exe") && word != program {
            // A launcher of a script starts the interpreter of the folder above.
            let above = folder.strip_suffix(r"\scripts");
            patterns.extend(above.map(|above| format!(r"{above}\python*.exe")));
            all.insert(word);
        }
    }
    for pattern in patterns {
        for file in found.keep(windows.find(&pattern)) {
            let path = file.at.path.unwrap_or_default();
            all.insert(path.replace('/', r"\").to_lowercase());
        }
    }
    let named = all.into_iter().filter_map(|path| {
        let file = path.rsplit('\\').next()?.to_owned();
        Some((path, file))
    });
    named.collect()
}

/// True where the pattern `path` in lower case, of a file or of a folder, is of `program` or its name
/// `file`.
fn is_of(path: &str, program: &str, file: &str) -> bool {
    matches(path, program)
        || matches(&format!(r"{path}\*"), program)
        || !path.contains('\\') && matches(path, file)
}

/// Files what stands at `at`.
fn odd(at: Location, note: Text, shown: impl Into<String>, found: &mut Findings) {
    let shown: String = shown.into();
    let shown: String = shown.chars().take(SHOWN).collect();
    let fix = match (&at.key, &at.value) {
        (Some(key), Some(value)) => commands::delete_value(key, value),
        _ => say!(win_first_look, place = at.to_string()),
    };
    found.unknown(Item::at(at, note).compare(say!(win_none), Text::verbatim(shown)));
    found.fix(fix);
}

impl Agent<'_, '_> {
    fn rights(&self, found: &mut Findings) {
        let name = self.service.name.as_str();
        let note = |what: &str| say!(win_agent_few_rights, service = name, name = what);
        let key = format!(r"{SET}\Services\{name}");
        let sid = self.values.number(found, &key, "ServiceSidType");
        if let Some(sid) = sid.filter(|sid| sid.fact == RESTRICTED) {
            odd(sid.at, note("ServiceSidType"), "3", found);
        }
        if let Some(list) = self.values.first(found, &key, "RequiredPrivileges") {
            let shown = list.fact.data.to_string();
            odd(list.at, note("RequiredPrivileges"), shown, found);
        }
        if let Some(account) = &self.service.object_name {
            let user = account.fact.rsplit('\\').next().unwrap_or_default();
            let user = user.replace(' ', "").to_lowercase();
            if matches!(user.as_str(), "localservice" | "networkservice") {
                let shown = account.fact.as_str();
                odd(account.at.clone(), note("ObjectName"), shown, found);
            }
        }
    }

    /// A path of a policy in lower case, its variables replaced.
    fn plain(&self, path: &str) -> String {
        let roots = self.context.evidence.windows.roots();
        let lower = path.trim().to_lowercase();
        let lower = lower.replace("%osdrive%", &roots.drive.to_lowercase());
        let plain = crate::guest::windows::expand(&lower, &roots, &[]).to_lowercase();
        plain.trim_end_matches('\\').to_owned()
    }

    /// True where the path of a policy is that of one of the programs or of a folder that it is in.
    fn covers(&self, path: &str) -> bool {
        let plain = self.plain(path);
        let mut programs = self.programs.iter();
        // Variables may lead anywhere, and a name alone is meant in every folder.
        plain.contains('%') || programs.any(|(program, file)| is_of(&plain, program, file))
    }

    fn policies(&self, found: &mut Findings) {
        let note = || say!(win_agent_forbidden);
        let default = self.values.number(found, SAFER, "DefaultLevel");
        if let Some(default) = default.filter(|d| d.fact != UNRESTRICTED) {
            let shown = format!("DefaultLevel = {:#x}", default.fact);
            odd(default.at, note(), shown, found);
        }
        // Level 0 forbids; that of a constrained user is as good as that.
        for level in ["0", "4096", "65536", "131072"] {
            let paths = format!(r"{SAFER}\{level}\Paths\*");
            for path in self.values.all(found, &paths, "ItemData") {
                let text = path.fact.data.to_string();
                if self.covers(&text) {
                    odd(path.at, note(), text, found);
                }
            }
            let hashes = format!(r"{SAFER}\{level}\Hashes\*");
            for hash in self.values.all(found, &hashes, "ItemData") {
                odd(hash.at, note(), hash.fact.data.to_string(), found);
            }
        }
        for kind in ["Exe", "Dll"] {
            for rule in self
                .values
                .all(found, &format!(r"{APP_LOCKER}\{kind}\*"), "Value")
            {
                let text = rule.fact.data.to_string();
                let denies = text.to_lowercase().contains(r#"action="deny""#);
                let mut paths = text.split("Path=\"").skip(1);
                let paths = paths.by_ref().filter_map(|p| p.split('"').next());
                let paths: Vec<&str> = paths.collect();
                // Digests and publishers are not followed.
                if denies && (paths.is_empty() || paths.iter().any(|p| self.covers(p))) {
                    odd(rule.at, note(), text, found);
                }
            }
        }
        self.allowed(found);
    }

    /// Where rules of AppLocker over programs are enforced only what one of them allows may start.
    fn allowed(&self, found: &mut Findings) {
        let key = format!(r"{APP_LOCKER}\Exe");
        let mode = self.values.number(found, &key, "EnforcementMode");
        let rules = self.values.all(found, &format!(r"{key}\*"), "Value");
        let Some(first) = rules.first().filter(|_| mode.is_none_or(|m| m.fact != 0)) else {
            return;
        };
        let of = |rule: &Found<NamedValue>| {
            let text = rule.fact.data.to_string().to_lowercase();
            let system = SYSTEM
                .iter()
                .any(|sid| text.contains(&format!("\"{sid}\"")));
            let allows = text.contains(r#"action="allow""#) && system;
            // What a rule excepts is not followed.
            (allows && !text.contains("<exceptions>")).then_some(text)
        };
        let allowing: Vec<String> = rules.iter().filter_map(of).collect();
        let paths = allowing
            .iter()
            .flat_map(|text| text.split("path=\"").skip(1));
        let paths = paths.filter_map(|rest| rest.split('"').next());
        let paths: Vec<String> = paths.map(|path| self.plain(path)).collect();
        for (program, file) in &self.programs {
            if !paths.iter().any(|path| is_of(path, program, file)) {
                let note = say!(win_agent_not_allowed, program = program.as_str());
                odd(first.at.clone(), note, first.fact.data.to_string(), found);
            }
        }
    }

    fn resources(&self, found: &mut Findings) {
        let note = |what: &str| say!(win_agent_starved, name = what);
        let files: BTreeSet<&str> = self.programs.iter().map(|(_, f)| f.as_str()).collect();
        for file in files {
            let key = format!(r"{OPTIONS}\{file}");
            let name = "MinimumStackCommitInBytes";
            let stack = self.values.number(found, &key, name);
            if let Some(stack) = stack.filter(|stack| stack.fact > MAX_STACK) {
                odd(stack.at, note(name), stack.fact.to_string(), found);
            }
            // Those of the service's own program stand against its start.
            if file != self.file {
                let windows = &self.context.evidence.windows;
                super::service::helper(windows.hindered_program(self.service, file), found);
            }
        }
        let key = format!(r"{SET}\Control\Session Manager\SubSystems");
        if let Some(command) = self.values.first(found, &key, "Windows") {
            let text = command.fact.data.to_string();
            let sizes = text.split_once("SharedSection=").map(|(_, rest)| rest);
            let sizes = sizes.and_then(|rest| rest.split_whitespace().next());
            let sizes: Vec<Option<u64>> = sizes
                .unwrap_or_default()
                .split(',')
                .map(|size| size.parse().ok())
                .collect();
            let small = |at: usize, least: u64| {
                let size = sizes.get(at).copied().flatten();
                size.is_some_and(|size| size < least)
            };
            if small(0, LEAST_SHARED) || small(1, LEAST_SHARED) || small(2, LEAST_DESKTOP) {
                let shown = text.split("SharedSection=").nth(1).unwrap_or_default();
                let shown = shown.split_whitespace().next().unwrap_or_default();
                let item = Item::at(command.at, note("SharedSection"));
                let wanted = Text::verbatim("1024,20480,768");
                found.unknown(item.compare(wanted, Text::verbatim(shown)));
            }
        }
        let key = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\QoS\*";
        for rate in self.values.all(found, key, "Throttle Rate") {
            let policy = rate.at.key.clone().unwrap_or_default();
            let of = self.values.first(found, &policy, "Application Name");
            let of = of.map_or_else(String::new, |v| v.fact.data.to_string());
            let app = of.trim().to_lowercase();
            let all = app.is_empty() || app == "*";
            let shown = rate.fact.data.to_string();
            if shown.trim() != "-1" && (all || self.covers(&app)) {
                odd(rate.at, note("Throttle Rate"), shown, found);
            }
        }
    }

    fn network(&self, found: &mut Findings) {
        for profile in [firewall::Profile::Private, firewall::Profile::Public] {
            let name = "DefaultOutboundAction";
            let blocks = firewall::settings(self.values, profile, name, found);
            for blocks in blocks.into_iter().filter(|b| b.fact == 1) {
                odd(blocks.at, say!(win_agent_cut_off), "1", found);
            }
        }
        for (key, name) in IPSEC {
            for policy in self.values.all(found, key, name) {
                let shown = policy.fact.data.to_string();
                if !shown.trim().is_empty() {
                    odd(policy.at, say!(win_agent_ipsec), shown, found);
                }
            }
        }
        for key in SECURED {
            for rule in self.values.all(found, key, "*") {
                let text = rule.fact.data.to_string();
                if text.to_lowercase().contains("active=true") {
                    odd(rule.at, say!(win_agent_ipsec), text, found);
                }
            }
        }
        for rule in firewall::rules(self.values, found) {
            let of = |app: &str| self.covers(app);
            if rule.keeps_in(&self.service.name.to_lowercase(), of) {
                let shown = rule.text.clone();
                odd(rule.at, say!(win_agent_cut_off), shown, found);
            }
        }
    }

    /// Modes of compatibility: Windows then answers its programs in another way, or starts them with
    /// other rights.
    fn compatibility(&self, found: &mut Findings) {
        let folder = self.program.rsplit_once('\\').map_or("", |(f, _)| f);
        let folder = folder.strip_suffix(r"\bin").unwrap_or(folder);
        for root in COMPATIBILITY {
            for layer in self.values.all(found, root, "*") {
                let name = layer.fact.name.to_lowercase();
                let below = name.strip_prefix(folder);
                if below.is_some_and(|rest| rest.starts_with('\\')) || self.covers(&name) {
                    let shown = layer.fact.data.to_string();
                    odd(layer.at, say!(win_agent_compatibility), shown, found);
                }
            }
        }
    }

    /// Commands that end its processes.
    fn ended(&self, found: &mut Findings) {
        let windows = &self.context.evidence.windows;
        let mut all: Vec<(Location, String)> = Vec::new();
        for task in found.keep(windows.tasks()) {
            if task.fact.disabled {
                continue;
            }
            let runs = task.fact.actions.into_iter();
            let runs = runs.filter(|(_, action)| matches!(action, Action::Run { .. }));
            all.extend(runs.map(|(at, action)| (at, action.text())));
        }
        let first = windows.first_boot().items.iter();
        all.extend(first.map(|command| (command.at.clone(), command.fact.text.clone())));
        for (at, command) in all {
            if self.is_ended_by(&command) {
                let service = self.service.name.as_str();
                odd(at, say!(win_agent_ended, service = service), command, found);
            }
        }
    }

    fn is_ended_by(&self, command: &str) -> bool {
        ends(command, &self.file, &self.service.name)
    }
}

/// True where `command` ends the processes of the program `file` (in lower case) or of `service`.
fn ends(command: &str, file: &str, service: &str) -> bool {
    let lower = command.to_lowercase();
    let words: Vec<&str> = lower
        .split([' ', '\t', '"', '\'', '(', ')', '&', '|', ';', ',', '='])
        .filter(|word| !word.is_empty())
        .collect();
    let stem = file.strip_suffix(".exe").unwrap_or(file);
    let service = service.to_lowercase();
    let program = |word: &str| {
        let name = word.rsplit('\\').next().unwrap_or(word);
        name.strip_suffix(".exe").unwrap_or(name).to_owned()
    };
    let verb = |word: &&str| {
        matches!(
            program(word).as_str(),
            "taskkill" | "tskill" | "pskill" | "pskill64" | "stop-process" | "spps" | "kill"
        )
    };
    let Some(from) = words.iter().position(verb) else {
        return false;
    };
    words.iter().skip(from).skip(1).any(|word| {
        let named = word.trim_matches('*').len() > 2 || *word == "*";
        !word.starts_with(['/', '-'])
            && (named && (matches(word, file) || matches(word, stem)) || **word == *service)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_end_a_program_are_told_by_its_name() {
        let ends = |command| ends(command, "win-agent.exe", "win-agent");
        assert!(ends("taskkill.exe /f /im win*"));
        assert!(ends("taskkill /f /fi \"SERVICES eq win-agent\""));
        assert!(ends("tskill.exe win-agent /a"));
        assert!(ends(
            "cmd /c \"C:\\Windows\\System32\\taskkill.exe\" /im WIN-AGENT.EXE"
        ));
        assert!(ends("powershell Stop-Process -Name win-agent -Force"));
        assert!(!ends("taskkill /f /im explorer.exe"));
        assert!(!ends("taskkill /f /fi \"status eq not responding\""));
        assert!(!ends("net start win-agent"));
    }
}
