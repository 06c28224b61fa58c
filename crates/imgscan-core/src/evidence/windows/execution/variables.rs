//! Variables that make programs load something.

use super::hosts::carried;
use super::sources::{Collector, read};
use super::{Account, Occasion, Subject};
use crate::evidence::Location;
use crate::evidence::windows::{Language, Windows};
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
            }
        }
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
            let Some(text) = read(windows, &path) else {
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
