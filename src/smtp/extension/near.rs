//! Words that are nearly a keyword. A keyword is compared whole (RFC 5321 §4.1.1.1): clients that compare beginnings
//! take `STARTTLSX` for STARTTLS.

/// Keywords that are known, upper case; a known word is never a near miss of another.
#[rustfmt::skip]
const KNOWN: &[&str] = &[
    "8BITMIME", "ATRN", "AUTH", "BINARYMIME", "BURL", "CHECKPOINT", "CHUNKING", "CONNEG", "CONPERM", "COREMAIL",
    "DELIVERBY", "DSN", "ENHANCEDSTATUSCODES", "ETRN", "EXPN", "FUTURERELEASE", "HELP", "ID", "LIMITS", "MAE-SMTP",
    "MT-PRIORITY", "MTRK", "NO-SOLICITING", "ONEX", "PIPECONNECT", "PIPELINING", "PRDR", "QUICKSTART", "REQUIRETLS",
    "RRVS", "SAML", "SEND", "SIZE", "SMTPUTF8", "SOML", "STARTTLS", "SUBMITTER", "TIME", "TURN", "UTF8SMTP", "VERB",
    "VERP", "VRFY", "WELLKNOWN", "X-ANONYMOUSTLS", "X-EXPS", "X-LINK2STATE", "XACK", "XCLIENT", "XCOURIEREXTENSIONS",
    "XEXCH50", "XEXDATA", "XFORWARD", "XLONGADDR", "XLOOP", "XOORG", "XORAR", "XPROXY", "XPROXYFROM", "XPROXYTO",
    "XRDST", "XSECURITY", "XSHADOW", "XSHADOWREQUEST", "XUSR", "XVERP",
];

/// Keywords that matter so much that a word around them or one letter off is worth a remark.
const WATCHED: &[&str] = &[
    "8BITMIME",
    "AUTH",
    "BINARYMIME",
    "CHUNKING",
    "ENHANCEDSTATUSCODES",
    "PIPELINING",
    "REQUIRETLS",
    "SIZE",
    "SMTPUTF8",
    "STARTTLS",
];

/// The keyword that `word`, upper case, looks like without being it.
pub fn near_miss(word: &str) -> Option<&'static str> {
    if KNOWN.contains(&word) {
        return None;
    }
    WATCHED.iter().copied().find(|known| around(word, known) || one_letter_off(word.as_bytes(), known.as_bytes()))
}

/// True if the word is the keyword with something before or behind it. Short keywords are parts of many words.
fn around(word: &str, known: &str) -> bool {
    known.len() >= 8 && (word.starts_with(known) || word.ends_with(known))
}

/// True if one letter was added, dropped, changed, or changed places with its neighbour.
fn one_letter_off(word: &[u8], known: &[u8]) -> bool {
    if known.len() < 5 || word.len().abs_diff(known.len()) > 1 {
        return false;
    }
    let head = word.iter().zip(known).take_while(|(one, two)| one == two).count();
    let (word, known) = (word.get(head..).unwrap_or_default(), known.get(head..).unwrap_or_default());
    match (word, known) {
        ([_, word @ ..], [_, known @ ..]) if word == known => true,
        ([_, word @ ..], known) if word == known => true,
        (word, [_, known @ ..]) if word == known => true,
        ([a, b, word @ ..], [c, d, known @ ..]) => a == d && b == c && word == known,
        _ => false,
    }
}
