//! The right pane: the output of the chosen computer, as it arrives.

use std::time::Duration as Wait;

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::activity::{Activity, ActivityStatus, Output as Answer, OutputChunk};
use leptos::prelude::*;

use super::children::{Duration, Times};
use super::head::question;
use super::live::{Live, name};
use crate::api::{self, use_events, use_load};
use crate::components::log::{LogText, LogView};
use crate::components::status::activity_tone;
use crate::components::{Failed, Status, use_confirm};
use crate::icons::{Glyph, Icon};
use crate::paths;
use crate::react::{effect, memo};
use crate::session::use_session;

/// Pieces that arrive within this are drawn together.
const BATCH: Wait = Wait::from_millis(50);

/// The output of the chosen computer. What one searches for stays as one goes from one to another.
#[component]
pub fn Output(live: Live, selected: Memo<Option<i64>>) -> impl IntoView {
    let search = RwSignal::new(String::new());
    move || match selected.get() {
        Some(id) => view! { <Of live=live id=id search=search/> }.into_any(),
        None => view! { <p class="panel muted">"There is no computer, so there is no output."</p> }.into_any(),
    }
}

#[component]
fn Of(live: Live, id: i64, search: RwSignal<String>) -> impl IntoView {
    let part = memo(move || live.child(id));
    let status = memo(move || part.with(|part| part.as_ref().map(|part| part.activity_status)));
    let over = memo(move || status.get().is_none_or(ActivityStatus::is_final));
    let text = RwSignal::new(LogText::default());
    // Read again if the end was not the end: one that was canceled while it ran gets its result.
    let whole = use_load(
        move || status.get().filter(|_| over.get()),
        move |_| async move { api::get::<Answer>(&format!("activities/{id}/output")).await },
    );
    effect(move || {
        let Some(answer) = whole.data.get() else { return };
        let mut chunks = answer.results;
        if chunks.is_empty() {
            chunks.extend(part.with_untracked(|part| part.as_ref().and_then(result_as_output)));
        }
        text.update(|text| {
            for chunk in &chunks {
                text.push(chunk);
            }
            text.truncated = answer.truncated;
        });
    });
    follow(id, over, text);
    let nothing = Signal::derive(move || match status.get() {
        Some(ActivityStatus::Delivered) => "It runs and has written nothing yet.",
        Some(status) if !status.is_final() => {
            "It waits for the computer to fetch it. Output appears here as it is written."
        }
        Some(ActivityStatus::Canceled) => "It was canceled and wrote nothing.",
        _ if whole.data.with(Option::is_some) => "The script wrote nothing.",
        _ => "",
    });
    let title = memo(move || part.with(|part| part.as_ref().map(name)).unwrap_or_default());
    let file = Signal::derive(move || format!("{}-activity-{id}.log", safe(&title.get())));
    move || {
        if let Some(error) = whole.error.get() {
            return view! { <Failed title="The output could not be loaded" error=error retry=move |()| whole.reload()/> }.into_any();
        }
        view! {
            <LogView text=text live=Signal::derive(move || !over.get()) name=title file=file nothing=nothing search=search
                heading=move || view! { <Heading live=live part=part title=title/> }/>
        }
        .into_any()
    }
}

/// Takes pieces as they are written, while the part is not over.
fn follow(id: i64, over: Memo<bool>, text: RwSignal<LogText>) {
    let queue = StoredValue::new(Vec::<OutputChunk>::new());
    let flush = move || {
        let Some(chunks) = queue.try_update_value(std::mem::take) else { return };
        text.try_update(|text| {
            for chunk in &chunks {
                text.push(chunk);
            }
        });
    };
    use_events(
        move || (!over.get()).then(|| format!("activities/{id}/stream")),
        &["output"],
        move |event| {
            let Ok(chunk) = serde_json::from_str::<OutputChunk>(&event.data) else { return };
            let first = queue.try_update_value(|queue| {
                queue.push(chunk);
                queue.len() == 1
            });
            if first == Some(true) {
                set_timeout(flush, BATCH);
            }
        },
    );
}

/// What a computer answered, where its output was not kept in pieces.
fn result_as_output(part: &Activity) -> Option<OutputChunk> {
    let text = part.result_text.clone().filter(|text| !text.is_empty())?;
    let at = part.completion_time.map(|at| at.to_string()).unwrap_or_default();
    Some(OutputChunk { activity_id: part.id, seq: 0, at, text })
}

/// A name that any file system takes.
fn safe(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '-' }).collect()
}

/// Whose output it is and how that ended.
#[component]
fn Heading(live: Live, part: Memo<Option<Activity>>, title: Memo<String>) -> impl IntoView {
    let session = use_session();
    let confirm = use_confirm();
    let computer =
        memo(move || part.with(|part| part.as_ref().and_then(|p| p.single.as_ref()).and_then(|s| s.computer_id)));
    let status = memo(move || part.with(|part| part.as_ref().map(|part| part.activity_status)));
    let times = memo(move || part.with(|part| part.as_ref().map(Times::of)));
    let why = memo(move || part.with(|part| part.as_ref().and_then(reason)));
    let name = move || match computer.get() {
        Some(id) => view! { <a class="strong" href=paths::detail(Kind::Computer, id)>{title}</a> }.into_any(),
        None => view! { <b>{title}</b> }.into_any(),
    };
    let pill = move || status.get().map(|status| view! { <Status tone=activity_tone(status) word=status.label()/> });
    let many = memo(move || live.children.with(|children| children.len() > 1));
    let cancelable = memo(move || {
        many.get()
            && session.may(Kind::Activity.outline().manage)
            && status.get().is_some_and(ActivityStatus::is_cancelable)
    });
    let cancel = move |_| {
        if let Some(part) = part.get_untracked() {
            let runs = u64::from(part.activity_status == ActivityStatus::Delivered);
            let name = format!("{} on {}", part.summary, title.get_untracked());
            confirm.ask(question(live, part.id, &name, runs, 1 - runs));
        }
    };
    view! {
        {name}
        {pill}
        {move || why.get().map(|why| view! { <span>{why}</span> })}
        <span class="muted">{move || times.get().map(|times| view! { <Duration times=times/> })}</span>
        <Show when=move || cancelable.get()>
            <button type="button" class="btn quiet small danger" on:click=cancel aria-label=move || format!("Cancel on {}", title.get())>
                <Icon glyph=Glyph::Stop/>"Cancel"
            </button>
        </Show>
    }
}

/// Why a script failed, as far as agents say it.
fn reason(part: &Activity) -> Option<String> {
    if part.activity_status != ActivityStatus::Failed {
        return None;
    }
    Some(match part.result_code? {
        102 => "time limit reached".to_owned(),
        103 => match part.single.as_ref().and_then(|single| single.exit_code) {
            Some(code) => format!("exit code {code}"),
            None => "exit code other than 0".to_owned(),
        },
        104 => "an attachment could not be fetched".to_owned(),
        other => format!("result code {other}"),
    })
}
