//! Help and usage errors in Chinese. The English ones stand at the arguments themselves.

use std::ffi::OsString;

use clap::error::{ContextKind, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory as _};
use imgscan_core::text::{Lang, terminal};

use crate::args::Cli;

/// Command (empty for the program), what it does, its usage.
const COMMANDS: &[(&str, &str, &str)] = &[
    (
        "",
        "离线读取磁盘镜像：不启动，不挂载",
        "imgscan [选项] <命令>",
    ),
    (
        "scan",
        "按策略判定镜像：退出码 0 通过，1 不通过，3 需人工复核",
        "imgscan scan [选项] <IMAGE>",
    ),
    (
        "info",
        "描述镜像：容器、卷、文件系统、操作系统及其清单",
        "imgscan info [选项] <IMAGE>",
    ),
    ("ls", "列出镜像内的目录", "imgscan ls [选项] <IMAGE> [PATH]"),
    (
        "cat",
        "将镜像内的文件写到标准输出",
        "imgscan cat [选项] <IMAGE> <PATH>",
    ),
    (
        "extract",
        "将镜像内的文件提取到文件夹；每个镜像读取的总字节数不超过其文件大小的 64 倍加 16 GiB",
        "imgscan extract [选项] -C <DIR> <IMAGE> [PATHS]...",
    ),
    (
        "hash",
        "输出每个普通文件与数据流的 SHA-256；每个镜像读取的总字节数不超过其文件大小的 64 倍加 16 GiB",
        "imgscan hash [选项] <IMAGE> [PATH]",
    ),
    (
        "kernel",
        "列出 Linux 镜像下次启动时在 ring 0 运行的内容，以及各自的证明程度",
        "imgscan kernel [选项] <IMAGE>",
    ),
    (
        "diff",
        "比较镜像与其基准镜像：退出码 0 相同，1 不同",
        "imgscan diff [选项] <BASE> <IMAGE>",
    ),
    (
        "baseline",
        "维护可信的内核、模块与引导文件库",
        "imgscan baseline <命令>",
    ),
    (
        "add",
        "加入镜像、deb 或 rpm 软件包、文件夹中的文件",
        "imgscan baseline add --db <FILE> <WHAT>...",
    ),
    (
        "list",
        "列出库中的文件",
        "imgscan baseline list --db <FILE>",
    ),
    (
        "verify",
        "将镜像、软件包或文件夹与库比较：退出码 0 相同，1 不同，3 无记录",
        "imgscan baseline verify --db <FILE> <WHAT>",
    ),
    (
        "digest",
        "输出虚拟磁盘的 SHA-256 与大小：同一磁盘的任何容器结果相同",
        "imgscan digest [选项] <IMAGE>",
    ),
    (
        "reg",
        "显示 Windows 注册表的键",
        "imgscan reg [选项] <IMAGE> <KEY>",
    ),
];

/// Command (empty for all), argument, what it means.
const ARGUMENTS: &[(&str, &str, &str)] = &[
    (
        "",
        "trust",
        "另将此文件中的证书视为固定证书（DER，或含多个证书的 PEM）",
    ),
    ("", "baseline", "可信文件库：由 imgscan baseline add 生成"),
    (
        "",
        "lang",
        "消息的语言：en 或 zh；默认取自 LC_ALL、LC_MESSAGES、LANG",
    ),
    ("", "image", "磁盘镜像（raw 或 qcow2）"),
    ("diff", "base", "基准镜像：镜像由其制作"),
    (
        "kernel",
        "explain",
        "为每个对象给出用其他工具重复验证的命令",
    ),
    (
        "",
        "what",
        "磁盘镜像、软件包（.deb、.rpm），或存放软件包或系统文件的文件夹",
    ),
    ("", "db", "可信文件库；add 时不存在则新建"),
    (
        "",
        "backing_dir",
        "另一个文件夹：镜像所引用的文件（后备文件、数据文件）可在其中打开",
    ),
    (
        "",
        "snapshot",
        "读取此内部快照（名称或编号），而不是当前状态",
    ),
    (
        "",
        "format",
        "输出格式：text（供人阅读，默认）或 json（供程序读取）",
    ),
    (
        "",
        "output",
        "写入此文件，而不是标准输出：要么完整写入，要么不写",
    ),
    (
        "scan",
        "policy",
        "内置策略的名称，或策略文件（含有点或斜杠）；默认 tencent-marketplace",
    ),
    ("scan", "image_sha256", "在报告中写入整个镜像文件的 SHA-256"),
    (
        "ls",
        "path",
        "目录或文件：p2:/path 指卷 p2；/path 指唯一的卷，有多个卷含文件时指来宾系统（含其挂载）；默认为根目录",
    ),
    (
        "ls",
        "long",
        "长格式：模式、链接数、所有者、组、大小、修改时间（UTC）、名称",
    ),
    ("ls", "recursive", "列出其下所有内容，包括挂载于其中的卷"),
    (
        "ls",
        "format",
        "输出格式：text（默认）或 json（每行一个对象）",
    ),
    (
        "cat",
        "path",
        "文件：p2:/path 指卷 p2；/path 指唯一的卷或来宾系统",
    ),
    ("cat", "stream", "读取此命名数据流（NTFS），而不是主要内容"),
    (
        "extract",
        "paths",
        "目录或文件：p2:/path 指卷 p2；/path 指唯一的卷，有多个卷含文件时指来宾系统（含其挂载）；默认逐卷提取全部",
    ),
    ("extract", "dir", "写入的文件夹；绝不写到它之外"),
    (
        "extract",
        "special_bits",
        "保留 set-user-id、set-group-id 与粘滞位",
    ),
    (
        "hash",
        "path",
        "目录或文件：p2:/path 指卷 p2；/path 指唯一的卷，有多个卷含文件时指来宾系统（含其挂载）；默认逐卷计算全部",
    ),
    (
        "extract",
        "hives",
        "不给出路径，而是提取镜像内全部注册表 hive 及其日志",
    ),
    ("reg", "image", "磁盘镜像，或单独的 hive 文件"),
    (
        "reg",
        "key",
        r"HKLM\SYSTEM\CurrentControlSet\...、HKU\用户名或 SID\...；对于 hive 文件或使用 --hive 时，从其根开始（\ 即根）",
    ),
    ("reg", "value", "只显示此值；'' 为默认值"),
    ("reg", "recursive", "显示其下所有的键"),
    (
        "reg",
        "format",
        "输出格式：text（默认）、json 或 reg（与 regedit 导出相同：5.00 版，UTF-16）",
    ),
    (
        "reg",
        "hive",
        "镜像内此文件中的 hive（/path，或 p2:/path 指卷 p2）",
    ),
    (
        "reg",
        "logs",
        "hive 文件的日志（NAME.LOG1、NAME.LOG2 或 NAME.LOG），替代其旁边的日志",
    ),
];

/// The arguments' definition with help in `lang`.
pub(crate) fn command(lang: Lang) -> Command {
    let command = Cli::command();
    match lang {
        Lang::En => command,
        Lang::Zh => chinese(command).mut_subcommands(|c| chinese(c).mut_subcommands(chinese)),
    }
}

fn chinese(command: Command) -> Command {
    let name = match command.get_name() {
        "imgscan" => String::new(),
        name => name.to_owned(),
    };
    let mut command = command
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .disable_version_flag(true)
        .help_template("{about}\n\n用法：{usage}\n\n{all-args}")
        .subcommand_help_heading("命令")
        .mut_args(|arg| {
            let heading = if arg.is_positional() {
                "参数"
            } else {
                "选项"
            };
            let id = arg.get_id().to_string();
            let of = |command: &str| {
                let found = ARGUMENTS.iter().find(|(c, a, _)| *c == command && *a == id);
                found.map(|(.., help)| *help)
            };
            let help = of(&name).or_else(|| of("")).unwrap_or_default();
            // Both stand in the Chinese text; clap would name them in English.
            let has_value = arg.get_action().takes_values();
            arg.help_heading(heading)
                .hide_possible_values(has_value)
                .hide_default_value(has_value)
                .help(help)
        })
        .arg(
            Arg::new("help")
                .short('h')
                .long("help")
                .action(ArgAction::Help)
                .help_heading("选项")
                .help("显示帮助"),
        )
        .arg(
            Arg::new("version")
                .short('V')
                .long("version")
                .action(ArgAction::Version)
                .help_heading("选项")
                .help("显示版本"),
        );
    if let Some((_, about, usage)) = COMMANDS.iter().find(|(c, ..)| *c == name) {
        command = command.about(*about).override_usage(*usage);
    }
    command
}

/// The language that `args` ask for, before they are parsed: help is an answer of parsing.
pub(crate) fn language_of(args: impl Iterator<Item = OsString>) -> Option<Lang> {
    let mut found = None;
    let mut next_is_it = false;
    for arg in args.take_while(|a| a != "--") {
        let arg = arg.to_string_lossy();
        let value = match arg.strip_prefix("--lang=") {
            Some(value) => Some(value.to_owned()),
            None if next_is_it => Some(arg.clone().into_owned()),
            None => None,
        };
        next_is_it = arg == "--lang";
        match value.as_deref() {
            Some("zh") => found = Some(Lang::Zh),
            Some("en") => found = Some(Lang::En),
            _ => {}
        }
    }
    found
}

/// A usage error in Chinese; `None` for one that is shown as it is: help among them.
pub(crate) fn usage_error(e: &clap::Error) -> Option<String> {
    let get = |kind| {
        e.get(kind)
            .map_or_else(String::new, |v| terminal(&v.to_string()))
    };
    let arg = get(ContextKind::InvalidArg);
    let text = match e.kind() {
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let value = get(ContextKind::InvalidValue);
            let valid = get(ContextKind::ValidValue);
            match (value.is_empty(), valid.is_empty()) {
                (true, _) => format!("参数 {arg} 缺少值"),
                (false, true) => format!("参数 {arg} 的值“{value}”无效"),
                (false, false) => format!("参数 {arg} 的值“{value}”无效；可用的值：{valid}"),
            }
        }
        ErrorKind::UnknownArgument => format!("未知参数 {arg}"),
        ErrorKind::InvalidSubcommand => {
            format!("未知命令 {}", get(ContextKind::InvalidSubcommand))
        }
        ErrorKind::ArgumentConflict => format!("参数 {arg} 重复，或与其他参数冲突"),
        ErrorKind::MissingRequiredArgument => format!("缺少参数 {arg}"),
        _ => return None,
    };
    Some(format!("{text}（用法见 imgscan --help --lang zh）"))
}

#[cfg(test)]
mod tests {
    use clap::builder::StyledStr;

    use super::*;

    #[test]
    fn every_command_and_argument_has_chinese_help() {
        let chinese = |text: Option<&StyledStr>, what: &str| {
            let text = text.map(ToString::to_string).unwrap_or_default();
            assert!(text.chars().any(|c| c > '\u{3000}'), "{what}: {text:?}");
        };
        let mut all = command(Lang::Zh);
        all.build();
        for command in std::iter::once(&all).chain(all.get_subcommands()) {
            chinese(command.get_about(), command.get_name());
            for arg in command.get_arguments() {
                let what = format!("{} {}", command.get_name(), arg.get_id());
                chinese(arg.get_help(), &what);
            }
        }
        for (name, arg, _) in ARGUMENTS.iter().filter(|(c, ..)| !c.is_empty()) {
            let command = all.find_subcommand(name);
            let there = command.is_some_and(|c| c.get_arguments().any(|a| a.get_id() == *arg));
            assert!(there, "{name} {arg} is no argument");
        }
    }

    #[test]
    fn the_language_is_found_before_the_arguments_are_parsed() {
        let of = |args: &[&str]| language_of(args.iter().map(OsString::from));
        assert_eq!(of(&["imgscan", "--lang", "zh", "--help"]), Some(Lang::Zh));
        assert_eq!(of(&["imgscan", "scan", "-h", "--lang=zh"]), Some(Lang::Zh));
        assert_eq!(of(&["imgscan", "--lang=en"]), Some(Lang::En));
        assert_eq!(of(&["imgscan", "--", "--lang=zh"]), None);
        assert_eq!(of(&["imgscan", "--lang"]), None);
    }
}
