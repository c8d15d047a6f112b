//! When something happens again. One `next_after` for every kind of schedule.

mod cron;
mod describe;
mod plan;

pub use cron::Cron;
pub use plan::{Plan, upcoming};
