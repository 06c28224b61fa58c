//! Judges one service: does it start by itself, and is what it starts there?

use crate::evidence::files::Executable;
use crate::evidence::windows::{Image, Service};
use crate::evidence::{Gap, Location};
use crate::policy::{Context, Item};

/// How far a service is from running after the next boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    /// It starts automatically, and its program is there.
    Good,
    /// Its program is there, and it starts when somebody asks for it.
    Manual,
    /// It can't start.
    Bad,
}

/// A judged service with its evidence.
pub(super) struct Judged {
    /// By its start type and its DeleteFlag.
    pub(super) start: State,
    /// By its program alone: good or bad. What can't be told stands in the gaps.
    pub(super) file: State,
    pub(super) items: Vec<Item>,
    pub(super) gaps: Vec<Gap>,
    /// The path of the program in the guest (`C:/WinAgent/WinAgent.exe`), where it is there.
    pub(super) program: Option<String>,
}

impl Judged {
    /// The worse of both.
    pub(super) fn state(&self) -> State {
        self.start.max(self.file)
    }
}

/// Names of the values of `Start`.
fn start_name(start: u32) -> String {
    let name = match start {
        0 => "boot",
        1 => "system",
        2 => "automatic",
        3 => "manual",
        4 => "disabled",
        _ => "unknown",
    };
    format!("{start} ({name})")
}

/// Judges `service`.
pub(super) fn judge(context: &Context<'_>, service: &Service) -> Judged {
    let mut out = Judged {
        start: State::Good,
        file: State::Good,
        items: Vec::new(),
        gaps: service.gaps.clone(),
        program: None,
    };
    start(service, &mut out);
    if let Some(flag) = &service.delete_flag {
        out.start = State::Bad;
        out.items.push(
            Item::new(
                flag.at.clone(),
                format!("{} is marked to be deleted at the next boot", service.name),
                format!("{} 已被标记为下次启动时删除", service.name),
            )
            .compare("no DeleteFlag", flag.fact.to_string()),
        );
    }
    if service.is_driver() {
        out.start = State::Bad;
        out.items.push(
            Item::new(
                service.at.clone(),
                format!(
                    "{} is registered as a driver, so its program never runs",
                    service.name
                ),
                format!("{} 被注册为驱动程序，其程序不会运行", service.name),
            )
            .compare(
                "Type 0x10 or 0x20",
                service.kind.map_or_else(String::new, |k| format!("{k:#x}")),
            ),
        );
    }
    program(context, service, &mut out);
    out
}

fn start(service: &Service, out: &mut Judged) {
    let written = service
        .last_written
        .map_or_else(|| "-".into(), |t| t.to_string());
    let (at, found) = match &service.start {
        Some(start) => (start.at.clone(), start_name(start.fact)),
        None => {
            let value = Some("Start".into());
            let at = Location {
                value,
                ..service.at.clone()
            };
            (at, "not there, or no REG_DWORD".into())
        }
    };
    let delayed = if service.delayed { " (delayed)" } else { "" };
    out.items.push(
        Item::new(
            at,
            format!(
                "start type of {}{delayed}; key last written {written}",
                service.name
            ),
            format!(
                "{} 的启动类型{delayed}；注册表项最后写入时间 {written}",
                service.name
            ),
        )
        .compare(start_name(2), found),
    );
    out.start = match service.start.as_ref().map(|s| s.fact) {
        Some(2) => State::Good,
        Some(3) => State::Manual,
        // A value that can't be read is a gap, and no start type.
        None if !service.gaps.is_empty() => State::Good,
        _ => State::Bad,
    };
}

fn program(context: &Context<'_>, service: &Service, out: &mut Judged) {
    let path_at = match &service.image_path {
        Some(path) => path.at.clone(),
        None => Location {
            value: Some("ImagePath".into()),
            ..service.at.clone()
        },
    };
    match context.evidence.windows.image(service) {
        Image::File(file) => {
            let architecture = context.evidence.guest.os.architecture.as_deref();
            let (runs, kind) = match file.executable {
                Some(Executable::Pe { machine }) => (
                    runs_on(machine, architecture),
                    format!("PE, machine {machine:#06x}"),
                ),
                Some(Executable::Elf { .. }) => (false, "ELF".into()),
                Some(Executable::Script) | None => (false, "no PE program".into()),
            };
            if !runs {
                out.file = State::Bad;
            }
            out.program = file.at.path.clone();
            out.items.push(
                Item::new(
                    file.at,
                    format!("program of {}, {} bytes", service.name, file.metadata.size),
                    format!("{} 的程序文件，{} 字节", service.name, file.metadata.size),
                )
                .compare(
                    format!("PE program for {}", architecture.unwrap_or("the system")),
                    kind,
                ),
            );
        }
        Image::Missing(path) => {
            out.file = State::Bad;
            out.items.push(
                Item::new(
                    path_at,
                    format!("the program of {} is not in the image", service.name),
                    format!("{} 的程序文件不存在", service.name),
                )
                .compare(path, "no such file"),
            );
        }
        Image::None if !service.gaps.is_empty() => {}
        Image::None => {
            out.file = State::Bad;
            out.items.push(
                Item::new(
                    path_at,
                    format!("{} names no program", service.name),
                    format!("{} 未指定程序文件", service.name),
                )
                .compare("path of a program", "nothing"),
            );
        }
        Image::Unknown(gap) => out.gaps.push(gap),
    }
}

/// True where Windows of `architecture` runs programs for `machine` of the COFF header.
fn runs_on(machine: u16, architecture: Option<&str>) -> bool {
    const X86: u16 = 0x014C;
    const X64: u16 = 0x8664;
    const ARM64: u16 = 0xAA64;
    match architecture {
        Some("x86") => machine == X86,
        Some("x86_64") => matches!(machine, X86 | X64),
        Some("aarch64") => matches!(machine, X86 | X64 | ARM64),
        _ => matches!(machine, X86 | X64 | ARM64),
    }
}
