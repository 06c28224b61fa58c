//! What a path that begins with a root key means.

use imgscan_core::text::Text;

use crate::exit::Failure;

/// A path divided at the hive that holds it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Root key and hive (`HKLM\SYSTEM`).
    pub(super) root: String,
    /// The path from the hive's root.
    pub(super) key: String,
}

impl Place {
    /// True where `root` is the key that this place's hive is loaded under.
    pub(super) fn is(&self, root: &str) -> bool {
        self.root.to_lowercase() == root.to_lowercase()
    }
}

/// Divides `HKLM\SYSTEM\key`, with the long names of root keys and what regedit puts before them.
pub(super) fn parse(path: &str) -> Result<Place, Failure> {
    let mut parts = path.split('\\').filter(|p| !p.is_empty()).peekable();
    if parts
        .peek()
        .is_some_and(|p| p.eq_ignore_ascii_case("Computer"))
    {
        parts.next();
    }
    let first = parts.next().unwrap_or_default().to_ascii_uppercase();
    let root = match first.as_str() {
        "HKLM" | "HKEY_LOCAL_MACHINE" => "HKLM",
        "HKU" | "HKEY_USERS" => "HKU",
        "HKCU" | "HKEY_CURRENT_USER" => {
            return Err(usage(
                r"an image has no current user; name one: HKU\<user or SID>\...",
                r"镜像没有当前用户；请指明用户：HKU\<用户名或 SID>\...",
            ));
        }
        "HKCR" | "HKEY_CLASSES_ROOT" => {
            return Err(usage(
                r"HKCR is put together at run time; its parts are HKLM\SOFTWARE\Classes and HKU\<user>_Classes",
                r"HKCR 在运行时合成；请使用 HKLM\SOFTWARE\Classes 或 HKU\<用户名>_Classes",
            ));
        }
        "HKCC" | "HKEY_CURRENT_CONFIG" => {
            return Err(usage(
                r"HKCC is HKLM\SYSTEM\CurrentControlSet\Hardware Profiles\0001 and its like: name that",
                r"HKCC 是 HKLM\SYSTEM\CurrentControlSet\Hardware Profiles\0001 等键的别名；请直接指明",
            ));
        }
        _ => {
            return Err(usage(
                r"a key of an image begins with HKLM\ or HKU\; with --hive it is relative to that hive",
                r"镜像中的键须以 HKLM\ 或 HKU\ 开头；使用 --hive 时相对于该 hive",
            ));
        }
    };
    let Some(hive) = parts.next() else {
        return Err(usage(
            r"name a hive: HKLM\SYSTEM, HKLM\SOFTWARE, HKU\<user or SID>",
            r"请指明 hive：HKLM\SYSTEM、HKLM\SOFTWARE、HKU\<用户名或 SID>",
        ));
    };
    Ok(Place {
        root: format!(r"{root}\{hive}"),
        key: parts.collect::<Vec<_>>().join("\\"),
    })
}

fn usage(en: &str, zh: &str) -> Failure {
    Failure::Usage(Text::new(en, zh))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Option<(String, String)> {
        parse(path).ok().map(|p| (p.root, p.key))
    }

    #[test]
    fn root_keys_have_short_and_long_names_and_others_are_refused() {
        let system = Some((r"HKLM\SYSTEM".to_owned(), r"Select\x".to_owned()));
        assert_eq!(of(r"HKLM\SYSTEM\Select\x"), system);
        assert_eq!(of(r"\hkey_local_machine\SYSTEM\Select\x\"), system);
        assert_eq!(of(r"Computer\HKEY_LOCAL_MACHINE\SYSTEM\Select\x"), system);
        let user = Some((r"HKU\Bob_Classes".to_owned(), String::new()));
        assert_eq!(of(r"HKEY_USERS\Bob_Classes"), user);
        for refused in ["", "HKLM", r"HKCU\Software", r"HKCR\.txt", r"SYSTEM\Select"] {
            assert_eq!(of(refused), None, "{refused}");
        }
    }
}
