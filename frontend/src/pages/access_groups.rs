//! Access groups: the tree of who looks after what, and making another branch of it.

use binnacle_shared::Kind;
use binnacle_shared::field::{Field, FormUse, ReferenceBy, Widget};
use binnacle_shared::model::landscape::access_group::{AccessGroup, ROOT};
use binnacle_shared::rules;
use binnacle_shared::{FieldError, Problems};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use crate::api::{ApiError, legacy, use_load};
use crate::components::{Ask, Failed, SkeletonRows, cut, use_confirm, use_toasts};
use crate::icons::{Glyph, Icon};
use crate::paths;
use crate::session::use_session;
use crate::shells::{FormPage, FormSpec, Sent, use_form};

const KIND: Kind = Kind::AccessGroup;

/// What a new one is asked for.
const FIELDS: &[Field] = &[
    Field::new("title", "Title", Widget::Text)
        .help("Letters, digits, - and .; its name is made from it.")
        .form(FormUse::required("Access group")),
    Field::new("parent", "Below", Widget::Reference { kind: KIND, by: ReferenceBy::Name })
        .help("People who may see the group above see this one too.")
        .form(FormUse::required("Access group")),
];

/// `/access-groups`
#[component]
pub fn AccessGroupsPage() -> impl IntoView {
    let info = KIND.outline();
    crate::frame::use_title(Signal::stored(info.plural.to_owned()));
    let session = use_session();
    let groups = use_load(|| Some(()), |()| async { legacy::read::<Vec<AccessGroup>>("GetAccessGroups", &[]).await });
    let manages = session.may(info.manage);
    let again: Callback<()> = Callback::new(move |()| groups.reload());
    let body = move || match (groups.data.get(), groups.error.get()) {
        (_, Some(error)) => {
            view! { <Failed title="The access groups could not be loaded" error=error retry=again/> }.into_any()
        }
        (Some(groups), None) => table(&groups, manages, again),
        (None, None) => groups.slow.get().then(|| view! { <SkeletonRows rows=4/> }).into_any(),
    };
    view! {
        <div class="page">
            <div class="head">
                <h1>{info.plural}</h1>
                <div class="actions-end">
                    {manages.then(|| view! {
                        <a class="btn primary" href=paths::create(KIND) aria-keyshortcuts="c"><Icon glyph=Glyph::Plus/>"Create access group"</a>
                    })}
                </div>
            </div>
            <p class="help lead">{info.purpose}" What people may do in a group they may also do in those below it."</p>
            <section class="card list-card" aria-label=info.plural>{body}</section>
        </div>
    }
}

fn table(groups: &[AccessGroup], manages: bool, again: Callback<()>) -> AnyView {
    let rows = in_order(groups)
        .into_iter()
        .map(|(depth, group)| {
            let AccessGroup { name, title, children, .. } = group.clone();
            let computers = paths::with_query(&paths::list(Kind::Computer), &[("access_group", &name)]);
            let scripts = paths::with_query(&paths::list(Kind::Script), &[("access_group", &name)]);
            let label = format!("Remove access group {title}");
            let removable = manages && name != ROOT && children.is_empty();
            let remove = remover(name.clone(), title.clone(), again);
            view! {
                <tr class="data">
                    <td class="key" style:padding-left=format!("{}px", 12 + depth * 20)>{cut(&title, false)}</td>
                    <td>{cut(&name, true)}</td>
                    <td><span class="row"><a href=computers>"Computers"</a><a href=scripts>"Scripts"</a></span></td>
                    <td class="end">{removable.then(|| view! {
                        <button type="button" class="btn quiet small danger" aria-label=label on:click=move |_| remove.run(())>"Remove"</button>
                    })}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="list-scroll" tabindex="-1">
            <table class="table few">
                <thead><tr><th scope="col">"Title"</th><th scope="col">"Name"</th><th scope="col">"Holds"</th>
                    <th scope="col"><span class="visually-hidden">"Actions"</span></th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn remover(name: String, title: String, again: Callback<()>) -> Callback<()> {
    let (confirm, toasts) = (use_confirm(), use_toasts());
    Callback::new(move |()| {
        let name = name.clone();
        let ask = Ask::new(
            format!("Remove access group “{title}”?"),
            "Only a group that holds nothing can be removed. Roles lose it.",
            "Remove access group",
            move || {
                let name = name.clone();
                spawn_local(async move {
                    match legacy::act::<Value>("RemoveAccessGroup", &[("name", &name)]).await {
                        Ok(_) => toasts.done("Access group removed"),
                        Err(error) => toasts.failed("The access group was not removed", &error),
                    }
                    again.try_run(());
                });
            },
        );
        confirm.ask(ask.danger());
    })
}

/// The tree from its root down, each with its depth. What has no way to the root comes last.
fn in_order(groups: &[AccessGroup]) -> Vec<(usize, &AccessGroup)> {
    let mut order: Vec<(usize, &AccessGroup)> = Vec::new();
    let known = |name: &str| groups.iter().any(|group| group.name == name);
    let mut open: Vec<(usize, &AccessGroup)> =
        groups.iter().filter(|group| !known(&group.parent)).map(|group| (0, group)).collect();
    open.sort_by(|(_, a), (_, b)| b.title.cmp(&a.title));
    while let Some((depth, group)) = open.pop() {
        if order.iter().any(|(_, other)| other.name == group.name) {
            continue;
        }
        order.push((depth, group));
        let mut below: Vec<_> = groups.iter().filter(|other| other.parent == group.name).collect();
        below.sort_by(|a, b| b.title.cmp(&a.title));
        open.extend(below.into_iter().map(|group| (depth + 1, group)));
    }
    order
}

/// `/access-groups/create`
#[component]
pub fn CreateAccessGroup() -> impl IntoView {
    let spec = FormSpec::new(KIND, FIELDS, None, json!({ "parent": ROOT }), judge, |body| async move {
        let pairs = parts(&body);
        let _: Value = legacy::act("CreateAccessGroup", &legacy::borrow(&pairs)).await.map_err(placed)?;
        Ok(paths::list(KIND))
    })
    .sent(Sent::action("CreateAccessGroup", parts))
    .verb("Create access group");
    view! { <FormPage form=use_form(spec) crumb=(KIND.outline().plural, paths::list(KIND)) title="Create access group"/> }
}

fn judge(body: &Value) -> Problems {
    let mut problems = Problems::default();
    let title = body.get("title").and_then(Value::as_str).unwrap_or_default().to_owned();
    if let Err(violation) = rules::title(title) {
        problems.push(violation.at("/title".to_owned()));
    }
    problems
}

fn parts(body: &Value) -> Vec<(String, String)> {
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    vec![("title".to_owned(), text("title")), ("parent".to_owned(), text("parent"))]
}

/// What the legacy API says of a title without saying where.
fn placed(mut error: ApiError) -> ApiError {
    if error.problems.is_empty() && matches!(error.code.as_str(), "DuplicateAccessGroup" | "InvalidAccessGroup") {
        error.problems.push(FieldError::new("/title", error.code.clone(), error.message.clone()));
    }
    error
}

#[cfg(test)]
mod tests {
    use binnacle_shared::model::landscape::access_group::AccessGroup;

    use super::in_order;

    #[test]
    fn a_group_stands_below_its_parent() {
        let group = |name: &str, parent: &str| AccessGroup {
            name: name.to_owned(),
            title: name.to_owned(),
            parent: parent.to_owned(),
            children: String::new(),
        };
        let all = [group("web", "server"), group("desk", "global"), group("global", ""), group("server", "global")];
        let order: Vec<_> = in_order(&all).into_iter().map(|(depth, group)| (depth, group.name.as_str())).collect();
        assert_eq!(order, [(0, "global"), (1, "desk"), (1, "server"), (2, "web")]);
    }
}
