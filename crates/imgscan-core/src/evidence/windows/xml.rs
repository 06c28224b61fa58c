//! XML files of Windows: task definitions, answer files, group policy preferences.

use roxmltree::{Document, Node, ParsingOptions};

use crate::error::{Error, Layer, Result};

/// Elements, attributes and texts of one file.
const MAX_NODES: u32 = 200_000;

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
    Document::parse_with_options(text, options)
        .map_err(|e| Error::corrupt(Layer::Guest, None, say!(error_xml, line = e.pos().row)))
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
