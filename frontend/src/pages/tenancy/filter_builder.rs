//! Builds a filter rule by rule. What is wrong stands at its rule as one types.

use binnacle_shared::filter::{Operator, RuleType, Target};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::common::text;
use crate::icons::{Glyph, Icon};
use crate::react::memo;
use crate::shells::Form;
use crate::shells::list::focus;

/// The field of the form that holds the rules.
const NAME: &str = "filter_rules";

/// A rule that says nothing yet.
pub fn fresh(target: Target) -> Value {
    let kind = if target.has_labels() { RuleType::Label } else { RuleType::Attribute };
    json!({ "type": kind.name(), "key": "", "operator": Operator::AnyOf.name(), "values": [] })
}

fn rules(form: Form) -> Vec<Value> {
    match form.get(NAME) {
        Value::Array(rules) => rules,
        _ => Vec::new(),
    }
}

/// Changes one rule.
fn change(form: Form, index: usize, change: impl FnOnce(&mut Value)) {
    let mut all = untrack(|| rules(form));
    if let Some(rule) = all.get_mut(index) {
        change(rule);
        form.set(NAME, Value::Array(all));
    }
}

/// The rules, each in a line, and a button for another.
pub fn builder(form: Form, target: Target) -> AnyView {
    let count = memo(move || rules(form).len());
    let add = move || {
        let mut all = untrack(|| rules(form));
        all.push(fresh(target));
        let at = all.len() - 1;
        form.set(NAME, Value::Array(all));
        request_animation_frame(move || focus(&format!("#rule-{at}-type")));
    };
    let whole = move || {
        let of_all = form.faults("/filter_rules").into_iter().filter(|fault| fault.pointer == "/filter_rules");
        of_all.map(|fault| view! { <p class="message"><Icon glyph=Glyph::Warning/>{fault.message}</p> }).collect_view()
    };
    view! {
        <fieldset class="field rules" data-field="field-filter_rules">
            <legend class="visually-hidden">"Rules"</legend>
            <p class="help">"All rules have to hold; of the values of a rule one is enough."</p>
            <ol class="rule-list">
                // Keyed by place: a rule that is removed lets those after it move up.
                <For each=move || 0..count.get() key=|index| *index children=move |index| line(form, target, index)/>
            </ol>
            <div><button type="button" class="btn small" on:click=move |_| add()><Icon glyph=Glyph::Plus/>"Add rule"</button></div>
            <div aria-live="polite">{whole}</div>
        </fieldset>
    }
    .into_any()
}

/// Which of a type's keys there are; labels have any.
fn keys(target: Target, kind: RuleType) -> Vec<(&'static str, &'static str)> {
    match kind {
        RuleType::Label => Vec::new(),
        RuleType::Attribute => target.attributes().iter().map(|known| (known.name(), known.title())).collect(),
    }
}

fn kind_of(rule: &Value) -> RuleType {
    RuleType::of(&text(rule, "type")).unwrap_or(RuleType::Attribute)
}

/// Makes a rule fit again after its type or key was changed.
fn settle(target: Target, rule: &mut Value) {
    let kind = kind_of(rule);
    if kind == RuleType::Attribute && target.attribute(&text(rule, "key")).is_none() {
        rule["key"] = json!(target.attributes().first().map_or("", |first| first.name()));
    }
    let allowed = target.operators(kind, &text(rule, "key"));
    let present = Operator::of(&text(rule, "operator")).filter(|operator| allowed.contains(operator));
    let operator = present.or_else(|| allowed.first().copied()).unwrap_or(Operator::AnyOf);
    rule["operator"] = json!(operator.name());
    if !operator.takes_values() {
        rule["values"] = json!([]);
    }
}

fn line(form: Form, target: Target, index: usize) -> AnyView {
    let rule = memo(move || rules(form).get(index).cloned().unwrap_or_default());
    let kind = memo(move || rule.with(kind_of));
    let key = memo(move || rule.with(|rule| text(rule, "key")));
    let operator = memo(move || rule.with(|rule| text(rule, "operator")));
    let takes_values = memo(move || operator.with(|name| Operator::of(name)).is_none_or(Operator::takes_values));
    // A rule that nobody has touched is not complete yet, and nobody is told so before it is time.
    let touched = RwSignal::new(false);
    let pointer = format!("/filter_rules/{index}");
    let faults = memo(move || {
        if !touched.get() && !form.is_judged() {
            return Vec::new();
        }
        form.faults(&pointer).into_iter().map(|fault| fault.message).collect::<Vec<_>>()
    });
    let number = index + 1;
    let label = move |what: &str| format!("{what} of rule {number}");
    let types = target
        .rule_types()
        .iter()
        .map(|of| {
            let name = of.name();
            view! { <option value=name selected=move || kind.get().name() == name>{name}</option> }
        })
        .collect_view();
    let key_control = move || {
        match kind.get() {
        RuleType::Label => view! {
            <input class="input mono" type="text" aria-label=label("Key") placeholder="Key" autocomplete="off" autocapitalize="off" spellcheck="false"
                aria-describedby=format!("rule-{index}-faults")
                prop:value=move || key.get()
                on:input:target=move |event| { let value = event.target().value(); change(form, index, |rule| rule["key"] = json!(value)); }
                on:blur=move |_| touched.set(true)/>
        }
        .into_any(),
        RuleType::Attribute => {
            let options = keys(target, RuleType::Attribute)
                .into_iter()
                .map(|(name, title)| view! { <option value=name selected=move || key.with(|key| key == name)>{title}</option> })
                .collect_view();
            view! {
                <span class="select-box">
                    <select class="input" aria-label=label("Attribute") aria-describedby=format!("rule-{index}-faults")
                        on:change:target=move |event| {
                            let value = event.target().value();
                            change(form, index, |rule| { rule["key"] = json!(value); settle(target, rule); });
                        }>{options}</select>
                    <Icon glyph=Glyph::Down/>
                </span>
            }
            .into_any()
        }
    }
    };
    let operators = move || {
        let present = operator.get();
        target
            .operators(kind.get(), &key.get())
            .iter()
            .map(|known| view! { <option value=known.name() selected={known.name() == present}>{known.title()}</option> })
            .collect_view()
    };
    let remove = move |_| {
        let mut all = untrack(|| rules(form));
        if index < all.len() {
            all.remove(index);
            form.set(NAME, Value::Array(all));
        }
    };
    view! {
        <li class="rule">
            <div class="rule-line">
                <span class="select-box">
                    <select class="input" id=format!("rule-{index}-type") aria-label=label("Type")
                        on:change:target=move |event| {
                            let value = event.target().value();
                            change(form, index, |rule| {
                                rule["type"] = json!(value);
                                rule["key"] = json!("");
                                settle(target, rule);
                            });
                        }>{types}</select>
                    <Icon glyph=Glyph::Down/>
                </span>
                {key_control}
                <span class="select-box">
                    <select class="input" aria-label=label("Operator")
                        on:change:target=move |event| {
                            let value = event.target().value();
                            change(form, index, |rule| { rule["operator"] = json!(value); settle(target, rule); });
                        }>{operators}</select>
                    <Icon glyph=Glyph::Down/>
                </span>
                <button type="button" class="btn quiet icon-only" aria-label=format!("Remove rule {number}") title="Remove rule" on:click=remove>
                    <Icon glyph=Glyph::Cross/>
                </button>
            </div>
            <Show when=move || takes_values.get()>
                {values(form, index, rule, touched)}
            </Show>
            <div id=format!("rule-{index}-faults") aria-live="polite">
                {move || faults.get().into_iter().map(|message| view! { <p class="message"><Icon glyph=Glyph::Warning/>{message}</p> }).collect_view()}
            </div>
        </li>
    }
    .into_any()
}

/// The values as words that can be taken away, and a box for the next.
fn values(form: Form, index: usize, rule: Memo<Value>, touched: RwSignal<bool>) -> AnyView {
    let typed = RwSignal::new(String::new());
    let present = memo(move || {
        let all = rule.with(|rule| rule.get("values").and_then(Value::as_array).cloned().unwrap_or_default());
        all.iter().map(|value| value.as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    });
    let put = move |all: Vec<String>| change(form, index, |rule| rule["values"] = json!(all));
    let add = move || {
        let word = typed.get_untracked().trim().to_owned();
        if word.is_empty() {
            return;
        }
        let mut all = present.get_untracked();
        if !all.contains(&word) {
            all.push(word);
        }
        typed.set(String::new());
        put(all);
    };
    let chips = move || {
        present
            .get()
            .into_iter()
            .map(|value| {
                let label = format!("Remove value {value}");
                let gone = value.clone();
                view! {
                    <span class="tag">{value}
                        <button type="button" aria-label=label.clone() title=label
                            on:click=move |_| put(present.get_untracked().into_iter().filter(|other| *other != gone).collect())>
                            <Icon glyph=Glyph::Cross/>
                        </button>
                    </span>
                }
            })
            .collect_view()
    };
    let number = index + 1;
    view! {
        <div class="input grouped tag-editor">
            {chips}
            <input type="text" aria-label=format!("Add a value to rule {number}") placeholder="Add a value, then Enter" autocomplete="off"
                autocapitalize="off" spellcheck="false" aria-describedby=format!("rule-{index}-faults")
                prop:value=typed
                on:input:target=move |event| typed.set(event.target().value())
                on:keydown=move |event| match event.key().as_str() {
                    "Enter" if !event.ctrl_key() && !event.meta_key() => { event.prevent_default(); add(); }
                    "Backspace" if typed.with_untracked(String::is_empty) => {
                        let mut all = present.get_untracked();
                        if all.pop().is_some() { put(all); }
                    }
                    _ => {}
                }
                // What was typed and not confirmed is a value too.
                on:blur=move |_| { add(); touched.set(true); }/>
        </div>
    }
    .into_any()
}
