//! Saved searches: queries about computers that people keep under a name.

use crate::field::{Column, Field, FormUse, Widget};
use crate::permission::Permission;
use crate::problem::Violation;
use crate::query::{self, Subject};
use crate::registry::{Family, Kind, KindInfo, Nav, NavGroup, Need, Slug, Storage};
use crate::rules;

const GROUP: &str = "Saved search";

pub const KIND: KindInfo = KindInfo {
    kind: Kind::SavedSearch,
    singular: "saved search",
    plural: "Saved searches",
    path: "saved-searches",
    purpose: "A saved search keeps a query about computers under a name; search:<name> uses it in other queries.",
    fields: &[
        Field::new("title", "Title", Widget::Text)
            .column(Column::Title)
            .sortable()
            .searchable()
            .rule(rules::title)
            .form(FormUse::required(GROUP)),
        Field::new("name", "Name", Widget::Mono)
            .help("By which queries refer to it; made from the title if left empty.")
            .column(Column::Shown)
            .sortable()
            .searchable()
            .filterable()
            .rule(name)
            .form(FormUse::optional(GROUP).fixed()),
        Field::new("search", "Query", Widget::Mono)
            .help("Words and selectors, such as tag:web needs:reboot.")
            .column(Column::Shown)
            .searchable()
            .rule(search)
            .form(FormUse::required(GROUP)),
        Field::new("created_at", "Created", Widget::Time).column(Column::Optional).sortable(),
        Field::new("last_edited_at", "Last edited", Widget::Time).column(Column::Optional).sortable(),
        Field::new("id", "ID", Widget::Mono).column(Column::Optional).sortable().filterable(),
    ],
    default_sort: "title",
    family: Family::Landscape,
    view: Need::Account(Permission::ViewComputer),
    manage: Need::Account(Permission::ManageComputer),
    nav: Some(Nav { group: NavGroup::Fleet, key: 'f', icon: "search" }),
    storage: Some(Storage {
        table: "saved_search",
        unique: &["name"],
        slug: Some(Slug { field: "name", of: "title" }),
    }),
};

/// A name that a query can hold without quotes.
pub fn name(text: String) -> Result<String, Violation> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    let starts = text.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !starts || !text.chars().all(fits) || text.len() > rules::TITLE_MAX {
        return Err(Violation::new(
            "format",
            "A name starts with a letter or digit and goes on with lower-case letters, digits, - or ., such as web-servers.",
        ));
    }
    Ok(text)
}

/// A query about computers that can be read.
#[expect(clippy::needless_pass_by_value, reason = "all rules have one shape, so that a descriptor can name any")]
pub fn search(text: String) -> Result<String, Violation> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(Violation::new("blank", "Must hold a query, such as tag:web."));
    }
    if trimmed.len() > 10_000 || trimmed.chars().any(char::is_control) {
        return Err(Violation::new("format", "Must be one line of at most 10,000 bytes."));
    }
    query::check(Subject::Computer, trimmed)?;
    Ok(trimmed.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::KIND;
    use crate::record::{Purpose, read};

    #[test]
    fn the_name_follows_from_the_title() {
        let body = json!({"title": " Web & TLS ", "search": "tag:web"});
        let values = read(&KIND, Purpose::Create, &body).unwrap();
        assert_eq!(values["title"], "Web & TLS");
        assert_eq!(values["name"], "web-tls");
    }

    #[test]
    fn every_fault_has_its_place() {
        let body = json!({"title": "", "name": "No Name", "search": "nonsense:1"});
        let problems = read(&KIND, Purpose::Create, &body).unwrap_err();
        let pointers: Vec<_> = problems.0.iter().map(|p| p.pointer.as_str()).collect();
        assert_eq!(pointers, ["/title", "/name", "/search"]);
    }

    #[test]
    fn a_title_without_letters_gives_no_name() {
        let problems = read(&KIND, Purpose::Create, &json!({"title": "!", "search": "x"})).unwrap_err();
        assert_eq!(problems.0[0].pointer, "/name");
    }

    #[test]
    fn an_edit_changes_only_what_is_sent_and_may_change() {
        let values = read(&KIND, Purpose::Edit, &json!({"search": "tag:x", "name": "other"})).unwrap();
        assert_eq!(values.len(), 1);
        assert_eq!(values["search"], "tag:x");
    }
}
