//! What a path that begins with a root key means.

use crate::exit::Failure;

/// A path divided at the hive that holds it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Root key and hive (`HKLM\SYSTEM`).
    pub(super) root: String,
    /// The path from the hive's root.
    pub(super) key: String,
    /// The same as it was written: a name of a value at its end may end with `\`.
    pub(super) written: String,
    /// The volume that reports name before the place.
    pub(super) volume: Option<String>,
}

impl Place {
    /// True where `root` is the key that this place's hive is loaded under.
    pub(super) fn is(&self, root: &str) -> bool {
        self.root.to_lowercase() == root.to_lowercase()
    }
}

/// A place as reports write it, `p1:C:/Windows/System32/config/SYSTEM HKLM\SYSTEM\key`, into the
/// volume and the key.
fn behind_file(place: &str) -> (Option<&str>, &str) {
    let roots = [" HKLM\\", " HKU\\"];
    let at = roots.iter().filter_map(|root| place.find(root)).min();
    let divided = at.and_then(|at| Some((place.get(..at)?, place.get(at..)?)));
    match divided {
        Some((file, key)) => (
            file.split_once(':').map(|(volume, _)| volume),
            key.trim_start(),
        ),
        None => (None, place),
    }
}

/// Divides `HKLM\SYSTEM\key`, with the long names of root keys and what regedit or a report puts
/// before them.
pub(super) fn parse(path: &str) -> Result<Place, Failure> {
    let (volume, path) = behind_file(path);
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
            return Err(Failure::Usage(say!(reg_no_current_user)));
        }
        "HKCR" | "HKEY_CLASSES_ROOT" => {
            return Err(Failure::Usage(say!(reg_classes_root)));
        }
        "HKCC" | "HKEY_CURRENT_CONFIG" => {
            return Err(Failure::Usage(say!(reg_current_config)));
        }
        _ => {
            return Err(Failure::Usage(say!(reg_no_root)));
        }
    };
    let Some(hive) = parts.next() else {
        return Err(Failure::Usage(say!(reg_name_a_hive)));
    };
    let key = parts.collect::<Vec<_>>().join("\\");
    let ends = path.len() - path.trim_end_matches('\\').len();
    Ok(Place {
        root: format!(r"{root}\{hive}"),
        written: format!("{key}{}", "\\".repeat(ends)),
        key,
        volume: volume.map(str::to_owned),
    })
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
        let printed = r"p1:C:/Windows/System32/config/SYSTEM HKLM\SYSTEM\Select\x";
        assert_eq!(of(printed), system);
        let printed = parse(r"p1:C:/x/SOFTWARE HKLM\SOFTWARE\Paths\C:\").ok();
        let printed = printed.map(|p| (p.written, p.volume));
        assert_eq!(printed, Some((r"Paths\C:\".into(), Some("p1".into()))));
        for refused in ["", "HKLM", r"HKCU\Software", r"HKCR\.txt", r"SYSTEM\Select"] {
            assert_eq!(of(refused), None, "{refused}");
        }
    }
}
