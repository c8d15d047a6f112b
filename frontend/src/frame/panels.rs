//! What lies over the page when one asks for it: command palette and list of keys. Their part of the
//! program is loaded then.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::SplitLoaderError;

use super::Frame;
use super::keys::Help;
use super::palette::Palette;
use crate::api::ApiError;
use crate::components::use_toasts;
use crate::react::{effect, memo};

type Draw = fn(Frame) -> AnyView;

#[allow(clippy::unnecessary_wraps, reason = "so the macro asks for it; it copies the attribute to two functions")]
#[leptos::wasm_split::wasm_split(panels, wasm_split_path = ::leptos::wasm_split, fallible)]
fn panels() -> Result<Draw, SplitLoaderError> {
    fn draw(frame: Frame) -> AnyView {
        view! {
            <Palette frame=frame/>
            <Help frame=frame/>
        }
        .into_any()
    }
    Ok(draw)
}

/// The panels, from when one of them is first opened.
#[component]
pub(super) fn Panels(frame: Frame) -> impl IntoView {
    let drawn = RwSignal::new(None::<Draw>);
    let toasts = use_toasts();
    let asked = memo(move || frame.help.get() || frame.palette.get().is_some());
    effect(move || {
        if !asked.get() || drawn.with_untracked(Option::is_some) {
            return;
        }
        spawn_local(async move {
            if let Ok(draw) = panels().await {
                drawn.set(Some(draw));
            } else {
                frame.help.set(false);
                frame.palette.set(None);
                toasts.failed("This could not be loaded", &ApiError::unreachable());
            }
        });
    });
    move || drawn.get().map(|draw| draw(frame))
}
