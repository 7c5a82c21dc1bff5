//! Repairs of a line that is nearly right: offered by Tab, never made silently.
//!
//! Only what is plain to see is repaired: a mistyped verb, missing angle brackets, a missing name, an argument where
//! none belongs (RFC 5321 §4.1.1). What cannot be repaired is left as it is.

/// The verbs a mistyped one may have meant.
const VERBS: [&str; 14] = [
    "EHLO", "HELO", "LHLO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "QUIT", "VRFY", "EXPN", "HELP", "AUTH", "STARTTLS",
];

/// The line as it was probably meant; nothing if there is nothing to repair. `name` is how the client names itself.
pub fn repair(line: &str, name: &str) -> Option<String> {
    let trimmed = line.trim();
    let (word, rest) = trimmed
        .split_once([' ', ':', '\t'])
        .map_or((trimmed, ""), |(word, _)| (word, trimmed.get(word.len()..).unwrap_or_default()));
    let verb = meant(word)?;
    let argument = rest.trim();
    let repaired = match verb {
        "MAIL" => path("MAIL FROM:", argument, "FROM"),
        "RCPT" => path("RCPT TO:", argument, "TO"),
        "EHLO" | "HELO" | "LHLO" if argument.is_empty() => Some(format!("{verb} {name}")),
        "DATA" | "RSET" | "QUIT" | "STARTTLS" => Some(verb.to_owned()),
        _ if argument.is_empty() => Some(verb.to_owned()),
        _ => Some(format!("{verb} {argument}")),
    }?;
    (!repaired.eq_ignore_ascii_case(line)).then_some(repaired)
}

/// `MAIL you@you.test` and its like: the keyword, the colon and the brackets put in place.
fn path(head: &str, argument: &str, keyword: &str) -> Option<String> {
    let bare = match argument.get(..keyword.len()) {
        Some(start) if start.eq_ignore_ascii_case(keyword) => argument.get(keyword.len()..).unwrap_or_default(),
        _ => argument,
    };
    let bare = bare.trim_start().trim_start_matches(':').trim_start();
    if bare.is_empty() {
        return None;
    }
    let (address, parameters) = match (bare.find('<'), bare.rfind('>')) {
        // What stands before the bracket is a display name: it belongs into the header (RFC 5321 §4.1.1.2).
        (Some(begin), Some(end)) if begin < end => (bare.get(begin..=end)?, bare.get(end + 1..)?),
        _ => bare.split_at(bare.find(' ').unwrap_or(bare.len())),
    };
    let address = address.trim_start_matches('<').trim_end_matches('>');
    let parameters = parameters.trim();
    let blank = if parameters.is_empty() { "" } else { " " };
    Some(format!("{head}<{address}>{blank}{parameters}"))
}

/// The verb that a word is or, with one slip, may have been.
fn meant(word: &str) -> Option<&'static str> {
    let upper = word.to_ascii_uppercase();
    if let Some(verb) = VERBS.iter().find(|verb| **verb == upper) {
        return Some(verb);
    }
    let mut near = VERBS.iter().filter(|verb| one_slip(&upper, verb));
    let found = near.next()?;
    near.next().is_none().then_some(*found)
}

/// True if one insertion, deletion, replacement or swap of neighbours makes `typed` into `verb`.
fn one_slip(typed: &str, verb: &str) -> bool {
    let (typed, verb) = (typed.as_bytes(), verb.as_bytes());
    let same = typed.iter().zip(verb).take_while(|(left, right)| left == right).count();
    let (left, right) = (typed.get(same..).unwrap_or_default(), verb.get(same..).unwrap_or_default());
    match (left, right) {
        ([_, left @ ..], [_, right @ ..]) if left == right => true,
        ([_, left @ ..], right) if left == right => true,
        (left, [_, right @ ..]) if left == right => true,
        ([one, two, left @ ..], [first, second, right @ ..]) => one == second && two == first && left == right,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repaired(line: &str) -> Option<String> {
        repair(line, "laptop.you.test")
    }

    #[test]
    fn what_is_nearly_right_is_put_right() {
        for (line, right) in [
            ("ELHO me.test", "EHLO me.test"),
            ("ehlo", "EHLO laptop.you.test"),
            ("MAIL FROM: <a@b.test>", "MAIL FROM:<a@b.test>"),
            ("mail from a@b.test size=5", "MAIL FROM:<a@b.test> size=5"),
            ("MAIL a@b.test", "MAIL FROM:<a@b.test>"),
            ("MAIL FROM <>", "MAIL FROM:<>"),
            ("RCPT TO:a@b.test", "RCPT TO:<a@b.test>"),
            ("rcpt:<a@b.test>", "RCPT TO:<a@b.test>"),
            ("MAIL FROM:Ann Bee <a@b.test> SIZE=5", "MAIL FROM:<a@b.test> SIZE=5"),
            ("DATA now", "DATA"),
            ("QIUT", "QUIT"),
            ("STARTTL", "STARTTLS"),
            (" NOOP", "NOOP"),
        ] {
            assert_eq!(repaired(line).as_deref(), Some(right), "{line}");
        }
    }

    #[test]
    fn what_is_right_or_unknown_is_left_alone() {
        for line in ["EHLO me.test", "MAIL FROM:<a@b.test> SIZE=5", "quit", "XYZZY", "NOOP hello", "MAIL", ""] {
            assert_eq!(repaired(line), None, "{line}");
        }
    }

    #[test]
    fn a_repair_needs_no_repair() {
        for line in ["ELHO x", "MAIL FROM: <a@b.test>", "RCPT a@b.test", "DATA now"] {
            let right = repaired(line).unwrap();
            assert_eq!(repaired(&right), None, "{line} became {right}");
        }
    }
}
