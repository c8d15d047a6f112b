//! What can be done with a computer: edit, restart, shut down, run a script, remove.

use binnacle_shared::Kind;
use binnacle_shared::field::ReferenceBy;
use binnacle_shared::model::landscape::activity::Activity;
use binnacle_shared::model::landscape::computer::Computer;
use binnacle_shared::permission::Permission;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use crate::api::{self, ApiError, Load, legacy};
use crate::components::{Ask, AskInput, Close, DropDown, use_confirm, use_toasts};
use crate::go::use_go;
use crate::icons::{Glyph, Icon};
use crate::paths;
use crate::react::memo;
use crate::session::use_session;
use crate::shells::form::options;

/// The buttons at the heading; what is seldom wanted is behind "More".
#[component]
pub fn Actions(computer: Load<Computer>) -> impl IntoView {
    let session = use_session();
    let named = memo(move || computer.data.with(|c| c.as_ref().map(|c| (c.id, c.title.clone()))));
    let manages = memo(move || session.may(Kind::Computer.outline().manage));
    let runs = memo(move || session.may(Permission::ExecuteScript));
    let doer = Doer::new();
    // What a question does once it is answered must outlive the menu that asked it.
    let owner = StoredValue::new(Owner::current());
    let more = move |close: Close| {
        let item = move |glyph, words: &'static str, act: fn(Doer, i64, &str)| {
            let press = move |_| {
                close.run(());
                if let (Some((id, title)), Some(owner)) = (named.get_untracked(), owner.get_value()) {
                    owner.with(|| act(doer, id, &title));
                }
            };
            view! { <button type="button" class="menu-item" on:click=press><Icon glyph=glyph/>{words}</button> }
        };
        view! {
            <div class="menu-items">
                {item(Glyph::Running, "Restart computer", Doer::restart)}
                {item(Glyph::Stop, "Shut down computer", Doer::shut_down)}
                {item(Glyph::Cross, "Remove computer", Doer::remove)}
            </div>
        }
        .into_any()
    };
    let run = move |_| {
        if let Some((id, title)) = named.get_untracked() {
            doer.run_script(id, title);
        }
    };
    view! {
        <Show when=move || manages.get()>
            <DropDown class="btn" summary=|| view! { "More"<Icon glyph=Glyph::Down/> }.into_any() panel=more/>
        </Show>
        <Show when=move || runs.get()>
            <button type="button" class="btn" on:click=run><Icon glyph=Glyph::Script/>"Run script"</button>
        </Show>
        {move || manages.get().then(|| named.get()).flatten().map(|(id, _)| view! {
            <a class="btn primary" href=paths::edit(Kind::Computer, id) aria-keyshortcuts="e"><Icon glyph=Glyph::Edit/>"Edit computer"</a>
        })}
    }
}

/// Asks first, acts then, says what came of it.
#[derive(Clone, Copy)]
struct Doer {
    confirm: crate::components::dialog::Confirmer,
    toasts: crate::components::toast::Toaster,
    go: crate::go::Go,
}

impl Doer {
    fn new() -> Self {
        Self { confirm: use_confirm(), toasts: use_toasts(), go: use_go() }
    }

    /// Leads to what was started, or says why nothing was.
    fn started(self, made: Result<Activity, ApiError>, what: &'static str) {
        match made {
            Ok(activity) => self.go.to(&paths::detail(Kind::Activity, activity.id)),
            Err(error) => self.toasts.failed(what, &error),
        }
    }

    fn restart(self, id: i64, title: &str) {
        let text = "Its agent is told at its next contact. Whatever runs on the computer is interrupted.";
        let ask = Ask::new(format!("Restart “{title}”?"), text, "Restart computer", move || {
            spawn_local(async move {
                let made = api::post::<Activity>(&format!("computers/{id}/restart"), &json!({})).await;
                self.started(made, "The computer was not restarted");
            });
        });
        self.confirm.ask(ask.danger());
    }

    fn shut_down(self, id: i64, title: &str) {
        let text = "Its agent is told at its next contact. Somebody has to switch the computer on again.";
        let ask = Ask::new(format!("Shut down “{title}”?"), text, "Shut down computer", move || {
            spawn_local(async move {
                let ids = legacy::numbered("computer_ids", &[id]);
                let made = legacy::act::<Activity>("ShutdownComputers", &legacy::borrow(&ids)).await;
                self.started(made, "The computer was not shut down");
            });
        });
        self.confirm.ask(ask.danger());
    }

    fn remove(self, id: i64, title: &str) {
        let text = "It leaves this account, and its agent is told nothing more. To come back it has to enrol anew.";
        let ask = Ask::new(format!("Remove “{title}”?"), text, "Remove computer", move || {
            spawn_local(async move {
                let ids = legacy::numbered("computer_ids", &[id]);
                match legacy::act::<Value>("RemoveComputers", &legacy::borrow(&ids)).await {
                    Ok(_) => {
                        self.toasts.done("Computer removed");
                        self.go.to(&paths::list(Kind::Computer));
                    }
                    Err(error) => self.toasts.failed("The computer was not removed", &error),
                }
            });
        });
        self.confirm.ask(ask.danger().input(AskInput::Exactly(title.to_owned())));
    }

    /// Asks which script, runs it once and leads to its activity.
    fn run_script(self, id: i64, title: String) {
        spawn_local(async move {
            let choices = match options::load(Kind::Script, ReferenceBy::Id, "").await {
                Ok(found) => found,
                Err(error) => return self.toasts.failed("The scripts could not be read", &error),
            };
            if choices.is_empty() {
                return self.go.to(&paths::create(Kind::Script));
            }
            let choices = choices.into_iter().map(|choice| (crate::json::text(&choice.value), choice.label)).collect();
            let text = "It runs once, at the computer's next contact, as the user and with the time limit that the script names.";
            let ask = Ask::told(format!("Run a script on “{title}”"), text, "Run script", move |script: String| {
                spawn_local(async move {
                    let query = format!("id:{id}");
                    let sent = [("query", query.as_str()), ("script_id", script.as_str())];
                    self.started(legacy::act::<Activity>("ExecuteScript", &sent).await, "The script was not run");
                });
            });
            self.confirm.ask(ask.input(AskInput::One { label: "Script", choices }));
        });
    }
}
