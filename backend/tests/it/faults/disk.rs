//! A disk that is full, that fails, or that may not be written.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use serde_json::json;
use tempfile::TempDir;

use super::server::{Server, assert_unavailable, serve};

/// Runs what follows in a mount namespace of its own: what is mounted there nobody else sees.
const OWN_MOUNTS: [&str; 2] = ["unshare", "--mount"];

/// A shell that does something to the folder `$0` first and then becomes the rest. Who is not
/// root becomes it in a namespace of its own, where the system allows that.
fn prepared<'a>(folder: &'a str, script: &'a str) -> Vec<&'a str> {
    let mut wrapper = OWN_MOUNTS.to_vec();
    if !nix::unistd::geteuid().is_root() {
        wrapper.push("--map-root-user");
    }
    wrapper.extend(["sh", "-c", script, folder]);
    wrapper
}

/// Writes scripts until one is refused; gives its number and the answer.
async fn until_refused(server: &Server, from: usize) -> (usize, (u16, serde_json::Value)) {
    for n in from..from + 500 {
        let answer = server.write_script(&format!("s{n}"), 100_000).await;
        if answer.0 != 200 {
            return (n, answer);
        }
    }
    panic!("the disk took everything");
}

#[tokio::test]
async fn a_full_disk_is_named_and_room_makes_it_go_on() {
    let directory = TempDir::new().unwrap();
    let folder = directory.path().to_str().unwrap();
    let wrapper = prepared(folder, "mount -t tmpfs -o size=24m tmpfs \"$0\" && exec \"$@\"");
    let Some(server) = Server::start(serve(&wrapper, directory.path(), None)).await else { return };
    // The folder as the server sees it.
    let seen = format!("/proc/{}/root{folder}", server.pid());
    let filler = Path::new(&seen).join("filler");
    let fill = || {
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(&filler).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
    };
    for round in 0..3 {
        fill();
        let (refused, answer) = until_refused(&server, round * 1000).await;
        // The legacy API, so without a code.
        assert_eq!(answer.0, 503, "{}", answer.1);
        assert_eq!(answer.1["error"], "ServiceUnavailable");
        assert!(answer.1["message"].as_str().unwrap().contains("the disk of the database is full"), "{}", answer.1);
        server.logged("the disk of the database is full").await;
        fill();
        let once = json!({"trigger_type": "one_time", "timestamp": "2030-01-01"});
        let mut last = server.make_profile(&format!("p{round}"), &once).await;
        for n in 0..50 {
            if last.0 == 503 {
                break;
            }
            // There was a little room in what the database had taken already.
            last = server.make_profile(&format!("p{round} {n}"), &once).await;
        }
        assert_unavailable(&last, "the disk of the database is full");
        let title = format!("s{refused}");
        assert_eq!(server.count("scripts", &title).await, 0, "nothing by halves, and reading goes on");
        std::fs::remove_file(&filler).unwrap();
        let (status, made) = server.write_script(&title, 1000).await;
        assert_eq!(status, 200, "{made}");
        assert_eq!(server.count("scripts", &title).await, 1);
    }
}

#[tokio::test]
async fn a_disk_that_fails_is_named_and_work_goes_on_when_it_does_not() {
    let directory = TempDir::new().unwrap();
    // Writing beyond the limit is an error then, and not the end of the process.
    let wrapper = ["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"];
    let server = Server::start(serve(&wrapper, directory.path(), None)).await.unwrap();
    let limit = |bytes: &str| {
        let pid = server.pid().to_string();
        let arguments = ["--pid", pid.as_str(), bytes];
        assert!(std::process::Command::new("prlimit").args(arguments).status().unwrap().success());
    };
    for round in 0..3 {
        limit("--fsize=4096:unlimited");
        let (refused, answer) = until_refused(&server, round * 1000).await;
        assert_eq!(answer.0, 503, "{}", answer.1);
        let message = answer.1["message"].as_str().unwrap();
        assert!(message.contains("files cannot be read or written"), "{message}");
        server.logged("the database's files cannot be read or written").await;
        limit("--fsize=unlimited:unlimited");
        let title = format!("s{refused}");
        assert_eq!(server.count("scripts", &title).await, 0);
        let (status, made) = server.write_script(&title, 1000).await;
        assert_eq!(status, 200, "{made}");
    }
}

#[tokio::test]
async fn a_folder_that_may_not_be_written_is_named_at_the_start() {
    let directory = TempDir::new().unwrap();
    let folder = directory.path().to_str().unwrap();
    // Filled by a server that could write.
    drop(Server::start(serve(&[], directory.path(), None)).await.unwrap());
    let wrapper = prepared(folder, "mount --bind \"$0\" \"$0\" && mount -o remount,ro,bind \"$0\" && exec \"$@\"");
    let mut command = serve(&wrapper, directory.path(), None);
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("unshare") || said.contains("mount:") {
        println!("skipped: {said}");
        return;
    }
    assert!(!output.status.success());
    assert!(said.contains("Read-only file system") && said.contains(folder), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}
