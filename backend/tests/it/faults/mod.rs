//! What becomes of a real server when its database takes no change: it says so, keeps nothing by
//! halves, and goes on by itself when the fault is gone.

mod disk;
mod locked;
mod postgres;
mod server;
mod slow;
mod stopping;
