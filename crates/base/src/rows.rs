//! Lists as rows of files (EX-1): what every service does alike that lets customers write its lists.
use chrono::{DateTime, Utc};
use prost_types::Timestamp;
use proto::base::v1::{self as pb, cell::Value};

use crate::{
    actor::Actor,
    clock::datetime,
    denied::Denied,
    failure::Violation,
    ids::{RealmId, StoreId},
    page::{Cursor, Page},
};

/// The service that writes the files.
const WRITER: &str = "customers";
/// Most rows at once.
const MOST: u32 = 1_000;

/// A column of rows that are made of `T`: its name, and what stands in it.
#[derive(Debug)]
pub struct Column<T> {
    /// Its name, as in the API.
    pub name: &'static str,
    /// What stands in it for one of them, masked already where it has to be.
    pub cell: fn(&T) -> pb::Cell,
}

/// The columns of these names, or the `usual` ones without any.
pub fn columns<T>(
    all: &'static [Column<T>],
    usual: &[&str],
    names: &[String],
) -> Result<Vec<&'static Column<T>>, Violation> {
    let find = |name: &str| all.iter().find(|column| column.name == name);
    if names.is_empty() {
        return Ok(usual.iter().filter_map(|name| find(name)).collect());
    }
    let unknown = || Violation::new("/columns", "unknown_value", "there is no such column");
    let found: Vec<_> = names.iter().map(|name| find(name).ok_or_else(unknown)).collect::<Result<_, _>>()?;
    let mut distinct: Vec<_> = names.iter().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() == names.len() {
        Ok(found)
    } else {
        Err(Violation::new("/columns", "duplicate", "name each column once"))
    }
}

/// Whose rows, as far as whoever asked for them works there, and how they see them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Desk {
    /// Customer base.
    pub realm: RealmId,
    /// Store; none for a whole network.
    pub store: Option<StoreId>,
    /// Whether they see personal fields (ID-23).
    pub pii: bool,
    /// The moment that states are judged at.
    pub at: DateTime<Utc>,
}

impl Desk {
    /// Where `actor` works, who is staff.
    pub fn of(actor: &Actor, now: DateTime<Utc>) -> Result<Self, Denied> {
        if !actor.is_staff() {
            return Err(Denied::WrongCaller);
        }
        Ok(Self { realm: actor.realm()?, store: actor.store, pii: actor.sees_pii(), at: now })
    }

    /// Where whoever asked for a file works, as the service tells that writes it; no other is believed.
    pub fn told(actor: &Actor, request: &pb::ListRowsRequest) -> Result<Self, Denied> {
        if !actor.is_system() || actor.subject != WRITER {
            return Err(Denied::WrongCaller);
        }
        let store = Some(&*request.store).filter(|store| !store.is_empty());
        Ok(Self {
            realm: request.realm.parse().map_err(|_| Denied::WrongCaller)?,
            store: store.map(str::parse).transpose().map_err(|_| Denied::WrongCaller)?,
            pii: request.pii,
            at: request.at.as_ref().and_then(datetime).ok_or(Denied::WrongCaller)?,
        })
    }
}

/// The page of a list that `request` asks for, of `most` rows at the utmost.
pub fn page(request: &pb::ListRowsRequest, most: u32) -> Result<Page, Violation> {
    let limit = request.limit.clamp(1, most.min(MOST));
    if request.after.is_empty() {
        return Ok(Page { limit, cursor: None, total: true });
    }
    let bad = |_| Violation::new("/after", "bad_cursor", "this cursor is not of this list");
    let key = serde_json::from_str(&request.after).map_err(bad)?;
    Ok(Page { limit, cursor: Some(Cursor { forward: true, key }), total: false })
}

/// Cuts the row too many of a page that was read forward, and tells where the next one goes on; empty at the end.
pub fn cut<T>(page: &Page, rows: &mut Vec<T>, key: impl Fn(&T) -> Vec<String>) -> String {
    let has_more = rows.len() > page.limit as usize;
    rows.truncate(page.limit as usize);
    let last = rows.last().filter(|_| has_more);
    last.map(|row| serde_json::to_string(&key(row)).unwrap_or_default()).unwrap_or_default()
}

/// `things` in these columns.
#[must_use]
pub fn rows<T>(columns: &[&Column<T>], things: impl IntoIterator<Item = T>) -> Vec<pb::Row> {
    let row = |thing: T| pb::Row { cells: columns.iter().map(|column| (column.cell)(&thing)).collect() };
    things.into_iter().map(row).collect()
}

/// A text, or nothing without any.
#[must_use]
pub fn text(text: impl Into<String>) -> pb::Cell {
    let text = text.into();
    pb::Cell { value: (!text.is_empty()).then_some(Value::Text(text)) }
}

/// A whole number.
#[must_use]
pub fn number(number: impl Into<i64>) -> pb::Cell {
    pb::Cell { value: Some(Value::Number(number.into())) }
}

/// An amount, if there is one.
#[must_use]
pub fn amount(amount: Option<&pb::Money>) -> pb::Cell {
    pb::Cell { value: amount.cloned().map(Value::Amount) }
}

/// What an amount is of, by its code.
#[must_use]
pub fn currency(amount: Option<&pb::Money>) -> pb::Cell {
    text(amount.map(|amount| &*amount.currency).unwrap_or_default())
}

/// A moment, if it has come.
#[must_use]
pub fn moment(at: Option<Timestamp>) -> pb::Cell {
    pb::Cell { value: at.map(Value::At) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{actor::Kind, assertion::Claims, permission::Permission};

    static LETTERS: &[Column<&str>] = &[
        Column { name: "first", cell: |word| text(&word[..1]) },
        Column { name: "length", cell: |word| number(i64::try_from(word.len()).unwrap_or_default()) },
    ];

    fn names(names: &[&str]) -> Result<Vec<&'static str>, String> {
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        let found = columns(LETTERS, &["first"], &names);
        found.map(|found| found.iter().map(|column| column.name).collect()).map_err(|fault| fault.code.into_owned())
    }

    /// EX-1: columns come in the order they are named in, each once; the usual ones without any.
    #[test]
    fn columns_are_known_by_their_names() {
        assert_eq!((names(&[]), names(&["length", "first"])), (Ok(vec!["first"]), Ok(vec!["length", "first"])));
        assert_eq!(
            (names(&["last"]), names(&["first", "first"])),
            (Err("unknown_value".into()), Err("duplicate".into()))
        );
        let columns = columns(LETTERS, &["length"], &[]).expect("columns");
        assert_eq!(rows(&columns, ["abc"]), [pb::Row { cells: vec![number(3)] }]);
    }

    /// EX-1: pages go on where the one before ended, and the last one says so.
    #[test]
    fn pages_follow_each_other() -> Result<(), Violation> {
        let ask =
            |after: &str| pb::ListRowsRequest { limit: 2, after: after.to_owned(), ..pb::ListRowsRequest::default() };
        let key = |row: &i32| vec![row.to_string()];
        let (first, mut found) = (page(&ask(""), 100)?, vec![3, 2, 1]);
        let next = cut(&first, &mut found, key);
        assert_eq!((found, first.total), (vec![3, 2], true));
        let (second, mut found) = (page(&ask(&next), 100)?, vec![1]);
        assert_eq!(second.cursor, Some(Cursor { forward: true, key: vec!["2".into()] }));
        assert_eq!((cut(&second, &mut found, key).as_str(), page(&ask(""), 1)?.limit), ("", 1));
        assert!(page(&ask("elsewhere"), 100).is_err());
        Ok(())
    }

    /// EX-1: rows leave for whoever writes the files only, whatever else somebody may do.
    #[test]
    fn nobody_else_is_believed() {
        let actor = |kind, subject: &str| -> Actor {
            let claims = Claims::new(kind, subject, DateTime::UNIX_EPOCH);
            let perms = Permission::ALL.iter().copied().collect();
            Claims { perms, ..claims }.try_into().expect("it is well formed")
        };
        let realm = RealmId::new(DateTime::UNIX_EPOCH);
        let request = pb::ListRowsRequest {
            realm: realm.into(),
            at: Some(Timestamp::default()),
            ..pb::ListRowsRequest::default()
        };
        let told = Desk { realm, store: None, pii: false, at: DateTime::UNIX_EPOCH };
        assert_eq!(Desk::told(&actor(Kind::System, "customers"), &request), Ok(told));
        for other in [actor(Kind::System, "gateway"), actor(Kind::Staff, "customers"), actor(Kind::Anonymous, "")] {
            assert_eq!(Desk::told(&other, &request), Err(Denied::WrongCaller));
        }
        let nowhere = pb::ListRowsRequest { realm: String::new(), ..request };
        assert_eq!(Desk::told(&actor(Kind::System, "customers"), &nowhere), Err(Denied::WrongCaller));
        assert_eq!(Desk::of(&actor(Kind::Customer, "cus_1"), DateTime::UNIX_EPOCH), Err(Denied::WrongCaller));
    }
}
