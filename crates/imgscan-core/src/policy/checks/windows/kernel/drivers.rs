//! WIN-KERNEL-006: the drivers, who vouches for each, and where it stands.

use super::Found;
use super::files::{blind, item, unproven, vouched, vulnerable};
use crate::error::Result;
use crate::evidence::windows::{MissingDriver, Part, Standing};
use crate::policy::checks::windows::matches;
use crate::policy::{Context, Item, Outcome, Status};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// Patterns of usual places (`*` stands for anything), with backslashes and the drive.
    usual: Vec<String>,
    /// Patterns of places where no driver may be.
    never: Vec<String>,
}

impl With {
    fn place(&self, path: &str) -> Status {
        let path = path.replace('/', r"\");
        let is = |patterns: &[String]| patterns.iter().any(|p| matches(p, &path));
        if is(&self.never) {
            Status::Fail
        } else if is(&self.usual) {
            Status::Pass
        } else {
            Status::Warn
        }
    }
}

/// WIN-KERNEL-006.
pub(in crate::policy::checks::windows) fn drivers(context: &Context<'_>) -> Result<Outcome> {
    let with: With = context.check.with()?;
    let vulnerable = vulnerable(context);
    let all = context.evidence.windows.kernel_files();
    let mut found = Found::new(&all.gaps);
    let expected = "a driver that Microsoft signed or certified";
    for file in all.of(Part::Driver) {
        let used = file.start() < 4;
        let or = |status: Status| if used { status } else { Status::Warn };
        let (status, en, zh) = match &file.proof.standing {
            Standing::Trusted if vouched(context, &file.proof) => {
                (Status::Pass, "signed", "已签名")
            }
            Standing::Modified => (
                or(Status::Fail),
                "changed after it was signed",
                "签名后被修改",
            ),
            Standing::SelfSigned => (
                or(Status::Fail),
                "its certificate signed itself",
                "使用自签名证书",
            ),
            Standing::Unsigned | Standing::NoPe if blind(all) => {
                (Status::Unknown, "no signature was found", "未找到签名")
            }
            Standing::Unsigned | Standing::NoPe => (
                or(Status::Fail),
                "no signature, and no catalog lists it",
                "没有签名，也没有目录文件收录",
            ),
            Standing::Trusted | Standing::Unanchored => (
                or(Status::Unknown),
                "signed, but not by one whom Microsoft vouches for: a person must decide",
                "已签名，但签名者未获微软认可，需人工判断",
            ),
            Standing::Unproven(why) => {
                found.gaps.push(unproven(file, why));
                continue;
            }
        };
        found.add(status, item(file, en, zh, expected));
        if vulnerable
            .iter()
            .any(|n| n.eq_ignore_ascii_case(file.name()))
        {
            let (en, zh) = (
                "a driver that opens the kernel to anybody",
                "已知可被滥用的漏洞驱动",
            );
            found.add(or(Status::Fail), item(file, en, zh, "none of these"));
        }
        let place = with.place(&file.path);
        for service in file.services.iter().filter(|_| place != Status::Pass) {
            let item = Item::new(
                service.at.clone(),
                format!(
                    "the driver of {} is outside of the usual folders",
                    service.name
                ),
                format!("服务 {} 的驱动不在常规目录中", service.name),
            );
            found.add(
                place,
                item.compare(with.usual.join(" | "), file.path.clone()),
            );
        }
    }
    for missing in &all.missing {
        let (status, item) = orphan(&with, missing);
        found.add(status, item);
    }
    Ok(found.outcome(
        (
            "every driver is signed by Microsoft or certified, and stands in its place",
            "所有驱动均已签名且位于常规目录",
        ),
        (
            "drivers are signed; some services have no file, or an unusual place",
            "驱动已签名，但部分服务缺少文件或位置异常",
        ),
        (
            "a driver of another signer wants a person's decision",
            "存在其他签名者的驱动，需人工判断",
        ),
        (
            "a driver service loads what nobody vouches for",
            "有驱动服务加载了未经认可的驱动",
        ),
    ))
}

/// A service whose file is not there: left behind, or waiting for its file.
fn orphan(with: &With, missing: &MissingDriver) -> (Status, Item) {
    let service = &missing.service;
    let place = with.place(&missing.path);
    let (en, zh) = match place {
        Status::Pass => ("the driver is not in the image", "驱动文件不存在"),
        _ => (
            "the driver is not in the image, and its path is outside of the usual folders",
            "驱动文件不存在，且路径不在常规目录中",
        ),
    };
    let item = Item::new(
        service.at.clone(),
        format!("{en}: {}", service.name),
        format!("{zh}：{}", service.name),
    );
    let status = if place == Status::Fail {
        place
    } else {
        Status::Warn
    };
    let shown = service.image_path.as_deref().unwrap_or("no ImagePath");
    (
        status,
        item.compare(missing.path.clone(), format!("{shown}: no such file")),
    )
}
