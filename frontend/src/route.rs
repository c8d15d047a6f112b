//! Which address shows which page, and which part of the program the page is in.
//!
//! The build cuts the program at the functions of [`area`]: what only one area reaches is a file
//! of its own, and what some of them share is another for each such set. A file is loaded when
//! somebody opens a page that needs it. A new page is one line in [`pages!`]; a new area only
//! where people would rarely open its pages together with those of the areas that are there,
//! because the number of shared files grows with that of areas (ADR 0011).

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::SplitLoaderError;

use crate::address::unescape;
use crate::api::ApiError;
use crate::components::Failed;
use crate::go::use_url;
use crate::react::{effect, memo};
use crate::session::use_session;

/// Makes a page. It is in the file of its area.
type Draw = fn(Page) -> AnyView;

/// For each area its pages: address, name, component.
macro_rules! pages {
    ($($area:ident { $($path:literal $page:ident $component:path;)+ })+) => {
        /// A page of the console.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Page { $($(#[doc = $path] $page,)+)+ }

        const TABLE: &[(&str, Page)] = &[$($(($path, Page::$page),)+)+];

        /// Fetches the area of a page, once.
        async fn fetch(page: Page) -> Result<Draw, SplitLoaderError> {
            match page { $($(Page::$page)|+ => area::$area().await,)+ }
        }

        mod area {
            use super::{AnyView, Draw, IntoAny, Page, SplitLoaderError};
            use crate::pages::*;

            $(
                #[leptos::wasm_split::wasm_split($area, wasm_split_path = ::leptos::wasm_split, fallible)]
                pub fn $area() -> Result<Draw, SplitLoaderError> {
                    fn draw(page: Page) -> AnyView {
                        match page {
                            $(Page::$page => $component().into_any(),)+
                            _ => ().into_any(),
                        }
                    }
                    Ok(draw)
                }
            )+
        }
    };
}

pages! {
    start {
        "/computers" Computers computers::ComputersPage;
    }
    lists {
        "/scripts" Scripts scripts::ScriptsPage;
        "/script-profiles" ScriptProfiles script_profiles::ScriptProfilesPage;
        "/activities" Activities activities::ActivitiesPage;
        // With its list: it shares less with the other details than they among themselves.
        "/activities/:id" Activity activity::ActivityPage;
        "/access-groups" AccessGroups access_groups::AccessGroupsPage;
        "/administrators" Administrators administrators::AdministratorsPage;
        "/invitations" Invitations administrators::InvitationsPage;
        "/roles" Roles roles::RolesPage;
        "/events" Events events::EventsPage;
        // `/:kind…`: kinds without pages of their own, below those that have some.
        "/:kind" Records records::RecordsPage;
    }
    forms {
        "/computers/:id/edit" EditComputer computer_form::EditComputer;
        "/scripts/create" CreateScript script_form::CreateScript;
        "/scripts/:id/edit" EditScript script_form::EditScript;
        "/script-profiles/create" CreateScriptProfile script_profile_form::CreateScriptProfile;
        "/script-profiles/:id/edit" EditScriptProfile script_profile_form::EditScriptProfile;
        "/access-groups/create" CreateAccessGroup access_groups::CreateAccessGroup;
        "/administrators/:id/edit" EditAdministrator administrators::EditAdministrator;
        "/invitations/create" CreateInvitation administrators::CreateInvitation;
        "/roles/create" CreateRole roles::CreateRole;
        "/roles/:id/edit" EditRole roles::EditRole;
        "/settings" Settings settings::SettingsPage;
        "/account" Account myself::MyselfPage;
        "/:kind/create" CreateRecord records::CreateRecord;
        "/:kind/:id/edit" EditRecord records::EditRecord;
    }
    details {
        "/computers/:id" Computer computer::ComputerPage;
        "/scripts/:id" Script script::ScriptPage;
        "/script-profiles/:id" ScriptProfile script_profile::ScriptProfilePage;
        "/roles/:id" Role roles::RolePage;
        "/:kind/:id" Record records::RecordPage;
    }
    // The Conductor family but what is drawn by everybody's shells: seldom left for the other areas.
    tenancy {
        "/sites" Sites tenancy::sites::SitesPage;
        "/sites/create" CreateSite tenancy::sites::CreateSite;
        "/sites/:id" Site tenancy::sites::SitePage;
        "/sites/:id/edit" EditSite tenancy::sites::EditSite;
        "/tenants" Tenants tenancy::tenants::TenantsPage;
        "/tenants/create" CreateTenant tenancy::tenants::CreateTenant;
        "/tenants/:id" Tenant tenancy::tenants::TenantPage;
        "/users" Users tenancy::users::UsersPage;
        "/users/create" CreateUser tenancy::users::CreateUser;
        "/users/:id" User tenancy::users::UserPage;
        "/users/:id/password" UserPassword tenancy::users::UserPassword;
        "/user-groups" UserGroups tenancy::user_groups::UserGroupsPage;
        "/user-groups/create" CreateUserGroup tenancy::user_groups::CreateUserGroup;
        "/user-groups/:id" UserGroup tenancy::user_groups::UserGroupPage;
        "/tokens" Tokens tenancy::tokens::TokensPage;
        "/tokens/create" CreateToken tenancy::tokens::CreateToken;
        "/deployment-filters" DeploymentFilters tenancy::filters::DeploymentFilters;
        "/deployment-filters/create" CreateDeploymentFilter tenancy::filters::CreateDeploymentFilter;
        "/deployment-filters/:id" DeploymentFilter tenancy::filters::DeploymentFilter;
        "/deployment-filters/:id/edit" EditDeploymentFilter tenancy::filters::EditDeploymentFilter;
        "/blueprint-filters" BlueprintFilters tenancy::filters::BlueprintFilters;
        "/blueprint-filters/create" CreateBlueprintFilter tenancy::filters::CreateBlueprintFilter;
        "/blueprint-filters/:id" BlueprintFilter tenancy::filters::BlueprintFilter;
        "/blueprint-filters/:id/edit" EditBlueprintFilter tenancy::filters::EditBlueprintFilter;
        "/secrets" Secrets tenancy::secrets::SecretsPage;
        "/secrets/create" CreateSecret tenancy::secrets::CreateSecret;
        "/secrets/:id" Secret tenancy::secrets::SecretPage;
        "/secrets/:id/edit" EditSecret tenancy::secrets::EditSecret;
        "/secrets-providers" Providers tenancy::providers::ProvidersPage;
        "/secrets-providers/create" CreateProvider tenancy::providers::CreateProvider;
        "/secrets-providers/:id" Provider tenancy::providers::ProviderPage;
        "/secrets-providers/:id/edit" EditProvider tenancy::providers::EditProvider;
        "/permissions" Permissions tenancy::permissions::PermissionsPage;
        "/ldap" Directory tenancy::ldap::DirectoryPage;
        "/system" System tenancy::system::SystemPage;
        "/audit" Audit tenancy::audit::AuditPage;
    }
}

/// The values of the named parts of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(Vec<(&'static str, String)>);

impl Params {
    pub fn get(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    }
}

/// Those of the page that the calling component is on.
pub fn use_params_map() -> RwSignal<Params> {
    use_context().unwrap_or_default()
}

/// Where nothing is but the way to the first page.
pub fn is_front(path: &str) -> bool {
    matches!(path, "" | "/" | "/sign-in")
}

/// The page at an address, with the values of the pattern's named parts. Where several patterns
/// fit, that with the fewest named parts counts.
fn find(path: &str) -> Option<(Page, Params)> {
    if is_front(path) {
        return None;
    }
    let fitting = TABLE.iter().filter_map(|(pattern, page)| Some((*page, fits(pattern, path)?)));
    fitting.min_by_key(|(_, params)| params.0.len())
}

fn fits(pattern: &'static str, path: &str) -> Option<Params> {
    let mut params = Params::default();
    let mut parts = path.trim_end_matches('/').split('/');
    for wanted in pattern.split('/') {
        let part = parts.next()?;
        match wanted.strip_prefix(':') {
            Some(_) if part.is_empty() => return None,
            Some(name) => params.0.push((name, unescape(part))),
            None if wanted == part => {}
            None => return None,
        }
    }
    parts.next().is_none().then_some(params)
}

/// Fetches what the present address needs, before it is known who is signed in.
pub fn fetch_ahead() {
    let path = window().location().pathname().unwrap_or_default();
    let page = find(&path).map_or(Page::Computers, |(page, _)| page);
    spawn_local(async move {
        // If it fails it is tried again, and shown, when the page is opened.
        let _ = fetch(page).await;
    });
}

/// What is on screen.
#[derive(Clone)]
enum View {
    /// The first page is on its way.
    Nothing,
    Page(Shown),
    /// The area could not be loaded.
    Failed,
    /// No page has this address.
    Other,
}

#[derive(Clone)]
struct Shown {
    page: Page,
    params: ArcRwSignal<Params>,
    draw: Draw,
}

/// The page at the present address; the one before stays until it is there.
#[component]
pub fn Pages(
    /// What stands at an address that no page has.
    #[prop(into)]
    other: ViewFn,
) -> impl IntoView {
    let url = use_url();
    let shown = RwSignal::new(View::Nothing);
    let again = RwSignal::new(0_u32);
    // Areas may arrive in another order than they were asked for: only the last one counts.
    let turn = StoredValue::new(0_u32);
    // In another tenant everything on screen is another's: the page is drawn anew.
    let session = use_session();
    let tenant = memo(move || session.tenant());
    let drawn_in = StoredValue::new(None::<String>);
    effect(move || {
        again.track();
        let present = tenant.get();
        let moved = drawn_in.with_value(|before| *before != present);
        drawn_in.set_value(present);
        let found = find(&url.path());
        let mine = turn.with_value(|n| n.wrapping_add(1));
        turn.set_value(mine);
        let Some((page, params)) = found else {
            shown.set(View::Other);
            return;
        };
        let same = shown.with_untracked(|shown| match shown {
            View::Page(shown) if shown.page == page && !moved => Some(shown.params.clone()),
            _ => None,
        });
        if let Some(present) = same {
            present.set(params);
            return;
        }
        spawn_local(async move {
            let area = fetch(page).await;
            if turn.try_get_value() == Some(mine) {
                let params = ArcRwSignal::new(params);
                shown.set(area.map_or(View::Failed, |draw| View::Page(Shown { page, params, draw })));
            }
        });
    });
    move || match shown.get() {
        View::Nothing => ().into_any(),
        View::Page(Shown { page, params, draw }) => {
            provide_context(RwSignal::from(params));
            draw(page)
        }
        View::Failed => view! {
            <Failed page=true title="This page could not be loaded" error=ApiError::unreachable()
                retry=move |()| again.update(|n| *n = n.wrapping_add(1))/>
        }
        .into_any(),
        View::Other => other.run(),
    }
}
