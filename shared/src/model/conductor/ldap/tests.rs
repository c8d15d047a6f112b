use serde_json::{Value, json};

use super::LdapConfig;

const PEM: &str = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

/// The least that a directory needs, changed as a test wants.
fn with(changes: Value) -> Value {
    let mut body = json!({"ldap_server": "ldap://ldap.example.org", "ldap_domain": "example.org"});
    let Value::Object(mut changes) = changes else { panic!("not an object") };
    body.as_object_mut().unwrap().append(&mut changes);
    body
}

fn parse(changes: Value) -> LdapConfig {
    LdapConfig::parse(&with(changes)).unwrap()
}

fn faults(changes: Value) -> Vec<(String, String)> {
    let problems = LdapConfig::parse(&with(changes)).unwrap_err();
    problems.0.into_iter().map(|fault| (fault.pointer, fault.code.into_owned())).collect()
}

fn fault(name: &str, code: &str) -> Vec<(String, String)> {
    vec![(format!("/{name}"), code.to_owned())]
}

#[test]
fn a_server_and_a_domain_are_enough() {
    let config = parse(json!({}));
    assert_eq!(config.base_dn(), "dc=example,dc=org");
    assert_eq!(config.group_dn(), "ou=groups,{base_dn}");
    assert_eq!(config.bind_format(), "uid={username},ou=users,{base_dn}");
    assert_eq!(config.user_filter(), "(uid={username})");
    assert_eq!(config.group_member_filter(), "(uniqueMember={object_dn})");
    assert_eq!(config.attributes_uid(), ["uid"]);
    assert_eq!(config.attributes_email(), ["email"]);
    assert_eq!(config.attribute_group_membership(), "memberOf");
    assert_eq!(config.nested_levels(), 1);
}

#[test]
fn active_directory_has_its_own_defaults() {
    let config = parse(json!({"ldap_is_active_directory": true}));
    assert_eq!(config.bind_format(), "{username}@{domain}");
    assert_eq!(config.user_filter(), "(|(sAMAccountName={username})(uid={username}))");
    assert_eq!(config.group_member_filter(), "(member={object_dn})");
    assert_eq!(config.attributes_uid(), ["uid", "sAMAccountName"]);
    assert_eq!(config.attributes_email(), ["email", "mail"]);
    assert_eq!(parse(json!({"ldap_is_active_directory": true, "ldap_attribute_uid": "cn"})).attributes_uid(), ["cn"]);
    // Everybody signs in with the domain.
    let body = json!({"ldap_domain": "", "ldap_base_dn": "dc=x", "ldap_is_active_directory": true});
    assert_eq!(faults(body), fault("ldap_domain", "required"));
}

#[test]
fn the_bodies_of_the_documents_are_taken() {
    let config = parse(json!({
        "ldap_is_active_directory": false, "ldap_domain": null, "ldap_dn_extra": null,
        "ldap_username": "cn=admin,dc=example,dc=org", "ldap_password": "admin", "ldap_base_dn": "dc=example,dc=org",
        "ldap_group_dn": null, "ldap_bind_format": "\n{username}\n", "ldap_user_filter": "uid={username}",
        "ldap_group_member_filter": "member={object_dn}", "ldap_attribute_group_membership": "groupMembership",
        "ldap_nested_levels": null,
    }));
    assert_eq!(config.bind_format(), "{username}");
    assert_eq!(config.base_dn(), "dc=example,dc=org");
    assert_eq!(config.attribute_group_membership(), "groupMembership");

    let config = parse(json!({
        "ldap_server": "ldaps://LDAPSERVER:636", "ldap_is_active_directory": "True", "ldap_nested_levels": "3",
        "ldap_user_filter": "sAMAccountName={username}", "ldap_group_member_filter": "memberOf={object_dn}",
        "ldap_ca_cert": PEM, "ldap_domain": "",  "ldap_base_dn": "dc=example,dc=com", "ldap_bind_format": "{username}",
    }));
    assert!(config.is_active_directory);
    assert_eq!(config.nested_levels(), 3);
}

#[test]
fn the_older_way_to_say_the_base_still_works() {
    assert_eq!(parse(json!({"ldap_dn_extra": "ou=staff"})).base_dn(), "ou=staff,dc=example,dc=org");
    assert_eq!(parse(json!({"ldap_dn_extra": "ou=staff", "ldap_base_dn": "o=x"})).base_dn(), "o=x");
}

#[test]
fn ldaps_needs_its_certificate_and_ldap_has_none() {
    let ldaps = "ldaps://ldap.example.org";
    assert!(parse(json!({"ldap_server": ldaps, "ldap_ca_cert": PEM})).ca_cert.is_some());
    assert_eq!(faults(json!({"ldap_server": ldaps})), fault("ldap_ca_cert", "required"));
    assert_eq!(faults(json!({"ldap_server": ldaps, "ldap_ca_cert": " "})), fault("ldap_ca_cert", "required"));
    assert_eq!(faults(json!({"ldap_server": ldaps, "ldap_ca_cert": "MII"})), fault("ldap_ca_cert", "format"));
    assert_eq!(faults(json!({"ldap_ca_cert": PEM})), fault("ldap_ca_cert", "unknown"));
    let long = PEM.repeat(2_000);
    assert_eq!(faults(json!({"ldap_server": ldaps, "ldap_ca_cert": long})), fault("ldap_ca_cert", "length"));
}

#[test]
fn the_account_for_lookups_is_whole_or_absent() {
    assert_eq!(faults(json!({"ldap_username": "cn=a"})), fault("ldap_password", "required"));
    assert_eq!(faults(json!({"ldap_username": "cn=a", "ldap_password": ""})), fault("ldap_password", "required"));
    assert_eq!(faults(json!({"ldap_password": "x"})), fault("ldap_username", "required"));
}

#[test]
fn every_field_has_its_rule() {
    for (name, value, code) in [
        ("ldap_server", json!("http://ldap.example.org"), "format"),
        ("ldap_server", json!(""), "format"),
        ("ldap_server", json!(7), "type"),
        ("ldap_server", json!(null), "required"),
        ("ldap_is_active_directory", json!("perhaps"), "type"),
        ("ldap_domain", json!("a..b"), "format"),
        ("ldap_domain", json!("a,dc=b"), "format"),
        ("ldap_base_dn", json!("dc=a\ndc=b"), "format"),
        ("ldap_base_dn", json!("x".repeat(2_001)), "length"),
        ("ldap_group_dn", json!("ou={username}"), "format"),
        ("ldap_bind_format", json!("uid=x"), "format"),
        ("ldap_bind_format", json!("uid={user}"), "format"),
        ("ldap_bind_format", json!("uid={username"), "format"),
        ("ldap_bind_format", json!("uid=username}"), "format"),
        ("ldap_user_filter", json!("(uid=x)"), "format"),
        ("ldap_user_filter", json!("(uid={username}"), "format"),
        ("ldap_user_filter", json!("(uid={object_dn}{username})"), "format"),
        ("ldap_group_member_filter", json!("(member=x)"), "format"),
        ("ldap_group_member_filter", json!("'member={object_dn}"), "format"),
        ("ldap_attribute_email", json!("e mail"), "format"),
        ("ldap_attribute_uid", json!("uid)(x=*"), "format"),
        ("ldap_attribute_uid", json!("-"), "format"),
        ("ldap_nested_levels", json!(-1), "range"),
        ("ldap_nested_levels", json!(21), "range"),
        ("ldap_nested_levels", json!(1.5), "type"),
        ("ldap_nested_levels", json!("many"), "type"),
    ] {
        assert_eq!(faults(json!({ name: value.clone() })), fault(name, code), "{name}: {value}");
    }
    assert_eq!(faults(json!({"ldap_domain": null})), fault("ldap_base_dn", "required"));
    assert_eq!(
        faults(json!({"ldap_domain": null, "ldap_base_dn": "o=x", "ldap_user_filter": "(x={domain_dn}{username})"})),
        fault("ldap_domain", "required")
    );
    assert_eq!(parse(json!({"ldap_nested_levels": 0})).nested_levels(), 0);
}

#[test]
fn the_password_is_neither_printed_nor_serialised() {
    let config = parse(json!({"ldap_username": "cn=admin", "ldap_password": " geheim "}));
    assert_eq!(config.password.as_deref(), Some(" geheim "));
    assert!(!format!("{config:?} {config:#?}").contains("geheim"));
    let stored = serde_json::to_string(&config).unwrap();
    assert!(!stored.contains("geheim") && !stored.contains("password"), "{stored}");
    let read: LdapConfig = serde_json::from_str(&stored).unwrap();
    assert_eq!(LdapConfig { password: config.password.clone(), ..read }, config);
}
