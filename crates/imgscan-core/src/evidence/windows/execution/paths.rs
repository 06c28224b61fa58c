//! Paths as Windows resolves them: name spaces, drives, what a component may end in.

use crate::evidence::windows::Windows;
use crate::text::{Text, strip_any_case};

/// A path that can't be followed inside of the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::evidence::windows) enum Unresolved {
    /// Of another computer.
    Remote(String),
    /// A device, volume or drive that can't be told.
    Device(String),
    /// It holds a variable without a value.
    Variable(String),
}

impl Unresolved {
    /// What is said of it.
    pub(super) fn text(&self) -> Text {
        match self {
            Self::Remote(path) => say!(error_execution_remote, path = path.as_str()),
            Self::Device(path) => say!(error_execution_device, path = path.as_str()),
            Self::Variable(path) => say!(error_execution_variable, path = path.as_str()),
        }
    }
}

/// `path` with its drive, from `folder` where it is relative (from `System32` without one).
///
/// # Errors
/// Where it leads out of the image, or where to can't be told.
pub(in crate::evidence::windows) fn absolute(
    windows: &Windows<'_>,
    path: &str,
    folder: Option<&str>,
) -> Result<String, Unresolved> {
    let roots = windows.roots();
    let whole = path.trim().trim_matches('"').replace('/', "\\");
    let mut rest = whole.as_str();
    let device = || Unresolved::Device(whole.clone());
    let mut literal = false;
    for _ in 0..4 {
        let Some(behind) = [r"\??\", r"\\?\", r"\\.\", r"\DosDevices\", r"\GLOBAL??\"]
            .iter()
            .find_map(|prefix| strip_any_case(rest, prefix))
        else {
            break;
        };
        literal = true;
        rest = behind;
        if let Some(behind) = strip_any_case(rest, "GLOBALROOT") {
            rest = behind;
        }
    }
    if let Some(behind) =
        strip_any_case(rest, r"\SystemRoot\").or_else(|| strip_any_case(rest, r"SystemRoot\"))
    {
        return Ok(tidy(&format!(r"{}\{behind}", roots.windows)));
    }
    if literal && strip_any_case(rest, r"UNC\").is_some() || rest.starts_with(r"\\") {
        return Err(Unresolved::Remote(whole));
    }
    let kernel = [
        r"\Device\",
        "Device\\",
        "Volume{",
        r"\ArcName\",
        "HarddiskVolume",
    ];
    if kernel.iter().any(|p| strip_any_case(rest, p).is_some()) {
        return Err(device());
    }
    match rest.as_bytes() {
        [letter, b':', b'\\', ..] if letter.is_ascii_alphabetic() => {
            let letter = letter.to_ascii_uppercase();
            if windows.is_redefined(letter) {
                return Err(device());
            }
            Ok(tidy(rest))
        }
        // Relative to the folder that the drive is at, which nobody knows.
        [letter, b':', ..] if letter.is_ascii_alphabetic() => Err(device()),
        [b'\\', ..] => Ok(tidy(&format!("{}{rest}", roots.drive))),
        // Another name of the kernel's: a volume (`BootPartition`), a pipe, a link of a driver.
        _ if literal => Err(device()),
        _ => {
            let system = format!(r"{}\System32", roots.windows);
            let folder = folder.unwrap_or(&system);
            Ok(tidy(&format!(r"{folder}\{rest}")))
        }
    }
}

/// `..` and `.` taken away, and what Windows drops at the end of a component.
fn tidy(path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    for (i, part) in path.split('\\').enumerate() {
        match part {
            ".." if out.len() > 1 => {
                out.pop();
            }
            "." | ".." => {}
            "" if i > 0 => {}
            part => out.push(if i == 0 {
                part
            } else {
                part.trim_end_matches(['.', ' '])
            }),
        }
    }
    out.join("\\")
}
