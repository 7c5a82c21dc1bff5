//! Recordings as they are made: by the real program, and by a writer that is killed at any moment.

#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on must stop")]
#![cfg(target_os = "linux")]

#[path = "serving/lab.rs"]
mod lab;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use ehlo::ports::net::{Place, Target, What};
use ehlo::record::line::Line;
use ehlo::record::player;
use ehlo::record::reader::{Recording, Remark, read};
use ehlo::run::record::{Births, Recorder};
use ehlo::session::Model;
use ehlo::session::look_ups::LookUps;
use ehlo::tape::{Moment, Side};
use rustix::process::Signal;
use snapbox::cmd::{Command as Run, cargo_bin};

use lab::{Lab, Talk};

/// Where a child of this program writes to.
const CHILD: &str = "EHLO_TEST_WRITES_TO";
/// How often a writer is killed.
const KILLS: u64 = 200;

fn opened(path: &Path) -> Recording {
    read(&fs::read(path).expect("a file")).unwrap_or_else(|why| panic!("{why}"))
}

fn played(recording: &Recording) -> Model {
    let mut model = Model::new(LookUps::new(1));
    recording.lines.iter().for_each(|line| player::play(line, &mut model));
    model
}

/// Writes for ever when it is started as a child; else there is nothing to do.
#[test]
fn a_writer_that_is_to_be_killed() {
    let Some(path) = std::env::var_os(CHILD).map(PathBuf::from) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let mut model = Model::new(LookUps::new(1));
        let id = model.begin(Target::new("mx1.harbor.test", 25, Place::Lab));
        let (mut recorder, births) = (Recorder::create(&path).expect("a new file"), Births::default());
        for number in 0_u64.. {
            let line = format!("250-{number} {}\r\n", "x".repeat(usize::try_from(number % 700).expect("small")));
            let session = model.session_mut(id).expect("it");
            session.apply(Moment::from_micros(number), &What::Bytes(Side::Server, Arc::from(line.as_bytes())));
            recorder.follow(&model, &births).expect("room");
        }
    });
}

#[test]
fn f224_a_writer_that_is_killed_loses_at_most_the_line_it_was_writing() {
    let folder = tempfile::tempdir().expect("a folder");
    for kill in 0..KILLS {
        let path = folder.path().join(format!("{kill}.ehlo"));
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "a_writer_that_is_to_be_killed"])
            .env(CHILD, &path)
            .stdout(Stdio::null())
            .spawn()
            .expect("it starts");
        while fs::metadata(&path).map_or(0, |file| file.len()) < 1500 {
            sleep(Duration::from_micros(200));
        }
        // Moments that lie in no order.
        sleep(Duration::from_micros(kill * 7919 % 4000));
        child.kill().expect("it runs");
        child.wait().expect("its end");
        let recording = opened(&path);
        assert!(
            recording.remarks.iter().all(|remark| matches!(remark, Remark::Truncated(_))),
            "{:?}",
            recording.remarks
        );
        let lines = recording.lines.len();
        assert!(lines > 1, "{kill}: something was written");
        // No line between the first and the last is missing.
        let said = played(&recording).sessions()[0].dialogue().rows().len();
        assert!(said + 1 >= lines, "{kill}: {said} rows of {lines} lines");
        let last = recording.lines.last().expect("a line").at().map(Moment::micros);
        assert_eq!(last, u64::try_from(lines).ok().and_then(|lines| lines.checked_sub(2)), "{kill}");
        fs::remove_file(&path).expect("it goes");
    }
}

#[test]
fn a_served_lab_is_recorded_with_its_guests_and_their_letters() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("class.ehlo");
    let mut lab = Lab::serve_with(&["--record", path.to_str().expect("text")]);
    let mut talk = Talk::to(lab.mx1());
    talk.reply();
    for line in ["EHLO guest.you.test", "MAIL FROM:<you@you.test>", "RCPT TO:<pat@harbor.test>", "DATA"] {
        talk.line(line);
    }
    assert!(talk.line("Subject: hi\r\n\r\nwords\r\n.").starts_with("250 "));
    assert!(talk.line("QUIT").starts_with("221 "));
    lab.until("deliver");
    lab.until("close");
    assert_eq!(lab.end(Signal::TERM), Some(143), "{}", lab.complaints());
    let recording = opened(&path);
    assert_eq!(recording.remarks, []);
    let model = played(&recording);
    let text = model.sessions()[0].text();
    assert!(text.contains("C EHLO guest.you.test") && text.contains("S 221 "), "{text}");
    assert_eq!(model.letters().len(), 1);
    assert!(recording.lines.iter().any(|line| matches!(line, Line::End { .. })));
}

#[test]
fn f229_a_recording_is_private_and_never_written_over_a_file_or_through_a_link() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = folder.path().join("taken.ehlo");
    fs::write(&taken, "mine").expect("room");
    let link = folder.path().join("link.ehlo");
    std::os::unix::fs::symlink(folder.path().join("beyond"), &link).expect("a link");
    for path in [&taken, &link] {
        let run =
            Run::new(cargo_bin!("ehlo")).env_clear().env("TERM", "dumb").args(["lab", "--json", "--port", "20137"]);
        let told = run.arg("--record").arg(path).assert().code(2).get_output().stderr.clone();
        let told = String::from_utf8(told).expect("text");
        assert!(told.contains("Cannot record to") && told.contains("[file/open]"), "{told}");
    }
    assert_eq!(fs::read(&taken).expect("it is there"), b"mine");
    assert!(!folder.path().join("beyond").exists());
    let fresh = folder.path().join("fresh.ehlo");
    drop(Recorder::create(&fresh).expect("a new file"));
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&fresh).expect("it").permissions());
    assert_eq!(mode & 0o777, 0o600);
}

/// What was said, without where and when.
fn said(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| {
        line.split_once(" C: ").map(|it| ('C', it.1)).or_else(|| line.split_once(" S: ").map(|it| ('S', it.1)))
    });
    lines.map(|(who, words)| format!("{who} {words}")).collect()
}

#[test]
fn a_script_a_letter_and_a_talk_are_recorded_as_sessions_on_a_screen_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("a.smtp");
    fs::write(&script, "connect mx1.harbor.test:25\n> EHLO x.test\n> QUIT\n").expect("room");
    let script = script.to_str().expect("UTF-8");
    let letter = ["send", "--to", "pat@harbor.test", "--server", "mx1.harbor.test", "--body", "Hello", "-q"];
    let calls: [(&[&str], &str, &str); 3] = [
        (&["run", script, "-q"], "", "C EHLO x.test"),
        (&letter, "", "C RCPT TO:<pat@harbor.test>"),
        (&["talk"], "EHLO x.test\nQUIT\n", "C EHLO x.test"),
    ];
    for (number, (call, lines, line)) in calls.into_iter().enumerate() {
        let file = folder.path().join(format!("{number}.ehlo"));
        let record = ["--record", file.to_str().expect("UTF-8")];
        Run::new(cargo_bin!("ehlo")).args(call).args(record).stdin(lines).assert().success();
        let shown = Run::new(cargo_bin!("ehlo")).arg("export").arg(&file).output().expect("it runs");
        let said = said(&String::from_utf8(shown.stdout).expect("UTF-8"));
        assert!(said.iter().any(|it| it == line), "{call:?}: {said:?}");
        assert!(said.last().is_some_and(|last| last.starts_with("S 221 ")), "{call:?}: {said:?}");
        // Behind the end of the last session stands at most what is no session's.
        let end = opened(&file).lines.into_iter().rfind(|line| !line.is_shared());
        assert!(matches!(end, Some(Line::End { .. })), "{end:?}");
        // A second one is not written over it.
        Run::new(cargo_bin!("ehlo"))
            .args(call)
            .args(record)
            .stdin(lines)
            .assert()
            .code(2)
            .stderr_eq("[..][file/open]\n...\n");
    }
}
