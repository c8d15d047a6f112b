//! The hardware document: what `lshw -xml` says, as a tree of nodes.

use roxmltree::{Document, Node, ParsingOptions};
use serde_json::{Map, Value as Json, json};

use super::storable;
use crate::protocol::message::MessageError;

/// Real trees are a dozen deep and have a few hundred nodes.
const MAX_DEPTH: usize = 40;
const MAX_NODES: u32 = 50_000;

const FAULT: MessageError = MessageError::Field("data");

/// Reads the document. Each node has its attributes, its texts by name, its settings and
/// capabilities, and its children.
pub(super) fn parse(xml: &str) -> Result<Json, MessageError> {
    let options = ParsingOptions { nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(xml, options).map_err(|_| FAULT)?;
    let root = document.root_element();
    // Newer versions wrap their one node in a list.
    let top =
        if root.has_tag_name("list") { root.children().find(|child| child.has_tag_name("node")) } else { Some(root) };
    node(top.unwrap_or(root), MAX_DEPTH)
}

fn node(element: Node<'_, '_>, depth: usize) -> Result<Json, MessageError> {
    let depth = depth.checked_sub(1).ok_or(FAULT)?;
    let mut members = Map::new();
    for attribute in element.attributes() {
        members.insert(storable(attribute.name()), json!(storable(attribute.value())));
    }
    let mut children = Vec::new();
    for child in element.children().filter(Node::is_element) {
        let text = || storable(child.text().unwrap_or_default().trim());
        let (name, value) = match child.tag_name().name() {
            "node" => {
                children.push(node(child, depth)?);
                continue;
            }
            name @ "configuration" => (name, by_id(child, "setting", |entry| entry.attribute("value"))),
            name @ "capabilities" => (name, by_id(child, "capability", |entry| entry.text())),
            name => (
                name,
                child
                    .attribute("units")
                    .map_or_else(|| json!(text()), |units| json!({"value": text(), "units": storable(units)})),
            ),
        };
        members.insert(storable(name), value);
    }
    members.insert("children".into(), Json::Array(children));
    Ok(Json::Object(members))
}

fn by_id<'a>(element: Node<'a, 'a>, name: &str, value: impl Fn(Node<'a, 'a>) -> Option<&'a str>) -> Json {
    let entries = element.children().filter(|child| child.has_tag_name(name));
    let pairs = entries.filter_map(|entry| {
        Some((storable(entry.attribute("id")?), json!(storable(value(entry).unwrap_or_default()))))
    });
    Json::Object(pairs.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_become_objects() {
        let xml = r#"<?xml version="1.0"?><list><node id="box" class="system"><description>Computer</description>
            <configuration><setting id="boot" value="normal"/></configuration>
            <capabilities><capability id="smp">Symmetric</capability></capabilities>
            <node id="memory" class="memory"><size units="bytes">1024</size></node></node></list>"#;
        let expected = json!({
            "id": "box", "class": "system", "description": "Computer",
            "configuration": {"boot": "normal"}, "capabilities": {"smp": "Symmetric"},
            "children": [{"id": "memory", "class": "memory", "size": {"value": "1024", "units": "bytes"}, "children": []}],
        });
        assert_eq!(parse(xml), Ok(expected));
        assert_eq!(parse("<node/>"), Ok(json!({"children": []})));
    }

    #[test]
    fn what_is_no_document_or_too_deep_is_refused() {
        let deep = format!("{}{}", "<node>".repeat(60), "</node>".repeat(60));
        let bomb = r#"<!DOCTYPE a [<!ENTITY b "x">]><a>&b;</a>"#;
        for wrong in ["", "text", "<node>", &deep, bomb] {
            assert_eq!(parse(wrong), Err(FAULT), "{wrong}");
        }
    }
}
