//! Who gets in, and as whom.

use binnacle::auth::ldap::{self, LdapError, LdapUser};
use ldap3::LdapConnAsync;
use serde_json::json;

use super::{config, refused, user, with_account};
use crate::support::slapd::{Setup, Slapd};

#[tokio::test]
async fn the_right_password_gives_the_person() {
    let slapd = Slapd::start();
    let alice = LdapUser {
        username: "alice".to_owned(),
        email: Some("alice@example.org".to_owned()),
        first_name: Some("Alice".to_owned()),
        last_name: Some("Ahlers".to_owned()),
        dn: "uid=alice,ou=users,dc=example,dc=org".to_owned(),
        groups: vec!["cn=dev,ou=groups,dc=example,dc=org".to_owned()],
    };
    assert_eq!(user(&config(&slapd, json!({})), "alice", "alice-secret").await, alice);
    assert_eq!(user(&with_account(&slapd, json!({})), "alice", "alice-secret").await, alice);
    // As the directory writes the name, however it was typed.
    assert_eq!(user(&config(&slapd, json!({})), "ALICE", "alice-secret").await, alice);

    let bob = user(&config(&slapd, json!({})), "bob", "bob-secret").await;
    assert_eq!((bob.email, bob.first_name, bob.last_name.as_deref()), (None, None, Some("Berg")));
    assert_eq!(bob.groups, Vec::<String>::new());
}

#[tokio::test]
async fn wrong_passwords_and_unknown_people_are_refused() {
    let slapd = Slapd::start();
    for config in [config(&slapd, json!({})), with_account(&slapd, json!({}))] {
        refused(&config, "alice", "alice-secre").await;
        refused(&config, "alice", "bob-secret").await;
        refused(&config, "nobody", "alice-secret").await;
        refused(&config, "mute", "x").await;
    }
}

#[tokio::test]
async fn an_empty_password_is_never_sent() {
    let slapd = Slapd::start();
    // This server, as many do, says yes to a name without a password.
    let (connection, mut ldap) = LdapConnAsync::new(&slapd.url).await.unwrap();
    ldap3::drive!(connection);
    let anonymous = ldap.simple_bind("uid=alice,ou=users,dc=example,dc=org", "").await.unwrap();
    assert_eq!(anonymous.rc, 0);

    for mut config in [config(&slapd, json!({})), with_account(&slapd, json!({}))] {
        refused(&config, "alice", "").await;
        refused(&config, "alice", "\0").await;
        refused(&config, "", "alice-secret").await;
        // Nor that of the account for lookups.
        if config.username.is_some() {
            config.password = Some(String::new());
            let fault = ldap::authenticate(&config, "alice", "alice-secret").await.unwrap_err();
            assert_eq!(fault.code(), "configuration");
            assert_eq!(ldap::test(&config).await.unwrap_err().code(), "configuration");
        }
    }
}

#[tokio::test]
async fn names_are_only_names() {
    let slapd = Slapd::start();
    let long = "a".repeat(100_000);
    let filter = json!({"ldap_user_filter": "(&(objectClass=person)(|(uid={username})(mail={username})))"});
    let configs = [
        config(&slapd, json!({})),
        config(&slapd, json!({"ldap_bind_format": "{username}"})),
        with_account(&slapd, json!({})),
        with_account(&slapd, filter),
    ];
    for (number, config) in configs.iter().enumerate() {
        for name in [
            "*",
            "al*",
            "alice)(uid=*",
            ")(uid=*",
            "*)(|(uid=*",
            "alice)(|(cn=*))",
            "alice,ou=users",
            "alice,ou=users,dc=example,dc=org",
            "admin,ou=x",
            "alice+cn=Alice Ahlers",
            "\\61lice",
            "alice\\",
            "\"alice\"",
            "#616c696365",
            "alice\0",
            "alice\0)(uid=*",
            "alice\n",
            "{username}",
            "{base_dn}",
            &long,
        ] {
            let answer = ldap::authenticate(config, name, "alice-secret").await;
            if number == 1 {
                // Here a name is sent as a DN as it is, so that it may be no DN at all.
                assert!(!matches!(answer, Ok(Some(_))), "{name}: {answer:?}");
            } else {
                assert_eq!(answer, Ok(None), "{name}");
            }
        }
    }
    // A whole DN is no user name, even if the directory would take it.
    refused(&configs[1], "uid=alice,ou=users,dc=example,dc=org", "alice-secret").await;
}

#[tokio::test]
async fn names_with_special_characters_work() {
    let slapd = Slapd::start();
    let name = "odd, name*(x)\\+";
    for config in [config(&slapd, json!({})), with_account(&slapd, json!({}))] {
        let odd = user(&config, name, "odd-secret").await;
        assert_eq!(odd.username, name);
        assert_eq!(odd.groups, ["cn=odd,ou=groups,dc=example,dc=org"]);
        refused(&config, name, "alice-secret").await;
    }
}

#[tokio::test]
async fn the_user_filter_decides_who_may() {
    let slapd = Slapd::start();
    let filter = json!({"ldap_user_filter": "(&(uid={username})(!(employeeType=contractor)))"});
    for config in [config(&slapd, filter.clone()), with_account(&slapd, filter)] {
        user(&config, "alice", "alice-secret").await;
        refused(&config, "bob", "bob-secret").await;
    }
}

#[tokio::test]
async fn two_entries_of_one_name_are_nobody() {
    let slapd = Slapd::start();
    for config in [config(&slapd, json!({})), with_account(&slapd, json!({}))] {
        let fault = ldap::authenticate(&config, "twin", "twin-secret").await.unwrap_err();
        assert_eq!(fault, LdapError::Ambiguous);
    }
    // A base that holds one of them makes the name one person's.
    let config = with_account(&slapd, json!({"ldap_base_dn": "ou=others,dc=example,dc=org"}));
    assert_eq!(user(&config, "twin", "other-secret").await.dn, "uid=twin,ou=others,dc=example,dc=org");
    refused(&config, "twin", "twin-secret").await;
}

#[tokio::test]
async fn what_a_server_keeps_back_is_not_taken_for_nothing() {
    let slapd = Slapd::with(&Setup { limit: Some(1), ..Setup::default() });
    user(&with_account(&slapd, json!({})), "alice", "alice-secret").await;
    for password in ["twin-secret", "other-secret"] {
        let fault = ldap::authenticate(&with_account(&slapd, json!({})), "twin", password).await.unwrap_err();
        assert_eq!(fault, LdapError::Ambiguous);
    }
    // Nor does somebody lose groups that were not told of.
    let config = with_account(&slapd, json!({"ldap_group_member_filter": "(|(member={object_dn})(cn=*))"}));
    let fault = ldap::authenticate(&config, "alice", "alice-secret").await.unwrap_err();
    assert!(matches!(fault, LdapError::Refused { code: 4, .. }), "{fault}");
}

#[tokio::test]
async fn the_password_is_that_of_the_entry_that_is_found() {
    let slapd = Slapd::start();
    // The format leads to the one twin, the filter to the other.
    let config = config(
        &slapd,
        json!({
            "ldap_bind_format": "uid={username},ou=users,dc=example,dc=org", "ldap_base_dn": "ou=others,dc=example,dc=org",
        }),
    );
    refused(&config, "twin", "twin-secret").await;
    refused(&config, "twin", "other-secret").await;
}

#[tokio::test]
async fn formats_say_how_people_sign_in() {
    let slapd = Slapd::start();
    for format in [
        "uid={username},ou=users,{base_dn}",
        "UID={username}, OU=Users, {domain_dn}",
        "uid={username},ou=users,dc=example,dc=org",
    ] {
        let config = config(&slapd, json!({"ldap_bind_format": format}));
        user(&config, "alice", "alice-secret").await;
        refused(&config, "alice", "bob-secret").await;
    }
    refused(
        &config(&slapd, json!({"ldap_bind_format": "uid={username},ou=others,{base_dn}"})),
        "alice",
        "alice-secret",
    )
    .await;
    // OpenLDAP does not know names with a domain, and says that this is no DN.
    let config = config(&slapd, json!({"ldap_bind_format": "{username}@{domain}"}));
    let fault = ldap::authenticate(&config, "alice", "alice-secret").await.unwrap_err();
    assert!(matches!(fault, LdapError::Refused { code: 34, .. }), "{fault}");
}

#[tokio::test]
async fn a_closed_directory_is_asked_by_the_account() {
    let slapd = Slapd::with(&Setup { closed: true, ..Setup::default() });
    // Without it the password is known to be right, and nothing else: the administrator has to know.
    refused(&config(&slapd, json!({})), "alice", "bob-secret").await;
    let fault = ldap::authenticate(&config(&slapd, json!({})), "alice", "alice-secret").await.unwrap_err();
    assert_eq!(fault, LdapError::NoBase("dc=example,dc=org".to_owned()));
    let alice = user(&with_account(&slapd, json!({})), "alice", "alice-secret").await;
    assert_eq!(alice.groups, ["cn=dev,ou=groups,dc=example,dc=org"]);
    refused(&with_account(&slapd, json!({})), "alice", "bob-secret").await;
}

#[tokio::test]
async fn active_directory_finds_people_by_its_own_name_for_them() {
    let slapd = Slapd::start();
    // The e-mail address is found by the default here, where nobody chooses an attribute.
    let config = with_account(&slapd, json!({"ldap_is_active_directory": true, "ldap_attribute_email": null}));
    let erik = user(&config, "erik", "erik-secret").await;
    assert_eq!((erik.username.as_str(), erik.email.as_deref()), ("erik", Some("erik@example.org")));
    assert_eq!(erik.dn, "cn=Erik Ek,ou=others,dc=example,dc=org");
    refused(&config, "erik", "alice-secret").await;
    // There is none for OpenLDAP.
    let config = with_account(&slapd, json!({"ldap_user_filter": "(sAMAccountName={username})"}));
    let fault = ldap::authenticate(&config, "erik", "erik-secret").await.unwrap_err();
    assert_eq!(fault.code(), "no_username");
}
