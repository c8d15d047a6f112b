//! When something happens again. One `next_after` for every kind of schedule.

mod cron;
mod describe;
mod gap;
mod plan;
pub mod zone;

pub use cron::Cron;
pub use plan::{Plan, upcoming};
pub use zone::{Zone, Zones};
