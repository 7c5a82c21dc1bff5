//! Scripts as text: every form reads back, and what is none is told with its place.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// Reads a script of the file `letter.smtp`, beside which these files lie.
fn read_with(text: &str, files: &[(&str, &str)]) -> Result<Script, Trouble> {
    let files: BTreeMap<PathBuf, String> =
        files.iter().map(|(name, text)| (PathBuf::from(name), (*text).to_owned())).collect();
    let load = |path: &Path| files.get(path).map(|text| text.clone().into_bytes()).ok_or_else(|| "no such file".into());
    let mut variables = Variables::default();
    variables.set("to", "pat@harbor.test");
    read("mail/letter.smtp", text.as_bytes(), &Ground { variables: &variables, load: &load })
}

fn steps(text: &str) -> Vec<Step> {
    let script = read_with(text, &[]).unwrap_or_else(|trouble| panic!("{text}: {trouble:?}"));
    script.steps.into_iter().map(|placed| placed.step).collect()
}

#[test]
fn every_form_is_printed_as_it_is_read() {
    for line in [
        "connect mx1.harbor.test:25",
        "connect tls://[::1]:465 tls=implicit",
        "connect {to} tls=require",
        "> EHLO laptop.you.test",
        "> RCPT TO:<{to}>  with two blanks at its end  ",
        "> # no comment",
        "> ",
        ">> \"NOOP\\r\\nNOOP\\n\\x00\\xff\\\"\"",
        "pipeline\n> NOOP\n> RSET\nend",
        "< 250",
        "< 250|251|2xx 2.1.x /sender/i /a\\/b{{1,2}/",
        "< /only text/",
        "<< close",
        "<< silence 1500ms",
        "read until /^250 /",
        "tls",
        "tls verify=off sni=none name=mx.bank.test expect-fail /expired/",
        "auth SCRAM-SHA-256 mina",
        "auth EXTERNAL",
        "data \"Subject: x\\r\\n\\r\\n.\\r\\n\"",
        "data raw \"a\\n\"",
        "bdat \"abc\" chunk=2",
        "sleep 2s",
        "clock +300s",
        "clock next",
        "set id = /queued as (\\S+)/",
    ] {
        let read = steps(line);
        let printed: Vec<_> = read.iter().map(Step::to_string).collect();
        assert_eq!(printed, [line], "{read:?}");
    }
}

#[test]
fn every_form_of_a_server_is_printed_as_it_is_read() {
    for line in [
        "> 220 mx.example.test # all of it is sent",
        ">> \"250-one\\n250 two\\r\"",
        "pipeline\n> 250-one\n> 250 two\nend",
        "< EHLO",
        "< MAIL FROM:<{to}> SIZE=12",
        "< /^MAIL FROM:<(.*)>/i /SIZE/",
        "<< 1024 octets",
        "<< close",
        "<< silence 2s",
        "read letter",
        "read letter into note /^Subject: / /x/i",
        "read until /^QUIT/",
        "tls certificate=good",
        "tls certificate=wrong-name name=mx.harbor.test expect-fail /alert/",
        "close",
        "half-close",
        "reset",
        "sleep 2s",
        "set size = /SIZE=(\\d+)/",
        "assert cmd[verb=EHLO]",
    ] {
        let read = steps(&format!("listen\n{line}"));
        let printed: Vec<_> = read.iter().map(Step::to_string).collect();
        assert_eq!(printed, ["listen", line], "{read:?}");
    }
    for line in ["listen 127.0.0.1:2525 tls=expired name=mx.test times=3", "listen unix:/tmp/a=b", "listen {to}"] {
        assert_eq!(steps(line).remove(0).to_string(), line);
    }
    assert_eq!(steps("listen # here\n< NOOP   # told\n")[1].to_string(), "< NOOP");
    assert_eq!(steps("listen\nread letter into note\nset x = /y/ of note\n")[2].to_string(), "set x = /y/ of note");
}

#[test]
fn what_is_no_step_of_a_server_is_told_too() {
    for (line, what) in [
        ("auth PLAIN mina", "expected a step of a server; got 'auth'"),
        ("connect mx1.harbor.test", "expected a step of a server; got 'connect'"),
        ("rest", "expected a step of a server; got 'rest'. Did you mean 'reset'?"),
        ("listen", "expected a step of a server; got 'listen'"),
        ("<", "expected what the line of the client begins with, or /pattern/; got nothing"),
        ("< /a/ b", "expected nothing more; got 'b'"),
        ("<< 0 octets", "expected a number of octets up to 10485760; got '0 octets'"),
        ("<< open", "expected close, silence and a time, or a number and octets; got 'open'"),
        ("read words", "expected letter, or until /pattern/; got 'words'"),
        ("read letter into Note", "expected the name of a letter in small letters; got 'Note'"),
        ("tls certificate=best", "expected a certificate: good, none, expired, "),
        ("tls name=mx.example.org", "expected a host under .test behind name=; got 'mx.example.org'"),
        ("tls verify=off", "expected certificate=CERTIFICATE, name=HOST or expect-fail; got 'verify=off'"),
        ("close now", "expected nothing more; got 'now'"),
        ("set x = /y/ of note", "no letter is kept as note here"),
    ] {
        let trouble = read_with(&format!("listen\n{line}"), &[]).expect_err(line);
        assert!(trouble.what.starts_with(what), "{line}: {}", trouble.what);
        assert_eq!(trouble.place.line, 2, "{line}");
    }
    for (line, what) in [
        ("listen times=0", "expected times= and a number up to 1000; got 'times=0'"),
        ("listen 25 26", "expected tls=CERTIFICATE, name=HOST or times=NUMBER; got '26'"),
        ("listen name=mx.test", "expected name= only where tls= says what is shown; got 'name='"),
    ] {
        assert_eq!(read_with(line, &[]).expect_err(line).what, what);
    }
    let trouble = read_with("connect a.test\nlisten\n", &[]).expect_err("too late");
    assert_eq!(trouble.what, "expected listen as the first step of a script, or not at all; got 'listen'");
    assert!(read_with("connect a.test\nreset\n", &[]).expect_err("a server's").what.starts_with("expected a step;"));
}

#[test]
fn comments_and_empty_lines_are_no_steps_but_behind_a_sign_everything_is_sent() {
    let script = "# a script\n\n  connect mx1.harbor.test # the first\r\n> NOOP # sent too\n< 250 # told\n";
    let lines: Vec<_> = steps(script).iter().map(Step::to_string).collect();
    assert_eq!(lines, ["connect mx1.harbor.test", "> NOOP # sent too", "< 250"]);
}

#[test]
fn a_script_that_is_set_in_has_its_letters_set_in_as_far() {
    let [Step::Data { letter, .. }] = &steps("  data <<.\n  a\n    b\n\nc\n  .\n")[..] else { panic!("a letter") };
    assert_eq!(letter.fill(&Variables::default()).expect("no values"), b"a\r\n  b\r\n\r\nc\r\n");
}

#[test]
fn a_script_without_a_step_is_none() {
    for script in ["", "# nothing\n\n"] {
        assert_eq!(read_with(script, &[]).expect_err(script).what, "expected a step; there is none in this script");
    }
}

#[test]
fn a_here_document_ends_at_its_word_alone() {
    let step = |text: &str| steps(text).remove(0).to_string();
    assert_eq!(step("data <<.\nSubject: {to}\n\n.x\n # y\n.\n"), r#"data "Subject: {to}\r\n\r\n.x\r\n # y\r\n""#);
    assert_eq!(step("bdat <<END chunk=3\n.\nEND\n"), r#"bdat ".\r\n" chunk=3"#);
    let trouble = read_with("connect a.test\ndata <<.\nSubject: x\n", &[]).expect_err("no end");
    assert_eq!(trouble.place.to_string(), "mail/letter.smtp:2");
    assert_eq!(trouble.what, "expected a line '.' that ends this letter; got 'the end of the file'");
}

#[test]
fn what_is_no_step_is_told_with_its_place_what_was_expected_and_what_came() {
    for (line, what) in [
        ("conect mx1.harbor.test", "expected a step; got 'conect'. Did you mean 'connect'?"),
        ("frobnicate", "expected a step; got 'frobnicate'"),
        ("connect", "expected a target, as mx1.harbor.test:25; got nothing"),
        ("connect a.test tls=maybe", "expected tls=plain, require, prefer, never or implicit; got 'tls=maybe'"),
        ("connect a.test tls=plain more", "expected nothing more; got 'more'"),
        ("< 25", "expected a code as 250, 2xx or 250|251, then perhaps 5.1.1, then perhaps /pattern/; got '25'"),
        ("< 250 /open", "expected a slash that ends the pattern; got '/open'"),
        ("<< open", "expected close, or silence and a time; got 'open'"),
        ("<< silence", "expected a time as 500ms, 2s, 5m, 1h or 5d; got nothing"),
        (">> NOOP", "expected octets between quotes, as >> \"NOOP\\r\\n\"; got 'NOOP'"),
        (">> \"a\\q\"", "expected an escape of C: \\r \\n \\t \\0 \\\\ \\\" \\xff; got '\\q'"),
        (">> \"a", "expected a quote that ends the octets; got '\"a'"),
        ("read /x/", "expected until /pattern/; got '/x/'"),
        ("auth FROB mina", "expected a mechanism: "),
        ("auth PLAIN", "expected a user behind the mechanism; got nothing"),
        ("data", "expected a letter: <<. and its lines, \"octets\", or a file; got nothing"),
        ("bdat \"a\" chunk=0", "expected chunk= and a number of octets; got 'chunk=0'"),
        ("sleep 2", "expected a time as 500ms, 2s, 5m, 1h or 5d; got '2'"),
        ("clock 5m", "expected a time as +5m, or next; got '5m'"),
        ("set Id = /x/", "expected a name in small letters, as set id = /queued as (\\S+)/; got 'Id'"),
        ("set id /x/", "expected = behind the name; got '/x/'"),
        ("pipeline", "expected 'end' behind the lines of this pipeline; got 'the end of the file'"),
        ("pipeline\nend", "expected at least one line in a pipeline; got nothing"),
        ("include", "expected a file behind include; got nothing"),
    ] {
        let trouble = read_with(&format!("# first\n{line}"), &[]).expect_err(line);
        assert!(trouble.what.starts_with(what), "{line}: {}", trouble.what);
        assert_eq!((trouble.id, trouble.place.line), ("script/syntax", 2), "{line}");
        assert!(!trouble.next.is_empty(), "{line}");
    }
    let trouble = read_with("connect a.test\npipeline\n> NOOP\n< 250\nend", &[]).expect_err("no line");
    assert_eq!(trouble.place.line, 4, "the line itself is named, not the group");
}

#[test]
fn a_script_is_text() {
    for (text, what) in [
        (&b"connect a.test\n> \xff\n"[..], "expected text in UTF-8; got other octets"),
        (b"connect a.test\n> a\0\n", "expected text; got the control character U+0000"),
        (b"connect a.test\n> MAIL\rRCPT\n", "expected text; got the control character U+000D"),
    ] {
        let ground = Ground { variables: &Variables::default(), load: &|_| Err("none".into()) };
        let trouble = read("x.smtp", text, &ground).expect_err(what);
        assert_eq!((trouble.what.as_str(), trouble.place.to_string().as_str()), (what, "x.smtp:2"));
    }
}

#[test]
fn a_variable_has_a_value_before_it_is_used() {
    assert_eq!(steps("connect a.test\nset id = /x/\n> NOOP {id} {to} {{id}").len(), 3);
    let trouble = read_with("connect a.test\n> NOOP {id}\nset id = /x/\n", &[]).expect_err("too early");
    assert_eq!((trouble.id, trouble.place.line), ("script/variable", 2));
    let trouble = read_with("set queue = /x/\n> NOOP {qeue}", &[]).expect_err("a slip");
    assert_eq!(trouble.what, "the variable {qeue} has no value here. Did you mean {queue}?");
}

#[test]
fn o294_a_pattern_that_costs_too_much_is_refused_before_anything_is_sent() {
    assert_eq!(steps("connect a.test\n< 250 /(a+)+$/").len(), 2);
    for pattern in ["((((a{{99}){{99}){{99}){{99})", "(a"] {
        let trouble = read_with(&format!("connect a.test\n< 250 /{pattern}/"), &[]).expect_err(pattern);
        assert_eq!((trouble.id, trouble.place.line), ("script/regex", 2), "{}", trouble.what);
    }
}

#[test]
fn o295_files_include_each_other_eight_deep_and_a_script_has_an_end() {
    let files: Vec<_> = (0..9).map(|n| (format!("mail/{n}.smtp"), format!("include {}.smtp\n", n + 1))).collect();
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let trouble = read_with("include 0.smtp\n", &files).expect_err("nine deep");
    assert_eq!((trouble.id, trouble.place.to_string().as_str()), ("script/include", "mail/7.smtp:1"));
    let trouble = read_with("include own.smtp\n", &[("mail/own.smtp", "include own.smtp\n")]).expect_err("endless");
    assert_eq!(trouble.id, "script/include");
    let script = read_with("connect a.test\ninclude greet.smtp\n> QUIT\n", &[("mail/greet.smtp", "> EHLO {to}\n")]);
    let places: Vec<_> = script.expect("a script").steps.iter().map(|placed| placed.place.to_string()).collect();
    assert_eq!(places, ["mail/letter.smtp:1", "mail/greet.smtp:1", "mail/letter.smtp:3"]);
    let long = "> NOOP\n".repeat(STEPS + 1);
    assert_eq!(read_with(&long, &[]).expect_err("too long").id, "script/long");
}

#[test]
fn files_lie_beside_the_script() {
    for named in ["/etc/passwd", "../secret.eml", "a/../../b"] {
        let trouble = read_with(&format!("connect a.test\ndata {named}"), &[]).expect_err(named);
        assert_eq!(trouble.id, "script/file", "{named}");
    }
    let trouble = read_with("connect a.test\ndata none.eml", &[]).expect_err("no file");
    assert_eq!(trouble.what, "cannot read mail/none.eml: no such file");
    let files = [("mail/letters/one.eml", "Subject: {x}\n")];
    let script = read_with("connect a.test\ndata letters/one.eml", &files).expect("a file");
    let letter = script.steps[1].step.to_string();
    assert_eq!(letter, r#"data "Subject: {{x}\n""#, "a file has no variables");
}

#[test]
fn o298_a_secret_is_no_variable_and_stands_in_no_script() {
    for line in ["> Subject: {password}", "> NOOP {secret}", "set pw = /x/", "data <<.\n{token}\n.\n"] {
        let trouble = read_with(&format!("connect a.test\n{line}"), &[]).expect_err(line);
        assert_eq!(trouble.id, "redact/script", "{line}");
        assert_eq!(trouble.what, "a secret may only be used in AUTH. It is printed as ••••");
    }
    let trouble = read_with("connect a.test\nauth PLAIN mina sunflower", &[]).expect_err("a secret");
    assert_eq!(trouble.id, "redact/script");
    assert!(!format!("{trouble:?}").contains("sunflower"));
}

/// Words that make steps often enough.
const WORDS: &[&str] = &[
    "connect",
    "a.test:25",
    "tls=prefer",
    ">",
    "> NOOP",
    ">> \"a\\r\\n\"",
    "< 250",
    "2xx|354",
    "5.1.x",
    "/a{{1}\\/b/i",
    "{to}",
    "{{",
    "<< close",
    "<< silence",
    "1500ms",
    "read until",
    "tls",
    "verify=off",
    "sni=none",
    "expect-fail",
    "auth",
    "PLAIN",
    "mina",
    "data",
    "bdat",
    "raw",
    "\"x\\n\"",
    "chunk=3",
    "clock",
    "+5m",
    "next",
    "sleep",
    "set x =",
    "assert",
    "reply[to=RCPT code in 1,2]",
    "then",
    "not",
    "and",
    "count(deliver[a=\"\"]) >= 2",
    "deliver",
    "anywhere",
    "\n",
    "#",
];

proptest! {
    #[test]
    fn reading_ends_whatever_the_text(text in "(connect|>|>>|<|<<|tls|auth|data|set|pipeline|[ -~\n]){0,40}") {
        drop(read_with(&text, &[]));
    }

    #[test]
    fn whatever_is_read_is_printed_and_read_back_alike(words in proptest::collection::vec(proptest::sample::select(WORDS), 1..8)) {
        let Ok(script) = read_with(&words.join(" "), &[]) else { return Ok(()) };
        for placed in script.steps {
            let again = steps(&format!("set x = /x/\n{}", placed.step)).pop();
            prop_assert_eq!(again.as_ref(), Some(&placed.step), "{}", placed.step);
        }
    }

    #[test]
    fn octets_are_printed_and_read_back(octets in proptest::collection::vec(any::<u8>(), 0..64)) {
        let step = Step::Octets(Text::of(octets.clone()));
        let again = steps(&step.to_string()).remove(0);
        let Step::Octets(text) = again else { panic!("{again:?}") };
        prop_assert_eq!(text.fill(&Variables::default()), Ok(octets));
    }
}
