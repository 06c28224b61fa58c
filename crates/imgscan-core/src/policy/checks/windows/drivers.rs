//! WIN-BOOT-002: the virtio drivers start with the system and are signed. WIN-CAP-003: no drivers and tools of
//! other hypervisors.

use super::matches;
use super::probe::{Probe, SET};
use super::programs::said;
use crate::error::{Error, Layer, Result};
use crate::evidence::Gap;
use crate::evidence::windows::{Image, Service, Services, Signed};
use crate::policy::checks::findings::worse;
use crate::policy::{Context, Outcome, Status};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct VirtioWith {
    /// Patterns of the services of storage drivers, one of which has to start with the system.
    storage: Vec<String>,
    /// Patterns of those of network drivers.
    network: Vec<String>,
    /// Patterns of those of other devices, which are listed only.
    others: Vec<String>,
    /// PCI identifiers of the storage devices that the system has to know.
    devices: Vec<String>,
}

/// WIN-BOOT-002.
pub(super) fn virtio(context: &Context<'_>) -> Result<Outcome> {
    let with: VirtioWith = context.check.with()?;
    let mut probe = Probe::new(context);
    let services = match context.evidence.windows.services() {
        Ok(services) => services,
        Err(gap) => return Ok(super::cloudbase::unreadable(gap)),
    };
    let storage = best(context, &mut probe, services, &with.storage, 0);
    let network = best(context, &mut probe, services, &with.network, 3);
    best(context, &mut probe, services, &with.others, 3);
    let known = devices(&mut probe, &with);
    if storage.is_none() || network.is_none() {
        probe.gaps.extend(services.gaps.iter().cloned());
        let missing = [(&storage, &with.storage), (&network, &with.network)];
        for (_, names) in missing.iter().filter(|(found, _)| found.is_none()) {
            let note = ("no driver of this kind", "没有此类驱动");
            probe.say(services.at.clone(), note, names.join(", "), "none of them");
        }
    }
    let signed = worse(
        storage.map_or(Status::Pass, |d| d.signed),
        network.map_or(Status::Pass, |d| d.signed),
    );
    let (status, en, zh) = match (storage.map(|d| d.starts), network.map(|d| d.starts)) {
        (Some(Status::Pass | Status::Warn), _) if signed == Status::Fail => (
            Status::Fail,
            "a virtio driver is not what its signer signed",
            "virtio 驱动文件与其数字签名不符",
        ),
        (Some(Status::Pass), Some(Status::Pass)) if signed == Status::Warn => (
            Status::Warn,
            "the virtio drivers start with the system, but nobody vouches for a signature of theirs",
            "virtio 驱动随系统启动，但未找到受信任的数字签名",
        ),
        (Some(Status::Pass), Some(Status::Pass)) if known => (
            Status::Pass,
            "a virtio storage driver starts with the system, and a network driver is there",
            "virtio 存储驱动随系统启动，网络驱动已安装",
        ),
        (Some(Status::Pass), Some(Status::Pass)) => (
            Status::Warn,
            "the drivers are there, but no device list names the virtio storage devices",
            "驱动已安装，但设备列表中没有 virtio 存储设备",
        ),
        (Some(Status::Pass), _) => (
            Status::Warn,
            "a virtio storage driver starts with the system, but the network driver is missing or off",
            "virtio 存储驱动随系统启动，但网络驱动缺失或被禁用",
        ),
        (Some(Status::Warn), _) => (
            Status::Warn,
            "a virtio storage driver starts, but later than the system",
            "virtio 存储驱动的启动晚于系统",
        ),
        _ if !services.gaps.is_empty() => (
            Status::Unknown,
            "no virtio storage driver was found in what could be read",
            "在可读取的部分中未找到 virtio 存储驱动",
        ),
        _ => (
            Status::Fail,
            "no virtio storage driver starts with the system",
            "没有随系统启动的 virtio 存储驱动",
        ),
    };
    Ok(probe.end(status, en, zh))
}

/// A driver of a service.
#[derive(Clone, Copy)]
struct Driver {
    /// How well it starts.
    starts: Status,
    /// What its signature says.
    signed: Status,
}

/// How well the best of the services that `names` name starts; `limit` is the latest start type
/// that is good. `None` where there is none.
fn best(
    context: &Context<'_>,
    probe: &mut Probe<'_>,
    services: &Services,
    names: &[String],
    limit: u32,
) -> Option<Driver> {
    let found = services
        .items
        .iter()
        .filter(|s| names.iter().any(|n| matches(n, &s.name)));
    let mut out: Option<Driver> = None;
    for service in found {
        let this = starts(context, probe, service, limit);
        out = Some(match out {
            Some(before) if worse(before.starts, this.starts) == this.starts => before,
            _ => this,
        });
    }
    out
}

fn starts(context: &Context<'_>, probe: &mut Probe<'_>, service: &Service, limit: u32) -> Driver {
    probe.gaps.extend(service.gaps.iter().cloned());
    let start = service.start.as_ref();
    let mut status = match start.map(|s| s.fact) {
        Some(start) if start <= limit => Status::Pass,
        Some(1 | 2) => Status::Warn,
        // A start type that can't be read is a gap, and no start type.
        None if !service.gaps.is_empty() => Status::Pass,
        _ => Status::Fail,
    };
    let name = &service.name;
    let at = start.map_or_else(
        || probe.place(&format!(r"{SET}\Services\{name}"), "Start"),
        |s| s.at.clone(),
    );
    probe.say(
        at,
        (
            format!("start type of {name}"),
            format!("{name} 的启动类型"),
        ),
        if limit == 0 { "0 (boot)" } else { "0 to 3" },
        start.map_or_else(|| "not there".into(), |s| s.fact.to_string()),
    );
    // A value 3 here holds the driver back although its start type says otherwise.
    let key = format!(r"{SET}\Services\{name}\StartOverride");
    for value in probe.values(&key, "*") {
        let held =
            matches!(&value.fact.data, crate::evidence::windows::Datum::Number(n) if *n >= 3);
        if held && value.fact.name == "0" {
            status = Status::Fail;
        }
        let note = (
            format!("{name} is held back by StartOverride"),
            format!("{name} 被 StartOverride 推迟启动"),
        );
        if held {
            probe.say(value.at, note, "no value 3", value.fact.data.to_string());
        }
    }
    let mut signed = Status::Pass;
    match context.evidence.windows.image(service) {
        Image::File(file) => {
            let size = file.metadata.size;
            let path = file.at.path.clone().unwrap_or_default();
            let (_, by) = context.evidence.windows.signed_file(&path);
            let (says, en, zh) = said(by.as_ref(), false);
            signed = says;
            if let Some(Signed::Unproven(why)) = &by {
                let why = Error::unsupported(Layer::Pe, None, why.clone());
                probe.gaps.push(Gap::new(file.at.clone(), &why));
            }
            let note = (
                format!("driver of {name}, {size} bytes: {en}"),
                format!("{name} 的驱动文件，{size} 字节：{zh}"),
            );
            match says {
                Status::Pass => probe.note(file.at, note.0, note.1),
                _ => probe.say(file.at, note, "a signature that is vouched for", "none"),
            }
        }
        Image::Missing(path) => {
            status = Status::Fail;
            let note = (
                format!("the driver of {name} is not in the image"),
                format!("{name} 的驱动文件不存在"),
            );
            probe.say(service.at.clone(), note, path, "no such file");
        }
        Image::None => {}
        Image::Unknown(gap) => probe.gaps.push(gap),
    }
    Driver {
        starts: status,
        signed,
    }
}

/// True where the driver database, or the list of critical devices before Windows 8, names one of
/// the storage devices.
fn devices(probe: &mut Probe<'_>, with: &VirtioWith) -> bool {
    let mut known = false;
    let lists = [
        r"HKLM\SYSTEM\DriverDatabase\DeviceIds\PCI\*".to_owned(),
        format!(r"{SET}\Control\CriticalDeviceDatabase\*"),
    ];
    for list in lists {
        for key in probe.keys(&list) {
            let name = key
                .fact
                .trim_start_matches("PCI#")
                .trim_start_matches("pci#");
            let is = |device: &&String| {
                let head = name.get(..device.len());
                head.is_some_and(|h| h.eq_ignore_ascii_case(device))
            };
            if with.devices.iter().any(|d| is(&d)) && !known {
                known = true;
                probe.note(key.at, "the system knows the device", "系统已登记该设备");
            }
        }
    }
    if !known {
        let at = probe
            .windows
            .place(r"HKLM\SYSTEM\DriverDatabase\DeviceIds\PCI", None);
        let note = (
            "no virtio storage device is listed",
            "未登记 virtio 存储设备",
        );
        probe.say(at, note, with.devices.join(", "), "none of them");
    }
    known
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ToolsWith {
    /// Patterns of services.
    services: Vec<String>,
    /// Patterns of the names of programs.
    programs: Vec<String>,
}

/// WIN-CAP-003.
pub(super) fn foreign_tools(context: &Context<'_>) -> Result<Outcome> {
    let with: ToolsWith = context.check.with()?;
    let mut probe = Probe::new(context);
    let services = match context.evidence.windows.services() {
        Ok(services) => services,
        Err(gap) => return Ok(super::cloudbase::unreadable(gap)),
    };
    probe.gaps.extend(services.gaps.iter().cloned());
    let mut found = false;
    for service in &services.items {
        if !with.services.iter().any(|p| matches(p, &service.name)) {
            continue;
        }
        found = true;
        let start = service.start.as_ref().map(|s| s.fact);
        let path = service.image_path.as_ref().map_or("-", |p| p.fact.as_str());
        let idle = matches!(start, Some(3 | 4));
        let note = if idle {
            (
                "a driver or tool of another hypervisor, which does not start by itself",
                "其他虚拟化平台的驱动或工具（不自动启动）",
            )
        } else {
            (
                "a driver or tool of another hypervisor",
                "其他虚拟化平台的驱动或工具",
            )
        };
        let start = start.map_or_else(|| "-".into(), |s| s.to_string());
        let shown = format!("{}, Start {start}, {path}", service.name);
        probe.say(service.at.clone(), note, "not there", shown);
    }
    let programs = context.evidence.windows.programs();
    probe.gaps.extend(programs.gaps);
    for program in programs.items {
        let name = program.fact.name.unwrap_or_default();
        if with.programs.iter().any(|p| matches(p, &name)) {
            found = true;
            let note = ("a program of another hypervisor", "其他虚拟化平台的程序");
            probe.say(program.at, note, "not there", name);
        }
    }
    let (status, en, zh) = if found {
        (
            Status::Warn,
            "tools of another hypervisor are installed",
            "安装了其他虚拟化平台的工具",
        )
    } else {
        (
            Status::Pass,
            "no tools of another hypervisor are installed",
            "未安装其他虚拟化平台的工具",
        )
    };
    Ok(probe.end(status, en, zh))
}
