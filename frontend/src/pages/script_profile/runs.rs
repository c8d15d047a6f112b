//! The planned times of a profile, and what became of them.

use binnacle_shared::Kind;
use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::script_profile::{ProfileRun, RunCause, RunOutcome};
use leptos::prelude::*;

use crate::api::{self, use_load};
use crate::components::{Empty, Failed, SkeletonRows, Status, Tone, When};
use crate::icons::Glyph;
use crate::paths;
use crate::shells::list::grouped;

/// As many as one looks through; all of them are in the activities.
const SHOWN: &str = "200";

/// The newest runs as a table.
#[component]
pub(super) fn Runs(id: i64) -> impl IntoView {
    let runs = use_load(
        move || Some(id),
        |id| async move { api::list::<ProfileRun>(&format!("script-profiles/{id}/runs"), &[("limit", SHOWN)]).await },
    );
    move || {
        match (runs.data.get(), runs.error.get()) {
        (Some(page), _) if page.results.is_empty() => view! {
            <Empty glyph=Glyph::Waiting title="No run yet" text="Each planned time is noted here with what came of it: an activity, no computer to run on, or left out because it was missed."/>
        }
        .into_any(),
        (Some(page), _) => table(&page),
        (None, Some(error)) => {
            view! { <Failed title="The runs could not be loaded" error=error retry=move |()| runs.reload()/> }.into_any()
        }
        (None, None) => runs.slow.get().then(|| view! { <SkeletonRows rows=5/> }).into_any(),
    }
    }
}

fn table(page: &Envelope<ProfileRun>) -> AnyView {
    let more = page.count > page.results.len() as u64;
    let shown = page.results.len();
    let rows = page.results.iter().map(row).collect_view();
    view! {
        <div class="card plain-table" tabindex="0" role="region" aria-label="Runs">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Planned"</th>
                        <th scope="col">"Outcome"</th>
                        <th scope="col">"Why"</th>
                        <th scope="col">"Run at"</th>
                        <th scope="col">"Activity"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {more.then(|| view! { <p class="muted">"The newest "{shown}" of "{page.count}"."</p> })}
    }
    .into_any()
}

fn row(run: &ProfileRun) -> impl IntoView {
    let (tone, word) = match run.outcome {
        RunOutcome::Ran => (Tone::Ok, "Ran".to_owned()),
        RunOutcome::Empty => (Tone::Off, "No computer".to_owned()),
        RunOutcome::Skipped if run.planned_runs > 1 => (Tone::Wait, format!("{} skipped", grouped(run.planned_runs))),
        RunOutcome::Skipped => (Tone::Wait, "Skipped".to_owned()),
    };
    let cause = match run.cause {
        RunCause::Schedule => "Schedule",
        RunCause::Enrollment => "Enrolment",
        RunCause::Manual => "Run now",
    };
    let until = (run.planned_runs > 1)
        .then(|| view! { <span class="muted">" to "<When at=Some(run.last_planned_time.0) absolute=true/></span> });
    let fired = (run.outcome != RunOutcome::Skipped).then(|| view! { <When at=Some(run.fired_time.0) absolute=true/> });
    let activity = run.activity_id.map(|id| view! { <a href=paths::detail(Kind::Activity, id)>"#"{id}</a> });
    view! {
        <tr>
            <td><When at=Some(run.planned_time.0) absolute=true/>{until}</td>
            <td><Status tone=tone word=word/></td>
            <td>{cause}</td>
            <td>{fired}</td>
            <td>{activity}</td>
        </tr>
    }
}
