//! `imgscan ls`.

use std::io::Write as _;

use imgscan_core::Error;
use imgscan_core::bytes::hex;
use imgscan_core::fs::walk::Step;
use imgscan_core::fs::{Attributes, FileKind, FileSystem, Metadata, Timestamp};
use imgscan_core::report::json_line;
use imgscan_core::text::{lossless, terminal_bytes};
use serde_json::{Map, Value, json};

use crate::args::{Format, LsArgs};
use crate::exit::{Failure, Outcome};
use crate::image;
use crate::output::{Ui, stdout};

pub(crate) fn run(args: &LsArgs, ui: &Ui) -> Result<Outcome, Failure> {
    let image = image::open(&args.image, ui)?;
    let target = image.target(args.path.as_deref(), args.recursive)?;
    ui.begin();
    let mut out = stdout();
    let mut outcome = Outcome::Accept;
    let mut tell = |path: &[u8], damage: &[Error]| {
        for e in damage {
            ui.damage(&target.shown(path), e);
            outcome = Outcome::Failed;
        }
    };
    let Some(walk) = target.walk() else {
        let fs = target.fs.as_ref();
        let (line, damage) = line(args, fs, &target.path, Ok(&target.metadata));
        tell(&target.path, &damage);
        out.write_all(line.as_bytes())?;
        out.flush()?;
        return Ok(outcome);
    };
    let mut walk = if args.recursive { walk } else { walk.shallow() };
    while let Some(step) = walk.next() {
        match step {
            Step::Entry(e) => {
                let name = if args.recursive || args.format == Format::Json {
                    &e.path
                } else {
                    &e.entry.name
                };
                let fs = walk.file_system(e.mount).as_ref();
                let (line, damage) = line(args, fs, name, e.metadata.as_ref());
                tell(&e.path, &damage);
                out.write_all(line.as_bytes())?;
            }
            Step::Damage { path, error } => tell(&path, &[error]),
        }
    }
    out.flush()?;
    Ok(outcome)
}

/// The line of an entry, and what of it can't be read.
fn line(
    args: &LsArgs,
    fs: &dyn FileSystem,
    name: &[u8],
    metadata: Result<&Metadata, &Error>,
) -> (String, Vec<Error>) {
    let mut damage = Vec::new();
    let line = match (args.format, metadata) {
        (Format::Json, _) => format!(
            "{}\n",
            json_line(&document(fs, name, metadata, &mut damage))
        ),
        (Format::Text, Ok(meta)) if args.long => long(fs, name, meta, &mut damage),
        (Format::Text, Err(_)) if args.long => {
            format!("?????????? {:>3} ? ? ? ? {}\n", "?", terminal_bytes(name))
        }
        (Format::Text, _) => format!("{}\n", terminal_bytes(name)),
    };
    damage.extend(metadata.err().cloned());
    (line, damage)
}

/// The long form. What the file system does not record is `-`, what can't be read is `?`.
fn long(fs: &dyn FileSystem, name: &[u8], meta: &Metadata, damage: &mut Vec<Error>) -> String {
    damage.extend(fs.damage(meta.id).unwrap_or_else(|e| vec![e]));
    let number = |n: Option<u32>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
    let owner = match meta.uid.map_or_else(|| fs.owner_sid(meta.id), |_| Ok(None)) {
        Ok(sid) => sid.unwrap_or_else(|| number(meta.uid)),
        Err(e) => {
            damage.push(e);
            "?".into()
        }
    };
    let size = match meta.device {
        Some((major, minor)) => format!("{major},{minor}"),
        None => meta.size.to_string(),
    };
    let mut out = format!(
        "{} {:>3} {:>5} {:>5} {:>12} {} {}",
        mode_string(meta),
        meta.links,
        owner,
        number(meta.gid),
        size,
        meta.modified.map_or_else(|| "-".into(), |t| t.to_string()),
        terminal_bytes(name)
    );
    if meta.kind == FileKind::Symlink {
        match fs.read_link(meta.id) {
            Ok(to) => out.push_str(&format!(" -> {}", terminal_bytes(&to))),
            Err(e) => {
                damage.push(e);
                out.push_str(" -> ?");
            }
        }
    }
    out.push('\n');
    out
}

/// The ten characters of `ls -l`; where there is no mode, the DOS attributes stand in its place.
fn mode_string(meta: &Metadata) -> String {
    let mut out = String::with_capacity(10);
    out.push(match meta.kind {
        FileKind::Regular => '-',
        FileKind::Directory => 'd',
        FileKind::Symlink => 'l',
        FileKind::CharDevice => 'c',
        FileKind::BlockDevice => 'b',
        FileKind::Fifo => 'p',
        FileKind::Socket => 's',
        _ => '?',
    });
    let Some(mode) = meta.mode else {
        for (flag, letter) in [
            (Attributes::READ_ONLY, 'R'),
            (Attributes::HIDDEN, 'H'),
            (Attributes::SYSTEM, 'S'),
            (Attributes::ARCHIVE, 'A'),
            (Attributes::COMPRESSED, 'C'),
            (Attributes::ENCRYPTED, 'E'),
            (Attributes::SPARSE, 'P'),
        ] {
            out.push(if meta.attributes.contains(flag) {
                letter
            } else {
                '-'
            });
        }
        out.push_str("--");
        return out;
    };
    let special = [(0o4000, 's', 'S'), (0o2000, 's', 'S'), (0o1000, 't', 'T')];
    for (i, (bit, with, without)) in special.into_iter().enumerate() {
        let shift = 6 - 3 * i;
        let bits = mode >> shift;
        out.push(if bits & 4 != 0 { 'r' } else { '-' });
        out.push(if bits & 2 != 0 { 'w' } else { '-' });
        out.push(match (mode & bit != 0, bits & 1 != 0) {
            (true, true) => with,
            (true, false) => without,
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    out
}

/// Everything that is known of an object.
fn document(
    fs: &dyn FileSystem,
    name: &[u8],
    metadata: Result<&Metadata, &Error>,
    damage: &mut Vec<Error>,
) -> Value {
    let mut object = Map::new();
    object.insert("path".into(), json!(lossless(name)));
    let meta = match metadata {
        Ok(meta) => meta,
        Err(e) => {
            object.insert("error".into(), json!(e.text()));
            return object.into();
        }
    };
    let mut put = |key: &str, value: Value| {
        if !value.is_null() {
            object.insert(key.into(), value);
        }
    };
    put("kind", json!(meta.kind));
    put("id", json!(meta.id));
    put("size", json!(meta.size));
    put("links", json!(meta.links));
    put("mode", json!(meta.mode.map(|m| format!("{m:04o}"))));
    put("uid", json!(meta.uid));
    put("gid", json!(meta.gid));
    put("device", json!(meta.device));
    for (key, at) in [
        ("created", meta.created),
        ("modified", meta.modified),
        ("changed", meta.changed),
        ("accessed", meta.accessed),
    ] {
        put(key, json!(at.map(precise)));
    }
    let names: Vec<String> = meta
        .attributes
        .iter_names()
        .map(|(name, _)| name.to_lowercase())
        .collect();
    put("attributes", json!(names));
    put(
        "reparse_tag",
        json!(meta.reparse_tag.map(|t| format!("{t:08x}"))),
    );
    damage.extend(fs.damage(meta.id).unwrap_or_else(|e| vec![e]));
    let mut note = |e: Error| {
        damage.push(e);
        Value::Null
    };
    if meta.kind == FileKind::Symlink {
        put(
            "target",
            fs.read_link(meta.id)
                .map_or_else(&mut note, |t| json!(lossless(&t))),
        );
    }
    put(
        "xattrs",
        fs.xattrs(meta.id).map_or_else(&mut note, |all| {
            all.iter()
                .map(|(name, value)| (lossless(name), json!(hex(value))))
                .collect::<Map<_, _>>()
                .into()
        }),
    );
    put(
        "streams",
        fs.streams(meta.id).map_or_else(&mut note, |all| {
            all.iter()
                .map(|s| json!({"name": lossless(&s.name), "size": s.size}))
                .collect::<Vec<_>>()
                .into()
        }),
    );
    put(
        "owner_sid",
        fs.owner_sid(meta.id)
            .map_or_else(&mut note, |sid| json!(sid)),
    );
    if !damage.is_empty() {
        let damage: Vec<_> = damage.iter().map(Error::text).collect();
        put("errors", json!(damage));
    }
    object.into()
}

/// ISO 8601 in UTC with nanoseconds.
fn precise(at: Timestamp) -> String {
    let text = at.to_string();
    match text.strip_suffix('Z') {
        Some(text) => format!("{text}.{:09}Z", at.nanos),
        None => format!("{text}.{:09}", at.nanos),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From `date -u -d @N +%FT%TZ`.
    #[test]
    fn times_are_those_that_date_prints() {
        for (secs, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (1_709_210_096, "2024-02-29T12:34:56Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (-2_208_988_800, "1900-01-01T00:00:00Z"),
            (15_032_385_535, "2446-05-10T22:38:55Z"),
        ] {
            assert_eq!(Timestamp { secs, nanos: 0 }.to_string(), text);
        }
    }
}
