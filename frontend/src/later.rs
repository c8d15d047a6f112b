//! Parts of a page that are in a file of their own, for what is opened now and then. They share one
//! area, `panels`: see [`crate::route`] for why areas are few.

use std::future::Future;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::SplitLoaderError;

use crate::components::{Note, Tone};

/// Fetches a part and draws with it; nothing until it is there.
pub fn later<D: Copy + Send + Sync + 'static>(
    part: impl Future<Output = Result<D, SplitLoaderError>> + 'static,
    draw: impl Fn(D) -> AnyView + Send + 'static,
) -> AnyView {
    let fetched = RwSignal::new(None::<Option<D>>);
    spawn_local(async move {
        let part = part.await.ok();
        fetched.try_set(Some(part));
    });
    let view = move || match fetched.get() {
        None => ().into_any(),
        Some(Some(part)) => draw(part),
        Some(None) => {
            view! { <Note tone=Tone::Bad>"This could not be loaded. Check the network, then open it again."</Note> }
                .into_any()
        }
    };
    view.into_any()
}
