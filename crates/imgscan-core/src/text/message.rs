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

/// A message before its arguments are known. The build writes these from `messages/*.ftl`.
#[derive(Debug, Clone, Copy)]
pub struct Template {
    /// The code.
    pub code: &'static str,
    /// The names of the arguments, sorted.
    pub args: &'static [&'static str],
    /// The English pattern.
    pub en: &'static [Piece],
    /// The Chinese pattern.
    pub zh: &'static [Piece],
}

/// A part of a pattern.
#[derive(Debug, Clone, Copy)]
pub enum Piece {
    /// Fixed text.
    Text(&'static str),
    /// The argument of this index.
    Arg(usize),
    /// By the argument of this index; the first variant that fits.
    Select(usize, &'static [(When, &'static [Piece])]),
}

/// When a variant fits.
#[derive(Debug, Clone, Copy)]
pub enum When {
    /// The argument is this number.
    Number(i64),
    /// The argument is this word; `one` fits the number 1.
    Word(&'static str),
    /// Always.
    Other,
}

impl Template {
    /// The sentence with `values` in the order of [`Template::args`].
    #[must_use]
    pub fn fill<const N: usize>(&self, values: [Arg; N]) -> Text {
        let said = |pattern, lang| {
            let mut out = String::new();
            write(&mut out, pattern, &values, lang);
            out
        };
        let (en, zh) = (said(self.en, Lang::En), said(self.zh, Lang::Zh));
        let names = self.args.iter().map(|name| Cow::Borrowed(*name));
        Text {
            code: self.code.into(),
            args: names.zip(values).collect(),
            en,
            zh,
        }
    }
}

fn write(out: &mut String, pattern: &[Piece], values: &[Arg], lang: Lang) {
    for piece in pattern {
        match piece {
            Piece::Text(fixed) => out.push_str(fixed),
            Piece::Arg(at) => {
                if let Some(value) = values.get(*at) {
                    out.push_str(&value.shown(lang));
                }
            }
            Piece::Select(at, variants) => {
                let value = values.get(*at);
                let fitting = variants.iter().find(|(when, _)| fits(*when, value));
                if let Some((_, pattern)) = fitting {
                    write(out, pattern, values, lang);
                }
            }
        }
    }
}

/// English takes the singular for 1 alone and Chinese has none (CLDR plural rules, cardinal).
fn fits(when: When, value: Option<&Arg>) -> bool {
    match (when, value) {
        (When::Other, _) => true,
        (When::Number(wanted), Some(Arg::Number(number))) => wanted == *number,
        (When::Word("one"), Some(Arg::Number(number))) => *number == 1,
        (When::Word(wanted), Some(Arg::Text(word))) => wanted == word,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: Template = Template {
        code: "files",
        args: &["count", "why"],
        en: &[
            Piece::Select(
                0,
                &[
                    (When::Number(0), &[Piece::Text("no file")]),
                    (When::Word("one"), &[Piece::Text("1 file")]),
                    (When::Other, &[Piece::Arg(0), Piece::Text(" files")]),
                ],
            ),
            Piece::Text(": "),
            Piece::Arg(1),
        ],
        zh: &[Piece::Arg(0), Piece::Text(" 个文件："), Piece::Arg(1)],
    };

    #[test]
    fn numbers_decide_and_arguments_take_the_language() {
        let why = Text::new("gone", "缺失");
        let said = |n: u64| FILES.fill([n.into(), Arg::List(vec![why.clone().into(), "x".into()])]);
        assert_eq!(said(0).en, "no file: gone, x");
        assert_eq!(said(1).en, "1 file: gone, x");
        assert_eq!(said(2).en, "2 files: gone, x");
        assert_eq!(said(1).zh, "1 个文件：缺失、x");
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
