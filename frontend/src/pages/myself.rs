//! One's own sign-in: sessions, access keys, password.

use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::session::{AccessKey, IssuedAccessKey, Myself, Session};
use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use crate::api::{self, ApiError, Load, use_load};
use crate::components::{
    Ask, AskInput, Failed, Note, Sample, SkeletonRows, Status, Tone, When, cut, use_confirm, use_toasts,
};
use crate::icons::{Glyph, Icon};
use crate::shells::detail::use_tab;
use crate::shells::list::focus;
use crate::shells::{Detail, Fact, Facts, Tab};

/// `/account`
#[component]
pub fn MyselfPage() -> impl IntoView {
    let me = use_load(|| Some(()), |()| async { api::get::<Myself>("person").await });
    let tab = use_tab("sessions");
    let facts = move || {
        me.data.get().map(|me| {
            let roles: Vec<String> = me.accounts.iter().flat_map(|account| account.roles.clone()).collect();
            view! {
                <Facts row=true facts=vec![
                    Fact::new("E-mail", me.email),
                    Fact::new("Roles", roles.join(", ")),
                    Fact::new("Last signed in", view! { <When at=me.last_login_time.map(|at| at.0) absolute=true none="–"/> }),
                    Fact::new("From", me.last_login_host.unwrap_or_else(|| "–".to_owned())),
                ]/>
            }
        })
    };
    let body = move || match tab.get().as_str() {
        "access-keys" => view! { <Keys/> }.into_any(),
        "password" => view! { <Password/> }.into_any(),
        _ => view! { <Sessions/> }.into_any(),
    };
    let title = Signal::derive(move || {
        me.data.with(|me| me.as_ref().map_or_else(|| "Your account".to_owned(), |me| me.name.clone()))
    });
    let tabs = vec![
        Tab::new("sessions", "Sessions"),
        Tab::new("access-keys", "Access keys"),
        Tab::new("password", "Password"),
    ];
    view! {
        <Detail crumb=("Computers", crate::paths::HOME.to_owned()) title=title facts=facts tabs=Signal::stored(tabs)>{body}</Detail>
    }
}

/// A table of what was loaded, or why there is none.
fn loaded<T: Clone + Send + Sync + 'static>(
    what: &'static str,
    load: Load<Vec<T>>,
    heads: &'static [&'static str],
    row: fn(T, Load<Vec<T>>) -> AnyView,
    none: &'static str,
) -> impl IntoView {
    move || match (load.data.get(), load.error.get()) {
        (_, Some(error)) => {
            view! { <Failed title=format!("{what} could not be loaded") error=error retry=move |()| load.reload()/> }
                .into_any()
        }
        (Some(items), None) if items.is_empty() => view! { <p class="muted panel">{none}</p> }.into_any(),
        (Some(items), None) => {
            let heads = heads.iter().map(|head| view! { <th scope="col">{*head}</th> }).collect_view();
            let rows = items.into_iter().map(|item| row(item, load)).collect_view();
            view! {
                <div class="list-scroll" tabindex="-1"><table class="table few" aria-label=what>
                    <thead><tr>{heads}<th scope="col"><span class="visually-hidden">"Actions"</span></th></tr></thead>
                    <tbody>{rows}</tbody>
                </table></div>
            }
            .into_any()
        }
        (None, None) => load.slow.get().then(|| view! { <SkeletonRows rows=3/> }).into_any(),
    }
}

/// Asks, does it, says so and loads again.
fn act<T: Send + Sync + 'static>(
    ask: [String; 3],
    done: &'static str,
    path: String,
    load: Load<Vec<T>>,
) -> Callback<()> {
    let (confirm, toasts) = (use_confirm(), use_toasts());
    Callback::new(move |()| {
        let [title, text, verb] = ask.clone();
        let path = path.clone();
        let yes = move || {
            let path = path.clone();
            spawn_local(async move {
                match api::send(Method::DELETE, &path, &()).await {
                    Ok(_) => toasts.done(done),
                    Err(error) => toasts.failed("Nothing was changed", &error),
                }
                load.reload();
            });
        };
        confirm.ask(Ask::new(title, text, verb, yes).danger());
    })
}

#[component]
fn Sessions() -> impl IntoView {
    let toasts = use_toasts();
    let confirm = use_confirm();
    let load = use_load(
        || Some(()),
        |()| async { api::list::<Session>("sessions", &[]).await.map(|answer: Envelope<Session>| answer.results) },
    );
    let others = move || {
        let yes = move || {
            spawn_local(async move {
                match api::send(Method::POST, "sessions:revoke-others", &()).await {
                    Ok(_) => toasts.done("All other sessions have ended"),
                    Err(error) => toasts.failed("The sessions go on", &error),
                }
                load.reload();
            });
        };
        confirm.ask(
            Ask::new("End all other sessions?", "Whoever uses them has to sign in again.", "End other sessions", yes)
                .danger(),
        );
    };
    let several = move || load.data.with(|list| list.as_ref().is_some_and(|list| list.len() > 1));
    view! {
        <section class="card" aria-label="Sessions">
            {loaded("Sessions", load, &["Browser", "Address", "Began", "Last used", "Ends"], session_row, "There are no sessions.")}
            {move || several().then(|| view! {
                <div class="card-bar bottom-edge"><button type="button" class="btn small danger" on:click=move |_| others()>"End all other sessions"</button></div>
            })}
        </section>
    }
}

/// What a browser or program calls itself, in two words; the whole is on hover.
fn browser_name(said: &str) -> String {
    let has = |mark: &str| said.contains(mark);
    // Most browsers name those before them too, so the order matters.
    let known = [("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    let systems =
        [("Android", "Android"), ("iPhone", "iPhone"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux")];
    let first = || said.split([' ', '/']).next().unwrap_or_default();
    let Some((_, browser)) = known.into_iter().find(|(mark, _)| has(mark)) else { return first().to_owned() };
    match systems.into_iter().find(|(mark, _)| has(mark)) {
        Some((_, system)) => format!("{browser} on {system}"),
        None => browser.to_owned(),
    }
}

fn session_row(session: Session, load: Load<Vec<Session>>) -> AnyView {
    let browser = session.user_agent.unwrap_or_else(|| "unknown".to_owned());
    let label = format!("End the session of {}", browser_name(&browser));
    let end = act(
        ["End this session?".to_owned(), "Whoever uses it has to sign in again.".to_owned(), "End session".to_owned()],
        "Session ended",
        format!("sessions/{}", session.id),
        load,
    );
    let last = if session.current {
        view! { <Status tone=Tone::Ok word="This one"/> }.into_any()
    } else {
        view! { <button type="button" class="btn quiet small danger" aria-label=label on:click=move |_| end.run(())>"End"</button> }.into_any()
    };
    view! {
        <tr class="data">
            <td><span title=browser.clone()>{browser_name(&browser)}</span></td>
            <td>{session.address.map(|address| cut(&address, true))}</td>
            <td><When at=Some(session.created_at.0)/></td>
            <td><When at=Some(session.last_used_at.0)/></td>
            <td><When at=Some(session.expires_at.0)/></td>
            <td class="end">{last}</td>
        </tr>
    }
    .into_any()
}

#[component]
fn Keys() -> impl IntoView {
    let (confirm, toasts) = (use_confirm(), use_toasts());
    let load = use_load(
        || Some(()),
        |()| async {
            api::list::<AccessKey>("access-keys", &[]).await.map(|answer: Envelope<AccessKey>| answer.results)
        },
    );
    let made = RwSignal::new(None::<IssuedAccessKey>);
    let create = move || {
        let yes = move |title: String| {
            spawn_local(async move {
                match api::post::<IssuedAccessKey>("access-keys", &json!({ "title": title })).await {
                    Ok(key) => {
                        made.try_set(Some(key));
                    }
                    Err(error) => toasts.failed("No access key was made", &error),
                }
                load.reload();
            });
        };
        let input = AskInput::Text {
            label: "What it is for",
            help: "For example the name of a script or a machine.",
            proposals: Vec::new(),
        };
        confirm.ask(
            Ask::told(
                "Create an access key?",
                "Whoever has it and its secret may do what you may.",
                "Create access key",
                yes,
            )
            .input(input),
        );
    };
    let fresh = move || {
        made.get().map(|key| {
            view! {
                <Note tone=Tone::Ok>"Keep the secret key now: it is not shown again."</Note>
                <Sample title="Secret key" text=key.secret_key/>
                <Sample title="For the shell" text=key.exports/>
            }
        })
    };
    view! {
        <div class="stack">
            <div class="row">
                <button type="button" class="btn primary" aria-keyshortcuts="c" on:click=move |_| create()><Icon glyph=Glyph::Plus/>"Create access key"</button>
                <span class="muted">"Programs sign their requests to the API with access keys."</span>
            </div>
            {fresh}
            <section class="card" aria-label="Access keys">
                {loaded("Access keys", load, &["For", "Access key", "Made", "Last used", "From"], key_row, "You have no access keys.")}
            </section>
        </div>
    }
}

fn key_row(key: AccessKey, load: Load<Vec<AccessKey>>) -> AnyView {
    let label = format!("Revoke access key {}", key.title);
    let revoke = act(
        [
            format!("Revoke access key “{}”?", key.title),
            "Programs that use it are refused from now on. This cannot be undone.".to_owned(),
            "Revoke access key".to_owned(),
        ],
        "Access key revoked",
        format!("access-keys/{}", key.id),
        load,
    );
    view! {
        <tr class="data">
            <td class="key">{cut(&key.title, false)}</td>
            <td>{cut(&key.access_key, true)}</td>
            <td><When at=Some(key.created_at.0)/></td>
            <td><When at=key.last_used_at.map(|at| at.0) none="never"/></td>
            <td>{key.last_address.unwrap_or_else(|| "–".to_owned())}</td>
            <td class="end"><button type="button" class="btn quiet small danger" aria-label=label on:click=move |_| revoke.run(())>"Revoke"</button></td>
        </tr>
    }
    .into_any()
}

/// Not a form of the shell: what is typed here is kept nowhere and shown as no request.
#[component]
fn Password() -> impl IntoView {
    let toasts = use_toasts();
    let values = [RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new())];
    let trouble = RwSignal::new(None::<(usize, String)>);
    let busy = RwSignal::new(false);
    let wrong = move |at: usize, words: &str| {
        trouble.set(Some((at, words.to_owned())));
        focus(&format!("#password-{at}"));
    };
    let send = move || {
        let [old, new, again] = values.map(|value| value.get_untracked());
        trouble.set(None);
        if old.is_empty() {
            return wrong(0, "Enter your present password.");
        }
        if new.is_empty() {
            return wrong(1, "Enter a new password.");
        }
        if new != again {
            return wrong(2, "The two differ. Enter the new password again.");
        }
        busy.set(true);
        spawn_local(async move {
            let answer = api::send(Method::PUT, "password", &json!({ "password": old, "new_password": new })).await;
            busy.try_set(false);
            match answer {
                Ok(_) => {
                    toasts.done("Password changed; your other sessions have ended");
                    for value in values {
                        value.try_set(String::new());
                    }
                }
                Err(error) => {
                    let (at, words) = place(&error);
                    trouble.try_set(Some((at, words)));
                    focus(&format!("#password-{at}"));
                }
            }
        });
    };
    let field = move |at: usize, label: &'static str, complete: &'static str| {
        let value = values.get(at).copied().unwrap_or_default();
        let bad = move || {
            trouble.with(|trouble| trouble.as_ref().filter(|(place, _)| *place == at).map(|(_, words)| words.clone()))
        };
        view! {
            <div class="field">
                <label for=format!("password-{at}")>{label}</label>
                <input id=format!("password-{at}") class="input" type="password" autocomplete=complete aria-required="true"
                    aria-invalid=move || bad().is_some().then_some("true") aria-describedby=format!("password-{at}-error")
                    prop:value=value on:input:target=move |event| value.set(event.target().value())/>
                <div id=format!("password-{at}-error") aria-live="polite">
                    {move || bad().map(|words| view! { <p class="message"><Icon glyph=Glyph::Warning/>{words}</p> })}
                </div>
            </div>
        }
    };
    view! {
        <form class="stack narrow" novalidate=true on:submit=move |event| { event.prevent_default(); if !busy.get_untracked() { send(); } }>
            {field(0, "Present password", "current-password")}
            {field(1, "New password", "new-password")}
            {field(2, "New password again", "new-password")}
            <div><button type="submit" class="btn primary" disabled=move || busy.get()>"Change password"</button></div>
        </form>
    }
}

/// Which of the fields an answer is about.
fn place(error: &ApiError) -> (usize, String) {
    match error.problems.0.first() {
        Some(fault) => (usize::from(fault.pointer == "/new_password"), fault.message.clone()),
        None => (0, error.message.clone()),
    }
}
