//! What makes readable what could not be read.

use crate::error::{Kind, Layer};
use crate::evidence::Gap;
use crate::text::{Arg, Text, terminal};

/// Places that one fix names.
const MAX_PLACES: usize = 3;

/// Codes of what is wrong where the image's file is shorter than what it holds: a partition, a
/// file system, a table of the container. They only choose the words of a fix.
const CUT_OFF: &[&str] = &[
    "error-partition-past-end",
    "error-gpt-entries-past-end",
    "error-fs-past-end",
    "error-qcow2-header-short",
    "error-qcow2-l1-outside",
    "error-qcow2-table-past-end",
    "error-qcow2-compressed-past-end",
    "error-qcow2-snapshots-short",
];
/// What a read across the end of the file says.
const PAST_END: &str = "error-past-end";
/// Codes of encrypted contents.
const LUKS: &str = "signature-luks";
const BITLOCKER: &str = "signature-bitlocker";

/// What mends the image so that nothing of it is hidden by `gaps`, each once; `of_image` are the
/// gaps of the image as a whole.
pub(super) fn fixes(gaps: &[Gap], of_image: &[Gap]) -> Vec<Text> {
    let cut_off = of_image.iter().any(is_cut_off);
    let mut found: Vec<(Way, Vec<String>)> = Vec::new();
    for gap in gaps {
        let way = way(gap, cut_off);
        let place = terminal(&gap.at.to_string());
        let at = found.iter().position(|(known, _)| *known == way);
        let at = at.unwrap_or_else(|| {
            found.push((way, Vec::new()));
            found.len() - 1
        });
        if let Some((_, places)) = found.get_mut(at)
            && !place.is_empty()
            && !places.contains(&place)
        {
            places.push(place);
        }
    }
    found
        .into_iter()
        .map(|(way, places)| fix(way, places))
        .collect()
}

/// How a part is made readable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    ExportAgain,
    Convert,
    DecryptLuks,
    DecryptBitLocker,
    StoreOtherwise,
    LookAt,
    AllowMore,
    StayWithinLimits,
    MakeReadable,
    PutBack,
    CheckExt,
    CheckNtfs,
    CheckFat,
    ShutDownWindows,
    RepairPackages,
    BeCertain,
    Repair,
}

fn way(gap: &Gap, cut_off: bool) -> Way {
    let says = |codes: &[&str]| says(&gap.reason, codes);
    match (gap.kind, gap.layer) {
        _ if is_cut_off(gap) || cut_off && says(&[PAST_END]) => Way::ExportAgain,
        (Kind::Unsupported, _) if says(&[LUKS]) => Way::DecryptLuks,
        (Kind::Unsupported, _) if says(&[BITLOCKER]) => Way::DecryptBitLocker,
        (Kind::Unsupported, Layer::Container) => Way::Convert,
        (
            Kind::Unsupported,
            Layer::Qcow2
            | Layer::Gpt
            | Layer::Mbr
            | Layer::Volume
            | Layer::Ext
            | Layer::Ntfs
            | Layer::Fat
            | Layer::Guest,
        ) => Way::StoreOtherwise,
        (Kind::Unsupported, _) => Way::LookAt,
        (_, Layer::Budget) => Way::AllowMore,
        (Kind::Limit, _) => Way::StayWithinLimits,
        (Kind::Doubt, _) => Way::BeCertain,
        (Kind::Io | Kind::Denied, _) => Way::MakeReadable,
        (Kind::NotFound, _) => Way::PutBack,
        (_, Layer::Ext) => Way::CheckExt,
        (_, Layer::Ntfs) => Way::CheckNtfs,
        (_, Layer::Fat) => Way::CheckFat,
        (_, Layer::Hive | Layer::EventLog) => Way::ShutDownWindows,
        (_, Layer::Packages) => Way::RepairPackages,
        _ => Way::Repair,
    }
}

fn fix(way: Way, mut places: Vec<String>) -> Text {
    let more = places.len().saturating_sub(MAX_PLACES);
    places.truncate(MAX_PLACES);
    let places = match (places.is_empty(), more) {
        (true, _) => say!(fix_gap_whole_image),
        (false, 0) => Text::list(places),
        (false, more) => say!(fix_gap_places, places = places, more = more),
    };
    match way {
        Way::ExportAgain => say!(fix_gap_cut_off),
        Way::Convert => say!(fix_gap_convert),
        Way::DecryptLuks => say!(fix_gap_luks, places = places),
        Way::DecryptBitLocker => say!(fix_gap_bitlocker, places = places),
        Way::StoreOtherwise => say!(fix_gap_unsupported, places = places),
        Way::LookAt => say!(fix_gap_look, places = places),
        Way::AllowMore => say!(fix_gap_budget),
        Way::StayWithinLimits => say!(fix_gap_limit, places = places),
        Way::BeCertain => say!(fix_gap_doubt, places = places),
        Way::MakeReadable => say!(fix_gap_io),
        Way::PutBack => say!(fix_gap_missing, places = places),
        Way::CheckExt => say!(fix_gap_ext, places = places),
        Way::CheckNtfs => say!(fix_gap_ntfs, places = places),
        Way::CheckFat => say!(fix_gap_fat, places = places),
        Way::ShutDownWindows => say!(fix_gap_windows, places = places),
        Way::RepairPackages => say!(fix_gap_packages, places = places),
        Way::Repair => say!(fix_gap_corrupt, places = places),
    }
}

/// True for a gap that tells of a file which ends too early.
fn is_cut_off(gap: &Gap) -> bool {
    says(&gap.reason, CUT_OFF)
}

/// True where `text`, or a sentence in it, has one of `codes`.
fn says(text: &Text, codes: &[&str]) -> bool {
    fn in_argument(argument: &Arg, codes: &[&str]) -> bool {
        match argument {
            Arg::Message(text) => says(text, codes),
            Arg::List(parts) => parts.iter().any(|part| in_argument(part, codes)),
            Arg::Text(_) | Arg::Number(_) => false,
        }
    }
    codes.contains(&&*text.code) || text.args.values().any(|a| in_argument(a, codes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::evidence::Location;

    fn gap(place: &str, kind: Kind, layer: Layer, why: Text) -> Gap {
        let at = Location::of_path(place);
        Gap::new(at, &Error::new(layer, kind, None, why))
    }

    fn codes(gaps: &[Gap], of_image: &[Gap]) -> Vec<String> {
        let all = fixes(gaps, of_image);
        all.iter().map(|fix| fix.code.to_string()).collect()
    }

    #[test]
    fn each_layer_and_kind_has_its_way() {
        let why = || Text::verbatim("x");
        for (kind, layer, code) in [
            (Kind::Corrupt, Layer::Ext, "fix-gap-ext"),
            (Kind::Corrupt, Layer::Ntfs, "fix-gap-ntfs"),
            (Kind::Corrupt, Layer::Fat, "fix-gap-fat"),
            (Kind::Corrupt, Layer::Hive, "fix-gap-windows"),
            (Kind::Corrupt, Layer::Packages, "fix-gap-packages"),
            (Kind::Corrupt, Layer::Boot, "fix-gap-corrupt"),
            (Kind::Unsupported, Layer::Container, "fix-gap-convert"),
            (Kind::Unsupported, Layer::Volume, "fix-gap-unsupported"),
            (Kind::Unsupported, Layer::Hive, "fix-gap-look"),
            (Kind::NotFound, Layer::Guest, "fix-gap-missing"),
            (Kind::Limit, Layer::Cpio, "fix-gap-limit"),
            (Kind::Io, Layer::Source, "fix-gap-io"),
        ] {
            assert_eq!(codes(&[gap("/x", kind, layer, why())], &[]), [code]);
        }
        let encrypted = |what: Text| Text::clauses([what.clone(), what]);
        for (what, code) in [
            (say!(signature_luks), "fix-gap-luks"),
            (say!(signature_bitlocker), "fix-gap-bitlocker"),
        ] {
            let why = encrypted(what);
            let one = gap("", Kind::Unsupported, Layer::Volume, why);
            assert_eq!(codes(&[one], &[]), [code]);
        }
    }

    #[test]
    fn an_image_that_is_cut_off_is_to_be_exported_again_and_not_repaired() {
        let partition = say!(
            error_partition_past_end,
            number = 2,
            from = 5_242_880,
            to = 30_408_704,
            size = 9_437_184
        );
        let partition = gap("", Kind::Corrupt, Layer::Gpt, partition);
        let read = say!(error_past_end, bytes = 1024, size = 9_437_184);
        let read = gap("/x", Kind::Corrupt, Layer::Source, read);
        let both = [partition, read.clone()];
        assert_eq!(codes(&both, &both), ["fix-gap-cut-off"]);
        // By itself the read may go to a wrong place of a whole image.
        assert_eq!(
            codes(std::slice::from_ref(&read), std::slice::from_ref(&read)),
            ["fix-gap-corrupt"]
        );
    }

    #[test]
    fn the_places_are_named_but_not_all_of_many() {
        let places = |n: usize| {
            let gaps = (1..=n).map(|i| {
                let why = Text::verbatim("x");
                gap(&format!("/{i}"), Kind::Limit, Layer::Cpio, why)
            });
            fixes(&gaps.collect::<Vec<_>>(), &[]).remove(0).en
        };
        assert!(places(3).contains("/1, /2, /3"));
        let many = places(9);
        assert!(many.contains("/3") && many.contains('6') && !many.contains("/4"));
    }
}
