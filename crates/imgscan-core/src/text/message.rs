//! Sentences for people: a stable code, named arguments, and both languages.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Lang;

/// A sentence in English and in Simplified Chinese, with the code and the arguments that it was
/// made of. Verbatim content (a line of a file, a path, a digest) has no code and is the same in
/// both languages; it is serialised as a plain string.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text {
    /// The stable code of the message; empty for verbatim content and for a policy's own words.
    pub code: Cow<'static, str>,
    /// The arguments by name.
    pub args: BTreeMap<Cow<'static, str>, Arg>,
    /// English.
    pub en: String,
    /// 简体中文.
    pub zh: String,
}

impl Text {
    /// Both forms of one sentence that is no message: a policy's own words.
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self {
            en: en.into(),
            zh: zh.into(),
            ..Self::default()
        }
    }

    /// Content that is the same in every language: names, paths, quoted lines, digests.
    pub fn verbatim(content: impl Into<String>) -> Self {
        let content = content.into();
        Self::new(content.clone(), content)
    }

    /// Parts one after the other, separated as each language does it (`, ` and `、`).
    #[must_use]
    pub fn list(parts: impl IntoIterator<Item = impl Into<Arg>>) -> Self {
        let parts: Vec<Arg> = parts.into_iter().map(Into::into).collect();
        let joined = Arg::List(parts);
        Self::new(joined.shown(Lang::En), joined.shown(Lang::Zh))
    }

    /// Clauses one after the other, separated as each language does it (`; ` and `；`).
    #[must_use]
    pub fn clauses(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut parts: Vec<Self> = parts.into_iter().collect();
        if parts.len() < 2 {
            return parts.pop().unwrap_or_default();
        }
        let joined = |lang, between| {
            let parts: Vec<&str> = parts.iter().map(|part| part.get(lang)).collect();
            parts.join(between)
        };
        let (en, zh) = (joined(Lang::En, "; "), joined(Lang::Zh, "；"));
        Self {
            en,
            zh,
            ..say!(ui_clauses, clauses = parts)
        }
    }

    /// The form for `lang`.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }

    /// True where there is nothing to read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.en.is_empty() && self.zh.is_empty()
    }
}

/// English.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.code.is_empty() && self.en == self.zh {
            return serializer.serialize_str(&self.en);
        }
        let mut fields = serializer.serialize_struct("Text", 4)?;
        if !self.code.is_empty() {
            fields.serialize_field("code", &self.code)?;
        }
        if !self.args.is_empty() {
            fields.serialize_field("args", &self.args)?;
        }
        fields.serialize_field("en", &self.en)?;
        fields.serialize_field("zh", &self.zh)?;
        fields.end()
    }
}

/// A string, or `en` and `zh` with `code` and `args` where it is a message.
impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text: a string, or a map with en and zh")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text::verbatim(text))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Text, A::Error> {
                #[derive(Deserialize)]
                #[serde(deny_unknown_fields, rename = "Text")]
                struct MessageFields {
                    #[serde(default)]
                    code: String,
                    #[serde(default)]
                    args: BTreeMap<String, Arg>,
                    en: String,
                    zh: String,
                }
                let whole = MessageFields::deserialize(MapAccessDeserializer::new(map))?;
                let args = whole.args.into_iter();
                Ok(Text {
                    code: whole.code.into(),
                    args: args.map(|(name, value)| (name.into(), value)).collect(),
                    en: whole.en,
                    zh: whole.zh,
                })
            }
        }
        deserializer.deserialize_any(Form)
    }
}

/// As a policy writes it: a string, or both languages.
impl JsonSchema for Text {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "description": "A sentence in both languages, or what is the same in each.",
            "anyOf": [
                { "type": "string" },
                {
                    "type": "object",
                    "properties": { "en": { "type": "string" }, "zh": { "type": "string" } },
                    "required": ["en", "zh"],
                    "additionalProperties": false
                }
            ]
        })
    }
}

/// The value of an argument.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Arg {
    /// A number: it decides singular and plural.
    Number(i64),
    /// Verbatim content, or a word that a message selects by.
    Text(String),
    /// Another message.
    Message(Box<Text>),
    /// Several, separated as each language does it.
    List(Vec<Arg>),
}

impl Arg {
    /// The value as it is shown in `lang`.
    #[must_use]
    pub fn shown(&self, lang: Lang) -> Cow<'_, str> {
        match self {
            Self::Number(number) => number.to_string().into(),
            Self::Text(text) => text.as_str().into(),
            Self::Message(text) => text.get(lang).into(),
            Self::List(parts) => {
                let parts: Vec<Cow<'_, str>> = parts.iter().map(|p| p.shown(lang)).collect();
                parts
                    .join(match lang {
                        Lang::En => ", ",
                        Lang::Zh => "、",
                    })
                    .into()
            }
        }
    }
}

impl Serialize for Arg {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Message(text) => text.serialize(serializer),
            Self::List(parts) => serializer.collect_seq(parts),
        }
    }
}

impl<'de> Deserialize<'de> for Arg {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(i64),
            Text(String),
            List(Vec<Arg>),
            Message(Text),
        }
        Ok(match Form::deserialize(deserializer)? {
            Form::Number(number) => Self::Number(number),
            Form::Text(text) => Self::Text(text),
            Form::List(parts) => Self::List(parts),
            Form::Message(text) => Self::Message(Box::new(text)),
        })
    }
}

macro_rules! numbers {
    ($($kind:ty),*) => {$(
        impl From<$kind> for Arg {
            fn from(number: $kind) -> Self {
                i64::try_from(number).map_or_else(|_| Self::Text(number.to_string()), Self::Number)
            }
        }
    )*};
}
numbers!(i32, i64, u8, u16, u32, u64, usize);

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Arg {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<Cow<'_, str>> for Arg {
    fn from(text: Cow<'_, str>) -> Self {
        Self::Text(text.into_owned())
    }
}

/// Verbatim content stays a plain string.
impl From<Text> for Arg {
    fn from(text: Text) -> Self {
        if text.code.is_empty() && text.en == text.zh {
            Self::Text(text.en)
        } else {
            Self::Message(Box::new(text))
        }
    }
}

impl From<&Text> for Arg {
    fn from(text: &Text) -> Self {
        text.clone().into()
    }
}

impl<T: Into<Arg>> From<Vec<T>> for Arg {
    fn from(parts: Vec<T>) -> Self {
        Self::List(parts.into_iter().map(Into::into).collect())
    }
}

/// A message before its arguments are known, as the build writes it from `messages/*.ftl`: one
/// string, so that thousands of them cost nothing when the program starts.
///
/// Code, names of the arguments (sorted, with commas), the English and the Chinese pattern, with
/// U+001F between them. A pattern is text with U+0001 and a digit for an argument, by its place
/// among the names; and with selections: U+0002, the digit of the argument, for each variant
/// U+0003, its key (`*`, `=word` or `#number`), U+0004 and a pattern, and U+0005 at the end.
#[derive(Debug, Clone, Copy)]
pub struct Template(&'static str);

const FIELD: char = '\u{1f}';
const ARGUMENT: char = '\u{1}';
const SELECTION: char = '\u{2}';
const VARIANT: char = '\u{3}';
const PATTERN: char = '\u{4}';
const END: char = '\u{5}';

impl Template {
    /// The message that `spec` describes.
    #[must_use]
    pub const fn new(spec: &'static str) -> Self {
        Self(spec)
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.split(FIELD).next().unwrap_or_default()
    }

    /// The sentence with `values` in the order of the arguments' names.
    #[must_use]
    pub fn fill<const N: usize>(&self, values: [Arg; N]) -> Text {
        let mut fields = self.0.split(FIELD);
        let mut field = || fields.next().unwrap_or_default();
        let (code, names) = (field(), field());
        let (en, zh) = (field(), field());
        let said = |pattern: &str, lang| {
            let mut out = String::with_capacity(pattern.len());
            write(&mut out, pattern, &values, lang);
            out
        };
        let (en, zh) = (said(en, Lang::En), said(zh, Lang::Zh));
        let names = names.split(',').map(Cow::Borrowed);
        Text {
            code: code.into(),
            args: names.zip(values).collect(),
            en,
            zh,
        }
    }
}

/// The argument whose digit `rest` begins with, and what follows.
fn argument<'p, 'v>(rest: &'p str, values: &'v [Arg]) -> (Option<&'v Arg>, &'p str) {
    let mut rest = rest.chars();
    let at = rest.next().and_then(|digit| digit.to_digit(36));
    let value = at.and_then(|at| values.get(usize::try_from(at).ok()?));
    (value, rest.as_str())
}

/// Adds `pattern`, up to the end of the variant that it is of; gives what follows.
fn write<'p>(out: &mut String, pattern: &'p str, values: &[Arg], lang: Lang) -> &'p str {
    let mut rest = pattern;
    while let Some(at) = rest.find([ARGUMENT, SELECTION, VARIANT, END]) {
        let (text, special) = rest.split_at(at);
        out.push_str(text);
        let mut special = special.chars();
        match special.next() {
            Some(ARGUMENT) => {
                let (value, behind) = argument(special.as_str(), values);
                if let Some(value) = value {
                    out.push_str(&value.shown(lang));
                }
                rest = behind;
            }
            Some(SELECTION) => {
                let (value, behind) = argument(special.as_str(), values);
                rest = select(out, behind, value, values, lang);
            }
            _ => return &rest[at..],
        }
    }
    out.push_str(rest);
    ""
}

/// Adds the first of the variants which `variants` begins with that fits `value`; gives what
/// follows the selection.
fn select<'p>(
    out: &mut String,
    variants: &'p str,
    value: Option<&Arg>,
    values: &[Arg],
    lang: Lang,
) -> &'p str {
    let mut rest = variants;
    let mut found = false;
    while let Some(variant) = rest.strip_prefix(VARIANT) {
        let (key, pattern) = variant.split_once(PATTERN).unwrap_or((variant, ""));
        rest = if !found && fits(key, value) {
            found = true;
            write(out, pattern, values, lang)
        } else {
            write(&mut String::new(), pattern, &[], lang)
        };
    }
    rest.strip_prefix(END).unwrap_or(rest)
}

/// English takes the singular for 1 alone and Chinese has none (CLDR plural rules, cardinal).
fn fits(key: &str, value: Option<&Arg>) -> bool {
    match (key, value) {
        ("*", _) => true,
        ("=one", Some(Arg::Number(number))) => *number == 1,
        (key, Some(Arg::Number(number))) => key.strip_prefix('#') == Some(&number.to_string()),
        (key, Some(Arg::Text(word))) => key.strip_prefix('=') == Some(word),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: Template = Template::new(
        "files\u{1f}count,why\u{1f}\u{2}0\u{3}#0\u{4}no file\u{3}=one\u{4}1 file\
         \u{3}*\u{4}\u{1}0 files\u{5}: \u{1}1\u{1f}\u{1}0 个文件：\u{1}1",
    );
    const NESTED: Template = Template::new(
        "nested\u{1f}kind,n\u{1f}a \u{2}0\u{3}=key\u{4}key \u{2}1\u{3}=one\u{4}one\u{3}*\u{4}\u{1}1\
         \u{5}!\u{3}*\u{4}other\u{5} end\u{1f}\u{1}1\u{1}0",
    );

    #[test]
    fn a_selection_in_a_selection_ends_where_it_ends() {
        let said = |kind: &str, n: u64| NESTED.fill([kind.into(), n.into()]);
        assert_eq!(said("key", 1).en, "a key one! end");
        assert_eq!(said("key", 7).en, "a key 7! end");
        assert_eq!(said("lock", 1).en, "a other end");
        assert_eq!(said("lock", 1).zh, "1lock");
        assert_eq!(NESTED.code(), "nested");
    }

    #[test]
    fn what_an_argument_holds_is_never_read_as_a_pattern() {
        let hostile = "\u{1}0 \u{2}0\u{3}*\u{4}x\u{5}\u{1f}{ $n }";
        let said = NESTED.fill([hostile.into(), 1_u64.into()]);
        assert_eq!(said.zh, format!("1{hostile}"));
    }

    #[test]
    fn numbers_decide_and_arguments_take_the_language() {
        let why = Text::new("gone", "缺失");
        let said = |n: u64| FILES.fill([n.into(), Arg::List(vec![why.clone().into(), "x".into()])]);
        assert_eq!(said(0).en, "no file: gone, x");
        assert_eq!(said(1).en, "1 file: gone, x");
        assert_eq!(said(2).en, "2 files: gone, x");
        assert_eq!(said(1).zh, "1 个文件：缺失、x");
    }

    /// An initramfs may have a thousand members that nothing explains.
    #[test]
    fn many_clauses_are_one_list() {
        let clause = |n: u64| FILES.fill([n.into(), "x".into()]);
        let all = Text::clauses((0..1000).map(clause));
        assert!(all.en.starts_with("no file: x; 1 file: x; 2 files: x; "));
        assert!(all.zh.starts_with("0 个文件：x；1 个文件：x；"));
        let json = serde_json::to_string(&all).unwrap();
        assert_eq!(serde_json::from_str::<Text>(&json).unwrap(), all);
        assert_eq!(Text::clauses([clause(1)]), clause(1));
        assert!(Text::clauses([]).is_empty());
    }

    #[test]
    fn a_text_survives_json() {
        let nested = FILES.fill([3.into(), Text::new("gone", "缺失").into()]);
        let all = [
            FILES.fill([2.into(), nested.into()]),
            FILES.fill([u64::MAX.into(), vec!["a", "b"].into()]),
            Text::new("own words", "自己的话"),
            Text::verbatim("nameserver 1.1.1.1"),
        ];
        for text in all {
            let json = serde_json::to_string(&text).unwrap();
            assert_eq!(serde_json::from_str::<Text>(&json).unwrap(), text, "{json}");
        }
        let json = serde_json::to_string(&Text::verbatim("x")).unwrap();
        assert_eq!(json, "\"x\"");
    }
}
