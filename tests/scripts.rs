//! `ehlo run`: dialogues against the lab, as other programs run them.
//!
//! Each script of `scripts/` says in a comment how it ends, `# ends: EXIT STAGE ID`; without one it ends well. That a
//! dialogue can fail is shown for all of them: with another code in its last expectation it ends with 1.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on must stop")]

#[path = "peers/peer.rs"]
mod peer;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::thread;

use peer::Peer;
use serde_json::Value;

/// Programs that run at a time.
const AT_A_TIME: usize = 3;

fn run(arguments: &[&str], script: Option<&str>) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_ehlo"));
    program.arg("run").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().expect("the program runs");
    // A program that needs no script closes its end at once.
    let _ = child.stdin.take().expect("a pipe").write_all(script.unwrap_or_default().as_bytes());
    child.wait_with_output().expect("it ends")
}

fn text(octets: &[u8]) -> &str {
    std::str::from_utf8(octets).expect("UTF-8")
}

/// How a run ended: exit code, stage, diagnostic id, words.
#[derive(Debug, PartialEq, Eq)]
struct Ended {
    exit: i64,
    stage: String,
    id: String,
    say: String,
}

fn ended(output: &Output) -> Ended {
    let last = text(&output.stdout).lines().last().unwrap_or_else(|| text(&output.stderr));
    let event: Value = serde_json::from_str(last).expect("JSON");
    assert_eq!(event["kind"], "end", "{last}");
    let exit = event["exit"].as_i64().expect("a number");
    assert_eq!(output.status.code().map(i64::from), Some(exit), "{last}");
    let word = |field: &str| event[field].as_str().unwrap_or_default().to_owned();
    Ended { exit, stage: word("stage"), id: word("id"), say: word("say") }
}

/// Plays a script that is piped in.
fn play(script: &str) -> Ended {
    ended(&run(&["-", "--json"], Some(script)))
}

fn scripts() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// Does something with each script, a few at a time; what comes back are the complaints.
fn each(check: impl Fn(&Path, &str) -> Result<(), String> + Sync) {
    let left = Mutex::new(scripts());
    assert!(left.lock().expect("nobody failed").len() >= 40);
    let complaints = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some(path) = { left.lock().expect("nobody failed").pop() } {
                    let text = std::fs::read_to_string(&path).expect("a script");
                    if let Err(why) = check(&path, &text) {
                        complaints.lock().expect("nobody failed").push(format!("{}: {why}", path.display()));
                    }
                }
            });
        }
    });
    let complaints = complaints.into_inner().expect("nobody failed");
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn every_dialogue_ends_as_it_says() {
    each(|path, script| {
        let wanted = script.lines().find_map(|line| line.strip_prefix("# ends: ")).unwrap_or("0");
        let came = ended(&run(&[&path.display().to_string(), "--json"], None));
        let words: Vec<&str> = wanted.split(' ').collect();
        let fits = words[0] == came.exit.to_string()
            && words.get(1).is_none_or(|stage| *stage == came.stage)
            && words.get(2).map_or(came.id.is_empty(), |id| *id == came.id);
        if fits { Ok(()) } else { Err(format!("wanted {wanted}; came {came:?}")) }
    });
}

#[test]
fn every_dialogue_notices_another_reply() {
    each(|_, script| {
        let lines: Vec<&str> = script.lines().collect();
        let expects = |line: &&str| line.starts_with("< ");
        let Some(last) = lines.iter().rposition(expects).filter(|_| !script.contains("# ends: ")) else {
            return Ok(());
        };
        let spoiled: Vec<&str> =
            lines.iter().enumerate().map(|(at, line)| if at == last { "< 299" } else { line }).collect();
        let came = play(&(spoiled.join("\n") + "\n"));
        let noticed =
            (came.exit, came.id.as_str()) == (1, "script/expected") && came.say.contains("expected 299; got ");
        if noticed { Ok(()) } else { Err(format!("not noticed: {came:?}")) }
    });
}

/// The octets that the client sent, line by line as events tell them.
fn sent(output: &Output) -> Vec<Value> {
    let events = text(&output.stdout).lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let ours = events.filter(|event| event["by"] == "you" && (event["kind"] == "cmd" || event["kind"] == "body"));
    ours.map(|mut event| ["raw", "bytes", "lines", "form", "eod"].map(|field| event[field].take()).into()).collect()
}

#[test]
fn every_dialogue_that_is_recorded_plays_again_from_its_recording() {
    // A recording does not say that the lab's clock was turned, and no script a login that was given up; what hosts of
    // the lab say to each other goes on behind the run.
    let unlike = ["# ends: ", "\nclock ", "\n> *\n", "hop"];
    let folder = tempfile::tempdir().expect("a folder");
    each(|path, script| {
        if unlike.iter().any(|words| script.contains(words)) {
            return Ok(());
        }
        let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).expect("a script").display().to_string();
        let tape = folder.path().join(name.replace('/', "-")).display().to_string();
        let first = run(&[&path.display().to_string(), "--json", "--record", &tape], None);
        let mut export = Command::new(env!("CARGO_BIN_EXE_ehlo"));
        let script = export.args(["export", &tape, "--format", "script"]).output().expect("the program runs");
        let again = run(&["-", "--json"], Some(text(&script.stdout)));
        let came = ended(&again);
        let alike = came.exit == 0 && sent(&first) == sent(&again);
        if alike { Ok(()) } else { Err(format!("{came:?}\n{}", text(&script.stdout))) }
    });
}

#[test]
fn the_conversation_is_printed_with_what_it_means_and_the_stage_at_the_end() {
    let letter = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts/letter.smtp");
    let output = run(&[&letter.display().to_string()], None);
    let told = text(&output.stdout);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    assert!(told.starts_with("# ehlo ") && told.contains("LAB offline · mx1.harbor.test:25\n"), "{told}");
    assert!(told.contains("C ..this line begins with a dot") && told.contains("the first dot is stuffing"), "{told}");
    assert!(told.ends_with("# done, up to quit\n"), "{told}");
    let output = run(&["-", "-q"], Some("connect mx1.harbor.test\n< 554\n"));
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), ""));
    let told = text(&output.stderr);
    assert!(told.starts_with("ehlo: stopped at greeting: standard input:2: expected 554; got 220 mx1"), "{told}");
}

#[test]
fn a_rehearsal_shows_what_would_go_and_connects_nowhere() {
    let script =
        "connect mail.example.org:25\n> MAIL FROM:<{from}>\ndata <<.\nSubject: x\n\n.y\n.\nset id = /x/\n> NOOP {id}\n";
    let output = run(&["-", "--dry-run", "--var", "from=you@you.test"], Some(script));
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for line in
        ["    1  connect mail.example.org:25\n", "    2  > MAIL FROM:<you@you.test>\n", "     | ..y\n     | .\n"]
    {
        assert!(told.contains(line), "{line} is not in {told}");
    }
    assert!(told.starts_with("# Nothing is sent.\n") && told.ends_with("> NOOP {id}\n"), "{told}");
}

#[test]
fn a_run_stops_where_it_is_told_to() {
    let script =
        "connect mx1.harbor.test\n> EHLO a.test\n> MAIL FROM:<>\n> RCPT TO:<pat@harbor.test>\ndata <<.\n\n.\n> QUIT\n";
    for (option, stage, quits) in
        [("--until", "greeting", true), ("--until", "rcpt", true), ("--drop-after", "mail", false)]
    {
        let output = run(&["-", "--json", option, stage], Some(script));
        let said = text(&output.stdout).contains("\"verb\":\"QUIT\"");
        let came = ended(&output);
        assert_eq!((came.exit, said), (0, quits), "{option} {stage}: {came:?}");
        let last = if quits { "quit" } else { stage };
        assert!(text(&output.stdout).contains(&format!("\"stage\":\"{last}\"")), "{option} {stage}");
    }
    let output = run(&["-", "--json", "--drop-after", "data"], Some(script));
    assert!(text(&output.stdout).contains("\"code\":354") && !text(&output.stdout).contains("\"kind\":\"body\""));
    assert_eq!(ended(&output).exit, 0);
}

#[test]
fn what_cannot_be_played_is_told_before_anything_is_sent() {
    for (arguments, script, says) in [
        (&["-"][..], "connect a.test\nfrob\n", "standard input:2: expected a step; got 'frob'. [script/syntax]"),
        (&["-"], "connect a.test\n> {x}\n", "standard input:2: the variable {x} has no value here. [script/variable]"),
        (
            &["-"],
            "connect a.test\n> {password}\n",
            "a secret may only be used in AUTH. It is printed as ••••. [redact/script]",
        ),
        (&["-", "--var", "password=hunter2"], "", "[redact/script]"),
        (
            &["-", "--var", "a=x\r\nRCPT TO:<b@c.test>"],
            "",
            "holds a line break; it would become a second command. Not sent. [input/crlf]",
        ),
        (&["-", "--var", "A=x"], "", "--var cannot be 'A=x': it needs a name in small letters"),
        (&["-", "--until", "later"], "", "--until cannot be 'later': it needs a stage: dns, connect,"),
        (
            &["-", "--until", "mail", "--drop-after", "mail"],
            "connect a.test\n",
            "--until and --drop-after say two things",
        ),
        (&["-", "--port", "25"], "", "--port is for the script to say"),
        (&["-", "--password-stdin"], "", "cannot both come from standard input"),
        (&["-"], "{\"ehlo\":\"recording\",\"format\":1}\n", "- is a recording, and no script. [script/syntax]"),
        (&["-", "--dry-run", "--json"], "connect a.test\n", "--dry-run prints text"),
        (&["/nowhere.smtp"], "", "Cannot read the script /nowhere.smtp"),
        (&[], "", "ehlo run needs a script, and none was given. [cli/file]"),
    ] {
        let output = run(arguments, Some(script));
        let told = text(&output.stderr);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), ""), "{arguments:?} {script}");
        assert!(told.contains(says) && !told.contains("hunter2"), "{says} is not in {told}");
    }
}

#[test]
fn what_policy_forbids_ends_with_7_and_without_a_packet() {
    let came = play("connect mail.example.org:25\ntls verify=off\n");
    assert_eq!((came.exit, came.id.as_str(), came.stage.as_str()), (7, "policy/secret", "dns"), "{came:?}");
    let came = play("connect submit.you.test:587 tls=require\nauth PLAIN nobody\n");
    assert_eq!((came.exit, came.id.as_str(), came.stage.as_str()), (2, "cli/secret", "auth"), "{came:?}");
}

#[test]
fn the_language_is_told_with_all_its_words() {
    let output = run(&["--language"], None);
    for word in [
        "connect",
        "listen",
        "pipeline",
        "read until",
        "tls",
        "auth",
        "data",
        "bdat",
        "sleep",
        "clock",
        "set",
        "assert",
        "include",
    ] {
        assert!(text(&output.stdout).contains(&format!("\n    {word} ")), "{word}");
    }
    assert!(text(&run(&["--help"], None).stdout).contains("ehlo run --language says all"));
}

#[test]
fn a_secret_from_outside_goes_to_the_server_and_is_told_nowhere() {
    let peer = Peer::play("login-refused");
    let address = peer.address();
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(b"hunter2\n").expect("room on the disk");
    let script = format!("connect {address}\nauth LOGIN mina\n< 535\nset why = /(.*)/\n> NOOP\n");
    let secret = file.path().display().to_string();
    let output = run(&["-", "--json", "--password-file", &secret], Some(&script));
    let heard = peer.ended();
    assert_eq!(heard.exit, 0, "the secret came: {}", heard.say);
    let told = text(&output.stdout);
    for form in ["hunter2", "aHVudGVyMg", "68756e74657232"] {
        assert!(!told.contains(form) && !text(&output.stderr).contains(form), "{form} is in {told}");
    }
}

#[test]
fn silence_is_a_time_out_and_nobody_is_no_connection() {
    let peer = Peer::play("says-nothing");
    let address = peer.address();
    let output = run(&["-", "--json", "--timeout", "1"], Some(&format!("connect {address}\n< 220\n")));
    let came = ended(&output);
    assert_eq!((came.exit, came.stage.as_str(), came.id.as_str()), (6, "greeting", "script/time-out"), "{came:?}");
    drop(peer);
    let came = play(&format!("connect {address}\n< 220\n"));
    assert_eq!((came.exit, came.stage.as_str(), came.id.as_str()), (3, "connect", "script/connection"), "{came:?}");
}

#[test]
fn included_files_and_letters_lie_beside_the_script() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    write("greet.smtp", "> EHLO {helo}\n< 250\n");
    write("letter.eml", "Subject: from a file\n\n.x\n");
    write(
        "main.smtp",
        "connect mx1.harbor.test\ninclude greet.smtp\n> MAIL FROM:<>\n> RCPT TO:<pat@harbor.test>\ndata letter.eml\n< 250\n> QUIT\n",
    );
    let main = folder.path().join("main.smtp").display().to_string();
    let output = run(&[&main, "--json", "--helo", "laptop.you.test"], None);
    assert_eq!(ended(&output).exit, 0, "{}", text(&output.stdout));
    assert!(
        text(&output.stdout).contains("\"arg\":\"laptop.you.test\"") && text(&output.stdout).contains("\"dots\":1")
    );
    write("greet.smtp", "> EHLO {helo}\n< 555\n");
    let came = ended(&run(&[&main, "--json"], None));
    let place = folder.path().join("greet.smtp").display().to_string();
    assert!(came.exit == 1 && came.say.starts_with(&format!("{place}:2: expected 555; got 250")), "{came:?}");
}

/// What the help and the language show can be pasted as it stands, set in as it is there.
#[test]
fn the_scripts_that_the_help_shows_can_be_played() {
    for (from, first, last) in
        [("--help", "one step a line:", "Behind >"), ("--language", "a comment", "## Connections")]
    {
        let told = run(&[from], None);
        let told = text(&told.stdout);
        let (_, rest) = told.split_once(first).expect(first);
        let (_, rest) = rest.split_once("\n\n").expect("an empty line");
        let (script, _) = rest.split_once(last).expect(last);
        let played = run(&["-", "--json", "--var", "to=pat@harbor.test", "--var", "subject=Hello"], Some(script));
        assert_eq!((ended(&played).exit, ended(&played).stage.as_str()), (0, "quit"), "{script}{:?}", ended(&played));
    }
}

/// Those of the README are played as they stand there; one that is a server is read.
#[test]
fn the_scripts_that_the_readme_shows_can_be_played() {
    let readme = include_str!("../README.md");
    let blocks = readme.split("\n```\n").filter(|block| ["connect ", "listen "].iter().any(|it| block.starts_with(it)));
    let mut clients = 0;
    for script in blocks {
        let arguments =
            ["-", "--var", "to=pat@harbor.test", if script.starts_with("listen") { "--dry-run" } else { "-q" }];
        let played = run(&arguments, Some(script));
        assert_eq!(played.status.code(), Some(0), "{script}{}", text(&played.stderr));
        clients += usize::from(script.starts_with("connect"));
    }
    assert!(clients > 0, "the README shows a script");
}
