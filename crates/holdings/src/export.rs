//! Somebody's own data, as the list of a service says.
use kit::{Call, Db, Error, clock::Clock, failure::Violation};
use proto::base::v1::{GetPersonalDataRequest, PersonalData, PersonalTable};
use sqlx::{AssertSqlSafe, PgConnection, Row};
use tonic::{Request, Response, Status};

use crate::{Person, Table};

/// The rows about `person`, table by table, each a JSON object with the columns that are exported.
pub async fn export(db: &mut PgConnection, tables: &[Table], person: &Person) -> Result<Vec<PersonalTable>, Error> {
    let mut exported = Vec::new();
    for table in tables {
        let Some(sql) = selection(table) else { continue };
        let rows = person.bind(sqlx::query(AssertSqlSafe(sql))).fetch_all(&mut *db).await?;
        let rows = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>()?;
        exported.push(PersonalTable { name: table.name.to_owned(), rows });
    }
    Ok(exported)
}

/// Answers another service of the house with what is kept of a person.
pub async fn answer(
    (db, clock): (&Db, &Clock),
    tables: &[Table],
    request: Request<GetPersonalDataRequest>,
) -> Result<Response<PersonalData>, Status> {
    Call::of(&request)?.actor()?.require_system()?;
    let asked = request.into_inner();
    let malformed =
        |pointer| move |_| Error::from(Violation::new(pointer, "malformed", "this is not an id of that kind"));
    let realm = asked.realm.parse().map_err(malformed("/realm"))?;
    let customer = asked.customer.parse().map_err(malformed("/customer"))?;
    let person = Person { own: asked.own, ..Person::unknown(realm, customer, clock.now()) };
    let person = person.called(&asked.emails, &asked.phones, &[]);
    let mut connection = db.pool().acquire().await.map_err(Error::from)?;
    let tables = export(&mut connection, tables, &person).await?;
    connection.finish();
    Ok(Response::new(PersonalData { tables }))
}

fn selection(table: &Table) -> Option<String> {
    let whose = table.whose?;
    let members: Vec<_> = table.exported().map(|name| format!("'{name}', {name}")).collect();
    let members = members.join(", ");
    (!members.is_empty()).then(|| {
        format!(
            "select jsonb_build_object({members})::text from {} where {whose} order by {}",
            table.name,
            order(table)
        )
    })
}

/// As they came about, where the table says when.
fn order(table: &Table) -> &'static str {
    let times = ["created_at", "at", "registered_at", "placed_at"];
    let is_there = |time: &&&str| table.each().any(|(name, _)| name == **time);
    times.iter().find(is_there).copied().unwrap_or("1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{hidden, nobody, shown, told};

    #[test]
    fn what_is_hidden_is_not_exported() {
        const PEOPLE: &[crate::Columns] =
            &[told("created_at"), shown("email", "email", "null"), hidden("hash", "null")];
        let table = Table { name: "people", whose: Some("id = $2"), deleted: None, columns: PEOPLE };
        let expected = "select jsonb_build_object('created_at', created_at, 'email', email)::text from people \
                        where id = $2 order by created_at";
        assert_eq!(selection(&table).as_deref(), Some(expected));
        assert_eq!(selection(&nobody("towns", &[])), None);
    }
}
