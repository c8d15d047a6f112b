//! Program text with line numbers, to read.

use leptos::prelude::*;

use super::CopyButton;

/// The text, its lines numbered, with a button that copies it.
#[component]
pub fn CodeView(
    /// The program.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let size = text.len();
    let lines: Vec<String> = text.trim_end_matches('\n').split('\n').map(str::to_owned).collect();
    let count = lines.len();
    let words = format!("{count} line{}, {size} bytes", if count == 1 { "" } else { "s" });
    view! {
        <div class="code" tabindex="0" role="region" aria-label="Code">
            {lines.into_iter().map(|line| view! { <span>{line}</span> }).collect_view()}
        </div>
        <div class="card-bar bottom-edge"><span>{words}</span><span class="grow"></span><CopyButton text=text what="code"/></div>
    }
}
