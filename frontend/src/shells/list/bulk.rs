//! Something done with many rows, one after the other.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use binnacle_shared::Kind;
use binnacle_shared::field::ReferenceBy;

use crate::api::ApiError;

type Work = Pin<Box<dyn Future<Output = Result<(), ApiError>>>>;

/// What an action wants to know before it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkInput {
    /// Tags, with commas; those in use are proposed.
    Tags,
    /// One of another kind's things.
    One(Kind, ReferenceBy),
}

/// An action on the chosen rows.
#[derive(Clone)]
pub struct Bulk {
    /// The verb: "Archive".
    pub verb: &'static str,
    /// While it runs: "Archiving".
    pub doing: &'static str,
    /// When it is done: "archived".
    pub done: &'static str,
    /// The consequence, for the question before.
    pub consequence: &'static str,
    pub danger: bool,
    /// Label of what it wants to know, and what that is.
    pub input: Option<(&'static str, BulkInput)>,
    pub(super) each: Arc<dyn Fn(String, String) -> Work + Send + Sync>,
}

impl Bulk {
    /// ```ignore
    /// Bulk::new("Archive", "Archiving", "archived", "Archived profiles never run again.", |id| async move {
    ///     api::send(Method::POST, &format!("script-profiles/{id}:archive"), &()).await.map(|_| ())
    /// }).danger()
    /// ```
    pub fn new<F>(
        verb: &'static str,
        doing: &'static str,
        done: &'static str,
        consequence: &'static str,
        each: impl Fn(String) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), ApiError>> + 'static,
    {
        Self {
            verb,
            doing,
            done,
            consequence,
            danger: false,
            input: None,
            each: Arc::new(move |id, _| Box::pin(each(id))),
        }
    }

    /// The same, told what was typed or chosen.
    pub fn told<F>(
        [verb, doing, done, consequence]: [&'static str; 4],
        label: &'static str,
        input: BulkInput,
        each: impl Fn(String, String) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), ApiError>> + 'static,
    {
        let each: Arc<dyn Fn(String, String) -> Work + Send + Sync> =
            Arc::new(move |id, text| Box::pin(each(id, text)));
        Self { verb, doing, done, consequence, danger: false, input: Some((label, input)), each }
    }

    /// Something is lost by it.
    #[must_use]
    pub fn danger(mut self) -> Self {
        self.danger = true;
        self
    }
}
