//! All versions at the left, the chosen one's code at the right, or what it changed.

use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::script::{Code, ScriptVersion};
use leptos::prelude::*;

use super::diff::{self, Line};
use crate::api::{self, use_load};
use crate::components::{CodeView, Failed, When};
use crate::go::use_url;
use crate::icons::{Glyph, Icon};
use crate::react::memo;
use crate::shells::Split;

/// `?version=` chooses one, `?with=` another one to compare it with.
#[component]
pub fn Versions(id: i64) -> impl IntoView {
    let url = use_url();
    let versions = use_load(
        move || Some(id),
        |id| async move {
            let all: Envelope<ScriptVersion> =
                api::list(&format!("scripts/{id}/versions"), &[("limit", "200")]).await?;
            Ok(all.results)
        },
    );
    let wanted = move || url.get("version").and_then(|text| text.parse::<i64>().ok());
    let shown = memo(move || {
        let wanted = wanted();
        versions.data.with(|all| {
            let all = all.as_ref()?;
            all.iter().find(|version| Some(version.version_number) == wanted).or_else(|| all.first()).cloned()
        })
    });
    let current = memo(move || shown.with(|version| version.as_ref().map(|v| v.version_number)));
    let lines = move || {
        versions
            .data
            .get()
            .unwrap_or_default()
            .into_iter()
            .map(|version| {
                let number = version.version_number;
                let by = version.created_by.map(|person| person.name).or(version.creator_name).unwrap_or_default();
                let here = move || (current.get() == Some(number)).then_some("true");
                view! {
                    <a class="line" href=move || url.with(&[("version", &number.to_string())]) aria-current=here>
                        <span class="strong">"Version "{number}</span>
                        <span class="muted cut">{by}</span>
                        <span class="end"><When at=Some(version.created_at.0)/></span>
                    </a>
                }
            })
            .collect_view()
    };
    let other = memo(move || {
        let number = url.get("with").and_then(|text| text.parse::<i64>().ok())?;
        versions.data.with(|all| all.as_ref()?.iter().find(|version| version.version_number == number).cloned())
    });
    let numbers = memo(move || {
        versions.data.with(|all| all.iter().flatten().map(|version| version.version_number).collect::<Vec<_>>())
    });
    let code = move || {
        shown.get().map(|version| {
            let text = Code::join(&version.interpreter, &version.code);
            let number = version.version_number;
            let body = match other.get().filter(|other| other.version_number != number) {
                Some(other) => compare(&other, &version),
                None => view! { <CodeView text=text/> }.into_any(),
            };
            view! {
                <div class="card-bar top-edge">
                    <b>"Version "{number}</b><span class="cut grow">{version.title}</span>
                    <Choose number=number numbers=numbers.get()/>
                </div>
                <div class="scroll">{body}</div>
            }
        })
    };
    move || {
        if let Some(error) = versions.error.get() {
            return view! { <Failed title="The versions could not be loaded" error=error retry=move |()| versions.reload()/> }.into_any();
        }
        view! {
            <Split chosen=Signal::derive(move || wanted().is_some() || other.get().is_some())
                back=Signal::derive(move || url.with(&[("version", ""), ("with", "")]))
                back_label="Versions" left=Box::new(move || view! { <nav class="rows scroll" aria-label="Versions">{lines}</nav> }.into_any())>
                {code}
            </Split>
        }
        .into_any()
    }
}

/// What the shown version is compared with.
#[component]
fn Choose(number: i64, numbers: Vec<i64>) -> impl IntoView {
    let url = use_url();
    if numbers.len() < 2 {
        return ().into_any();
    }
    let present = url.get("with").unwrap_or_default();
    let option = |value: String, label: String| {
        let selected = value == present;
        view! { <option value=value selected=selected>{label}</option> }
    };
    let others = numbers.into_iter().filter(|other| *other != number);
    let options = others.map(|other| option(other.to_string(), format!("version {other}"))).collect_view();
    view! {
        <label class="row">
            <span class="muted">"Compare with"</span>
            <span class="select-box">
                <select class="input" on:change:target=move |event| url.set(&[("with", &event.target().value())], false)>
                    {option(String::new(), "nothing".to_owned())}
                    {options}
                </select>
                <Icon glyph=Glyph::Down/>
            </span>
        </label>
    }
    .into_any()
}

/// The lines of both versions: what is gone and what is new.
fn compare(before: &ScriptVersion, after: &ScriptVersion) -> AnyView {
    let texts = [before, after].map(|version| Code::join(&version.interpreter, &version.code));
    let found = diff::lines(&texts[0], &texts[1]);
    let removed = found.iter().filter(|line| matches!(line, Line::Removed(_))).count();
    let added = found.iter().filter(|line| matches!(line, Line::Added(_))).count();
    let words = match (removed, added) {
        (0, 0) => "Both have the same code.".to_owned(),
        _ => format!(
            "From version {} to {}: {}, {}.",
            before.version_number,
            after.version_number,
            lines(removed, "removed"),
            lines(added, "added")
        ),
    };
    let (mut old, mut new) = (0_usize, 0_usize);
    let rows = found.into_iter().map(|line| {
        let (sign, what, text) = match line {
            Line::Same(text) => (" ", "same", text),
            Line::Removed(text) => ("−", "removed", text),
            Line::Added(text) => ("+", "added", text),
        };
        old += usize::from(what != "added");
        new += usize::from(what != "removed");
        let number = |n: usize, shown: bool| if shown { n.to_string() } else { String::new() };
        let word = (what != "same").then(|| view! { <span class="visually-hidden">{what}": "</span> });
        view! {
            <tr data-what=what>
                <td class="number">{number(old, what != "added")}</td>
                <td class="number">{number(new, what != "removed")}</td>
                <td class="sign" aria-hidden="true">{sign}</td>
                <td>{word}{text.to_owned()}</td>
            </tr>
        }
    });
    view! {
        <div class="diff" tabindex="0" role="region" aria-label="Comparison">
            <p class="diff-words" role="status">{words}</p>
            <table>
                <thead class="visually-hidden"><tr>
                    <th scope="col">"Line before"</th><th scope="col">"Line after"</th><th scope="col">"Change"</th><th scope="col">"Code"</th>
                </tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn lines(n: usize, what: &str) -> String {
    format!("{n} line{} {what}", if n == 1 { "" } else { "s" })
}
