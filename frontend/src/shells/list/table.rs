//! The rows: a real table of which only what is on screen is in the document.

use leptos::prelude::*;
use leptos::{ev, html};
use serde_json::Value;

use super::column::{Column, grouped};
use super::head::Head;
use super::rows::PAGE;
use super::{Context, bar, filter};
use crate::components::{Empty, Failed, Note, SkeletonRows, Tone, copied, copy_text, use_toasts};
use crate::frame::keys::plain_key;
use crate::go::use_url;
use crate::icons::{Glyph, Icon};
use crate::react::{effect, memo};
use crate::session::use_session;

/// Pixels; `--row` in the styles.
const ROW: usize = 32;
/// Rows drawn above and below what is on screen.
const SPARE: usize = 12;
/// Below this many pixels columns have their own widths and no share of what is left.
pub(super) const NARROW: u32 = 640;

#[component]
pub(super) fn Table(context: Context) -> impl IntoView {
    let rows = context.rows;
    let scroller = NodeRef::<html::Div>::new();
    let first = RwSignal::new(0_usize);
    let fitting = RwSignal::new(40_usize);
    let range = memo(move || {
        let total = rows.total.get().unwrap_or(0);
        if total <= PAGE {
            return (0, total);
        }
        (first.get().saturating_sub(SPARE).min(total), (first.get() + fitting.get() + SPARE).min(total))
    });
    effect(move || {
        let (from, to) = range.get();
        rows.stale.track();
        rows.want(from, to);
    });
    let measure = move || {
        // May be called a frame after the list has gone.
        if let Some(element) = scroller.try_get_untracked().flatten() {
            first.try_set(pixels(element.scroll_top()) / ROW);
            fitting.try_set(pixels(element.client_height()).div_ceil(ROW).max(10));
        }
    };
    let resized = window_event_listener(ev::resize, move |_| measure());
    on_cleanup(move || resized.remove());
    effect(move || {
        rows.query.track();
        if let Some(element) = scroller.get() {
            element.set_scroll_top(0);
            request_animation_frame(measure);
        }
    });
    keyboard(context, scroller);

    let toasts = use_toasts();
    let copy = move |event: ev::MouseEvent| {
        if let Some(text) = copied(&event) {
            let words = format!("Copied {text}");
            copy_text(&text, move || toasts.done(words));
        }
    };
    let some = memo(move || rows.total.get().is_some_and(|total| total > 0));
    view! {
        <Show when=move || some.get() fallback=move || view! { <Nothing context=context/> }>
            {move || rows.error.get().map(|error| view! {
                <div class="panel"><Note tone=Tone::Bad>
                    "These rows may be out of date. " {error.message} " "
                    {error.request_id.map(|id| view! { <code>"Request "{id}</code>" " })}
                    <button type="button" class="link" on:click=move |_| rows.reload()>"Try again"</button>
                </Note></div>
            })}
            <div class="list-scroll" node_ref=scroller tabindex="-1" aria-busy=move || rows.slow.get().then_some("true")
                on:scroll=move |_| measure() on:click=copy>
                <table class="table" style:--least=move || format!("{}px", least_width(context))
                    aria-rowcount=move || rows.total.get().map(|total| (total + 1).to_string())>
                    <Head context=context/>
                    <tbody>
                        <Pad rows=Signal::derive(move || range.get().0)/>
                        <For each=move || { let (from, to) = range.get(); from..to } key=|index| *index
                            children=move |index| row(context, index)/>
                        <Pad rows=Signal::derive(move || rows.total.get().unwrap_or(0).saturating_sub(range.get().1))/>
                    </tbody>
                </table>
            </div>
        </Show>
    }
}

fn pixels(value: i32) -> usize {
    usize::try_from(value).unwrap_or(0)
}

/// Below this the table scrolls sideways.
pub(super) fn least_width(context: Context) -> u32 {
    let narrow = context.layout.room.get() < NARROW;
    let least = |column: &Column| {
        let width = context.layout.width(column);
        if narrow && column.title { width.min(132) } else { width }
    };
    columns(context).iter().map(least).sum::<u32>() + super::layout::CHECK
}

/// The columns on screen.
pub(super) fn columns(context: Context) -> Vec<Column> {
    let shown = context.layout.shown.get();
    context.spec.with_value(|spec| {
        shown.iter().filter_map(|name| spec.columns.iter().find(|c| c.name == *name).cloned()).collect()
    })
}

pub(super) fn selectable(context: Context) -> bool {
    context.spec.with_value(|spec| !spec.bulk.is_empty() && untrack(|| use_session().may(spec.kind.outline().manage)))
}

/// Room for rows that are not drawn.
#[component]
fn Pad(rows: Signal<usize>) -> impl IntoView {
    view! {
        <Show when=move || rows.with(|rows| *rows != 0)>
            <tr class="pad" aria-hidden="true"><td style:height=move || format!("{}px", rows.get() * ROW)></td></tr>
        </Show>
    }
}

fn row(context: Context, index: usize) -> AnyView {
    let Context { spec, rows, selected, all, current, .. } = context;
    let value = memo(move || rows.get(index));
    let id = memo(move || value.with(|row| row.as_ref().map(|row| rows.id_of(row)).unwrap_or_default()));
    let chosen = memo(move || all.get() || id.with(|id| selected.with(|chosen| chosen.contains(id))));
    let check = selectable(context).then(|| {
        let label = move || {
            format!("Select {}", value.with(|row| row.as_ref().map(|row| name_of(context, row)).unwrap_or_default()))
        };
        view! {
            <td class="check">
                <label><input type="checkbox" aria-label=label prop:checked=move || chosen.get()
                    on:click=move |event| choose(context, index, event.shift_key())/></label>
            </td>
        }
    });
    let cells = move || {
        let columns = columns(context);
        value.with(|row| {
            columns
                .iter()
                .map(|column| {
                    let content = match row {
                        None => view! { <span class="skeleton"></span> }.into_any(),
                        Some(row) if column.title => {
                            let href = spec.with_value(|spec| (spec.link)(row));
                            view! { <a href=href>{(column.cell)(row)}</a> }.into_any()
                        }
                        Some(row) => (column.cell)(row),
                    };
                    let class = if column.title { "key" } else { column.class() };
                    view! { <td class=class>{content}</td> }
                })
                .collect_view()
        })
    };
    view! {
        <tr class="data" id=format!("row-{index}") aria-rowindex=(index + 2).to_string()
            data-selected=move || chosen.get().then_some("")
            data-current=move || (current.get() == Some(index)).then_some("")
            on:focusin=move |_| current.set(Some(index))>
            {check}{cells}
        </tr>
    }
    .into_any()
}

/// What the title column says.
pub(super) fn name_of(context: Context, row: &Value) -> String {
    context.spec.with_value(|spec| {
        let title = spec.columns.iter().find(|column| column.title);
        title.and_then(|column| row.get(column.name)).map(super::column::plain).unwrap_or_default()
    })
}

/// Takes a row in or out; with Shift everything from the row one stood on.
fn choose(context: Context, index: usize, range: bool) {
    let Context { rows, selected, all, current, anchor, .. } = context;
    all.set(false);
    // The keyboard stands on the row itself: its range starts where the last choice was made.
    let before = anchor.get_value().or(current.get_untracked());
    let from = before.filter(|_| range).unwrap_or(index);
    anchor.set_value(Some(index));
    let ids = rows.ids(from.min(index), from.max(index) + 1);
    selected.update(|chosen| {
        let take = range || ids.first().is_some_and(|id| !chosen.contains(id));
        chosen.retain(|id| !ids.contains(id));
        if take {
            chosen.extend(ids);
        }
    });
    current.set(Some(index));
}

/// `j`, `k` and `x`; `Enter` is the browser's, the focus is on the row's link.
fn keyboard(context: Context, scroller: NodeRef<html::Div>) {
    // Listeners of the window know nothing of who is signed in.
    let choosing = selectable(context);
    let url = use_url();
    let stand_on = move |index: usize| {
        let total = context.rows.total.try_get_untracked().flatten();
        let Some(total) = total.filter(|total| *total > 0) else { return };
        let index = index.min(total - 1);
        context.current.set(Some(index));
        if let Some(element) = scroller.get_untracked() {
            let top = index * ROW;
            let view = pixels(element.client_height()).saturating_sub(ROW + 2);
            let scrolled = pixels(element.scroll_top());
            let target = if top < scrolled {
                top
            } else if top + ROW > scrolled + view {
                (top + ROW).saturating_sub(view)
            } else {
                scrolled
            };
            if target != scrolled {
                element.set_scroll_top(i32::try_from(target).unwrap_or(i32::MAX));
            }
        }
        if let Some(row) = context.rows.peek(index) {
            url.note(&[("row", &context.rows.id_of(&row))]);
        }
        // The row may still have to be drawn. Whoever has gone on meanwhile is not taken back: a row
        // with the focus is the current one.
        let follow = move || {
            if context.current.try_get_untracked().flatten() == Some(index) {
                bar::focus(&format!("#row-{index} .key a"));
            }
        };
        request_animation_frame(move || request_animation_frame(follow));
    };
    let listener = window_event_listener(ev::keydown, move |event| {
        let Some(key) = plain_key(&event) else { return };
        let current = context.current.get_untracked();
        match key.as_str() {
            "j" => stand_on(current.map_or(0, |index| index + 1)),
            "k" => stand_on(current.map_or(0, |index| index.saturating_sub(1))),
            // With Shift everything between the row before that was chosen and this one.
            "x" | "X" if choosing => {
                if let Some(index) = current {
                    choose(context, index, event.shift_key());
                }
            }
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
    // Coming back to a list, one stands where one was.
    let wanted = untrack(|| url.get("row"));
    let mut done = false;
    effect(move || {
        if done || context.rows.total.get().is_none() {
            return;
        }
        done = true;
        if let Some(wanted) = &wanted {
            let known = context.rows.known();
            if let Some(index) = context.rows.ids(0, known).iter().position(|id| id == wanted) {
                request_animation_frame(move || stand_on(index));
            }
        }
    });
}

/// No rows: not loaded yet, none at all, none that match, or a failure.
#[component]
fn Nothing(context: Context) -> impl IntoView {
    let Context { spec, rows, .. } = context;
    let info = spec.with_value(|spec| spec.kind.outline());
    let filters = filter::use_filters(context);
    move || {
        let loosen = move || {
            let url = use_url();
            filters
                .get()
                .into_iter()
                .map(|filter| {
                    let href = url.with(&[(filter.name, ""), ("row", "")]);
                    view! { <a class="btn" href=href>{format!("Without “{} {}”", filter.label, filter.shown)}</a> }
                })
                .collect_view()
        };
        if let Some(error) = rows.error.get() {
            let title = format!("{} could not be loaded", info.plural);
            // What the server cannot read is most likely a filter.
            let refused = error.status == 400;
            return view! {
                <Failed title=title error=error retry=move |()| rows.reload()/>
                {refused.then(|| view! { <div class="state"><div class="row">{loosen()}</div></div> })}
            }
            .into_any();
        }
        if rows.total.get().is_none() {
            return rows.slow.get().then(|| view! { <SkeletonRows rows=6/> }).into_any();
        }
        let active = filters.get();
        if active.is_empty() {
            return view! { <NoneYet context=context/> }.into_any();
        }
        let title = format!("No {} matches", info.singular);
        view! { <Empty glyph=Glyph::Search title=title text="Loosen one of these to see more.">{loosen()}</Empty> }
            .into_any()
    }
}

#[component]
fn NoneYet(context: Context) -> impl IntoView {
    let info = context.spec.with_value(|spec| spec.kind.outline());
    let (purpose, create) = context.spec.with_value(|spec| (spec.purpose.clone(), spec.create.clone()));
    let create = create.filter(|_| untrack(|| use_session().may(info.manage)));
    let glyph = info.nav.map_or(Glyph::Inbox, |nav| crate::icons::by_name(nav.icon));
    let title = format!("No {} yet", info.plural.to_lowercase());
    view! {
        <Empty glyph=glyph title=title text=purpose>
            {create.map(|(label, href)| view! {
                <a class="btn primary" href=href><Icon glyph=Glyph::Plus/>{label}</a>
            })}
        </Empty>
    }
}

/// "1,204 match".
pub(super) fn matches(total: usize) -> String {
    format!("{} match{}", grouped(i64::try_from(total).unwrap_or(i64::MAX)), if total == 1 { "es" } else { "" })
}
