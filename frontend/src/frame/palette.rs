//! The command palette: pages, commands, things by name; and the choice of a time zone.

use std::time::Duration;

use binnacle_shared::Kind;
use binnacle_shared::list::Envelope;
use binnacle_shared::registry::{Family, NavGroup};
use leptos::html;
use leptos::prelude::*;
use serde_json::Value;
use wasm_bindgen::JsCast;

use super::{Frame, nav};
use crate::api::{self, ApiError, conductor, use_load};
use crate::components::dialog::follow;
use crate::go::{Go, use_go};
use crate::icons::{Glyph, Icon, by_name};
use crate::paths;
use crate::prefs::{Prefs, Theme, use_prefs};
use crate::react::memo;
use crate::session::{Session, use_session};
use crate::shells::list::{id_of_kind as id_of, plain};
use crate::zone;

/// What the palette offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Everything,
    Zones,
    /// The tenants that one may work in.
    Tenants,
}

/// What an entry does.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Deed {
    Open(String),
    /// Presses one of the page's own buttons.
    Press(usize),
    Zone(String),
    Theme(Theme),
    ChooseZone,
    Tenant(String),
    /// So many more tenants.
    MoreTenants,
    ChooseTenant,
    Help,
    SignOut,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    group: &'static str,
    glyph: Glyph,
    label: String,
    end: String,
    deed: Deed,
}

/// Offered at once: more is found by typing.
const MOST: usize = 60;

#[component]
pub(super) fn Palette(frame: Frame) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    follow(dialog, move || frame.palette.get().is_some());
    view! {
        <dialog class="palette" node_ref=dialog aria-label="Search or run a command"
            on:close=move |_| frame.palette.set(None)
            on:click=move |event| {
                // The backdrop is the dialog itself; everything in it is something else.
                if event.target() == event.current_target() { frame.palette.set(None); }
            }>
            {move || frame.palette.get().map(|mode| view! { <Body frame=frame mode=mode/> })}
        </dialog>
    }
}

#[component]
fn Body(frame: Frame, mode: Mode) -> impl IntoView {
    let session = use_session();
    let prefs = use_prefs();
    let go = use_go();
    let typed = RwSignal::new(String::new());
    let search = RwSignal::new(String::new());
    let active = RwSignal::new(0_usize);
    let zones = StoredValue::new(if mode == Mode::Zones { zone::all() } else { Vec::new() });
    let shown = RwSignal::new(MOST);
    let found = use_load(
        move || {
            let text = search.get();
            let asks = mode == Mode::Tenants || (mode == Mode::Everything && text.chars().count() > 1);
            asks.then(|| (text, shown.get()))
        },
        move |(text, most)| async move {
            if mode == Mode::Tenants { tenants(session, &text, most).await } else { Ok(find(session, &text).await) }
        },
    );
    let entries = memo(move || {
        let wanted = typed.get().trim().to_lowercase();
        let fits = |entry: &Entry| wanted.split_whitespace().all(|word| entry.label.to_lowercase().contains(word));
        match mode {
            Mode::Everything => {
                let mut list: Vec<Entry> = offers(session, prefs, frame).into_iter().filter(fits).collect();
                if wanted.chars().count() > 1 {
                    list.extend(found.data.get().unwrap_or_default());
                }
                list
            }
            Mode::Tenants => found.data.get().unwrap_or_default(),
            Mode::Zones => {
                zones.with_value(|zones| zone_entries(zones, prefs)).into_iter().filter(fits).take(MOST).collect()
            }
        }
    });
    let act = move |entry: &Entry| {
        if entry.deed == Deed::MoreTenants {
            return shown.update(|most| *most += MOST);
        }
        frame.palette.set(None);
        run(entry.deed.clone(), frame, go, session, prefs);
    };
    let mut later = debounce(Duration::from_millis(180), move |text: String| {
        search.try_set(text);
    });
    let keydown = move |event: leptos::ev::KeyboardEvent| {
        let count = entries.with_untracked(Vec::len);
        match event.key().as_str() {
            "ArrowDown" if count > 0 => active.update(|index| *index = (*index + 1) % count),
            "ArrowUp" if count > 0 => active.update(|index| *index = (*index + count - 1) % count),
            "Enter" => {
                if let Some(entry) = entries.with_untracked(|list| list.get(active.get_untracked()).cloned()) {
                    act(&entry);
                }
            }
            _ => return,
        }
        event.prevent_default();
        request_animation_frame(|| {
            let chosen = document().query_selector(".palette-list [aria-selected='true']").ok().flatten();
            if let Some(chosen) = chosen {
                let options = web_sys::ScrollIntoViewOptions::new();
                options.set_block(web_sys::ScrollLogicalPosition::Nearest);
                chosen.scroll_into_view_with_scroll_into_view_options(&options);
            }
        });
    };
    let (label, hint) = match mode {
        Mode::Everything => ("Search or run a command", "Search computers, scripts, pages, commands"),
        Mode::Zones => ("Time zone", "Type a city or region"),
        Mode::Tenants => ("Tenant", "Type a part of its name"),
    };
    let list = move || {
        let entries = entries.get();
        if let Some(error) = found.error.get() {
            return view! { <div class="group">{error.message}</div> }.into_any();
        }
        if entries.is_empty() {
            let words = if found.busy.get() { "Searching…" } else { "Nothing matches" };
            return view! { <div class="group">{words}</div> }.into_any();
        }
        let mut before = "";
        entries
            .into_iter()
            .enumerate()
            .map(|(index, entry)| {
                let heading = (entry.group != before).then(|| view! { <div class="group" role="presentation">{entry.group}</div> });
                before = entry.group;
                let (glyph, label, end) = (entry.glyph, entry.label.clone(), entry.end.clone());
                view! {
                    {heading}
                    <div role="option" id=format!("palette-{index}") aria-selected=move || (active.get() == index).to_string()
                        on:mousemove=move |_| if active.get_untracked() != index { active.set(index) }
                        on:click=move |_| act(&entry)>
                        <Icon glyph=glyph/><span>{label}</span><span class="end">{end}</span>
                    </div>
                }
            })
            .collect_view()
            .into_any()
    };
    view! {
        <div class="palette-input">
            <Icon glyph=match mode { Mode::Everything => Glyph::Search, Mode::Zones => Glyph::Globe, Mode::Tenants => Glyph::Tenant }/>
            <input type="text" role="combobox" aria-label=label placeholder=hint autocomplete="off" spellcheck="false" autofocus=true
                aria-expanded="true" aria-controls="palette-list" aria-autocomplete="list"
                aria-activedescendant=move || format!("palette-{}", active.get())
                prop:value=typed
                on:input:target=move |event| { let text = event.target().value(); active.set(0); typed.set(text.clone()); later(text); }
                on:keydown=keydown/>
            <kbd>"Esc"</kbd>
        </div>
        <div class="palette-list" id="palette-list" role="listbox" aria-label=label>{list}</div>
    }
}

/// What the buttons at the page's heading do. They are pressed where they are, so that a command
/// does exactly what its button does.
fn on_this_page() -> Vec<Entry> {
    let found = document().query_selector_all(ACTIONS).ok();
    let buttons = found.iter().flat_map(|list| (0..list.length()).filter_map(move |index| list.get(index)));
    buttons
        .enumerate()
        .filter_map(|(index, button)| {
            let label = button.text_content().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())?;
            Some(Entry {
                group: "On this page",
                glyph: Glyph::Collapse,
                label,
                end: String::new(),
                deed: Deed::Press(index),
            })
        })
        .collect()
}

/// The buttons at the heading of a page.
const ACTIONS: &str = ".head .actions-end :is(a, button)";

fn press(index: usize) {
    let found = document().query_selector_all(ACTIONS).ok();
    let button = found.and_then(|list| list.get(u32::try_from(index).ok()?));
    if let Some(button) = button.and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok()) {
        button.click();
    }
}

/// Pages and commands that the person may use.
fn offers(session: Session, prefs: Prefs, frame: Frame) -> Vec<Entry> {
    let mut list = Vec::new();
    let kinds: Vec<Kind> = NavGroup::ALL.iter().flat_map(|group| nav::visible(session, *group)).collect();
    for kind in &kinds {
        let info = kind.outline();
        let Some(nav) = info.nav else { continue };
        list.push(Entry {
            group: "Pages",
            glyph: by_name(nav.icon),
            label: info.plural.to_owned(),
            end: format!("g {}", nav.key),
            deed: Deed::Open(paths::list(*kind)),
        });
    }
    list.extend(nav::pages(session).map(|(href, glyph, name)| Entry {
        group: "Pages",
        glyph,
        label: name.to_owned(),
        end: String::new(),
        deed: Deed::Open(href.to_owned()),
    }));
    list.push(Entry {
        group: "Pages",
        glyph: Glyph::Key,
        label: "Sessions and access keys".to_owned(),
        end: String::new(),
        deed: Deed::Open(paths::ACCOUNT.to_owned()),
    });
    list.extend(on_this_page());
    let command =
        |glyph, label: String, end: &str, deed| Entry { group: "Commands", glyph, label, end: end.to_owned(), deed };
    for kind in kinds {
        let info = kind.outline();
        // A kind is made in the console if any of its fields is in a form and nobody else makes it.
        if paths::can_create(kind) && session.may(info.manage) {
            list.push(command(Glyph::Plus, format!("Create {}", info.singular), "", Deed::Open(paths::create(kind))));
        }
    }
    for theme in Theme::ALL.into_iter().filter(|theme| *theme != prefs.theme.get()) {
        list.push(command(Glyph::Contrast, format!("Theme {}", theme.label()), "", Deed::Theme(theme)));
    }
    if frame.tenants.get() {
        let present = session.tenant().unwrap_or_default();
        list.push(command(Glyph::Tenant, "Switch the tenant".to_owned(), &present, Deed::ChooseTenant));
    }
    list.push(command(Glyph::Globe, "Change the time zone".to_owned(), &prefs.zone_name.get(), Deed::ChooseZone));
    list.push(command(Glyph::Keyboard, "Show the keys".to_owned(), "?", Deed::Help));
    list.push(command(Glyph::SignOut, "Sign out".to_owned(), "", Deed::SignOut));
    list
}

fn zone_entries(zones: &[String], prefs: Prefs) -> Vec<Entry> {
    let present = prefs.zone_name.get();
    let browser = zone::of_browser();
    let first = [browser.clone(), "UTC".to_owned()];
    let rest = zones.iter().filter(|name| !first.contains(name)).cloned();
    first
        .iter()
        .cloned()
        .chain(rest)
        .map(|name| Entry {
            group: if first.contains(&name) { "Often" } else { "All" },
            glyph: if name == present { Glyph::Check } else { Glyph::Globe },
            end: if name == browser { "this browser".to_owned() } else { String::new() },
            label: name.clone(),
            deed: Deed::Zone(name),
        })
        .collect()
}

/// The tenants that one may work in and whose name contains a text.
async fn tenants(session: Session, text: &str, most: usize) -> Result<Vec<Entry>, ApiError> {
    let size = most.to_string();
    let pairs = [("_include", "name"), ("_sort", "name"), ("_size", size.as_str()), ("_search", text.trim())];
    let found = conductor::list("tenants", &pairs).await?;
    let present = untrack(|| session.tenant());
    let mut list: Vec<Entry> = found
        .results
        .iter()
        .filter_map(|row| row.get("name")?.as_str())
        .map(|name| Entry {
            group: "Tenants",
            glyph: if present.as_deref() == Some(name) { Glyph::Check } else { Glyph::Tenant },
            label: name.to_owned(),
            end: if present.as_deref() == Some(name) { "this one".to_owned() } else { String::new() },
            deed: Deed::Tenant(name.to_owned()),
        })
        .collect();
    let left = usize::try_from(found.count).unwrap_or(usize::MAX).saturating_sub(list.len());
    if left > 0 {
        list.push(Entry {
            group: "More",
            glyph: Glyph::Down,
            label: format!("Show {} more", left.min(MOST)),
            end: format!("of {left}"),
            deed: Deed::MoreTenants,
        });
    }
    Ok(list)
}

/// Things whose name contains a text, a few of each kind.
async fn find(session: Session, text: &str) -> Vec<Entry> {
    let mut list = Vec::new();
    let kinds: Vec<Kind> = untrack(|| NavGroup::ALL.iter().flat_map(|group| nav::visible(session, *group)).collect());
    for kind in kinds {
        let info = kind.outline();
        let found: Result<Envelope<Value>, _> = match info.family {
            Family::Landscape => api::list(info.path, &[("search", text), ("limit", "6")]).await,
            // The audit log is not searched by name.
            Family::Conductor { .. } if kind == Kind::AuditEntry => continue,
            Family::Conductor { path, .. } => conductor::list(path, &[("_search", text), ("_size", "6")]).await,
        };
        let (Ok(found), Some(nav)) = (found, info.nav) else { continue };
        list.extend(found.results.iter().filter_map(|row| {
            Some(Entry {
                group: info.plural,
                glyph: by_name(nav.icon),
                label: plain(row.get(info.title)?),
                end: String::new(),
                deed: Deed::Open(paths::detail(kind, paths::escape(&id_of(kind, row)))),
            })
        }));
    }
    list
}

fn run(deed: Deed, frame: Frame, go: Go, session: Session, prefs: Prefs) {
    match deed {
        Deed::Open(path) => go.to(&path),
        // After the palette has closed and given the focus back.
        Deed::Press(index) => request_animation_frame(move || press(index)),
        Deed::Zone(name) => prefs.zone_name.set(name),
        Deed::Theme(theme) => prefs.theme.set(theme),
        // After the palette has closed, so that it opens anew.
        Deed::ChooseZone => request_animation_frame(move || frame.palette.set(Some(Mode::Zones))),
        Deed::Tenant(name) => session.switch(&name),
        Deed::MoreTenants => {}
        Deed::ChooseTenant => request_animation_frame(move || frame.palette.set(Some(Mode::Tenants))),
        Deed::Help => frame.help.set(true),
        Deed::SignOut => session.sign_out(),
    }
}
