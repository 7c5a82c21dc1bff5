//! `ehlo run`: dialogues against the lab, as other programs run them.
//!
//! Each script of `scripts/` says in a comment how it ends, `# ends: EXIT STAGE ID`; without one it ends well. That a
//! dialogue can fail is shown for all of them: with another code in its last expectation it ends with 1.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on must stop")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::thread;

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
