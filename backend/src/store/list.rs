//! Lists of every kind, through one path: scope, filter, search, sort and page, all in SQL.

use binnacle_shared::Kind;
use binnacle_shared::field::{Field, Widget};
use binnacle_shared::list::{FieldFilter, ListParams, Page, TimeRange};
use binnacle_shared::registry::Family;
use binnacle_shared::time;
use sea_query::{Condition, Expr, ExprTrait, Func, LikeExpr, NullOrdering, Order, SelectStatement};

use super::{Conn, Result, Row, micros};

/// A kind whose rows the store can list and read.
pub trait Listed: Sized + Send {
    /// What says whose rows are seen.
    type Scope: Sync;
    const KIND: Kind;

    /// The rows in scope: nothing joined to them, and no columns yet.
    fn source(scope: &Self::Scope) -> SelectStatement;

    /// Joins what columns and fields are read from besides. It neither adds rows nor takes any
    /// away, so that what does not ask for those fields can do without.
    fn join(_rows: &mut SelectStatement) {}

    /// Adds the columns that [`Listed::decode`] reads.
    fn columns(select: &mut SelectStatement);

    /// What a field of the registry is in SQL. A field that lists can sort, search or filter by
    /// and that has no expression here fails the test below.
    fn field(name: &str) -> Option<FieldSql>;

    /// The fields that may have no value. Only these say in an order where nothing belongs: said
    /// of others it would keep the database from their indexes. The test below finds what is missing.
    const NULLABLE: &'static [&'static str] = &[];

    /// The row's number, which also decides the order of equals.
    fn id() -> Expr;

    fn decode(row: &Row) -> Result<Self>;

    /// Reads what other tables hold of these items, for all of them at once.
    fn complete(conn: &mut Conn, items: &mut [Self]) -> impl Future<Output = Result<()>> + Send;
}

/// A field in SQL, by the type of its values.
#[derive(Clone, Debug)]
pub enum FieldSql {
    Text(Expr),
    /// A text that is the same in whatever case.
    Folded(Expr),
    Integer(Expr),
    Real(Expr),
    Boolean(Expr),
    /// A time, stored as a number that may be null.
    Time(Expr),
    /// Not a column: the values are matched by a condition of their own.
    Values(fn(Vec<String>) -> Condition),
}

/// What the statement of a list is made from, whether its rows have a type of their own or not.
pub(super) struct Source<'a> {
    pub kind: Kind,
    /// The rows in scope, without columns.
    pub rows: SelectStatement,
    pub join: fn(&mut SelectStatement),
    pub field: FieldOf<'a>,
    pub nullable: fn(&str) -> bool,
    pub id: Expr,
    pub columns: fn(&mut SelectStatement, Kind),
}

/// The part of a list that was asked for, and the number of all that match.
pub async fn page<T: Listed>(
    conn: &mut Conn,
    scope: &T::Scope,
    params: &ListParams,
    also: Condition,
) -> Result<Page<T>> {
    let source = Source {
        kind: T::KIND,
        rows: T::source(scope),
        join: T::join,
        field: &T::field,
        nullable: |name| T::NULLABLE.contains(&name),
        id: T::id(),
        columns: |select, _| T::columns(select),
    };
    let Page { items, total } = rows(conn, source, params, also).await?;
    Ok(Page { items: decode(conn, &items).await?, total })
}

async fn decode<T: Listed>(conn: &mut Conn, rows: &[Row]) -> Result<Vec<T>> {
    let mut items = rows.iter().map(T::decode).collect::<Result<Vec<T>>>()?;
    T::complete(conn, &mut items).await?;
    Ok(items)
}

/// The same, as rows.
pub(super) async fn rows(
    conn: &mut Conn,
    source: Source<'_>,
    params: &ListParams,
    also: Condition,
) -> Result<Page<Row>> {
    let Source { kind, mut rows, join, field, nullable, id, columns } = source;
    rows.cond_where(also);
    for filter in &params.filters {
        rows.cond_where(filter_condition(field(filter.field), filter));
    }
    if let Some(words) = &params.search {
        rows.cond_where(search_condition(kind, field, words.split_whitespace()));
    }
    if let Some(text) = &params.substring {
        rows.cond_where(search_condition(kind, field, [text.as_str()]));
    }
    for range in &params.ranges {
        rows.cond_where(range_condition(field(range.field), range));
    }
    let mut count = rows.clone();
    join(&mut rows);
    // Neither database sees by itself that the joins change no count.
    if !params.chooses_nothing() {
        join(&mut count);
    }
    count.expr_as(Expr::cust("COUNT(*)"), "count");
    let total: i64 = conn.fetch_one(&count).await?.get("count")?;
    let total = total.unsigned_abs();
    if params.limit == 0 || params.offset >= total {
        return Ok(Page { items: Vec::new(), total });
    }
    columns(&mut rows, kind);
    order(&mut rows, kind, (field, nullable), id, params);
    rows.limit(params.limit.into()).offset(params.offset);
    Ok(Page { items: conn.fetch_all(&rows).await?, total })
}

/// All rows that match a condition, without paging; for the few that an operation touches.
pub async fn all<T: Listed>(conn: &mut Conn, scope: &T::Scope, also: Condition) -> Result<Vec<T>> {
    let mut rows = T::source(scope);
    T::join(&mut rows);
    T::columns(&mut rows);
    rows.cond_where(also);
    let nullable = |name: &str| T::NULLABLE.contains(&name);
    order(&mut rows, T::KIND, (&T::field, nullable), T::id(), &ListParams::default());
    let rows = conn.fetch_all(&rows).await?;
    decode(conn, &rows).await
}

/// One row, if it exists and is in scope.
pub async fn read<T: Listed>(conn: &mut Conn, scope: &T::Scope, id: i64) -> Result<Option<T>> {
    let mut rows = T::source(scope);
    T::join(&mut rows);
    rows.and_where(T::id().eq(id));
    T::columns(&mut rows);
    let Some(row) = conn.fetch_optional(&rows).await? else { return Ok(None) };
    let mut items = [T::decode(&row)?];
    T::complete(conn, &mut items).await?;
    let [item] = items;
    Ok(Some(item))
}

/// `word` as a pattern that finds it anywhere, in lower case.
pub fn contains(word: &str) -> LikeExpr {
    let mut pattern = String::with_capacity(word.len() + 2);
    pattern.push('%');
    for c in word.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    LikeExpr::new(pattern).escape('\\')
}

/// A text column that holds a word, whatever the case.
pub fn contains_word(column: Expr, word: &str) -> Expr {
    Expr::from(Func::lower(column)).like(contains(word))
}

type FieldOf<'a> = &'a (dyn Fn(&str) -> Option<FieldSql> + Sync);

/// Each of the words has to be in one of the searched fields.
fn search_condition<'a>(kind: Kind, field: FieldOf<'_>, words: impl IntoIterator<Item = &'a str>) -> Condition {
    let searchable: Vec<Expr> = fields(kind, |f| f.list.searchable)
        .filter_map(|searched| match field(searched.name)? {
            FieldSql::Text(column) | FieldSql::Folded(column) => Some(column),
            _ => None,
        })
        .collect();
    words.into_iter().fold(Condition::all(), |all, word| {
        let any = searchable.iter().fold(Condition::any(), |any, column| any.add(contains_word(column.clone(), word)));
        all.add(any)
    })
}

fn nothing() -> Condition {
    Condition::all().add(Expr::val(1).eq(0))
}

fn filter_condition(field: Option<FieldSql>, filter: &FieldFilter) -> Condition {
    let values = &filter.values;
    let Some(field) = field else { return nothing() };
    if values.is_empty() {
        return match field {
            FieldSql::Text(column)
            | FieldSql::Folded(column)
            | FieldSql::Integer(column)
            | FieldSql::Real(column)
            | FieldSql::Boolean(column)
            | FieldSql::Time(column) => Condition::all().add(column.is_null()),
            FieldSql::Values(condition) => condition(Vec::new()),
        };
    }
    match field {
        FieldSql::Text(column) => Condition::all().add(column.is_in(values.clone())),
        FieldSql::Folded(column) => {
            let folded: Vec<String> = values.iter().map(|value| value.to_lowercase()).collect();
            // SQLite lowers ASCII alone: other letters are found at least as they were written.
            let exact = values.iter().any(|value| !value.is_ascii()).then(|| column.clone().is_in(values.clone()));
            Condition::any().add(Expr::from(Func::lower(column)).is_in(folded)).add_option(exact)
        }
        FieldSql::Integer(column) => {
            let numbers: Vec<i64> = values.iter().filter_map(|v| v.parse().ok()).collect();
            Condition::all().add(column.is_in(numbers))
        }
        FieldSql::Real(column) => {
            let numbers: Vec<f64> = values.iter().filter_map(|v| v.parse().ok()).collect();
            Condition::all().add(column.is_in(numbers))
        }
        FieldSql::Time(column) => {
            let times: Vec<i64> = values.iter().filter_map(|v| time::parse(v).ok()).map(micros).collect();
            Condition::all().add(column.is_in(times))
        }
        FieldSql::Boolean(column) => {
            let wanted: Vec<bool> = values.iter().filter_map(|v| v.to_ascii_lowercase().parse().ok()).collect();
            Condition::all().add(column.is_in(wanted))
        }
        FieldSql::Values(condition) => condition(values.clone()),
    }
}

fn range_condition(field: Option<FieldSql>, range: &TimeRange) -> Condition {
    let Some(FieldSql::Time(column)) = field else { return nothing() };
    let from = range.from.map(|from| column.clone().gte(micros(from)));
    let to = range.to.map(|to| column.lte(micros(to)));
    Condition::all().add_option(from).add_option(to)
}

fn order(
    rows: &mut SelectStatement,
    kind: Kind,
    (field, nullable): (FieldOf<'_>, fn(&str) -> bool),
    id: Expr,
    params: &ListParams,
) {
    let default;
    let sort = if params.sort.is_empty() {
        default = ListParams::parse(kind, [("sort", kind.info().default_sort)]);
        default.as_ref().map(|p| p.sort.as_slice()).unwrap_or_default()
    } else {
        &params.sort
    };
    let mut last = Order::Asc;
    for by in sort {
        last = if by.descending { Order::Desc } else { Order::Asc };
        let value = match field(by.field) {
            Some(FieldSql::Text(column) | FieldSql::Folded(column)) => Func::lower(column).into(),
            Some(
                FieldSql::Integer(column) | FieldSql::Boolean(column) | FieldSql::Time(column) | FieldSql::Real(column),
            ) => column,
            Some(FieldSql::Values(_)) | None => continue,
        };
        if nullable(by.field) {
            rows.order_by_expr_with_nulls(value, last.clone(), nulls(kind, by.descending));
        } else {
            rows.order_by_expr(value, last.clone());
        }
    }
    rows.order_by_expr(id, last);
}

/// Where rows go that have no value: left to themselves, the databases differ. Managers keep theirs
/// in PostgreSQL, where nothing is more than everything; elsewhere such rows are always last.
fn nulls(kind: Kind, descending: bool) -> NullOrdering {
    match kind.info().family {
        Family::Conductor { .. } if descending => NullOrdering::First,
        Family::Conductor { .. } | Family::Landscape => NullOrdering::Last,
    }
}

fn fields(kind: Kind, wanted: impl Fn(&Field) -> bool) -> impl Iterator<Item = &'static Field> {
    kind.info().fields.iter().filter(move |f| wanted(f))
}

/// Every field that the registry promises to sort, search or filter by must be in SQL.
pub fn missing_fields<T: Listed>() -> Vec<&'static str> {
    fields(T::KIND, |f| f.list.sortable || f.list.searchable || f.list.filterable)
        .filter(|f| {
            let sql = T::field(f.name);
            let fits = match &sql {
                None => false,
                Some(FieldSql::Text(_) | FieldSql::Folded(_)) => true,
                Some(FieldSql::Values(_)) => !f.list.sortable && !f.list.searchable,
                Some(FieldSql::Integer(_) | FieldSql::Boolean(_) | FieldSql::Real(_)) => !f.list.searchable,
                Some(FieldSql::Time(_)) => matches!(f.widget, Widget::Time) && !f.list.searchable,
            };
            !fits
        })
        .map(|f| f.name)
        .collect()
}

#[cfg(test)]
mod tests;
