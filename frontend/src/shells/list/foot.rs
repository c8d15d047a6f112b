//! Below the rows: how many are chosen, and what can be done with them.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::column::grouped;
use super::{Bulk, Context};
use crate::components::{Ask, Note, Tone, use_confirm, use_toasts};
use crate::react::memo;
use crate::session::use_session;

/// A failure of one row, to be shown with its reason.
type Failure = (String, String);

#[component]
pub(super) fn Foot(context: Context) -> impl IntoView {
    let Context { spec, rows, selected, all, .. } = context;
    let session = use_session();
    let total = move || rows.total.get().unwrap_or(0);
    let count = memo(move || if all.get() { total() } else { selected.with(Vec::len) });
    // What is under way: "Archiving 3 of 10".
    let progress = RwSignal::new(None::<String>);
    let failures = RwSignal::new(Vec::<Failure>::new());
    let manage = spec.with_value(|spec| spec.kind.info().manage);
    let buttons = move || {
        spec.with_value(|spec| spec.bulk.clone())
            .into_iter()
            .filter(|_| session.may(manage))
            .map(|bulk| {
                let class = if bulk.danger { "btn quiet small danger" } else { "btn quiet small" };
                let verb = bulk.verb;
                let ask = asker(context, bulk, count, progress, failures);
                view! {
                    <button type="button" class=class disabled=move || progress.get().is_some() on:click=move |_| ask()>
                        {verb}
                    </button>
                }
            })
            .collect_view()
    };
    let no_rows = grouped_len;
    let visible = move || count.get() > 0 || progress.get().is_some() || failures.with(|f| !f.is_empty());
    view! {
        <Show when=visible>
            <Show when=move || failures.with(|f| !f.is_empty())>
                <div class="panel">
                    <Note tone=Tone::Bad>
                        <p class="strong">{move || format!("{} could not be done; they are still selected.", no_rows(failures.with(Vec::len)))}</p>
                        <ul>
                            {move || failures.get().into_iter().map(|(name, reason)| view! {
                                <li><span class="strong">{name}</span>": "{reason}</li>
                            }).collect_view()}
                        </ul>
                    </Note>
                </div>
            </Show>
            <div class="list-foot">
                <span role="status">{move || progress.get().unwrap_or_else(|| format!("{} selected", no_rows(count.get())))}</span>
                <Show when=move || !all.get() && (total() > count.get())>
                    <button type="button" class="link" on:click=move |_| all.set(true)>
                        {move || format!("Select all {} that match", no_rows(total()))}
                    </button>
                </Show>
                <button type="button" class="link" on:click=move |_| { all.set(false); selected.set(Vec::new()); failures.set(Vec::new()); }>
                    "Clear selection"
                </button>
                <span class="end">{buttons}</span>
            </div>
        </Show>
    }
}

fn grouped_len(n: usize) -> String {
    grouped(i64::try_from(n).unwrap_or(i64::MAX))
}

/// The question before a bulk action; the answer starts it.
fn asker(
    context: Context,
    bulk: Bulk,
    count: Memo<usize>,
    progress: RwSignal<Option<String>>,
    failures: RwSignal<Vec<Failure>>,
) -> impl Fn() + 'static {
    let confirm = use_confirm();
    let toasts = use_toasts();
    let info = context.spec.with_value(|spec| spec.kind.info());
    move || {
        let n = count.get_untracked();
        let things = if n == 1 {
            format!("1 {}", info.singular)
        } else {
            format!("{} {}", grouped_len(n), info.plural.to_lowercase())
        };
        let bulk = bulk.clone();
        let danger = bulk.danger;
        let title = format!("{} {things}?", bulk.verb);
        let verb = format!("{} {things}", bulk.verb);
        let consequence = bulk.consequence;
        let ask = Ask::new(title, consequence, verb, move || {
            let bulk = bulk.clone();
            spawn_local(async move {
                failures.set(Vec::new());
                let ids = if context.all.get_untracked() {
                    match context.rows.all_ids().await {
                        Ok(ids) => ids,
                        Err(error) => return toasts.failed("The selection could not be read", &error),
                    }
                } else {
                    context.selected.get_untracked()
                };
                let mut failed = Vec::new();
                for (index, id) in ids.iter().enumerate() {
                    progress.try_set(Some(format!("{} {} of {}", bulk.doing, index + 1, ids.len())));
                    if let Err(error) = (bulk.each)(id.clone()).await {
                        failed.push((id.clone(), error.message));
                    }
                }
                progress.try_set(None);
                let done = ids.len() - failed.len();
                if done > 0 {
                    let word = if done == 1 { info.singular.to_owned() } else { info.plural.to_lowercase() };
                    toasts.done(format!("{} {word} {}", grouped_len(done), bulk.done));
                }
                context.all.try_set(false);
                context.selected.try_set(failed.iter().map(|(id, _)| id.clone()).collect());
                failures.try_set(failed.into_iter().map(|(id, why)| (format!("#{id}"), why)).collect());
                context.rows.reload();
            });
        });
        confirm.ask(if danger { ask.danger() } else { ask });
    }
}
