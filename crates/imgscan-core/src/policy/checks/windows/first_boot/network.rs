//! Commands of netsh about the protocols of the network: how packets are cut and resent, tunnels of IPv6, and
//! the ports that programs get. Where packets go to and who answers for names is not among them.
//!
//! Microsoft, "netsh interface" (Windows Commands).

use super::Command;

/// What a parameter may be.
enum Values {
    /// Any word of letters, digits and hyphens.
    Any,
    /// One of these.
    One(&'static [&'static str]),
    /// A number from one to the other.
    Number(u32, u32),
}

/// Settings of a protocol: its names, the object behind `set`, its parameters in the order in which they may
/// stand without their names.
type Setting = (
    &'static [&'static str],
    &'static [&'static str],
    &'static [(&'static str, Values)],
);

const IP: &[&str] = &["ip", "ipv4", "ipv6"];
const STORE: (&str, Values) = ("store", Values::One(&["active", "persistent"]));
const STATES: Values = Values::One(&["default", "disabled", "enabled"]);
const SETTINGS: &[Setting] = &[
    (
        &["tcp"],
        &["global", "supplemental", "heuristics"],
        &[("*", Values::Any)],
    ),
    (
        IP,
        &["subinterface"],
        &[
            ("interface", Values::Any),
            ("mtu", Values::Number(576, 65_535)),
            STORE,
        ],
    ),
    (
        IP,
        &["dynamicport", "dynamicportrange"],
        &[
            ("protocol", Values::One(&["tcp", "udp"])),
            ("start", Values::Number(1025, 65_535)),
            ("num", Values::Number(255, 64_511)),
            STORE,
        ],
    ),
    (
        IP,
        &["global"],
        &[
            ("taskoffload", STATES),
            ("neighborcachelimit", Values::Number(0, u32::MAX)),
            ("reassemblylimit", Values::Number(0, u32::MAX)),
            STORE,
        ],
    ),
    // A server that is not named is that of Windows.
    (
        &["teredo"],
        &["state"],
        &[(
            "type",
            Values::One(&["client", "default", "disabled", "enterpriseclient"]),
        )],
    ),
    (&["6to4", "isatap"], &["state"], &[("state", STATES)]),
];

/// True for a command that sets nothing else.
pub(super) fn is_harmless(it: &Command<'_>) -> bool {
    let words: Vec<&str> = it.rest(1).iter().map(String::as_str).collect();
    let ["int" | "interface", of, "set", object, given @ ..] = &words[..] else {
        return false;
    };
    let mut settings = SETTINGS.iter();
    settings.any(|(protocols, objects, parameters)| {
        protocols.contains(of) && objects.contains(object) && all_known(parameters, given)
    })
}

/// True where each word of `given` is a parameter with a value that it may have.
fn all_known(parameters: &[(&str, Values)], given: &[&str]) -> bool {
    let fits = |(at, word): (usize, &&str)| {
        let (named, value) = match word.split_once('=') {
            Some((name, value)) => {
                let known = parameters.iter().find(|(p, _)| *p == "*" || names(name, p));
                (known, value)
            }
            None => (
                parameters
                    .get(at)
                    .or(parameters.first().filter(|p| p.0 == "*")),
                *word,
            ),
        };
        named.is_some_and(|(_, values)| values.hold(value))
    };
    !given.is_empty() && given.iter().enumerate().all(fits)
}

/// True where `name` stands for the parameter.
fn names(name: &str, parameter: &str) -> bool {
    const OTHERS: [(&str, &str); 4] = [
        ("startport", "start"),
        ("numberofports", "num"),
        ("name", "interface"),
        ("state", "type"),
    ];
    name == parameter || OTHERS.contains(&(name, parameter))
}

impl Values {
    fn hold(&self, value: &str) -> bool {
        let plain = |c: char| c.is_alphanumeric() || " -_()#.".contains(c);
        match self {
            Self::Any => !value.is_empty() && value.chars().all(plain),
            Self::One(values) => values.contains(&value),
            Self::Number(from, to) => value.parse().is_ok_and(|n: u32| (*from..=*to).contains(&n)),
        }
    }
}
