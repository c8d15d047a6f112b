//! JSON text of values. serde_json's own writer brings tables for fractions that weigh more than
//! this whole file, and nothing here has fractions.

use serde_json::Value;

/// Compact.
pub fn text(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value, None);
    text
}

/// With line breaks, for people.
pub fn pretty(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value, Some(0));
    text
}

fn write(out: &mut String, value: &Value, depth: Option<usize>) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(on) => out.push_str(if *on { "true" } else { "false" }),
        Value::Number(number) => {
            let whole = number.as_i64().map(|n| n.to_string()).or_else(|| number.as_u64().map(|n| n.to_string()));
            let fraction = || js_sys::Number::from(number.as_f64().unwrap_or_default()).to_string_with_radix(10);
            match whole {
                Some(whole) => out.push_str(&whole),
                None => out.push_str(&fraction().map(String::from).unwrap_or_default()),
            }
        }
        Value::String(text) => quote(out, text),
        Value::Array(items) => {
            let parts = items.iter().map(|item| (None, item));
            nest(out, ['[', ']'], items.is_empty(), parts, depth);
        }
        Value::Object(object) => {
            let parts = object.iter().map(|(name, item)| (Some(name.as_str()), item));
            nest(out, ['{', '}'], object.is_empty(), parts, depth);
        }
    }
}

fn nest<'a>(
    out: &mut String,
    [open, close]: [char; 2],
    empty: bool,
    parts: impl Iterator<Item = (Option<&'a str>, &'a Value)>,
    depth: Option<usize>,
) {
    let inner = depth.map(|depth| depth + 1);
    let line = |out: &mut String, depth: Option<usize>| {
        if let Some(depth) = depth {
            out.push('\n');
            out.extend(std::iter::repeat_n("  ", depth));
        }
    };
    out.push(open);
    for (index, (name, item)) in parts.enumerate() {
        if index > 0 {
            out.push(',');
        }
        line(out, inner);
        if let Some(name) = name {
            quote(out, name);
            out.push_str(if depth.is_some() { ": " } else { ":" });
        }
        write(out, item, inner);
    }
    if !empty {
        line(out, depth);
    }
    out.push(close);
}

fn quote(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                // All that are left are below 0x20.
                out.push_str("\\u00");
                for digit in [u32::from(c) / 16, u32::from(c) % 16] {
                    out.extend(char::from_digit(digit, 16));
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
