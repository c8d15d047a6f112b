//! Both ends of the agent protocol: the agent against real processes and a stub server, the server
//! against a client that behaves as agents do, recorded traffic, and the real agent.

mod exchanges;
mod life;
mod recorded;
mod scripts;
mod server;
mod stub;
mod together;
