//! The manager itself: how it does, its settings, its maintenance mode, its license.

use gloo_net::http::Method;
use leptos::html;
use leptos::prelude::*;
use serde_json::{Map, Value, json};
use wasm_bindgen_futures::JsFuture;

use super::common::{flag, hands, may, text};
use crate::api::{ApiError, Load, conductor, use_load};
use crate::components::{Ask, AskInput, Empty, Failed, Note, SkeletonRows, Status, Tone};
use crate::icons::{Glyph, Icon};
use crate::shells::detail::use_tab;
use crate::shells::list::{draw, plain};
use crate::shells::{Detail, Fact, Facts, Tab};
use binnacle_shared::field::Widget;

/// `/system`
#[component]
pub fn SystemPage() -> impl IntoView {
    let tab = use_tab("status");
    let body = move || match tab.get().as_str() {
        "configuration" => view! { <Configuration/> }.into_any(),
        "maintenance" => view! { <Maintenance/> }.into_any(),
        "license" => view! { <License/> }.into_any(),
        _ => view! { <Health/> }.into_any(),
    };
    let mut tabs = vec![Tab::new("status", "Status")];
    for (need, name, label) in [
        ("manager_config_get", "configuration", "Configuration"),
        ("maintenance_mode_get", "maintenance", "Maintenance mode"),
        ("license_list", "license", "License"),
    ] {
        if untrack(|| may(need)) {
            tabs.push(Tab::new(name, label));
        }
    }
    view! {
        <Detail crumb=("Computers", crate::paths::HOME.to_owned()) title="System" tabs=Signal::stored(tabs)>{body}</Detail>
    }
}

/// Draws what was loaded.
fn loaded(what: &'static str, load: Load<Value>, draw: impl Fn(Value) -> AnyView + Send + Sync + 'static) -> AnyView {
    let view = move || match (load.data.get(), load.error.get()) {
        (_, Some(error)) => {
            view! { <Failed title=format!("{what} could not be loaded") error=error retry=move |()| load.reload()/> }
                .into_any()
        }
        (Some(value), None) => draw(value),
        (None, None) => load.slow.get().then(|| view! { <SkeletonRows rows=5/> }).into_any(),
    };
    view.into_any()
}

fn members(value: &Value, name: &str) -> Map<String, Value> {
    value.get(name).and_then(Value::as_object).cloned().unwrap_or_default()
}

fn tone_of(word: &str) -> Tone {
    match word {
        "OK" | "Active" => Tone::Ok,
        "Degraded" => Tone::Wait,
        "Fail" | "Inactive" => Tone::Bad,
        _ => Tone::Off,
    }
}

fn state(word: String) -> AnyView {
    let tone = tone_of(&word);
    view! { <Status tone=tone word=word/> }.into_any()
}

#[component]
fn Health() -> impl IntoView {
    let status = use_load(|| Some(()), |()| async { conductor::get::<Value>("status").await });
    let cluster = use_load(
        || may("cluster_status_get").then_some(()),
        |()| async { conductor::get::<Value>("cluster-status").await },
    );
    let version = use_load(|| Some(()), |()| async { conductor::get::<Value>("version").await });
    let managers =
        use_load(|| may("manager_get").then_some(()), |()| async { conductor::get::<Value>("managers").await });
    view! {
        <div class="stack">
            <div class="row">
                <button type="button" class="btn small" on:click=move |_| { status.reload(); cluster.reload(); managers.reload(); }>
                    <Icon glyph=Glyph::Reload/>"Look again"
                </button>
            </div>
            <section class="card" aria-label="This node">
                <div class="card-bar top-edge"><h2>"This node"</h2></div>
                {loaded("The status", status, |status| services(&status))}
            </section>
            {move || may("cluster_status_get").then(|| view! {
                <section class="card" aria-label="All nodes">
                    <div class="card-bar top-edge"><h2>"All nodes"</h2></div>
                    {loaded("The status of the nodes", cluster, |cluster| nodes(&cluster))}
                </section>
            })}
            <div class="columns">
                <section class="card" aria-label="Version">
                    <div class="card-bar top-edge"><h2>"Version"</h2></div>
                    {loaded("The version", version, |version| {
                        const LABELS: [(&str, &str); 7] = [("version", "Version"), ("edition", "Edition"), ("build", "Build"),
                            ("date", "Built"), ("commit", "Commit"), ("distribution", "Operating system"), ("distro_release", "Release")];
                        let fact = |(name, label): (&str, &'static str)| Some(Fact::new(label, text(&version, name))).filter(|_| !text(&version, name).is_empty());
                        view! { <Facts facts=LABELS.into_iter().filter_map(fact).collect()/> }.into_any()
                    })}
                </section>
                {move || may("manager_get").then(|| view! {
                    <section class="card" aria-label="Managers">
                        <div class="card-bar top-edge"><h2>"Managers"</h2></div>
                        {loaded("The managers", managers, |found| {
                            let rows = found.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
                            let lines = rows.iter().map(|row| view! {
                                <tr><th scope="row">{text(row, "hostname")}</th><td>{text(row, "version")}</td>
                                    <td>{text(row, "distribution")}" "{text(row, "distro_release")}</td><td>{text(row, "private_ip")}</td></tr>
                            }).collect_view();
                            table("Managers", &["Host", "Version", "Operating system", "Address"], lines.into_any())
                        })}
                    </section>
                })}
            </div>
        </div>
    }
}

fn table(label: &'static str, heads: &'static [&'static str], lines: AnyView) -> AnyView {
    let heads = heads.iter().map(|head| view! { <th scope="col">{*head}</th> }).collect_view();
    view! {
        <div class="plain-table scroll reflow" tabindex="0" role="region" aria-label=format!("Table of {}", label.to_lowercase())>
            <table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>
        </div>
    }
    .into_any()
}

/// So many bytes, as people say it.
fn size(bytes: u64) -> String {
    const STEP: u64 = 1024;
    let unit = ["B", "KiB", "MiB", "GiB", "TiB"].into_iter().scan(1_u64, |of, name| {
        let this = *of;
        *of = of.saturating_mul(STEP);
        Some((this, name))
    });
    let (of, name) = unit.take_while(|(of, _)| *of <= bytes.max(1)).last().unwrap_or((1, "B"));
    let tenths = bytes.saturating_mul(10) / of;
    if of == 1 { format!("{bytes} {name}") } else { format!("{}.{} {name}", tenths / 10, tenths % 10) }
}

/// Something that is known of a service, in the words and units of people.
fn fact(name: &str, value: &Value) -> AnyView {
    let words = name.replace('_', " ");
    let (label, shown) = match (words.strip_suffix(" bytes"), value.as_u64()) {
        (Some(label), Some(bytes)) => (label.to_owned(), size(bytes).into_any()),
        _ if value.as_str().is_some_and(|text| binnacle_shared::time::parse(text).is_ok()) => {
            (words, draw(Widget::Time, value))
        }
        _ => (words, plain(value).into_any()),
    };
    view! { <span><span class="muted">{label}</span>" "{shown}</span> }.into_any()
}

/// The services of a node; what is known of each in figures stands behind it.
fn services(status: &Value) -> AnyView {
    let lines = members(status, "services")
        .into_iter()
        .map(|(name, service)| {
            let known = service.pointer("/extra_info/facts").and_then(Value::as_object).cloned().unwrap_or_default();
            let known = known.iter().map(|(name, value)| fact(name, value)).collect_view();
            view! {
                <tr><th scope="row">{name}</th><td>{state(text(&service, "status"))}</td>
                    <td>{if flag(&service, "is_remote") { "elsewhere" } else { "here" }}</td>
                    <td class="known">{known}</td></tr>
            }
        })
        .collect_view();
    view! {
        <div class="panel">{state(text(status, "status"))}</div>
        {table("Services", &["Service", "State", "Where", "What is known"], lines.into_any())}
    }
    .into_any()
}

fn nodes(cluster: &Value) -> AnyView {
    let lines = members(cluster, "services")
        .into_iter()
        .flat_map(|(service, found)| {
            members(&found, "nodes").into_iter().map(move |(node, known)| {
                view! {
                    <tr><th scope="row">{service.clone()}</th><td>{node}</td><td>{state(text(&known, "status"))}</td>
                        <td>{text(&known, "version")}</td><td>{text(&known, "private_ip")}</td></tr>
                }
            })
        })
        .collect_view();
    view! {
        <div class="panel">{state(text(cluster, "status"))}</div>
        {table("Nodes", &["Service", "Node", "State", "Version", "Address"], lines.into_any())}
    }
    .into_any()
}

/// Every setting, with its value; changed one at a time.
#[component]
fn Configuration() -> impl IntoView {
    let hands = hands();
    let load = use_load(|| Some(()), |()| async { conductor::get::<Value>("config").await });
    let again = Callback::new(move |()| load.reload());
    let changes = Memo::new(move |_| may("manager_config_put"));
    loaded("The configuration", load, move |found| {
        let rows = found.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
        let line = |row: &Value| {
            let (scope, name) = (text(row, "scope"), text(row, "name"));
            let value = row.get("value").cloned().unwrap_or_default();
            let shown = value.as_str().map_or_else(|| crate::json::text(&value), str::to_owned);
            let editable = flag(row, "is_editable") && changes.get_untracked();
            let label = format!("Change {scope}.{name}");
            let at = format!("config/{scope}.{name}");
            let title = label.clone();
            let present = shown.clone();
            let ask = move |_| {
                let at = at.clone();
                let yes = move |typed: String| {
                    let at = at.clone();
                    // A number or true is meant as such; all else is text.
                    let value: Value = serde_json::from_str(&typed).unwrap_or(Value::String(typed));
                    let work = async move { conductor::send(Method::PUT, &at, &json!({ "value": value })).await };
                    hands.run(work, "Setting changed", "The setting was not changed", again);
                };
                let input = AskInput::Text {
                    label: "New value",
                    help: "Numbers, true and false as they are.",
                    proposals: Vec::new(),
                };
                let text = format!("It is {present} now. The change holds at once.");
                hands.confirm.ask(Ask::told(format!("{title}?"), text, "Change setting", yes).input(input));
            };
            view! {
                <tr><th scope="row"><code>{format!("{scope}.{name}")}</code></th><td><code>{shown}</code></td>
                    <td>{draw(Widget::Time, row.get("updated_at").unwrap_or(&Value::Null))}</td><td>{text(row, "updater_name")}</td>
                    <td class="end">{editable.then(|| view! { <button type="button" class="btn quiet small" aria-label=label on:click=ask>"Change"</button> })}</td></tr>
            }
        };
        let lines = rows.iter().map(line).collect_view();
        let table = table("Settings", &["Setting", "Value", "Changed", "By", "Actions"], lines.into_any());
        view! { <section class="card list-card" aria-label="Settings">{table}</section> }.into_any()
    })
}

#[component]
fn Maintenance() -> impl IntoView {
    let hands = hands();
    let load = use_load(|| Some(()), |()| async { conductor::get::<Value>("maintenance").await });
    let again = Callback::new(move |()| load.reload());
    loaded("The maintenance mode", load, move |mode| {
        let status = text(&mode, "status");
        let off = status == "deactivated";
        let switch = move || {
            let action = if off { "activate" } else { "deactivate" };
            let work = async move {
                match conductor::send(Method::POST, &format!("maintenance/{action}"), &json!({})).await {
                    // It was like that already.
                    Err(ApiError { status: 304, .. }) => Ok(String::new()),
                    other => other,
                }
            };
            let done = if off { "Maintenance mode requested" } else { "Maintenance mode is off" };
            hands.run(work, done, "The maintenance mode was not switched", again);
        };
        let ask = move |_| {
            if off {
                let text = "Hardly anything of the Conductor API is answered until it is switched off. What runs is waited for.";
                hands.confirm.ask(Ask::new("Switch the maintenance mode on?", text, "Switch on", switch).danger());
            } else {
                switch();
            }
        };
        let waits = mode.get("remaining_executions").and_then(Value::as_array).map_or(0, Vec::len);
        let tone = match status.as_str() {
            "deactivated" => Tone::Off,
            "activating" => Tone::Wait,
            _ => Tone::Run,
        };
        let time = |name: &str| draw(Widget::Time, mode.get(name).unwrap_or(&Value::Null));
        let facts = vec![
            Fact::new("State", view! { <Status tone=tone word=super::common::capital(&status)/> }),
            Fact::new("Requested", time("activation_requested_at")),
            Fact::new("Requested by", text(&mode, "requested_by")),
            Fact::new("On since", time("activated_at")),
            Fact::new("Waits for executions", waits.to_string()),
        ];
        view! {
            <section class="card" aria-label="Maintenance mode">
                <Facts facts=facts/>
                {may("maintenance_mode_set").then(|| view! {
                    <div class="card-bar bottom-edge"><button type="button" class="btn" class:danger=off on:click=ask>
                        {if off { "Switch maintenance mode on" } else { "Switch maintenance mode off" }}</button></div>
                })}
            </section>
        }
        .into_any()
    })
}

#[component]
fn License() -> impl IntoView {
    let hands = hands();
    let load = use_load(|| Some(()), |()| async { conductor::get::<Value>("license").await });
    let again = Callback::new(move |()| {
        load.reload();
        crate::frame::license_changed();
    });
    let remove = move || {
        let yes = move || {
            let work = async { conductor::send(Method::DELETE, "license", &()).await };
            hands.run(work, "License removed", "The license was not removed", again);
        };
        hands
            .confirm
            .ask(Ask::new("Remove the license?", "Upload another to have one again.", "Remove license", yes).danger());
    };
    loaded("The license", load, move |found| {
        let license = found.pointer("/items/0").cloned();
        let body = match &license {
            None => view! {
                <Empty glyph=Glyph::Key title="There is no license"
                    text="A license says for whom this manager is and until when. What works here works without one."/>
            }
            .into_any(),
            Some(license) => {
                let expired = flag(license, "expired");
                let advice =
                    if may("license_upload") { "Upload another." } else { "Ask an administrator for another." };
                let capabilities = license.get("capabilities").map(plain).unwrap_or_default();
                let facts = vec![
                    Fact::new("Customer", text(license, "customer_id")),
                    Fact::new("Expires", draw(Widget::Time, license.get("expiration_date").unwrap_or(&Value::Null))),
                    Fact::new("Edition", text(license, "license_edition")),
                    Fact::new("Trial", if flag(license, "trial") { "Yes" } else { "No" }),
                    Fact::new("Version", text(license, "cloudify_version")),
                    Fact::new("Capabilities", capabilities),
                ];
                view! {
                    {expired.then(|| view! { <div class="panel"><Note tone=Tone::Bad>"The license has expired. "{advice}</Note></div> })}
                    <Facts facts=facts/>
                }
                .into_any()
            }
        };
        let some = license.is_some();
        view! {
            <section class="card" aria-label="License">
                {body}
                {(may("license_upload") || (some && may("license_remove"))).then(|| view! { <div class="card-bar bottom-edge">
                    {may("license_upload").then(|| view! { <Upload again=again/> })}
                    {(some && may("license_remove")).then(|| view! {
                        <button type="button" class="btn danger" on:click=move |_| remove()>"Remove license"</button>
                    })}
                </div> })}
            </section>
        }
        .into_any()
    })
}

#[component]
fn Upload(again: Callback<()>) -> impl IntoView {
    let hands = hands();
    let input = NodeRef::<html::Input>::new();
    let chosen = move |_| {
        let file = input.get_untracked().and_then(|input| input.files()).and_then(|files| files.get(0));
        let Some(file) = file else { return };
        let work = async move {
            let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
            let answer = conductor::upload("license", text.unwrap_or_default()).await;
            if let Some(input) = input.try_get_untracked().flatten() {
                input.set_value("");
            }
            answer
        };
        hands.run(work, "License uploaded", "The license was not taken", again);
    };
    view! {
        <label class="btn primary file-button"><Icon glyph=Glyph::Plus/>"Upload license"
            <input type="file" class="visually-hidden" node_ref=input on:change=chosen/>
        </label>
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_have_units() {
        assert_eq!(size(0), "0 B");
        assert_eq!(size(1023), "1023 B");
        assert_eq!(size(1024), "1.0 KiB");
        assert_eq!(size(51_562_139_648), "48.0 GiB");
        assert_eq!(size(1 << 50), "1024.0 TiB");
    }
}
