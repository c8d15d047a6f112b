//! Tells cargo which files beside the sources make a new binary.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=migrations");
    // A file that is watched and missing would make every build a new one. A debug build reads the
    // console while it runs, so only a release build has to see it appear.
    let dist = "../frontend/dist";
    let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    if is_release || Path::new(dist).exists() {
        println!("cargo::rerun-if-changed={dist}");
    }
}
