//! Forms, drawn from the descriptors of a kind.
//!
//! The shared rules run on the whole body at every change; a fault is shown at its field once the
//! person has left the field, paused in it, or tried to submit. What only the server knows lands
//! at the field too, by its JSON pointer. A draft is kept in the browser until it is sent.

mod choose;
mod controls;
mod draft;
mod editor;
pub mod options;
mod page;
pub mod request;
mod state;
mod typed;

pub use page::FormPage;
pub use request::Sent;
pub use state::{Form, FormSpec, use_form};
