//! Tags.

use leptos::prelude::*;

/// A tag; with `href` a link, for example to the computers that carry it.
#[component]
pub fn Tag(
    /// The word.
    #[prop(into)]
    text: String,
    /// Where it leads.
    #[prop(optional, into)]
    href: Option<String>,
) -> impl IntoView {
    match href {
        Some(href) => view! { <a class="tag" href=href>{text}</a> }.into_any(),
        None => view! { <span class="tag">{text}</span> }.into_any(),
    }
}

/// Several, or a dash.
#[component]
pub fn TagList(tags: Vec<String>) -> impl IntoView {
    if tags.is_empty() {
        return view! { <span class="muted">"–"</span> }.into_any();
    }
    let all = tags.join(", ");
    view! {
        <span class="tags" title=all>
            {tags.into_iter().map(|tag| view! { <Tag text=tag/> }).collect_view()}
        </span>
    }
    .into_any()
}
