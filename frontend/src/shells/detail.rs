//! The page of one thing: where it belongs, its name and status, facts, tabs, actions.

use leptos::prelude::*;

use crate::go::use_url;
use crate::react::memo;

/// One fact: a label and what stands under it.
pub struct Fact {
    label: &'static str,
    view: AnyView,
}

impl Fact {
    /// ```ignore
    /// Fact::new("Last contact", view! { <When at=computer.last_ping_time/> })
    /// ```
    pub fn new(label: &'static str, view: impl IntoAny) -> Self {
        Self { label, view: view.into_any() }
    }
}

/// A line of facts under the heading (`row`), or a list of them in a panel.
#[component]
pub fn Facts(
    facts: Vec<Fact>,
    /// Side by side, in a card.
    #[prop(optional)]
    row: bool,
) -> impl IntoView {
    let class = if row { "card meta" } else { "facts" };
    let facts = facts.into_iter().map(|fact| (fact.label, fact.view));
    if row {
        let items = facts.map(|(label, value)| view! { <div><dt>{label}</dt><dd>{value}</dd></div> });
        view! { <dl class=class>{items.collect_view()}</dl> }.into_any()
    } else {
        let items = facts.map(|(label, value)| view! { <dt>{label}</dt><dd>{value}</dd> });
        view! { <dl class=class>{items.collect_view()}</dl> }.into_any()
    }
}

/// A tab; the first is the one without a parameter.
#[derive(Clone, Debug)]
pub struct Tab {
    /// Value of `?tab=`.
    pub name: &'static str,
    pub label: String,
}

impl Tab {
    pub fn new(name: &'static str, label: impl Into<String>) -> Self {
        Self { name, label: label.into() }
    }
}

/// The name of the open tab: `?tab=`, or the first.
pub fn use_tab(first: &'static str) -> Memo<String> {
    let url = use_url();
    memo(move || url.get("tab").unwrap_or_else(|| first.to_owned()))
}

/// The page of one thing.
///
/// ```ignore
/// view! {
///     <Detail
///         crumb=(Kind::Script.outline().plural, paths::list(Kind::Script))
///         title=script.title
///         status=move || view! { <Status tone=Tone::Ok word="Active"/> }
///         actions=move || view! { <a class="btn" aria-keyshortcuts="e" href=edit>"Edit script"</a> }
///         tabs=vec![Tab::new("code", "Code"), Tab::new("versions", "Versions")]
///         facts=move || view! { <Facts row=true facts=vec![…]/> }
///     >
///         {move || match tab.get().as_str() { "versions" => …, _ => … }}
///     </Detail>
/// }
/// ```
#[component]
pub fn Detail(
    /// Name and address of the list it belongs to.
    crumb: (&'static str, String),
    /// The `h1`, and the window's title.
    #[prop(into)]
    title: Signal<String>,
    /// Pills beside the heading.
    #[prop(optional, into)]
    status: ViewFn,
    /// Buttons at the right of the heading.
    #[prop(optional, into)]
    actions: ViewFn,
    /// Facts under the heading, above the tabs: `<Facts row=true …/>`.
    #[prop(optional, into)]
    facts: ViewFn,
    /// Tabs; none, no line of tabs.
    #[prop(optional, into)]
    tabs: Signal<Vec<Tab>>,
    /// Whether the page fills the height and its parts scroll on their own.
    #[prop(optional, into)]
    fill: Signal<bool>,
    children: Children,
) -> impl IntoView {
    crate::frame::use_title(title);
    view! {
        <div class="page" class:fill=move || fill.get()>
            <nav class="crumb" aria-label="Breadcrumb"><a href=crumb.1>{crumb.0}</a></nav>
            <div class="head">
                <h1>{move || title.get()}</h1>
                {move || status.run()}
                <div class="actions-end">{move || actions.run()}</div>
            </div>
            {move || facts.run()}
            {move || tabs.with(|tabs| (!tabs.is_empty()).then(|| view! { <TabLine tabs=tabs.clone()/> }))}
            {children()}
        </div>
    }
}

/// Links that choose what is shown below.
#[component]
fn TabLine(tabs: Vec<Tab>) -> impl IntoView {
    let url = use_url();
    let first = tabs.first().map_or("", |tab| tab.name);
    let open = use_tab(first);
    let items = tabs
        .into_iter()
        .map(|Tab { name, label }| {
            let href = move || crate::paths::with_query(&url.path(), &[("tab", if name == first { "" } else { name })]);
            let current = move || (open.get() == name).then_some("page");
            view! { <a href=href aria-current=current>{label}</a> }
        })
        .collect_view();
    view! { <nav class="tabs" aria-label="Parts of this page">{items}</nav> }
}
