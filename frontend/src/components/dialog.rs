//! Questions before something is done. The browser's own dialog keeps the focus inside and
//! gives it back to where it came from.

use leptos::html;
use leptos::prelude::*;

use crate::react::effect;

/// What a question wants to know before it is answered with yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskInput {
    /// The name of what is lost, typed again: for what cannot be undone.
    Exactly(String),
    /// A text, with a label, a remark, and values that are proposed.
    Text { label: &'static str, help: &'static str, proposals: Vec<String> },
    /// One of a few: value and label.
    One { label: &'static str, choices: Vec<(String, String)> },
}

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
    /// What has to be typed or chosen before.
    pub input: Option<AskInput>,
    /// The button that leaves everything as it is.
    pub no: &'static str,
    /// What to do, with what was typed or chosen.
    pub on_yes: Callback<String>,
}

impl Ask {
    /// A question with its consequence, its button and what the button does.
    pub fn new(
        title: impl Into<String>,
        text: impl Into<String>,
        verb: impl Into<String>,
        on_yes: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self::told(title, text, verb, move |_| on_yes())
    }

    /// The same, where the deed depends on what was typed or chosen; see [`Ask::input`].
    pub fn told(
        title: impl Into<String>,
        text: impl Into<String>,
        verb: impl Into<String>,
        on_yes: impl Fn(String) + Send + Sync + 'static,
    ) -> Self {
        Self {
            title: title.into(),
            text: text.into(),
            verb: verb.into(),
            danger: false,
            other: None,
            input: None,
            no: "Cancel",
            on_yes: Callback::new(on_yes),
        }
    }

    /// Draws the button as one that destroys.
    #[must_use]
    pub fn danger(mut self) -> Self {
        self.danger = true;
        self
    }

    /// Wants something typed or chosen first.
    #[must_use]
    pub fn input(mut self, input: AskInput) -> Self {
        self.input = Some(input);
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
    let typed = RwSignal::new(String::new());
    let close = move || asked.set(None);
    let body = move || {
        let ask = asked.get()?;
        let on_yes = ask.on_yes;
        let class = if ask.danger { "btn primary danger" } else { "btn primary" };
        let first = match &ask.input {
            Some(AskInput::One { choices, .. }) => choices.first().map(|(value, _)| value.clone()),
            _ => None,
        };
        typed.set(first.unwrap_or_default());
        let wanted = match &ask.input {
            Some(AskInput::Exactly(name)) => Some(name.clone()),
            _ => None,
        };
        let asks = ask.input.is_some();
        let unready = move || {
            asks && typed.with(|typed| match &wanted {
                Some(name) => typed.trim() != name.trim(),
                None => typed.trim().is_empty(),
            })
        };
        let unready = crate::react::memo(unready);
        Some(view! {
            <form
                on:submit=move |event| {
                    event.prevent_default();
                    if unready.get_untracked() {
                        return;
                    }
                    close();
                    on_yes.run(typed.get_untracked().trim().to_owned());
                }
            >
                <div class="dialog-body">
                    <h2 id="confirm-title">{ask.title}</h2>
                    {ask.text.lines().map(|line| view! { <p>{line.to_owned()}</p> }).collect_view()}
                    {ask.input.map(|input| input_view(input, typed))}
                </div>
                <div class="dialog-actions">
                    <button type="button" class="btn" autofocus=!asks on:click=move |_| close()>{ask.no}</button>
                    {ask.other.map(|(verb, act)| view! {
                        <button type="button" class="btn" on:click=move |_| { close(); act.run(()); }>{verb}</button>
                    })}
                    <button type="submit" class=class disabled=move || unready.get()>{ask.verb}</button>
                </div>
            </form>
        })
    };
    view! {
        <dialog node_ref=dialog aria-labelledby="confirm-title" on:close=move |_| close()>{body}</dialog>
    }
}

/// What has to be typed or chosen.
fn input_view(input: AskInput, typed: RwSignal<String>) -> AnyView {
    let (label, help, proposals) = match input {
        AskInput::One { label, choices } => {
            let options =
                choices.into_iter().map(|(value, label)| view! { <option value=value>{label}</option> }).collect_view();
            return view! {
                <div class="field">
                    <label for="confirm-input">{label}</label>
                    <select id="confirm-input" class="input" autofocus=true
                        on:change:target=move |event| typed.set(event.target().value())>{options}</select>
                </div>
            }
            .into_any();
        }
        AskInput::Exactly(name) => (format!("Type “{name}” to confirm"), "", Vec::new()),
        AskInput::Text { label, help, proposals } => (label.to_owned(), help, proposals),
    };
    // Without proposals it is a plain box, and is said to be one.
    let list = (!proposals.is_empty()).then_some("confirm-proposals");
    let proposals = proposals.into_iter().map(|value| view! { <option value=value></option> }).collect_view();
    view! {
        <div class="field">
            <label for="confirm-input">{label}</label>
            <input id="confirm-input" class="input" type="text" autocomplete="off" autocapitalize="off" spellcheck="false" autofocus=true
                aria-describedby="confirm-help" list=list prop:value=typed
                on:input:target=move |event| typed.set(event.target().value())/>
            <datalist id="confirm-proposals">{proposals}</datalist>
            <p class="help" id="confirm-help">{help}</p>
        </div>
    }
    .into_any()
}
