//! Variables and words with their values.

use super::super::script::{Part, Word};
use super::env::Value;
use super::machine::{Arg, Machine, Status};

/// The words of one command, in bytes.
const MAX_TEXT: usize = 64 * 1024;
/// Bytes, and words, that cost as much as a statement.
const WORK_BYTES: usize = 64;
const WORK_WORDS: usize = 8;

impl Machine<'_> {
    fn value(&self, name: &str) -> Value {
        let all = |params: &[Arg]| {
            let known = params.iter().all(|p| p.known);
            let texts: Vec<&str> = params.iter().map(|p| p.text.as_str()).collect();
            if known {
                Value::Known(texts.join(" "))
            } else {
                Value::Unknown
            }
        };
        match name {
            "?" => match self.last {
                Status::True => Value::Known("0".into()),
                Status::False => Value::Known("1".into()),
                Status::Undecided => Value::Unknown,
            },
            "#" => Value::Known(self.params.len().to_string()),
            "*" | "@" => all(&self.params),
            n if n.starts_with(|c: char| c.is_ascii_digit()) => {
                let at = n.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
                let found = at.and_then(|at| self.params.get(at));
                found.map_or(Value::Known(String::new()), |p| {
                    all(std::slice::from_ref(p))
                })
            }
            name => self.variables.get(name),
        }
    }

    /// The words with their variables replaced (rule 3.3b): an unquoted value is split at blanks.
    pub(super) fn expand(&self, words: &[Word]) -> Vec<Arg> {
        let mut out: Vec<Arg> = Vec::new();
        let mut total = 0_usize;
        for word in words {
            let from = out.len();
            let mut current: Option<Arg> = None;
            let mut pattern = false;
            let new = || Arg {
                text: String::new(),
                known: true,
            };
            for part in &word.parts {
                match part {
                    Part::Text { text, quoted } => {
                        current.get_or_insert_with(new).text.push_str(text);
                        pattern |= !quoted && text.contains(['*', '?']);
                    }
                    Part::Variable { name, quoted } => match self.value(name) {
                        Value::Unknown => current.get_or_insert_with(new).known = false,
                        Value::Known(value) if *quoted => {
                            current.get_or_insert_with(new).text.push_str(&value);
                        }
                        Value::Known(value) => {
                            pattern |= value.contains(['*', '?']);
                            for (i, field) in value.split_ascii_whitespace().enumerate() {
                                if i > 0 {
                                    out.extend(current.take());
                                }
                                current.get_or_insert_with(new).text.push_str(field);
                            }
                        }
                    },
                }
            }
            // Names of files may take the place of a pattern.
            if let Some(arg) = &mut current {
                arg.known &= !(pattern && arg.text.starts_with(['/', '(']));
            }
            out.extend(current);
            let new = &out[from..];
            let bytes = new.iter().map(|a| a.text.len()).sum::<usize>();
            total += bytes;
            self.world
                .spend(bytes / WORK_BYTES + new.len() / WORK_WORDS);
            if total > MAX_TEXT {
                // Longer than any loader takes.
                out.truncate(from);
                out.push(Arg {
                    text: String::new(),
                    known: false,
                });
                break;
            }
        }
        out
    }
}
