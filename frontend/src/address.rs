//! The address bar: what stands there, and changing it. Half the size of a library's router, which
//! has to know every page besides; which page an address shows is in [`crate::route`].

use js_sys::decode_uri_component;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::Event;

/// Names and values of a query, in their order.
pub type Pairs = Vec<(String, String)>;

/// The address; get it with [`use_address`].
#[derive(Clone, Copy, Debug)]
pub struct Address {
    pub path: RwSignal<String>,
    pub query: RwSignal<Pairs>,
}

/// Reads the address bar; called once by the application.
pub fn provide_address() -> Address {
    let (path, query) = read();
    let address = Address { path: RwSignal::new(path), query: RwSignal::new(query) };
    provide_context(address);
    address
}

/// The address that the application provides.
pub fn use_address() -> Address {
    use_context().unwrap_or_else(provide_address)
}

impl Address {
    /// Goes to a path of the console; `replace` leaves no step in the history.
    pub fn go(self, target: &str, replace: bool) {
        let Ok(history) = window().history() else { return };
        let same = target == self.whole();
        let _ = if replace || same {
            history.replace_state_with_url(&JsValue::NULL, "", Some(target))
        } else {
            history.push_state_with_url(&JsValue::NULL, "", Some(target))
        };
        self.follow();
    }

    /// Notes what now stands in the address bar.
    fn follow(self) {
        let (path, query) = read();
        // The query first: who watches the path reads it.
        if self.query.with_untracked(|before| *before != query) {
            self.query.set(query);
        }
        if self.path.with_untracked(|before| *before != path) {
            self.path.set(path);
        }
    }

    /// Path and query, as pages know them.
    pub fn whole(self) -> String {
        let path = self.path.get_untracked();
        self.query.with_untracked(|query| {
            let pairs: Vec<_> = query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            crate::paths::with_query(&path, &pairs)
        })
    }

    /// Follows steps through the history, unless `stay` says that it has put the address back.
    pub fn follow_history(self, stay: impl Fn() -> bool + 'static) {
        let listener = Closure::<dyn Fn(Event)>::new(move |_: Event| {
            if !stay() {
                self.follow();
            }
        });
        let _ = window().add_event_listener_with_callback("popstate", listener.as_ref().unchecked_ref());
        // Lives as long as the page: the application is never taken down.
        listener.forget();
    }
}

/// Path and query of the address bar.
fn read() -> (String, Pairs) {
    let location = window().location();
    let search = location.search().unwrap_or_default();
    let pairs = search.trim_start_matches('?').split('&').filter(|pair| !pair.is_empty());
    let query = pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (unescape(&name.replace('+', " ")), unescape(&value.replace('+', " ")))
    });
    (location.pathname().unwrap_or_default(), query.collect())
}

/// One part of a path or query, as it was before it was written into an address.
pub fn unescape(text: &str) -> String {
    decode_uri_component(text).map_or_else(|_| text.to_owned(), Into::into)
}
