//! A computer's hardware by what it is for, out of the tree that its agent reported.

use serde_json::{Map, Value, json};

/// What stands where nothing is known.
const UNKNOWN: &str = "Not available";

/// The members of the document: the class of a device in the tree decides where it goes.
pub fn grouped(tree: Option<&Value>, total_memory: Option<i64>) -> Value {
    let mut devices = Vec::new();
    if let Some(tree) = tree {
        collect(tree, &mut devices);
    }
    let of_class = |class: &str| -> Vec<Value> {
        let these = devices.iter().filter(|device| text(device, "class") == Some(class));
        these.map(|device| describe(device)).collect()
    };
    let on_bus = |bus: &str| -> Vec<Value> {
        let these = devices.iter().filter(|device| text(device, "businfo").is_some_and(|at| at.starts_with(bus)));
        these.map(|device| describe(device)).collect()
    };
    let one = |class: &str| of_class(class).into_iter().next().unwrap_or_else(|| describe(&Value::Null));
    let or_unknown = |list: Vec<Value>| if list.is_empty() { json!(UNKNOWN) } else { Value::Array(list) };
    json!({
        "cpu": of_class("processor"),
        "display": one("display"),
        "memory": {"size": total_memory.map_or_else(|| json!(UNKNOWN), |size| json!(format!("{size} MiB")))},
        "multimedia": one("multimedia"),
        "network": or_unknown(of_class("network")),
        "pci": on_bus("pci@"),
        "scsi": on_bus("scsi@"),
        "storage": or_unknown(of_class("disk")),
        "system": one("system"),
        "usb": on_bus("usb@"),
    })
}

fn collect<'a>(device: &'a Value, into: &mut Vec<&'a Value>) {
    into.push(device);
    for child in device.get("children").and_then(Value::as_array).into_iter().flatten() {
        collect(child, into);
    }
}

fn text<'a>(device: &'a Value, member: &str) -> Option<&'a str> {
    device.get(member).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The members of a device that say something by themselves. Two are always there.
fn describe(device: &Value) -> Value {
    let mut fields = Map::new();
    fields.insert("model".into(), json!(text(device, "product").unwrap_or(UNKNOWN)));
    fields.insert("vendor".into(), json!(text(device, "vendor").unwrap_or(UNKNOWN)));
    for member in ["id", "description", "businfo", "logicalname", "serial", "version", "size", "capacity", "clock"] {
        if let Some(value) = device.get(member).filter(|value| value.is_string() || value.is_number()) {
            fields.insert(member.into(), value.clone());
        }
    }
    Value::Object(fields)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::grouped;

    #[test]
    fn devices_go_where_their_class_and_bus_say() {
        let tree = json!({
            "id": "host", "class": "system", "product": "Rack 4", "vendor": "Acme",
            "children": [
                {"id": "cpu", "class": "processor", "product": "i7", "children": []},
                {"id": "nic", "class": "network", "businfo": "pci@0000:00:1f.6", "logicalname": "eth0", "children": []},
            ],
        });
        let groups = grouped(Some(&tree), Some(2048));
        assert_eq!(groups["cpu"], json!([{"model": "i7", "vendor": "Not available", "id": "cpu"}]));
        assert_eq!(groups["pci"][0]["logicalname"], "eth0");
        assert_eq!((&groups["system"]["model"], &groups["memory"]["size"]), (&json!("Rack 4"), &json!("2048 MiB")));
        assert_eq!(groups["storage"], "Not available");
        let nothing = grouped(None, None);
        assert_eq!((&nothing["network"], &nothing["cpu"]), (&json!("Not available"), &json!([])));
    }
}
