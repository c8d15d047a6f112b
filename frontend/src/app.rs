//! The application: what every page can count on, and which address shows which page.

use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::path;

use crate::components::{Empty, Failed, dialog, toast};
use crate::frame::FrameView;
use crate::go::{provide_go, use_go, use_url};
use crate::icons::Glyph;
use crate::react::{effect, memo};
use crate::session::{State, provide_session, use_session};
use crate::{clock, pages, paths, prefs};

/// The console.
#[component]
pub fn App() -> impl IntoView {
    clock::provide_now();
    prefs::provide_prefs();
    provide_session();
    toast::provide_toasts();
    dialog::provide_confirm();
    view! { <Router><Inside/></Router> }
}

/// Everything that needs the router.
#[component]
fn Inside() -> impl IntoView {
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
                <Show when=move || known.get()>{pages_of_the_console()}</Show>
            </FrameView>
        </Show>
    }
}

/// One line a page. A page that is added here is added in `paths::has_page` too.
fn pages_of_the_console() -> AnyView {
    view! {
        <FlatRoutes fallback=NotFound>
            <Route path=path!("/") view=Home/>
            <Route path=path!("/sign-in") view=Home/>
            <Route path=path!("/computers") view=pages::computers::ComputersPage/>
            <Route path=path!("/computers/:id") view=pages::computer::ComputerPage/>
            <Route path=path!("/computers/:id/edit") view=pages::computer_form::EditComputer/>
            <Route path=path!("/scripts") view=pages::scripts::ScriptsPage/>
            <Route path=path!("/scripts/create") view=pages::script_form::CreateScript/>
            <Route path=path!("/scripts/:id") view=pages::script::ScriptPage/>
            <Route path=path!("/scripts/:id/edit") view=pages::script_form::EditScript/>
            <Route path=path!("/script-profiles") view=pages::script_profiles::ScriptProfilesPage/>
            <Route path=path!("/script-profiles/create") view=pages::script_profile_form::CreateScriptProfile/>
            <Route path=path!("/script-profiles/:id") view=pages::script_profile::ScriptProfilePage/>
            <Route path=path!("/script-profiles/:id/edit") view=pages::script_profile_form::EditScriptProfile/>
            <Route path=path!("/activities") view=pages::activities::ActivitiesPage/>
            <Route path=path!("/activities/:id") view=pages::activity::ActivityPage/>
        </FlatRoutes>
    }
    .into_any()
}

/// Signed in and nowhere in particular: on to where one wanted to go.
#[component]
fn Home() -> impl IntoView {
    let url = use_url();
    let go = use_go();
    effect(move || {
        let wanted = url.get("to").filter(|to| to.starts_with('/') && !to.starts_with("//"));
        go.at_once(wanted.as_deref().unwrap_or(paths::HOME), true);
    });
}

/// No page has this address.
#[component]
fn NotFound() -> impl IntoView {
    crate::frame::use_title(Signal::stored("Not found".to_owned()));
    view! {
        <h1 class="visually-hidden">"Not found"</h1>
        <Empty glyph=Glyph::Compass title="There is no page at this address"
            text="It may have been moved, or the address may be cut off.">
            <a class="btn primary" href=paths::HOME>"Go to the computers"</a>
        </Empty>
    }
}
