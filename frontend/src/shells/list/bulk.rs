//! Something done with many rows, one after the other.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::api::ApiError;

type Work = Pin<Box<dyn Future<Output = Result<(), ApiError>>>>;

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
    pub(super) each: Arc<dyn Fn(String) -> Work + Send + Sync>,
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
        Self { verb, doing, done, consequence, danger: false, each: Arc::new(move |id| Box::pin(each(id))) }
    }

    /// Something is lost by it.
    #[must_use]
    pub fn danger(mut self) -> Self {
        self.danger = true;
        self
    }
}
