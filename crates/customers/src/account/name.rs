//! What is strange about a name. People are called many things: what only one language finds odd is odd to nobody here.
use unicode_normalization::UnicodeNormalization;

/// Endings of addresses that advertise themselves.
const ENDINGS: &[&str] = &[
    "biz", "cc", "click", "club", "com", "info", "io", "link", "live", "net", "online", "org", "ru", "shop", "site",
    "store", "tk", "top", "vip", "website", "xyz",
];
/// What advertisements promise.
const PROMISES: &[&str] = &[
    "bitcoin",
    "call now",
    "casino",
    "click here",
    "crypto",
    "earn money",
    "escort",
    "forex",
    "free money",
    "loan offer",
    "make money",
    "onlyfans",
    "seo service",
    "telegram",
    "viagra",
    "whatsapp",
    "xxx ",
];
/// Letters that lie beside each other on a keyboard, and in no name.
const KEYS: &[&str] = &[
    "qwer", "asdf", "sdfg", "dfgh", "fghj", "ghjk", "hjkl", "zxcv", "xcvb", "cvbn", "vbnm", "tyui", "yuio", "uiop",
    "lkjh", "kjhg", "jhgf", "hgfd", "fdsa", "rewq", "mnbv", "vcxz", "poiu", "qwertz", "yxcv",
];
/// What several letters write that is one sound.
const SOUNDS: &[&str] = &[
    "tsch", "szcz", "shch", "sch", "dzh", "sz", "cz", "rz", "dz", "sh", "ch", "th", "ph", "gh", "kh", "zh", "ck", "ng",
    "tz", "ts", "st",
];
/// Pairs of letters that no language puts into names.
const IMPLAUSIBLE: &[&str] = &[
    "bq", "bx", "cj", "cv", "cx", "dq", "dx", "fq", "fv", "fx", "fz", "gq", "gx", "hq", "hx", "jf", "jq", "jx", "kq",
    "kx", "lq", "mq", "mx", "pq", "pv", "px", "qb", "qc", "qd", "qf", "qg", "qh", "qj", "qk", "ql", "qm", "qn", "qp",
    "qr", "qs", "qt", "qv", "qw", "qx", "qz", "tq", "vf", "vj", "vq", "vx", "wq", "wx", "xg", "xj", "xk", "xq", "xr",
    "xv", "xz", "yq", "zf", "zq", "zx",
];
/// Most consonants in a row, sounds counted once.
const CONSONANTS: usize = 5;

/// Whether there is an address of the web in it.
#[must_use]
pub fn has_url(name: &str) -> bool {
    let name = name.to_lowercase();
    let is_host = |word: &str| {
        let host = word.split('/').next().unwrap_or_default();
        let (start, ending) = host.rsplit_once('.').unwrap_or_default();
        start.chars().filter(|c| c.is_alphanumeric()).count() > 1
            && (ENDINGS.contains(&ending) || (word.contains('/') && ending.len() >= 2))
    };
    name.contains("://") || name.contains("www.") || name.split_whitespace().any(is_host)
}

/// Whether there is an e-mail address or a telephone number in it.
#[must_use]
pub fn has_contact(name: &str) -> bool {
    let is_handle = |word: &str| word.split_once('@').is_some_and(|(_, host)| !host.is_empty());
    name.split_whitespace().any(is_handle) || name.chars().filter(char::is_ascii_digit).count() >= 7
}

/// Whether it promises something.
#[must_use]
pub fn is_advert(name: &str) -> bool {
    let name = name.to_lowercase() + " ";
    name.contains("$$") || PROMISES.iter().any(|promise| name.contains(promise))
}

/// Whether letters of one script stand in for those of another within a word.
#[must_use]
pub fn mixes_scripts(name: &str) -> bool {
    name.split(|c: char| !c.is_alphabetic()).any(|word| {
        let among = |first: u32, last: u32| word.chars().any(|c| (first..=last).contains(&u32::from(c)));
        is_latin_in(word) && (among(0x0370, 0x03ff) || among(0x0400, 0x052f))
    })
}

/// Whether a word of it was typed without looking.
#[must_use]
pub fn is_gibberish(name: &str) -> bool {
    name.split(|c: char| !c.is_alphanumeric()).any(is_noise)
}

fn is_latin_in(word: &str) -> bool {
    word.chars().any(|c| c.is_ascii_alphabetic() || ('\u{c0}'..='\u{24f}').contains(&c))
}

fn is_noise(word: &str) -> bool {
    let changes =
        |differ: fn(char, char) -> bool| word.chars().zip(word.chars().skip(1)).filter(|(a, b)| differ(*a, *b)).count();
    if changes(|a, b| a.is_ascii_digit() && b.is_alphabetic() || a.is_alphabetic() && b.is_ascii_digit()) >= 4 {
        return true;
    }
    let plain = plain(word);
    if plain.len() < 4 || plain.chars().count() < word.chars().count() {
        return false; // short, or not written in Latin letters alone
    }
    changes(|a, b| a.is_lowercase() && b.is_uppercase()) >= 3
        || KEYS.iter().any(|keys| plain.contains(keys))
        || plain.as_bytes().windows(4).any(|four| four.iter().all(|letter| *letter == four[0]))
        || IMPLAUSIBLE.iter().map(|pair| plain.matches(pair).count()).sum::<usize>() >= 2
        || longest_run(&plain) > CONSONANTS
}

/// The letters of `word` without their marks, in small Latin letters; others are left out.
fn plain(word: &str) -> String {
    let letter = |c: char| match c {
        'ł' => 'l',
        'ø' | 'œ' => 'o',
        'đ' | 'ð' => 'd',
        'ß' => 's',
        'æ' | 'ə' => 'a',
        'ı' => 'i',
        'þ' => 't',
        'ħ' => 'h',
        _ => c,
    };
    word.to_lowercase().nfd().map(letter).filter(char::is_ascii_lowercase).collect()
}

/// The longest row of consonants, with sounds counted once. Where a vowel can be left unwritten, l and r carry the syllable.
fn longest_run(plain: &str) -> usize {
    let mut sounds = plain.to_owned();
    for sound in SOUNDS {
        sounds = sounds.replace(sound, "s");
    }
    let mut letters: Vec<char> = sounds.chars().collect();
    letters.dedup();
    let runs = letters.split(|letter| "aeiouyw".contains(*letter));
    runs.map(<[char]>::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEOPLE: &[&str] = &[
        "Nguyễn Thị Ánh",
        "Xkcd Łukasz",
        "山田太郎",
        "O'Neil-Smith III",
        "Grzegorz Brzęczyszczykiewicz",
        "Ng",
        "Wójcik",
        "Krzysztof Skrzypczyk",
        "Rødgrød Bjørnsson",
        "Ærøskøbing",
        "Hirschsprung",
        "Schtschepetnikow",
        "Štrbský",
        "Prvoslav Vujčić",
        "Smrt Krk",
        "Mkhwanazi Ndlovu",
        "Nkrumah",
        "Llwynywermwd",
        "Cwmtwrch",
        "Ngaio Whakatāne",
        "Etxeberria Agirre",
        "Vásquez",
        "Jacqueline Marquez",
        "Félix Marx",
        "Qasim al-Qahtani",
        "Xhaqa Shaqiri",
        "محمد علي",
        "Дмитрий Щербаков",
        "Αλέξανδρος Παπαδόπουλος",
        "תמר כהן",
        "ประยุทธ์ จันทร์โอชา",
        "김민수",
        "李小龙",
        "McDonald",
        "DeLaCruz",
        "Van der Meer",
        "José María Aznar López",
        "Knightsbridge",
        "Angstrom",
        "Wolffsohn",
        "Zdrnja",
        "Strmčnik",
        "Djordjević",
        "Øyvind",
        "Þórður Guðmundsson",
        "İbrahim Şehzade",
        "Özgür Yılmaz",
        "Wertheim Schwert",
        "J.R.R. Tolkien",
        "St.John Smythe",
        "Dr.med. Anna Müller",
        "Firma Meyer & Co.",
        "X Æ A-12",
        "Schwartzschild",
        "MacGillivray",
        "Hrvoje",
        "Vltava",
        "Tsvetkov",
        "Ivkovič",
        "Bajwa Majhi",
        "Rajguru",
        "Gjoka",
        "Anne-Marie 2nd",
    ];

    /// AD-2: nobody's name is strange for being of another language.
    #[test]
    fn names_of_people_are_names() {
        for name in PEOPLE {
            let found = (has_url(name), has_contact(name), is_advert(name), mixes_scripts(name), is_gibberish(name));
            assert_eq!(found, (false, false, false, false, false), "{name}");
        }
    }

    /// AD-2: what nobody is called.
    #[test]
    fn noise_is_gibberish() {
        for name in [
            "asdfgh",
            "Qwerty Uiop",
            "sdkjfhskdjf",
            "Fhwqkzjrtm Zxbvpq",
            "xKjdhWqTrZ",
            "HcQwRtYpLk",
            "aaaaaa",
            "x7k9q2w",
            "Mnbvcxz",
            "RoBeRtSmItH",
        ] {
            assert!(is_gibberish(name), "{name}");
        }
    }

    /// AD-2: a name that wants to be clicked, called or believed.
    #[test]
    fn adverts_are_found() {
        for name in
            ["http://x.example", "Visit www.shop.example", "best-pills.top", "Ada bit.ly/x2", "Win shop24.com now"]
        {
            assert!(has_url(name), "{name}");
        }
        for name in ["write me@spam.example", "Call +49 171 2345678", "@handle_of_me"] {
            assert!(has_contact(name), "{name}");
        }
        for name in ["FREE MONEY", "Anna Telegram", "Bitcoin Bob", "win $$$"] {
            assert!(is_advert(name), "{name}");
        }
        for name in ["Pаypal", "Αnna Smith"] {
            assert!(mixes_scripts(name), "{name}: looks Latin, and is not");
        }
    }
}
