//! Running a profile at once, after a question that says on how many computers.

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::activity::Activity;
use binnacle_shared::model::landscape::script_profile::ScriptProfile;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use super::Shown;
use crate::api;
use crate::components::{Ask, use_confirm, use_toasts};
use crate::go::use_go;
use crate::paths;
use crate::shells::list::grouped;

/// The question before the run; the answer runs it and leads to its activity.
pub(super) fn runner(shown: Shown) -> impl Fn() + 'static {
    let confirm = use_confirm();
    let toasts = use_toasts();
    let go = use_go();
    move || {
        let Some(ScriptProfile { id, title, computers, .. }) = shown.profile.get_untracked() else { return };
        let count = computers.num_associated_computers;
        let whom = match count {
            0 => "It matches no computer now, so there is nothing to run on.".to_owned(),
            1 => "It runs on 1 computer now.".to_owned(),
            many => format!("It runs on {} computers now.", grouped(many)),
        };
        let ask = Ask::new(
            format!("Run script profile “{title}” now?"),
            format!("{whom}\nIts schedule stays as it is."),
            "Run now",
            move || {
                spawn_local(async move {
                    let ran: Result<Activity, _> = api::post(&format!("script-profiles/{id}:run"), &json!({})).await;
                    match ran {
                        Ok(activity) => {
                            toasts.done("Script profile runs");
                            go.at_once(&paths::detail(Kind::Activity, activity.id), false);
                        }
                        Err(error) => toasts.failed("The script profile was not run", &error),
                    }
                });
            },
        );
        confirm.ask(ask);
    }
}
