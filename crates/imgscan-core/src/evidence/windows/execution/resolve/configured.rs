//! Programs that read their settings from a file: what such a file names is carried out like what their command
//! line names.
//!
//! Erlang, "erlsrv"; MySQL, "Using Option Files" and "Server Command Options"; Docker, "dockerd" (`--config-file`); Zabbix, "Zabbix
//! agent" and "Zabbix agent 2 (Windows)"; Microsoft, "about_PowerShell_Config".

use serde_json::Value;

use super::{Link, Resolver, Role, Target};
use crate::error::Kind;
use crate::evidence::Gap;
use crate::evidence::windows::execution::hosts::{Carried, is_open_to_the_network};
use crate::evidence::windows::execution::paths::absolute;
use crate::evidence::windows::execution::words::words;
use crate::evidence::windows::xml;
use crate::text::strip_any_case;

/// Longer files of settings are not read, in bytes.
const MAX_SETTINGS: u64 = 1 << 20;
/// Files that one program reads.
const MAX_FILES: usize = 32;
/// Options of a database server that lead to SQL, libraries and folders of those, or let everybody in.
const OF_DATABASE: [&str; 11] = [
    "init-file",
    "plugin-load",
    "plugin-load-add",
    "early-plugin-load",
    "plugin-dir",
    "lc-messages-dir",
    "character-sets-dir",
    "init-connect",
    "init-replica",
    "init-slave",
    "skip-grant-tables",
];
/// Settings of a service of containers that name programs.
const OF_CONTAINERS: [&str; 7] = [
    "authorization-plugins",
    "containerd",
    "default-runtime",
    "init-path",
    "plugins",
    "runtimes",
    "userland-proxy-path",
];

/// True for a program whose settings are read here.
pub(super) fn reads_settings(name: &str) -> bool {
    const THOSE: [&str; 8] = [
        "dockerd",
        "erlsrv",
        "mariadbd",
        "mysqld",
        "mysqld-nt",
        "pwsh",
        "zabbix_agent2",
        "zabbix_agentd",
    ];
    THOSE.contains(&name)
}

/// A file of settings.
struct Settings {
    path: String,
    text: String,
}

impl Settings {
    /// The folder that it lies in.
    fn folder(&self) -> &str {
        self.path.rsplit_once('\\').map_or("", |(folder, _)| folder)
    }

    /// Its lines that say something, without comments that begin with one of `marks`.
    fn lines(&self, marks: &'static [char]) -> impl Iterator<Item = &str> {
        let lines = self.text.lines().map(str::trim);
        lines.filter(move |line| !line.is_empty() && !line.starts_with(marks))
    }

    /// A setting of it that can't be told.
    fn unclear(&self, setting: &str) -> Carried {
        Carried::Unclear(format!("{}: {setting}", self.path))
    }
}

impl Resolver<'_, '_> {
    /// The settings of the program `name` at `path`, which is started with `rest`.
    pub(super) fn configured(&mut self, name: &str, path: &str, rest: &str, link: Link) {
        let words = words(rest);
        let folder = path.rsplit_once('\\').map_or("", |(folder, _)| folder);
        match name {
            "mysqld" | "mysqld-nt" | "mariadbd" => self.database(folder, &words, link),
            "dockerd" => self.containers(&words, link),
            "erlsrv" => self.erlang(link),
            "zabbix_agentd" | "zabbix_agent2" => self.monitor(name, folder, &words, link),
            "pwsh" => {
                let file = format!(r"{folder}\powershell.config.json");
                if let Some(file) = self.settings(&file, false, link) {
                    self.all_carried(shell(&file), link);
                }
            }
            _ => {}
        }
    }

    fn all_carried(&mut self, all: Vec<Carried>, link: Link) {
        for one in all {
            self.carried(one, link);
        }
    }

    /// The program and the words that `erlsrv` keeps in the registry for the service of its name (Erlang, "erlsrv").
    fn erlang(&mut self, link: Link) {
        let key = self.at.key.clone().unwrap_or_default();
        let mut names = key
            .split('\\')
            .skip_while(|name| !name.eq_ignore_ascii_case("Services"));
        let Some(service) = names.nth(1).map(str::to_owned) else {
            return;
        };
        let mut value = |name: &str| {
            let key = format!(r"HKLM\SOFTWARE\Ericsson\Erlang\ErlSrv\*\{service}");
            let found = self.windows.values(&key, name);
            for gap in found.gaps {
                self.add(Role::Code, &key, Target::Unknown(gap), link);
            }
            let first = found.items.into_iter().next();
            first.map(|value| value.fact.data.to_string())
        };
        let (machine, arguments) = (value("Machine"), value("Args"));
        if let Some(machine) = machine {
            let program = self.expanded(machine.trim().trim_matches('"'));
            let arguments = self.expanded(&arguments.unwrap_or_default());
            self.first_of(&[(program, arguments)], link);
        }
    }

    /// The file at `path`. Where it `decides` what an agent carries out, whoever writes it later does, and it has to be
    /// there.
    fn settings(&mut self, path: &str, decides: bool, link: Link) -> Option<Settings> {
        let expanded = self.expanded(path.trim().trim_matches('"'));
        let from = self.current.as_deref();
        let path = match absolute(self.windows, &expanded, from) {
            Ok(path) => path,
            Err(why) => {
                self.unclear(Role::Code, &expanded, why.text(), link);
                return None;
            }
        };
        let files = &self.windows.guest.paths;
        match files.read_if_there(path.as_bytes(), MAX_SETTINGS) {
            Ok(Some(file)) => {
                let text = xml::decode(&file.bytes);
                Some(Settings { path, text })
            }
            Ok(None) if decides => {
                let why = say!(error_execution_settings, path = path.as_str());
                self.unclear(Role::Code, &path, why, link);
                None
            }
            Ok(None) => None,
            Err(e) => {
                let gap = Gap::at_path(path.as_str(), &e);
                self.add(Role::Code, &path, Target::Unknown(gap), link);
                None
            }
        }
    }

    /// The option files of a database server whose program lies in `folder`.
    fn database(&mut self, folder: &str, words: &[String], link: Link) {
        if words.iter().any(|w| w == "--no-defaults") {
            return;
        }
        let base = folder.rsplit_once('\\').map_or(folder, |(base, _)| base);
        let named = |option: &str| {
            let mut all = words.iter().filter_map(|w| strip_any_case(w, option));
            all.next().map(str::to_owned)
        };
        let mut files = Vec::new();
        match named("--defaults-file=") {
            Some(only) => files.push(only),
            None => {
                let roots = self.windows.roots();
                let data = format!(r"{base}\data");
                let folders = [roots.windows.as_str(), roots.drive.as_str(), base, &data];
                for folder in folders {
                    files.push(format!(r"{folder}\my.ini"));
                    files.push(format!(r"{folder}\my.cnf"));
                }
            }
        }
        files.extend(named("--defaults-extra-file="));
        // Without one that the line names the server ends at once.
        for file in files {
            if let Some(file) = self.settings(&file, false, link) {
                self.all_carried(database(&file, base), link);
            }
        }
    }

    /// The settings of a service of containers.
    fn containers(&mut self, words: &[String], link: Link) {
        let named = option(words, &["--config-file"]);
        let usual = || r"%ProgramData%\docker\config\daemon.json".to_owned();
        let is_named = named.is_some();
        let file = self.settings(&named.unwrap_or_else(usual), is_named, link);
        let mut data = vec![r"%ProgramData%\docker".to_owned()];
        data.extend(option(words, &["--data-root", "-g"]));
        if let Some(file) = file {
            self.all_carried(containers(&file), link);
            let settings = serde_json::from_str::<Value>(&file.text).unwrap_or_default();
            let roots = ["data-root", "graph"].map(|name| settings.get(name).cloned());
            let roots = roots.into_iter().flatten();
            data.extend(roots.filter_map(|root| root.as_str().map(str::to_owned)));
        }
        for root in data {
            self.restarted(&root, link);
        }
    }

    /// Containers below `root` that the service starts again by itself (Docker, "Start containers
    /// automatically").
    fn restarted(&mut self, root: &str, link: Link) {
        let root = self.expanded(root);
        // A drive that is not in the image brings no containers along.
        if self
            .windows
            .guest
            .paths
            .find(root.as_bytes())
            .is_err_and(|e| e.kind == Kind::Unsupported)
        {
            return;
        }
        let pattern = format!(r"{root}\containers\*\hostconfig.json");
        let found = self.windows.find(&pattern);
        for gap in found.gaps {
            self.add(Role::Code, &root, Target::Unknown(gap), link);
        }
        let paths = found.items.into_iter().filter_map(|found| found.at.path);
        for path in paths {
            let path = path.replace('/', r"\");
            let Some(file) = self.settings(&path, true, link) else {
                continue;
            };
            let settings = serde_json::from_str::<Value>(&file.text).unwrap_or_default();
            let policy = settings.get("RestartPolicy").and_then(|p| p.get("Name"));
            let name = policy.and_then(Value::as_str).unwrap_or_default();
            if !["", "no"].contains(&name) {
                let all = vec![file.unclear(&format!("RestartPolicy: {name}"))];
                self.all_carried(all, link);
            }
        }
    }

    /// The settings of an agent of Zabbix whose program lies in `folder`, with what they include.
    fn monitor(&mut self, name: &str, folder: &str, words: &[String], link: Link) {
        let mut files = Vec::new();
        match option(words, &["-c", "--config"]) {
            Some(named) => files.push((named, true)),
            None => {
                let root = self.windows.roots().drive;
                files.push((format!(r"{root}\{name}.conf"), false));
                files.push((format!(r"{folder}\{name}.conf"), false));
            }
        }
        let mut read = 0_usize;
        while let Some((file, is_named)) = files.pop() {
            read += 1;
            if read > MAX_FILES {
                return self.carried(Carried::Unclear(file), link);
            }
            let Some(file) = self.settings(&file, is_named, link) else {
                continue;
            };
            let (all, included) = monitor(&file);
            self.all_carried(all, link);
            for pattern in included {
                files.extend(self.included(&pattern, &file, link));
            }
        }
    }

    /// The files that a line `Include` of `file` names: one, those of a folder, or those of a pattern.
    fn included(&mut self, pattern: &str, file: &Settings, link: Link) -> Vec<(String, bool)> {
        let pattern = match absolute(self.windows, pattern, Some(file.folder())) {
            Ok(pattern) => pattern,
            Err(why) => {
                self.unclear(Role::Code, pattern, why.text(), link);
                return Vec::new();
            }
        };
        let inside = match pattern.contains('*') {
            true => pattern,
            false => match self.windows.guest.paths.find(pattern.as_bytes()) {
                Ok(Some(at)) if at.metadata.kind == crate::fs::FileKind::Directory => {
                    format!(r"{pattern}\*")
                }
                _ => return vec![(pattern, true)],
            },
        };
        let found = self.windows.find(&inside);
        for gap in found.gaps {
            self.add(Role::Code, &inside, Target::Unknown(gap), link);
        }
        let paths = found.items.into_iter().filter_map(|found| found.at.path);
        paths.map(|path| (path.replace('/', r"\"), true)).collect()
    }
}

/// The value of an option that is written `name value` or `name=value`.
fn option(words: &[String], names: &[&str]) -> Option<String> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        for name in names {
            match word.strip_prefix(name) {
                Some("") => return words.next().cloned(),
                Some(rest) if rest.starts_with('=') => {
                    return Some(rest.trim_start_matches('=').to_owned());
                }
                _ => {}
            }
        }
    }
    None
}

/// Options of a database server; `base` is the folder that it was installed in.
fn database(file: &Settings, base: &str) -> Vec<Carried> {
    let own = format!(r"{base}\").to_lowercase();
    let usual = format!(r"{base}\lib\plugin");
    let mut folder = usual.clone();
    let mut libraries = Vec::new();
    let mut out = Vec::new();
    for line in file.lines(&['#', ';', '[']) {
        // Other files.
        if line.starts_with('!') {
            out.push(file.unclear(line));
            continue;
        }
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        let name = name.trim().to_lowercase().replace('_', "-");
        let name = name.trim_start_matches("loose-");
        let value = value.split('#').next().unwrap_or_default();
        let value = value.trim().trim_matches(['"', '\'']);
        match of_database(name) {
            Some("init-file") => out.push(Carried::Script(value.to_owned())),
            Some("plugin-load" | "plugin-load-add" | "early-plugin-load") => {
                let names = value
                    .split(';')
                    .map(|l| l.rsplit('=').next().unwrap_or(l).trim());
                libraries.extend(names.filter(|l| !l.is_empty()).map(str::to_owned));
            }
            Some(option @ ("plugin-dir" | "lc-messages-dir" | "character-sets-dir")) => {
                let path = value.replace('/', r"\");
                let path = path.trim_end_matches('\\');
                if path.contains("..") || !format!(r"{path}\").to_lowercase().starts_with(&own) {
                    out.push(file.unclear(line));
                } else if option == "plugin-dir" {
                    path.clone_into(&mut folder);
                }
            }
            Some("skip-grant-tables")
                if ["0", "off", "false"].contains(&value.to_lowercase().as_str()) => {}
            Some(_) => out.push(file.unclear(line)),
            None => {}
        }
    }
    for library in libraries {
        let ending = match library.contains('.') {
            true => "",
            false => ".dll",
        };
        out.push(match library.contains(['\\', '/', ':']) {
            true => file.unclear(&library),
            false => Carried::Library(format!(r"{folder}\{library}{ending}")),
        });
    }
    out
}

/// The option that `name` stands for, which may be cut short.
fn of_database(name: &str) -> Option<&'static str> {
    const SHORTEST: usize = 6;
    let exact = OF_DATABASE.iter().find(|known| **known == name);
    let short = || {
        let fits = |known: &&&str| name.len() >= SHORTEST && known.starts_with(name);
        OF_DATABASE.iter().find(fits)
    };
    exact.or_else(short).copied()
}

/// Settings of a service of containers.
fn containers(file: &Settings) -> Vec<Carried> {
    let Ok(Value::Object(settings)) = serde_json::from_str(&file.text) else {
        return vec![file.unclear("not JSON")];
    };
    let mut out = Vec::new();
    for (name, value) in &settings {
        let setting = format!("{name}: {value}");
        let name = name.to_lowercase();
        let opens = name == "hosts" && !only_pipes(value) || is_open_to_the_network(&setting);
        let mirror = name.ends_with("-mirrors");
        if opens && !mirror || OF_CONTAINERS.contains(&name.as_str()) {
            out.push(file.unclear(&setting));
        }
    }
    out
}

/// True where a service listens on pipes of its own machine alone.
fn only_pipes(hosts: &Value) -> bool {
    let is_pipe = |host: &Value| host.as_str().is_some_and(|h| h.starts_with("npipe://"));
    hosts.as_array().is_some_and(|all| all.iter().all(is_pipe))
}

/// Settings of an agent of Zabbix, and the files that it includes.
fn monitor(file: &Settings) -> (Vec<Carried>, Vec<String>) {
    let (mut out, mut included) = (Vec::new(), Vec::new());
    for line in file.lines(&['#']) {
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        let (name, value) = (name.trim().to_lowercase(), value.trim());
        match name.as_str() {
            "include" => included.push(value.to_owned()),
            "allowkey" if allows_commands(value) => out.push(file.unclear(line)),
            "enableremotecommands" | "unsafeuserparameters" if value != "0" => {
                out.push(file.unclear(line));
            }
            "userparameter" => {
                let command = value.split_once(',').map_or(value, |(_, command)| command);
                out.push(Carried::Shell(command.to_owned()));
            }
            "loadmodule" | "loadmodulepath" => out.push(file.unclear(line)),
            name if name.starts_with("plugins.") && name.ends_with(".system.path") => {
                out.push(Carried::Command(format!("\"{}\"", value.trim_matches('"'))));
            }
            _ => {}
        }
    }
    (out, included)
}

/// True for a pattern of keys that lets the server carry out commands (`system.run[…]`).
fn allows_commands(pattern: &str) -> bool {
    const RUN: &str = "system.run[";
    let pattern = pattern.to_lowercase();
    let head = pattern.split('*').next().unwrap_or_default();
    RUN.starts_with(head) && pattern.contains('*') || head.starts_with(RUN.trim_end_matches('['))
}

/// Settings of PowerShell.
fn shell(file: &Settings) -> Vec<Carried> {
    let Ok(Value::Object(settings)) = serde_json::from_str(&file.text) else {
        return vec![file.unclear("not JSON")];
    };
    let leads = |name: &&String| name.eq_ignore_ascii_case("PSModulePath");
    let mut names = settings.keys().filter(leads);
    let first = names.next();
    first
        .map(|name| file.unclear(&format!("{name}: {}", settings[name])))
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Settings {
        Settings {
            path: r"C:\x\settings".into(),
            text: text.into(),
        }
    }

    /// MySQL 8.0 Reference Manual, 4.2.2.2 and 5.1.7.
    #[test]
    fn options_of_a_database_are_those_of_its_command_line() {
        let of = |text: &str| database(&file(text), r"C:\mysql");
        let usual = "[client]\nport=3306\nplugin-dir=C:/mysql/lib/plugin\n[mysqld]\ndatadir=C:/data\n#plugin-load=x\n\
                     skip-name-resolve\ncharacter-sets-dir=\"C:\\mysql\\share\\charsets\"\nskip_grant_tables=0\n";
        assert_eq!(of(usual), []);
        let library = |name: &str| Carried::Library(name.into());
        let all = "plugin_load_add = ha_x.dll\nplugin-load=a=b.dll;c\n";
        let wanted =
            ["ha_x.dll", "b.dll", "c.dll"].map(|n| library(&format!(r"C:\mysql\lib\plugin\{n}")));
        assert_eq!(of(all), wanted);
        assert_eq!(
            of("init_file=C:/i.sql"),
            [Carried::Script("C:/i.sql".into())]
        );
        for one in [
            "skip-grant-tables",
            "loose-skip_grant_tables=1",
            "skip-grant",
            "plugin_dir=D:\\p",
            "plugin_dir=C:/mysql/../p",
            "!include C:/more.ini",
            "init_connect=x",
        ] {
            assert_eq!(of(one), [file("").unclear(one)], "{one}");
        }
    }

    #[test]
    fn a_service_of_containers_listens_on_pipes() {
        let of = |text: &str| containers(&file(text)).len();
        assert_eq!(
            of(r#"{"hosts": ["npipe://"], "group": "docker", "registry-mirrors": ["https://m"]}"#),
            0
        );
        assert_eq!(of(r#"{"hosts": ["tcp://0.0.0.0:2375", "npipe://"]}"#), 1);
        assert_eq!(of(r#"{"Hosts": ["0.0.0.0:2375"]}"#), 1);
        assert_eq!(of(r#"{"runtimes": {"x": {"path": "C:\\x.exe"}}}"#), 1);
        assert_eq!(of("{"), 1);
    }

    /// Zabbix documentation, "Restricting agent checks" and "User parameters".
    #[test]
    fn an_agent_carries_out_what_its_settings_say() {
        let of = |text: &str| monitor(&file(text)).0;
        let usual = "Server=192.0.2.1\n# EnableRemoteCommands=1\nEnableRemoteCommands=0\nDenyKey=system.run[*]\nAllowKey=vfs.file.*\n";
        assert_eq!(of(usual), []);
        for one in [
            "AllowKey=system.run[*]",
            "AllowKey=system.run[whoami]",
            "AllowKey=*",
            "AllowKey=sys*",
            "EnableRemoteCommands=1",
        ] {
            assert_eq!(of(one), [file("").unclear(one)], "{one}");
        }
        assert_eq!(
            of("UserParameter=a[*],cmd /c x"),
            [Carried::Shell("cmd /c x".into())]
        );
        let (_, included) = monitor(&file(r"Include=.\plugins.d\*.conf"));
        assert_eq!(included, [r".\plugins.d\*.conf"]);
    }

    #[test]
    fn folders_of_modules_are_told() {
        assert_eq!(
            shell(&file(
                r#"{"Microsoft.PowerShell:ExecutionPolicy":"RemoteSigned"}"#
            )),
            []
        );
        assert_eq!(shell(&file(r#"{"psmodulepath":"C:\\m"}"#)).len(), 1);
    }
}
