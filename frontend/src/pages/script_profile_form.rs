//! Making and changing a script profile, with what will come of it at the right.

use binnacle_shared::model::landscape::limits::ScriptProfileLimits;
use binnacle_shared::model::landscape::script::Script;
use binnacle_shared::model::landscape::script_profile::{
    self, CatchUp, NewScriptProfile, ScriptProfile, ScriptProfilePatch, Trigger, TriggerType,
};
use binnacle_shared::recurrence::{Cron, Zone};
use binnacle_shared::time::{Seconds, parse};
use binnacle_shared::{Kind, Problems};
use jiff::Timestamp;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::matching::Matching;
use super::script_profiles::active_profiles;
use crate::api::{self, Load, use_load};
use crate::components::{Empty, Failed, NextRuns, Note, RunPlan, SkeletonRows, Tone};
use crate::go::use_url;
use crate::icons::Glyph;
use crate::react::effect;
use crate::route::use_params_map;
use crate::shells::form::request::SameRequest;
use crate::shells::{Form, FormPage, FormSpec, use_form};
use crate::{clock, paths, zone};

const KIND: Kind = Kind::ScriptProfile;

/// The form for a new profile; `?script=5` chooses the script.
#[component]
pub fn CreateScriptProfile() -> impl IntoView {
    let script = untrack(|| use_url().get("script")).and_then(|id| id.parse::<i64>().ok());
    let now = clock::now().as_second();
    let minute = Timestamp::from_second(now - now.rem_euclid(60)).unwrap_or(Timestamp::UNIX_EPOCH);
    let initial = json!({
        "title": "",
        "script_id": script,
        "username": "",
        "all_computers": false,
        "tags": [],
        "trigger": {
            "trigger_type": TriggerType::Recurring.name(),
            "interval": "",
            "start_after": Seconds(minute),
            "time_zone": "UTC",
            "catch_up": CatchUp::default().name(),
            "event_type": "post_enrollment",
        },
    });
    let spec = FormSpec::new(
        KIND,
        script_profile::KIND.fields,
        None,
        initial,
        |body| in_words(NewScriptProfile::parse_with(body, &zone::known).err().unwrap_or_default()),
        |body| async move {
            let profile: ScriptProfile = api::post("script-profiles", &body).await?;
            Ok(paths::detail(KIND, profile.id))
        },
    )
    .verb("Create profile");
    let form = use_form(spec);
    let limits = use_limits();
    let script = use_script(form);
    propose(form, script);
    let plan = Signal::derive(move || plan_of(form, limits.data.get(), None));
    let extra = move |name: &'static str| match name {
        "script_id" => Some(view! { <ScriptWords script=script/> }.into_any()),
        _ => None,
    };
    view! {
        <FormPage form=form crumb=(KIND.outline().plural, paths::list(KIND)) title="Create script profile" extra=Callback::new(extra)
            side=move || view! {
                <Room limits=limits/>
                <NextRuns plan=plan none=Signal::derive(move || no_plan(form))/>
                <Matching form=form script=script limits=limits/>
                <SameRequest form=form method="POST" path="script-profiles"/>
            }/>
    }
}

/// The form for a profile that exists.
#[component]
pub fn EditScriptProfile() -> impl IntoView {
    let params = use_params_map();
    let profile = use_load(
        move || params.with(|params| params.get("id")),
        |id| async move { api::get::<ScriptProfile>(&format!("script-profiles/{id}")).await },
    );
    move || {
        match (profile.data.get(), profile.error.get()) {
        (Some(profile), _) if profile.archived => view! {
            <Empty glyph=Glyph::Archive title="This script profile is archived" text="It never runs again and cannot be changed.">
                <a class="btn" href=paths::detail(KIND, profile.id)>"Back to the profile"</a>
            </Empty>
        }
        .into_any(),
        (Some(profile), _) => view! { <Edit profile=profile/> }.into_any(),
        (None, Some(error)) => {
            view! { <Failed page=true title="The script profile could not be loaded" error=error retry=move |()| profile.reload()/> }.into_any()
        }
        (None, None) => profile.slow.get().then(|| view! { <SkeletonRows rows=5/> }).into_any(),
    }
    }
}

#[component]
fn Edit(profile: ScriptProfile) -> impl IntoView {
    let id = profile.id;
    let title = format!("Edit {}", profile.title);
    let initial = json!({
        "title": profile.title,
        "script_id": profile.script_id,
        "username": profile.username,
        "time_limit": profile.time_limit,
        "all_computers": profile.all_computers,
        "tags": profile.tags,
        "trigger": profile.trigger,
    });
    let spec = FormSpec::new(
        KIND,
        script_profile::KIND.fields,
        Some(id),
        initial,
        |body| in_words(ScriptProfilePatch::parse_with(body, &zone::known).err().unwrap_or_default()),
        move |body| async move {
            let profile: ScriptProfile = api::patch(&format!("script-profiles/{id}"), &body).await?;
            Ok(paths::detail(KIND, profile.id))
        },
    )
    .verb("Save profile");
    let form = use_form(spec);
    let limits = use_limits();
    let script = use_script(form);
    let trigger = StoredValue::new(profile.trigger);
    let plan = Signal::derive(move || trigger.with_value(|trigger| plan_of(form, limits.data.get(), Some(trigger))));
    let none = Signal::derive(move || {
        if trigger.with_value(|trigger| has_run(form, trigger)) {
            "It has run. Another time makes it run again.".to_owned()
        } else {
            no_plan(form)
        }
    });
    let extra = move |name: &'static str| {
        match name {
        "script_id" => Some(view! { <ScriptWords script=script/> }.into_any()),
        "trigger/trigger_type" => Some(
            view! { <p class="help">"Cannot be changed later. For another kind of trigger make a new profile and archive this one."</p> }
                .into_any(),
        ),
        _ => None,
    }
    };
    view! {
        <FormPage form=form crumb=(KIND.outline().plural, paths::list(KIND)) title=title extra=Callback::new(extra)
            side=move || view! {
                <NextRuns plan=plan none=none/>
                <Matching form=form script=script limits=limits/>
                <SameRequest form=form method="PATCH" path=format!("script-profiles/{id}")/>
            }/>
    }
}

/// What is missing, in the words of this form instead of those of a JSON body.
fn in_words(mut problems: Problems) -> Problems {
    for error in problems.0.iter_mut().filter(|error| error.code == "required") {
        let words = match error.pointer.as_str() {
            "/script_id" => "Choose the script that runs.",
            "/time_limit" => "Say after how many seconds a run is ended; 300 is usual.",
            "/trigger/timestamp" => "Choose the date and time at which it runs.",
            "/trigger/start_after" => "Choose the date and time before which it does not run.",
            _ => continue,
        };
        words.clone_into(&mut error.message);
    }
    problems
}

fn use_limits() -> Load<ScriptProfileLimits> {
    use_load(|| Some(()), |()| async { api::get("script-profile-limits").await })
}

/// The chosen script.
fn use_script(form: Form) -> Load<Script> {
    use_load(
        move || form.get("script_id").as_i64(),
        |id| async move { api::get::<Script>(&format!("scripts/{id}")).await },
    )
}

/// Takes user and time limit from a script as it is chosen, where the person has not said otherwise.
fn propose(form: Form, script: Load<Script>) {
    let before = StoredValue::new((String::new(), String::new()));
    effect(move || {
        let Some(script) = script.data.get() else { return };
        untrack(|| {
            let (user, limit) = before.get_value();
            let wanted = script.username.clone().unwrap_or_default();
            let present = form.text("username");
            if !wanted.is_empty() && (present.is_empty() || present == user) {
                form.set("username", Value::String(wanted.clone()));
            }
            let present = form.text("time_limit");
            if present.is_empty() || present == limit {
                form.set("time_limit", json!(script.time_limit));
            }
            before.set_value((wanted, script.time_limit.to_string()));
        });
    });
}

/// Which version would run, with what, and where it may.
#[component]
fn ScriptWords(script: Load<Script>) -> impl IntoView {
    move || {
        script.data.get().map(|script| {
            let href = paths::detail(Kind::Script, script.id);
            view! {
                <p class="help">
                    <a href=href>"Version "{script.version_number}</a>", "<code>{script.interpreter}</code>", access group "{script.access_group}
                </p>
            }
        })
    }
}

/// A word before one fills in a form that cannot be sent.
#[component]
fn Room(limits: Load<ScriptProfileLimits>) -> impl IntoView {
    let active = use_load(|| Some(()), |()| active_profiles());
    move || {
        let (limits, active) = (limits.data.get()?, active.data.get()?);
        (active >= limits.max_num_profiles).then(|| {
            view! {
                <Note tone=Tone::Wait>
                    "There are "{active}" of at most "{limits.max_num_profiles}" active script profiles. "
                    <a href=paths::list(KIND)>"Archive one"</a>" before you create another."
                </Note>
            }
        })
    }
}

/// Whether a one-time profile has run and nothing about its time was changed.
fn has_run(form: Form, trigger: &Trigger) -> bool {
    match trigger {
        Trigger::OneTime { is_finished: true, timestamp, .. } => {
            parse(&form.text("trigger/timestamp")).is_ok_and(|at| at == timestamp.0)
        }
        _ => false,
    }
}

/// When it would run as the form stands; none while that is not said.
fn plan_of(form: Form, limits: Option<ScriptProfileLimits>, present: Option<&Trigger>) -> Option<RunPlan> {
    match TriggerType::from_name(&form.text("trigger/trigger_type"))? {
        TriggerType::Event => None,
        TriggerType::OneTime => {
            let at = parse(&form.text("trigger/timestamp")).ok()?;
            let over = present.is_some_and(|trigger| has_run(form, trigger));
            (!over).then_some(RunPlan::At(at))
        }
        TriggerType::Recurring => Some(RunPlan::Cron {
            cron: Cron::parse(&form.text("trigger/interval")).ok()?,
            zone: Zone::find(&form.text("trigger/time_zone"), &zone::known).ok()?,
            start_after: parse(&form.text("trigger/start_after")).ok()?,
            min_interval: limits?.min_interval,
            last: match present {
                Some(Trigger::Recurring { last_planned_run, .. }) => last_planned_run.map(|at| at.0),
                _ => None,
            },
            next: None,
        }),
    }
}

/// Why there are no next runs to show.
fn no_plan(form: Form) -> String {
    match TriggerType::from_name(&form.text("trigger/trigger_type")) {
        Some(TriggerType::Event) => {
            "Runs once on each computer that enrols from now on, if it matches by then. Computers that are enrolled already are left alone."
        }
        Some(TriggerType::OneTime) => "Choose a date and time to see how far away it is.",
        _ => "Enter a cron expression to see when it runs.",
    }
    .to_owned()
}
