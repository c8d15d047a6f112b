//! The headers: sorting by one or several columns, and widths drawn with the mouse.

use leptos::prelude::*;
use leptos::{ev, html};

use super::column::Column;
use super::table::{columns, least_width, selectable};
use super::{Context, table};
use crate::go::use_url;
use crate::icons::{Glyph, Icon};
use crate::react::memo;

#[component]
pub(super) fn Head(context: Context) -> impl IntoView {
    let url = use_url();
    let Context { spec, rows, selected, all, layout, .. } = context;
    let standard = spec.with_value(|spec| spec.kind.outline().default_sort);
    let sort = memo(move || url.get("sort").unwrap_or_else(|| standard.to_owned()));
    let known_are_chosen =
        move || all.get() || selected.with(|chosen| !chosen.is_empty() && chosen.len() >= rows.known());
    let check = selectable(context).then(|| {
        view! {
            <th class="check" scope="col">
                <label><input type="checkbox" aria-label="Select all loaded rows" prop:checked=known_are_chosen
                    on:change:target=move |event| {
                        all.set(false);
                        let known = rows.known();
                        selected.set(if event.target().checked() { rows.ids(0, known) } else { Vec::new() });
                    }/></label>
            </th>
        }
    });
    let head = move |column: Column| {
        let name = column.name;
        let title = column.title;
        let place = memo(move || sort.with(|sort| direction(sort, name)));
        let label = column.label;
        let class = if title { "key" } else { column.class() };
        let inner = if column.sortable {
            let click = move |event: ev::MouseEvent| {
                let next = next_sort(&sort.get_untracked(), name, event.shift_key());
                url.set(&[("sort", if next == standard { "" } else { &next }), ("row", "")], false);
            };
            view! {
                <button type="button" class="sort" on:click=click title="Sort; with Shift also by this">
                    {label}
                    {move || place.get().map(|(descending, rank)| view! {
                        <Icon glyph=if descending { Glyph::Down } else { Glyph::Up }/>
                        {rank.map(|rank| view! { <span class="rank">{rank}</span> })}
                    })}
                </button>
            }
            .into_any()
        } else {
            label.into_any()
        };
        let order = move || place.get().map(|(descending, _)| if descending { "descending" } else { "ascending" });
        let cell = NodeRef::<html::Th>::new();
        // The title takes what the others leave, unless somebody said how wide it is.
        let width = move || {
            let set = layout.widths.with(|widths| widths.get(name).copied());
            match set {
                Some(width) => Some(format!("{width}px")),
                None if title => None,
                None if layout.room.get() < table::NARROW => Some(format!("{}px", column.width)),
                // A share of all: wide screens give every column its part.
                None => Some(format!("{}%", column.width * 100 / least_width(context).max(1))),
            }
        };
        let down = move |event: ev::PointerEvent| {
            event.prevent_default();
            let Some(cell) = cell.get_untracked() else { return };
            drag(context, name, cell.offset_width(), event.client_x());
        };
        view! {
            <th scope="col" class=class node_ref=cell style:width=width aria-sort=order>
                {inner}
                // Widths can be set with the keyboard too, in the list of columns.
                <span class="resize" aria-hidden="true" on:pointerdown=down
                    on:dblclick=move |_| layout.widths.update(|widths| { widths.remove(name); })></span>
            </th>
        }
    };
    view! {
        <thead>
            <tr>{check}{move || columns(context).into_iter().map(head).collect_view()}</tr>
        </thead>
    }
}

/// Follows the pointer until it is let go.
fn drag(context: Context, name: &'static str, start: i32, from: i32) {
    let moved = window_event_listener(ev::pointermove, move |event| {
        let width = start + event.client_x() - from;
        context.layout.set_width(name, u32::try_from(width).unwrap_or(0));
    });
    let held = StoredValue::new_local(Some(moved));
    let end = StoredValue::new_local(None::<WindowListenerHandle>);
    end.set_value(Some(window_event_listener(ev::pointerup, move |_| {
        if let Some(moved) = held.try_update_value(Option::take).flatten() {
            moved.remove();
        }
        if let Some(end) = end.try_update_value(Option::take).flatten() {
            end.remove();
        }
    })));
}

/// Whether a sort order has this field: which way, and its rank where there are several.
fn direction(sort: &str, name: &str) -> Option<(bool, Option<usize>)> {
    let parts: Vec<&str> = sort.split(',').filter(|part| !part.is_empty()).collect();
    let index = parts.iter().position(|part| part.trim_start_matches('-') == name)?;
    let descending = parts.get(index)?.starts_with('-');
    Some((descending, (parts.len() > 1).then_some(index + 1)))
}

/// The order after a click on a header; `also` keeps the others.
fn next_sort(sort: &str, name: &str, also: bool) -> String {
    let mine = match direction(sort, name) {
        Some((false, _)) => format!("-{name}"),
        Some((true, _)) | None => name.to_owned(),
    };
    if !also {
        return mine;
    }
    let mut parts: Vec<String> = sort.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    match parts.iter_mut().find(|part| part.trim_start_matches('-') == name) {
        Some(part) => *part = mine,
        None => parts.push(mine),
    }
    parts.join(",")
}

#[cfg(test)]
mod tests {
    use super::{direction, next_sort};

    #[test]
    fn a_click_turns_the_order_and_shift_keeps_the_others() {
        assert_eq!(next_sort("title", "title", false), "-title");
        assert_eq!(next_sort("-title", "title", false), "title");
        assert_eq!(next_sort("title", "id", false), "id");
        assert_eq!(next_sort("title", "id", true), "title,id");
        assert_eq!(next_sort("title,id", "title", true), "-title,id");
        assert_eq!(direction("title", "title"), Some((false, None)));
        assert_eq!(direction("title,-id", "id"), Some((true, Some(2))));
        assert_eq!(direction("title", "id"), None);
    }
}
