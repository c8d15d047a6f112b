//! The shells that pages are made of: list, detail, form, and the two panes of a split page.

pub mod detail;
pub mod form;
pub mod list;
pub mod paged;
mod split;

pub use detail::{Detail, Fact, Facts, Tab};
pub use form::{Form, FormPage, FormSpec, Sent, use_form};
pub use list::{Bulk, Column, ListPage, ListSpec, ListView, Segment};
pub use split::Split;
