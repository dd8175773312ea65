//! The list: tables and their columns, and what each says of a person. Without I/O.
use kit::personal::{self, Personal};

/// A table.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Which of its rows are about a person: an SQL condition with the parameters of [`crate::Person`]. `None` where
    /// rows are about nobody, or are gone by themselves soon.
    pub whose: Option<&'static str>,
    /// Which of these rows an erasure deletes; in the others it leaves what the columns say. `None` deletes no row.
    pub deleted: Option<&'static str>,
    /// All of its columns.
    pub columns: &'static [Columns],
}

/// Columns that have something in common.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    /// Their names, with spaces between.
    names: &'static str,
    /// What they say.
    pub class: Class,
}

/// What a column says of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Nothing of who somebody is.
    Plain,
    /// The same, and it belongs in the person's own export.
    Told,
    /// Who somebody is: masked as these fields, and in their own export.
    Shown {
        /// Names in the API, with spaces between.
        fields: &'static str,
        /// What an erasure leaves in rows that stay, as SQL; empty where none of them stays.
        left: &'static str,
    },
    /// Who somebody is, but shown to nobody: a hash, a sealed value, or what follows from another column.
    Hidden {
        /// As above.
        left: &'static str,
    },
}

/// Columns that say nothing of who somebody is.
#[must_use]
pub const fn plain(names: &'static str) -> Columns {
    Columns { names, class: Class::Plain }
}

/// The same, told in the person's own export.
#[must_use]
pub const fn told(names: &'static str) -> Columns {
    Columns { names, class: Class::Told }
}

/// Columns that say who somebody is and are masked as `fields`; an erasure leaves `left` of them in rows that stay.
#[must_use]
pub const fn shown(names: &'static str, fields: &'static str, left: &'static str) -> Columns {
    Columns { names, class: Class::Shown { fields, left } }
}

/// Columns that say who somebody is and are shown to nobody.
#[must_use]
pub const fn hidden(names: &'static str, left: &'static str) -> Columns {
    Columns { names, class: Class::Hidden { left } }
}

/// A table that is about nobody.
#[must_use]
pub const fn nobody(name: &'static str, columns: &'static [Columns]) -> Table {
    Table { name, whose: None, deleted: None, columns }
}

impl Columns {
    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.names.split_whitespace()
    }

    /// What an erasure leaves of them in rows that stay.
    #[must_use]
    pub const fn left(&self) -> Option<&'static str> {
        match self.class {
            Class::Shown { left, .. } | Class::Hidden { left } => Some(left),
            Class::Plain | Class::Told => None,
        }
    }

    /// The fields they are masked as.
    pub fn fields(&self) -> impl Iterator<Item = &'static str> + use<> {
        match self.class {
            Class::Shown { fields, .. } => fields.split_whitespace(),
            _ => "".split_whitespace(),
        }
    }

    /// Whether they are in the person's own export.
    #[must_use]
    pub const fn is_exported(&self) -> bool {
        matches!(self.class, Class::Told | Class::Shown { .. })
    }
}

impl Table {
    /// Every column with what it says.
    pub fn each(&self) -> impl Iterator<Item = (&'static str, Columns)> + use<> {
        self.columns.iter().flat_map(|columns| columns.names().map(|name| (name, *columns)))
    }

    /// The columns of somebody's own export.
    pub fn exported(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.each().filter(|(_, columns)| columns.is_exported()).map(|(name, _)| name)
    }
}

/// What is wrong with a list by itself, in sentences; nothing, in a good one.
#[must_use]
pub fn faults(tables: &[Table]) -> Vec<String> {
    let mut faults = Vec::new();
    for table in tables {
        let mut names: Vec<_> = table.each().map(|(name, _)| name).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            faults.push(format!("{} has a column twice", table.name));
        }
        let all_go = table.deleted == Some("true");
        for (name, columns) in table.each() {
            let is_personal = columns.left().is_some();
            if table.whose.is_none() && columns.is_exported() {
                faults.push(format!("{}.{name} is somebody's, and nobody knows whose", table.name));
            }
            if table.whose.is_some() && is_personal && !all_go && columns.left() == Some("") {
                faults.push(format!("{}.{name} stays as it is when its person is erased", table.name));
            }
            for field in columns.fields().filter(|field| !personal::is_personal(field, true)) {
                faults.push(format!("{}.{name} is personal, and {field} is not masked", table.name));
            }
        }
    }
    faults
}

/// Fields of `M` that are masked and that no column of `tables` keeps.
#[must_use]
pub fn unkept<M: Personal>(tables: &[Table]) -> Vec<&'static str> {
    let kept = |name: &str| tables.iter().flat_map(Table::each).any(|(_, columns)| columns.fields().any(|f| f == name));
    M::FIELDS.iter().map(|field| field.name).filter(|name| !kept(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CU-15: a list says of every personal column what becomes of it, and masks what it calls personal.
    #[test]
    fn a_bad_list_is_told_of() {
        const KEPT: &[Columns] = &[plain("id"), shown("name", "name", ""), shown("size", "size", "''")];
        const TWICE: &[Columns] = &[plain("id id"), hidden("hash", "")];
        const TOWNS: Table = nobody("towns", const { &[told("name")] });
        let kept = Table { name: "people", whose: Some("true"), deleted: None, columns: KEPT };
        let expected =
            ["people.name stays as it is when its person is erased", "people.size is personal, and size is not masked"];
        assert_eq!(faults(&[kept]), expected);
        let gone = Table { deleted: Some("true"), columns: TWICE, ..kept };
        assert_eq!(faults(&[gone]), ["people has a column twice"]);
        assert_eq!(faults(&[TOWNS]), ["towns.name is somebody's, and nobody knows whose"]);
    }
}
