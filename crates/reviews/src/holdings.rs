//! What the service keeps of people: every column of every table (CU-15, ID-23).
use holdings::{Table, plain, shown, told};

/// All it keeps. Reviews are about what is sold, so an erasure leaves rating and text, but nobody's name: a text that
/// names its author goes, too.
pub const TABLES: &[Table] = &[
    Table {
        name: "reviews",
        whose: Some("realm_id = $1 and author_id = $2"),
        deleted: None,
        columns: &[
            plain("realm_id store_id subject_store_id author_id version"),
            told("id subject_kind subject_id rating created_at updated_at"),
            shown("author_name", "author_name", "'Anonymous'"),
            shown("content", "content", NAMELESS),
        ],
    },
    Table {
        name: "purchases",
        whose: Some("realm_id = $1 and customer_id = $2"),
        deleted: Some("true"),
        columns: &[plain("realm_id customer_id"), told("subject_kind subject_id")],
    },
];

/// The text, unless it names its author.
const NAMELESS: &str = "case when exists (
    select from unnest($7::text[] || $3::text[] || $4::text[]) as part (text) where strpos(lower(content), part.text) > 0)
  then '' else content end";

#[cfg(test)]
mod tests {
    use holdings::list::{faults, unkept};
    use proto::reviews::v1::Review;

    use super::*;

    /// CU-15, ID-23: what is masked is what is kept, exported and erased.
    #[test]
    fn the_list_is_whole() {
        assert_eq!(faults(TABLES), Vec::<String>::new());
        assert_eq!(unkept::<Review>(TABLES), Vec::<&str>::new());
    }
}
