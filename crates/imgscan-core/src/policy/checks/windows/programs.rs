//! Judges a command that Windows starts by itself: where its program lies, what it is told to do,
//! and who signed it.

use super::matches;
use crate::error::Result;
use crate::evidence::windows::{Image, Signed, Started};
use crate::evidence::{Gap, Location};
use crate::guest::windows::expand;
use crate::policy::checks::findings::worse;
use crate::policy::{Context, Item, Status};
use crate::text::Text;

/// What makes a command suspect (`params.windows_programs`). Paths may begin with `%SystemRoot%`.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Programs {
    /// Parts of a command: folders that everybody can write to, or that are emptied.
    bad_places: Vec<String>,
    /// Parts of a command: folders of users. A signed program there is worth a look only.
    user_places: Vec<String>,
    /// Programs that run a text, by the beginning of their names.
    script_hosts: Vec<String>,
    /// Parts of a text for such a program that fetch or hide what runs.
    script_signs: Vec<String>,
    /// Names of Windows' own programs.
    system_names: Vec<String>,
    /// The folders that those stand in.
    system_places: Vec<String>,
    /// Patterns of commands that Windows itself sets up.
    own: Vec<String>,
}

/// A judged command.
pub(super) struct Judged {
    /// Pass, warn or fail.
    pub(super) status: Status,
    /// Why, for each finding.
    pub(super) why: Vec<Text>,
    /// What it starts.
    pub(super) started: Started,
    /// It is one that Windows itself sets up.
    pub(super) own: bool,
    /// What could not be read.
    pub(super) gaps: Vec<Gap>,
}

impl Judged {
    fn add(&mut self, status: Status, en: impl Into<String>, zh: impl Into<String>) {
        self.status = worse(self.status, status);
        self.why.push(Text::new(en, zh));
    }

    /// The evidence for it.
    pub(super) fn item(&self, at: &Location, what: &Text, expected: &str) -> Item {
        let join = |pick: fn(&Text) -> &String, by: &str| -> String {
            let why: Vec<&str> = self.why.iter().map(|t| pick(t).as_str()).collect();
            why.join(by)
        };
        let file = match &self.started.image {
            Image::File(file) => format!(
                " [{} sha256 {}]",
                file.at.path.as_deref().unwrap_or_default(),
                file.at.sha256.as_deref().unwrap_or("-")
            ),
            _ => String::new(),
        };
        Item::new(
            at.clone(),
            format!("{}: {}{file}", what.en, join(|t| &t.en, "; ")),
            format!("{}：{}{file}", what.zh, join(|t| &t.zh, "；")),
        )
        .compare(expected, &self.started.command)
    }
}

impl Programs {
    /// The policy's.
    pub(super) fn of(context: &Context<'_>) -> Result<Self> {
        context.policy.param("windows_programs")
    }

    /// Judges `command`, which stands at `at`.
    pub(super) fn judge(&self, context: &Context<'_>, command: &str, at: &Location) -> Judged {
        let windows = &context.evidence.windows;
        let started = windows.started(command, at);
        let mut out = Judged {
            status: Status::Pass,
            why: Vec::new(),
            own: false,
            gaps: Vec::new(),
            started,
        };
        let roots = windows.roots();
        let plain = |text: &str| expand(text, &roots, &[]).replace('/', "\\").to_lowercase();
        let text = plain(&out.started.command);
        let path = match &out.started.image {
            Image::File(file) => plain(file.at.path.as_deref().unwrap_or_default()),
            Image::Missing(path) => plain(path),
            _ => String::new(),
        };
        let own = |p: &String| matches(&plain(p), text.trim());
        out.own = self.own.iter().any(own);
        self.places(&plain, &text, &path, &mut out);
        self.script(&text, &path, &mut out);
        signature(&mut out);
        out
    }

    fn places(&self, plain: &dyn Fn(&str) -> String, text: &str, path: &str, out: &mut Judged) {
        let part = |p: &&String| text.contains(&plain(p)) || path.contains(&plain(p));
        if let Some(place) = self.bad_places.iter().find(part) {
            let (en, zh) = (
                "in a folder for temporary or shared files",
                "位于临时或共享目录",
            );
            out.add(
                Status::Fail,
                format!("{en} ({place})"),
                format!("{zh}（{place}）"),
            );
        } else if let Some(place) = self.user_places.iter().find(part) {
            let signed = matches!(out.started.signed, Some(Signed::Trusted(_)));
            let status = if signed { Status::Warn } else { Status::Fail };
            let (en, zh) = ("in a user's folder", "位于用户目录");
            out.add(
                status,
                format!("{en} ({place})"),
                format!("{zh}（{place}）"),
            );
        }
        let name = path.rsplit('\\').next().unwrap_or_default();
        let system = self.system_names.iter().any(|n| n.to_lowercase() == name);
        let usual = |p: &String| {
            let folder = path.rsplit_once('\\').map_or("", |(folder, _)| folder);
            matches(&plain(p), folder)
        };
        if system && !self.system_places.iter().any(usual) {
            out.add(
                Status::Fail,
                "it has the name of a program of Windows, but stands elsewhere",
                "与 Windows 系统程序同名，但不在系统目录",
            );
        }
        // `C:\x.exe:y` runs a stream; the colon of the drive is the second character.
        if path.get(2..).is_some_and(|rest| rest.contains(':')) {
            let (en, zh) = ("it stands in a named stream", "位于文件的附加数据流");
            out.add(Status::Fail, en, zh);
        }
    }

    fn script(&self, text: &str, path: &str, out: &mut Judged) {
        let name = path.rsplit('\\').next().unwrap_or_default();
        let mut words = text.split(|c: char| " \"',;&|(\\/".contains(c));
        let mut hosts = self.script_hosts.iter().map(|h| h.to_lowercase());
        let host = hosts.any(|h| name.starts_with(&h) || words.any(|w| w.starts_with(&h)));
        let text = text.replace('\\', "/");
        let sign = |s: &&String| text.contains(&s.to_lowercase().replace('\\', "/"));
        if let Some(sign) = self.script_signs.iter().find(sign).filter(|_| host) {
            let sign = sign.trim();
            out.add(
                Status::Fail,
                format!("a script that fetches or hides what it runs ({sign})"),
                format!("脚本宿主下载或隐藏其执行内容（{sign}）"),
            );
        }
    }
}

/// What the program's file and signature say.
fn signature(out: &mut Judged) {
    match &out.started.image {
        Image::File(_) => {}
        Image::Missing(path) => {
            let en = format!("there is no such file: {path}");
            let zh = format!("文件不存在：{path}");
            let status = if out.own { Status::Pass } else { Status::Warn };
            return out.add(status, en, zh);
        }
        Image::None => {
            let (en, zh) = ("it names no file of the image", "未指向镜像内的文件");
            let status = if out.own { Status::Pass } else { Status::Warn };
            return out.add(status, en, zh);
        }
        Image::Unknown(gap) => return out.gaps.push(gap.clone()),
    }
    let (status, en, zh) = said(out.started.signed.as_ref(), out.own);
    out.add(status, en, zh);
}

/// What a signature says, and how it counts.
pub(super) fn said(signed: Option<&Signed>, own: bool) -> (Status, String, String) {
    let soft = if own { Status::Pass } else { Status::Warn };
    match signed {
        Some(Signed::Trusted(by)) => (
            Status::Pass,
            format!("signed by {by}"),
            format!("由 {by} 签名"),
        ),
        Some(Signed::Unanchored(by)) => (
            soft,
            format!("signed by {by}, for whom no pinned certificate vouches"),
            format!("由 {by} 签名，但没有内置信任锚为其担保"),
        ),
        Some(Signed::Bad(by)) => (
            Status::Fail,
            format!("its signature is not of this file ({by})"),
            format!("数字签名与文件不符（{by}）"),
        ),
        Some(Signed::Unproven(why)) => (
            soft,
            format!("its signature can't be verified: {why}"),
            format!("无法验证数字签名：{why}"),
        ),
        Some(Signed::None) => (
            soft,
            "the file carries no signature, and no catalog lists it".into(),
            "文件没有数字签名，也没有目录文件收录".into(),
        ),
        None => (soft, "it is no PE file".into(), "不是 PE 文件".into()),
    }
}
