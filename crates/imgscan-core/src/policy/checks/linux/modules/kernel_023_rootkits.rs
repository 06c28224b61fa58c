//! LNX-KERNEL-023: no trace of a known rootkit.

use schemars::JsonSchema;
use serde::Deserialize;

use super::describe::{file_name, is_proven};
use crate::evidence::Location;
use crate::evidence::linux::ModuleInfo;
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::word;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, terminal};

/// Fields of a module in which a rootkit's name may stand.
const FIELDS: [&str; 4] = ["name", "author", "description", "alias"];

/// What is known of rootkits.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Rootkits {
    /// Names in lower case, found as whole words in names and fields of modules and in commands.
    names: Vec<String>,
    /// Files that they leave.
    paths: Vec<String>,
    /// Symbols of the kernel that they need: an unproven module that takes one is a warning.
    imports: Vec<String>,
}

impl Parameters for Rootkits {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::entries("names", &self.names)?;
        valid::entries("paths", &self.paths)?;
        valid::entries("imports", &self.imports)?;
        let never = |name: &String| name.chars().any(char::is_uppercase);
        match self.names.iter().position(never) {
            Some(i) => Err(BadParameter::new(
                format!("names[{i}]"),
                say!(policy_bad_capitals),
            )),
            None => Ok(()),
        }
    }
}

impl Rootkits {
    /// The rootkit that `text` names.
    fn named(&self, text: &str) -> Option<&str> {
        let text = text.to_lowercase();
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-');
        let mut words = words.flat_map(|w| [w.to_owned(), w.replace('-', "_")]);
        let found = words.find_map(|w| self.names.iter().find(|name| **name == w));
        found.map(String::as_str)
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Rootkits) -> Outcome {
    let linux = &context.evidence.linux;
    let (modules, all) = (linux.modules(), linux.autoload());
    let mut found = Findings::with_gaps(&modules.gaps);
    found.gaps(all.gaps.iter().cloned());
    let own = modules.items.iter();
    let own = own.map(|m| (&m.at, m.fact.info.as_ref(), is_proven(&m.fact)));
    let misplaced = modules.misplaced.iter();
    let misplaced = misplaced.map(|s| (&s.at, Some(&s.fact.info), s.fact.package.is_some()));
    for (at, info, proven) in own.chain(misplaced) {
        if !proven {
            module(with, at, info, &mut found);
        }
    }
    for line in &all.items {
        let programs = line.fact.programs.iter().map(|p| file_name(&p.path));
        let mut texts = programs.chain(line.fact.module.as_deref());
        if let Some(name) = texts.find_map(|text| with.named(text)) {
            hit(&line.at, say!(lnx_kernel_023_name, name = name), &mut found);
        }
    }
    for line in &linux.start().lines {
        if let Some(name) = with.named(&line.fact.command) {
            hit(&line.at, say!(lnx_kernel_023_name, name = name), &mut found);
        }
    }
    for path in &with.paths {
        if let Some(fact) = found.read(context.evidence.files.file(path)) {
            hit(&fact.at, say!(lnx_kernel_023_file), &mut found);
        }
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(lnx_kernel_023_fail, count = count),
        Status::Unknown => say!(lnx_kernel_023_concerns, count = count),
        _ => say!(lnx_kernel_023_pass),
    })
}

/// A module that nothing proves.
fn module(with: &Rootkits, at: &Location, info: Option<&ModuleInfo>, found: &mut Findings) {
    let path = at.path.as_deref().unwrap_or_default();
    let fields = info.into_iter().flat_map(|i| &i.fields);
    let fields = fields.filter(|(key, _)| FIELDS.contains(&key.as_ref()));
    let values = fields.map(|(_, value)| value.as_str());
    let mut texts = std::iter::once(file_name(path)).chain(values);
    if let Some(name) = texts.find_map(|text| with.named(text)) {
        hit(at, say!(lnx_kernel_023_name, name = name), found);
    }
    let mut imports = info.into_iter().flat_map(|i| &i.imports);
    if let Some(symbol) = imports.find(|i| with.imports.contains(i)) {
        let note = say!(lnx_kernel_023_import, symbol = terminal(symbol));
        found.unknown(Item::at(at.clone(), note));
        found.fix(say!(
            lnx_kernel_023_fix_module,
            file = terminal(&word(path))
        ));
    }
}

fn hit(at: &Location, note: Text, found: &mut Findings) {
    found.fail(Item::at(at.clone(), note));
    found.fix(say!(
        lnx_kernel_023_fix_rebuild,
        place = terminal(&at.to_string())
    ));
}
