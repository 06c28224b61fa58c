//! The parameters that several tests of a policy share.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Policy;
use super::checks::registry::{self, BadParameter};
use super::checks::valid;
use crate::evidence::linux::normal;
use crate::text::{Text, matches};

/// What several checks of a policy share (`params`). A check says which of it must be there.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Params {
    /// Only the agents that the guide itself names count.
    pub strict: bool,
    /// What a boot with all services looks like.
    pub full_boot: FullBoot,
    /// What arguments of the kernel do to what is proven.
    pub kernel_arguments: KernelArguments,
    /// Name servers.
    pub dns: Dns,
    /// Time servers.
    pub ntp: Ntp,
    /// Whether Windows images must be generalized by sysprep.
    pub sysprep: Generalization,
    /// Names of pinned certificates that sign parts of Windows and certified drivers.
    pub windows_anchors: Vec<String>,
    /// Roots that Windows trusts.
    pub windows_roots: WindowsRoots,
    /// File names of drivers that open the kernel to anybody.
    pub vulnerable_drivers: Vec<String>,
    /// What Windows starts by itself, and what makes a command suspect.
    pub windows_programs: WindowsPrograms,
    /// What Linux starts by itself.
    pub linux_starts: LinuxStarts,
}

/// What Linux systems start by themselves that no package brings.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LinuxStarts {
    /// Folders of the programs that the marketplace itself asks for. Nobody signs them, so that their place alone
    /// explains them.
    pub agents: Vec<String>,
}

impl LinuxStarts {
    /// True for a path in a folder of the marketplace's own programs.
    pub(super) fn is_agent(&self, path: &str) -> bool {
        self.agents.iter().any(|folder| {
            let rest = path.strip_prefix(folder.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.starts_with('/'))
        })
    }
}

impl Params {
    /// The shared parameters of `policy`.
    ///
    /// # Errors
    /// What does not fit. Of a policy that was loaded all fit.
    pub fn of(policy: &Policy) -> Result<Self, Text> {
        registry::shared(&policy.params)
    }
}

/// Arguments of the kernel by the harm that they do, `*` for any characters. The kernel takes `-`
/// and `_` in names for the same, and so do these; case makes no difference.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KernelArguments {
    /// Another program runs in place of the system's first one, or beside it: a system that boots
    /// with them is not proven (K2), and where the next boot uses them the rule is not met.
    pub redirects: Vec<String>,
    /// A protection is off on which proofs rest: not proven (K2), and a warning.
    pub weakens: Vec<String>,
    /// The rule is not met where the next boot uses them, elsewhere they are a warning. No level
    /// changes.
    pub refused: Vec<String>,
    /// A warning. No level changes.
    pub warned: Vec<String>,
    /// A warning in the entry that boots by default only: rescue entries have them.
    pub warned_by_default: Vec<String>,
    /// Allowed, whatever the other lists say: programs that may run first (`init=/sbin/init`), and
    /// what switches nothing on.
    pub allowed: Vec<String>,
    /// They change neither what boots, nor what is mounted, nor what protects the system. What
    /// is in none of the lists is not understood.
    #[serde(default)]
    pub harmless: Vec<String>,
}

/// What an argument of the kernel does to what is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentEffect {
    /// Another program runs in place of the system's first one, or beside it.
    Redirects,
    /// A protection is off.
    Weakens,
}

fn among(patterns: &[String], argument: &str) -> bool {
    patterns.iter().any(|p| matches(&normal(p), argument))
}

impl KernelArguments {
    /// What `argument` does, where it does something.
    #[must_use]
    pub fn effect(&self, argument: &str) -> Option<ArgumentEffect> {
        let argument = normal(argument);
        let effect = if among(&self.redirects, &argument) {
            ArgumentEffect::Redirects
        } else if among(&self.weakens, &argument) {
            ArgumentEffect::Weakens
        } else {
            return None;
        };
        (!among(&self.allowed, &argument)).then_some(effect)
    }

    /// True where the rule is not met if the next boot uses `argument`.
    pub(super) fn refuses(&self, argument: &str) -> bool {
        let argument = normal(argument);
        (among(&self.redirects, &argument) || among(&self.refused, &argument))
            && !among(&self.allowed, &argument)
    }

    /// True where `argument` is worth a warning; `by_default`: in the entry that boots by default.
    pub(super) fn warns(&self, argument: &str, by_default: bool) -> bool {
        let argument = normal(argument);
        let warned = among(&self.weakens, &argument)
            || among(&self.warned, &argument)
            || by_default && among(&self.warned_by_default, &argument);
        warned && !among(&self.allowed, &argument)
    }

    /// True where one of the lists tells what `argument` does.
    pub(super) fn knows(&self, argument: &str) -> bool {
        let argument = normal(argument);
        [
            &self.redirects,
            &self.weakens,
            &self.refused,
            &self.warned,
            &self.warned_by_default,
            &self.allowed,
            &self.harmless,
        ]
        .iter()
        .any(|list| among(list, &argument))
    }

    /// What the types can't say: no entry is empty, in two lists, or has white space, which no
    /// argument has.
    pub(super) fn validate(&self) -> Result<(), BadParameter> {
        let lists = [
            ("redirects", &self.redirects),
            ("weakens", &self.weakens),
            ("refused", &self.refused),
            ("warned", &self.warned),
            ("warned_by_default", &self.warned_by_default),
            ("allowed", &self.allowed),
            ("harmless", &self.harmless),
        ];
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for (name, list) in lists {
            valid::entries(name, list)?;
            for (i, entry) in list.iter().enumerate() {
                let bad = |problem| Err(BadParameter::new(format!("{name}[{i}]"), problem));
                if entry.contains(char::is_whitespace) {
                    return bad(say!(policy_bad_space, entry = entry.as_str()));
                }
                let one = normal(entry).to_lowercase();
                match seen.insert(one, name) {
                    None => {}
                    Some(other) if other == name => {
                        return bad(say!(policy_bad_duplicated, entry = entry.as_str()));
                    }
                    Some(other) => {
                        return bad(say!(policy_bad_both, entry = entry.as_str(), other = other));
                    }
                }
            }
        }
        Ok(())
    }
}

/// Roots that Windows trusts, beside those that are built in (`trust/windows-roots.tsv`).
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowsRoots {
    /// SHA-1 thumbprints, 40 hexadecimal digits.
    #[serde(default)]
    pub add: Vec<String>,
}

/// What Windows starts by itself, and what makes a command suspect. `*` stands for any characters;
/// paths may begin with `%SystemRoot%`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowsPrograms {
    /// Parts of a path: folders that everybody can write to, or that are emptied.
    pub bad_places: Vec<String>,
    /// Parts of a path: folders of users.
    pub user_places: Vec<String>,
    /// Parts of code in a command that fetch or hide what runs.
    pub script_signs: Vec<String>,
    /// Names of Windows' own programs.
    pub system_names: Vec<String>,
    /// Patterns of the folders that those are in.
    pub system_places: Vec<String>,
    /// What Windows itself sets up.
    pub defaults: Vec<WindowsDefaults>,
    /// Programs of Windows whose version resource gives them another name.
    pub renamed: Vec<RenamedProgram>,
    /// Patterns of the names of programs, without their ending, by which somebody elsewhere controls or
    /// reaches the machine: whoever signs them, they go to a person.
    #[serde(default)]
    pub remote_tools: Vec<String>,
    /// Those of them that let nobody in before they have a profile.
    #[serde(default)]
    pub profiled_tools: Vec<ProfiledTools>,
}

/// Remote tools that open nothing but the profiles that stand in their folders.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfiledTools {
    /// Patterns of their names, without the ending.
    pub tools: Vec<String>,
    /// Patterns of the paths of profiles.
    pub profiles: Vec<String>,
    /// Keys and names of registry values that say where profiles are, each with the pattern of what it is
    /// where they are in the folders above.
    pub values: Vec<(String, String, String)>,
}

/// Commands and libraries that Windows itself sets up, as it stands in its registry: what of them is
/// not there is nothing to speak of, and what a command does needs no reason. Files that they start
/// must be proven all the same.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowsDefaults {
    /// Where that is written or seen.
    pub source: String,
    /// The first build that has them; every one without it.
    #[serde(default)]
    pub from: Option<u32>,
    /// The last build that has them; every one without it.
    #[serde(default)]
    pub until: Option<u32>,
    /// Patterns of commands.
    #[serde(default)]
    pub commands: Vec<String>,
    /// Patterns of the names of libraries.
    #[serde(default)]
    pub libraries: Vec<String>,
}

impl WindowsDefaults {
    /// True where a Windows of `build` has them; of one whose build is not known that is taken to be.
    #[must_use]
    pub fn holds_for(&self, build: Option<u32>) -> bool {
        let from = build
            .zip(self.from)
            .is_none_or(|(build, from)| build >= from);
        from && build
            .zip(self.until)
            .is_none_or(|(build, until)| build <= until)
    }
}

/// A program whose version resource gives it another name than its file has.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RenamedProgram {
    /// The name of its file.
    pub file: String,
    /// Patterns of the names that its version resource gives it.
    pub original: Vec<String>,
}

/// The arguments of the kernel with which a Linux system starts all of its services.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FullBoot {
    /// Programs that may run first (`init=`).
    pub init: Vec<String>,
    /// Units of systemd that may be started (`systemd.unit=`).
    pub units: Vec<String>,
    /// Words with which fewer services start (`single`).
    pub reduced_by: Vec<String>,
}

/// Whether Windows images must be generalized by sysprep.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Generalization {
    /// They must be, and must not have been started since.
    #[default]
    Required,
    /// They must not be.
    Forbidden,
    /// Either will do, as long as every place in the image says the same.
    Any,
}

/// Name servers.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dns {
    /// Approved addresses by region.
    pub approved: BTreeMap<String, Vec<String>>,
    /// Addresses that the guide misprints.
    #[serde(default)]
    pub misprinted: Vec<String>,
    /// An image without name servers of its own gets a warning.
    #[serde(default)]
    pub require_static: bool,
}

/// Time servers.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ntp {
    /// Names of approved servers, `*` for any characters.
    pub approved: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_in_two_lists_or_twice_in_one_is_refused() {
        let path = |change: &dyn Fn(&mut KernelArguments)| {
            let text = "{redirects: [init=*], weakens: [nokaslr], refused: [], warned: [], \
                        warned_by_default: [s], allowed: []}";
            let mut arguments: KernelArguments = serde_yaml_ng::from_str(text).unwrap();
            change(&mut arguments);
            arguments.validate().err().map(|bad| bad.path)
        };
        let allowed = |entries: &[&str]| {
            let entries: Vec<String> = entries.iter().map(|e| (*e).to_owned()).collect();
            path(&|arguments| arguments.allowed.clone_from(&entries))
        };
        assert_eq!(path(&|_| {}), None);
        assert_eq!(allowed(&["init=/sbin/init"]), None);
        assert_eq!(allowed(&["x", "s"]).as_deref(), Some("allowed[1]"));
        assert_eq!(allowed(&["x", "x"]).as_deref(), Some("allowed[1]"));
        assert_eq!(allowed(&["a-b=1", "a_b=1"]).as_deref(), Some("allowed[1]"));
        assert_eq!(allowed(&["NOKASLR"]).as_deref(), Some("allowed[0]"));
        assert_eq!(allowed(&["a b"]).as_deref(), Some("allowed[0]"));
        assert_eq!(allowed(&[""]).as_deref(), Some("allowed[0]"));
    }
}
