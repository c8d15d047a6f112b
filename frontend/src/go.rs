//! Moving about: links and keys pass here, so that a form with unsaved changes is asked first.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use leptos_router::location::Location;
use leptos_router::params::ParamsMap;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, MouseEvent};

use crate::components::{Ask, use_confirm};

/// What a page with unsaved changes wants before one leaves.
#[derive(Clone, Copy, Debug)]
pub struct Guard {
    /// Is there anything to lose?
    pub dirty: Signal<bool>,
    /// Throws it away.
    pub discard: Callback<()>,
}

type Navigate = Box<dyn Fn(&str, NavigateOptions)>;

/// Moves to other pages; get it with [`use_go`].
#[derive(Clone, Copy)]
pub struct Go {
    navigate: StoredValue<Navigate, LocalStorage>,
    guard: RwSignal<Option<Guard>>,
}

/// Called once, inside the router.
pub fn provide_go() {
    let navigate = use_navigate();
    let navigate: Navigate = Box::new(move |path, options| navigate(path, options));
    let go = Go { navigate: StoredValue::new_local(navigate), guard: RwSignal::new(None) };
    provide_context(go);
    go.watch_links();
}

/// The application's navigator.
pub fn use_go() -> Go {
    use_context()
        .unwrap_or_else(|| Go { navigate: StoredValue::new_local(Box::new(|_, _| ())), guard: RwSignal::new(None) })
}

impl Go {
    /// Opens a page, unless the person would rather stay with what is unsaved.
    pub fn to(self, path: &str) {
        if self.may_leave() {
            self.at_once(path, false);
            return;
        }
        let target = path.to_owned();
        let discarded = target.clone();
        let guard = self.guard.get_untracked();
        use_confirm().ask(
            Ask::new(
                "Leave without saving?",
                "What you entered stays as a draft in this browser.",
                "Leave, keep draft",
                move || self.at_once(&target, false),
            )
            .other("Discard draft", move || {
                if let Some(guard) = guard {
                    guard.discard.run(());
                }
                self.at_once(&discarded, false);
            }),
        );
    }

    /// Goes without asking; `replace` leaves no step in the history.
    pub fn at_once(self, path: &str, replace: bool) {
        self.navigate.try_with_value(|navigate| {
            navigate(path, NavigateOptions { replace, scroll: false, resolve: false, ..NavigateOptions::default() });
        });
    }

    /// Has the page asked first, as long as the calling component lives.
    pub fn guard(self, guard: Guard) {
        self.guard.set(Some(guard));
        on_cleanup(move || {
            self.guard.try_set(None);
        });
    }

    fn may_leave(self) -> bool {
        self.guard.get_untracked().and_then(|guard| guard.dirty.try_get_untracked()).is_none_or(|dirty| !dirty)
    }

    /// Takes clicks on links before the router does, while there is something to lose.
    fn watch_links(self) {
        let confirm = use_confirm();
        let owner = Owner::current();
        let listener = Closure::<dyn Fn(MouseEvent)>::new(move |event: MouseEvent| {
            if self.may_leave() {
                return;
            }
            if let Some(path) = internal_target(&event) {
                event.prevent_default();
                event.stop_propagation();
                let act = || {
                    provide_context(confirm);
                    self.to(&path);
                };
                match &owner {
                    Some(owner) => owner.with(act),
                    None => act(),
                }
            }
        });
        // In the capturing phase: the router listens on the way back up.
        let _ = document().add_event_listener_with_callback_and_bool("click", listener.as_ref().unchecked_ref(), true);
        // Lives as long as the page: the application is never taken down.
        listener.forget();
    }
}

/// The path of a plain click on one of our links.
fn internal_target(event: &MouseEvent) -> Option<String> {
    if event.button() != 0 || event.meta_key() || event.ctrl_key() || event.shift_key() || event.alt_key() {
        return None;
    }
    let element: Element = event.target()?.dyn_into().ok()?;
    let link = element.closest("a[href]").ok()??;
    if link.has_attribute("target") || link.has_attribute("download") {
        return None;
    }
    link.get_attribute("href").filter(|href| href.starts_with('/'))
}

/// The address as pages read and write it.
#[derive(Clone, Copy)]
pub struct Url {
    path: Memo<String>,
    query: Memo<ParamsMap>,
    go: Go,
}

/// The present address.
pub fn use_url() -> Url {
    let Location { pathname, query, .. } = use_location();
    Url { path: pathname, query, go: use_go() }
}

impl Url {
    /// The path, reactive.
    pub fn path(self) -> String {
        self.path.get()
    }

    /// A query parameter, reactive; empty counts as absent.
    pub fn get(self, name: &str) -> Option<String> {
        self.query.with(|query| query.get(name)).filter(|value| !value.is_empty())
    }

    /// The same address with some parameters changed (`""` removes); for links.
    pub fn with(self, changes: &[(&str, &str)]) -> String {
        let path = self.path.get();
        self.query.with(|query| changed(&path, query, changes))
    }

    /// Changes parameters; `replace` where a step back should not undo just this, as in typing.
    pub fn set(self, changes: &[(&str, &str)], replace: bool) {
        let path = self.path.get_untracked();
        let target = self.query.with_untracked(|query| changed(&path, query, changes));
        self.go.at_once(&target, replace);
    }

    /// Notes something in the address without telling the router: no page has to redraw for it.
    pub fn note(self, changes: &[(&str, &str)]) {
        let path = self.path.get_untracked();
        let target = self.query.with_untracked(|query| changed(&path, query, changes));
        if let Ok(history) = window().history() {
            let state = history.state().unwrap_or_default();
            let _ = history.replace_state_with_url(&state, "", Some(&target));
        }
    }
}

fn changed(path: &str, query: &ParamsMap, changes: &[(&str, &str)]) -> String {
    let mut pairs: Vec<(String, String)> = query
        .clone()
        .into_iter()
        .map(|(name, value)| (name.into_owned(), value))
        .filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name))
        .collect();
    pairs.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let pairs: Vec<_> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    crate::paths::with_query(path, &pairs)
}
