//! The kinds of events that come about while a script runs, each with its fields, for whoever asks about them.
//!
//! A check that names anything else can never hold; behind `not` it would always hold, and nobody would notice.

/// Fields of every kind.
pub const COMMON: [&str; 2] = ["by", "s"];

/// Each kind with its own fields.
pub const KINDS: [(&str, &[&str]); 26] = [
    ("dns", &["name", "type", "rcode", "answers", "ttl", "secure", "source", "ms"]),
    ("route", &["domain", "hops", "why", "findings"]),
    ("listen", &["ip", "port"]),
    ("open", &["host", "ip", "port", "mode", "client"]),
    ("openfail", &["host", "ip", "why", "say"]),
    ("close", &["clean", "how"]),
    ("greet", &["code", "host", "lines", "esmtp", "ms", "text"]),
    ("cmd", &["stage", "verb", "arg", "params", "raw", "bytes", "ending", "gap", "early", "tls"]),
    ("reply", &["stage", "to", "code", "class", "enh", "lines", "text", "ms", "multi", "tls"]),
    ("caps", &["list", "tls", "diff"]),
    ("tls", &["version", "suite", "group", "sni", "verify"]),
    ("tlsfail", &["alert"]),
    ("sasl", &["mech", "step", "fields"]),
    ("auth", &["mech", "ok"]),
    ("body", &["form", "bytes", "lines", "dots", "barelf", "barecr", "maxline", "eod", "headers", "blankline", "8bit"]),
    ("accept", &["server", "id", "from", "rcpts"]),
    ("deliver", &["server", "mailbox", "id", "from", "bytes"]),
    ("hop", &["server", "id", "to", "ip", "port", "tls", "said", "rcpts"]),
    ("defer", &["server", "id", "rcpt", "why", "next"]),
    ("bounce", &["server", "id", "rcpt", "status", "why", "to"]),
    ("drop", &["server", "id", "rcpt", "why"]),
    ("loop", &["server", "id", "received", "limit"]),
    ("policy", &["server", "check", "who", "result", "why"]),
    ("fault", &["host", "setting", "name", "on"]),
    ("problem", &["id", "confidence", "say"]),
    ("end", &["stage", "exit", "id", "say"]),
];

/// The fields of a kind; none if there is no such kind.
pub fn fields(kind: &str) -> Option<&'static [&'static str]> {
    KINDS.iter().find(|(word, _)| *word == kind).map(|(_, fields)| *fields)
}
