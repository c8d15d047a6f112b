//! Groups in groups.

use binnacle_shared::model::conductor::ldap::LdapConfig;
use serde_json::{Value, json};

use super::{config, user, with_account};
use crate::support::slapd::Slapd;

async fn groups(config: &LdapConfig, name: &str) -> Vec<String> {
    let user = user(config, name, &format!("{name}-secret")).await;
    let name = |dn: &String| dn.split(',').next().unwrap().trim_start_matches("cn=").to_owned();
    user.groups.iter().map(name).collect()
}

#[tokio::test]
async fn groups_that_name_their_members_are_followed_so_many_levels() {
    let slapd = Slapd::start();
    for (levels, expected) in [
        (0, &[][..]),
        (1, &["dev"]),
        (2, &["dev", "tech"]),
        (3, &["dev", "tech", "everybody"]),
        // From here on in circles.
        (4, &["dev", "tech", "everybody"]),
        (20, &["dev", "tech", "everybody"]),
    ] {
        let changes = json!({"ldap_nested_levels": levels});
        assert_eq!(groups(&config(&slapd, changes.clone()), "alice").await, expected, "{levels}");
        assert_eq!(groups(&with_account(&slapd, changes), "alice").await, expected, "{levels}");
    }
}

#[tokio::test]
async fn groups_that_entries_name_themselves_are_followed_too() {
    let slapd = Slapd::start();
    for (levels, expected) in [
        (0, &[][..]),
        // One of them has gone, and is named all the same.
        (1, &["red", "gone"]),
        (2, &["red", "gone", "blue"]),
        (9, &["red", "gone", "blue"]),
    ] {
        let config = config(&slapd, json!({"ldap_nested_levels": levels}));
        assert_eq!(groups(&config, "dora").await, expected, "{levels}");
    }
}

#[tokio::test]
async fn the_attribute_and_the_filter_can_be_chosen() {
    let slapd = Slapd::start();
    let of = async |name: &str, changes: Value| groups(&config(&slapd, changes), name).await;
    // Without the attribute the groups are searched, here in vain.
    assert_eq!(of("dora", json!({"ldap_attribute_group_membership": "groupMembership"})).await, Vec::<String>::new());
    // And here not: by member, in a place of one's own.
    let changes = json!({
        "ldap_attribute_group_membership": "groupMembership", "ldap_nested_levels": 2,
        "ldap_group_dn": "ou=departments,{domain_dn}", "ldap_group_member_filter": "member={object_dn}",
    });
    assert_eq!(of("dora", changes).await, ["red", "blue"]);
    // By the name of the user.
    let changes = json!({
        "ldap_group_dn": "ou=departments,{base_dn}", "ldap_group_member_filter": "(memberUid={username})",
    });
    assert_eq!(of("alice", changes).await, ["by name"]);
    // In whatever way the attribute's name is written.
    assert_eq!(of("dora", json!({"ldap_attribute_group_membership": "MEMBEROF"})).await, ["red", "gone"]);
    // A place for groups that is not there holds none.
    assert_eq!(of("alice", json!({"ldap_group_dn": "ou=nowhere,{base_dn}"})).await, Vec::<String>::new());
}
