//! Data that a page shows: loaded when its key changes, the old kept until the new is there.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::ApiError;
use crate::react::{effect, memo};

/// What a page knows of its data.
#[derive(Debug)]
pub struct Load<T: Send + Sync + 'static> {
    /// The newest data there is; stays while something newer is on its way.
    pub data: RwSignal<Option<T>>,
    /// Why the last attempt failed.
    pub error: RwSignal<Option<ApiError>>,
    /// Something is on its way.
    pub busy: RwSignal<bool>,
    /// It has been for 150 ms: time to dim or to draw a skeleton.
    pub slow: RwSignal<bool>,
    again: RwSignal<u32>,
}

impl<T: Send + Sync + 'static> Clone for Load<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: Send + Sync + 'static> Copy for Load<T> {}

impl<T: Send + Sync + 'static> Load<T> {
    /// Asks again.
    pub fn reload(&self) {
        self.again.try_update(|n| *n = n.wrapping_add(1));
    }
}

/// Loads whenever `key` gives another value; `None` means that there is nothing to load.
///
/// ```ignore
/// let computer = use_load(
///     move || Some(id.get()),
///     |id| async move { api::get::<Computer>(&format!("computers/{id}")).await },
/// );
/// view! { {move || computer.data.get().map(|c| c.title)} }
/// ```
pub fn use_load<K, T, F>(
    key: impl Fn() -> Option<K> + Send + Sync + 'static,
    fetch: impl Fn(K) -> F + 'static,
) -> Load<T>
where
    K: PartialEq + Clone + Send + Sync + 'static,
    T: Send + Sync + 'static,
    F: Future<Output = Result<T, ApiError>> + 'static,
{
    let key = memo(key);
    run(Box::new(move || {
        key.get().map(|key| {
            let answer: Answer<T> = Box::pin(fetch(key));
            answer
        })
    }))
}

/// What is on its way.
pub type Answer<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

/// The same for all questions with one type of answer; `ask` is asked again when its key changes.
fn run<T: Send + Sync + 'static>(ask: Box<dyn Fn() -> Option<Answer<T>>>) -> Load<T> {
    let load = Load {
        data: RwSignal::new(None),
        error: RwSignal::new(None),
        busy: RwSignal::new(false),
        slow: RwSignal::new(false),
        again: RwSignal::new(0),
    };
    // Answers may overtake each other: only the one to the last question counts.
    let turn = StoredValue::new(0_u32);
    effect(move || {
        load.again.track();
        let Some(answer) = ask() else {
            load.busy.set(false);
            return;
        };
        let mine = turn.with_value(|n| n.wrapping_add(1));
        turn.set_value(mine);
        load.busy.set(true);
        dim_later(load.busy, load.slow, turn, mine);
        spawn_local(async move {
            let result = answer.await;
            if turn.try_get_value() != Some(mine) {
                return;
            }
            match result {
                Ok(data) => {
                    load.data.try_set(Some(data));
                    load.error.try_set(None);
                }
                Err(error) => {
                    load.error.try_set(Some(error));
                }
            }
            load.busy.try_set(false);
            load.slow.try_set(false);
        });
    });
    load
}

/// Says after 150 ms that it takes long, if the answer is still on its way.
fn dim_later(busy: RwSignal<bool>, slow: RwSignal<bool>, turn: StoredValue<u32>, mine: u32) {
    set_timeout(
        move || {
            if turn.try_get_value() == Some(mine) && busy.try_get_untracked() == Some(true) {
                slow.try_set(true);
            }
        },
        Duration::from_millis(150),
    );
}
