//! Which columns, in which order, how wide.

use leptos::prelude::*;

use super::Context;
use super::layout::STEP;
use super::panels::{self, Panel};
use crate::components::DropDown;
use crate::icons::{Glyph, Icon};
use crate::react::memo;

#[component]
pub(super) fn Columns(context: Context) -> impl IntoView {
    let layout = context.layout;
    let hidden = move || {
        let (wanted, shown) = (layout.wanted.with(Vec::len), layout.shown.with(Vec::len));
        (wanted > shown).then(|| format!(" ({} hidden)", wanted - shown))
    };
    let summary = move || view! { <Icon glyph=Glyph::Columns/>"Columns"{hidden} };
    view! { <DropDown summary=summary panel=move |close| panels::open(Panel::Columns, context, close)/> }
}

pub(super) fn panel(context: Context) -> AnyView {
    let layout = context.layout;
    let all: Vec<&'static str> =
        context.spec.with_value(|spec| spec.columns.iter().map(|column| column.name).collect());
    // Those on screen first, in their order. Lines stay as they move, so that the focus does too.
    let order = move || {
        let wanted = layout.wanted.get();
        let rest = all.iter().copied().filter(|name| !wanted.contains(name));
        wanted.iter().copied().chain(rest).collect::<Vec<_>>()
    };
    view! {
        <ul><For each=order key=|name| *name children=move |name| line(context, name)/></ul>
        <button type="button" class="link" on:click=move |_| layout.reset()>"Back to the standard columns"</button>
    }
    .into_any()
}

fn line(context: Context, name: &'static str) -> AnyView {
    let layout = context.layout;
    let column = context.spec.with_value(|spec| spec.columns.iter().find(|column| column.name == name).cloned());
    let Some(column) = column else { return ().into_any() };
    let (label, title) = (column.label, column.title);
    let place = move || layout.wanted.with(|wanted| wanted.iter().position(|other| *other == name));
    let on = memo(move || place().is_some());
    let no_room = move || {
        let hidden = on.get() && !layout.shown.with(|shown| shown.contains(&name));
        hidden.then(|| view! { <span class="muted">" no room"</span> })
    };
    let width = move || layout.width(&column);
    let width = memo(width);
    let button = move |words: &str, glyph: Glyph, may: Box<dyn Fn() -> bool + Send + Sync>, act: Box<dyn Fn()>| {
        let words = format!("{words} {label}");
        view! {
            <button type="button" class="copy" aria-label=words.clone() title=words aria-disabled=move || (!may()).then_some("true")
                on:click=move |_| act()>
                <Icon glyph=glyph/>
            </button>
        }
    };
    let tools = move || {
        view! {
            <span class="tools">
                {button("Narrow", Glyph::Dash, Box::new(|| true), Box::new(move || layout.set_width(name, width.get_untracked().saturating_sub(STEP))))}
                {button("Widen", Glyph::Plus, Box::new(|| true), Box::new(move || layout.set_width(name, width.get_untracked() + STEP)))}
                {button("Move to the left:", Glyph::Up, Box::new(move || place().is_some_and(|i| i > 1)), Box::new(move || layout.shift(name, false)))}
                {button("Move to the right:", Glyph::Down,
                    Box::new(move || place().is_some_and(|i| i > 0 && i + 1 < layout.wanted.with(Vec::len))),
                    Box::new(move || layout.shift(name, true)))}
            </span>
        }
    };
    view! {
        <li>
            <label class="check-line">
                <input type="checkbox" prop:checked=move || on.get() disabled=title on:change=move |_| layout.toggle(name)/>{label}{no_room}
            </label>
            <Show when=move || on.get()>{tools()}</Show>
        </li>
    }
    .into_any()
}
