//! Options of cloudbase-init and of its log that harm nobody, and the values that each takes.
//!
//! oslo.config, `types` (`Boolean`, `Integer`, `String`) and "Option value interpolation"; oslo.log,
//! `_options.py` and `log.py`; cloudbase-init, `conf` and `utils/log.py`. A value that its type refuses raises
//! `ConfigFileValueError` where it is asked for: those of the log when the program starts.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::one_of;
use crate::policy::checks::registry::BadParameter;
use crate::policy::checks::valid;
use crate::text::Text;

/// Values of oslo.config that are a switch.
pub(super) const SWITCHES: [&str; 8] = ["true", "false", "yes", "no", "on", "off", "0", "1"];
/// Levels by which Python's logging knows them, and those that oslo.log adds.
const LEVELS: [&str; 10] = [
    "CRITICAL", "FATAL", "ERROR", "WARN", "WARNING", "INFO", "DEBUG", "NOTSET", "TRACE", "AUDIT",
];
/// The volume of the system is among the first of its disk.
const FIRST_VOLUMES: std::ops::RangeInclusive<u32> = 1..=4;

/// Options of one type that harm nobody with a value of that type.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Options {
    /// What their values are.
    is: Kind,
    /// Their names.
    names: Vec<String>,
    /// The values of a choice.
    #[serde(default)]
    choices: Vec<String>,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// True or false.
    Switch,
    /// A whole number.
    Number,
    /// Any text, or a list of texts.
    Text,
    /// One of some texts, in any case.
    Choice,
    /// A list of loggers, each with its level.
    Levels,
    /// A serial port with its rate, parity and bits.
    Port,
    /// A list of the numbers of volumes, with one of the first.
    Volumes,
    /// The folder of the log.
    Folder,
    /// The file of the log.
    File,
}

impl Options {
    pub(super) fn validate(&self, at: &str) -> Result<(), BadParameter> {
        valid::some(&format!("{at}.names"), &self.names)?;
        valid::entries(&format!("{at}.choices"), &self.choices)?;
        if (self.is == Kind::Choice) == self.choices.is_empty() {
            return Err(BadParameter::new(
                format!("{at}.choices"),
                say!(policy_bad_rule),
            ));
        }
        Ok(())
    }

    pub(super) fn holds(&self, name: &str) -> bool {
        self.names.iter().any(|n| n == name)
    }

    pub(super) fn kind(&self) -> Kind {
        self.is
    }

    /// True for a value that an option of this type takes.
    pub(super) fn takes(&self, value: &str) -> bool {
        let value = value.trim();
        let mut parts = value.split(',').map(str::trim);
        match self.is {
            Kind::Text | Kind::Folder | Kind::File => true,
            Kind::Switch => SWITCHES.iter().any(|s| s.eq_ignore_ascii_case(value)),
            Kind::Number => value.is_empty() || is_number(value),
            Kind::Choice => self.choices.iter().any(|c| c.eq_ignore_ascii_case(value)),
            Kind::Levels => {
                value.is_empty()
                    || parts.all(|pair| {
                        let level = pair.split_once('=').map_or("", |(_, level)| level.trim());
                        LEVELS.contains(&level) || is_number(level)
                    })
            }
            Kind::Port => value.is_empty() || is_port(value),
            Kind::Volumes => {
                let numbers: Option<Vec<u32>> = parts.map(|n| n.parse().ok()).collect();
                value.is_empty()
                    || numbers.is_some_and(|all| all.iter().any(|n| FIRST_VOLUMES.contains(n)))
            }
        }
    }

    /// What it takes, for people.
    pub(super) fn expected(&self) -> Text {
        match self.is {
            Kind::Switch => say!(win_cbi_002_switch),
            Kind::Number => say!(win_cbi_002_number),
            Kind::Choice => one_of(&self.choices),
            Kind::Levels => say!(win_cbi_002_levels),
            Kind::Port => say!(win_cbi_002_port),
            Kind::Volumes => say!(win_cbi_002_volumes),
            Kind::Text | Kind::Folder | Kind::File => say!(win_cbi_002_plain),
        }
    }
}

/// As `int` of Python reads it.
fn is_number(value: &str) -> bool {
    let digits = value.strip_prefix(['+', '-']).unwrap_or(value);
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    digits.split('_').all(is_part)
}

/// `COM1,115200,N,8`.
fn is_port(value: &str) -> bool {
    let parts: Vec<&str> = value.split(',').collect();
    let [port, rate, parity, bits] = parts[..] else {
        return false;
    };
    let number = port.get(3..).unwrap_or_default();
    let named = port.get(..3).is_some_and(|p| p.eq_ignore_ascii_case("COM"));
    named
        && number.parse::<u8>().is_ok()
        && rate.trim().parse::<u32>().is_ok_and(|rate| rate > 0)
        && ["N", "E", "O", "M", "S"].contains(&parity)
        && ["5", "6", "7", "8"].contains(&bits.trim())
}

/// True for a value that oslo.config puts another option into (`$name`, `${name}`); `$$` and `\$` are a `$`.
pub(super) fn is_filled(value: &str) -> bool {
    let begins = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\' | '$', Some('$')) => {
                chars.next();
            }
            ('$', Some('{')) => {
                chars.next();
                if begins(chars.peek().copied()) {
                    return true;
                }
            }
            ('$', next) if begins(next.copied()) => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_taken_as_their_types_take_them() {
        let takes = |is: Kind, value: &str| {
            let of = Options {
                is,
                names: vec!["x".into()],
                choices: vec!["interval".into(), "none".into()],
            };
            of.takes(value)
        };
        for (kind, value, taken) in [
            (Kind::Switch, "TRUE", true),
            (Kind::Switch, "maybe", false),
            (Kind::Switch, "", false),
            (Kind::Number, "", true),
            (Kind::Number, "-1_000", true),
            (Kind::Number, "many", false),
            (Kind::Number, "1.5", false),
            (Kind::Number, "_1", false),
            (Kind::Choice, "Interval", true),
            (Kind::Choice, "never", false),
            (Kind::Levels, "comtypes=INFO,suds=10", true),
            (Kind::Levels, "a=INFO,\nb=WARN", true),
            (Kind::Levels, "cloudbaseinit", false),
            (Kind::Levels, "a=info", false),
            (Kind::Port, "COM1,115200,N,8", true),
            (Kind::Port, "COM1", false),
            (Kind::Port, "COM1,115200,X,8", false),
            (Kind::Volumes, "1, 2", true),
            (Kind::Volumes, "9", false),
            (Kind::Volumes, "1,x", false),
        ] {
            assert_eq!(takes(kind, value), taken, "{kind:?} {value}");
        }
    }

    #[test]
    fn other_options_are_put_into_a_value() {
        for (value, filled) in [
            ("$state_path", true),
            ("C:/${x}/a", true),
            (r"C:\${x}\a", false),
            ("a$$b", false),
            (r"a\$b", false),
            ("$$$b", true),
            ("50$", false),
            ("$1", false),
        ] {
            assert_eq!(is_filled(value), filled, "{value}");
        }
    }
}
