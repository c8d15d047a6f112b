//! Connections: taken, served and ended. Whoever connects and then says nothing, or says it a byte
//! at a time, costs a place only for so long. `axum::serve` does the same without any limit.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

/// Files that the server opens beside its connections: databases, keys, programs' pipes.
const OTHER_FILES: usize = 256;
/// Connections that are taken even where the system allows hardly any files.
const FEWEST: usize = 64;

/// What connections may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a client may take to send the head of a request, counted from when the connection
    /// was made or the last answer was given. So long does an idle connection stay open too.
    pub head: Duration,
    /// How many there may be at a time; the next ones wait until one is closed.
    pub connections: usize,
}

impl Limits {
    /// As many connections as the system lets this process have, once it has asked for all, if it
    /// may `ask`: programs that it starts inherit what it got, and some cannot bear it.
    pub fn of_this_process(head: Duration, ask: bool) -> io::Result<Self> {
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
        let got_all = ask && setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_ok();
        let files = if got_all { hard } else { soft };
        let files = usize::try_from(files).unwrap_or(usize::MAX);
        let connections = files.saturating_sub(OTHER_FILES).clamp(FEWEST, Semaphore::MAX_PERMITS);
        Ok(Self { head, connections })
    }
}

/// Takes connections until `stop` is cancelled; then ends when what is under way has ended.
pub async fn serve(mut listener: TcpListener, app: Router, limits: Limits, stop: CancellationToken) {
    let tasks = TaskTracker::new();
    let places = Arc::new(Semaphore::new(limits.connections));
    let take = async {
        // The semaphore is never closed.
        while let Ok(place) = Arc::clone(&places).acquire_owned().await {
            // Not the listener's own, which fails: this one waits a second and tries again.
            let (stream, peer) = Listener::accept(&mut listener).await;
            let connection = connection(stream, peer, app.clone(), limits.head, stop.clone());
            tasks.spawn(async move {
                connection.await;
                drop(place);
            });
        }
    };
    tokio::select! {
        () = take => {}
        () = stop.cancelled() => {}
    }
    // Who comes now shall be refused, not left waiting.
    drop(listener);
    tasks.close();
    tasks.wait().await;
}

/// Serves one connection to its end. After `stop` it takes no further request.
async fn connection(stream: TcpStream, peer: SocketAddr, app: Router, head: Duration, stop: CancellationToken) {
    // Live output is made of small pieces that must not wait for one another.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%peer, %error, "small packets are held back");
    }
    let service = app.map_request(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        request
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    let mut served = std::pin::pin!(served);
    let result = tokio::select! {
        result = &mut served => result,
        () = stop.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%peer, %error, "a connection broke off");
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::time::Duration;

    use axum::Router;
    use axum::extract::ConnectInfo;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::task::JoinHandle;
    use tokio_util::sync::CancellationToken;

    use super::{Limits, serve};

    /// Longer than any of these tests needs: what would hang fails.
    const PATIENCE: Duration = Duration::from_secs(30);
    const LONG: Limits = Limits { head: PATIENCE, connections: 8 };
    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    struct Running {
        address: SocketAddr,
        stop: CancellationToken,
        task: JoinHandle<()>,
    }

    impl Running {
        async fn start(limits: Limits) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let stop = CancellationToken::new();
            let app = Router::new()
                .route("/", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| format!("you are {peer}")));
            let task = tokio::spawn(serve(listener, app, limits, stop.clone()));
            Self { address, stop, task }
        }

        async fn connect(&self) -> TcpStream {
            TcpStream::connect(self.address).await.unwrap()
        }

        async fn ends(self) {
            self.stop.cancel();
            tokio::time::timeout(PATIENCE, self.task).await.unwrap().unwrap();
        }
    }

    /// Everything until the server closes.
    async fn rest(stream: &mut TcpStream) -> String {
        let mut text = String::new();
        // A connection that is closed with bytes unread is reset; either way it has ended.
        let _ = tokio::time::timeout(PATIENCE, stream.read_to_string(&mut text)).await.expect("it was not closed");
        text
    }

    /// Sends a request and reads its answer, whose body ends with the client's own address.
    async fn ask(stream: &mut TcpStream) -> String {
        stream.write_all(REQUEST).await.unwrap();
        let own = stream.local_addr().unwrap().to_string();
        let mut answer = Vec::new();
        while !answer.ends_with(own.as_bytes()) {
            let read = tokio::time::timeout(PATIENCE, stream.read_buf(&mut answer)).await.unwrap().unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
        }
        String::from_utf8(answer).unwrap()
    }

    #[tokio::test]
    async fn who_does_not_finish_a_head_is_cut_off() {
        let server = Running::start(Limits { head: Duration::from_millis(50), ..LONG }).await;
        let mut silent = server.connect().await;
        assert_eq!(rest(&mut silent).await, "");
        for half in ["G", "PRI * HTT", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "] {
            let mut slow = server.connect().await;
            slow.write_all(half.as_bytes()).await.unwrap();
            let answer = rest(&mut slow).await;
            assert!(!answer.contains(" 200 "), "{half:?}: {answer}");
        }
        // Also after a first request.
        let mut kept = server.connect().await;
        assert!(ask(&mut kept).await.starts_with("HTTP/1.1 200"));
        assert_eq!(rest(&mut kept).await, "");
        server.ends().await;
    }

    #[tokio::test]
    async fn a_connection_more_than_allowed_waits_for_its_turn() {
        let server = Running::start(Limits { connections: 1, ..LONG }).await;
        let mut first = server.connect().await;
        ask(&mut first).await;
        let mut second = server.connect().await;
        second.write_all(REQUEST).await.unwrap();
        // The first one is served again, so the second would have been by now.
        ask(&mut first).await;
        let mut byte = [0];
        assert_eq!(second.try_read(&mut byte).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
        drop(first);
        let read = tokio::time::timeout(PATIENCE, second.read(&mut byte)).await.unwrap().unwrap();
        assert_eq!((read, byte), (1, *b"H"));
        drop(second);
        server.ends().await;
    }

    #[tokio::test]
    async fn idle_connections_do_not_hold_up_the_end() {
        let server = Running::start(LONG).await;
        let mut idle = server.connect().await;
        ask(&mut idle).await;
        let address = server.address;
        server.ends().await;
        assert_eq!(rest(&mut idle).await, "");
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[test]
    fn there_is_always_room_for_some() {
        let limits = Limits::of_this_process(PATIENCE, false).unwrap();
        assert!(limits.connections >= super::FEWEST);
    }
}
