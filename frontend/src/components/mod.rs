//! Small parts that stand on many pages.

mod code;
mod copy;
mod cut;
pub mod dialog;
mod drop;
mod empty;
mod file;
pub mod log;
pub mod message;
mod next_runs;
pub mod status;
mod tag;
mod tag_editor;
pub mod time;
pub mod toast;

pub use code::CodeView;
pub use copy::{CopyButton, Sample, copy_text};
pub use cut::{copied, cut, cut_to_copy, is_long};
pub use dialog::{Ask, AskInput, Confirm, use_confirm};
pub use drop::{Close, DropDown};
pub use empty::{Empty, Failed, SkeletonRows};
pub use file::{save, save_bytes};
pub use message::Note;
pub use next_runs::{NextRuns, RunPlan};
pub use status::{Status, Tone};
pub use tag::{Tag, TagList};
pub use tag_editor::TagEditor;
pub use time::When;
pub use toast::{Toasts, use_toasts};
