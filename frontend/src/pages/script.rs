//! One script: its code, its versions, its files, the profiles that use it.

mod diff;
mod files;
mod versions;

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::script::{Code, Script, ScriptStatus};
use binnacle_shared::permission::Permission;
use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;

use self::files::Files;
use self::versions::Versions;
use crate::api::{self, legacy, use_load};
use crate::components::{
    Ask, AskInput, CodeView, Empty, Failed, SkeletonRows, Status, When, status, use_confirm, use_toasts,
};
use crate::go::use_go;
use crate::icons::{Glyph, Icon};
use crate::paths;
use crate::react::memo;
use crate::route::use_params_map;
use crate::session::use_session;
use crate::shells::detail::use_tab;
use crate::shells::{Detail, Fact, Facts, Tab};

/// The page of a script.
#[component]
pub fn ScriptPage() -> impl IntoView {
    let params = use_params_map();
    let id = memo(move || params.with(|params| params.get("id")).unwrap_or_default());
    let script =
        use_load(move || Some(id.get()), |id| async move { api::get::<Script>(&format!("scripts/{id}")).await });
    move || {
        match (script.data.get(), script.error.get()) {
        (Some(script_now), _) => {
            view! { <Loaded script=script_now reload=move |()| script.reload()/> }.into_any()
        }
        (None, Some(error)) => {
            view! { <Failed page=true title="The script could not be loaded" error=error retry=move |()| script.reload()/> }.into_any()
        }
        (None, None) => script.slow.get().then(|| view! { <SkeletonRows rows=5/> }).into_any(),
    }
    }
}

#[component]
fn Loaded(script: Script, #[prop(into)] reload: Callback<()>) -> impl IntoView {
    let session = use_session();
    let manages = memo(move || session.may(Kind::Script.outline().manage));
    let tab = use_tab("code");
    let id = script.id;
    let title = script.title.clone();
    let (tone, word) = status::of_value(script.status.name());
    let editable = script.is_editable && script.status == ScriptStatus::Active;
    let archivable = script.status == ScriptStatus::Active;
    let redactable = script.is_redactable && script.status != ScriptStatus::Redacted;
    let copyable = script.status != ScriptStatus::Redacted;
    let files = script.attachments.len();
    let profiles = script.script_profiles.len();
    let actions = {
        let title = title.clone();
        move || {
            let archive = archiver(id, title.clone(), profiles, reload);
            let redact = redacter(id, title.clone(), profiles, reload);
            let copy = copier(id, title.clone());
            let redactable = redactable && session.may(Permission::RedactScript);
            manages.get().then(|| {
                view! {
                    {copyable.then(|| view! {
                        <button type="button" class="btn" on:click=move |_| copy()><Icon glyph=Glyph::Copy/>"Copy script"</button>
                    })}
                    {redactable.then(|| view! {
                        <button type="button" class="btn danger" on:click=move |_| redact()>
                            <Icon glyph=Glyph::Cross/>"Redact script"
                        </button>
                    })}
                    {archivable.then(|| view! {
                        <button type="button" class="btn danger" on:click=move |_| archive()>
                            <Icon glyph=Glyph::Archive/>"Archive script"
                        </button>
                    })}
                    {editable.then(|| view! {
                        <a class="btn primary" href=paths::edit(Kind::Script, id) aria-keyshortcuts="e">
                            <Icon glyph=Glyph::Edit/>"Edit script"
                        </a>
                    })}
                }
            })
        }
    };
    let mut tabs = vec![
        Tab::new("code", "Code"),
        Tab::new("versions", format!("Versions ({})", script.version_number)),
        Tab::new("attachments", format!("Attachments ({files})")),
    ];
    if profiles > 0 {
        tabs.push(Tab::new("profiles", format!("Script profiles ({profiles})")));
    }
    let facts = StoredValue::new(script.clone());
    let body = move || {
        match tab.get().as_str() {
        "versions" => view! { <Versions id=id/> }.into_any(),
        "attachments" => {
            let editable = editable && manages.get();
            facts.with_value(|script| view! { <Files id=id files=script.attachments.clone() editable=editable reload=reload/> }).into_any()
        }
        "profiles" => facts.with_value(|script| view! { <Profiles script=script.clone()/> }).into_any(),
        _ => facts
            .with_value(|script| view! { <div class="card"><CodeView text=Code::join(&script.interpreter, &script.code)/></div> })
            .into_any(),
    }
    };
    view! {
        <Detail
            crumb=(Kind::Script.outline().plural, paths::list(Kind::Script))
            title=title
            status=move || view! { <Status tone=tone word=word.clone()/> }
            actions=actions
            facts=move || facts.with_value(fact_row)
            tabs=Signal::stored(tabs)
            fill=Signal::derive(move || tab.get() == "versions")
        >
            {body}
        </Detail>
    }
}

fn fact_row(script: &Script) -> impl IntoView + use<> {
    let by = script.last_edited_by.as_ref().map_or("–".to_owned(), |person| person.name.clone());
    let user = script.username.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| "–".to_owned());
    let interpreter = script.interpreter.clone();
    view! {
        <Facts row=true facts=vec![
            Fact::new("Version", script.version_number),
            Fact::new("Interpreter", view! { <code>{interpreter}</code> }),
            Fact::new("Run as", view! { <code>{user}</code> }),
            Fact::new("Time limit", format!("{} s", script.time_limit)),
            Fact::new("Access group", script.access_group.clone()),
            Fact::new("Last edited", view! { <When at=Some(script.last_edited_at.0) absolute=true/> }),
            Fact::new("By", by),
        ]/>
    }
}

/// The question before redacting, which is answered by the script's title: nothing brings the
/// code back.
fn redacter(id: i64, title: String, profiles: usize, reload: Callback<()>) -> impl Fn() + 'static {
    let confirm = use_confirm();
    let toasts = use_toasts();
    move || {
        let with = match profiles {
            0 => String::new(),
            1 => " The script profile that uses it is archived.".to_owned(),
            n => format!(" The {n} script profiles that use it are archived."),
        };
        let ask = Ask::new(
            format!("Redact script “{title}”?"),
            format!("The code of every version and all attachments are deleted.{with} This cannot be undone."),
            "Redact script",
            move || {
                spawn_local(async move {
                    match api::send(Method::POST, &format!("scripts/{id}:redact"), &()).await {
                        Ok(_) => {
                            toasts.done("Script redacted");
                            reload.try_run(());
                        }
                        Err(error) => toasts.failed("The script was not redacted", &error),
                    }
                });
            },
        );
        confirm.ask(ask.danger().input(AskInput::Exactly(title.clone())));
    }
}

/// Asks for the copy's title; the answer copies and leads there.
fn copier(id: i64, title: String) -> impl Fn() + 'static {
    let (confirm, toasts, go) = (use_confirm(), use_toasts(), use_go());
    move || {
        let ask = Ask::told(
            format!("Copy script “{title}”"),
            "The copy has the newest version of its code, its files, user and time limit. No script profile uses it yet.",
            "Copy script",
            move |title: String| {
                spawn_local(async move {
                    let id = id.to_string();
                    let sent = [("script_id", id.as_str()), ("destination_title", title.as_str())];
                    match legacy::act::<Script>("CopyScript", &sent).await {
                        Ok(copy) => {
                            toasts.done("Script copied");
                            go.to(&paths::detail(Kind::Script, copy.id));
                        }
                        Err(error) => toasts.failed("The script was not copied", &error),
                    }
                });
            },
        );
        confirm.ask(ask.input(AskInput::Text { label: "Title of the copy", help: "", proposals: Vec::new() }));
    }
}

/// The question before archiving; the answer archives.
fn archiver(id: i64, title: String, profiles: usize, reload: Callback<()>) -> impl Fn() + 'static {
    let confirm = use_confirm();
    let toasts = use_toasts();
    move || {
        let with = match profiles {
            0 => String::new(),
            1 => " The script profile that uses it is archived too.".to_owned(),
            n => format!(" The {n} script profiles that use it are archived too."),
        };
        let ask = Ask::new(
            format!("Archive script “{title}”?"),
            format!("It cannot be run or edited any more.{with} This cannot be undone."),
            "Archive script",
            move || {
                spawn_local(async move {
                    match api::send(Method::POST, &format!("scripts/{id}:archive"), &()).await {
                        Ok(_) => {
                            toasts.done("Script archived");
                            reload.try_run(());
                        }
                        Err(error) => toasts.failed("The script was not archived", &error),
                    }
                });
            },
        );
        confirm.ask(ask.danger());
    }
}

#[component]
fn Profiles(script: Script) -> impl IntoView {
    if script.script_profiles.is_empty() {
        return view! {
            <Empty glyph=Glyph::Profile title="No script profile uses this script"
                text="A script profile runs a script at a time, again and again, or when a computer enrols."/>
        }
        .into_any();
    }
    let lines = script
        .script_profiles
        .into_iter()
        .map(|profile| {
            let name = profile.title;
            if paths::has_page(Kind::ScriptProfile) {
                view! { <a class="line" href=paths::detail(Kind::ScriptProfile, profile.id)>{name}</a> }.into_any()
            } else {
                view! { <span class="line">{name}</span> }.into_any()
            }
        })
        .collect_view();
    view! { <div class="card rows">{lines}</div> }.into_any()
}
