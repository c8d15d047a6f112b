//! Signing in.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::{Note, Tone};
use crate::icons::{Glyph, Icon};
use crate::session::use_session;
use crate::shells::list::focus;

/// The sign-in page. It stands at whatever address one was, so that one is back there after.
#[component]
pub fn SignIn() -> impl IntoView {
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
