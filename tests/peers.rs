//! Scripts that are servers, through the real program, met by scripts that are clients, by smtplib and curl, and by clients
//! that know no manners.

#![expect(clippy::expect_used, reason = "a test that cannot go on must stop")]

#[path = "peers/peer.rs"]
mod peer;

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use peer::Peer;

/// Runs the program with a text on its standard input.
fn ehlo(arguments: &[&str], input: &str) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_ehlo"));
    program.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().expect("the program runs");
    // A program that needs no script closes its end at once.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("it ends")
}

fn text(octets: &[u8]) -> &str {
    std::str::from_utf8(octets).expect("UTF-8")
}

fn connect(peer: &Peer) -> TcpStream {
    let stream = TcpStream::connect(peer.address()).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit");
    stream.set_nodelay(true).expect("no delay");
    stream
}

/// Says this to a peer, finishes, and hears it out.
fn say(peer: &Peer, octets: &[u8]) -> Vec<u8> {
    let mut stream = connect(peer);
    // A peer that has heard enough may be gone already.
    let _ = stream.write_all(octets);
    let _ = stream.shutdown(Shutdown::Write);
    let mut heard = Vec::new();
    let _ = stream.read_to_end(&mut heard);
    heard
}

#[test]
fn a_client_script_meets_a_server_script() {
    let folder = tempfile::tempdir().expect("a folder");
    let ca = folder.path().join("ca.pem").display().to_string();
    let peer = Peer::with("letter", &["--peer-ca", &ca]);
    let script = format!(
        "connect localhost:{}\n> EHLO a.test\ntls\n> EHLO a.test\n> MAIL FROM:<mina@you.test>\n\
         > RCPT TO:<pat@harbor.test>\ndata <<.\nSubject: by peer\n\n.a dot\n.\n< 250 2.0.0 /queued as by peer$/\n> QUIT\n",
        peer.port()
    );
    let client = ehlo(&["run", "-", "--ca-file", &ca, "-4"], &script);
    assert_eq!(client.status.code(), Some(0), "{}{}", text(&client.stdout), text(&client.stderr));
    let ended = peer.ended();
    assert_eq!((ended.exit, ended.stage.as_str()), (0, "quit"), "{}", ended.say);
    assert_eq!(ended.said().first().map(String::as_str), Some("EHLO a.test"));
    let kinds: Vec<_> = ended.events.iter().filter_map(|event| event.get("kind")?.as_str()).collect();
    for kind in ["listen", "open", "greet", "caps", "tls", "body", "accept", "close", "end"] {
        assert!(kinds.contains(&kind), "{kind} is not in {kinds:?}");
    }
}

#[test]
fn pythons_smtplib_meets_a_server_script() {
    let folder = tempfile::tempdir().expect("a folder");
    let ca = folder.path().join("ca.pem").display().to_string();
    let peer = Peer::with("letter", &["--peer-ca", &ca]);
    let program = "import smtplib, ssl, sys\n\
        s = smtplib.SMTP('localhost', int(sys.argv[1]), timeout=20)\n\
        s.starttls(context=ssl.create_default_context(cafile=sys.argv[2]))\n\
        s.sendmail('mina@you.test', ['pat@harbor.test'], 'Subject: by peer\\r\\n\\r\\n.a dot\\r\\n')\n\
        s.quit()\n";
    let python =
        Command::new("python3").args(["-c", program, &peer.port().to_string(), &ca]).output().expect("python3");
    assert!(python.status.success(), "{}", text(&python.stderr));
    let ended = peer.ended();
    assert_eq!(ended.exit, 0, "{}", ended.say);
}

#[test]
#[ignore = "needs curl; the gate installs it"]
fn curl_meets_a_server_script() {
    let folder = tempfile::tempdir().expect("a folder");
    let ca = folder.path().join("ca.pem").display().to_string();
    let letter = folder.path().join("letter.eml");
    std::fs::write(&letter, "Subject: by peer\r\n\r\n.a dot\r\n").expect("a file");
    let peer = Peer::with("letter", &["--peer-ca", &ca]);
    let url = format!("smtp://localhost:{}/a.test", peer.port());
    let arguments = ["-4", "--ssl-reqd", "--cacert", &ca, &url, "--mail-from", "mina@you.test"];
    let mut curl = Command::new("curl");
    curl.args(arguments).args(["--mail-rcpt", "pat@harbor.test", "-T"]).arg(&letter);
    let output = curl.output().expect("curl");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let ended = peer.ended();
    assert_eq!(ended.exit, 0, "{}", ended.say);
}

#[test]
fn each_failure_has_its_exit_code_and_its_words() {
    for (script, said, exit, stage, id, words) in [
        ("< EHLO", "HELO a.test\r\n", 1, "hello", "script/expected", "-:2: expected EHLO; got HELO a.test."),
        ("< EHLO", "EHLOX\r\n", 1, "connect", "script/expected", "expected EHLO; got EHLOX."),
        ("< /^MAIL FROM:<a@/", "MAIL FROM:<>\r\n", 1, "mail", "script/expected", "expected /^MAIL FROM:<a@/; got MAIL"),
        ("< QUIT", "", 1, "connect", "script/expected", "expected QUIT; the client has finished sending."),
        ("< QUIT", "QUI", 1, "connect", "script/expected", "expected QUIT; the client has finished sending."),
        ("<< 9 octets", "12345678", 1, "connect", "script/expected", "expected 9 octets; the client has finished"),
        ("read letter", "a\r\n.\n", 1, "connect", "script/expected", "expected the lone dot that ends the letter;"),
        ("read letter /b/", "a\r\n.\r\n", 1, "final", "script/expected", "expected a letter that matches /b/;"),
        ("read until /b/", "a\r\n", 1, "connect", "script/expected", "expected a line that matches /b/;"),
        ("<< close", "NOOP\r\n", 1, "connect", "script/expected", "expected the client to close; got N"),
        ("<< silence 1s", "NOOP\r\n", 1, "connect", "script/expected", "expected silence; got N"),
        ("<< silence 1s", "", 1, "connect", "script/expected", "expected silence; the client has finished sending."),
        ("< NOOP\nset x = /y/", "NOOP\r\n", 1, "connect", "script/expected", "expected /y/ for {x}; got NOOP."),
        ("< NOOP\nassert reply", "NOOP\r\n", 1, "connect", "script/expected", "expected reply; it did not come about."),
        ("tls", "NOOP\r\nNOOP\r\n", 4, "starttls", "script/tls", ""),
        ("tls\n", "", 4, "starttls", "script/tls", ""),
        ("close\n> 250 late", "", 5, "connect", "script/closed", "the script goes on, but: "),
    ] {
        let peer = Peer::script(&format!("listen\n{script}\n"), &[]);
        say(&peer, said.as_bytes());
        let ended = peer.ended();
        assert_eq!((ended.exit, ended.stage.as_str(), ended.id.as_str()), (exit, stage, id), "{script}: {}", ended.say);
        assert!(ended.say.replace("standard input", "-").contains(words), "{script}: {}", ended.say);
    }
}

#[test]
fn what_cannot_be_listened_for_is_refused() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = format!("listen {}\n", taken.local_addr().expect("its address"));
    for (script, exit, words) in [
        (taken.as_str(), 3, "nobody can be listened for at 127.0.0.1"),
        ("listen unix:/nowhere/peer\n", 3, "nobody can be listened for at /nowhere/peer"),
        ("listen 0.0.0.0:2525\n", 7, "a script listens on this machine alone"),
        ("listen [::]:2525\n", 7, "a script listens on this machine alone"),
        ("listen 192.0.2.1:2525\n", 7, "[policy/listen]"),
        ("listen mx.example.test:25\n", 2, "expected an address of this machine"),
        ("listen\nauth PLAIN mina\n", 2, "expected a step of a server; got 'auth'"),
    ] {
        let output = ehlo(&["run", "-", "-q"], script);
        assert_eq!(output.status.code(), Some(exit), "{script}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains(words), "{script}: {}", text(&output.stderr));
    }
    let output = ehlo(&["run", "-", "--peer-ca", "ca.pem"], "connect mx1.harbor.test\n");
    assert!(text(&output.stderr).contains("--peer-ca is about a script that listens"), "{}", text(&output.stderr));
}

#[test]
fn nobody_and_silence_are_time_outs() {
    let begun = Instant::now();
    let output = ehlo(&["run", "-", "-q", "--timeout", "1"], "listen\n");
    let told = text(&output.stderr);
    assert!(told.starts_with("ehlo: listening on 127.0.0.1:"), "{told}");
    assert!(told.contains("expected a client; nobody came within 1 s. [script/time-out]"), "{told}");
    assert_eq!(output.status.code(), Some(6));
    assert!(begun.elapsed() >= Duration::from_secs(1));
    let peer = Peer::script("listen\n> 220 hi\n< EHLO\n", &["--timeout", "1"]);
    let stream = connect(&peer);
    let ended = peer.ended();
    assert_eq!((ended.exit, ended.id.as_str()), (6, "script/time-out"), "{}", ended.say);
    drop(stream);
}

#[test]
fn octets_go_as_they_are_and_the_end_comes_as_it_is_written() {
    let peer = Peer::script("listen\n>> \"220-one\\n220 two\\r\"\n>> \"\\x00\\xff\"\n", &[]);
    assert_eq!(say(&peer, b""), b"220-one\n220 two\r\x00\xff");
    assert_eq!(peer.ended().exit, 0);

    let peer = Peer::script("listen\n> 220 hi\nreset\n", &[]);
    let mut stream = connect(&peer);
    let ended = peer.ended();
    let mut heard = Vec::new();
    let broken = stream.read_to_end(&mut heard).expect_err("a reset");
    assert_eq!((broken.kind(), ended.exit), (io::ErrorKind::ConnectionReset, 0), "{}", ended.say);

    let peer = Peer::script("listen\n> 220 hi\nhalf-close\n< NOOP\n<< close\n", &[]);
    let mut stream = connect(&peer);
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).expect("an end");
    stream.write_all(b"NOOP\r\n").expect("it still hears");
    drop(stream);
    let ended = peer.ended();
    assert_eq!((heard.as_slice(), ended.exit), (&b"220 hi\r\n"[..], 0), "{}", ended.say);

    // A client that finishes early is answered all the same.
    let peer = Peer::script("listen\n< ONE\n> 250 one\n< TWO\n> 250 two\n<< close\n> 250 bye\nclose\n", &[]);
    assert_eq!(say(&peer, b"one\r\ntwo\n"), b"250 one\r\n250 two\r\n250 bye\r\n");
    assert_eq!(peer.ended().exit, 0);
}

#[test]
fn a_chunk_is_taken_octet_by_octet() {
    let peer =
        Peer::script("listen\n> 220 hi\n< BDAT 6 LAST\n<< 6 octets\nset x = /(?s)^(...)/\n> 250 {x}\n< QUIT\n", &[]);
    assert_eq!(
        say(&peer, b"BDAT 6 LAST\r\na\nb.\r\nQUIT\r\n"),
        b"220 hi\r\n250 a\nb\r\n".get(..8).expect("a greeting")
    );
    assert_eq!(peer.ended().exit, 2, "a value never holds a line break");
    let peer = Peer::script("listen\n> 220 hi\n< BDAT 6 LAST\n<< 6 octets\nset x = /(b.)/\n> 250 {x}\n< QUIT\n", &[]);
    assert_eq!(say(&peer, b"BDAT 6 LAST\r\na\nb.\r\nQUIT\r\n"), b"220 hi\r\n250 b.\r\n");
    assert_eq!(peer.ended().exit, 0);
}

#[test]
fn several_clients_come_one_after_the_other_and_each_begins_anew() {
    let script = "listen times=64\n< HELO\nset who = /HELO (\\S+)/i\n> 250 {who}\nassert count(cmd) = 1\n";
    let peer = Peer::script(script, &[]);
    let streams: Vec<_> = (0..64).map(|_| connect(&peer)).collect();
    for (number, mut stream) in streams.into_iter().enumerate() {
        stream.write_all(format!("HELO c{number}\r\n").as_bytes()).expect("it listens");
        let mut heard = String::new();
        stream.read_to_string(&mut heard).expect("an end");
        assert_eq!(heard, format!("250 c{number}\r\n"));
    }
    let ended = peer.ended();
    assert_eq!((ended.exit, ended.said().len()), (0, 64), "{}", ended.say);
    let listens = ended.events.iter().filter(|event| event.get("kind").is_some_and(|kind| kind == "listen")).count();
    assert_eq!(listens, 1, "where it listens is told once");
}

#[test]
fn a_client_that_knows_no_manners_ends_its_own_session_alone() {
    for (script, flood) in [
        ("< EHLO", vec![b'x'; 1 << 20]),
        ("read letter", vec![b'x'; 1 << 20]),
        ("read until /never/", b"NOOP\r\n".repeat(1 << 13)),
        ("read letter", b"\r\n".repeat(1 << 13)),
    ] {
        let peer = Peer::script(&format!("listen\n{script}\n"), &[]);
        let mut stream = connect(&peer);
        stream.set_write_timeout(Some(Duration::from_secs(30))).expect("a limit");
        let _ = stream.write_all(&flood);
        let ended = peer.ended();
        assert_eq!((ended.exit, ended.id.as_str()), (5, "script/flood"), "{script}: {}", ended.say);
    }
    // What nobody waits for is not read.
    let peer = Peer::script("listen\n> 220 hi\nsleep 1s\n< NOOP\n> 250 ok\n", &[]);
    let mut stream = connect(&peer);
    stream.set_write_timeout(Some(Duration::from_millis(500))).expect("a limit");
    let _ = stream.write_all(b"NOOP\r\n");
    let _ = stream.write_all(&vec![b'x'; 64 << 20]);
    let ended = peer.ended();
    assert_eq!((ended.exit, ended.said()), (0, vec!["NOOP".to_owned()]), "{}", ended.say);
}

#[test]
fn a_client_that_leaves_at_any_step_ends_it_with_1() {
    let script = "listen\n> 220 hi\n< EHLO\n> 250 hi\n< MAIL\n> 250 ok\n< RCPT\n> 250 ok\n< DATA\n> 354 go\nread letter\n\
                  > 250 ok\n< QUIT\n> 221 bye\n";
    let said = "EHLO a.test\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\nDATA\r\nSubject: x\r\n\r\n.\r\nQUIT\r\n";
    let ends: Vec<usize> = said.match_indices('\n').map(|(at, _)| at).collect();
    for end in ends.iter().map(|end| end - 2).chain([0]) {
        let peer = Peer::script(script, &[]);
        say(&peer, said.get(..end).expect("a part").as_bytes());
        let ended = peer.ended();
        assert_eq!((ended.exit, ended.id.as_str()), (1, "script/expected"), "after {end} octets: {}", ended.say);
    }
    let peer = Peer::script(script, &[]);
    say(&peer, said.as_bytes());
    assert_eq!(peer.ended().exit, 0);
}

#[cfg(unix)]
#[test]
fn a_unix_socket_is_there_as_long_as_its_script() {
    use std::os::unix::net::UnixStream;

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("peer");
    for ends_early in [false, true] {
        let script = format!("listen unix:{}\n> 220 hi\n< QUIT\n> 221 bye\n", path.display());
        let peer = Peer::script(&script, &[]);
        if ends_early {
            assert!(path.exists());
            assert_eq!(peer.interrupted(), Some(130));
        } else {
            let mut stream = UnixStream::connect(&path).expect("it listens");
            stream.write_all(b"QUIT\r\n").expect("it hears");
            let mut heard = String::new();
            stream.read_to_string(&mut heard).expect("an end");
            let ended = peer.ended();
            assert_eq!((heard.as_str(), ended.exit), ("220 hi\r\n221 bye\r\n", 0), "{}", ended.say);
        }
        assert!(!path.exists(), "ends early: {ends_early}");
    }
}

#[test]
fn each_certificate_is_what_it_is_called() {
    let folder = tempfile::tempdir().expect("a folder");
    for (certificate, client) in [
        ("good", "tls"),
        ("ends-soon", "tls"),
        ("expired", "tls expect-fail /valid until/"),
        ("not-yet-valid", "tls expect-fail"),
        ("wrong-name", "tls expect-fail /certificate is for/"),
        ("self-signed", "tls expect-fail"),
        ("incomplete", "tls expect-fail"),
        ("none", "tls expect-fail /alert|handshake/i"),
    ] {
        let ca = folder.path().join(certificate).display().to_string();
        let fails = if certificate == "none" { " expect-fail" } else { "" };
        let end = match (certificate, client) {
            ("none", _) => "",
            (_, "tls") => "<< close",
            _ => "< QUIT",
        };
        let script = format!("listen\n> 220 hi\n< STARTTLS\n> 220 go\ntls certificate={certificate}{fails}\n{end}\n");
        let peer = Peer::script(&script, &["--peer-ca", &ca]);
        let script = format!("connect localhost:{}\n{client}\n", peer.port());
        let output = ehlo(&["run", "-", "-4", "--ca-file", &ca], &script);
        assert_eq!(output.status.code(), Some(0), "{certificate}: {}{}", text(&output.stdout), text(&output.stderr));
        let ended = peer.ended();
        assert_eq!(ended.exit, 0, "{certificate}: {}", ended.say);
    }
}

#[test]
fn a_client_that_refuses_a_certificate_is_what_expect_fail_wants() {
    for (certificate, exit) in [("tls=expired", 4), ("", 0)] {
        let step = if certificate.is_empty() { "tls certificate=expired expect-fail /alert/i\n" } else { "" };
        let peer = Peer::script(&format!("listen {certificate}\n{step}"), &[]);
        let program = "import socket, ssl, sys\n\
            s = socket.create_connection(('127.0.0.1', int(sys.argv[1])), timeout=20)\n\
            try:\n  ssl.create_default_context().wrap_socket(s, server_hostname='localhost')\n\
            except ssl.SSLCertVerificationError: sys.exit(0)\n\
            sys.exit(1)\n";
        let python = Command::new("python3").args(["-c", program, &peer.port().to_string()]).status().expect("python3");
        assert!(python.success(), "it refuses the certificate");
        let ended = peer.ended();
        assert_eq!(ended.exit, exit, "{}", ended.say);
    }
    let peer = Peer::script("listen\ntls expect-fail\n", &[]);
    let output =
        ehlo(&["run", "-", "--tls-verify", "off"], &format!("connect tls://{}\ntls\n<< close\n", peer.address()));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    let ended = peer.ended();
    assert_eq!((ended.exit, ended.stage.as_str()), (1, "starttls"), "{}", ended.say);
}

#[test]
fn what_a_client_said_before_tls_is_void() {
    let peer = Peer::script("listen\n> 220 hi\n< STARTTLS\n> 220 go\ntls\n< EHLO inside\n", &[]);
    let program = "import socket, ssl, sys\n\
        s = socket.create_connection(('127.0.0.1', int(sys.argv[1])), timeout=20)\n\
        s.sendall(b'STARTTLS\\r\\nEHLO outside\\r\\n')\n\
        got = b''\n\
        while got.count(b'\\n') < 2: got += s.recv(100)\n\
        c = ssl.create_default_context(); c.check_hostname = False; c.verify_mode = ssl.CERT_NONE\n\
        t = c.wrap_socket(s); t.sendall(b'EHLO inside\\r\\n'); t.recv(100)\n";
    let python = Command::new("python3").args(["-c", program, &peer.port().to_string()]).output().expect("python3");
    assert!(python.status.success(), "{}", text(&python.stderr));
    let ended = peer.ended();
    assert_eq!(ended.exit, 0, "{}", ended.say);
}

#[test]
fn it_is_told_as_text_recorded_and_rehearsed_and_a_secret_is_told_nowhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("peer.ehlo").display().to_string();
    let script = "listen\n> 220 hi\n< AUTH PLAIN\n> 535 no\n< AUTH PLAIN never\n";
    let mut program = Command::new(env!("CARGO_BIN_EXE_ehlo"));
    program.args(["run", "-", "--record", &file]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().expect("the program runs");
    child.stdin.take().expect("a pipe").write_all(script.as_bytes()).expect("it reads");
    let mut told = io::BufReader::new(child.stderr.take().expect("a pipe"));
    let mut first = String::new();
    io::BufRead::read_line(&mut told, &mut first).expect("text");
    let address = first.trim().strip_prefix("ehlo: listening on ").expect("where it listens");
    let mut stream = TcpStream::connect(address).expect("it listens");
    let line = "AUTH PLAIN AG1pbmEAaHVudGVyMg==\r\n";
    stream.write_all(line.repeat(2).as_bytes()).expect("it hears");
    let output = child.wait_with_output().expect("it ends");
    let transcript = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{transcript}");
    assert!(transcript.contains("S 220 hi") && transcript.contains("C AUTH PLAIN ••••••••"), "{transcript}");
    assert!(transcript.contains("expected AUTH PLAIN never; got AUTH PLAIN ••••••••"), "{transcript}");
    let recorded = std::fs::read_to_string(&file).expect("a recording");
    assert!(recorded.contains("220 hi"), "{recorded}");
    for secret in ["hunter2", "aHVudGVyMg", "AHVudGVyMg"] {
        assert!(!transcript.contains(secret) && !recorded.contains(secret), "{secret}: {transcript}{recorded}");
    }
    let output = ehlo(&["run", "-", "--dry-run", "--var", "to=a"], "listen 25 times=2\n> 250 {to}\nread letter\n");
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(told.ends_with("    1  listen 25 times=2\n    2  > 250 a\n    3  read letter\n"), "{told}");
}

#[test]
fn a_run_of_a_server_stops_behind_a_stage() {
    for option in ["--until", "--drop-after"] {
        let peer = Peer::script("listen\n> 220 hi\n< EHLO\n> 250 hi\n< MAIL\n> 250 ok\n", &[option, "hello"]);
        assert_eq!(say(&peer, b"EHLO a\r\nMAIL FROM:<>\r\n"), b"220 hi\r\n250 hi\r\n", "{option}");
        let ended = peer.ended();
        assert_eq!((ended.exit, ended.stage.as_str()), (0, "hello"), "{option}: {}", ended.say);
    }
}
