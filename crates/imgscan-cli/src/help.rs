//! Help and usage errors in the user's language.

use std::ffi::OsString;

use clap::error::{ContextKind, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory as _};
use imgscan_core::text::{Lang, Text};

use crate::args::Cli;
use crate::messages;

/// The arguments' definition with help in `lang`.
pub(crate) fn command(lang: Lang) -> Command {
    described(Cli::command(), "", lang)
        // Its own help is clap's, in English.
        .disable_help_subcommand(lang != Lang::En)
}

/// `command` with its help. `name` is the one that codes of messages use: that of the command and
/// of those above it, empty for the program.
fn described(command: Command, name: &str, lang: Lang) -> Command {
    let said = |text: Text| text.get(lang).to_owned();
    let heading = |arg: &Arg| {
        said(if arg.is_positional() {
            say!(ui_arguments)
        } else {
            say!(ui_options)
        })
    };
    let help = |id: &str| {
        let text = argument_codes(name, id)
            .iter()
            .find_map(|code| messages::find(code));
        said(text.unwrap_or_default())
    };
    let own = |id: &'static str, action: ArgAction| {
        let arg = Arg::new(id).long(id).action(action);
        let heading = heading(&arg);
        arg.help_heading(heading).help(help(id))
    };
    let text = |what: &str| said(messages::find(&command_code(name, what)).unwrap_or_default());
    let usage = say!(ui_usage, usage = "{usage}");
    command
        .about(text("about"))
        .override_usage(text("usage"))
        .help_template(format!("{{about}}\n\n{}\n\n{{all-args}}", said(usage)))
        .subcommand_help_heading(said(say!(ui_commands)))
        .disable_help_flag(true)
        .disable_version_flag(true)
        .mut_args(|arg| {
            let (heading, help) = (heading(&arg), help(arg.get_id().as_str()));
            // Both are in the help.
            let has_value = arg.get_action().takes_values();
            arg.help_heading(heading)
                .hide_possible_values(has_value)
                .hide_default_value(has_value)
                .help(help)
        })
        .arg(own("help", ArgAction::Help).short('h'))
        .arg(own("version", ArgAction::Version).short('V'))
        .mut_subcommands(|command| {
            let below = match name {
                "" => command.get_name().to_owned(),
                above => format!("{above}-{}", command.get_name()),
            };
            described(command, &below, lang)
        })
}

/// The code of the message `what` of a command.
fn command_code(name: &str, what: &str) -> String {
    match name {
        "" => format!("help-imgscan-{what}"),
        name => format!("help-{name}-{what}"),
    }
}

/// The codes under which the help of an argument may be, the first that exists counts.
fn argument_codes(command: &str, id: &str) -> [String; 2] {
    let id = id.replace('_', "-");
    [format!("help-{command}-arg-{id}"), format!("help-arg-{id}")]
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

/// A usage error; `None` for what is shown as it is: help and the version.
pub(crate) fn usage_error(e: &clap::Error) -> Option<Text> {
    let get = |kind| e.get(kind).map_or_else(String::new, ToString::to_string);
    let arg = get(ContextKind::InvalidArg);
    let problem = match e.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::DisplayVersion => return None,
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let value = get(ContextKind::InvalidValue);
            let valid = get(ContextKind::ValidValue);
            match (value.is_empty(), valid.is_empty()) {
                (true, _) => say!(usage_no_value, arg = arg),
                (false, true) => say!(usage_bad_value, arg = arg, value = value),
                (false, false) => {
                    say!(usage_bad_value_of, arg = arg, value = value, valid = valid)
                }
            }
        }
        ErrorKind::UnknownArgument => say!(usage_unknown_argument, arg = arg),
        ErrorKind::InvalidSubcommand => {
            let command = get(ContextKind::InvalidSubcommand);
            say!(usage_unknown_command, command = command)
        }
        ErrorKind::MissingSubcommand => say!(usage_no_command),
        ErrorKind::ArgumentConflict => {
            let other = get(ContextKind::PriorArg);
            if other.is_empty() || other == arg {
                say!(usage_twice, arg = arg)
            } else {
                say!(usage_conflict, arg = arg, other = other)
            }
        }
        ErrorKind::MissingRequiredArgument => say!(usage_missing, arg = arg),
        ErrorKind::NoEquals
        | ErrorKind::TooManyValues
        | ErrorKind::TooFewValues
        | ErrorKind::WrongNumberOfValues => say!(usage_values, arg = arg),
        ErrorKind::InvalidUtf8 => say!(usage_not_utf8),
        _ => say!(usage_other),
    };
    let suggestions = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ];
    let suggestion = suggestions.into_iter().map(get).find(|s| !s.is_empty());
    let problem = match suggestion {
        Some(suggestion) => {
            say!(
                usage_did_you_mean,
                problem = problem,
                suggestion = suggestion
            )
        }
        None => problem,
    };
    Some(say!(usage_see_help, problem = problem))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Checks the help of `command` and of those below it, and gives the codes that it uses.
    fn codes(command: &Command, name: &str) -> BTreeSet<String> {
        let mut used = BTreeSet::new();
        for what in ["about", "usage"] {
            let code = command_code(name, what);
            assert!(messages::find(&code).is_some(), "{code}");
            used.insert(code);
        }
        for arg in command.get_arguments() {
            let all = argument_codes(name, arg.get_id().as_str());
            let found = all.iter().find(|code| messages::find(code).is_some());
            used.insert(found.unwrap_or_else(|| panic!("{}", all[0])).clone());
        }
        for below in command.get_subcommands() {
            let name = match name {
                "" => below.get_name().to_owned(),
                above => format!("{above}-{}", below.get_name()),
            };
            used.extend(codes(below, &name));
        }
        used
    }

    #[test]
    fn every_command_and_argument_has_help_and_no_help_is_left_over() {
        for lang in [Lang::En, Lang::Zh] {
            let used = codes(&command(lang), "");
            let all = messages::BY_CODE.iter().map(|m| m.code().to_owned());
            assert_eq!(used, all.collect());
        }
    }

    #[test]
    fn help_is_shown_in_the_language_that_was_asked_for() {
        for (lang, word) in [(Lang::En, "Usage: imgscan"), (Lang::Zh, "用法：imgscan")] {
            let mut all = command(lang);
            all.build();
            let mut todo = vec![all];
            while let Some(mut command) = todo.pop() {
                let shown = command.render_long_help().to_string();
                if command.get_name() != "help" {
                    assert!(shown.contains(word), "{shown}");
                    todo.extend(command.get_subcommands().cloned());
                }
            }
        }
    }

    #[test]
    fn usage_errors_name_what_is_wrong_and_what_may_be_meant() {
        let said = |args: &[&str]| {
            let e = command(Lang::En).try_get_matches_from(args).unwrap_err();
            usage_error(&e).unwrap_or_default().en
        };
        for (args, words) in [
            (
                &["imgscan", "scna", "a"][..],
                "unknown command scna; did you mean scan?",
            ),
            (
                &["imgscan", "scan", "a", "--polcy", "x"],
                "did you mean --policy?",
            ),
            (&["imgscan", "scan"], "missing argument <IMAGE>"),
            (&["imgscan", "scan", "a", "-f", "pdf"], "one of: text, json"),
            (&["imgscan", "scan", "a", "-f"], "needs a value"),
            (
                &["imgscan", "scan", "a", "-f", "text", "-f", "json"],
                "more than once",
            ),
            (
                &["imgscan", "reg", "a", "k", "-v", "x", "-r"],
                "can't be used together with",
            ),
        ] {
            let text = said(args);
            assert!(text.contains(words), "{text}");
            assert!(text.ends_with(" (see imgscan --help)"), "{text}");
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
