//! Which computers a profile would reach now, while it is being written.

use std::time::Duration;

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::access_group::{AccessGroup, ROOT};
use binnacle_shared::model::landscape::limits::ScriptProfileLimits;
use binnacle_shared::model::landscape::script::Script;
use binnacle_shared::model::landscape::script_profile::{Preview, PreviewRequest, TriggerType};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::api::{self, Load, legacy, use_load};
use crate::components::{Note, Tag, Tone};
use crate::paths;
use crate::react::memo;
use crate::shells::Form;
use crate::shells::list::grouped;

/// What the question depends on.
#[derive(Clone, Debug, PartialEq)]
struct Question {
    script_id: i64,
    all_computers: bool,
    tags: Vec<String>,
}

impl Question {
    fn of(form: Form) -> Option<Self> {
        let body = json!({
            "script_id": form.get("script_id"),
            "all_computers": form.get("all_computers") == Value::Bool(true),
            "tags": form.get("tags"),
        });
        let PreviewRequest { script_id, all_computers, tags } = PreviewRequest::parse(&body).ok()?;
        Some(Self { script_id, all_computers, tags: if all_computers { Vec::new() } else { tags } })
    }

    fn reaches_something(&self) -> bool {
        self.all_computers || !self.tags.is_empty()
    }
}

/// A panel with how many computers match, and some of them by name.
#[component]
pub fn Matching(form: Form, script: Load<Script>, limits: Load<ScriptProfileLimits>) -> impl IntoView {
    let wanted = memo(move || Question::of(form));
    let question = RwSignal::new(wanted.get_untracked());
    let mut later = debounce(Duration::from_millis(300), move |next: Option<Question>| {
        question.try_set(next);
    });
    Effect::new(move |before: Option<()>| {
        let next = wanted.get();
        if before.is_some() {
            later(next);
        }
    });
    let preview = use_load(
        move || question.get().filter(Question::reaches_something),
        |question| async move {
            let Question { script_id, all_computers, tags } = question;
            let body = json!({ "script_id": script_id, "all_computers": all_computers, "tags": tags });
            api::post::<Preview>("script-profiles:preview", &body).await
        },
    );
    let groups = use_load(|| Some(()), |()| async { legacy::read::<Vec<AccessGroup>>("GetAccessGroups", &[]).await });
    let link = Signal::derive(move || {
        let question = question.get()?;
        let (script, groups) = (script.data.get()?, groups.data.get()?);
        Some(computers_link(&question.tags, &script.access_group, &groups))
    });
    let asked = memo(move || question.with(|q| q.as_ref().is_some_and(Question::reaches_something)));
    let summary = move || {
        let preview = preview.data.get().filter(|_| asked.get())?;
        Some(view! { <span class="muted">{grouped(preview.count)}" of "{grouped(preview.total)}</span> })
    };
    let body = move || {
        let Some(question) = question.get() else {
            return view! { <p class="muted">{hint(form)}</p> }.into_any();
        };
        if !question.reaches_something() {
            return view! { <p class="muted">"Add a tag, or choose all computers; without either the profile reaches none."</p> }.into_any();
        }
        if let Some(error) = preview.error.get() {
            return view! { <Note tone=Tone::Bad>{error.message}</Note> }.into_any();
        }
        let Some(answer) = preview.data.get() else { return ().into_any() };
        let most = limits.data.get().map(|limits| limits.max_num_computers);
        view! { <Answer answer=answer link=link most=most enrols=enrols(form)/> }.into_any()
    };
    view! {
        <section class="card panel" aria-labelledby="matching-title" aria-live="polite" aria-busy=move || preview.slow.get().then_some("true")>
            <h2 id="matching-title">"Computers that match now"{summary}</h2>
            {body}
        </section>
    }
}

fn enrols(form: Form) -> bool {
    form.text("trigger/trigger_type") == TriggerType::Event.name()
}

fn hint(form: Form) -> &'static str {
    if form.get("script_id").is_null() {
        "Choose a script first: computers of its access group are reached."
    } else {
        "Shown when the tags are in order."
    }
}

#[component]
fn Answer(answer: Preview, link: Signal<Option<String>>, most: Option<i64>, enrols: bool) -> impl IntoView {
    let named = i64::try_from(answer.computers.len()).unwrap_or(i64::MAX);
    let computers = answer
        .computers
        .into_iter()
        .map(|computer| view! { <Tag text=computer.title href=paths::detail(Kind::Computer, computer.id)/> })
        .collect_view();
    let more = answer.count - named;
    let words = if more > 0 { format!("and {} more", grouped(more)) } else { "Show in the list".to_owned() };
    let too_many = most.filter(|most| answer.count > *most);
    view! {
        {if answer.count == 0 {
            view! { <p class="muted">"None. The profile reaches whatever matches by the time it runs."</p> }.into_any()
        } else {
            view! {
                <div class="matching">
                    {computers}
                    {move || link.get().map(|href| view! { <a href=href target="_blank" rel="noopener">{words.clone()}<span class="visually-hidden">" (opens in a new tab)"</span></a> })}
                </div>
            }.into_any()
        }}
        {too_many.map(|most| view! {
            <Note tone=Tone::Wait>"A profile reaches at most "{grouped(most)}" computers. Use tags that fewer have."</Note>
        })}
        {(enrols && answer.count > 0).then(|| view! {
            <Note>"These are enrolled already, so this profile does not run on them."</Note>
        })}
    }
}

/// The list of computers that match: of the script's access group and those below it, with any of
/// the tags.
fn computers_link(tags: &[String], group: &str, groups: &[AccessGroup]) -> String {
    let below = if group == ROOT { String::new() } else { with_descendants(group, groups).join(",") };
    paths::with_query(&paths::list(Kind::Computer), &[("tags", &tags.join(",")), ("access_group", &below)])
}

fn with_descendants(group: &str, groups: &[AccessGroup]) -> Vec<String> {
    let mut names = vec![group.to_owned()];
    let mut index = 0;
    while let Some(parent) = names.get(index).cloned() {
        for child in groups.iter().filter(|other| other.parent == parent) {
            // A tree that bites its tail must not keep us here.
            if !names.contains(&child.name) {
                names.push(child.name.clone());
            }
        }
        index += 1;
    }
    names
}

#[cfg(test)]
mod tests {
    use binnacle_shared::model::landscape::access_group::AccessGroup;

    use super::with_descendants;

    #[test]
    fn groups_below_are_reached_too() {
        let group = |name: &str, parent: &str| AccessGroup {
            name: name.to_owned(),
            title: name.to_owned(),
            parent: parent.to_owned(),
            children: String::new(),
        };
        let all = [
            group("global", ""),
            group("server", "global"),
            group("web", "server"),
            group("tls", "web"),
            group("desk", "global"),
        ];
        assert_eq!(with_descendants("server", &all), ["server", "web", "tls"]);
        assert_eq!(with_descendants("desk", &all), ["desk"]);
    }
}
