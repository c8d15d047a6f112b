//! The application: what every page can count on.

use leptos::prelude::*;

use crate::address::provide_address;
use crate::components::{Empty, Failed, dialog, toast};
use crate::frame::FrameView;
use crate::go::{provide_go, use_go, use_url};
use crate::icons::Glyph;
use crate::react::{effect, memo};
use crate::route::{Pages, fetch_ahead, is_front};
use crate::session::{State, provide_session, use_session};
use crate::{clock, pages, paths, prefs};

/// The console.
#[component]
pub fn App() -> impl IntoView {
    fetch_ahead();
    clock::provide_now();
    prefs::provide_prefs();
    provide_session();
    toast::provide_toasts();
    dialog::provide_confirm();
    provide_address();
    provide_go();
    let session = use_session();
    let out = memo(move || session.state.with(|state| *state == State::Out));
    let known = memo(move || session.state.with(|state| matches!(state, State::In(_))));
    let lost = memo(move || {
        session.state.with(|state| match state {
            State::Lost(error) => Some(error.clone()),
            _ => None,
        })
    });
    view! {
        <Show when=move || !out.get() fallback=pages::sign_in::SignIn>
            <FrameView>
                // Until the server has said who one is there is the frame and nothing in it.
                {move || {
                    lost.get().map(|error| {
                        view! {
                            <Failed page=true title="The session could not be read" error=error retry=move |()| session.ask()/>
                        }
                    })
                }}
                <Show when=move || known.get()><Pages other=elsewhere/></Show>
            </FrameView>
        </Show>
    }
}

/// What stands where no page is.
fn elsewhere() -> AnyView {
    if is_front(&use_url().path_untracked()) { view! { <Home/> }.into_any() } else { view! { <NotFound/> }.into_any() }
}

/// Signed in and nowhere in particular: on to where one wanted to go.
#[component]
fn Home() -> impl IntoView {
    let url = use_url();
    let go = use_go();
    let session = use_session();
    effect(move || {
        let wanted = url.get("to").filter(|to| to.starts_with('/') && !to.starts_with("//"));
        go.at_once(&wanted.unwrap_or_else(|| untrack(|| crate::frame::first_page(session))), true);
    });
}

/// No page has this address.
#[component]
pub fn NotFound() -> impl IntoView {
    crate::frame::use_title(Signal::stored("Not found".to_owned()));
    view! {
        <h1 class="visually-hidden">"Not found"</h1>
        <Empty glyph=Glyph::Compass title="There is no page at this address"
            text="It may have been moved, or the address may be cut off.">
            <a class="btn primary" href=paths::HOME>"Go to the computers"</a>
        </Empty>
    }
}
