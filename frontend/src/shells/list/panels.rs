//! What hangs under the buttons of a list. Its part of the program is loaded when one is opened.

use leptos::prelude::*;
use leptos::wasm_split::SplitLoaderError;

use super::views::Saved;
use super::{Context, export, filter, picker, views};
use crate::components::Close;
use crate::later::later;

/// Which one, with what only its button knows.
#[derive(Clone, Copy)]
pub(super) enum Panel {
    Columns,
    Filter,
    /// The views, and where they are kept.
    Views(RwSignal<Vec<Saved>>, StoredValue<String>),
    /// How many rows have been read while it works.
    Export(RwSignal<Option<usize>>),
}

type Draw = fn(Panel, Context, Close) -> AnyView;

#[allow(clippy::unnecessary_wraps, reason = "so the macro asks for it; it copies the attribute to two functions")]
#[leptos::wasm_split::wasm_split(panels, wasm_split_path = ::leptos::wasm_split, fallible)]
fn list_panels() -> Result<Draw, SplitLoaderError> {
    fn draw(panel: Panel, context: Context, close: Close) -> AnyView {
        match panel {
            Panel::Columns => picker::panel(context),
            Panel::Filter => view! { <filter::AddFilter context=context close=close/> }.into_any(),
            Panel::Views(list, key) => views::panel(context, list, key),
            Panel::Export(busy) => export::panel(context, busy, close),
        }
    }
    Ok(draw)
}

/// The panel, once its part of the program is there.
pub(super) fn open(panel: Panel, context: Context, close: Close) -> AnyView {
    later(list_panels(), move |draw| draw(panel, context, close))
}
