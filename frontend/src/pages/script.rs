//! One script: its code, its versions, the profiles that use it.

use binnacle_shared::Kind;
use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::script::{Code, Script, ScriptStatus, ScriptVersion};
use binnacle_shared::permission::Permission;
use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, use_load};
use crate::components::{
    Ask, AskInput, CodeView, Empty, Failed, SkeletonRows, Status, When, status, use_confirm, use_toasts,
};
use crate::go::use_url;
use crate::icons::{Glyph, Icon};
use crate::paths;
use crate::react::memo;
use crate::route::use_params_map;
use crate::session::use_session;
use crate::shells::detail::use_tab;
use crate::shells::{Detail, Fact, Facts, Split, Tab};

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
    let manages = memo(move || session.may(Kind::Script.info().manage));
    let tab = use_tab("code");
    let id = script.id;
    let title = script.title.clone();
    let (tone, word) = status::of_value(script.status.name());
    let editable = script.is_editable && script.status == ScriptStatus::Active;
    let archivable = script.status == ScriptStatus::Active;
    let redactable = script.is_redactable && script.status != ScriptStatus::Redacted;
    let profiles = script.script_profiles.len();
    let actions = {
        let title = title.clone();
        move || {
            let archive = archiver(id, title.clone(), profiles, reload);
            let redact = redacter(id, title.clone(), profiles, reload);
            let redactable = redactable && session.may(Permission::RedactScript);
            manages.get().then(|| {
                view! {
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
    let mut tabs =
        vec![Tab::new("code", "Code"), Tab::new("versions", format!("Versions ({})", script.version_number))];
    if profiles > 0 {
        tabs.push(Tab::new("profiles", format!("Script profiles ({profiles})")));
    }
    let facts = StoredValue::new(script.clone());
    let body = move || {
        match tab.get().as_str() {
        "versions" => view! { <Versions id=id/> }.into_any(),
        "profiles" => facts.with_value(|script| view! { <Profiles script=script.clone()/> }).into_any(),
        _ => facts
            .with_value(|script| view! { <div class="card"><CodeView text=Code::join(&script.interpreter, &script.code)/></div> })
            .into_any(),
    }
    };
    view! {
        <Detail
            crumb=(Kind::Script.info().plural, paths::list(Kind::Script))
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

/// All versions at the left, the chosen one's code at the right.
#[component]
fn Versions(id: i64) -> impl IntoView {
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
    let code = move || {
        shown.get().map(|version| {
            let text = Code::join(&version.interpreter, &version.code);
            view! {
                <div class="card-bar top-edge"><b>"Version "{version.version_number}</b><span class="cut">{version.title}</span></div>
                <div class="scroll"><CodeView text=text/></div>
            }
        })
    };
    move || {
        if let Some(error) = versions.error.get() {
            return view! { <Failed title="The versions could not be loaded" error=error retry=move |()| versions.reload()/> }.into_any();
        }
        view! {
            <Split chosen=Signal::derive(move || wanted().is_some()) back=Signal::derive(move || url.with(&[("version", "")]))
                back_label="Versions" left=Box::new(move || view! { <div class="rows scroll">{lines}</div> }.into_any())>
                {code}
            </Split>
        }
        .into_any()
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
