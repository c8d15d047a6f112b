//! The list of a kind, drawn from its descriptors.
//!
//! Everything worth sharing is in the address: `sort`, `search`, a parameter for each filter, the
//! segment, and `row`, the row one stands on. Rows come in pages of a hundred as they are
//! scrolled to; only those on screen are in the document.

mod bar;
mod bulk;
mod column;
mod foot;
mod rows;
mod spec;
mod table;

use leptos::prelude::*;

pub use bar::focus;
pub use bulk::Bulk;
pub use column::{Column, Priority, grouped, plain};
pub use rows::Rows;
pub use spec::{ListSpec, Segment, id_of};

use crate::go::use_url;
use crate::icons::{Glyph, Icon};
use crate::react::effect;
use crate::session::use_session;
use crate::storage;

/// What the parts of a list share.
#[derive(Clone, Copy)]
pub(super) struct Context {
    spec: StoredValue<ListSpec>,
    rows: Rows,
    /// Names of the columns on screen, in their order.
    shown: RwSignal<Vec<&'static str>>,
    /// Ids of the chosen rows.
    selected: RwSignal<Vec<String>>,
    /// All that match are chosen, on screen or not.
    all: RwSignal<bool>,
    /// Index of the row one stands on.
    current: RwSignal<Option<usize>>,
}

/// A page that is a list: heading, one primary action, the list.
///
/// ```ignore
/// view! { <ListPage spec=ListSpec::new(Kind::ScriptProfile)
///     .segments("archived", vec![Segment::new("", "Active"), Segment::new("archived", "Archived"), Segment::new("all", "All")])
///     .column(Column::new("trigger", "Trigger", |row| view! { … }).after("title"))
///     .create("Create profile", paths::create(Kind::ScriptProfile))
/// /> }
/// ```
#[component]
pub fn ListPage(
    spec: ListSpec,
    /// A remark beside the heading: "18 of at most 50".
    #[prop(optional, into)]
    remark: ViewFn,
    /// Further buttons, left of the primary one.
    #[prop(optional, into)]
    actions: ViewFn,
    /// What stands between heading and list, such as computers that wait for acceptance.
    #[prop(optional, into)]
    above: ViewFn,
    /// Filled with the list's rows, for whoever wants to reload them.
    #[prop(optional)]
    handle: Option<RwSignal<Option<Rows>>>,
) -> impl IntoView {
    let info = spec.kind.info();
    crate::frame::use_title(Signal::derive(move || info.plural.to_owned()));
    let session = use_session();
    let create = spec.create.clone().filter(|_| untrack(|| session.may(info.manage)));
    view! {
        <div class="page fill">
            <div class="head">
                <h1>{info.plural}</h1>
                {move || remark.run()}
                <div class="actions-end">
                    {move || actions.run()}
                    {create.map(|(label, href)| view! {
                        <a class="btn primary" href=href aria-keyshortcuts="c"><Icon glyph=Glyph::Plus/>{label}</a>
                    })}
                </div>
            </div>
            {move || above.run()}
            <ListView spec=spec handle=handle/>
        </div>
    }
}

/// The list alone, for a tab or a panel of another page.
///
/// Hand in `handle` to reload it or to read its total.
#[component]
pub fn ListView(
    spec: ListSpec,
    /// Filled with the list's rows, for whoever wants to reload them.
    #[prop(optional_no_strip)]
    handle: Option<RwSignal<Option<Rows>>>,
) -> impl IntoView {
    let url = use_url();
    let rows = rows::use_rows(&spec, url);
    if let Some(handle) = handle {
        handle.set(Some(rows));
    }
    let shown = RwSignal::new(remembered_columns(&spec));
    let key = columns_key(&spec);
    let mut chosen = false;
    effect(move || {
        let names = shown.get().join(",");
        // Only a change is a choice.
        if chosen {
            storage::write(&key, &names);
        }
        chosen = true;
    });
    let context = Context {
        spec: StoredValue::new(spec),
        rows,
        shown,
        selected: RwSignal::new(Vec::new()),
        all: RwSignal::new(false),
        current: RwSignal::new(None),
    };
    // Another question, another selection.
    let mut asked = false;
    effect(move || {
        rows.query.track();
        if asked {
            context.selected.set(Vec::new());
            context.all.set(false);
            context.current.set(None);
        }
        asked = true;
    });
    view! {
        <bar::Bar context=context/>
        <section class="card list-card" aria-label=context.spec.with_value(|spec| spec.kind.info().plural)>
            <table::Table context=context/>
            <foot::Foot context=context/>
        </section>
    }
}

fn columns_key(spec: &ListSpec) -> String {
    format!("columns.{}", spec.path)
}

fn remembered_columns(spec: &ListSpec) -> Vec<&'static str> {
    let standard = || spec.columns.iter().filter(|c| c.shown).map(|c| c.name).collect();
    let Some(text) = storage::read(&columns_key(spec)) else { return standard() };
    let chosen: Vec<_> = text
        .split(',')
        .filter_map(|name| spec.columns.iter().find(|column| column.name == name))
        .map(|column| column.name)
        .collect();
    if chosen.is_empty() { standard() } else { chosen }
}
