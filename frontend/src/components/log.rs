//! A log: numbered lines with their time, as many in the document as are on screen. It follows
//! what arrives until one scrolls up, can be searched, copied and downloaded. Colours of
//! terminals are shown, other escape sequences dropped; text is never taken for markup.

pub mod ansi;
mod bar;
mod find;
mod layout;
mod line;
mod text;

use std::time::Duration;

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlElement, ResizeObserver};

pub use text::LogText;

use self::bar::{Bar, Foot};
use self::find::Match;
use self::layout::Layout;
use self::line::LineView;
use crate::react::{effect, memo};
use crate::storage;

/// Rows drawn above and below what is on screen.
const SPARE: usize = 30;

/// What the parts of a log share.
#[derive(Clone, Copy)]
struct Log {
    text: RwSignal<LogText>,
    /// More may come.
    live: Signal<bool>,
    /// Whose output this is: "web-fra-02".
    name: Signal<String>,
    /// Long lines break.
    wrap: RwSignal<bool>,
    /// The end stays in sight while lines arrive.
    follow: RwSignal<bool>,
    search: RwSignal<String>,
    matches: Memo<Vec<Match>>,
    /// Index of the match one stands on.
    present: RwSignal<usize>,
    scroller: NodeRef<html::Div>,
    layout: Memo<Layout>,
    sizes: RwSignal<Sizes>,
}

/// Measures in pixels, taken from the page: they change with zoom and font.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Sizes {
    /// Height of a row.
    row: f64,
    /// Width of a cell of the fixed font.
    cell: f64,
    /// Width of what stands right of number and time.
    room: f64,
    /// Height of what is seen.
    height: f64,
    /// How far it is scrolled.
    top: f64,
}

impl Sizes {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes of a screen, never negative")]
    fn count(length: f64, unit: f64) -> usize {
        if unit > 0.0 { (length / unit) as usize } else { 0 }
    }

    fn columns(self) -> usize {
        Self::count(self.room + 0.5, self.cell)
    }
}

/// A log with its bar and its foot.
///
/// ```ignore
/// let text = RwSignal::new(LogText::default());
/// view! { <LogView text=text live=running name=Signal::stored("web-fra-02".to_owned()) file="web-fra-02.log"/> }
/// ```
#[component]
pub fn LogView(
    /// The output; push pieces to it.
    text: RwSignal<LogText>,
    /// Whether more may come: then it follows.
    #[prop(into)]
    live: Signal<bool>,
    /// Whose output it is.
    #[prop(into)]
    name: Signal<String>,
    /// What to call a download.
    #[prop(into)]
    file: Signal<String>,
    /// Stands where nothing was written.
    #[prop(into)]
    nothing: Signal<&'static str>,
    /// What is searched for, where that shall outlive the log.
    #[prop(optional)]
    search: RwSignal<String>,
    /// Stands left in the bar: the name, its status.
    #[prop(optional, into)]
    heading: ViewFn,
) -> impl IntoView {
    let sizes = RwSignal::new(Sizes { row: 20.0, cell: 7.2, room: 600.0, height: 600.0, top: 0.0 });
    let wrap = RwSignal::new(storage::read("log.wrap").as_deref() != Some("no"));
    let columns = memo(move || wrap.get().then(|| sizes.with(|sizes| sizes.columns())));
    let layout = memo(move || text.with(|text| Layout::new(&text.lines, columns.get())));
    let matches = memo(move || search.with(|wanted| text.with(|text| find::find(&text.lines, wanted.trim()))));
    let log = Log {
        text,
        live,
        name,
        wrap,
        follow: RwSignal::new(live.get_untracked()),
        search,
        matches,
        present: RwSignal::new(0),
        scroller: NodeRef::new(),
        layout,
        sizes,
    };
    Effect::new(move |before: Option<()>| {
        let wrap = wrap.get();
        if before.is_some() {
            storage::write("log.wrap", if wrap { "yes" } else { "no" });
        }
    });
    let empty = memo(move || text.with(|text| text.lines.is_empty()));
    let keys = move |event: KeyboardEvent| {
        // The browser's own search sees only the lines that are in the document.
        if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("f") {
            event.prevent_default();
            crate::shells::list::focus(".log-search input");
        }
    };
    view! {
        <div class="log-card" on:keydown=keys>
            <Bar log=log heading=heading file=file/>
            <Show when=move || !empty.get() fallback=move || view! { <p class="log-nothing muted">{move || nothing.get()}</p> }>
                <Lines log=log/>
            </Show>
            <Foot log=log/>
        </div>
    }
}

/// What scrolls.
#[component]
fn Lines(log: Log) -> impl IntoView {
    let Log { text, layout, sizes, scroller, .. } = log;
    let probe = NodeRef::<html::Div>::new();
    let space = NodeRef::<html::Div>::new();
    let range = memo(move || {
        let Sizes { row, height, top, .. } = sizes.get();
        layout.with(|layout| layout.window(Sizes::count(top, row), Sizes::count(height, row) + 1, SPARE))
    });
    let top = move || rows(layout.with(|layout| layout.top(range.get().0)));
    let height = move || rows(layout.with(Layout::rows));
    let least =
        move || (!log.wrap.get()).then(|| format!("calc({}ch + var(--log-gutter))", text.with(|text| text.widest) + 2));
    watch_size(log, probe);
    follow_end(log);
    let label = move || format!("Output of {}", log.name.get());
    view! {
        <div class="log" class:wrap=move || log.wrap.get() node_ref=scroller tabindex="0" role="log" aria-live="off" aria-label=label
            on:scroll=move |_| scrolled(log)>
            <div class="log-line log-probe" node_ref=probe aria-hidden="true">
                <span></span><span></span><code><span>{"0".repeat(50)}</span></code>
            </div>
            <div class="log-space" node_ref=space style:height=height style:min-width=least>
                <div class="log-window" style:top=top style:min-width=least>
                    <For each=move || { let (from, to) = range.get(); from..to } key=|index| *index
                        children=move |index| view! { <LineView log=log index=index/> }/>
                </div>
            </div>
        </div>
    }
}

/// The height of so many rows.
fn rows(n: usize) -> String {
    format!("calc({n} * var(--log-row))")
}

/// Keeps the measures right as the page, its zoom and its fonts change.
fn watch_size(log: Log, probe: NodeRef<html::Div>) {
    let observer = StoredValue::new_local(None::<(ResizeObserver, Closure<dyn FnMut()>)>);
    let measure = move || {
        let (Some(probe), Some(scroller)) =
            (probe.try_get_untracked().flatten(), log.scroller.try_get_untracked().flatten())
        else {
            return;
        };
        let cells = probe.query_selector("code > span").ok().flatten();
        let room = probe.query_selector("code").ok().flatten();
        let (Some(cells), Some(room)) = (cells, room) else { return };
        let measured = Sizes {
            row: probe.get_bounding_client_rect().height(),
            cell: cells.get_bounding_client_rect().width() / 50.0,
            room: room.get_bounding_client_rect().width(),
            height: f64::from(scroller.client_height()),
            top: f64::from(scroller.scroll_top()),
        };
        // Not on screen: nothing can be measured.
        if measured.row > 0.0 && log.sizes.try_get_untracked() != Some(measured) {
            log.sizes.try_set(measured);
        }
    };
    effect(move || {
        let (Some(scroller), Some(_)) = (log.scroller.get(), probe.get()) else { return };
        measure();
        let changed = Closure::new(measure);
        if let Ok(watch) = ResizeObserver::new(changed.as_ref().unchecked_ref()) {
            watch.observe(&scroller);
            observer.set_value(Some((watch, changed)));
        }
    });
    on_cleanup(move || {
        observer.try_update_value(|observer| {
            if let Some((watch, _)) = observer.take() {
                watch.disconnect();
            }
        });
    });
}

/// Goes to the end as lines arrive, while that is wanted.
fn follow_end(log: Log) {
    effect(move || {
        log.layout.track();
        log.sizes.track();
        if log.follow.get() {
            // When the new lines have been drawn.
            request_animation_frame(move || {
                if log.follow.try_get_untracked() == Some(true)
                    && let Some(scroller) = log.scroller.try_get_untracked().flatten()
                {
                    scroller.set_scroll_top(scroller.scroll_height());
                }
            });
        }
    });
    // Another log begins: a live one is followed, one that is over is read from its start.
    Effect::new(move |before: Option<bool>| {
        let live = log.live.get();
        let begins = log.text.with(|text| text.lines.is_empty());
        if begins || (live && before == Some(false)) {
            log.follow.set(live);
        }
        live
    });
}

/// The person, or following, has scrolled.
fn scrolled(log: Log) {
    let Some(scroller) = log.scroller.get_untracked() else { return };
    let (before, top) = (log.sizes.with_untracked(|sizes| sizes.top), f64::from(scroller.scroll_top()));
    let left = scroller.scroll_height() - scroller.scroll_top() - scroller.client_height();
    if left <= 2 {
        if log.live.get_untracked() && !log.follow.get_untracked() {
            log.follow.set(true);
        }
    } else if top < before && log.follow.get_untracked() {
        log.follow.set(false);
    }
    log.sizes.update(|sizes| sizes.top = top);
}

impl Log {
    /// Goes to another match, round the end.
    fn step(self, forward: bool) {
        let count = self.matches.with_untracked(Vec::len);
        if count == 0 {
            return;
        }
        let now = self.present.get_untracked().min(count - 1);
        self.present.set(if forward { (now + 1) % count } else { (now + count - 1) % count });
        self.show_present();
    }

    /// Searches for another text, from what is on screen on.
    fn look_for(self, text: String) {
        if self.search.with_untracked(|present| *present == text) {
            return;
        }
        self.search.set(text);
        let Sizes { top, row, .. } = self.sizes.get_untracked();
        let line = self.layout.with_untracked(|layout| layout.line_at(Sizes::count(top, row)));
        let first = self.matches.with_untracked(|all| all.iter().position(|found| found.line >= line));
        self.present.set(first.unwrap_or(0));
        self.show_present();
    }

    /// Brings the present match into sight.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "rows of a log")]
    fn show_present(self) {
        let found = self.matches.with_untracked(|all| all.get(self.present.get_untracked()).copied());
        let (Some(found), Some(scroller)) = (found, self.scroller.get_untracked()) else { return };
        let Sizes { row, height, top, .. } = self.sizes.get_untracked();
        let wanted = self.layout.with_untracked(|layout| layout.top(found.line)) as f64 * row;
        if wanted < top || wanted > top + height - 2.0 * row {
            self.follow.set(false);
            scroller.set_scroll_top((wanted - height / 2.0).max(0.0) as i32);
        }
        // Where lines do not break, the match may lie to the side.
        set_timeout(
            move || {
                let mark: Option<HtmlElement> =
                    scroller.query_selector("mark[data-present]").ok().flatten().and_then(|mark| mark.dyn_into().ok());
                if let Some(mark) = mark.filter(|_| self.wrap.try_get_untracked() == Some(false)) {
                    let (left, width) = (mark.offset_left(), scroller.client_width());
                    if left < scroller.scroll_left() || left > scroller.scroll_left() + width - 80 {
                        scroller.set_scroll_left(left - width / 2);
                    }
                }
            },
            Duration::from_millis(60),
        );
    }
}
