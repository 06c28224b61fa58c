//! Commands that mend a Windows guest.

use crate::evidence::Location;
use crate::policy::Context;
use crate::policy::checks::findings::Fix;
use crate::text::Text;

/// The services and drivers that Windows itself brings. Without them it does not start or work, so
/// no fix deletes one; the names only choose the words of fixes.
const OF_WINDOWS: &str = include_str!("services_of_windows.txt");
/// The first build whose bcdboot knows firmware and whose DISM repairs (Windows 8).
const WINDOWS_8: u32 = 9200;
/// Hives of accounts under `HKU` that are always loaded.
const ALWAYS_LOADED: [&str; 4] = [".DEFAULT", "S-1-5-18", "S-1-5-19", "S-1-5-20"];

/// True for a service or driver of Windows itself, by its name.
pub(super) fn is_of_windows(service: &str) -> bool {
    let name = service.to_lowercase();
    let per_user = name.rsplit_once('_').map(|(base, _)| base);
    let mut all = OF_WINDOWS.lines().filter(|l| !l.starts_with('#'));
    all.any(|line| {
        let mut words = line.split_whitespace();
        words.any(|word| word == name || per_user == Some(word))
    })
}

/// `path` with backslashes, as commands of Windows take it.
pub(super) fn plain(path: &str) -> String {
    path.replace('/', r"\")
}

/// Sets the value `value` of `key`; the key's default value where it is empty.
pub(super) fn set_value(key: &str, value: &str, kind: &str, data: impl AsRef<str>) -> Text {
    let data = data.as_ref();
    if value.is_empty() {
        return say!(win_fix_reg_set_default, key = key, kind = kind, data = data);
    }
    say!(
        win_fix_reg_set,
        key = key,
        value = value,
        kind = kind,
        data = data
    )
}

/// Deletes the value `value` of `key`; the key's default value where it is empty.
pub(super) fn delete_value(key: &str, value: &str) -> Text {
    if value.is_empty() {
        return say!(win_fix_reg_delete_default, key = key);
    }
    say!(win_fix_reg_delete, key = key, value = value)
}

/// Deletes the registry value, the key or the file at `at`.
pub(super) fn delete(at: &Location) -> Text {
    let fix = match (&at.key, &at.value) {
        (Some(key), Some(value)) => delete_value(key, value),
        (Some(key), None) => say!(win_fix_key_delete, key = key),
        (None, _) => {
            let path = plain(at.path.as_deref().unwrap_or_default());
            say!(win_fix_file_delete, path = path)
        }
    };
    loaded(at, fix)
}

/// `fix`, which changes the registry at `at`; with what loads the hive of a user before.
pub(super) fn loaded(at: &Location, fix: Text) -> Text {
    let user = at.key.as_deref().and_then(|key| key.strip_prefix(r"HKU\"));
    let user = user.map(|rest| rest.split('\\').next().unwrap_or(rest));
    let user = user.filter(|u| !ALWAYS_LOADED.iter().any(|a| a.eq_ignore_ascii_case(u)));
    match (user, &at.path) {
        (Some(user), Some(path)) => say!(
            win_fix_hive,
            fix = fix,
            root = format!(r"HKU\{user}"),
            file = plain(path)
        ),
        _ => fix,
    }
}

/// Restores the file of Windows at `path`, which is in its folder or one of the boot files.
pub(super) fn restore_file(context: &Context<'_>, path: &str) -> Fix {
    if path.get(1..2) != Some(":") {
        return write_boot_files(context).into();
    }
    let roots = context.evidence.windows.roots();
    let one = say!(
        win_fix_sfc,
        path = plain(path),
        drive = roots.drive.as_str(),
        windows = roots.windows.as_str()
    );
    Fix::one_of_many(one, restore_all(context))
}

/// Restores all of Windows' own files.
pub(super) fn restore_all(context: &Context<'_>) -> Text {
    let roots = context.evidence.windows.roots();
    let (drive, windows) = (roots.drive.as_str(), roots.windows.as_str());
    if before_windows_8(context) {
        say!(win_fix_sfc_all, drive = drive, windows = windows)
    } else {
        say!(win_fix_dism, drive = drive, windows = windows)
    }
}

/// Writes boot manager and boot configuration again.
pub(super) fn write_boot_files(context: &Context<'_>) -> Text {
    let windows = context.evidence.windows.roots().windows;
    let firmware = if before_windows_8(context) {
        ""
    } else {
        " /f ALL"
    };
    say!(
        win_fix_bcdboot,
        command = format!("bcdboot {windows}{firmware}")
    )
}

/// Puts the key of a service of Windows back to what it is on an original installation.
pub(super) fn restore_service(service: &str) -> Text {
    say!(win_fix_service_restore, service = service)
}

/// True where `path` is below the folder of Windows.
pub(super) fn is_inside_windows(context: &Context<'_>, path: &str) -> bool {
    let folder = context.evidence.windows.roots().windows.to_lowercase();
    let path = plain(path).to_lowercase();
    let below = path.strip_prefix(&folder);
    below.is_some_and(|rest| rest.starts_with('\\'))
}

/// Mends a service of Windows whose program or driver at `path` is wrong, or `missing`: by the file
/// where that is one of Windows, else by the service's key.
pub(super) fn mend_service(
    context: &Context<'_>,
    service: &str,
    path: Option<&str>,
    missing: bool,
) -> Vec<Fix> {
    let Some(path) = path.filter(|path| is_inside_windows(context, path)) else {
        return vec![restore_service(service).into()];
    };
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let name = name.split('.').next().unwrap_or(name);
    let mut fixes = vec![restore_file(context, path)];
    // Whether the service usually starts another file can't be told.
    if !missing && !is_of_windows(name) {
        fixes.push(restore_service(service).into());
    }
    fixes
}

/// True where the build is known and one before Windows 8.
fn before_windows_8(context: &Context<'_>) -> bool {
    let build = context.evidence.guest.os.build.as_deref();
    let build = build.and_then(|b| b.split('.').next()?.parse::<u32>().ok());
    build.is_some_and(|b| b < WINDOWS_8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_of_windows_are_known_by_name_in_any_case_and_per_user() {
        for name in ["CLFS", "AFD", "Dhcp", "tcpip", "CDPUserSvc_1d05b"] {
            assert!(is_of_windows(name), "{name}");
        }
        // What other makers add, to the systems that the names are of, too.
        for name in [
            "VMTools",
            "RTCore64",
            "cloudbase-init",
            "mfehidk",
            "PSEXESVC",
            "viostor",
            "",
        ] {
            assert!(!is_of_windows(name), "{name}");
        }
    }

    #[test]
    fn a_users_hive_is_loaded_before_it_is_changed() {
        let at = |key: &str, path: &str| Location {
            key: Some(key.into()),
            value: Some("evil".into()),
            ..Location::of_path(path)
        };
        let user = delete(&at(r"HKU\user\Software\Run", "C:/Users/user/NTUSER.DAT"));
        assert_eq!(user.code, "win-fix-hive");
        for command in [
            r#"reg load "HKU\user" "C:\Users\user\NTUSER.DAT""#,
            r#"reg delete "HKU\user\Software\Run" /v "evil" /f"#,
            r#"reg unload "HKU\user""#,
        ] {
            assert!(user.en.contains(command), "{}", user.en);
            assert!(user.zh.contains(command), "{}", user.zh);
        }
        for key in [r"HKLM\SOFTWARE\x", r"HKU\.DEFAULT\x", r"HKU\S-1-5-18\x"] {
            let machine = delete(&at(key, "C:/Windows/System32/config/SOFTWARE"));
            assert_eq!(machine.code, "win-fix-reg-delete", "{key}");
        }
        let default = delete_value(r"HKLM\SOFTWARE\x", "");
        assert!(
            default
                .en
                .contains(r#"reg delete "HKLM\SOFTWARE\x" /ve /f"#)
        );
    }
}
