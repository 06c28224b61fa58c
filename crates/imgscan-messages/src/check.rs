//! One language held against the other.

use std::collections::{BTreeMap, BTreeSet};

use crate::Faults;
use crate::model::{Message, Piece};

/// A message in both languages, with the arguments that both use.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) en: Message,
    pub(crate) zh: Message,
    pub(crate) args: Vec<String>,
}

/// Each is named by a digit of base 36.
const MAX_ARGUMENTS: usize = 36;

type Messages = BTreeMap<String, Message>;

/// Joins the languages; every message and every argument must be in both.
pub(crate) fn pair(en: Messages, mut zh: Messages) -> Result<Vec<Pair>, Faults> {
    let mut faults = Vec::new();
    let mut all = Vec::new();
    for (code, en) in en {
        let Some(zh) = zh.remove(&code) else {
            faults.push(format!("zh.ftl: {code} is missing"));
            continue;
        };
        let (here, there) = (arguments(&en.pattern), arguments(&zh.pattern));
        for name in here.difference(&there) {
            faults.push(format!("zh.ftl: {code}: argument ${name} is not used"));
        }
        for name in there.difference(&here) {
            faults.push(format!("en.ftl: {code}: argument ${name} is not used"));
        }
        let args: Vec<String> = here.into_iter().collect();
        if args.len() > MAX_ARGUMENTS {
            faults.push(format!("{code}: more than {MAX_ARGUMENTS} arguments"));
        }
        for text in fixed(&en.pattern).chain(fixed(&zh.pattern)) {
            if text.contains(|c: char| c.is_control() && c != '\n') {
                faults.push(format!("{code}: control characters are not supported"));
            }
        }
        all.push(Pair { en, zh, args });
    }
    faults.extend(zh.keys().map(|code| format!("en.ftl: {code} is missing")));
    if faults.is_empty() {
        Ok(all)
    } else {
        Err(Faults(faults))
    }
}

fn arguments(pattern: &[Piece]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for piece in pattern {
        match piece {
            Piece::Text(_) => {}
            Piece::Arg(name) => drop(all.insert(name.clone())),
            Piece::Select { by, variants } => {
                all.insert(by.clone());
                for (_, pattern) in variants {
                    all.extend(arguments(pattern));
                }
            }
        }
    }
    all
}

/// All text of `pattern` that is written as it is.
fn fixed(pattern: &[Piece]) -> Box<dyn Iterator<Item = &str> + '_> {
    Box::new(pattern.iter().flat_map(|piece| match piece {
        Piece::Text(text) => {
            Box::new(std::iter::once(text.as_str())) as Box<dyn Iterator<Item = &str>>
        }
        Piece::Arg(_) => Box::new(std::iter::empty()),
        Piece::Select { variants, .. } => {
            Box::new(variants.iter().flat_map(|(_, pattern)| fixed(pattern)))
        }
    }))
}
