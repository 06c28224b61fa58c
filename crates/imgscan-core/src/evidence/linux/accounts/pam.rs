//! PAM: lines that accept an account without a password. pam.d(5), pam_unix(8).

use crate::evidence::Collected;
use crate::evidence::linux::reader::Reader;

/// Lines of type `auth` with `nullok` or `nullok_secure`, as they stand.
pub(in crate::evidence::linux) fn nullok(reader: &Reader<'_>) -> Collected<String> {
    let mut all = Collected::default();
    let mut files = reader.texts_in(b"/etc/pam.d", &[], &mut all.gaps);
    files.extend(reader.text("/etc/pam.conf", &mut all.gaps));
    for file in &files {
        // /etc/pam.conf has the service in front of the type.
        let at = usize::from(file.asked == "/etc/pam.conf");
        for (n, line) in file.lines() {
            let text = line.split('#').next().unwrap_or("");
            let mut words = text.split_whitespace();
            let kind = words.nth(at).map(|w| w.trim_start_matches('-'));
            if kind == Some("auth") && words.any(|w| w == "nullok" || w == "nullok_secure") {
                all.push(text.trim().to_owned(), file.line(n));
            }
        }
    }
    all
}
