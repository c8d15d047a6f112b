//! One activity as it happens: how far it is, each computer at the left, its output at the right.

mod children;
mod head;
mod live;
mod output;

use binnacle_shared::Kind;
use leptos::ev;
use leptos::prelude::*;

use self::children::{Children, Show};
use self::head::{Cancel, Meta};
use self::live::{Live, use_live};
use self::output::Output;
use super::profile_parts::group_status;
use crate::api::StreamState;
use crate::components::{Failed, SkeletonRows, Status};
use crate::frame::keys::plain_key;
use crate::go::{use_go, use_url};
use crate::paths;
use crate::react::{effect, memo};
use crate::route::use_params_map;
use crate::shells::{Detail, Split};

/// The page of an activity. One of a single computer is shown within the run it belongs to.
#[component]
pub fn ActivityPage() -> impl IntoView {
    let params = use_params_map();
    let id = memo(move || params.with(|params| params.get("id")).unwrap_or_default());
    let live = use_live(id);
    let go = use_go();
    effect(move || {
        if let Some((parent, child)) = live.parent.get() {
            let path = paths::detail(Kind::Activity, parent);
            go.at_once(&paths::with_query(&path, &[("child", &child.to_string())]), true);
        }
    });
    let there = memo(move || live.group.with(Option::is_some));
    move || {
        if there.get() {
            return view! { <Loaded live=live/> }.into_any();
        }
        match live.load.error.get() {
            Some(error) => {
                view! { <Failed page=true title="The activity could not be loaded" error=error retry=move |()| live.load.reload()/> }.into_any()
            }
            None => live.load.slow.get().then(|| view! { <SkeletonRows rows=5/> }).into_any(),
        }
    }
}

#[component]
fn Loaded(live: Live) -> impl IntoView {
    let url = use_url();
    let wanted = memo(move || url.get("child").and_then(|id| id.parse::<i64>().ok()));
    let show = memo(move || Show::named(url.get("show").as_deref()));
    let shown = memo(move || live.in_order(|activity| show.get().has(activity.activity_status)));
    let selected = Memo::new(move |before: Option<&Option<i64>>| {
        let known = |id: &i64| live.children.with(|children| children.contains_key(id));
        // What was chosen for one stays chosen while others change.
        wanted.get().filter(known).or(before.copied().flatten().filter(known)).or_else(|| live.first())
    });
    keyboard(shown, selected);
    let title = memo(move || live.group.with(|group| group.as_ref().map(|g| g.summary.clone())).unwrap_or_default());
    let status = memo(move || live.group.with(|group| group.as_ref().map(group_status)));
    let status = move || {
        let (tone, word) = status.get()?;
        Some(view! {
            <Status tone=tone word=word/>
            {move || (live.state.get() == StreamState::Connecting && live.heard.get()).then(|| view! {
                <span class="muted" role="status">"Connection lost, trying again"</span>
            })}
        })
    };
    view! {
        <Detail
            crumb=(Kind::Activity.outline().plural, paths::list(Kind::Activity))
            title=title
            status=status
            actions=move || view! { <Cancel live=live/> }
            fill=true
        >
            <Meta live=live/>
            <Split
                chosen=Signal::derive(move || wanted.get().is_some())
                back=Signal::derive(move || url.with(&[("child", "")]))
                back_label="Computers"
                left=Box::new(move || view! { <Children live=live show=show shown=shown selected=selected/> }.into_any())
            >
                <Output live=live selected=selected/>
            </Split>
        </Detail>
    }
}

/// `j` and `k` go down and up the computers.
fn keyboard(shown: Memo<Vec<i64>>, selected: Memo<Option<i64>>) {
    let url = use_url();
    let listener = window_event_listener(ev::keydown, move |event| {
        let step = match plain_key(&event).as_deref() {
            Some("j") => 1,
            Some("k") => -1,
            _ => return,
        };
        let next = shown.with_untracked(|ids| {
            let here = selected.get_untracked().and_then(|id| ids.iter().position(|other| *other == id));
            let index = here.map_or(Some(0), |index| index.checked_add_signed(step))?;
            ids.get(index).copied()
        });
        if let Some(next) = next {
            event.prevent_default();
            url.set(&[("child", &next.to_string())], true);
        }
    });
    on_cleanup(move || listener.remove());
}
