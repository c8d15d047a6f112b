//! What a row of the table says about itself: the API description is drawn from it.

use std::borrow::Cow;

use binnacle_shared::Kind;
use binnacle_shared::list::Envelope;
use binnacle_shared::record::Purpose;
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// Makes a type's schema, adding the types inside it to the generator's definitions.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// The description of one endpoint.
#[derive(Clone, Debug, Default)]
pub struct Doc {
    /// One sentence; the first thing a reader sees.
    pub about: Cow<'static, str>,
    /// The kind whose list parameters (paging, search, sort, filters) the endpoint takes.
    pub lists: Option<Kind>,
    pub query: Vec<Parameter>,
    pub body: Option<Body>,
    pub answers: Vec<Answer>,
    /// Statuses of refusals that do not follow from the row itself.
    pub refusals: Vec<u16>,
}

/// What a request's body holds.
#[derive(Clone, Copy, Debug)]
pub enum Body {
    Json(SchemaOf),
    /// The fields of a kind's form.
    Form(Kind, Purpose),
}

/// A query parameter.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub about: &'static str,
    pub required: bool,
}

/// What a successful answer holds.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    pub status: u16,
    pub content: Content,
}

#[derive(Clone, Copy, Debug)]
pub enum Content {
    Nothing,
    Json(SchemaOf),
    /// A thing of a kind that is nothing but its fields.
    Record(Kind),
    /// A page of such things.
    Records(Kind),
    /// Something that is not JSON, by its media type.
    Other(&'static str),
}

impl Doc {
    pub(super) fn takes<T: JsonSchema>(&mut self) {
        self.body = Some(Body::Json(SchemaGenerator::subschema_for::<T>));
    }

    pub(super) fn answers(&mut self, status: u16, content: Content) {
        self.answers.push(Answer { status, content });
    }

    pub(super) fn list_of<T: JsonSchema>(&mut self, kind: Kind) {
        self.lists = Some(kind);
        self.answers(200, json::<Envelope<T>>());
    }
}

/// The content of a JSON answer of that type.
pub fn json<T: JsonSchema>() -> Content {
    Content::Json(SchemaGenerator::subschema_for::<T>)
}
