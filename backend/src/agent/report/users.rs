//! Users and groups of the system, from its files.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::SqliteConnection;

use super::{known, read};
use crate::protocol::{
    Message, Value,
    bpickle::{Dict, Key},
    kind,
};

const USERS: &str = "users";
const GROUPS: &str = "groups";
const MEMBERS: &str = "members";

/// What came, changed and went, if anything did.
pub(super) async fn changes(connection: &mut SqliteConnection) -> Result<Option<Message>, sqlx::Error> {
    let groups = parse_groups(&read("/etc/group"));
    // Only root may read this; for others every user with a shell counts as enabled.
    let users = parse_users(&read("/etc/passwd"), &read("/etc/shadow"), &groups);
    let (groups, members): (BTreeMap<_, _>, BTreeSet<_>) = (
        groups.iter().map(|group| (group.name.clone(), group.value())).collect(),
        groups.iter().flat_map(|group| group.members.iter().map(|member| format!("{}:{member}", group.name))).collect(),
    );
    let members: BTreeMap<String, Value> = members.into_iter().map(|pair| (pair, Value::None)).collect();
    let mut message = Message::new(kind::USERS);
    let mut any = false;
    let mut set = |field: &str, value: Option<Value>| {
        if let Some(value) = value {
            message.set(field, value);
            any = true;
        }
    };
    let changed = known::update(connection, USERS, &users).await?;
    set("create-users", entries(&changed.added, &users));
    set("update-users", entries(&changed.changed, &users));
    set("delete-users", (!changed.removed.is_empty()).then(|| Value::texts(changed.removed)));
    let changed = known::update(connection, GROUPS, &groups).await?;
    set("create-groups", entries(&changed.added, &groups));
    set("update-groups", entries(&changed.changed, &groups));
    set("delete-groups", (!changed.removed.is_empty()).then(|| Value::texts(changed.removed)));
    let changed = known::update(connection, MEMBERS, &members).await?;
    set("create-group-members", memberships(&changed.added));
    set("delete-group-members", memberships(&changed.removed));
    Ok(any.then_some(message))
}

/// Forgets what was reported.
pub(super) async fn forget(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    for list in [USERS, GROUPS, MEMBERS] {
        known::forget(connection, list).await?;
    }
    Ok(())
}

fn entries(names: &[String], all: &BTreeMap<String, Value>) -> Option<Value> {
    let found: Vec<Value> = names.iter().filter_map(|name| all.get(name).cloned()).collect();
    (!found.is_empty()).then_some(Value::List(found))
}

fn memberships(pairs: &[String]) -> Option<Value> {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (group, user) in pairs.iter().filter_map(|pair| pair.split_once(':')) {
        groups.entry(group).or_default().push(user);
    }
    let dict: Dict = groups.into_iter().map(|(group, users)| (Key::from(group), Value::texts(users))).collect();
    (!dict.is_empty()).then_some(Value::Dict(dict))
}

#[derive(Debug)]
struct Group {
    name: String,
    gid: i64,
    members: Vec<String>,
}

impl Group {
    fn value(&self) -> Value {
        Value::Dict(Dict::from([
            ("name".into(), Value::from(self.name.as_str())),
            ("gid".into(), Value::Int(self.gid)),
        ]))
    }
}

fn parse_groups(file: &str) -> Vec<Group> {
    let lines = file.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, gid, members] = *fields.as_slice() else { return None };
        Some(Group {
            name: name.to_owned(),
            gid: gid.parse().ok()?,
            members: members.split(',').filter(|member| !member.is_empty()).map(str::to_owned).collect(),
        })
    });
    lines.collect()
}

fn parse_users(passwd: &str, shadow: &str, groups: &[Group]) -> BTreeMap<String, Value> {
    let locked: BTreeMap<&str, bool> = shadow
        .lines()
        .filter_map(|line| {
            let (name, rest) = line.split_once(':')?;
            Some((name, rest.starts_with('!')))
        })
        .collect();
    let mut users = BTreeMap::new();
    for line in passwd.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, uid, gid, gecos, _, _] = *fields.as_slice() else { continue };
        let (Ok(uid), Ok(gid)) = (uid.parse::<i64>(), gid.parse::<i64>()) else { continue };
        let mut facts = gecos.split(',').map(|fact| Some(fact).filter(|fact| !fact.is_empty()).map(str::to_owned));
        let mut fact = || Value::from(facts.next().flatten());
        let mut user = Dict::from([
            ("username".into(), Value::from(name)),
            ("uid".into(), Value::Int(uid)),
            ("enabled".into(), Value::Bool(!locked.get(name).copied().unwrap_or(false))),
            ("name".into(), fact()),
            ("location".into(), fact()),
            ("work-phone".into(), fact()),
            ("home-phone".into(), fact()),
            ("primary-gid".into(), Value::Int(gid)),
        ]);
        // The protocol wants a text here.
        if user.get(&Key::from("name")) == Some(&Value::None) {
            user.insert("name".into(), Value::from(""));
        }
        if let Some(group) = groups.iter().find(|group| group.gid == gid) {
            user.insert("primary-groupname".into(), Value::from(group.name.as_str()));
        }
        users.insert(name.to_owned(), Value::Dict(user));
    }
    users
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_files_are_understood() {
        let groups = parse_groups("root:x:0:\nsudo:x:27:ann,ben\nbroken\n");
        assert_eq!(groups[1].members, ["ann", "ben"]);
        let users = parse_users(
            "ann:x:1000:27:Ann A,Room 1,11,22:/home/ann:/bin/sh\nben:x:1001:9::/:/bin/sh\nbroken\n",
            "ann:$y$abc:1:::::\nben:!:1:::::\n",
            &groups,
        );
        assert_eq!(users.len(), 2);
        let ann = users["ann"].as_dict().unwrap();
        let get = |dict: &Dict, field: &str| dict.get(&Key::from(field)).cloned();
        assert_eq!(get(ann, "location"), Some(Value::from("Room 1")));
        assert_eq!(get(ann, "home-phone"), Some(Value::from("22")));
        assert_eq!(get(ann, "primary-groupname"), Some(Value::from("sudo")));
        assert_eq!(get(ann, "enabled"), Some(Value::Bool(true)));
        let ben = users["ben"].as_dict().unwrap();
        assert_eq!((get(ben, "enabled"), get(ben, "name")), (Some(Value::Bool(false)), Some(Value::from(""))));
        assert_eq!(get(ben, "location"), Some(Value::None));
    }
}
