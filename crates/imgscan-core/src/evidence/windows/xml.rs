//! XML files of Windows: task definitions, answer files, group policy preferences.

use memchr::memmem;
use roxmltree::{Document, Node, ParsingOptions};

use crate::error::{Error, Layer, Result};

/// Elements, attributes and texts of one file.
const MAX_NODES: u32 = 200_000;

/// Attributes of one element, and declarations of name spaces in one file: the parser compares each with all before.
const MAX_ATTRIBUTES: usize = 256;
const MAX_SPACES: usize = 2_000;

/// Elements inside each other: each is told with those that it is in.
const MAX_DEPTH: usize = 256;

/// The text of a file that is UTF-8 or, by its mark or its first character, UTF-16.
pub(super) fn decode(bytes: &[u8]) -> String {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.as_chunks::<2>().0.iter();
        let units: Vec<u16> = units.map(|u| unit(*u)).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        [b'<', 0, ..] => wide(bytes, u16::from_le_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => crate::text::lossless(rest),
        _ => crate::text::lossless(bytes),
    }
}

/// Reads `text`. A document type, by which texts could grow, is refused.
pub(super) fn parse(text: &str) -> Result<Document<'_>> {
    let options = ParsingOptions {
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    let text = text.trim_start_matches(['\u{FEFF}', '\0', ' ', '\r', '\n', '\t']);
    if let Some((at, most, kind)) = beyond_bounds(text) {
        let what = say!(error_too_many, most = most, what = kind);
        return Err(Error::limit(Layer::Guest, Some(at), what));
    }
    Document::parse_with_options(text, options)
        .map_err(|e| Error::corrupt(Layer::Guest, None, say!(error_xml, line = e.pos().row)))
}

/// Where `text` has more attributes in a tag, declarations of name spaces, or elements inside each other than are read:
/// in bytes from its beginning, how many are read, and of what.
fn beyond_bounds(text: &str) -> Option<(u64, usize, &'static str)> {
    const APART: [(&[u8], &[u8]); 3] = [(b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>")];
    let bytes = text.as_bytes();
    let (mut quote, mut inside, mut values, mut spaces) = (None, false, 0_usize, 0_usize);
    let (mut depth, mut last) = (0_usize, 0_u8);
    let mut at = 0_usize;
    while let Some(byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or_default();
        match (quote, byte) {
            (Some(mark), _) if *byte == mark => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') if inside => {
                quote = Some(*byte);
                values = values.saturating_add(1);
            }
            (None, b'<') => {
                let apart = APART.iter().find(|(begin, _)| rest.starts_with(begin));
                if let Some((_, end)) = apart {
                    // Without its end the parser refuses it.
                    let len = memmem::find(rest, end)?;
                    at = at.saturating_add(len).saturating_add(end.len());
                    continue;
                }
                (inside, values) = (true, 0);
                depth = match rest.get(1) {
                    Some(b'/') => depth.saturating_sub(1),
                    _ => depth.saturating_add(1),
                };
            }
            (None, b'>') if inside => {
                inside = false;
                depth = depth.saturating_sub(usize::from(last == b'/'));
            }
            (None, b'x') if inside && rest.starts_with(b"xmlns") => {
                spaces = spaces.saturating_add(1)
            }
            _ => {}
        }
        let bounds = [
            (values, MAX_ATTRIBUTES, "attributes"),
            (spaces, MAX_SPACES, "attributes"),
            (depth, MAX_DEPTH, "levels"),
        ];
        if let Some((_, most, kind)) = bounds.into_iter().find(|(count, most, _)| count > most) {
            return Some((at as u64, most, kind));
        }
        last = *byte;
        at = at.saturating_add(1);
    }
    None
}

/// Where the lines of a document begin.
pub(super) struct Lines(Vec<usize>);

impl Lines {
    pub(super) fn of(document: &Document<'_>) -> Self {
        Self(memchr::memchr_iter(b'\n', document.input_text().as_bytes()).collect())
    }

    /// The line on which `node` begins, from 1.
    pub(super) fn line(&self, node: Node<'_, '_>) -> usize {
        let begin = node.range().start;
        self.0.partition_point(|end| *end < begin).saturating_add(1)
    }
}

/// The first element that the names lead to from `node`, without regard to name spaces.
pub(super) fn find<'a, 'i>(node: Node<'a, 'i>, path: &[&str]) -> Option<Node<'a, 'i>> {
    let mut here = node;
    for name in path {
        here = here
            .children()
            .find(|n| n.is_element() && n.tag_name().name() == *name)?;
    }
    Some(here)
}

/// All the text directly in `node`, without white space around it.
pub(super) fn text(node: Node<'_, '_>) -> String {
    let texts = node.children().filter(Node::is_text);
    let all: String = texts.filter_map(|t| t.text()).collect();
    all.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Lines, parse};
    use crate::Kind;

    #[test]
    fn what_a_parser_compares_with_all_before_has_an_end() {
        let attributes = |count: usize| {
            let all: String = (0..count).map(|n| format!(" a{n}=\"b\"")).collect();
            parse(&format!("<a{all}/>")).map_err(|e| e.kind).err()
        };
        assert_eq!(attributes(200), None);
        assert_eq!(attributes(250_000), Some(Kind::Limit));
        let spaces = "<b xmlns:n='u'/>".repeat(60_000);
        let spaces = parse(&format!("<a>{spaces}</a>")).map_err(|e| e.kind).err();
        assert_eq!(spaces, Some(Kind::Limit));
        let nested = |depth: usize| {
            let nested = "<b><c d='>'/>".repeat(depth) + &"</b>".repeat(depth);
            parse(&nested).map_err(|e| e.kind).err()
        };
        assert_eq!(nested(200), None);
        assert_eq!(nested(60_000), Some(Kind::Limit));
        // Marks in texts and comments are none.
        let text = "<a><!-- it's -->".to_owned() + &"it's \"so\" ".repeat(1_000) + "</a>";
        assert!(parse(&text).is_ok());
    }

    #[test]
    fn lines_are_those_of_the_parser() {
        let text = "<a>\n<b/>\n\n<c>\n<d/></c></a>";
        let document = parse(text).expect("XML");
        let lines = Lines::of(&document);
        let elements = document.descendants().filter(|n| n.is_element());
        let told: Vec<usize> = elements.map(|n| lines.line(n)).collect();
        assert_eq!(told, [1, 2, 4, 5]);
    }
}
