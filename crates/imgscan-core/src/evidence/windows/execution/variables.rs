//! Variables that make programs load something.

use super::hosts::carried;
use super::paths::absolute;
use super::reading::text_of;
use super::sources::Collector;
use super::{Account, Occasion, Subject};
use crate::evidence::Location;
use crate::evidence::windows::{Language, Windows};
use crate::fs::FileKind;
use crate::guest::windows::expand;
use crate::text;

/// Names of variables, in lower case, that make programs load or start something; those that end
/// in `*` are beginnings. Microsoft's and the makers' manuals of each run-time.
const CARRYING_VARIABLES: &[&str] = &[
    "appdomain_manager_*",
    "cor_*",
    "coreclr_*",
    "complus_*",
    "dotnet_*",
    "java_tool_options",
    "_java_options",
    "jdk_java_options",
    "classpath",
    "node_options",
    "node_path",
    "python*",
    "perl5*",
    "rubyopt",
    "rubylib",
    "openssl_conf",
    "openssl_modules",
    "openssl_engines",
    "git_ssh*",
    "git_exec_path",
    "git_config*",
    "git_proxy_command",
    "git_askpass",
    "bash_env",
    "lua_path*",
    "lua_cpath*",
    "lua_init*",
    "php_ini_scan_dir",
    "java_opts",
    "catalina_opts",
    "maven_opts",
    "gradle_opts",
    "ant_opts",
    "jvm_opts",
    "aspnetcore_hostingstartup*",
    "aspnetcore_preventhostingstartup",
    "webview2_browser_executable_folder",
    "webview2_additional_browser_arguments",
    "phprc",
    "grpc_default_ssl_roots_file_path",
    "tcllibpath",
    "tcl_library",
    "r_profile*",
    "r_environ*",
    "julia_load_path",
    "erl_flags",
    "erl_aflags",
    "erl_zflags",
    "erl_libs",
    "gst_plugin_*",
    "gio_extra_modules",
    "gio_module_dir",
    "gtk_path",
    "gtk_modules",
    "qml_import_path",
    "qml2_import_path",
    "qt_plugin_path",
    "qt_qpa_platform_plugin_path",
    "vk_layer_path",
    "vk_add_layer_path",
    "vk_instance_layers",
    "vk_icd_filenames",
    "vk_driver_files",
    "devpath",
    "msbuild*path",
    "__compat_layer",
    "psexecutionpolicypreference",
    "_nt_debugger_extension_path",
    // What leads programs that speak over TLS elsewhere, or takes their keys away.
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "ftp_proxy",
    "sslkeylogfile",
    "curl_ca_bundle",
    "requests_ca_bundle",
    "ssl_cert_file",
    "ssl_cert_dir",
    "aws_ca_bundle",
    "git_ssl_*",
    "node_extra_ca_certs",
    "node_tls_reject_unauthorized",
    // Windows' own folders: programs and settings are looked for there.
    "allusersprofile",
    "programdata",
    "programfiles*",
    "programw6432",
    "commonprogram*",
    "public",
    "electron_run_as_node",
    "psmodulepath",
    "comspec",
    "pathext",
    "windir",
    "systemroot",
    "systemdrive",
    "path",
];
/// Those that Windows sets itself, and what to.
const USUAL_VARIABLES: &[(&str, &[&str])] = &[
    ("comspec", &[r"%SystemRoot%\system32\cmd.exe"]),
    ("windir", &["%SystemRoot%"]),
    ("node_tls_reject_unauthorized", &["1"]),
    (
        "dotnet_root",
        &[
            r"%SystemDrive%\Program Files\dotnet",
            r"%SystemDrive%\Program Files\dotnet\",
        ],
    ),
    (
        "dotnet_root(x86)",
        &[
            r"%SystemDrive%\Program Files (x86)\dotnet",
            r"%SystemDrive%\Program Files (x86)\dotnet\",
        ],
    ),
    (
        "pathext",
        &[
            ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC",
            ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC;.CPL",
        ],
    ),
];
/// Variables, in lower case, that name folders or addresses which nothing loads code from unless somebody
/// starts a tool, and why; those that end in `*` are beginnings.
const NAMING_VARIABLES: &[(&str, &str)] = &[
    ("temp", "a folder for files that are thrown away"),
    ("tmp", "a folder for files that are thrown away"),
    ("onedrive*", "documents"),
    (
        "chocolatey*",
        "the installer Chocolatey, whose programs are found by the search path",
    ),
    (
        "go*",
        "packages and sources of Go, of which a person builds",
    ),
    (
        "nvm_*",
        "versions of node, of which the search path names one",
    ),
    (
        "npm_config_*",
        "where npm fetches packages from when a person asks for it",
    ),
    (
        "pip_*",
        "where pip fetches packages from when a person asks for it",
    ),
    (
        "nuget_*",
        "where NuGet fetches packages from when a person asks for it",
    ),
    ("no_proxy", "what is spoken to without a proxy"),
    ("aspnetcore_urls", "where a program listens"),
];
/// Folders of a home of a product in which its programs lie, and how deep below other folders files are
/// looked for.
const MAX_LEVELS: usize = 2;
/// Files that are looked at for one variable, and those that are told of it.
const MAX_LOOKED: usize = 4096;
const MAX_TOLD: usize = 64;
/// Ends of the names of files that are loaded or carried out, in lower case, besides scripts that only a
/// person starts.
const LOADED: &[&str] = &[
    ".dll", ".exe", ".com", ".ocx", ".node", ".pyd", ".cpl", ".sys", ".ps1", ".psm1", ".vbs",
    ".js", ".lua", ".php", ".tcl", ".jar", ".ini", ".conf", ".cfg", ".config",
];
/// Those of a home of a product: of its scripts and settings nothing is carried out before its programs.
const PROGRAMS: &[&str] = &[".dll", ".exe", ".com"];
/// Endings that installers of languages add to `PATHEXT`, behind those of Windows.
const MORE_ENDINGS: &[&str] = &[
    ".cpl", ".py", ".pyw", ".pyz", ".pyzw", ".rb", ".rbw", ".pl", ".tcl", ".ps1", ".jar", "",
];
/// Variables of run-times, in lower case, that name nothing that is loaded; those that end in `*`
/// are beginnings. The run-times' own manuals.
const PLAIN_VARIABLES: &[&str] = &[
    "dotnet_cli_*",
    "dotnet_environment",
    "dotnet_gc*",
    "dotnet_running_in_container",
    "dotnet_tieredcompilation",
    "dotnet_tieredpgo",
    "dotnet_tc_*",
    "dotnet_nologo",
    "dotnet_skip_first_time_experience",
    "dotnet_system_globalization_*",
    "dotnet_generate_aspnet_certificate",
    "dotnet_enablediagnostics*",
    "dotnet_use_polling_file_watcher",
    "dotnet_upgradeassistant_telemetry_optout",
    "dotnet_roll_forward*",
    "dotnet_print_telemetry_message",
    "complus_enablediagnostics*",
    "complus_gc*",
    "complus_tieredcompilation",
    "complus_tc_*",
    "pythonioencoding",
    "pythonutf8",
    "pythonunbuffered",
    "pythondontwritebytecode",
    "pythonhashseed",
    "pythonlegacywindowsstdio",
    "pythonlegacywindowsfsencoding",
    "pythonfaulthandler",
    "pythonnousersite",
    "pythonoptimize",
    "pythonsafepath",
    "pythonverbose",
    "pythontracemalloc",
    "pythonmalloc",
];
/// What of these names something all the same.
const NAMING_ENDS: [&str; 3] = ["name", "path", "home"];
/// What a configuration of OpenSSL loads code by (its manual, "config").
const OPENSSL_LOADS: [&str; 6] = [
    "dynamic_path",
    "module",
    "so_path",
    "engines",
    "engine_id",
    ".include",
];
/// Variables that hold options of java.
const JAVA_OPTIONS: [&str; 9] = [
    "java_tool_options",
    "_java_options",
    "jdk_java_options",
    "java_opts",
    "jvm_opts",
    "catalina_opts",
    "maven_opts",
    "gradle_opts",
    "ant_opts",
];
/// Variables that hold folders: what lies in these is found by its name elsewhere.
const FOLDERS: [&str; 2] = ["path", "psmodulepath"];

/// True where one of `patterns` names the variable `name`, which is in lower case.
fn is_among(patterns: &[&str], name: &str) -> bool {
    patterns.iter().any(|p| text::matches(p, name))
}

/// True where the variable `name` (in any case) makes programs load or start something by the text
/// `value`.
#[must_use]
pub fn carries_code(name: &str, value: &str) -> bool {
    let name = name.to_lowercase();
    is_among(CARRYING_VARIABLES, &name) && !is_plain_setting(&name, value)
}

/// True for a variable of a run-time that names nothing which is loaded.
fn is_plain_setting(name: &str, text: &str) -> bool {
    is_among(PLAIN_VARIABLES, name)
        && !NAMING_ENDS.iter().any(|end| name.ends_with(end))
        && !text.contains(['\\', '/', ';'])
}

/// What Windows sets the variable `name` to.
fn usual(name: &str) -> &'static [&'static str] {
    let usual = USUAL_VARIABLES.iter().find(|(n, _)| *n == name);
    usual.map_or(&[], |(_, texts)| texts)
}

impl Collector<'_, '_> {
    /// Variables that make programs load something.
    pub(super) fn variables(&mut self) {
        for (pattern, account) in [
            (
                r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment",
                Account::System,
            ),
            (r"HKU\*\Environment", Account::User),
        ] {
            let found = self.windows.values(pattern, "*");
            for value in self.keep(found) {
                let text = value.fact.data.to_string();
                let name = value.fact.name.to_lowercase();
                self.variable(&name, &text, account.clone(), &value.at);
                self.unknown_variable(&name, &text, account.clone(), &value.at);
            }
        }
    }

    /// A variable of the machine or of a user of which nothing here knows: what it leads to is explained
    /// where programs may load it.
    fn unknown_variable(&mut self, name: &str, text: &str, account: Account, at: &Location) {
        let known = is_among(CARRYING_VARIABLES, name)
            || NAMING_VARIABLES.iter().any(|(n, _)| text::matches(n, name));
        if known {
            return;
        }
        let what = (Subject::Environment, "Variable", name);
        let runs = || (Occasion::Demand, account.clone());
        let expanded = self.windows.expanded_at(text, at);
        let is_home = name.ends_with("_home") || name.ends_with("_root");
        for part in expanded.split(';').map(|p| p.trim().trim_matches('"')) {
            if is_address(part) {
                let shown = format!("{name}={text}");
                self.add(what, runs(), text, at.clone(), |r| r.unclear_value(&shown));
                return;
            }
            // Where it is not there, nothing is loaded.
            let Ok(path) = absolute(self.windows, part, None) else {
                continue;
            };
            if part.get(1..2) != Some(":") || self.is_closed(&path) {
                continue;
            }
            let (files, is_whole) = self.loaded_below(&path, is_home);
            for file in files {
                self.add(what, runs(), text, at.clone(), |r| r.file(&file));
            }
            if !is_whole {
                let shown = format!("{name}={text}");
                self.add(what, runs(), text, at.clone(), |r| r.unclear_value(&shown));
            }
        }
    }

    /// True for a path in a folder that only administrators and installers write to, and in which
    /// programs are looked at by what starts them.
    fn is_closed(&self, path: &str) -> bool {
        let roots = self.windows.roots();
        let lower = format!(r"{}\", path.to_lowercase());
        let folders = [
            format!(r"{}\", roots.windows),
            format!(r"{}\Program Files\", roots.drive),
            format!(r"{}\Program Files (x86)\", roots.drive),
        ];
        folders.iter().any(|f| lower.starts_with(&f.to_lowercase()))
    }

    /// The files at or below `path` that programs may load and nobody vouches for, and whether all were
    /// looked at. Of the home of a product those are its programs.
    fn loaded_below(&mut self, path: &str, is_home: bool) -> (Vec<String>, bool) {
        let mut out = Vec::new();
        let endings = match is_home {
            true => PROGRAMS,
            false => LOADED,
        };
        let mut todo = vec![(path.to_owned(), 0_usize)];
        let mut left = MAX_LOOKED;
        while let Some((path, depth)) = todo.pop() {
            let Some(found) = self.located(&path) else {
                continue;
            };
            match found.metadata.kind {
                FileKind::Directory if depth <= MAX_LEVELS => {
                    for name in self.names(&path) {
                        if left == 0 {
                            return (out, false);
                        }
                        left -= 1;
                        todo.push((format!(r"{path}\{name}"), depth.saturating_add(1)));
                    }
                }
                // Named by itself: whatever it is.
                FileKind::Regular
                    if (depth == 0 || endings.iter().any(|e| path.to_lowercase().ends_with(e)))
                        && !self.is_vouched_for(&path) =>
                {
                    if out.len() >= MAX_TOLD {
                        return (out, false);
                    }
                    out.push(path);
                }
                _ => {}
            }
        }
        (out, true)
    }

    pub(super) fn variable(&mut self, name: &str, text: &str, account: Account, at: &Location) {
        if !loads(self.windows, name, text) {
            return;
        }
        let what = (Subject::Environment, "Variable", name);
        let runs = (Occasion::Demand, account);
        let set = format!("{name}={text}");
        self.add(what, runs, text, at.clone(), |r| match name {
            // A program, and nothing else.
            "git_ssh" => r.program(text, ""),
            // An address is what a proxy has; it fetches no code.
            _ if name.ends_with("_proxy") => r.unclear_value(&set),
            _ => r.code(&set, Language::Command),
        });
    }
}

/// True for a text that leads to another computer.
fn is_address(text: &str) -> bool {
    let lower = text.to_lowercase();
    let Some((_, host)) = lower.split_once("://") else {
        return lower.starts_with(r"\\");
    };
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let own = ["localhost", "127.", "[::1]", "/"];
    !own.iter().any(|own| host.starts_with(own))
}

/// True where programs load something by the variable `name` (in lower case) that is set to `text`.
pub(super) fn loads(windows: &Windows<'_>, name: &str, text: &str) -> bool {
    if !is_among(CARRYING_VARIABLES, name) || FOLDERS.contains(&name) {
        return false;
    }
    let roots = windows.roots();
    let plain = |text: &str| expand(text, &roots, &[]).to_lowercase();
    if usual(name).iter().any(|t| plain(t) == plain(text)) {
        return false;
    }
    !is_plain(windows, name, text)
}

/// True for a variable that loads nothing as it stands.
fn is_plain(windows: &Windows<'_>, name: &str, text: &str) -> bool {
    let lower = text.to_lowercase();
    match name {
        "pathext" => {
            let more = usual(name)
                .first()
                .and_then(|usual| lower.strip_prefix(&usual.to_lowercase()));
            let known = |ending: &str| MORE_ENDINGS.contains(&ending.trim());
            more.is_some_and(|more| {
                (more.is_empty() || more.starts_with(';')) && more.split(';').all(known)
            })
        }
        // The libraries of the development kit itself, as its old manuals have it.
        "classpath" => lower.split(';').all(|part| {
            let own = [
                "",
                ".",
                r"%java_home%\lib",
                r"%java_home%\lib\dt.jar",
                r"%java_home%\lib\tools.jar",
                r"%java_home%\jre\lib\rt.jar",
            ];
            own.contains(&part.trim())
        }),
        // Options of java: what it would make of them on its command line.
        name if JAVA_OPTIONS.contains(&name) => {
            carried("java", text).is_some_and(|all| all.is_empty())
        }
        "openssl_conf" => {
            let path = expand(text.trim().trim_matches('"'), &windows.roots(), &[]);
            let Some(text) = text_of(windows, &path) else {
                return false;
            };
            let loads = |line: &str| {
                let line = line.split('#').next().unwrap_or_default().trim();
                OPENSSL_LOADS
                    .iter()
                    .any(|sign| line.starts_with(sign) || line.contains(&format!(".{sign}")))
            };
            !text.lines().any(loads)
        }
        _ => is_plain_setting(name, text),
    }
}
