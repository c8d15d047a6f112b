//! Escape sequences of terminals: colours and weights are kept, everything else is dropped.
//! A sequence may be cut anywhere between two pieces of output, so the state is kept.

/// A colour as a terminal names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// One of the 256; the first 16 are the console's own.
    Indexed(u8),
    Rgb(u8, u8, u8),
}

/// The first 16 colours where their exact value matters: below other colours.
const BASIC: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 49, 49),
    (13, 138, 84),
    (176, 137, 0),
    (36, 114, 200),
    (188, 63, 188),
    (17, 138, 160),
    (204, 204, 204),
    (102, 102, 102),
    (241, 76, 76),
    (35, 209, 139),
    (245, 245, 67),
    (59, 142, 234),
    (214, 112, 214),
    (41, 184, 219),
    (255, 255, 255),
];

impl Color {
    /// Red, green, blue.
    pub fn rgb(self) -> (u8, u8, u8) {
        match self {
            Self::Rgb(r, g, b) => (r, g, b),
            Self::Indexed(n @ 0..=15) => BASIC[usize::from(n)],
            Self::Indexed(n @ 16..=231) => {
                let level = |step: u8| if step == 0 { 0 } else { 55 + step * 40 };
                let n = n - 16;
                (level(n / 36), level(n / 6 % 6), level(n % 6))
            }
            Self::Indexed(n) => {
                let grey = 8 + (n - 232) * 10;
                (grey, grey, grey)
            }
        }
    }

    /// Relative luminance as WCAG has it.
    fn luminance(self) -> f64 {
        let (r, g, b) = self.rgb();
        let linear = |channel: u8| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    }

    /// Contrast of two colours, 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// A colour that can be read on this one: the wanted one if it can, else black or white.
    pub fn readable_on_it(self, wanted: Option<Self>) -> Self {
        if let Some(wanted) = wanted.filter(|wanted| self.contrast(*wanted) >= 4.5) {
            return wanted;
        }
        let (black, white) = (Self::Rgb(0, 0, 0), Self::Rgb(255, 255, 255));
        if self.contrast(black) > self.contrast(white) { black } else { white }
    }
}

/// How a piece of text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    pub text: Option<Color>,
    pub ground: Option<Color>,
    pub bold: bool,
    pub dim: bool,
    pub italic: bool,
    pub underline: bool,
    pub strike: bool,
    pub inverse: bool,
}

/// What a character does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Print(char),
    Tab,
    NewLine,
    /// Back to the start of the line: what follows replaces it.
    Return,
    /// One character back.
    Back,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Ground,
    Escape,
    /// An escape sequence with intermediate characters, such as the choice of a character set.
    Intermediate,
    /// `ESC [`: parameters, then a letter.
    Control,
    /// A text for the terminal itself: titles, links.
    Text,
    /// An escape within such a text, which ends it.
    TextEscape,
}

/// Longer parameters are nobody's colour.
const PARAMETERS_MAX: usize = 128;

/// Takes output character by character.
#[derive(Clone, Debug, Default)]
pub struct Parser {
    /// What is printed next looks like this.
    pub style: Style,
    state: State,
    parameters: String,
}

impl Parser {
    /// The effect of a character; none for those that belong to an escape sequence and for
    /// control characters that mean nothing here.
    pub fn next(&mut self, c: char) -> Option<Event> {
        match self.state {
            State::Ground => self.ground(c),
            State::Escape => {
                self.state = match c {
                    '[' => {
                        self.parameters.clear();
                        State::Control
                    }
                    ']' | 'P' | 'X' | '^' | '_' => State::Text,
                    ' '..='/' => State::Intermediate,
                    '\u{1b}' => State::Escape,
                    _ => State::Ground,
                };
                None
            }
            State::Intermediate => {
                if !(' '..='/').contains(&c) {
                    self.state = State::Ground;
                }
                None
            }
            State::Control => self.control(c),
            State::Text => {
                self.state = match c {
                    '\u{7}' | '\u{9c}' => State::Ground,
                    '\u{1b}' => State::TextEscape,
                    // A line that ends inside was no such text: do not swallow all that follows.
                    '\n' => {
                        self.state = State::Ground;
                        return Some(Event::NewLine);
                    }
                    _ => State::Text,
                };
                None
            }
            State::TextEscape => {
                self.state = State::Ground;
                if c == '\\' {
                    return None;
                }
                self.state = State::Escape;
                self.next(c)
            }
        }
    }

    fn ground(&mut self, c: char) -> Option<Event> {
        match c {
            '\n' => Some(Event::NewLine),
            '\r' => Some(Event::Return),
            '\t' => Some(Event::Tab),
            '\u{8}' => Some(Event::Back),
            '\u{1b}' => {
                self.state = State::Escape;
                None
            }
            '\u{9b}' => {
                self.parameters.clear();
                self.state = State::Control;
                None
            }
            c if c.is_control() => None,
            c => Some(Event::Print(c)),
        }
    }

    fn control(&mut self, c: char) -> Option<Event> {
        match c {
            '@'..='~' => {
                self.state = State::Ground;
                if c == 'm' {
                    let parameters = std::mem::take(&mut self.parameters);
                    self.style = restyle(self.style, &parameters);
                }
                None
            }
            ' '..='?' => {
                if self.parameters.len() < PARAMETERS_MAX {
                    self.parameters.push(c);
                }
                None
            }
            // Not a sequence after all.
            other => {
                self.state = State::Ground;
                self.ground(other)
            }
        }
    }
}

/// Applies "select graphic rendition" parameters.
fn restyle(mut style: Style, parameters: &str) -> Style {
    // `<`, `=`, `>` and `?` mark private sequences, which are not about looks.
    if parameters.contains(|c: char| !c.is_ascii_digit() && c != ';' && c != ':') {
        return style;
    }
    let mut parts = parameters.split([';', ':']).map(|part| part.parse::<u16>().unwrap_or(0));
    while let Some(code) = parts.next() {
        match code {
            0 => style = Style::default(),
            1 => style.bold = true,
            2 => style.dim = true,
            3 => style.italic = true,
            4 | 21 => style.underline = true,
            7 => style.inverse = true,
            9 => style.strike = true,
            22 => (style.bold, style.dim) = (false, false),
            23 => style.italic = false,
            24 => style.underline = false,
            27 => style.inverse = false,
            29 => style.strike = false,
            30..=37 => style.text = indexed(code - 30),
            38 => style.text = extended(&mut parts).or(style.text),
            39 => style.text = None,
            40..=47 => style.ground = indexed(code - 40),
            48 => style.ground = extended(&mut parts).or(style.ground),
            49 => style.ground = None,
            // The colour of underlines; read so that its parameters are not taken for codes.
            58 => {
                let _ = extended(&mut parts);
            }
            90..=97 => style.text = indexed(code - 90 + 8),
            100..=107 => style.ground = indexed(code - 100 + 8),
            _ => {}
        }
    }
    style
}

fn indexed(n: u16) -> Option<Color> {
    u8::try_from(n).ok().map(Color::Indexed)
}

/// `5;n` or `2;r;g;b`.
fn extended(parts: &mut impl Iterator<Item = u16>) -> Option<Color> {
    let mut byte = || parts.next().and_then(|n| u8::try_from(n).ok());
    match byte()? {
        5 => Some(Color::Indexed(byte()?)),
        2 => Some(Color::Rgb(byte()?, byte()?, byte()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Color, Event, Parser, Style};

    fn printed(text: &str) -> (String, Style) {
        let mut parser = Parser::default();
        let text = text
            .chars()
            .filter_map(|c| match parser.next(c) {
                Some(Event::Print(c)) => Some(c),
                Some(Event::NewLine) => Some('\n'),
                _ => None,
            })
            .collect();
        (text, parser.style)
    }

    #[test]
    fn colours_are_read() {
        let of = |text: &str| printed(text).1;
        assert_eq!(of("\x1b[31m").text, Some(Color::Indexed(1)));
        assert_eq!(
            of("\x1b[1;97;44m"),
            Style { text: Some(Color::Indexed(15)), ground: Some(Color::Indexed(4)), bold: true, ..Style::default() }
        );
        assert_eq!(of("\x1b[38;5;208m").text, Some(Color::Indexed(208)));
        assert_eq!(of("\x1b[48:2:1:2:3m").ground, Some(Color::Rgb(1, 2, 3)));
        assert_eq!(of("\x1b[38;5;300m\x1b[4m"), Style { underline: true, ..Style::default() });
        assert_eq!(of("\x1b[31;1;4m\x1b[m"), Style::default());
        assert_eq!(of("\x1b[31m\x1b[39m"), Style::default());
        // Private sequences end in `m` too and are no colours.
        assert_eq!(of("\x1b[>4;1m"), Style::default());
    }

    #[test]
    fn other_sequences_leave_nothing_behind() {
        for (text, left) in [
            ("a\x1b[2Kb\x1b[10;20Hc", "abc"),
            ("\x1b]0;a title\x07x", "x"),
            ("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\", "link"),
            ("\x1b(Bx\x1b=y\x1bMz", "xyz"),
            ("\x1bPdata\x1b\\x", "x"),
            ("\u{9b}1mx\u{0}\u{7}\u{7f}y", "xy"),
            ("\x1b[?25lx\x1b[?25h", "x"),
            ("\x1b]never ended\nnext", "\nnext"),
            ("\x1b[12\nx", "\nx"),
            ("\x1b\x1b[31mx", "x"),
        ] {
            assert_eq!(printed(text).0, left, "{text:?}");
        }
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(printed("<b>&amp;</b>").0, "<b>&amp;</b>");
    }

    #[test]
    fn the_palette_is_the_known_one() {
        assert_eq!(Color::Indexed(16).rgb(), (0, 0, 0));
        assert_eq!(Color::Indexed(196).rgb(), (255, 0, 0));
        assert_eq!(Color::Indexed(231).rgb(), (255, 255, 255));
        assert_eq!(Color::Indexed(232).rgb(), (8, 8, 8));
        assert_eq!(Color::Indexed(255).rgb(), (238, 238, 238));
    }

    #[test]
    fn text_on_a_coloured_ground_can_be_read() {
        for ground in 0..=255 {
            for text in (0..=255).map(Color::Indexed).map(Some).chain([None]) {
                let ground = Color::Indexed(ground);
                assert!(ground.contrast(ground.readable_on_it(text)) >= 4.5, "{ground:?} {text:?}");
            }
        }
    }
}
