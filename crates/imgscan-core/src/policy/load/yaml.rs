//! YAML as a tree in which every key and value knows its place.

use std::collections::{BTreeMap, BTreeSet};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use super::{Found, syntax};

/// The most keys and values of a file, with what its aliases repeat.
const MAX_NODES: usize = 100_000;

/// The most lists and maps inside each other.
const MAX_DEPTH: usize = 32;

/// A place in one of the files that are loaded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Which file, in the order of loading.
    pub(crate) file: usize,
    /// The line, from 1.
    pub(crate) line: usize,
    /// The column in characters, from 1.
    pub(crate) column: usize,
}

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) at: Place,
    pub(crate) value: Tree,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<MapEntry>),
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MapEntry {
    pub(crate) key: String,
    pub(crate) at: Place,
    pub(crate) value: Node,
}

impl Node {
    /// The entries of a map; none of anything else.
    pub(crate) fn entries(&self) -> &[MapEntry] {
        match &self.value {
            Tree::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none of anything else.
    pub(crate) fn items(&self) -> &[Node] {
        match &self.value {
            Tree::List(items) => items,
            _ => &[],
        }
    }

    /// The text, where it is one.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.value {
            Tree::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value of `key`.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let entry = self.entries().iter().find(|entry| entry.key == key)?;
        Some(&entry.value)
    }

    /// The value below `path` (`families[1].roots`), or as much of the way as there is.
    pub(crate) fn find(&self, path: &str) -> &Self {
        let mut node = self;
        for step in path.split(['.', '[']).filter(|step| !step.is_empty()) {
            let next = match step.strip_suffix(']') {
                Some(index) => index.parse().ok().and_then(|i: usize| node.items().get(i)),
                None => node.get(step),
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        node
    }

    /// The scalar as it is compared and shown; `None` for lists and maps.
    pub(crate) fn scalar(&self) -> Option<String> {
        match &self.value {
            Tree::Null => Some("null".to_owned()),
            Tree::Bool(value) => Some(value.to_string()),
            Tree::Int(value) => Some(value.to_string()),
            Tree::UInt(value) => Some(value.to_string()),
            Tree::Float(value) => Some(value.to_string()),
            Tree::Text(value) => Some(value.clone()),
            Tree::List(_) | Tree::Map(_) => None,
        }
    }

    /// How many values it has with itself, and how many lists and maps are inside each other.
    fn measure(&self) -> (usize, usize) {
        let below: Vec<(usize, usize)> = match &self.value {
            Tree::List(items) => items.iter().map(Self::measure).collect(),
            Tree::Map(entries) => entries.iter().map(|e| e.value.measure()).collect(),
            _ => return (1, 0),
        };
        let deepest = below.iter().map(|b| b.1).max().unwrap_or(0);
        let nodes = below.iter().map(|b| b.0).fold(1, usize::saturating_add);
        (nodes, deepest.saturating_add(1))
    }
}

/// Parameters that come from no file.
impl From<&serde_json::Value> for Node {
    fn from(value: &serde_json::Value) -> Self {
        use serde_json::Value;
        let value = match value {
            Value::Null => Tree::Null,
            Value::Bool(value) => Tree::Bool(*value),
            Value::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(value), _) => Tree::Int(value),
                (None, Some(value)) => Tree::UInt(value),
                (None, None) => Tree::Float(number.as_f64().unwrap_or_default()),
            },
            Value::String(text) => Tree::Text(text.clone()),
            Value::Array(items) => Tree::List(items.iter().map(Self::from).collect()),
            Value::Object(map) => return Self::from(map),
        };
        let at = Place::default();
        Self { at, value }
    }
}

/// Parameters that come from no file.
impl From<&serde_json::Map<String, serde_json::Value>> for Node {
    fn from(map: &serde_json::Map<String, serde_json::Value>) -> Self {
        let at = Place::default();
        let entry = |(key, value): (&String, &serde_json::Value)| MapEntry {
            key: key.clone(),
            at,
            value: Self::from(value),
        };
        Self {
            at,
            value: Tree::Map(map.iter().map(entry).collect()),
        }
    }
}

/// A list or map that is being read.
struct Open {
    node: Node,
    anchor: usize,
    key: Option<(String, Place)>,
    seen: BTreeMap<String, usize>,
}

/// The tree of `text`, the file `file` of those that are loaded; `None` where it can't be read
/// any further. What is wrong is added to `found`.
pub(super) fn parse(text: &str, file: usize, found: &mut Vec<Found>) -> Option<Node> {
    let mut reading = Reading {
        file,
        open: Vec::new(),
        anchors: BTreeMap::new(),
        unsupported: BTreeSet::new(),
        nodes: 0,
        root: None,
    };
    for event in Parser::new_from_str(text) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(e) => {
                let problem = syntax::problem(e.info());
                found.push((reading.place(e.marker()), problem));
                return None;
            }
        };
        let place = reading.place(&span.start);
        if let Err(problem) = reading.event(event, place, found) {
            found.push((place, problem));
            return None;
        }
    }
    if reading.root.is_none() && found.is_empty() {
        let place = Place {
            file,
            line: 1,
            column: 1,
        };
        found.push((place, say!(policy_empty)));
    }
    reading.root
}

struct Reading {
    file: usize,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Node>,
    /// Lines of which a tag was told already.
    unsupported: BTreeSet<usize>,
    nodes: usize,
    root: Option<Node>,
}

impl Reading {
    fn place(&self, mark: &Marker) -> Place {
        Place {
            file: self.file,
            line: mark.line(),
            column: mark.col().saturating_add(1),
        }
    }

    /// Takes what the parser says.
    fn event(
        &mut self,
        event: Event<'_>,
        at: Place,
        found: &mut Vec<Found>,
    ) -> Result<(), crate::text::Text> {
        let (Event::Scalar(.., ref tag)
        | Event::SequenceStart(_, ref tag)
        | Event::MappingStart(_, ref tag)) = event
        else {
            return self.rest(event, found);
        };
        if tag.is_some() && self.unsupported.insert(at.line) {
            found.push((at, say!(policy_tag)));
        }
        match event {
            Event::Scalar(text, style, anchor, _) => {
                if let Some(Open {
                    node:
                        Node {
                            value: Tree::Map(_),
                            ..
                        },
                    key: key @ None,
                    ..
                }) = self.open.last_mut()
                {
                    *key = Some((text.into_owned(), at));
                    return Ok(());
                }
                let value = match style {
                    ScalarStyle::Plain => plain(&text),
                    _ => Tree::Text(text.into_owned()),
                };
                self.done(Node { at, value }, anchor, found)
            }
            Event::SequenceStart(anchor, _) => self.begin(Tree::List(Vec::new()), anchor, at),
            Event::MappingStart(anchor, _) => self.begin(Tree::Map(Vec::new()), anchor, at),
            _ => Ok(()),
        }
    }

    /// What begins nothing.
    fn rest(&mut self, event: Event<'_>, found: &mut Vec<Found>) -> Result<(), crate::text::Text> {
        match event {
            Event::DocumentStart(_) if self.root.is_some() => Err(say!(policy_documents)),
            Event::Alias(id) => {
                let node = match self.anchors.get(&id) {
                    Some(node) => node,
                    None => return Err(say!(policy_alias)),
                };
                let (nodes, depth) = node.measure();
                self.nodes = self.nodes.saturating_add(nodes);
                if self.nodes > MAX_NODES || self.open.len().saturating_add(depth) > MAX_DEPTH {
                    return Err(too_large());
                }
                let node = node.clone();
                self.done(node, 0, found)
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(open) => self.done(open.node, open.anchor, found),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn begin(&mut self, value: Tree, anchor: usize, at: Place) -> Result<(), crate::text::Text> {
        let in_key = self
            .open
            .last()
            .is_some_and(|o| matches!(o.node.value, Tree::Map(_)) && o.key.is_none());
        if in_key {
            return Err(say!(policy_key_form));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(too_large());
        }
        self.open.push(Open {
            node: Node { at, value },
            anchor,
            key: None,
            seen: BTreeMap::new(),
        });
        Ok(())
    }

    /// A value is read whole: it goes where it belongs.
    fn done(
        &mut self,
        node: Node,
        anchor: usize,
        found: &mut Vec<Found>,
    ) -> Result<(), crate::text::Text> {
        self.nodes = self.nodes.saturating_add(1);
        if self.nodes > MAX_NODES {
            return Err(too_large());
        }
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.node.value {
            Tree::List(items) => items.push(node),
            Tree::Map(entries) => {
                let Some((key, at)) = open.key.take() else {
                    return Err(say!(policy_key_form));
                };
                match open.seen.get(&key) {
                    Some(line) => {
                        let problem = say!(policy_duplicate_key, key = key, line = *line);
                        found.push((at, problem));
                    }
                    None => {
                        open.seen.insert(key.clone(), at.line);
                        entries.push(MapEntry {
                            key,
                            at,
                            value: node,
                        });
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn too_large() -> crate::text::Text {
    say!(policy_too_large, nodes = MAX_NODES, depth = MAX_DEPTH)
}

/// A plain scalar by the core schema of YAML 1.2. A number with leading zeros is text.
fn plain(text: &str) -> Tree {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Tree::Null,
        "true" | "True" | "TRUE" => return Tree::Bool(true),
        "false" | "False" | "FALSE" => return Tree::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let radix = |prefix: &str, radix| {
        let digits = text.strip_prefix(prefix)?;
        u64::from_str_radix(digits, radix).ok().map(Tree::UInt)
    };
    if let Some(value) = radix("0x", 16).or_else(|| radix("0o", 8)) {
        return value;
    }
    let begins = digits.trim_start_matches('.');
    if !begins.starts_with(|c: char| c.is_ascii_digit())
        || digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.")
    {
        return Tree::Text(text.to_owned());
    }
    let plain = text.strip_prefix('+').unwrap_or(text);
    if let Ok(value) = plain.parse() {
        return Tree::Int(value);
    }
    if let Ok(value) = plain.parse() {
        return Tree::UInt(value);
    }
    let number = digits
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '-' | '+'));
    match plain.parse::<f64>() {
        Ok(value) if number && value.is_finite() => Tree::Float(value),
        _ => Tree::Text(text.to_owned()),
    }
}
