//! Fields that many things of a tenant have, and the rules for names.

use crate::field::{Choice, Column, Field, FormUse, Widget};
use crate::problem::Violation;

/// Longest name of anything.
pub const NAME_MAX: usize = 256;

/// What each visibility means.
pub const VISIBILITIES: &[Choice] = &[
    Choice { value: "private", label: "Private", help: "Seen by whoever made it and by the tenant's administrators." },
    Choice { value: "tenant", label: "Tenant", help: "Seen in its tenant." },
    Choice { value: "global", label: "Global", help: "Seen in every tenant." },
];

/// How far it can be seen.
pub const fn visibility(group: &'static str) -> Field {
    Field::new("visibility", "Visibility", Widget::Select(VISIBILITIES))
        .column(Column::Shown)
        .sortable()
        .filterable()
        .form(FormUse::optional(group))
}

/// The tenant it belongs to.
pub const fn tenant_name() -> Field {
    Field::new("tenant_name", "Tenant", Widget::Mono).column(Column::Optional).sortable().filterable()
}

/// Who made it.
pub const fn created_by() -> Field {
    Field::new("created_by", "Created by", Widget::Mono).column(Column::Shown).sortable().filterable()
}

pub const fn created_at() -> Field {
    Field::new("created_at", "Created", Widget::Time).column(Column::Shown).sortable().filterable()
}

pub const fn updated_at() -> Field {
    Field::new("updated_at", "Last changed", Widget::Time).column(Column::Optional).sortable().filterable()
}

/// A name in the Conductor API: it stands in addresses as it is, and begins with a letter.
pub fn name(text: String) -> Result<String, Violation> {
    if text.is_empty() {
        return Err(Violation::new("blank", "Must not be empty."));
    }
    let length = text.chars().count();
    if length > NAME_MAX {
        return Err(Violation::new("length", format!("Must have at most {NAME_MAX} characters; this has {length}.")));
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
    if !text.starts_with(|c: char| c.is_ascii_alphabetic()) || !text.chars().all(fits) {
        return Err(Violation::new(
            "format",
            "Must begin with an English letter and go on with letters, digits, -, ., _ or ~, such as berlin-1.",
        ));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn names_stand_in_addresses_as_they_are() {
        for good in ["a", "Berlin-1", "a.b_c~d", "x9"] {
            assert_eq!(name(good.to_owned()).as_deref(), Ok(good));
        }
        for bad in ["", "1a", "-a", "a b", "a/b", "ä", "aß", "a%20", "a\0", "_a"] {
            assert!(name(bad.to_owned()).is_err(), "{bad:?}");
        }
        assert!(name("a".repeat(256)).is_ok());
        assert_eq!(name("a".repeat(257)).unwrap_err().code, "length");
    }
}
