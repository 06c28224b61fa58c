//! Types from a tree: what does not fit is told with its place, what was expected and what was
//! found.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, Error, Expected, IntoDeserializer as _, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;

use super::words;
use super::yaml::{MapEntry, Node, Place, Tree};
use crate::text::Text;

/// A value that does not fit its type.
#[derive(Debug)]
pub(crate) struct Mistake {
    /// Where it is.
    pub(crate) at: Option<Place>,
    /// The way to it from the value that was read, innermost first: indices into lists and maps.
    pub(crate) path: Vec<usize>,
    /// What is wrong.
    pub(crate) problem: Problem,
}

/// What is wrong with a value.
#[derive(Debug)]
pub(crate) enum Problem {
    /// The type has no such key.
    UnknownKey(String, &'static [&'static str]),
    /// The type has no such word.
    UnknownWord(String, &'static [&'static str]),
    /// A key is missing.
    Missing(&'static str),
    /// Another type: expected, found.
    Type(Text, Text),
    /// A map in place of a word: its only key, and the words of the type.
    WordAsKey(String, &'static [&'static str]),
    /// In the words of the type.
    Other(String),
}

impl Mistake {
    fn new(problem: Problem) -> Self {
        Self {
            at: None,
            path: Vec::new(),
            problem,
        }
    }

    /// At `place`, unless it is known more exactly.
    fn at(mut self, place: Place) -> Self {
        self.at.get_or_insert(place);
        self
    }

    /// In the entry or item `index`.
    fn below(mut self, index: usize) -> Self {
        self.path.push(index);
        self
    }

    /// What is wrong, with a suggestion.
    pub(crate) fn text(&self) -> Text {
        match &self.problem {
            Problem::UnknownKey(key, known) => words::unknown_key(key, known),
            Problem::UnknownWord(word, known) => words::unknown_word(word, known),
            Problem::Missing(key) => say!(policy_missing_key, key = *key),
            Problem::Type(expected, found) => {
                say!(policy_type, expected = expected, found = found)
            }
            Problem::WordAsKey(key, known) => {
                let sentence = say!(
                    policy_type,
                    expected = say!(policy_kind_text),
                    found = say!(policy_kind_map)
                );
                words::meant(sentence, key, known.iter().copied())
            }
            Problem::Other(problem) if problem.starts_with("data did not match any variant") => {
                say!(policy_no_form)
            }
            Problem::Other(problem) => Text::verbatim(problem),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for Mistake {}

impl Error for Mistake {
    fn custom<T: fmt::Display>(problem: T) -> Self {
        Self::new(Problem::Other(problem.to_string()))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(Problem::Type(wanted(&expected.to_string()), kind(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let value = match found {
            Unexpected::Str(text) => Text::verbatim(format!("`{text}`")),
            Unexpected::Signed(number) => Text::verbatim(number.to_string()),
            Unexpected::Unsigned(number) => Text::verbatim(number.to_string()),
            other => kind(other),
        };
        Self::new(Problem::Type(wanted(&expected.to_string()), value))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Problem::UnknownWord(variant.to_owned(), expected))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Problem::UnknownKey(field.to_owned(), expected))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(Problem::Missing(field))
    }
}

/// What was found, as a kind of value.
fn kind(found: Unexpected<'_>) -> Text {
    match found {
        Unexpected::Bool(_) => say!(policy_kind_bool),
        Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => {
            say!(policy_kind_number)
        }
        Unexpected::Char(_) | Unexpected::Str(_) => say!(policy_kind_text),
        Unexpected::Unit | Unexpected::Option => say!(policy_kind_nothing),
        Unexpected::Seq => say!(policy_kind_list),
        Unexpected::Map | Unexpected::Enum => say!(policy_kind_map),
        other => Text::verbatim(other.to_string()),
    }
}

/// What was expected, from how a type describes itself.
fn wanted(expected: &str) -> Text {
    let whole = [
        "i8", "i16", "i32", "i64", "isize", "u8", "u16", "u32", "u64", "usize",
    ];
    match expected {
        "a string" | "string" | "a borrowed string" | "a character" | "variant identifier" => {
            say!(policy_kind_text)
        }
        "a boolean" => say!(policy_kind_bool),
        "a sequence" => say!(policy_kind_list),
        "a map" => say!(policy_kind_map),
        "f32" | "f64" => say!(policy_kind_number),
        "a text: a string, or a map with en and zh" => say!(policy_kind_words),
        _ if whole.contains(&expected) => say!(policy_kind_number),
        _ if expected.starts_with("struct ") => say!(policy_kind_map),
        _ if expected.starts_with("enum ") => say!(policy_kind_text),
        _ => Text::verbatim(expected),
    }
}

impl<'de> Deserializer<'de> for &'de Node {
    type Error = Mistake;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match &self.value {
            Tree::Null => visitor.visit_unit(),
            Tree::Bool(value) => visitor.visit_bool(*value),
            Tree::Int(value) => visitor.visit_i64(*value),
            Tree::UInt(value) => visitor.visit_u64(*value),
            Tree::Float(value) => visitor.visit_f64(*value),
            Tree::Text(text) => visitor.visit_borrowed_str(text),
            Tree::List(items) => visitor.visit_seq(Items { items, next: 0 }),
            Tree::Map(entries) => visitor.visit_map(Entries { entries, next: 0 }),
        }
        .map_err(|e| e.at(self.at))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match &self.value {
            Tree::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        visitor.visit_newtype_struct(self)
    }

    // A struct is a map; types would take a list of its fields too.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        match &self.value {
            Tree::List(_) => {
                let problem = Problem::Type(say!(policy_kind_map), say!(policy_kind_list));
                Err(Mistake::new(problem).at(self.at))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    // The enumerations of policies are of words.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        match &self.value {
            Tree::Text(text) => {
                let text: StrDeserializer<'_, Mistake> = text.as_str().into_deserializer();
                visitor.visit_enum(text).map_err(|e| e.at(self.at))
            }
            Tree::Map(entries) if entries.len() == 1 => {
                let key = entries.first().map(|entry| entry.key.clone());
                let problem = Problem::WordAsKey(key.unwrap_or_default(), known);
                Err(Mistake::new(problem).at(self.at))
            }
            _ => {
                let found = match &self.value {
                    Tree::Null => Unexpected::Unit,
                    Tree::Bool(value) => Unexpected::Bool(*value),
                    Tree::List(_) => Unexpected::Seq,
                    Tree::Map(_) => Unexpected::Map,
                    _ => Unexpected::Float(0.0),
                };
                let problem = Problem::Type(say!(policy_kind_text), kind(found));
                Err(Mistake::new(problem).at(self.at))
            }
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier
    }
}

struct Items<'de> {
    items: &'de [Node],
    next: usize,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Mistake;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Mistake> {
        let at = self.next;
        let Some(item) = self.items.get(at) else {
            return Ok(None);
        };
        self.next = at.saturating_add(1);
        seed.deserialize(item).map(Some).map_err(|e| e.below(at))
    }
}

struct Entries<'de> {
    entries: &'de [MapEntry],
    next: usize,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Mistake;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Mistake> {
        let at = self.next;
        let Some(entry) = self.entries.get(at) else {
            return Ok(None);
        };
        self.next = at.saturating_add(1);
        let key = seed.deserialize(Key(&entry.key));
        key.map(Some).map_err(|e| e.at(entry.at).below(at))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Mistake> {
        let at = self.next.saturating_sub(1);
        match self.entries.get(at) {
            Some(entry) => seed.deserialize(&entry.value).map_err(|e| e.below(at)),
            None => Err(Mistake::custom("a value without a key")),
        }
    }
}

/// A key: text, or a number where the type wants one.
struct Key<'de>(&'de str);

macro_rules! numbers {
    ($($method:ident $visit:ident),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
            match self.0.parse() {
                Ok(number) => visitor.$visit(number),
                Err(_) => visitor.visit_borrowed_str(self.0),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Key<'de> {
    type Error = Mistake;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        visitor.visit_borrowed_str(self.0)
    }

    numbers! {
        deserialize_i8 visit_i8, deserialize_i16 visit_i16, deserialize_i32 visit_i32,
        deserialize_i64 visit_i64, deserialize_u8 visit_u8, deserialize_u16 visit_u16,
        deserialize_u32 visit_u32, deserialize_u64 visit_u64
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        let key: StrDeserializer<'_, Mistake> = self.0.into_deserializer();
        visitor.visit_enum(key)
    }

    forward_to_deserialize_any! {
        bool f32 f64 char str string bytes byte_buf option unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}
