//! Filter rules mean the same to the shared code and to both databases.

use std::collections::{BTreeMap, BTreeSet};

use binnacle::store::conductor::filter_sql::{AttributeSql, FilterSource, LabelTable, condition};
use binnacle::store::{Conn, Db};
use binnacle_shared::filter::parse::{RULES_MAX, VALUES_MAX};
use binnacle_shared::filter::{Attribute, Found, Operator, Row, Rule, RuleType, matches};
use binnacle_shared::unicode::fold;
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::{Strategy, prop_oneof};
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sea_query::{Expr, ExprTrait, Iden, IntoIden, Query};
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};

use crate::on_both_databases;
use crate::support::database::{Flavor, TestDatabase};

const TABLES: &str = "
    CREATE TABLE subject (
        id BIGINT PRIMARY KEY, name TEXT NOT NULL, blueprint TEXT, title TEXT, title_folded TEXT
    );
    CREATE TABLE subject_label (
        subject_id BIGINT NOT NULL, label_key TEXT NOT NULL, label_value TEXT NOT NULL,
        PRIMARY KEY (subject_id, label_key, label_value)
    );
    CREATE INDEX subject_label_value ON subject_label (label_key, label_value, subject_id);
    CREATE TABLE subject_schedule (subject_id BIGINT NOT NULL);
";

#[derive(Clone, Copy, Debug, Iden)]
enum Subject {
    Table,
    Id,
    Name,
    Blueprint,
    Title,
    TitleFolded,
}

#[derive(Clone, Copy, Debug, Iden)]
enum SubjectLabel {
    Table,
    SubjectId,
    LabelKey,
    LabelValue,
}

#[derive(Clone, Copy, Debug, Iden)]
enum SubjectSchedule {
    Table,
    SubjectId,
}

fn subject(column: Subject) -> Expr {
    Expr::col((Subject::Table, column))
}

fn source() -> FilterSource {
    FilterSource {
        attribute: |attribute| match attribute {
            Attribute::Id => Some(AttributeSql::Ascii(subject(Subject::Name))),
            Attribute::BlueprintId => Some(AttributeSql::Ascii(subject(Subject::Blueprint))),
            Attribute::DisplayName => {
                Some(AttributeSql::Text { text: subject(Subject::Title), folded: subject(Subject::TitleFolded) })
            }
            Attribute::Schedules => {
                let own = Expr::col((SubjectSchedule::Table, SubjectSchedule::SubjectId)).eq(subject(Subject::Id));
                let some = Query::select().expr(Expr::val(1)).from(SubjectSchedule::Table).and_where(own).take();
                Some(AttributeSql::List(Expr::exists(some)))
            }
            _ => None,
        },
        labels: Some(LabelTable {
            table: SubjectLabel::Table.into_iden(),
            object: SubjectLabel::SubjectId.into_iden(),
            key: SubjectLabel::LabelKey.into_iden(),
            value: SubjectLabel::LabelValue.into_iden(),
            row: subject(Subject::Id),
        }),
    }
}

/// One row with all that rules can ask of it.
#[derive(Clone, Debug)]
struct Object {
    name: String,
    blueprint: Option<String>,
    title: Option<String>,
    schedules: usize,
    labels: BTreeSet<(String, String)>,
}

impl Row for Object {
    fn attribute(&self, attribute: Attribute) -> Found<'_> {
        let text = |text| Option::map_or(text, Found::Nothing, Found::Text);
        match attribute {
            Attribute::Id => Found::Text(&self.name),
            Attribute::BlueprintId => text(self.blueprint.as_deref()),
            Attribute::DisplayName => text(self.title.as_deref()),
            Attribute::Schedules => Found::List(self.schedules),
            _ => Found::Nothing,
        }
    }

    fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.labels.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

/// What databases and languages are known to disagree on, and what is special in a pattern.
const PIECES: &[&str] = &[
    "a", "A", "b", "B", "k", "K", "\u{212A}", "i", "I", "ı", "İ", "é", "É", "e\u{301}", "ß", "ẞ", "σ", "ς", "Σ", "ǆ",
    "Ǆ", "ﬁ", "日本", "😀", "%", "_", "\\", "'", "\"", " ", "*", "?", "[a]", "^", "$", ".", "-",
];

fn text(pieces: impl Iterator<Item = &'static str>, most: usize) -> impl Strategy<Value = String> + Clone {
    vec(select(pieces.collect::<Vec<_>>()), 0..=most).prop_map(|pieces| pieces.concat())
}

fn any_text() -> impl Strategy<Value = String> + Clone {
    text(PIECES.iter().copied(), 4)
}

fn ascii() -> impl Strategy<Value = String> + Clone {
    text(PIECES.iter().copied().filter(|piece| piece.is_ascii()), 4)
}

fn label_key() -> impl Strategy<Value = String> + Clone {
    select(vec!["env", "team", "os"]).prop_map(str::to_owned)
}

fn label_value() -> impl Strategy<Value = String> + Clone {
    select(vec!["prod", "Prod", "dev", "é", "É", "%", "'; --"]).prop_map(str::to_owned)
}

fn object() -> impl Strategy<Value = Object> {
    let labels = btree_set((label_key(), label_value()), 0..5);
    (ascii(), option::of(ascii()), option::of(any_text()), 0_usize..3, labels)
        .prop_map(|(name, blueprint, title, schedules, labels)| Object { name, blueprint, title, schedules, labels })
}

/// Any rule, also one that cannot be: what such ones mean is the same everywhere too.
fn rule() -> impl Strategy<Value = Rule> {
    let of_label = (label_key(), vec(label_value(), 0..3)).prop_map(|(key, values)| (RuleType::Label, key, values));
    let attribute = select(vec!["id", "blueprint_id", "display_name", "display_name", "schedules", "state", "nope"]);
    let short = text(PIECES.iter().copied(), 2);
    let of_attribute = (attribute, vec(prop_oneof![4 => short, 1 => any_text()], 0..3))
        .prop_map(|(key, values)| (RuleType::Attribute, key.to_owned(), values));
    let fitting = |kind: RuleType| prop_oneof![9 => select(kind.operators()), 1 => select(Operator::ALL)];
    prop_oneof![(of_label, fitting(RuleType::Label)), (of_attribute, fitting(RuleType::Attribute)),]
        .prop_map(|((kind, key, values), operator)| Rule { key, values, operator, kind })
}

/// The same values in every run, so that what fails once fails again.
fn draw<S: Strategy>(runner: &mut TestRunner, strategy: &S) -> S::Value {
    strategy.new_tree(runner).unwrap().current()
}

async fn database(flavor: Flavor) -> Option<(TestDatabase, Db)> {
    let database = TestDatabase::create(flavor).await?;
    let db = database.open().await;
    match flavor {
        Flavor::Sqlite => {
            let mut connection = SqliteConnection::connect(&database.url).await.unwrap();
            connection.execute(TABLES).await.unwrap();
            connection.close().await.unwrap();
        }
        Flavor::Postgres => {
            let mut connection = PgConnection::connect(&database.url).await.unwrap();
            connection.execute(TABLES).await.unwrap();
            connection.close().await.unwrap();
        }
    }
    Some((database, db))
}

async fn store(db: &Db, objects: &BTreeMap<i64, Object>) {
    let mut conn = db.write().await.unwrap();
    for (id, object) in objects {
        let insert = Query::insert()
            .into_table(Subject::Table)
            .columns([Subject::Id, Subject::Name, Subject::Blueprint, Subject::Title, Subject::TitleFolded])
            .values_panic([
                (*id).into(),
                object.name.as_str().into(),
                object.blueprint.clone().into(),
                object.title.clone().into(),
                object.title.as_deref().map(fold).into(),
            ])
            .take();
        conn.execute(&insert).await.unwrap();
        for (key, value) in &object.labels {
            let insert = Query::insert()
                .into_table(SubjectLabel::Table)
                .columns([SubjectLabel::SubjectId, SubjectLabel::LabelKey, SubjectLabel::LabelValue])
                .values_panic([(*id).into(), key.as_str().into(), value.as_str().into()])
                .take();
            conn.execute(&insert).await.unwrap();
        }
        for _ in 0..object.schedules {
            let insert = Query::insert()
                .into_table(SubjectSchedule::Table)
                .columns([SubjectSchedule::SubjectId])
                .values_panic([(*id).into()])
                .take();
            conn.execute(&insert).await.unwrap();
        }
    }
    conn.commit().await.unwrap();
}

async fn selected(conn: &mut Conn, rules: &[Rule]) -> Vec<i64> {
    let select = Query::select()
        .expr_as(subject(Subject::Id), "id")
        .from(Subject::Table)
        .cond_where(condition(rules, &source()))
        .order_by((Subject::Table, Subject::Id), sea_query::Order::Asc)
        .take();
    conn.fetch_all(&select).await.unwrap().iter().map(|row| row.get("id").unwrap()).collect()
}

on_both_databases! {
    async fn the_database_selects_what_the_rules_mean(flavor) {
        let Some((_database, db)) = database(flavor).await else { return };
        let mut runner = TestRunner::deterministic();
        let objects: BTreeMap<i64, Object> = (1..=60).map(|id| (id, draw(&mut runner, &object()))).collect();
        store(&db, &objects).await;
        let mut conn = db.read().await.unwrap();
        // How often an operator told rows apart, so that agreeing on nothing does not count.
        let mut apart: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        let filters = prop_oneof![3 => vec(rule(), 1..=1), 1 => vec(rule(), 0..4)];
        for _ in 0..1500 {
            let rules = draw(&mut runner, &filters);
            let meant: Vec<i64> =
                objects.iter().filter(|(_, object)| matches(&rules, *object)).map(|(id, _)| *id).collect();
            assert_eq!(selected(&mut conn, &rules).await, meant, "{rules:?}");
            if let ([rule], false) = (rules.as_slice(), meant.is_empty() || meant.len() == objects.len()) {
                *apart.entry((rule.kind.name(), rule.operator.name())).or_default() += 1;
            }
        }
        for kind in RuleType::ALL {
            for operator in kind.operators() {
                let times = apart.get(&(kind.name(), operator.name())).copied().unwrap_or_default();
                assert!(times >= 5, "{} {} told rows apart {times} times", kind.name(), operator.name());
            }
        }
        assert_eq!(apart.len(), RuleType::ALL.iter().map(|kind| kind.operators().len()).sum::<usize>(), "{apart:?}");
    }

    async fn the_largest_filters_are_still_statements(flavor) {
        let Some((_database, db)) = database(flavor).await else { return };
        let mut runner = TestRunner::deterministic();
        let objects = BTreeMap::from([(1, draw(&mut runner, &object())), (2, draw(&mut runner, &object()))]);
        store(&db, &objects).await;
        let mut conn = db.read().await.unwrap();
        let values: Vec<String> = (0..VALUES_MAX).map(|n| format!("{n:-<256}")).collect();
        for (kind, key) in [(RuleType::Label, "env"), (RuleType::Attribute, "display_name")] {
            for operator in kind.operators().iter().copied() {
                let rule = |values: &[String]| {
                    let values = if operator.takes_values() { values.to_vec() } else { Vec::new() };
                    Rule { key: key.to_owned(), values, operator, kind }
                };
                let one = vec![rule(&values)];
                let many: Vec<Rule> = values.chunks(VALUES_MAX / RULES_MAX).map(rule).collect();
                assert_eq!((many.len(), one[0].values.len() % VALUES_MAX), (RULES_MAX, 0));
                for rules in [one, many] {
                    let meant: Vec<i64> =
                        objects.iter().filter(|(_, object)| matches(&rules, *object)).map(|(id, _)| *id).collect();
                    assert_eq!(selected(&mut conn, &rules).await, meant, "{operator:?}");
                }
            }
        }
    }
}
