//! From the text of a service's `ImagePath` to the files of the guest that it may mean.

use crate::text::strip_any_case;

/// Where the folders stand that paths in the registry name by variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roots {
    /// The system drive (`C:`).
    pub drive: String,
    /// The folder of Windows (`C:\Windows`).
    pub windows: String,
    /// Variables stand for themselves.
    literal: bool,
}

impl Roots {
    /// The roots of the Windows in folder `system_root` of drive `letter`.
    #[must_use]
    pub fn new(letter: char, system_root: &str) -> Self {
        Self {
            drive: format!("{letter}:"),
            windows: format!("{letter}:\\{system_root}"),
            literal: false,
        }
    }

    /// The same for a text whose variables are not replaced, or were before.
    #[must_use]
    pub fn literal(self) -> Self {
        Self {
            literal: true,
            ..self
        }
    }

    fn variable(&self, name: &str) -> Option<String> {
        if self.literal {
            return None;
        }
        let below = |path: &str| Some(format!("{}\\{path}", self.drive));
        match name.to_ascii_lowercase().as_str() {
            "systemroot" | "windir" => Some(self.windows.clone()),
            "systemdrive" => Some(self.drive.clone()),
            "programfiles" | "programw6432" => below("Program Files"),
            "programfiles(x86)" => below("Program Files (x86)"),
            "commonprogramfiles" => below("Program Files\\Common Files"),
            "programdata" | "allusersprofile" => below("ProgramData"),
            "public" => below("Users\\Public"),
            _ => None,
        }
    }
}

/// `text` with its `%variables%` replaced; `extra` holds further ones (lower case). A variable
/// that is not known stays as it is.
#[must_use]
pub fn expand(text: &str, roots: &Roots, extra: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('%') {
        out.push_str(before);
        let Some((name, behind_name)) = behind.split_once('%') else {
            out.push('%');
            rest = behind;
            continue;
        };
        let given = extra.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        match given
            .map(|(_, v)| (*v).to_owned())
            .or_else(|| roots.variable(name))
        {
            Some(value) => {
                out.push_str(&value);
                rest = behind_name;
            }
            None => {
                out.push('%');
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The files that `image_path` may mean, in the order in which Windows tries them: what stands
/// in quotes, or else each part up to a space (`C:\Program`, `C:\Program Files\x.exe`), because
/// a path without quotes may be followed by arguments. Empty where it names no file of a drive.
///
/// A driver's path is never followed by arguments, and is one of the kernel's: see [`of_kernel`].
#[must_use]
pub fn candidates(image_path: &str, driver: bool, roots: &Roots) -> Vec<String> {
    let text = expand(image_path.trim(), roots, &[]);
    if driver {
        return of_kernel(&text, roots).into_iter().collect();
    }
    if let Some(quoted) = text.strip_prefix('"') {
        let path = quoted.split('"').next().unwrap_or_default();
        return absolute(path, roots).into_iter().collect();
    }
    let Some(whole) = absolute(&text, roots) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    let ends = whole.match_indices(' ').map(|(at, _)| at);
    for end in ends.chain([whole.len()]) {
        let path = whole[..end].trim_end();
        let name = path.rsplit('\\').next().unwrap_or_default();
        if name.is_empty() {
            continue;
        }
        let shown = if name.contains('.') {
            path.to_owned()
        } else {
            format!("{path}.exe")
        };
        if !out.contains(&shown) {
            out.push(shown);
        }
        // What follows a program is its arguments.
        if name.to_ascii_lowercase().ends_with(".exe") {
            break;
        }
    }
    out
}

/// The file that a path of the kernel's names, with its drive: `\SystemRoot\…`, a drive in the
/// folder of DOS devices (`\??\C:\…`, and from there by `GLOBALROOT` back to the root), or below
/// the folder of Windows. `None` for what names a device by another name, which only a running
/// system can tell.
#[must_use]
pub fn of_kernel(path: &str, roots: &Roots) -> Option<String> {
    /// The folder of DOS devices, by each of its names.
    const DEVICES: [&str; 5] = [r"\??\", r"\\?\", r"\\.\", r"\DosDevices\", r"\GLOBAL??\"];
    /// Ways from one name to the next that are followed.
    const MAX_WAYS: usize = 8;
    let mut path = path.trim().trim_matches('"').replace('/', "\\");
    let mut of_devices = false;
    for _ in 0..MAX_WAYS {
        if let Some(rest) = DEVICES.iter().find_map(|d| strip_any_case(&path, d)) {
            path = rest.to_owned();
            of_devices = true;
        } else if let Some(rest) = strip_any_case(&path, r"GLOBALROOT\").filter(|_| of_devices) {
            path = format!(r"\{rest}");
            of_devices = false;
        } else if let Some(rest) = strip_any_case(&path, r"Global\").filter(|_| of_devices) {
            path = rest.to_owned();
        } else {
            break;
        }
    }
    if let [letter, b':', b'\\', ..] = path.as_bytes() {
        return letter.is_ascii_alphabetic().then_some(path);
    }
    for prefix in [r"\SystemRoot\", r"SystemRoot\"] {
        if let Some(rest) = strip_any_case(&path, prefix) {
            return (!of_devices).then(|| format!("{}\\{rest}", roots.windows));
        }
    }
    let device = [r"\Device\", r"\ArcName\"]
        .iter()
        .any(|d| strip_any_case(&path, d).is_some());
    if of_devices || device || path.is_empty() || path.starts_with(r"\\") || path.contains(':') {
        return None;
    }
    Some(match path.strip_prefix('\\') {
        // No name of the kernel's: what the loader makes of it is a path of its volume.
        Some(rest) => format!("{}\\{rest}", roots.drive),
        None => format!("{}\\{path}", roots.windows),
    })
}

/// The path with its drive: NT forms, `\SystemRoot\` and paths relative to the folder of Windows.
fn absolute(path: &str, roots: &Roots) -> Option<String> {
    let mut path = path.trim().replace('/', "\\");
    for prefix in [r"\??\", r"\\?\", r"\DosDevices\"] {
        if let Some(rest) = strip_any_case(&path, prefix) {
            path = rest.to_owned();
            break;
        }
    }
    if path.is_empty() {
        return None;
    }
    if let [letter, b':', b'\\', ..] = path.as_bytes() {
        return letter.is_ascii_alphabetic().then_some(path);
    }
    for prefix in [r"\SystemRoot\", r"SystemRoot\"] {
        if let Some(rest) = strip_any_case(&path, prefix) {
            return Some(format!("{}\\{rest}", roots.windows));
        }
    }
    // A share, or a device by its kernel name.
    if path.starts_with(r"\\") || strip_any_case(&path, r"\Device\").is_some() || path.contains(':')
    {
        return None;
    }
    Some(match path.strip_prefix('\\') {
        Some(rest) => format!("{}\\{rest}", roots.drive),
        // The service control manager and the kernel start from the folder of Windows; a bare
        // program name is searched in System32.
        None if path.contains('\\') => format!("{}\\{path}", roots.windows),
        None => format!("{}\\System32\\{path}", roots.windows),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str, driver: bool) -> Vec<String> {
        candidates(text, driver, &Roots::new('C', "Windows"))
    }

    #[test]
    fn image_paths_lead_to_the_files_that_windows_would_try() {
        let one = |text: &str, driver| {
            let all = paths(text, driver);
            assert_eq!(all.len(), 1, "{text}: {all:?}");
            all.into_iter().next().unwrap()
        };
        assert_eq!(
            one(r#""C:\Program Files\A b\x.exe" -k "y z""#, false),
            r"C:\Program Files\A b\x.exe"
        );
        assert_eq!(
            one(r"%SystemRoot%\system32\svchost.exe -k netsvcs -p", false),
            r"C:\Windows\system32\svchost.exe"
        );
        assert_eq!(
            one(r"\SystemRoot\System32\drivers\ntfs.sys", true),
            r"C:\Windows\System32\drivers\ntfs.sys"
        );
        assert_eq!(
            one(r"system32\DRIVERS\tcpip.sys", true),
            r"C:\Windows\system32\DRIVERS\tcpip.sys"
        );
        assert_eq!(
            one(r"\??\C:\Program Files\VMware\vmrawdsk.sys", true),
            r"C:\Program Files\VMware\vmrawdsk.sys"
        );
        assert_eq!(
            one(r"\??\GLOBALROOT\SystemRoot\System32\evil.sys", true),
            r"C:\Windows\System32\evil.sys"
        );
        assert_eq!(
            one(r"\\?\GLOBALROOT\??\Global\D:\evil.sys", true),
            r"D:\evil.sys"
        );
        // Below the folder of Windows, where a program would be searched in System32.
        assert_eq!(one("evil.sys", true), r"C:\Windows\evil.sys");
        for device in [
            r"\Device\HarddiskVolume2\x.sys",
            r"\??\GLOBALROOT\Device\HarddiskVolume2\x.sys",
            r"\??\Volume{01234567-89ab-cdef-0123-456789abcdef}\x.sys",
            r"\??\HarddiskVolume1\x.sys",
            r"\ArcName\multi(0)disk(0)rdisk(0)partition(1)\x.sys",
            r"\??\SystemRoot\x.sys",
            "",
        ] {
            assert!(paths(device, true).is_empty(), "{device}");
        }
        assert_eq!(
            one(r"C:/win-agent/win-agent.exe", false),
            r"C:\win-agent\win-agent.exe"
        );
        assert_eq!(
            paths(r"C:\Program Files\A b\x.exe -run", false),
            [
                r"C:\Program.exe",
                r"C:\Program Files\A.exe",
                r"C:\Program Files\A b\x.exe"
            ]
        );
        assert!(paths(r"\\server\share\x.exe", false).is_empty());
        assert!(paths(r"\Device\HarddiskVolume2\x.exe", false).is_empty());
        assert!(paths("", false).is_empty());
    }
}
