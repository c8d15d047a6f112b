//! What tenants keep.

use binnacle_shared::Kind;
use binnacle_shared::model::conductor::permission::Permission as P;
use binnacle_shared::model::conductor::site::Site;

use crate::api::conductor::sites;
use crate::api::routes::{Route, delete, get, in_tenant, post, put};

pub fn sites() -> Vec<Route> {
    vec![
        get("/sites", in_tenant(P::SiteList), sites::index).about("Lists sites.").items_of::<Site>(Kind::Site),
        get("/sites/{name}", in_tenant(P::SiteGet), sites::read).about("Gives a site.").answers::<Site>(200).includes(),
        put("/sites/{name}", in_tenant(P::SiteCreate), sites::create)
            .about("Makes a site.")
            .takes::<sites::NewSiteBody>()
            .answers::<Site>(200)
            .includes()
            .refuses(&[409]),
        post("/sites/{name}", in_tenant(P::SiteUpdate), sites::update)
            .about("Changes a site: its place, its name, or who sees it.")
            .takes::<sites::SiteChangeBody>()
            .answers::<Site>(200)
            .includes()
            .refuses(&[409]),
        delete("/sites/{name}", in_tenant(P::SiteDelete), sites::remove)
            .about("Removes a site.")
            .answers_nothing(204)
            .refuses(&[400, 409]),
    ]
}
