//! The Binnacle console.

mod address;
mod api;
mod app;
mod clock;
mod components;
mod frame;
mod go;
mod icons;
mod json;
mod later;
mod pages;
mod paths;
mod prefs;
mod react;
mod route;
mod session;
mod shells;
mod storage;
mod zone;

use leptos::prelude::document;

fn main() {
    std::panic::set_hook(Box::new(|info| stopped(&info.to_string())));
    // The frame that the document starts with makes room for the real one.
    if let Some(boot) = document().get_element_by_id("boot") {
        boot.remove();
    }
    leptos::mount::mount_to_body(app::App);
}

/// A defect of ours ends the program; the person is told rather than left with a dead page.
fn stopped(why: &str) {
    leptos::logging::error!("{why}");
    if let Some(note) = document().get_element_by_id("boot-message") {
        note.set_text_content(Some(
            "The console has stopped because of a defect in it. Reload the page to go on; drafts are kept.",
        ));
        let _ = note.remove_attribute("hidden");
    }
}
