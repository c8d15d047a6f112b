//! The navigation: groups of kinds from the registry, as far as the person may see them.

use binnacle_shared::Kind;
use binnacle_shared::permission::Permission;
use binnacle_shared::registry::{NavGroup, Need};
use leptos::prelude::*;

use super::Frame;
use crate::go::use_url;
use crate::icons::{Glyph, Icon, by_name};
use crate::paths;
use crate::prefs::use_prefs;
use crate::session::{Session, use_session};

/// Pages for administrators that are of no kind: who sees them, address, icon, name.
pub(super) const PAGES: &[(Need, &str, Glyph, &str)] = &[
    (Need::Conductor("sys_admin"), paths::PERMISSIONS, Glyph::Shield, "Permissions"),
    (Need::Conductor("ldap_set"), paths::DIRECTORY, Glyph::Group, "Directory"),
    (Need::Conductor("status_get"), paths::SYSTEM, Glyph::Activity, "System"),
    (Need::Account(Permission::ManageAccount), paths::SETTINGS, Glyph::Settings, "Settings"),
];

/// Those of them that the person may see.
pub(super) fn pages(session: Session) -> impl Iterator<Item = (&'static str, Glyph, &'static str)> {
    let seen = PAGES.iter().filter(move |(need, ..)| session.may(*need));
    seen.map(|(_, href, glyph, name)| (*href, *glyph, *name))
}

/// The kinds of a group that have pages which the person may see.
pub(super) fn visible(session: Session, group: NavGroup) -> Vec<Kind> {
    Kind::ALL
        .iter()
        .copied()
        .filter(|kind| paths::has_page(*kind) && session.may(kind.outline().view))
        .filter(|kind| kind.outline().nav.is_some_and(|nav| nav.group == group))
        .collect()
}

/// Where somebody comes who wanted to go nowhere in particular: the first thing in the navigation.
pub fn first_page(session: Session) -> String {
    let kind = NavGroup::ALL.iter().find_map(|group| visible(session, *group).into_iter().next());
    kind.map_or_else(|| paths::HOME.to_owned(), paths::list)
}

#[component]
pub(super) fn Navigation(frame: Frame) -> impl IntoView {
    let session = use_session();
    let prefs = use_prefs();
    let groups = move || {
        NavGroup::ALL
            .iter()
            .map(|group| (group, visible(session, *group)))
            .filter(|(_, kinds)| !kinds.is_empty())
            .map(|(group, kinds)| {
                let links = kinds.into_iter().map(kind_entry).collect_view();
                let others = (*group == NavGroup::Administration).then(|| {
                    pages(session).map(|(href, glyph, name)| entry(href.to_owned(), glyph, name)).collect_view()
                });
                view! { <section><h2>{group.title()}</h2>{links}{others}</section> }
            })
            .collect_view()
    };
    let fold = move || if prefs.icons_only.get() { "Widen navigation" } else { "Collapse navigation" };
    view! {
        <nav class="nav" id="navigation" aria-label="Main" data-open=move || frame.drawer.get().then_some("")>
            {groups}
            <button type="button" title=fold on:click=move |_| prefs.icons_only.update(|icons| *icons = !*icons)>
                <Icon glyph=Glyph::Collapse/><span>{fold}</span>
            </button>
        </nav>
        <Show when=move || frame.drawer.get()>
            <div class="nav-scrim" on:click=move |_| frame.drawer.set(false)></div>
        </Show>
    }
}

fn kind_entry(kind: Kind) -> AnyView {
    let info = kind.outline();
    entry(paths::list(kind), info.nav.map_or(Glyph::Compass, |nav| by_name(nav.icon)), info.plural)
}

fn entry(href: String, glyph: Glyph, name: &'static str) -> AnyView {
    let url = use_url();
    let prefs = use_prefs();
    let here = href.clone();
    let current = move || {
        let path = url.path();
        let rest = path.strip_prefix(&here)?;
        (rest.is_empty() || rest.starts_with('/')).then_some("page")
    };
    let title = move || prefs.icons_only.get().then_some(name);
    view! { <a href=href aria-current=current title=title><Icon glyph=glyph/><span>{name}</span></a> }.into_any()
}
