//! The kernel as a whole: command lines, the reference database, and the level of it all.

use serde::Deserialize;

use crate::baseline::Match;
use crate::error::Result;
use crate::evidence::linux::{CommandLine, Use, normal};
use crate::evidence::{Found, Level, Location, Object, ObjectKind};
use crate::policy::checks::findings::tidy;
use crate::policy::checks::linux::fits;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::terminal;

/// Objects of one kind that a check shows each by itself.
const MAX_SHOWN: usize = 50;

/// Arguments of the command line, by how much harm they do. `*` stands for anything.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    /// Not met, at the next boot.
    refused: Vec<String>,
    /// Worth a look.
    warned: Vec<String>,
    /// Worth a look in the entry that boots by default only: rescue entries have them.
    warned_by_default: Vec<String>,
    /// Never worth a look.
    allowed: Vec<String>,
}

fn among(patterns: &[String], argument: &str) -> bool {
    patterns.iter().any(|p| fits(&normal(p), argument))
}

/// LNX-KERNEL-013.
pub(in crate::policy::checks) fn command_line(context: &Context<'_>) -> Result<Outcome> {
    let with: Arguments = context.check.with()?;
    let linux = &context.evidence.linux;
    let lines = linux.command_lines();
    let (mut fails, mut warns, mut good) = (Vec::new(), Vec::new(), Vec::new());
    for line in &lines.items {
        let mut clean = true;
        for argument in line.fact.arguments() {
            let plain = normal(argument);
            let by_default = line.fact.use_ == Use::Default;
            let refused = among(&with.refused, &plain);
            let warned =
                among(&with.warned, &plain) || by_default && among(&with.warned_by_default, &plain);
            if among(&with.allowed, &plain) || !refused && !warned {
                continue;
            }
            clean = false;
            let item = said(line, argument, refused);
            match refused && by_default {
                true => fails.push(item),
                false => warns.push(item),
            }
        }
        if clean {
            good.push(said_clean(line));
        }
    }
    let mut gaps = lines.gaps.clone();
    gaps.extend(linux.boot().gaps.iter().cloned());
    let outcome = if !fails.is_empty() {
        Outcome::new(
            Status::Fail,
            "an argument of the command line makes something else run at the next boot",
            "内核启动参数会在下次启动时运行其他程序",
        )
    } else if !warns.is_empty() {
        Outcome::new(
            Status::Warn,
            "arguments that weaken the kernel, or that redirect a boot that somebody chooses",
            "存在削弱内核保护的参数，或在人工选择的启动项中改变启动流程的参数",
        )
    } else if lines.items.iter().all(|l| l.fact.use_ == Use::Later) {
        Outcome::new(
            Status::Unknown,
            "no boot menu was found, so the command line is not known",
            "未找到启动菜单，因此无法得知启动参数",
        )
    } else {
        let n = lines.items.len();
        Outcome::new(
            Status::Pass,
            format!("{n} command lines, and none weakens the kernel or redirects the boot"),
            format!("共 {n} 条启动参数，均未削弱内核或改变启动流程"),
        )
    };
    Ok(outcome
        .evidence(fails)
        .evidence(warns)
        .evidence(good)
        .gaps(tidy(gaps)))
}

fn said(line: &Found<CommandLine>, argument: &str, refused: bool) -> Item {
    let (en, zh) = match (refused, line.fact.use_) {
        (true, Use::Default) => ("boots with", "下次启动即使用"),
        (true, Use::Chosen) => ("an entry that can be chosen has", "可选启动项含有"),
        (true, Use::Later) => ("once the menu is made anew, it has", "重新生成菜单后将含有"),
        (false, Use::Default) => ("weakened at the next boot by", "下次启动即被削弱"),
        (false, _) => ("weakened where it is chosen, by", "选择后被削弱"),
    };
    let argument = terminal(argument);
    Item::new(
        line.at.clone(),
        format!("{en} {argument}"),
        format!("{zh}：{argument}"),
    )
    .compare("no such argument", terminal(&line.fact.text))
}

fn said_clean(line: &Found<CommandLine>) -> Item {
    let text = terminal(&line.fact.text);
    let (en, zh) = match line.fact.use_ {
        Use::Default => ("boots by default with", "默认启动使用"),
        Use::Chosen => ("where it is chosen", "选择后使用"),
        Use::Later => ("for menus to come", "用于以后生成的菜单"),
    };
    Item::new(
        line.at.clone(),
        format!("{en}: {text}"),
        format!("{zh}：{text}"),
    )
}

/// LNX-KERNEL-020 and WIN-KERNEL-012.
pub(in crate::policy::checks) fn reference(context: &Context<'_>) -> Result<Outcome> {
    let evidence = context.evidence;
    let Some(baseline) = evidence.references.baseline else {
        return Ok(Outcome::new(
            Status::NotApplicable,
            "no reference database was given (--baseline)",
            "未提供参考库（--baseline）",
        ));
    };
    let bill = evidence.linux.ring0();
    let (mut fails, mut absent, mut equal) = (Vec::new(), Vec::new(), 0usize);
    let compared = |o: &&Object| {
        let generated = matches!(o.kind, ObjectKind::BootConfig | ObjectKind::Initramfs);
        !generated && o.sha256.is_some()
    };
    for object in bill.objects.iter().filter(compared) {
        let sha256 = object.sha256.as_deref().unwrap_or_default();
        let (package, version) = (object.package.as_deref(), object.package_version.as_deref());
        match baseline.compare(&object.path, package, version, sha256) {
            Match::Equal(_) => equal += 1,
            Match::Different(known) => {
                let from = terminal(&baseline.origin(known));
                fails.push(
                    Item::new(
                        place(object),
                        format!("the reference has other bytes for this version ({from})"),
                        format!("参考库中同一版本的内容不同（来源：{from}）"),
                    )
                    .compare(
                        format!("sha256:{}", known.sha256),
                        format!("sha256:{sha256}"),
                    ),
                );
            }
            Match::Absent => absent.push(Item::new(
                place(object),
                "the reference knows nothing of this version of it",
                "参考库中没有该版本的记录",
            )),
        }
    }
    let (different, unknown) = (fails.len(), absent.len());
    let outcome = if different > 0 {
        Outcome::new(
            Status::Fail,
            format!(
                "{different} files differ from the reference, {equal} are equal, {unknown} not in it"
            ),
            format!("{different} 个文件与参考库不同，{equal} 个相同，{unknown} 个无记录"),
        )
    } else if equal + unknown == 0 {
        Outcome::new(
            Status::Unknown,
            "nothing was found that could be held against the reference",
            "没有可与参考库比对的文件",
        )
    } else if unknown > 0 {
        Outcome::new(
            Status::Warn,
            format!("{unknown} files are not in the reference, {equal} are equal"),
            format!("{unknown} 个文件在参考库中无记录，{equal} 个相同"),
        )
    } else {
        Outcome::new(
            Status::Pass,
            format!(
                "all {equal} files equal the reference; what the system generates is not compared"
            ),
            format!("全部 {equal} 个文件与参考库一致；系统自行生成的文件不参与比对"),
        )
    };
    fails.truncate(MAX_SHOWN);
    absent.truncate(MAX_SHOWN);
    Ok(outcome
        .evidence(fails)
        .evidence(absent)
        .gaps(tidy(bill.gaps.clone())))
}

fn place(object: &Object) -> Location {
    Location {
        volume: object.volume.clone(),
        path: Some(object.path.clone()),
        sha256: object.sha256.clone(),
        ..Location::default()
    }
}

/// LNX-KERNEL-001.
pub(in crate::policy::checks) fn authentic(context: &Context<'_>) -> Result<Outcome> {
    let bill = context.evidence.linux.ring0();
    let level = bill.level;
    let kernel = bill.objects.iter().any(|o| o.kind == ObjectKind::Kernel);
    let why = |lang: fn(&crate::text::Text) -> &str| {
        let words: Vec<&str> = bill.reasons.iter().map(lang).collect();
        words.join("; ")
    };
    let (en, zh) = (why(|t| &t.en), why(|t| &t.zh));
    let outcome = match level {
        _ if !kernel => Outcome::new(Status::Unknown, "no kernel was found", "未找到内核"),
        Level::K5 => Outcome::new(
            Status::Pass,
            "level K5: everything that runs in ring 0 at the next boot is proven by signatures of pinned keys or explained by what they prove",
            "K5 级：下次启动时在 ring 0 运行的内容均由固定密钥的签名证明，或由其证明的内容解释",
        ),
        Level::K4 => Outcome::new(
            Status::Pass,
            "level K4: everything that runs in ring 0 at the next boot equals an independent reference",
            "K4 级：下次启动时在 ring 0 运行的内容与独立参考一致",
        ),
        Level::K3 | Level::K2 => Outcome::new(
            Status::Warn,
            format!("level {level:?}: unproven, which is not to say modified: {en}"),
            format!("{level:?} 级：未经证明（不等于被修改）：{zh}"),
        ),
        Level::K1 => Outcome::new(
            Status::Fail,
            format!("level K1: the kernel that boots is none of this system's vendor: {en}"),
            format!("K1 级：启动的内核并非本系统厂商所提供：{zh}"),
        ),
        Level::K0 => Outcome::new(
            Status::Fail,
            format!("level K0: something that runs in ring 0 is proven modified: {en}"),
            format!("K0 级：在 ring 0 运行的内容已证明被修改：{zh}"),
        ),
    };
    Ok(outcome
        .evidence(ladder(&bill.objects))
        .gaps(tidy(bill.gaps.clone())))
}

/// The objects, least proven first; of modules only those that are not proven, and their number.
fn ladder(objects: &[Object]) -> Vec<Item> {
    let shown = |o: &&Object| o.kind != ObjectKind::Module || o.level < Level::K4;
    let mut listed: Vec<&Object> = objects.iter().filter(shown).collect();
    listed.sort_by_key(|o| o.level);
    let left = listed.len().saturating_sub(MAX_SHOWN);
    let mut items: Vec<Item> = listed.into_iter().take(MAX_SHOWN).map(rung).collect();
    let modules = objects.iter().filter(|o| o.kind == ObjectKind::Module);
    let (all, proven) = modules.fold((0, 0), |(all, proven), o| {
        (all + 1, proven + usize::from(o.level >= Level::K4))
    });
    items.push(Item::new(
        Location::default(),
        format!("modules: {all}, proven: {proven}; not shown: {left}"),
        format!("模块 {all} 个，已证明 {proven} 个；未列出 {left} 个"),
    ));
    items
}

fn rung(object: &Object) -> Item {
    let name = |v: &Option<String>| v.as_deref().map_or_else(|| "-".into(), terminal);
    let (signer, anchor) = (name(&object.signer), name(&object.anchor));
    let said = |lang: fn(&crate::text::Text) -> &str| {
        let words: Vec<&str> = object.reasons.iter().map(lang).collect();
        words.join("; ")
    };
    let level = object.level;
    Item::new(
        place(object),
        format!(
            "{level:?}: signer {signer}, anchor {anchor}: {}",
            terminal(&said(|t| &t.en))
        ),
        format!(
            "{level:?}：签名者 {signer}，信任锚 {anchor}：{}",
            terminal(&said(|t| &t.zh))
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::{Baseline, FileKind, Known, Source};
    use crate::evidence::linux::testing::{Build, bzimage, guest};
    use crate::evidence::{Evidence, References};
    use crate::policy::checks::linux::testing::{check, check_guest, status};
    use crate::policy::{Policy, run};
    use crate::trust::Bundle;

    fn with(arguments: &str) -> Build {
        let image = bzimage("1 (x)", b"");
        Build::debian().kernel("1", &image).file(
            "/boot/grub/grub.cfg",
            0o600,
            format!(
                "set default=0\nmenuentry a {{\nlinux /boot/vmlinuz-1 root=x {arguments}\n}}\nmenuentry r {{\nlinux /boot/vmlinuz-1 root=x single\n}}\n"
            ),
        )
    }

    #[test]
    fn arguments_that_redirect_fail_and_those_that_weaken_warn() {
        const ID: &str = "LNX-KERNEL-013";
        for (arguments, wanted) in [
            ("ro quiet console=tty0 console=ttyS0,115200", Status::Pass),
            ("net.ifnames=0 crashkernel=256M i8042.noaux", Status::Pass),
            ("init=/sbin/init", Status::Pass),
            ("init=/root/.x", Status::Fail),
            ("rdinit=/x", Status::Fail),
            ("rd.break", Status::Fail),
            ("systemd.debug-shell=1", Status::Fail),
            ("systemd.debug_shell", Status::Fail),
            ("module.sig_enforce=0", Status::Warn),
            ("lockdown=none", Status::Warn),
            ("mitigations=off", Status::Warn),
            ("selinux=0", Status::Warn),
            ("nokaslr", Status::Warn),
            ("single", Status::Warn),
            ("-- init=/x", Status::Pass),
        ] {
            assert_eq!(status(ID, with(arguments)), wanted, "{arguments}");
        }
        let found = check(ID, with("init=/root/.x"));
        let first = &found.evidence[0];
        assert_eq!(first.at.path.as_deref(), Some("/boot/grub/grub.cfg"));
        assert_eq!(first.at.line, Some(2));
        let later = with("ro").file(
            "/etc/default/grub",
            0o644,
            "GRUB_CMDLINE_LINUX=\"init=/root/.x\"\n",
        );
        assert_eq!(status(ID, later), Status::Warn);
        assert_eq!(status(ID, Build::debian()), Status::Unknown);
    }

    #[test]
    fn what_may_be_an_argument_is_the_policys() {
        let guest = guest(with("mitigations=off"));
        let found = check_guest("LNX-KERNEL-013", &guest, |policy| {
            for check in &mut policy.checks {
                let Some(list) = check.with.get_mut("allowed") else {
                    continue;
                };
                *list = serde_yaml_ng::Value::Sequence(vec!["mitigations=off".into()]);
            }
        });
        assert_eq!(found.status, Status::Pass);
    }

    fn referenced(sha256: &str, version: &str) -> Status {
        let guest = guest(with("ro"));
        let mut baseline = Baseline::default();
        let known = Known {
            path: "/boot/vmlinuz-1".into(),
            package: Some("linux-image-1".into()),
            version: Some(version.into()),
            architecture: None,
            kind: FileKind::Kernel,
            sha256: sha256.into(),
            bytes: 1,
        };
        let source = Source {
            name: "x.deb".into(),
            sha256: None,
        };
        baseline.add(known, source);
        let mut policy = Policy::built_in("tencent-marketplace").unwrap();
        policy.checks.retain(|c| c.id == "LNX-KERNEL-020");
        let references = References {
            trust: Bundle::built_in(),
            baseline: Some(&baseline),
        };
        let evidence = [Evidence::with(&guest, references)];
        run(&policy, &evidence, &[], &|_| {}).remove(0).status
    }

    #[test]
    fn the_reference_tells_equal_other_and_unknown_bytes() {
        use sha2::Digest as _;
        assert_eq!(status("LNX-KERNEL-020", with("ro")), Status::NotApplicable);
        let real = crate::bytes::hex(&sha2::Sha256::digest(bzimage("1 (x)", b"")));
        let other = "0".repeat(64);
        assert_eq!(referenced(&other, "1-1"), Status::Fail);
        // The stand-in kernel can't be unpacked for its keys: a gap, so no pass and no warning.
        assert_ne!(referenced(&real, "1-1"), Status::Fail);
        assert_ne!(referenced(&other, "2"), Status::Fail);
    }

    #[test]
    fn the_whole_is_as_good_as_its_parts() {
        let judged = |build| {
            check_guest("LNX-KERNEL-013", &guest(build), |policy| {
                for check in &mut policy.checks {
                    check.test = "linux_kernel_authentic".into();
                }
            })
        };
        assert_eq!(judged(Build::debian()).status, Status::Unknown);
        // A kernel that nothing speaks for, by default.
        let unowned = Build::debian()
            .package("base-files", "1")
            .file("/boot/vmlinuz-1", 0o644, bzimage("1 (x)", b""))
            .file(
                "/boot/grub/grub.cfg",
                0o600,
                "menuentry a {\nlinux /boot/vmlinuz-1\n}\n",
            );
        let found = judged(unowned);
        assert_eq!(found.status, Status::Fail, "{}", found.reason.en);
        let item = &found.evidence[0];
        assert_eq!(item.at.path.as_deref(), Some("/boot/vmlinuz-1"));
    }
}
