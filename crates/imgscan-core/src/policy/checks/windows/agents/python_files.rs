//! The files of the Python that cloudbase-init runs in: compiled ones that stand for no source,
//! programs whose signature is of other bytes, and, where the policy knows the released files, those
//! that are none of them.

use crate::bytes::le32;
use crate::evidence::windows::Signed;
use crate::evidence::{Gap, Location};
use crate::policy::checks::findings::Findings;
use crate::policy::{Context, Item};
use crate::text::Text;

/// Folders in folders that are looked at.
const DEPTH: usize = 16;
/// Flags of a compiled file (PEP 552): it is told from its source by a digest, which is compared.
const BY_DIGEST: u32 = 1;
const IS_COMPARED: u32 = 2;
/// Endings of programs and libraries, and of what is held against the released files.
const PROGRAMS: [&str; 3] = [".exe", ".dll", ".pyd"];
const RELEASED: [&str; 5] = [".exe", ".dll", ".pyd", ".py", ".pth"];

/// Looks at the files below `root`, the folder of cloudbase-init; `known` are the SHA-256 of released
/// ones.
pub(super) fn look(context: &Context<'_>, root: &str, known: &[String], found: &mut Findings) {
    for folder in ["Python", "bin"] {
        let tree = found.read(
            context
                .evidence
                .files
                .tree(&format!("{root}/{folder}"), DEPTH)
                .map(Some),
        );
        let Some(tree) = tree else {
            continue;
        };
        found.gaps(tree.gaps);
        let lower: std::collections::BTreeSet<String> =
            tree.names.iter().map(|name| name.to_lowercase()).collect();
        for path in &tree.names {
            let name = path.to_lowercase();
            let ends = |endings: &[&str]| endings.iter().any(|e| name.ends_with(e));
            if name.ends_with(".pyc") {
                compiled(context, path, &name, &lower, found);
            } else if ends(&PROGRAMS) {
                program(context, path, found);
            }
            if !known.is_empty() && ends(&RELEASED) {
                released(context, path, known, found);
            }
        }
    }
}

fn odd(path: &str, note: Text, shown: Text, found: &mut Findings) {
    found.unknown(Item::at(Location::of_path(path), note).compare(say!(win_none), shown));
    found.fix(say!(win_cbi_001_fix_tree));
}

/// A compiled file that Python loads in place of a source, or without looking at it.
fn compiled(
    context: &Context<'_>,
    path: &str,
    name: &str,
    all: &std::collections::BTreeSet<String>,
    found: &mut Findings,
) {
    let shown = || Text::verbatim(path);
    if !name.contains("/__pycache__/") {
        let source = name.strip_suffix('c').unwrap_or(name);
        if !all.contains(source) {
            odd(path, say!(win_cbi_001_no_source), shown(), found);
        }
        return;
    }
    let head: Result<_, Gap> = context.evidence.windows.head(path, 8);
    let Some((_, head)) = found.read(head) else {
        return;
    };
    let flags = le32(&head, 4).unwrap_or(0);
    if flags & BY_DIGEST != 0 && flags & IS_COMPARED == 0 {
        odd(path, say!(win_cbi_001_no_source), shown(), found);
    }
}

fn program(context: &Context<'_>, path: &str, found: &mut Findings) {
    let (_, signed) = context.evidence.windows.signed_file(path);
    if let Some(Signed::Bad(why)) = signed {
        odd(
            path,
            say!(win_program_modified, signer = why),
            Text::verbatim(path),
            found,
        );
    }
}

fn released(context: &Context<'_>, path: &str, known: &[String], found: &mut Findings) {
    match context.evidence.files.file(path) {
        Ok(Some(file)) => {
            let digest = file.at.sha256.unwrap_or_default();
            if !known.iter().any(|k| k.eq_ignore_ascii_case(&digest)) {
                let shown = Text::verbatim(digest);
                odd(path, say!(win_cbi_001_not_released), shown, found);
            }
        }
        Ok(None) => {}
        Err(gap) => found.gap(gap),
    }
}
