//! Moving about: links and keys pass here, so that a form with unsaved changes is asked first.

use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, MouseEvent};

use crate::address::{Address, Pairs, use_address};
use crate::components::dialog::Confirmer;
use crate::components::{Ask, use_confirm};

/// What a page with unsaved changes wants before one leaves.
#[derive(Clone, Copy, Debug)]
pub struct Guard {
    /// Is there anything to lose?
    pub dirty: Signal<bool>,
    /// Throws it away.
    pub discard: Callback<()>,
}

/// Moves to other pages; get it with [`use_go`].
#[derive(Clone, Copy)]
pub struct Go {
    address: Address,
    guard: RwSignal<Option<Guard>>,
}

/// Called once by the application.
pub fn provide_go() {
    let go = Go { address: use_address(), guard: RwSignal::new(None) };
    provide_context(go);
    go.watch_links();
    go.watch_history();
}

/// The application's navigator.
pub fn use_go() -> Go {
    use_context().unwrap_or_else(|| Go { address: use_address(), guard: RwSignal::new(None) })
}

impl Go {
    /// Opens a page, unless the person would rather stay with what is unsaved.
    pub fn to(self, path: &str) {
        if self.may_leave() {
            self.at_once(path, false);
            return;
        }
        let target = path.to_owned();
        self.ask(use_confirm(), Callback::new(move |()| self.at_once(&target, false)));
    }

    /// Asks whether to leave what is unsaved; `leave` is called if so.
    fn ask(self, confirm: Confirmer, leave: Callback<()>) {
        let guard = self.guard.get_untracked();
        confirm.ask(
            Ask::new(
                "Leave without saving?",
                "What you entered stays as a draft in this browser.",
                "Leave, keep draft",
                move || leave.run(()),
            )
            .other("Discard draft", move || {
                if let Some(guard) = guard {
                    guard.discard.run(());
                }
                leave.run(());
            }),
        );
    }

    /// Goes without asking; `replace` leaves no step in the history.
    pub fn at_once(self, path: &str, replace: bool) {
        self.address.go(path, replace);
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

    /// Follows links without loading the page anew.
    fn watch_links(self) {
        let confirm = use_confirm();
        let owner = Owner::current();
        let listener = Closure::<dyn Fn(MouseEvent)>::new(move |event: MouseEvent| {
            if event.default_prevented() {
                return;
            }
            if let Some(path) = internal_target(&event) {
                event.prevent_default();
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
        let _ = window().add_event_listener_with_callback("click", listener.as_ref().unchecked_ref());
        // Lives as long as the page: the application is never taken down.
        listener.forget();
    }

    /// Follows steps through the history. While there is something to lose the address is put back,
    /// and only a yes repeats the step.
    fn watch_history(self) {
        let confirm = use_confirm();
        let decided = StoredValue::new(false);
        self.address.follow_history(move || {
            if decided.get_value() || self.may_leave() {
                decided.set_value(false);
                return false;
            }
            if let Ok(history) = window().history() {
                let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&self.address.whole()));
            }
            self.ask(
                confirm,
                Callback::new(move |()| {
                    decided.set_value(true);
                    if let Ok(history) = window().history() {
                        let _ = history.back();
                    }
                }),
            );
            true
        });
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
    let href = link.get_attribute("href")?;
    // What the server answers is no page of ours.
    let internal = href.starts_with('/') && !href.starts_with("//") && !href.starts_with("/api/");
    internal.then_some(href)
}

/// The address as pages read and write it.
#[derive(Clone, Copy)]
pub struct Url {
    address: Address,
    go: Go,
}

/// The present address.
pub fn use_url() -> Url {
    Url { address: use_address(), go: use_go() }
}

impl Url {
    /// The path, reactive.
    pub fn path(self) -> String {
        self.address.path.get()
    }

    /// The path as it is now.
    pub fn path_untracked(self) -> String {
        self.address.path.get_untracked()
    }

    /// A query parameter, reactive; empty counts as absent.
    pub fn get(self, name: &str) -> Option<String> {
        self.address.query.with(|query| {
            let value = query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
            value.filter(|value| !value.is_empty())
        })
    }

    /// What stands after the question mark, without the row one stands on; reactive.
    pub fn query(self) -> String {
        let whole = self.address.query.with(|query| changed("", query, &[("row", "")]));
        whole.strip_prefix('?').unwrap_or_default().to_owned()
    }

    /// The same address with some parameters changed (`""` removes); for links.
    pub fn with(self, changes: &[(&str, &str)]) -> String {
        let path = self.address.path.get();
        self.address.query.with(|query| changed(&path, query, changes))
    }

    /// Changes parameters; `replace` where a step back should not undo just this, as in typing.
    pub fn set(self, changes: &[(&str, &str)], replace: bool) {
        let path = self.address.path.get_untracked();
        let target = self.address.query.with_untracked(|query| changed(&path, query, changes));
        self.go.at_once(&target, replace);
    }

    /// Notes something in the address bar alone: no page has to redraw for it.
    pub fn note(self, changes: &[(&str, &str)]) {
        let path = self.address.path.get_untracked();
        let target = self.address.query.with_untracked(|query| changed(&path, query, changes));
        if let Ok(history) = window().history() {
            let state = history.state().unwrap_or_default();
            let _ = history.replace_state_with_url(&state, "", Some(&target));
        }
    }
}

fn changed(path: &str, query: &Pairs, changes: &[(&str, &str)]) -> String {
    let mut pairs: Vec<(String, String)> =
        query.iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name)).cloned().collect();
    pairs.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let pairs: Vec<_> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    crate::paths::with_query(path, &pairs)
}
