//! Part of WIN-DEF-002: folders that are shared over the network.

use super::def_002_settings::Defences;
use super::openings::delete;
use crate::evidence::windows::Datum;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::windows::firewall::{self, Profile, Reach};
use crate::policy::checks::windows::matches;
use crate::policy::checks::windows::values::{SET, Values};
use crate::policy::{Context, Item, Status};
use crate::text::Text;

/// The port of file sharing, and the service that answers there, in lower case.
const PORT: u16 = 445;
const SERVICE: &str = "lanmanserver";

/// Files the shares. One of a folder for data is advice where the firewall lets nobody reach it.
pub(super) fn run(
    context: &Context<'_>,
    with: &Defences,
    rules: &[firewall::Rule],
    found: &mut Findings,
) {
    let values = Values::of(context);
    let key = format!(r"{SET}\Services\LanmanServer\Shares");
    for share in values.all(found, &key, "*") {
        let name = share.fact.name.as_str();
        if with.usual_shares.iter().any(|p| matches(p, name)) {
            continue;
        }
        let folder = match &share.fact.data {
            Datum::List(list) => folder(list).map(str::to_owned),
            _ => None,
        };
        let plain = |folder: &String| !with.private_folders.iter().any(|p| matches(p, folder));
        let data = folder.as_ref().is_some_and(plain);
        let (status, note) = match data && closed(values, rules, found) {
            true => (Status::Warn, say!(win_def_002_share_closed)),
            false => (Status::Unknown, say!(win_def_002_share)),
        };
        let shown = folder.map_or_else(|| name.to_owned(), |folder| format!("{name}: {folder}"));
        let fix = delete(&share.at);
        let item = Item::at(share.at, note);
        found.add(
            status,
            item.compare(say!(win_absent), Text::verbatim(shown)),
        );
        found.fix(fix);
    }
}

/// The folder of a share (`Path=C:\data`), where it is one of a drive.
fn folder(list: &[String]) -> Option<&str> {
    let mut paths = list.iter().filter_map(|entry| {
        let (name, value) = entry.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("path")
            .then(|| value.trim())
    });
    // Of two it is not known which one counts.
    let path = paths.next().filter(|_| paths.next().is_none())?;
    let plain = !path.contains(['/', '~', '%']) && !path.split('\\').any(|part| part == "..");
    let drive = path.as_bytes().get(1) == Some(&b':');
    (plain && drive).then(|| path.trim_end_matches(['\\', '.', ' ']))
}

/// True where the firewall is on and nothing lets anybody in to file sharing.
fn closed(values: Values<'_>, rules: &[firewall::Rule], found: &mut Findings) -> bool {
    let mut both = [Profile::Public, Profile::Private].into_iter();
    firewall::is_there(values, rules, found)
        && firewall::service_off(values, found).is_none()
        && both.all(|profile| {
            let reach = firewall::reach(values, rules, profile, SERVICE, PORT, found);
            matches!(reach, Reach::Closed(_) | Reach::Blocked(..))
        })
}

#[cfg(test)]
mod tests {
    use super::folder;

    #[test]
    fn the_folder_of_a_share_is_its_path() {
        let of = |entries: &[&str]| {
            let list: Vec<String> = entries.iter().map(|&e| e.to_owned()).collect();
            folder(&list).map(str::to_owned)
        };
        assert_eq!(
            of(&["Type=0", r"Path=C:\data\"]).as_deref(),
            Some(r"C:\data")
        );
        assert_eq!(of(&[r"Path=C:\"]).as_deref(), Some("C:"));
        for odd in [
            r"Path=C:\data\..\Windows",
            r"Path=\\?\C:\data",
            "Path=LocalsplOnly",
            r"Path=C:\PROGRA~1",
        ] {
            assert_eq!(of(&[odd]), None, "{odd}");
        }
        assert_eq!(of(&[r"Path=C:\a", r"Path=C:\b"]), None);
    }
}
