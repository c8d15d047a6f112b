//! Roles in bodies and paths.

use binnacle_shared::body::Reader;
use binnacle_shared::model::conductor::role::Role;
use binnacle_shared::problem::Violation;

/// One of some roles, by its name in a body.
pub fn role(r: &mut Reader<'_>, allowed: &[Role]) -> Option<Role> {
    let given = r.optional::<String>("role");
    check(r, given, allowed)
}

/// The same, where it has to be there.
pub fn required_role(r: &mut Reader<'_>, allowed: &[Role]) -> Option<Role> {
    let given = r.required::<String>("role");
    check(r, given, allowed)
}

fn check(r: &mut Reader<'_>, given: Option<String>, allowed: &[Role]) -> Option<Role> {
    r.check("role", given, |name| {
        let names: Vec<&str> = allowed.iter().map(|role| role.name()).collect();
        let known = Role::from_name(&name).filter(|role| allowed.contains(role));
        known.ok_or_else(|| Violation::new("choice", format!("Must be one of {}.", names.join(", "))))
    })
}
