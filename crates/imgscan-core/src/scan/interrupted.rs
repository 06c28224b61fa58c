//! The report of a scan that did not come to its end.

use std::path::Path;

use super::identity;
use crate::container::{Format, sniff};
use crate::error::{Error, Kind, Layer, Result};
use crate::evidence::{Gap, Location};
use crate::policy::{Policy, Verdict};
use crate::report::{
    Counts, FileId, ImageId, Interrupted, PolicyId, Report, TableSummary, Tool, VolumeSummary,
};
use crate::source::{FileSource, ReadAt as _};
use crate::text::Text;
use crate::volume::Scheme;

/// The report of a scan of the image at `path` that was ended from outside: `why` says by what,
/// `step` what was being done. Of the image only the file's length, its first bytes and its weak
/// key are read; nothing of it is judged, and the verdict is review.
///
/// # Errors
/// If the image file can't be read.
pub fn interrupted(
    path: &Path,
    policy: &Policy,
    step: Option<Text>,
    kind: Kind,
    why: Text,
) -> Result<Report> {
    let file = FileSource::open(path)?;
    let format = sniff(&file).unwrap_or(Format::Raw);
    let shown = path.display().to_string();
    let mut gaps = Vec::new();
    let image = ImageId {
        path: shown.clone(),
        format,
        // Of any other container the size is behind what was not read.
        virtual_size: match format {
            Format::Raw => file.len(),
            Format::Qcow2 => 0,
        },
        bytes: file.len(),
        weak_key: identity::key_or_gap(&file, &mut gaps),
        sha256: None,
    };
    let detail = match &step {
        Some(step) => say!(error_interrupted_at, step = step, why = &why),
        None => say!(error_interrupted, why = &why),
    };
    let ended = Error::new(Layer::Source, kind, None, detail);
    gaps.push(Gap::new(Location::default(), &ended));
    Ok(Report {
        schema: Report::SCHEMA.into(),
        tool: Tool::THIS,
        policy: PolicyId::of(policy),
        declaration: None,
        files: vec![FileId {
            role: "image".into(),
            path: shown,
            format,
            bytes: image.bytes,
            weak_key: image.weak_key.clone(),
        }],
        image,
        interrupted: Some(Interrupted { step, why }),
        table: TableSummary {
            scheme: Scheme::None,
            sector_size: 512,
            disk_id: None,
        },
        volumes: Vec::<VolumeSummary>::new(),
        guests: Vec::new(),
        kernels: Vec::new(),
        counts: Counts::of(&[]),
        gaps,
        notices: Vec::new(),
        waivers_on: None,
        results: Vec::new(),
        verdict: Verdict::Review,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report;
    use crate::text::Lang;

    #[test]
    fn an_interrupted_scan_is_a_review_that_names_its_step() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("disk");
        std::fs::write(&path, [7; 4096]).unwrap();
        let policy = Policy::built_in("tencent-marketplace").unwrap();
        let step = Some(Text::verbatim("LNX-NET-001"));
        let why = say!(error_interrupted, why = "x");
        let report = interrupted(&path, &policy, step, Kind::Limit, why).unwrap();
        assert_eq!(report.verdict, Verdict::Review);
        assert_eq!(report.image.bytes, 4096);
        let document: serde_json::Value = serde_json::from_str(&report::json(&report)).unwrap();
        let mut problems = Vec::new();
        let schema = report::tests::schema();
        report::tests::validate(&schema, &schema, &document, "$", &mut problems);
        assert_eq!(problems, Vec::<String>::new());
        for lang in [Lang::En, Lang::Zh] {
            let text = report::text(&report, lang);
            assert!(text.contains("LNX-NET-001"), "{text}");
        }
        assert!(
            interrupted(
                &dir.path().join("no"),
                &policy,
                None,
                Kind::Limit,
                Text::default()
            )
            .is_err()
        );
    }
}
