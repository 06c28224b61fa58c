//! What loads modules or another kernel by itself, and what tells of rootkits.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::evidence::linux::{
    Autoload, LoadKind, LoadLine, ModuleInfo, ModuleSignature, Owner, Residue,
};
use crate::evidence::{Found, Location};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::fits;
use crate::policy::{Context, Item, Outcome};
use crate::text::terminal;

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// LNX-KERNEL-012.
pub(in crate::policy::checks) fn hooks(context: &Context<'_>) -> Result<Outcome> {
    #[derive(serde::Deserialize)]
    struct With {
        harmless: Vec<String>,
        security_modules: Vec<String>,
    }
    let with: With = context.check.with()?;
    let all = context.evidence.linux.autoload();
    let modules = context.evidence.linux.modules();
    let mut judged = Findings::with_gaps(&all.gaps);
    // Modules that nothing vouches for, by name; what DKMS built may be loaded by what a package
    // brought.
    let foreign: BTreeMap<String, bool> = modules
        .items
        .iter()
        .filter(|m| {
            !matches!(m.fact.signature, ModuleSignature::Good(_)) && m.fact.package.is_none()
        })
        .filter_map(|m| {
            let name = base(m.at.path.as_deref()?).split(".ko").next()?;
            Some((name.replace('-', "_"), m.fact.built_from.is_some()))
        })
        .collect();
    for found in all.items.iter().filter(|f| f.fact.active) {
        let line = &found.fact;
        if line.kind == LoadKind::Kexec || grub_script(found) {
            continue;
        }
        programs(all, found, &with.harmless, &mut judged);
        let name = line.module.as_deref().unwrap_or_default();
        let unowned = all.has_database && line.package.is_none();
        match line.kind {
            LoadKind::Insmod => insmod(found, &mut judged),
            LoadKind::Load | LoadKind::Alias | LoadKind::Softdep
                if foreign.get(name).is_some_and(|built| !built || unowned) =>
            {
                judged.fail(item(
                    found,
                    "loads a module that neither a signature nor a package vouches for",
                    "加载既无有效签名也不属于软件包的模块",
                ));
            }
            LoadKind::Blacklist if with.security_modules.iter().any(|s| fits(s, name)) => {
                judged.warn(item(
                    found,
                    "keeps a module of security software from loading",
                    "阻止加载安全相关模块",
                ));
            }
            LoadKind::Load
            | LoadKind::Alias
            | LoadKind::Softdep
            | LoadKind::Hook
            | LoadKind::Instead
                if unowned =>
            {
                judged.warn(item(
                    found,
                    "no package owns the file that it stands in",
                    "所在文件不属于任何软件包",
                ));
            }
            _ => {}
        }
    }
    Ok(judged.first(
        (
            "what loads modules runs programs that nobody vouches for",
            "模块加载机制会运行来源不明的程序",
        ),
        (
            "entries that no package brought",
            "存在不属于软件包的模块加载项",
        ),
        (
            "modules load only as the packages say",
            "模块加载配置均来自软件包",
        ),
    ))
}

fn item(found: &Found<LoadLine>, en: &str, zh: &str) -> Item {
    let text = terminal(&found.fact.text);
    Item::new(
        found.at.clone(),
        format!("{en}: {text}"),
        format!("{zh}：{text}"),
    )
}

fn grub_script(found: &Found<LoadLine>) -> bool {
    let path = found.at.path.as_deref().unwrap_or_default();
    found.fact.kind == LoadKind::Hook && path.starts_with("/etc/grub.d/")
}

/// Programs that run instead of loading a module, or that the kernel and udev start.
fn programs(all: &Autoload, found: &Found<LoadLine>, harmless: &[String], judged: &mut Findings) {
    let line = &found.fact;
    let runs = [
        LoadKind::Instead,
        LoadKind::Helper,
        LoadKind::Rule,
        LoadKind::Hook,
    ];
    if !runs.contains(&line.kind) || !all.has_database {
        return;
    }
    let mut other = false;
    for program in &line.programs {
        let known = harmless.iter().any(|h| h == base(&program.path));
        other |= !known;
        let here =
            line.package.is_some() || !matches!(line.kind, LoadKind::Helper | LoadKind::Instead);
        if !program.exists && here {
            judged.warn(item(
                found,
                "names a program that is not there",
                "指向不存在的程序",
            ));
        } else if program.package.is_none() {
            let path = terminal(&program.path);
            judged.fail(
                item(
                    found,
                    "runs a program that no package owns",
                    "运行不属于任何软件包的程序",
                )
                .compare("a program of a package", path),
            );
        }
    }
    // A shell of a package does what the line says.
    if line.kind == LoadKind::Instead && other && line.package.is_none() {
        judged.fail(item(
            found,
            "runs a command in place of a module, in a file that no package owns",
            "在不属于任何软件包的文件中以命令代替模块加载",
        ));
    }
    if line.kind == LoadKind::Rule && other && line.package.is_none() {
        judged.warn(item(
            found,
            "a rule of udev that no package owns runs a command",
            "不属于任何软件包的 udev 规则会运行命令",
        ));
    }
}

fn insmod(found: &Found<LoadLine>, judged: &mut Findings) {
    let path = found.fact.module.as_deref().unwrap_or_default();
    let inside = ["/lib/modules/", "/usr/lib/modules/"]
        .iter()
        .any(|m| path.starts_with(m));
    if inside && !path.contains("..") {
        judged.warn(item(found, "loads a module by its file", "按文件加载模块"));
    } else {
        judged.fail(item(
            found,
            "loads a module from outside of /lib/modules",
            "从 /lib/modules 之外加载模块",
        ));
    }
}

/// LNX-KERNEL-022.
pub(in crate::policy::checks) fn other_kernels(context: &Context<'_>) -> Result<Outcome> {
    #[derive(serde::Deserialize)]
    struct With {
        commands: Vec<String>,
    }
    let with: With = context.check.with()?;
    let linux = &context.evidence.linux;
    let (all, boot) = (linux.autoload(), linux.boot());
    let mut judged = Findings::with_gaps(&all.gaps);
    judged.gaps.extend(boot.gaps.iter().cloned());
    for found in all.items.iter().filter(|f| f.fact.active) {
        if grub_script(found) && all.has_database && found.fact.package.is_none() {
            judged.warn(item(
                found,
                "a script that writes the boot menu, which no package owns",
                "生成启动菜单的脚本不属于任何软件包",
            ));
        }
        if found.fact.kind != LoadKind::Kexec {
            continue;
        }
        // kdump loads a kernel for the case that this one crashes.
        let words: Vec<&str> = found.fact.text.split_whitespace().collect();
        if words
            .iter()
            .any(|w| *w == "-p" || w.starts_with("--load-panic"))
        {
            continue;
        }
        let (en, zh) = ("starts another kernel", "启动另一个内核");
        if all.has_database && found.fact.package.is_none() {
            judged.fail(item(found, en, zh));
        } else {
            judged.warn(item(found, en, zh));
        }
    }
    let listed = |name: &str| with.commands.iter().any(|c| c == name);
    for command in boot.commands.iter().filter(|c| listed(&c.fact.name)) {
        let text = terminal(&format!("{} {}", command.fact.name, command.fact.arguments));
        judged.warn(Item::new(
            command.at.clone(),
            format!("the boot menu can start something else: {text}"),
            format!("启动菜单可启动其他系统：{text}"),
        ));
    }
    for (i, entry) in boot.entries.iter().enumerate() {
        let Some(by) = entry.fact.by.as_deref().filter(|by| listed(by)) else {
            continue;
        };
        let text = terminal(&format!("{by} {}", entry.fact.starts));
        let item = Item::new(
            entry.at.clone(),
            format!("an entry starts something else than a Linux kernel of the image: {text}"),
            format!("启动项启动的不是镜像中的 Linux 内核：{text}"),
        );
        let once = boot.one_shot.as_ref().and_then(|(entry, _)| *entry);
        if boot.default == Some(i) || once == Some(i) || entry.fact.forced {
            judged.fail(item);
        } else {
            judged.warn(item);
        }
    }
    Ok(judged.first(
        (
            "another kernel is started by itself",
            "会自动启动另一个内核",
        ),
        (
            "there are ways to start another kernel",
            "存在启动其他内核的途径",
        ),
        ("nothing starts another kernel", "没有启动其他内核的途径"),
    ))
}

/// LNX-KERNEL-018.
pub(in crate::policy::checks) fn residue(context: &Context<'_>) -> Result<Outcome> {
    let linux = &context.evidence.linux;
    let all = linux.autoload();
    let mut judged = Findings::with_gaps(&all.gaps);
    for found in &all.residue {
        let (en, zh) = match found.fact {
            Residue::Source => (
                "source of a kernel that no package owns",
                "不属于任何软件包的内核源码",
            ),
            Residue::PackageFile => (
                "a package of a kernel that was left here",
                "遗留的内核安装包",
            ),
            Residue::BuildTree => (
                "a tree that modules are built against, owned by no package",
                "不属于任何软件包的内核构建目录",
            ),
            Residue::SetAside => (
                "a kernel that an installation by hand set aside",
                "手工安装时备份的旧内核",
            ),
            Residue::Dkms => ("a module that was built here (DKMS)", "由 DKMS 构建的模块"),
            Residue::History => (
                "somebody built or installed a kernel or module by hand (the line is not shown)",
                "历史记录显示曾手工编译或安装内核/模块（内容不显示）",
            ),
        };
        judged.warn(Item::new(found.at.clone(), en, zh));
    }
    for kernel in &linux.kernels().items {
        let Owner::Package(recorded) = &kernel.fact.owner else {
            continue;
        };
        let maker = recorded.package.maintainer.as_deref().unwrap_or_default();
        // `make bindeb-pkg` signs with the user and the host that it runs on.
        let host = maker
            .rsplit_once('@')
            .map_or("", |(_, host)| host.trim_end_matches('>'));
        let local = maker.starts_with("root ") || !host.is_empty() && !host.contains('.');
        if !local {
            continue;
        }
        let maker = terminal(maker);
        let item = Item::new(
            kernel.at.clone(),
            format!("its package was built by hand: {maker}"),
            format!("其软件包为手工构建：{maker}"),
        );
        if linux.boot().boots_by_default(&kernel.fact.path) == Some(true) {
            judged.fail(item);
        } else {
            judged.warn(item);
        }
    }
    Ok(judged.first(
        (
            "the kernel that boots was built by hand",
            "默认启动的内核为手工构建",
        ),
        (
            "signs of a kernel built or put in by hand",
            "存在手工编译或安装内核的痕迹",
        ),
        (
            "no signs of a kernel built or put in by hand",
            "没有手工编译或安装内核的痕迹",
        ),
    ))
}

/// LNX-KERNEL-023.
pub(in crate::policy::checks) fn rootkits(context: &Context<'_>) -> Result<Outcome> {
    #[derive(serde::Deserialize)]
    struct With {
        names: Vec<String>,
        paths: Vec<String>,
        imports: Vec<String>,
    }
    let with: With = context.check.with()?;
    let linux = &context.evidence.linux;
    let (modules, all) = (linux.modules(), linux.autoload());
    let mut judged = Findings::with_gaps(&modules.gaps);
    judged.gaps.extend(all.gaps.iter().cloned());
    let named = |text: &str| {
        let text = text.to_lowercase();
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-');
        let mut words = words.flat_map(|w| [w.to_owned(), w.replace('-', "_")]);
        words
            .find_map(|w| with.names.iter().find(|n| **n == w))
            .cloned()
    };
    let hit = |at: &Location, name: &str| {
        Item::new(
            at.clone(),
            format!("carries the name of a known rootkit: {name}"),
            format!("带有已知 rootkit 的名称：{name}"),
        )
    };
    let own = modules.items.iter().map(|m| {
        let good = matches!(m.fact.signature, ModuleSignature::Good(_));
        (&m.at, m.fact.info.as_ref(), good)
    });
    let stray = modules.stray.iter();
    let stray = stray.map(|s| (&s.at, Some(&s.fact.info), s.fact.package.is_some()));
    for (at, info, good) in own.chain(stray) {
        if good {
            continue;
        }
        let file = base(at.path.as_deref().unwrap_or_default());
        let said = info.into_iter().flat_map(|i| &i.fields);
        let said = said
            .filter(|(key, _)| ["name", "author", "description", "alias"].contains(&key.as_str()));
        let mut texts = std::iter::once(file).chain(said.map(|(_, value)| value.as_str()));
        if let Some(name) = texts.find_map(named) {
            judged.fail(hit(at, &name));
        }
        if let Some(taken) = taken(info, &with.imports) {
            judged.warn(Item::new(
                at.clone(),
                format!(
                    "an unproven module that takes what rootkits need: {}",
                    terminal(&taken)
                ),
                format!(
                    "未经证明的模块使用了 rootkit 常用的内核接口：{}",
                    terminal(&taken)
                ),
            ));
        }
    }
    for found in &all.items {
        let line = &found.fact;
        let texts = line.programs.iter().map(|p| base(&p.path));
        let mut texts = texts.chain(line.module.as_deref());
        if let Some(name) = texts.find_map(named) {
            judged.fail(hit(&found.at, &name));
        }
    }
    for found in &linux.start().lines {
        if let Some(name) = named(&found.fact.command) {
            judged.fail(hit(&found.at, &name));
        }
    }
    for path in &with.paths {
        match context.evidence.files.file(path) {
            Ok(Some(fact)) => judged.fail(Item::new(
                fact.at,
                "a file that a known rootkit leaves",
                "已知 rootkit 遗留的文件",
            )),
            Ok(None) => {}
            Err(gap) => judged.gaps.push(gap),
        }
    }
    Ok(judged.first(
        (
            "a known rootkit's name or file was found",
            "发现已知 rootkit 的名称或文件",
        ),
        (
            "an unproven module does what rootkits do",
            "未经证明的模块具有 rootkit 特征",
        ),
        (
            "no known rootkit's name or file was found",
            "未发现已知 rootkit 的名称或文件",
        ),
    ))
}

fn taken(info: Option<&ModuleInfo>, imports: &[String]) -> Option<String> {
    let info = info?;
    info.imports.iter().find(|i| imports.contains(i)).cloned()
}

/// LNX-KERNEL-024.
pub(in crate::policy::checks) fn knobs(context: &Context<'_>) -> Result<Outcome> {
    #[derive(serde::Deserialize)]
    struct With {
        report: Vec<String>,
        warn: std::collections::BTreeMap<String, Vec<String>>,
    }
    let with: With = context.check.with()?;
    let all = context.evidence.linux.autoload();
    let mut judged = Findings::with_gaps(&all.gaps);
    for found in all.settings.iter().chain(&all.built) {
        let fact = &found.fact;
        if !with.report.contains(&fact.key) {
            continue;
        }
        let text = terminal(&format!("{}={}", fact.key, fact.value));
        let item = Item::new(found.at.clone(), text.clone(), text);
        let bad = with.warn.get(&fact.key);
        if bad.is_some_and(|values| values.contains(&fact.value)) {
            judged.warn(item);
        } else {
            judged.good(item);
        }
    }
    Ok(judged.first(
        ("", ""),
        (
            "a setting lets the kernel be changed",
            "存在允许改动内核的设置",
        ),
        ("{} settings of the kernel are listed", "列出 {} 项内核设置"),
    ))
}
