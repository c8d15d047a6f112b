//! Scripts: an interpreter and its code, in versions.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::person::PersonRef;
use crate::body::Reader;
use crate::field::{Column, Field, FormUse, ReferenceBy, Widget};
use crate::patch::Patch;
use crate::permission::Permission;
use crate::problem::{Problems, Violation};
use crate::registry::{Family, Kind, KindInfo, Nav, NavGroup, Need};
use crate::rules;
use crate::time::NaiveMicros;

/// Bytes of code, interpreter line included.
pub const CODE_MAX: usize = 1024 * 1024;

/// Files that a script has at most.
pub const ATTACHMENTS_MAX: usize = 5;
/// Bytes of all files of a script.
pub const ATTACHMENTS_SIZE_MAX: i64 = 1024 * 1024;
/// What stands in the place of a redacted script's interpreter.
pub const REDACTED_INTERPRETER: &str = "/bin/false";
/// What stands in the place of a redacted script's code.
pub const REDACTED_CODE: &str = "# This script was redacted. What it said is gone.\n";

/// The name of an attached file: one that a folder can hold.
#[expect(clippy::needless_pass_by_value, reason = "all rules have one shape, so that a reader can be handed any")]
pub fn filename(text: String) -> Result<String, Violation> {
    let name = text.trim();
    let fits = !matches!(name, "" | "." | "..") && !name.contains('/') && !name.chars().any(char::is_control);
    if !fits || name.len() > 255 {
        return Err(Violation::new(
            "format",
            "A file name has 1 to 255 bytes, no slash and no control characters, and is not . or ..",
        ));
    }
    Ok(name.to_owned())
}

/// Whether a script can still be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum ScriptStatus {
    Active,
    Archived,
    Redacted,
}

impl ScriptStatus {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Archived => "ARCHIVED",
            Self::Redacted => "REDACTED",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Active, Self::Archived, Self::Redacted].into_iter().find(|s| s.name() == name)
    }
}

/// A profile that uses the script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProfileRef {
    pub id: i64,
    pub title: String,
}

/// A file that is laid beside the running script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AttachmentRef {
    pub id: i64,
    pub filename: String,
}

/// A script with the code of its newest version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Script {
    pub id: i64,
    pub title: String,
    pub version_number: i64,
    pub created_by: Option<PersonRef>,
    pub created_at: NaiveMicros,
    pub last_edited_by: Option<PersonRef>,
    pub last_edited_at: NaiveMicros,
    pub script_profiles: Vec<ProfileRef>,
    pub status: ScriptStatus,
    pub attachments: Vec<AttachmentRef>,
    /// The text after the interpreter line.
    pub code: String,
    pub interpreter: String,
    pub access_group: String,
    pub time_limit: i64,
    pub username: Option<String>,
    pub is_redactable: bool,
    pub is_editable: bool,
    pub is_executable: bool,
}

/// One version of a script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScriptVersion {
    pub id: i64,
    pub script_id: i64,
    pub account_id: i64,
    pub title: String,
    pub version_number: i64,
    pub code: String,
    pub interpreter: String,
    pub created_at: NaiveMicros,
    pub created_by: Option<PersonRef>,
    pub creator_id: Option<i64>,
    pub creator_name: Option<String>,
}

/// The parts of a program text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    pub interpreter: String,
    pub code: String,
}

impl Code {
    /// Splits a program into its interpreter line and the rest.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        if text.len() > CODE_MAX {
            return Err(Violation::new(
                "length",
                format!("A script has at most {CODE_MAX} bytes; this has {}.", text.len()),
            ));
        }
        if text.contains('\0') {
            return Err(Violation::new("format", "A script is text; this holds NUL characters."));
        }
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
        let interpreter = first.strip_prefix("#!").map(str::trim).unwrap_or_default();
        if interpreter.is_empty() {
            return Err(Violation::new(
                "interpreter",
                "The first line must name the interpreter, such as #!/bin/bash.",
            ));
        }
        if !interpreter.starts_with('/') {
            return Err(Violation::new(
                "interpreter",
                format!("The interpreter must be an absolute path such as /bin/bash, not “{interpreter}”."),
            ));
        }
        let says_something = rest.lines().map(str::trim).any(|line| !line.is_empty() && !line.starts_with('#'));
        if !says_something {
            return Err(Violation::new(
                "empty",
                "There is no code after the interpreter line, only blanks and comments.",
            ));
        }
        Ok(Self { interpreter: interpreter.to_owned(), code: rest.to_owned() })
    }

    /// The program as one text again.
    pub fn join(interpreter: &str, code: &str) -> String {
        format!("#!{interpreter}\n{code}")
    }
}

/// What is needed to make a script. In forms and in this crate the code is plain text; the
/// legacy API carries it as base64 and decodes it before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewScript {
    pub title: String,
    pub code: Code,
    pub time_limit: i64,
    pub username: Option<String>,
    pub access_group: Option<String>,
}

impl NewScript {
    pub fn parse(body: &Value) -> Result<Self, Problems> {
        let mut r = Reader::root(body)?;
        let title = r.required("title");
        let title = r.check("title", title, rules::title);
        let code = r.required::<String>("code");
        let code = r.check("code", code, |c| Code::parse(&c));
        let time_limit = r.optional("time_limit").or(Some(rules::TIME_LIMIT_DEFAULT));
        let time_limit = r.check("time_limit", time_limit, rules::time_limit);
        let username = r.optional::<String>("username").filter(|u| !u.trim().is_empty());
        let username = r.check("username", username, rules::username);
        let access_group = r.optional("access_group");
        let access_group = r.check("access_group", access_group, rules::title);
        let problems = r.finish();
        match (title, code, time_limit) {
            (Some(title), Some(code), Some(time_limit)) if problems.is_empty() => {
                Ok(Self { title, code, time_limit, username, access_group })
            }
            _ => Err(problems),
        }
    }
}

/// What may be changed of a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScriptPatch {
    pub title: Patch<String>,
    pub code: Patch<Code>,
    pub time_limit: Patch<i64>,
    /// An empty text clears it.
    pub username: Patch<String>,
}

impl ScriptPatch {
    pub fn parse(body: &Value) -> Result<Self, Problems> {
        let mut r = Reader::root(body)?;
        let title = r.patch("title");
        let title = r.check_patch("title", title, rules::title);
        let code = r.patch::<String>("code");
        let code = r.check_patch("code", code, |c| Code::parse(&c));
        let time_limit = r.patch("time_limit");
        let time_limit = r.check_patch("time_limit", time_limit, rules::time_limit);
        let username = match r.patch::<String>("username") {
            Patch::Set(name) if name.trim().is_empty() => Patch::Null,
            // Not mentioned and null both mean "as it is" for this API.
            Patch::Null => Patch::Absent,
            other => other,
        };
        let username = r.check_patch("username", username, rules::username);
        r.finish().or(Self { title, code, time_limit, username })
    }
}

const WHAT: &str = "Script";
const HOW: &str = "How it runs";

pub const KIND: KindInfo = KindInfo {
    kind: Kind::Script,
    singular: "script",
    plural: "Scripts",
    path: "scripts",
    purpose: "A script is a program that runs on computers, by a profile or at once. Every edit keeps the version before it.",
    fields: &[
        Field::new("title", "Title", Widget::Text)
            .column(Column::Title)
            .sortable()
            .searchable()
            .form(FormUse::required(WHAT)),
        Field::new("code", "Code", Widget::Code)
            .help("The first line names the interpreter.")
            .form(FormUse::required(WHAT)),
        Field::new("username", "Run as user", Widget::Mono)
            .help("Proposed to profiles that use this script.")
            .column(Column::Optional)
            .sortable()
            .filterable()
            .form(FormUse::optional(HOW).half()),
        Field::new("time_limit", "Time limit", Widget::Number { unit: "seconds", min: 1, max: rules::TIME_LIMIT_MAX })
            .column(Column::Optional)
            .sortable()
            .form(FormUse::required(HOW).half()),
        Field::new(
            "access_group",
            "Access group",
            Widget::Reference { kind: Kind::AccessGroup, by: ReferenceBy::Name },
        )
        .help("The script runs on computers of this group and the groups below it. Cannot be changed later.")
        .column(Column::Shown)
        .sortable()
        .filterable()
        .form(FormUse::required(HOW).fixed()),
        Field::new("interpreter", "Interpreter", Widget::Mono).column(Column::Shown).sortable().filterable(),
        Field::new("version_number", "Version", Widget::Count).column(Column::Shown).sortable(),
        Field::new("last_edited_at", "Last edited", Widget::Time).column(Column::Shown).sortable(),
        Field::new("last_edited_by", "By", Widget::Person).column(Column::Optional),
        Field::new("created_at", "Created", Widget::Time).column(Column::Optional).sortable(),
        Field::new("id", "ID", Widget::Mono).column(Column::Optional).sortable().filterable(),
    ],
    default_sort: "title",
    family: Family::Landscape,
    view: Need::Account(Permission::ViewScript),
    manage: Need::Account(Permission::ManageScript),
    nav: Some(Nav { group: NavGroup::Fleet, key: 's', icon: "script" }),
    storage: None,
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Code, NewScript, ScriptPatch};
    use crate::patch::Patch;

    #[test]
    fn code_is_split_at_its_interpreter_line() {
        let code = Code::parse("#! /usr/bin/env python3\r\nprint(1)\r\n").unwrap();
        assert_eq!(code.interpreter, "/usr/bin/env python3");
        assert_eq!(code.code, "print(1)\n");
        assert_eq!(Code::join(&code.interpreter, &code.code), "#!/usr/bin/env python3\nprint(1)\n");
        for (text, why) in [
            ("echo hi", "interpreter"),
            ("#!\necho hi", "interpreter"),
            ("#!bash\necho hi", "interpreter"),
            ("#!/bin/sh", "empty"),
            ("#!/bin/sh\n\n# nothing\n", "empty"),
            ("#!/bin/sh\necho \0", "format"),
        ] {
            assert_eq!(Code::parse(text).unwrap_err().code, why, "{text:?}");
        }
    }

    #[test]
    fn a_new_script_has_a_usual_time_limit() {
        let script = NewScript::parse(&json!({"title": "x", "code": "#!/bin/sh\nid"})).unwrap();
        assert_eq!((script.time_limit, script.username), (300, None));
        let problems = NewScript::parse(&json!({"time_limit": 0})).unwrap_err();
        let pointers: Vec<_> = problems.0.iter().map(|e| e.pointer.as_str()).collect();
        assert_eq!(pointers, ["/title", "/code", "/time_limit"]);
    }

    #[test]
    fn an_empty_user_name_clears_it() {
        let patch = ScriptPatch::parse(&json!({"username": ""})).unwrap();
        assert_eq!(patch.username, Patch::Null);
        let patch = ScriptPatch::parse(&json!({"username": null})).unwrap();
        assert_eq!(patch.username, Patch::Absent);
    }
}
