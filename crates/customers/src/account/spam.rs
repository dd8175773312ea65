//! How much speaks for an account being spam: a pure function over what is known of it (AD-2). Each rule that holds adds its
//! weight; what is said of it names nobody. What is counted among neighbours is not enough, all of it together: a school or
//! a company registers in one hour, from one address, by numbers.
use serde::{Deserialize, Serialize};

use super::name;

/// The highest score.
pub const MOST: i32 = 100;
/// Accounts from one network within an hour that are more than a family …
const SOME: i64 = 10;
/// … and more than a school.
const MANY: i64 = 50;
/// Accounts whose e-mail addresses differ by their last digits only, within a day.
const SERIES: i64 = 5;

/// What is known of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// The name as entered.
    pub name: String,
    /// The canonical e-mail address.
    pub email: String,
    /// Accounts from the same network within an hour, this one included.
    pub neighbours: i64,
    /// Accounts of the same series of e-mail addresses within a day, this one included.
    pub series: i64,
    /// Whether an entry of a block list fits.
    pub blocked: bool,
}

/// What speaks for spam.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// A slug.
    pub code: String,
    /// What it adds.
    pub weight: i32,
    /// How many, where something was counted; else 0.
    pub count: i64,
}

/// A rule: its slug, its weight, and whether it holds: the count, 1 where nothing is counted.
type Rule = (&'static str, i32, fn(&Signs) -> Option<i64>);

/// All of them, the weightiest first.
const RULES: &[Rule] = &[
    ("blocked", 100, |signs| once(signs.blocked)),
    ("url_in_name", 70, |signs| once(name::has_url(&signs.name))),
    ("contact_in_name", 70, |signs| once(name::has_contact(&signs.name))),
    ("disposable_domain", 60, |signs| once(is_disposable(&signs.email))),
    ("advert_in_name", 50, |signs| once(name::is_advert(&signs.name))),
    ("mixed_scripts", 50, |signs| once(name::mixes_scripts(&signs.name))),
    ("gibberish_name", 40, |signs| once(name::is_gibberish(&signs.name))),
    ("burst", 30, |signs| (signs.neighbours >= MANY).then_some(signs.neighbours)),
    ("email_series", 15, |signs| (signs.series >= SERIES).then_some(signs.series)),
    ("small_burst", 15, |signs| (SOME..MANY).contains(&signs.neighbours).then_some(signs.neighbours)),
];

/// The score, 0 to 100, and what makes it.
#[must_use]
pub fn score(signs: &Signs) -> (i32, Vec<Reason>) {
    let held = RULES.iter().filter_map(|(code, weight, rule)| {
        let count = rule(signs)?;
        Some(Reason { code: (*code).to_owned(), weight: *weight, count })
    });
    let reasons: Vec<Reason> = held.collect();
    (reasons.iter().map(|reason| reason.weight).sum::<i32>().min(MOST), reasons)
}

/// Whether `code` is one of a rule.
#[must_use]
pub fn is_reason(code: &str) -> bool {
    RULES.iter().any(|(known, ..)| *known == code)
}

fn once(holds: bool) -> Option<i64> {
    holds.then_some(0)
}

/// Whether the domain of an address, or one above it, gives boxes away for minutes. Domains that are reserved for examples
/// have no boxes at all.
fn is_disposable(email: &str) -> bool {
    let Some((_, domain)) = email.rsplit_once('@') else { return false };
    let reserved = ["example.com", "example.net", "example.org"];
    let starts = std::iter::once(0).chain(domain.match_indices('.').map(|(dot, _)| dot + 1));
    let parts = || starts.clone().map(|start| &domain[start..]).filter(|part| part.contains('.'));
    !parts().any(|part| reserved.contains(&part)) && parts().any(disposable_emails::is_disposable_domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(name: &str, email: &str) -> Signs {
        Signs { name: name.to_owned(), email: email.to_owned(), ..Signs::default() }
    }

    fn codes(signs: &Signs) -> Vec<String> {
        score(signs).1.into_iter().map(|reason| reason.code).collect()
    }

    /// AD-2: each verdict says what made it; the score is the sum, at most 100.
    #[test]
    fn scores_are_explained() {
        let bot = Signs { neighbours: 60, series: 7, ..signs("Win at www.casino.top", "bot7@mailinator.com") };
        let (total, reasons) = score(&bot);
        assert_eq!(total, 100);
        let told: Vec<_> = reasons.iter().map(|it| (&*it.code, it.weight, it.count)).collect();
        assert_eq!(told[..2], [("url_in_name", 70, 0), ("disposable_domain", 60, 0)]);
        assert!(told.contains(&("burst", 30, 60)) && told.contains(&("email_series", 15, 7)), "{told:?}");
        assert_eq!(score(&Signs { blocked: true, ..signs("Ada Lovelace", "ada@example.org") }).0, 100);
    }

    /// AD-2: a mail box for ten minutes is known by its domain, whoever has the address under it.
    #[test]
    fn disposable_domains_are_known() {
        for email in ["x@mailinator.com", "x@sub.mailinator.com", "x@guerrillamail.com", "x@10minutemail.com"] {
            assert_eq!(codes(&signs("Ada Lovelace", email)), ["disposable_domain"], "{email}");
        }
        for email in ["x@gmail.com", "x@web.de", "x@example.com", "x@shop.example.org", "x@qq.com", "x@proton.me", ""] {
            assert!(codes(&signs("Ada Lovelace", email)).is_empty(), "{email}");
        }
    }

    /// AD-2, AD-3: people who share an address are not suspected for that alone, however many they are.
    #[test]
    fn neighbours_alone_are_no_spam() {
        let school = |neighbours| Signs { neighbours, ..signs("Ada Lovelace", "ada@example.org") };
        assert_eq!(score(&school(9)).0, 0);
        assert_eq!(codes(&school(10)), ["small_burst"]);
        assert_eq!(codes(&school(49)), ["small_burst"]);
        assert_eq!(codes(&school(50)), ["burst"]);
        assert!(score(&school(100_000)).0 < super::super::rules::LEAST, "no rule may suspect them");
        for (neighbours, series) in (0..=60).flat_map(|n| (0..=60).map(move |s| (n, s))) {
            let class = Signs { series, ..school(neighbours) };
            assert!(score(&class).0 < super::super::rules::LEAST, "{neighbours} of whom {series} are called alike");
        }
        assert_eq!(codes(&Signs { series: 4, ..school(0) }), Vec::<String>::new());
        assert_eq!(codes(&Signs { series: 5, ..school(0) }), ["email_series"]);
    }
}
