//! Text that may be longer than its place: cut in its middle, whole on hover, with a button that
//! copies it. Plain functions over one type, since lists draw thousands of these.

use leptos::prelude::*;

use crate::icons::{Glyph, Icon};

/// Shorter texts have room wherever they stand.
const LONG: usize = 24;
/// So much of the end stays readable.
const TAIL: usize = 8;

/// The two parts of a text that is long enough to be cut.
fn parts(text: &str) -> Option<(&str, &str)> {
    let length = text.chars().count();
    if length <= LONG {
        return None;
    }
    let at = text.char_indices().nth(length - TAIL).map(|(at, _)| at)?;
    text.split_at_checked(at)
}

/// A text that gives way in its middle. Readers of the page and of the screen have it whole.
pub fn cut(text: &str, mono: bool) -> AnyView {
    let class = if mono { "middle mono" } else { "middle" };
    match parts(text) {
        None => view! { <span class=if mono { "mono" } else { "" } title=text.to_owned()>{text.to_owned()}</span> }
            .into_any(),
        Some((head, tail)) => {
            let (head, tail) = (head.to_owned(), tail.to_owned());
            view! {
                <span class=class title=text.to_owned()>
                    <span class="visually-hidden">{text.to_owned()}</span>
                    <span aria-hidden="true">{head}</span><span aria-hidden="true">{tail}</span>
                </span>
            }
            .into_any()
        }
    }
}

/// The same with a button that copies the text. The button only names what to copy: whoever
/// draws many of them listens once, with [`copied`].
pub fn cut_to_copy(text: String, mono: bool) -> AnyView {
    let name = format!("Copy {text}");
    view! {
        <span class="id">
            {cut(&text, mono)}
            <button type="button" class="copy" data-copy=text aria-label=name title="Copy"><Icon glyph=Glyph::Copy/></button>
        </span>
    }
    .into_any()
}

/// The text of the copy button that was clicked, if one was.
pub fn copied(event: &leptos::ev::MouseEvent) -> Option<String> {
    use wasm_bindgen::JsCast;
    let element: web_sys::Element = event.target()?.dyn_into().ok()?;
    element.closest("[data-copy]").ok()??.get_attribute("data-copy")
}

/// Whether a text is worth a copy button of its own.
pub fn is_long(text: &str) -> bool {
    text.chars().count() > LONG
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn only_long_texts_are_cut_and_nothing_is_lost() {
        assert_eq!(parts("0123456789abcdef01234567"), None);
        let long = "Überprüfung der Zertifikate – nachts";
        let (head, tail) = parts(long).unwrap();
        assert_eq!(format!("{head}{tail}"), long);
        assert_eq!(tail, "– nachts");
    }
}
