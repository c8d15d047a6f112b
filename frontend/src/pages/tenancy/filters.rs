//! Filters of deployments and of blueprints: rules under a name.

use std::fmt::Write as _;

use binnacle_shared::field::{Field, FormUse, Widget};
use binnacle_shared::filter::{Rule, RuleType, Target, parse, words};
use binnacle_shared::model::conductor::{fields, filter};
use binnacle_shared::registry::KindInfo;
use binnacle_shared::{Kind, Problems};
use gloo_net::http::Method;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::common::{
    edit_and_remove, facts, flag, guarded, hands, judge, list, loaded, only, page_of, path_of, taken, text,
    with_removal,
};
use super::filter_builder;
use crate::api::conductor;
use crate::components::{Note, Status, Tone};
use crate::paths;
use crate::shells::{Detail, Facts, Form, FormPage, FormSpec, ListPage, Sent, use_form};

const REMOVED: &str = "Whoever asks for it by its name gets an error. This cannot be undone.";

const FIELDS: &[Field] = &[
    Field::new("id", "ID", Widget::Mono)
        .help("Begins with a letter; letters, digits, -, ., _ and ~ follow.")
        .rule(fields::name)
        .form(FormUse::required("Filter").fixed()),
    Field::new("visibility", "Visibility", Widget::Select(fields::VISIBILITIES))
        .help("It can be widened and never narrowed.")
        .form(FormUse::optional("Filter")),
    Field::new("filter_rules", "Rules", Widget::Code).form(FormUse::required("Rules")),
];

/// What a kind of filters chooses.
const fn target(kind: Kind) -> Target {
    match kind {
        Kind::BlueprintFilter => Target::Blueprints,
        _ => Target::Deployments,
    }
}

const fn info(kind: Kind) -> &'static KindInfo {
    match kind {
        Kind::BlueprintFilter => &filter::OF_BLUEPRINTS,
        _ => &filter::OF_DEPLOYMENTS,
    }
}

/// `/deployment-filters`
#[component]
pub fn DeploymentFilters() -> impl IntoView {
    page(Kind::DeploymentFilter)
}

/// `/blueprint-filters`
#[component]
pub fn BlueprintFilters() -> impl IntoView {
    page(Kind::BlueprintFilter)
}

/// `/deployment-filters/create`
#[component]
pub fn CreateDeploymentFilter() -> impl IntoView {
    guarded("filter_create", || create(Kind::DeploymentFilter, builder_of_deployments))
}

/// `/blueprint-filters/create`
#[component]
pub fn CreateBlueprintFilter() -> impl IntoView {
    guarded("filter_create", || create(Kind::BlueprintFilter, builder_of_blueprints))
}

/// `/deployment-filters/web`
#[component]
pub fn DeploymentFilter() -> impl IntoView {
    one(Kind::DeploymentFilter)
}

/// `/blueprint-filters/web`
#[component]
pub fn BlueprintFilter() -> impl IntoView {
    one(Kind::BlueprintFilter)
}

/// `/deployment-filters/web/edit`
#[component]
pub fn EditDeploymentFilter() -> impl IntoView {
    guarded("filter_update", || edit(Kind::DeploymentFilter, builder_of_deployments))
}

/// `/blueprint-filters/web/edit`
#[component]
pub fn EditBlueprintFilter() -> impl IntoView {
    guarded("filter_update", || edit(Kind::BlueprintFilter, builder_of_blueprints))
}

fn builder_of_deployments(form: Form) -> AnyView {
    filter_builder::builder(form, Target::Deployments)
}

fn builder_of_blueprints(form: Form) -> AnyView {
    filter_builder::builder(form, Target::Blueprints)
}

fn page(kind: Kind) -> AnyView {
    let spec = with_removal(list(info(kind)), kind, "filter_delete", REMOVED)
        .create(format!("Create {}", kind.outline().singular), paths::create(kind));
    view! { <ListPage spec=spec/> }.into_any()
}

fn rules_of(kind: Kind, body: &Value) -> Result<Vec<Rule>, Problems> {
    let rules = body.get("filter_rules").cloned().unwrap_or_else(|| json!([]));
    parse::rules(target(kind), &rules, "/filter_rules").map_err(|invalid| invalid.problems)
}

/// Judges a body. `had` are the types of the rules that there are: the API replaces the rules of
/// the types that it is given, and so cannot take the last of a type away.
fn rules(kind: Kind, had: Vec<RuleType>, edits: bool) -> impl Fn(&Value) -> Problems {
    move |body| {
        let mut problems = judge(FIELDS, body, edits);
        match rules_of(kind, body) {
            Err(found) => problems.0.extend(found.0),
            Ok(rules) => {
                for lost in had.iter().filter(|had| !rules.iter().any(|rule| rule.kind == **had)) {
                    let message = format!(
                        "It has rules about {}s, of which one must stay: the API replaces rules of a type and removes no type. Make a new filter instead.",
                        lost.name()
                    );
                    problems.push(binnacle_shared::FieldError::new("/filter_rules", "required", message));
                }
            }
        }
        problems
    }
}

/// What the whole filter says, and that there are no rows to try it on yet.
#[component]
fn InWords(kind: Kind, form: Form) -> impl IntoView {
    let said = crate::react::memo(move || {
        form.body.with(|body| rules_of(kind, body).ok().map(|rules| words::sentence(target(kind), &rules)))
    });
    let plural = target(kind).title();
    view! {
        <section class="card panel">
            <h2>"In words"</h2>
            <p aria-live="polite">{move || said.get().unwrap_or_else(|| "The rules are not complete yet.".to_owned())}</p>
            <p class="help">{format!("{plural} come with a later version; then what matches is shown here.")}</p>
        </section>
    }
}

fn create(kind: Kind, draw: fn(Form) -> AnyView) -> AnyView {
    let sent = move |body: &Value| (path_of(kind, &text(body, "id")), only(body, &["filter_rules", "visibility"]));
    let verb = format!("Create {}", kind.outline().singular);
    let spec = FormSpec::named(
        kind,
        FIELDS,
        None,
        json!({ "visibility": "tenant", "filter_rules": [filter_builder::fresh(target(kind))] }),
        rules(kind, Vec::new(), false),
        move |body| async move {
            let (path, sent) = sent(&body);
            let made = conductor::change(Method::PUT, &path, &sent).await.map_err(taken("/id"))?;
            Ok(page_of(kind, &text(&made, "id")))
        },
    )
    .custom("filter_rules", draw)
    .sent(Sent::conductor("PUT", sent))
    .verb(verb.clone());
    let form = use_form(spec);
    let side = move || view! { <InWords kind=kind form=form/> };
    view! { <FormPage form=form crumb=(kind.outline().plural, paths::list(kind)) title=verb side=side/> }.into_any()
}

fn edit(kind: Kind, draw: fn(Form) -> AnyView) -> AnyView {
    loaded(kind, "", move |filter, _| {
        let id = text(filter, "id");
        let value = filter.get("value").cloned().unwrap_or_else(|| json!([]));
        let present = parse::rules(target(kind), &value, "").unwrap_or_default();
        let had = RuleType::ALL.iter().copied().filter(|of| present.iter().any(|rule| rule.kind == *of)).collect();
        let initial = json!({ "id": id, "visibility": filter.get("visibility"), "filter_rules": value });
        let at = path_of(kind, &id);
        let shown = at.clone();
        let name = id.clone();
        let spec = FormSpec::named(kind, FIELDS, Some(id.clone()), initial, rules(kind, had, true), move |body| {
            let (at, name) = (at.clone(), name.clone());
            async move {
                conductor::change(Method::PATCH, &at, &only(&body, &["filter_rules", "visibility"])).await?;
                Ok(page_of(kind, &name))
            }
        })
        .custom("filter_rules", draw)
        .sent(Sent::conductor("PATCH", move |body| (shown.clone(), only(body, &["filter_rules", "visibility"]))))
        .verb(format!("Save {}", kind.outline().singular));
        let form = use_form(spec);
        let side = move || view! { <InWords kind=kind form=form/> };
        view! { <FormPage form=form crumb=(kind.outline().plural, paths::list(kind)) title=format!("Edit {id}") side=side/> }
            .into_any()
    })
}

fn one(kind: Kind) -> AnyView {
    loaded(kind, "", move |filter, _| {
        let id = text(filter, "id");
        let built_in = flag(filter, "is_system_filter");
        let removal = hands().remove(kind, &id, REMOVED, false);
        let buttons = edit_and_remove(kind, &id, ["filter_update", "filter_delete"], removal);
        let actions = move || (!built_in).then(&buttons);
        let status = move || built_in.then(|| view! { <Status tone=Tone::Off word="Built in"/> });
        let value = filter.get("value").cloned().unwrap_or_else(|| json!([]));
        let said = match parse::rules(target(kind), &value, "") {
            Ok(rules) => view! { <p>{words::sentence(target(kind), &rules)}</p> }.into_any(),
            Err(invalid) => view! { <Note tone=Tone::Bad>{invalid.reason}</Note> }.into_any(),
        };
        let lines = value.as_array().cloned().unwrap_or_default();
        let lines = lines.iter().map(|rule| view! { <li><code>{written(rule)}</code></li> }).collect_view();
        let facts = facts(info(kind), filter, &["is_system_filter"]);
        view! {
            <Detail crumb=(kind.outline().plural, paths::list(kind)) title=id actions=actions status=status>
                <div class="columns">
                    <section class="card panel"><h2>"In words"</h2>{said}<h2>"Rules"</h2><ul class="plain-list">{lines}</ul></section>
                    <section class="card" aria-label="Facts"><Facts facts=facts/></section>
                </div>
            </Detail>
        }
        .into_any()
    })
}

/// A rule as the API has it, in one line.
fn written(rule: &Value) -> String {
    let mut line = format!("{} {} {}", text(rule, "type"), text(rule, "key"), text(rule, "operator"));
    let values = rule.get("values").and_then(Value::as_array).cloned().unwrap_or_default();
    let values: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
    if !values.is_empty() {
        let _ = write!(line, " [{}]", values.join(", "));
    }
    line
}
