//! The left pane: each computer with its status, those of interest first.

use binnacle_shared::model::landscape::activity::{Activity, ActivityStatus};
use jiff::Timestamp;
use leptos::html;
use leptos::prelude::*;

use super::head::seconds;
use super::live::{Live, name};
use crate::clock;
use crate::components::Status;
use crate::components::status::activity_tone;
use crate::go::use_url;
use crate::pages::profile_parts::count;
use crate::react::{effect, memo};

/// Height of a line in pixels; `--child` in the styles.
const LINE: usize = 36;
/// Lines drawn above and below what is on screen.
const SPARE: usize = 12;

/// Which computers are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    All,
    Failed,
    Running,
    Waiting,
    Succeeded,
    Canceled,
}

impl Show {
    const ALL: [Self; 6] = [Self::All, Self::Failed, Self::Running, Self::Waiting, Self::Succeeded, Self::Canceled];

    const fn name(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Failed => "failed",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Failed => "Failed",
            Self::Running => "In progress",
            Self::Waiting => "Waiting",
            Self::Succeeded => "Succeeded",
            Self::Canceled => "Canceled",
        }
    }

    /// The one that an address names.
    pub fn named(name: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|show| Some(show.name()) == name).unwrap_or(Self::All)
    }

    /// Whether a status is among them.
    pub const fn has(self, status: ActivityStatus) -> bool {
        match self {
            Self::All => true,
            Self::Failed => matches!(status, ActivityStatus::Failed),
            Self::Running => matches!(status, ActivityStatus::Delivered),
            Self::Succeeded => matches!(status, ActivityStatus::Succeeded),
            Self::Canceled => matches!(status, ActivityStatus::Canceled),
            Self::Waiting => !status.is_final() && !matches!(status, ActivityStatus::Delivered),
        }
    }
}

#[component]
pub fn Children(live: Live, show: Memo<Show>, shown: Memo<Vec<i64>>, selected: Memo<Option<i64>>) -> impl IntoView {
    let scroller = NodeRef::<html::Div>::new();
    let view = RwSignal::new((0_usize, 30_usize));
    let measure = move || {
        if let Some(element) = scroller.get_untracked() {
            let lines = |pixels: i32| usize::try_from(pixels).unwrap_or(0) / LINE;
            view.set((lines(element.scroll_top()), lines(element.client_height()) + 2));
        }
    };
    effect(move || {
        if scroller.get().is_some() {
            request_animation_frame(measure);
        }
    });
    let resized = window_event_listener(leptos::ev::resize, move |_| measure());
    on_cleanup(move || resized.remove());
    let total = memo(move || shown.with(Vec::len));
    let range = memo(move || {
        let (first, fitting) = view.get();
        let total = total.get();
        (first.saturating_sub(SPARE).min(total), (first + fitting + SPARE).min(total))
    });
    let ids = memo(move || {
        let (from, to) = range.get();
        shown.with(|ids| ids.get(from..to).unwrap_or_default().to_vec())
    });
    // The chosen one comes into sight, wherever the choice came from.
    effect(move || {
        let Some(index) = selected.get().and_then(|id| shown.with_untracked(|ids| ids.iter().position(|o| *o == id)))
        else {
            return;
        };
        if let Some(element) = scroller.get() {
            let pixels = |lines: usize| i32::try_from(lines * LINE).unwrap_or(i32::MAX);
            let (top, end) = (pixels(index), pixels(index + 1));
            if top < element.scroll_top() {
                element.set_scroll_top(top);
            } else if end > element.scroll_top() + element.client_height() {
                element.set_scroll_top(end - element.client_height());
            }
        }
    });
    let top = move || format!("{}px", range.get().0 * LINE);
    let height = move || format!("{}px", total.get() * LINE);
    view! {
        <div class="card-bar top-edge"><Segments live=live show=show/></div>
        <div class="rows scroll children" node_ref=scroller on:scroll=move |_| measure()>
            <Show when=move || { total.get() > 0 } fallback=move || view! { <p class="panel muted">{nothing(show.get())}</p> }>
                <ul style:height=height style:padding-top=top>
                    <For each=move || ids.get() key=|id| *id children=move |id| view! { <Line live=live id=id selected=selected/> }/>
                </ul>
            </Show>
        </div>
    }
}

fn nothing(show: Show) -> &'static str {
    match show {
        Show::All => "No computer matched when it ran.",
        _ => "None at the moment.",
    }
}

/// Links that narrow the list; those that would show nothing are left out.
#[component]
fn Segments(live: Live, show: Memo<Show>) -> impl IntoView {
    let url = use_url();
    let present = memo(move || {
        let counted = Show::ALL.map(|which| (which, live.count(|status| which.has(status))));
        let chosen = show.get();
        counted.into_iter().filter(|(which, n)| *n > 0 || *which == Show::All || *which == chosen).collect::<Vec<_>>()
    });
    let items = move || {
        present
            .get()
            .into_iter()
            .map(|(which, n)| {
                let href = move || url.with(&[("show", which.name())]);
                let current = move || (show.get() == which).then_some("true");
                view! { <a href=href aria-current=current>{which.label()}" "{count(n)}</a> }
            })
            .collect_view()
    };
    view! { <nav class="segments" aria-label="Which computers">{items}</nav> }
}

#[component]
fn Line(live: Live, id: i64, selected: Memo<Option<i64>>) -> impl IntoView {
    let url = use_url();
    let part = memo(move || live.child(id));
    let title = memo(move || part.with(|part| part.as_ref().map(name)).unwrap_or_default());
    let status = memo(move || part.with(|part| part.as_ref().map(|part| part.activity_status)));
    let times = memo(move || part.with(|part| part.as_ref().map(Times::of)));
    let pill = move || status.get().map(|status| view! { <Status tone=activity_tone(status) word=status.label()/> });
    view! {
        <li>
            <a class="line" href=move || url.with(&[("child", &id.to_string())]) aria-current=move || (selected.get() == Some(id)).then_some("true")>
                <span class="strong cut grow" title=title>{title}</span>
                {pill}
                <span class="end child-time">{move || times.get().map(|times| view! { <Duration times=times/> })}</span>
            </a>
        </li>
    }
}

/// From when to when a part runs, or since when it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    created: Timestamp,
    delivered: Option<Timestamp>,
    completed: Option<Timestamp>,
}

impl Times {
    pub fn of(part: &Activity) -> Self {
        Self {
            created: part.creation_time.0,
            delivered: part.single.as_ref().and_then(|single| single.delivery_time).map(|at| at.0),
            completed: part.completion_time.map(|at| at.0),
        }
    }
}

/// How long a part took, runs or waits.
#[component]
pub fn Duration(times: Times) -> impl IntoView {
    let Times { created, delivered, completed } = times;
    let length = |from: Timestamp, to: Timestamp| seconds((to.as_second() - from.as_second()).max(0));
    match (delivered, completed) {
        (Some(from), Some(to)) => view! { <span title="How long it ran">{length(from, to)}</span> }.into_any(),
        // It never started.
        (None, Some(_)) => ().into_any(),
        (Some(from), None) => {
            let now = clock::ticking(1000);
            view! { <span title="Running for">{move || length(from, now.get())}</span> }.into_any()
        }
        (None, None) => {
            let now = clock::use_now();
            view! { <span title="Waiting for">{move || length(created, now.get())}</span> }.into_any()
        }
    }
}
