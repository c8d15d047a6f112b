//! The list of a kind, drawn from its descriptors.
//!
//! Everything worth sharing is in the address: `sort`, `search`, a parameter for each filter, the
//! segment, and `row`, the row one stands on. Rows come in pages of a hundred as they are
//! scrolled to; only those on screen are in the document.

mod bar;
mod bulk;
mod column;
mod export;
mod filter;
mod foot;
mod head;
mod layout;
mod panels;
mod picker;
mod rows;
mod spec;
mod table;
mod views;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::ResizeObserver;

pub use bar::focus;
pub use bulk::{Bulk, BulkInput};
pub use column::{Column, Priority, draw, grouped, plain};
pub use rows::Rows;
pub use spec::{ListSpec, Segment, id_of, id_of_kind};

use crate::go::use_url;
use crate::icons::{Glyph, Icon};
use crate::react::effect;
use crate::session::use_session;

/// What the parts of a list share.
#[derive(Clone, Copy)]
pub(super) struct Context {
    spec: StoredValue<ListSpec>,
    rows: Rows,
    /// Which columns, in which order and how wide.
    layout: layout::Layout,
    /// Ids of the chosen rows.
    selected: RwSignal<Vec<String>>,
    /// All that match are chosen, on screen or not.
    all: RwSignal<bool>,
    /// Index of the row one stands on.
    current: RwSignal<Option<usize>>,
    /// Index of the row that was chosen last, where a range starts.
    anchor: StoredValue<Option<usize>>,
}

impl Context {
    /// How many rows are chosen, reactive.
    fn chosen_count(self) -> usize {
        if self.all.get() { self.rows.total.get().unwrap_or(0) } else { self.selected.with(Vec::len) }
    }
}

/// A page that is a list: heading, one primary action, the list.
///
/// ```ignore
/// view! { <ListPage spec=ListSpec::new(&script_profile::KIND)
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
    let info = spec.kind.outline();
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
    let layout = layout::Layout::new(&spec);
    let context = Context {
        spec: StoredValue::new(spec),
        rows,
        layout,
        selected: RwSignal::new(Vec::new()),
        all: RwSignal::new(false),
        current: RwSignal::new(None),
        anchor: StoredValue::new(None),
    };
    // Another question, another selection.
    let mut asked = false;
    effect(move || {
        rows.query.track();
        if asked {
            context.selected.set(Vec::new());
            context.all.set(false);
            context.current.set(None);
            context.anchor.set_value(None);
        }
        asked = true;
    });
    let card = NodeRef::<html::Section>::new();
    measured(card, layout.room);
    view! {
        <bar::Bar context=context/>
        <section class="card list-card" node_ref=card aria-label=context.spec.with_value(|spec| spec.kind.outline().plural)>
            <table::Table context=context/>
            <foot::Foot context=context/>
        </section>
    }
}

/// An observer with what it calls.
type Watch = (ResizeObserver, Closure<dyn FnMut()>);

/// Keeps how wide an element is: the window changes, and so does the navigation beside it.
fn measured(element: NodeRef<html::Section>, room: RwSignal<u32>) {
    let observer: StoredValue<Option<Watch>, LocalStorage> = StoredValue::new_local(None);
    effect(move || {
        let Some(element) = element.get() else { return };
        let now = move |element: &web_sys::Element| {
            let width = u32::try_from(element.client_width()).unwrap_or(0);
            if room.try_get_untracked() != Some(width) {
                room.try_set(width);
            }
        };
        now(&element);
        let watched = element.clone();
        let changed = Closure::<dyn FnMut()>::new(move || now(&watched));
        if let Ok(watcher) = ResizeObserver::new(changed.as_ref().unchecked_ref()) {
            watcher.observe(&element);
            observer.set_value(Some((watcher, changed)));
        }
    });
    on_cleanup(move || {
        if let Some((watcher, _)) = observer.try_update_value(Option::take).flatten() {
            watcher.disconnect();
        }
    });
}
