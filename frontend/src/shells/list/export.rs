//! Rows to take along: as CSV with the columns on screen, or as JSON with every field.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use super::column::{Column, grouped};
use super::panels::{self, Panel};
use super::{Context, table};
use crate::components::{Close, DropDown, save, use_toasts};
use crate::icons::{Glyph, Icon};
use crate::{clock, json};

/// Which rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Selected,
    Shown,
    All,
}

#[component]
pub(super) fn Export(context: Context) -> impl IntoView {
    let busy = RwSignal::new(None::<usize>);
    let summary = move || {
        move || match busy.get() {
            Some(n) => view! { <Icon glyph=Glyph::Download/>{format!("{} read", count(n))} }.into_any(),
            None => view! { <Icon glyph=Glyph::Download/>"Export" }.into_any(),
        }
    };
    view! { <DropDown summary=summary panel=move |close| panels::open(Panel::Export(busy), context, close)/> }
}

pub(super) fn panel(context: Context, busy: RwSignal<Option<usize>>, close: Close) -> AnyView {
    let total = context.rows.total.get().unwrap_or(0);
    let selected = context.chosen_count();
    let loaded = context.rows.known().min(total);
    let which = RwSignal::new(if selected > 0 { Which::Selected } else { Which::All });
    let line = move |value: Which, words: String| {
        view! {
            <li><label class="check-line">
                <input type="radio" name="export-rows" prop:checked=move || which.get() == value on:change=move |_| which.set(value)/>{words}
            </label></li>
        }
    };
    let button = move |label: &'static str, csv: bool| {
        view! {
            <button type="button" class="btn small" disabled=move || busy.get().is_some()
                on:click=move |_| start(context, which.get_untracked(), csv, busy, close)>{label}</button>
        }
    };
    view! {
        <fieldset class="plain">
            <legend>"Rows"</legend>
            <ul>
                {(selected > 0).then(|| line(Which::Selected, format!("The {} selected", count(selected))))}
                {(loaded < total).then(|| line(Which::Shown, format!("The {} loaded so far", count(loaded))))}
                {line(Which::All, format!("All {} that match", count(total)))}
            </ul>
        </fieldset>
        <p class="help">"CSV has the columns on screen, JSON every field."</p>
        <div class="row">{button("Export CSV", true)}{button("Export JSON", false)}</div>
    }
    .into_any()
}

fn count(n: usize) -> String {
    grouped(i64::try_from(n).unwrap_or(i64::MAX))
}

fn start(context: Context, which: Which, as_csv: bool, busy: RwSignal<Option<usize>>, close: Close) {
    let toasts = use_toasts();
    let Context { rows, selected, all, spec, .. } = context;
    let columns = untrack(|| table::columns(context));
    let everything = which == Which::All || (which == Which::Selected && all.get_untracked());
    busy.set(Some(0));
    spawn_local(async move {
        let found = if everything {
            rows.all(move |n| {
                busy.try_set(Some(n));
            })
            .await
        } else {
            Ok(rows.loaded())
        };
        busy.try_set(None);
        let mut found = match found {
            Ok(found) => found,
            Err(error) => return toasts.failed("Nothing was exported", &error),
        };
        if which == Which::Selected && !everything {
            let ids = selected.try_get_untracked().unwrap_or_default();
            found.retain(|row| ids.contains(&rows.id_of(row)));
        }
        let Some(name) = spec.try_with_value(super::spec::ListSpec::memory) else { return };
        let day = clock::now().to_string();
        let day = day.get(..10).unwrap_or_default();
        let text = if as_csv { csv(&columns, &found) } else { as_json(&found) };
        save(&format!("{name}-{day}.{}", if as_csv { "csv" } else { "json" }), &text);
        toasts.done(format!("{} rows exported", count(found.len())));
        close.try_run(());
    });
}

fn as_json(rows: &[Value]) -> String {
    let lines: Vec<String> = rows.iter().map(json::text).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

/// RFC 4180: commas, CRLF, quotes doubled.
fn csv(columns: &[Column], rows: &[Value]) -> String {
    let head: Vec<String> = columns.iter().map(|column| quoted(column.label)).collect();
    let mut text = head.join(",");
    for row in rows {
        let cells: Vec<String> = columns.iter().map(|column| cell(column.value(row))).collect();
        text.push_str("\r\n");
        text.push_str(&cells.join(","));
    }
    text.push_str("\r\n");
    text
}

/// A value as a cell. Numbers are numbers; text that a spreadsheet would take for a formula gets
/// an apostrophe before it, which spreadsheets do not show.
fn cell(value: &Value) -> String {
    match value {
        Value::Number(_) | Value::Bool(_) => json::text(value),
        _ => {
            let text = words(value);
            let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
            if formula { quoted(&format!("'{text}")) } else { quoted(&text) }
        }
    }
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Object(object) => {
            object.get("name").or_else(|| object.get("title")).map_or_else(|| json::text(value), words)
        }
        other => json::text(other),
    }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{cell, csv};
    use crate::shells::list::Column;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        assert_eq!(cell(&json!("plain")), "plain");
        assert_eq!(cell(&json!("a,b")), "\"a,b\"");
        assert_eq!(cell(&json!("say \"so\"\nand")), "\"say \"\"so\"\"\nand\"");
        assert_eq!(cell(&json!("=1+1")), "'=1+1");
        assert_eq!(cell(&json!("@cmd")), "'@cmd");
        assert_eq!(cell(&json!("-2")), "'-2");
        assert_eq!(cell(&json!("+2,5")), "\"'+2,5\"");
        assert_eq!(cell(&json!("\t=1")), "'\t=1");
        assert_eq!(cell(&json!(["=a", "b"])), "\"'=a, b\"");
        assert_eq!(cell(&json!(-2)), "-2");
        assert_eq!(cell(&json!(null)), "");
        assert_eq!(cell(&json!(true)), "true");
        assert_eq!(cell(&json!({"id": 1, "name": "Ada"})), "Ada");
        assert_eq!(cell(&json!({"id": 1})), "\"{\"\"id\"\":1}\"");
    }

    #[test]
    fn lines_end_as_the_standard_has_it() {
        let column = |name, label| Column::new(name, label, |_| "");
        let columns = [column("title", "Title"), column("by", "By").pointer("/who/name")];
        let rows = [json!({"title": "One", "who": {"name": "Ada"}}), json!({"title": null})];
        assert_eq!(csv(&columns, &rows), "Title,By\r\nOne,Ada\r\n,\r\n");
    }
}
