//! Filter rules as SQL, in one place. They select the rows that `binnacle_shared::filter::matches`
//! says, on both databases.

use binnacle_shared::filter::{Attribute, Operator, Rule, RuleType};
use binnacle_shared::unicode::fold;
use sea_query::{BinOper, Condition, DynIden, Expr, ExprTrait, Func, LikeExpr, Query, SelectStatement};

/// Where the rows of a list have what rules ask for.
#[derive(Clone, Debug)]
pub struct FilterSource {
    /// What an attribute is in SQL; nothing for those that the rows do not have.
    pub attribute: fn(Attribute) -> Option<AttributeSql>,
    /// Their labels, if they carry any.
    pub labels: Option<LabelTable>,
}

/// An attribute in SQL. Null is what a row does not have.
#[derive(Clone, Debug)]
pub enum AttributeSql {
    /// Text that its own rules keep to ASCII, such as an id: the database folds it.
    Ascii(Expr),
    /// Any text, and what [`fold`] makes of it, stored beside it: databases know no or other cases.
    Text { text: Expr, folded: Expr },
    /// Whether the row's list has an entry. Never null.
    List(Expr),
}

/// A table of labels: one row for each value of each key of each object, none twice. It is read by
/// object, key and value, and by key and value, so it wants an index on each of these.
#[derive(Clone, Debug)]
pub struct LabelTable {
    pub table: DynIden,
    pub object: DynIden,
    pub key: DynIden,
    pub value: DynIden,
    /// What the rows of the list have in the place of `object`. Never null.
    pub row: Expr,
}

/// The rows that fit all rules. The caller adds whose rows they are.
pub fn condition(rules: &[Rule], source: &FilterSource) -> Condition {
    rules.iter().fold(Condition::all(), |all, rule| {
        all.add(match rule.kind {
            RuleType::Label => source.labels.as_ref().map_or_else(nothing, |labels| labels.fits(rule)),
            RuleType::Attribute => {
                let attribute = Attribute::of(&rule.key).and_then(source.attribute);
                attribute.map_or_else(nothing, |attribute| attribute.fits(rule))
            }
        })
    })
}

fn nothing() -> Expr {
    Expr::val(1).eq(0)
}

impl LabelTable {
    /// What is there is found first, and the rows by it: few rows carry a label. What is not there
    /// can only be looked for row by row.
    fn fits(&self, rule: &Rule) -> Expr {
        let key = || self.under(&rule.key);
        let values = || key().and_where(self.column(&self.value).is_in(&rule.values)).take();
        match rule.operator {
            Operator::AnyOf => self.among(values()),
            Operator::NotAnyOf => self.among(key()).and(self.has(values()).not()),
            Operator::IsNot => self.has(values()).not(),
            Operator::IsNull => self.has(key()).not(),
            Operator::IsNotNull => self.among(key()),
            Operator::Contains
            | Operator::NotContains
            | Operator::StartsWith
            | Operator::EndsWith
            | Operator::IsNotEmpty => nothing(),
        }
    }

    fn column(&self, column: &DynIden) -> Expr {
        Expr::col((self.table.clone(), column.clone()))
    }

    /// `FROM` the labels `WHERE` their key is that.
    fn under(&self, key: &str) -> SelectStatement {
        Query::select().from(self.table.clone()).and_where(self.column(&self.key).eq(key)).take()
    }

    fn among(&self, mut labels: SelectStatement) -> Expr {
        self.row.clone().in_subquery(labels.expr(self.column(&self.object)).take())
    }

    fn has(&self, mut labels: SelectStatement) -> Expr {
        let own = self.column(&self.object).eq(self.row.clone());
        Expr::exists(labels.expr(Expr::val(1)).and_where(own).take())
    }
}

impl AttributeSql {
    fn fits(self, rule: &Rule) -> Expr {
        let (text, folded) = match self {
            Self::List(filled) if rule.operator == Operator::IsNotEmpty => return filled,
            Self::List(_) => return nothing(),
            Self::Ascii(text) => (text.clone(), lower(text)),
            Self::Text { text, folded } => (text, folded),
        };
        let like = |before: &str, after: &str| {
            let mut any = rule.values.iter().map(|value| folded.clone().like(pattern(before, value, after)));
            let first = any.next().unwrap_or_else(nothing);
            any.fold(first, Expr::or)
        };
        match rule.operator {
            Operator::AnyOf => text.is_in(&rule.values),
            Operator::NotAnyOf => text.clone().is_not_null().and(text.is_not_in(&rule.values)),
            Operator::Contains => like("%", "%"),
            Operator::NotContains => text.is_not_null().and(like("%", "%").not()),
            Operator::StartsWith => like("", "%"),
            Operator::EndsWith => like("%", ""),
            Operator::IsNotEmpty => text.ne(""),
            Operator::IsNot | Operator::IsNull | Operator::IsNotNull => nothing(),
        }
    }
}

/// ASCII text in lower case, by nobody's language: in some an I is no i.
fn lower(text: Expr) -> Expr {
    Func::lower(text.binary(BinOper::Custom("COLLATE"), Expr::col("C"))).into()
}

/// A folded value in which every character stands for itself.
fn pattern(before: &str, value: &str, after: &str) -> LikeExpr {
    let mut pattern = String::with_capacity(before.len() + value.len() + after.len());
    pattern.push_str(before);
    for c in fold(value).chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push_str(after);
    LikeExpr::new(pattern).escape('\\')
}
