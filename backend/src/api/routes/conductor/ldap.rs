//! The directory that people sign in through.

use binnacle_shared::model::conductor::ldap::LdapConfig;
use binnacle_shared::model::conductor::permission::Permission as P;

use crate::api::conductor::ldap;
use crate::api::routes::{Route, anywhere, delete, get, post};

pub fn rows() -> Vec<Route> {
    vec![
        get("/ldap", anywhere(P::LdapStatusGet), ldap::status)
            .about("Says whether people sign in through LDAP.")
            .answers::<ldap::LdapStatus>(200),
        post("/ldap", anywhere(P::LdapSet), ldap::set)
            .about("Tries an LDAP server and has people sign in through it from now on.")
            .takes::<ldap::LdapBody>()
            .answers::<LdapConfig>(200)
            .refuses(&[500]),
        delete("/ldap", anywhere(P::LdapSet), ldap::remove)
            .about("Has people sign in with passwords of their own again.")
            .answers_nothing(204)
            .refuses(&[404]),
        get("/ldap/config", anywhere(P::LdapSet), ldap::read)
            .about("Gives the LDAP configuration, without the password.")
            .answers::<LdapConfig>(200)
            .refuses(&[404]),
        post("/ldap/test", anywhere(P::LdapSet), ldap::test)
            .about("Tries an LDAP server and keeps nothing.")
            .takes::<ldap::LdapBody>()
            .answers::<ldap::LdapTest>(200)
            .refuses(&[500]),
    ]
}
