//! Paths of other computers in texts that Windows reads by itself: whoever answers there is sent the
//! credentials of the machine or of the user.
//!
//! Microsoft, "Naming Files, Paths, and Namespaces" (UNC) and "NTLM overview".

/// Characters of a host's name, of its port and of what WebDAV adds to it.
fn of_host(c: char) -> bool {
    c.is_alphanumeric() || "-_.@:".contains(c)
}

/// The host that `text` names by a path of another computer; none of `own` is another.
pub(super) fn stranger<'t>(text: &'t str, own: &[String]) -> Option<&'t str> {
    const BETWEEN: &[char] = &[';', '|', ',', '"', '\'', ' ', '\t', '=', '(', ')', '\0'];
    if !text.contains(r"\\") && !text.contains("file:") {
        return None;
    }
    let mut all = text.split(BETWEEN);
    all.find_map(|one| {
        let one = one.trim_start_matches('@');
        let path = match one.get(..5) {
            Some(scheme) if scheme.eq_ignore_ascii_case("file:") => {
                let rest = one.get(5..)?;
                // `file:///C:/x` is of this machine.
                rest.strip_prefix("//").filter(|r| !r.starts_with('/'))?
            }
            _ => one.strip_prefix(r"\\")?,
        };
        let path = ["?\\UNC\\", "?\\unc\\", ".\\UNC\\"]
            .iter()
            .find_map(|device| path.strip_prefix(device))
            .unwrap_or(path);
        let (host, share) = path.split_once(['\\', '/']).unwrap_or((path, ""));
        let name = host.split(['@', ':']).next().unwrap_or_default();
        // `file://C:\x` is of this machine.
        let is_drive = host.len() == 2 && host.ends_with(':');
        let is_name = !is_drive
            && host.chars().all(of_host)
            && name.starts_with(char::is_alphanumeric)
            && name.ends_with(char::is_alphanumeric);
        // `\\file.ext` is a name of Windows' own that names no host.
        let whole = name.matches('.').count() > 1;
        let shares = share.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
        let here = [
            "localhost",
            "127.0.0.1",
            "vmware-host",
            "vboxsvr",
            "tsclient",
        ];
        let is_here = here.iter().any(|h| name.eq_ignore_ascii_case(h))
            || own.iter().any(|h| name.eq_ignore_ascii_case(h));
        (is_name && !is_here && (shares || share.is_empty() && whole)).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::stranger;

    #[test]
    fn paths_of_other_computers_are_known() {
        let own = ["WIN-1".to_owned()];
        for text in [
            r"\\203.0.113.9\x\a.jpg",
            r"\\203.0.113.9",
            r"\\evil.example@SSL\DavWWWRoot\x",
            r"@\\evil.example\x\a.dll,-1",
            r"\\?\UNC\evil.example\x",
            "file://evil.example/x",
            r"cmd /c \\nas\share\x",
        ] {
            assert!(stranger(text, &own).is_some(), "{text}");
        }
        for text in [
            r"\\.\pipe\x",
            r"\\?\C:\x",
            r"\\WIN-1\share",
            r"\\localhost\c$",
            r"C:\\Windows\\System32",
            r"\\Device\\HarddiskVolume1",
            r"^\\d+\\.\\d+$",
            "file:///C:/x",
            r"file://C:\Windows\web\iejit.htm",
            r"\\psistest.grf",
            "http://example.com/x",
        ] {
            assert!(stranger(text, &own).is_none(), "{text}");
        }
    }
}
