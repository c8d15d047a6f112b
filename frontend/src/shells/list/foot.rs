//! Below the rows: how many are chosen, and what can be done with them.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::bulk::{Bulk, BulkInput};
use super::column::grouped;
use super::{Context, table};
use crate::components::toast::Toaster;
use crate::components::{Ask, AskInput, Note, Tone, use_confirm, use_toasts};
use crate::react::memo;
use crate::session::use_session;
use crate::shells::form::options;

/// A row that something could not be done with, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Failure {
    id: String,
    name: String,
    reason: String,
}

/// What is under way and what went wrong.
#[derive(Clone, Copy)]
struct Work {
    context: Context,
    /// What is done, how many of how many are.
    progress: RwSignal<Option<(&'static str, usize, usize)>>,
    /// The person wants no more after the present one.
    stop: StoredValue<bool>,
    failures: RwSignal<Vec<Failure>>,
    /// What failed, and with which answer, for another try.
    last: StoredValue<Option<(Bulk, String)>>,
    toasts: Toaster,
}

#[component]
pub(super) fn Foot(context: Context) -> impl IntoView {
    let Context { spec, rows, selected, all, .. } = context;
    let session = use_session();
    let total = move || rows.total.get().unwrap_or(0);
    let chosen = memo(move || context.chosen_count());
    let work = Work {
        context,
        progress: RwSignal::new(None),
        stop: StoredValue::new(false),
        failures: RwSignal::new(Vec::new()),
        last: StoredValue::new(None),
        toasts: use_toasts(),
    };
    let Work { progress, failures, .. } = work;
    let manage = spec.with_value(|spec| spec.kind.outline().manage);
    let buttons = move || {
        spec.with_value(|spec| spec.bulk.clone())
            .into_iter()
            .filter(|_| session.may(manage))
            .map(|bulk| {
                let class = if bulk.danger { "btn quiet small danger" } else { "btn quiet small" };
                let verb = bulk.verb;
                view! { <button type="button" class=class on:click=move |_| work.ask(&bulk)>{verb}</button> }
            })
            .collect_view()
    };
    let failed = memo(move || failures.with(|f| !f.is_empty()));
    let visible = move || chosen.get() > 0 || progress.with(Option::is_some) || failed.get();
    let state = move || {
        match progress.get() {
        Some((doing, at, of)) => view! {
            <progress aria-label=doing max=of.to_string() value=at.to_string()></progress>
            <span role="status">{format!("{doing} {} of {}", count(at + 1), count(of))}</span>
            <button type="button" class="link" on:click=move |_| work.stop.set_value(true)>"Stop"</button>
        }
        .into_any(),
        None => view! {
            <span role="status">{move || format!("{} selected", count(chosen.get()))}</span>
            <Show when=move || !all.get() && (total() > chosen.get())>
                <button type="button" class="link" on:click=move |_| all.set(true)>
                    {move || format!("Select all {} that match", count(total()))}
                </button>
            </Show>
            <button type="button" class="link" on:click=move |_| { all.set(false); selected.set(Vec::new()); failures.set(Vec::new()); }>
                "Clear selection"
            </button>
            <span class="end">{buttons}</span>
        }
        .into_any(),
    }
    };
    let state = StoredValue::new(state);
    view! {
        <Show when=visible>
            <Show when=move || failed.get()>{move || failures_view(&work)}</Show>
            <div class="list-foot">{move || state.with_value(|state| state())}</div>
        </Show>
    }
}

fn failures_view(work: &Work) -> AnyView {
    let work = *work;
    let failures = work.failures.get();
    let n = failures.len();
    let verb = work.last.with_value(|last| last.as_ref().map_or("", |(bulk, _)| bulk.verb)).to_lowercase();
    let lines = failures
        .into_iter()
        .map(|failure| view! { <li><span class="strong">{failure.name}</span>": "{failure.reason}</li> })
        .collect_view();
    view! {
        <div class="panel">
            <Note tone=Tone::Bad>
                <p class="strong">{format!("{} could not be done; {} still selected.", count(n), if n == 1 { "it is" } else { "they are" })}</p>
                <ul class="failures" tabindex="0" aria-label="What could not be done">{lines}</ul>
                <button type="button" class="link" disabled=move || work.progress.with(Option::is_some) on:click=move |_| work.retry()>
                    {format!("Try to {verb} {} again", if n == 1 { "it".to_owned() } else { format!("the {}", count(n)) })}
                </button>
            </Note>
        </div>
    }
    .into_any()
}

fn count(n: usize) -> String {
    grouped(i64::try_from(n).unwrap_or(i64::MAX))
}

impl Work {
    /// "3 scripts", "1 script".
    fn things(self, n: usize) -> String {
        let info = self.context.spec.with_value(|spec| spec.kind.outline());
        if n == 1 { format!("1 {}", info.singular) } else { format!("{} {}", count(n), info.plural.to_lowercase()) }
    }

    /// The question before; the answer starts it.
    fn ask(self, bulk: &Bulk) {
        let confirm = use_confirm();
        let toasts = self.toasts;
        let things = self.things(untrack(|| self.context.chosen_count()));
        let ask = {
            let bulk = bulk.clone();
            Ask::told(
                format!("{} {things}?", bulk.verb),
                bulk.consequence,
                format!("{} {things}", bulk.verb),
                move |text| {
                    self.start(bulk.clone(), text);
                },
            )
        };
        let ask = if bulk.danger { ask.danger() } else { ask };
        let Some((label, input)) = bulk.input else { return confirm.ask(ask) };
        spawn_local(async move {
            let input = match input {
                BulkInput::Tags => Ok(AskInput::Text {
                    label,
                    help: "Several with commas between them.",
                    proposals: options::tags().await,
                }),
                BulkInput::One(kind, by) => options::load(kind, by, "").await.map(|found| AskInput::One {
                    label,
                    choices: found
                        .into_iter()
                        .map(|choice| (super::column::raw(&choice.value), choice.label))
                        .collect(),
                }),
            };
            match input {
                Ok(input) => confirm.ask(ask.input(input)),
                Err(error) => toasts.failed("The choices could not be read", &error),
            }
        });
    }

    fn start(self, bulk: Bulk, text: String) {
        let toasts = self.toasts;
        let context = self.context;
        spawn_local(async move {
            let ids = if context.all.get_untracked() {
                self.progress.set(Some(("Reading", 0, context.rows.total.get_untracked().unwrap_or(0))));
                match context.rows.all(|_| ()).await {
                    Ok(rows) => rows.iter().map(|row| context.rows.id_of(row)).collect(),
                    Err(error) => {
                        self.progress.try_set(None);
                        return toasts.failed("The selection could not be read", &error);
                    }
                }
            } else {
                context.selected.get_untracked()
            };
            self.run(bulk, text, ids).await;
        });
    }

    /// Once more, with what failed.
    fn retry(self) {
        let Some((bulk, text)) = self.last.get_value() else { return };
        let ids = self.failures.with_untracked(|failures| failures.iter().map(|f| f.id.clone()).collect());
        spawn_local(self.run(bulk, text, ids));
    }

    async fn run(self, bulk: Bulk, text: String, ids: Vec<String>) {
        let toasts = self.toasts;
        let context = self.context;
        self.failures.try_set(Vec::new());
        self.stop.try_set_value(false);
        let mut failed = Vec::new();
        let mut left = Vec::new();
        for (index, id) in ids.iter().enumerate() {
            // The list may have gone: what is on its way arrives, nothing more is sent.
            if self.stop.try_get_value() != Some(false) {
                left.extend(ids.iter().skip(index).cloned());
                break;
            }
            self.progress.try_set(Some((bulk.doing, index, ids.len())));
            if let Err(error) = (bulk.each)(id.clone(), text.clone()).await {
                let row = context.rows.find(id);
                let name = row.map(|row| table::name_of(context, &row)).filter(|name| !name.is_empty());
                failed.push(Failure {
                    id: id.clone(),
                    name: name.unwrap_or_else(|| format!("#{id}")),
                    reason: error.message,
                });
            }
        }
        let done = ids.len() - failed.len() - left.len();
        if done > 0 {
            toasts.done(format!("{} {}", self.things(done), bulk.done));
        }
        if self.progress.try_set(None).is_some() {
            return;
        }
        self.last.set_value(Some((bulk, text)));
        context.all.set(false);
        context.selected.set(failed.iter().map(|failure| failure.id.clone()).chain(left).collect());
        self.failures.set(failed);
        context.rows.reload();
    }
}
