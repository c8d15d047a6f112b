//! The machine as its agent described it: processors, memory, network, and the tree of devices.

use binnacle_shared::model::landscape::computer::Computer;
use leptos::prelude::*;
use serde_json::Value;

use crate::api::Load;
use crate::react::memo;
use crate::shells::list::{grouped, plain};
use crate::shells::{Fact, Facts};

/// Everything that is known of the hardware.
#[component]
pub fn HardwareTab(computer: Load<Computer>) -> impl IntoView {
    // Drawn anew only when something else was reported: what is unfolded stays so.
    let known = memo(move || computer.data.with(|computer| computer.as_ref().map(Known::of)));
    move || {
        known.get().map(|known| {
            view! {
                <div class="columns">
                    {known.summary()}
                    {known.network()}
                    {known.devices()}
                </div>
            }
        })
    }
}

#[derive(Clone, PartialEq)]
struct Known {
    memory: Option<i64>,
    swap: Option<i64>,
    hardware: Value,
    devices: Vec<[String; 5]>,
}

impl Known {
    fn of(computer: &Computer) -> Self {
        let devices = computer.network_devices.clone().unwrap_or_default().into_iter();
        Self {
            memory: computer.total_memory,
            swap: computer.total_swap,
            hardware: computer.hardware.clone().unwrap_or_default(),
            devices: devices
                .map(|d| [d.interface, d.ip_address, d.netmask, d.broadcast_address, d.mac_address])
                .collect(),
        }
    }

    fn summary(&self) -> impl IntoView + use<> {
        let size = |mebibytes: Option<i64>| {
            mebibytes.map_or_else(|| "not reported yet".to_owned(), |n| format!("{} MiB", grouped(n)))
        };
        let mut facts = vec![Fact::new("Memory", size(self.memory)), Fact::new("Swap", size(self.swap))];
        let processors = self.hardware.get("processors").and_then(Value::as_array).cloned().unwrap_or_default();
        if let Some(first) = processors.first() {
            let said =
                |names: &[&str]| names.iter().find_map(|name| first.get(*name).filter(|v| !v.is_null()).map(plain));
            let model = said(&["model", "processor", "name"]).unwrap_or_default();
            facts.push(Fact::new("Processors", format!("{} × {model}", processors.len())));
            facts.extend(said(&["vendor"]).map(|vendor| Fact::new("Maker", vendor)));
            facts.extend(said(&["cache-size", "cache_size"]).map(|size| Fact::new("Cache", format!("{size} KiB"))));
        }
        for (name, label) in [("vendor", "Machine made by"), ("product", "Model"), ("serial", "Serial number")] {
            facts.extend(text(&self.hardware, name).map(|words| Fact::new(label, words)));
        }
        view! { <section class="card panel"><h2>"Machine"</h2><Facts facts=facts/></section> }
    }

    fn network(&self) -> impl IntoView + use<> {
        let rows = self.devices.iter().map(|[interface, ip, mask, broadcast, mac]| {
            let cell = |text: &String| view! { <td><code>{if text.is_empty() { "–".to_owned() } else { text.clone() }}</code></td> };
            view! { <tr><th scope="row"><code>{interface.clone()}</code></th>{cell(ip)}{cell(mask)}{cell(broadcast)}{cell(mac)}</tr> }
        });
        (!self.devices.is_empty()).then(|| view! {
            <section class="card span-all" aria-labelledby="network-title">
                <h2 id="network-title" class="panel-title">"Network"</h2>
                <div class="plain-table" tabindex="0" role="region" aria-label="Network devices">
                    <table>
                        <thead><tr>
                            <th scope="col">"Interface"</th><th scope="col">"Address"</th><th scope="col">"Net mask"</th>
                            <th scope="col">"Broadcast"</th><th scope="col">"Hardware address"</th>
                        </tr></thead>
                        <tbody>{rows.collect_view()}</tbody>
                    </table>
                </div>
            </section>
        })
    }

    fn devices(&self) -> impl IntoView + use<> {
        let top = children(&self.hardware);
        (!top.is_empty()).then(|| {
            view! {
                <section class="card panel span-all">
                    <h2>"Devices"</h2>
                    <ul class="device-tree">{top.iter().map(|node| device(node, 0)).collect_view()}</ul>
                </section>
            }
        })
    }
}

fn children(node: &Value) -> Vec<Value> {
    node.get("children").and_then(Value::as_array).cloned().unwrap_or_default()
}

fn text(node: &Value, name: &str) -> Option<String> {
    node.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A device and those behind it. The first two levels are open.
fn device(node: &Value, depth: usize) -> AnyView {
    let name = ["product", "description", "id"].iter().find_map(|name| text(node, name)).unwrap_or_default();
    let what = text(node, "description").filter(|what| *what != name);
    let place = ["logicalname", "businfo"].iter().find_map(|name| text(node, name));
    let words = view! {
        <span class="strong">{name}</span>
        {what.map(|what| view! { <span class="muted">{what}</span> })}
        {text(node, "vendor").map(|vendor| view! { <span class="muted">{vendor}</span> })}
        {place.map(|place| view! { <code class="muted">{place}</code> })}
    };
    let behind = children(node);
    if behind.is_empty() {
        return view! { <li class="leaf">{words}</li> }.into_any();
    }
    let inner = behind.iter().map(|node| device(node, depth + 1)).collect_view();
    view! { <li><details open=depth < 1><summary>{words}</summary><ul>{inner}</ul></details></li> }.into_any()
}
