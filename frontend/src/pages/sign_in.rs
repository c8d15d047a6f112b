//! Signing in.

use binnacle_shared::model::landscape::invitation::InvitationSummary;
use binnacle_shared::model::landscape::person::AuthState;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::SplitLoaderError;
use serde_json::json;

use crate::address::unescape;
use crate::api::{self, use_load};
use crate::components::{Note, Tone};
use crate::icons::{Glyph, Icon};
use crate::later::later;
use crate::paths;
use crate::session::use_session;
use crate::shells::list::focus;

/// Whoever is not signed in: signing in, or, at the address of an invitation, accepting it.
#[component]
pub fn SignIn() -> impl IntoView {
    let path = window().location().pathname().unwrap_or_default();
    match path.strip_prefix(paths::INVITATION) {
        Some(id) if !id.is_empty() => {
            let id = unescape(id);
            later(invited(), move |draw| draw(id.clone()))
        }
        _ => view! { <Enter/> }.into_any(),
    }
}

/// The sign-in page. It stands at whatever address one was, so that one is back there after.
#[component]
fn Enter() -> impl IntoView {
    crate::frame::use_title(Signal::stored("Sign in".to_owned()));
    let session = use_session();
    let identity = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let submit = move || {
        let (name, secret) = (identity.get_untracked().trim().to_owned(), password.get_untracked());
        if name.is_empty() || secret.is_empty() {
            trouble.set(Some("Enter your user name or email, and your password.".to_owned()));
            focus(if name.is_empty() { "#identity" } else { "#password" });
            return;
        }
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            if let Err(error) = session.sign_in(name, secret).await {
                busy.try_set(false);
                trouble.try_set(Some(if error.status == 401 {
                    "User name or password is wrong.".to_owned()
                } else {
                    error.message
                }));
                focus("#password");
            }
        });
    };
    view! {
        <main class="sign-in">
            <form class="card" novalidate=true on:submit=move |event| { event.prevent_default(); submit(); }>
                <div class="brand"><Icon glyph=Glyph::Binnacle/>"Binnacle"</div>
                <h1>"Sign in"</h1>
                <div class="stack">
                    <div class="field">
                        <label for="identity">"User name or email"</label>
                        <input id="identity" class="input" type="text" autocomplete="username" autocapitalize="off" spellcheck="false" autofocus=true
                            aria-required="true" prop:value=identity on:input:target=move |event| identity.set(event.target().value())/>
                    </div>
                    <div class="field">
                        <label for="password">"Password"</label>
                        <input id="password" class="input" type="password" autocomplete="current-password"
                            aria-required="true" prop:value=password on:input:target=move |event| password.set(event.target().value())/>
                    </div>
                    <div role="alert">{move || trouble.get().map(|text| view! { <Note tone=Tone::Bad>{text}</Note> })}</div>
                    <button type="submit" class="btn primary" disabled=move || busy.get()>"Sign in"</button>
                </div>
            </form>
        </main>
    }
}

/// Few come here, and each once.
#[allow(clippy::unnecessary_wraps, reason = "so the macro asks for it; it copies the attribute to two functions")]
#[leptos::wasm_split::wasm_split(panels, wasm_split_path = ::leptos::wasm_split, fallible)]
fn invited() -> Result<fn(String) -> AnyView, SplitLoaderError> {
    fn draw(secure_id: String) -> AnyView {
        view! { <Invited secure_id=secure_id/> }.into_any()
    }
    Ok(draw)
}

/// Where an invitation is accepted: by somebody who has no password here yet.
#[component]
fn Invited(secure_id: String) -> impl IntoView {
    crate::frame::use_title(Signal::stored("Invitation".to_owned()));
    let session = use_session();
    let id = secure_id.clone();
    let summary = use_load(
        move || Some(id.clone()),
        |id| async move { api::get::<InvitationSummary>(&format!("invitations/{}/summary", paths::escape(&id))).await },
    );
    let password = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let secure_id = StoredValue::new(secure_id);
    let accept = move || {
        let body = json!({ "invitation_id": secure_id.get_value(), "password": password.get_untracked() });
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            match api::post::<AuthState>("accept-invitation", &body).await {
                Ok(_) => {
                    // The answer is a sign-in: the cookie is there. The link has done its work.
                    if let Ok(history) = window().history() {
                        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some("/"));
                    }
                    session.ask();
                    let _ = window().location().replace(paths::HOME);
                }
                Err(error) => {
                    busy.try_set(false);
                    let words = error.problems.0.first().map_or(error.message.clone(), |fault| fault.message.clone());
                    trouble.try_set(Some(words));
                    focus("#new-password");
                }
            }
        });
    };
    let reject = move |_| {
        busy.set(true);
        spawn_local(async move {
            let body = json!({ "invitation_id": secure_id.get_value() });
            match api::send(gloo_net::http::Method::POST, "reject-invitation", &body).await {
                Ok(_) => {
                    let _ = window().location().replace("/sign-in");
                }
                Err(error) => {
                    busy.try_set(false);
                    trouble.try_set(Some(error.message));
                }
            }
        });
    };
    let body = move || {
        if let Some(error) = summary.error.get() {
            let words = if error.is_not_found() {
                "This link opens nothing any more. Ask whoever sent it for a new one.".to_owned()
            } else {
                error.message
            };
            return view! { <Note tone=Tone::Bad>{words}</Note> }.into_any();
        }
        let Some(summary) = summary.data.get() else { return ().into_any() };
        view! {
            <p>{summary.name}", you are invited to "<b>{summary.account_title}</b>". You sign in with "<code>{summary.email}</code>"."</p>
            <div class="field">
                <label for="new-password">"Choose a password"</label>
                <input id="new-password" class="input" type="password" autocomplete="new-password" aria-required="true"
                    prop:value=password on:input:target=move |event| password.set(event.target().value())/>
            </div>
            <div role="alert">{move || trouble.get().map(|text| view! { <Note tone=Tone::Bad>{text}</Note> })}</div>
            <button type="submit" class="btn primary" disabled=move || busy.get()>"Accept invitation"</button>
            <button type="button" class="btn" disabled=move || busy.get() on:click=reject>"Decline invitation"</button>
        }
        .into_any()
    };
    view! {
        <main class="sign-in">
            <form class="card" novalidate=true on:submit=move |event| { event.prevent_default(); if !busy.get_untracked() { accept(); } }>
                <div class="brand"><Icon glyph=Glyph::Binnacle/>"Binnacle"</div>
                <h1>"Invitation"</h1>
                <div class="stack">{body}</div>
            </form>
        </main>
    }
}
