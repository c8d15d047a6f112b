//! Questions before something is done. The browser's own dialog keeps the focus inside and
//! gives it back to where it came from.

use leptos::html;
use leptos::prelude::*;

use crate::react::effect;

/// A question.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Names the thing: "Archive script “check-certs.sh”?"
    pub title: String,
    /// The consequence, one sentence a line.
    pub text: String,
    /// The button: "Archive script".
    pub verb: String,
    /// Whether something is lost.
    pub danger: bool,
    /// A second way on, such as "Discard draft".
    pub other: Option<(String, Callback<()>)>,
    /// The button that leaves everything as it is.
    pub no: &'static str,
    /// What to do.
    pub on_yes: Callback<()>,
}

impl Ask {
    /// A question with its consequence, its button and what the button does.
    pub fn new(
        title: impl Into<String>,
        text: impl Into<String>,
        verb: impl Into<String>,
        on_yes: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self {
            title: title.into(),
            text: text.into(),
            verb: verb.into(),
            danger: false,
            other: None,
            no: "Cancel",
            on_yes: Callback::new(move |()| on_yes()),
        }
    }

    /// Draws the button as one that destroys.
    #[must_use]
    pub fn danger(mut self) -> Self {
        self.danger = true;
        self
    }

    /// Another word for the button that leaves everything as it is, where "Cancel" could be
    /// taken for the deed.
    #[must_use]
    pub fn no(mut self, verb: &'static str) -> Self {
        self.no = verb;
        self
    }

    /// Offers a second way on.
    #[must_use]
    pub fn other(mut self, verb: impl Into<String>, act: impl Fn() + Send + Sync + 'static) -> Self {
        self.other = Some((verb.into(), Callback::new(move |()| act())));
        self
    }
}

/// Asks; get it with [`use_confirm`].
#[derive(Clone, Copy, Debug)]
pub struct Confirmer(RwSignal<Option<Ask>>);

impl Confirmer {
    /// Shows the question.
    pub fn ask(self, ask: Ask) {
        self.0.set(Some(ask));
    }
}

/// Called once by the application.
pub fn provide_confirm() {
    provide_context(Confirmer(RwSignal::new(None)));
}

/// The application's question dialog.
pub fn use_confirm() -> Confirmer {
    use_context().unwrap_or_else(|| Confirmer(RwSignal::new(None)))
}

/// Opens or closes a `<dialog>` as a signal says.
pub fn follow(dialog: NodeRef<html::Dialog>, open: impl Fn() -> bool + 'static) {
    effect(move || {
        let open = open();
        if let Some(dialog) = dialog.get() {
            if open && !dialog.open() {
                let _ = dialog.show_modal();
            } else if !open && dialog.open() {
                dialog.close();
            }
        }
    });
}

/// The dialog itself; stands once in the application.
#[component]
pub fn Confirm() -> impl IntoView {
    let Confirmer(asked) = use_confirm();
    let dialog = NodeRef::<html::Dialog>::new();
    follow(dialog, move || asked.with(Option::is_some));
    let close = move || asked.set(None);
    let body = move || {
        let ask = asked.get()?;
        let on_yes = ask.on_yes;
        let class = if ask.danger { "btn primary danger" } else { "btn primary" };
        Some(view! {
            <form
                on:submit=move |event| {
                    event.prevent_default();
                    close();
                    on_yes.run(());
                }
            >
                <div class="dialog-body">
                    <h2 id="confirm-title">{ask.title}</h2>
                    {ask.text.lines().map(|line| view! { <p>{line.to_owned()}</p> }).collect_view()}
                </div>
                <div class="dialog-actions">
                    <button type="button" class="btn" autofocus=true on:click=move |_| close()>{ask.no}</button>
                    {ask.other.map(|(verb, act)| view! {
                        <button type="button" class="btn" on:click=move |_| { close(); act.run(()); }>{verb}</button>
                    })}
                    <button type="submit" class=class>{ask.verb}</button>
                </div>
            </form>
        })
    };
    view! {
        <dialog node_ref=dialog aria-labelledby="confirm-title" on:close=move |_| close()>{body}</dialog>
    }
}
