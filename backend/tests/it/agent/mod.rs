//! Both ends of the agent protocol: the agent against real processes and a stub server, the server
//! against a client that behaves as agents do, recorded traffic, and the real agent.

mod attached;
mod attachments;
mod exchanges;
mod full_disk;
mod garbage;
mod hard_scripts;
mod inventory;
mod life;
mod recorded;
mod reports;
mod restored;
mod scripts;
mod server;
mod stub;
mod together;
