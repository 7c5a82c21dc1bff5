//! A real mail server for the time of one test.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::certificates::Shown;

/// The first start fetches and unpacks the packages.
const START: Duration = Duration::from_secs(90);
/// How long a server may take to put a letter into its mailbox.
const DELIVERY: Duration = Duration::from_secs(30);

/// A server that runs; dropping it stops it by its own number.
pub(crate) struct Server {
    name: String,
    child: Child,
    port: u16,
    dir: tempfile::TempDir,
}

impl Server {
    /// Starts `interop/servers/NAME.sh` on a free port and waits until it greets.
    pub(crate) fn start(name: &str) -> Self {
        Self::start_in(name, tempfile::tempdir().expect("a folder for the server"))
    }

    /// The same, showing this certificate instead of the one in order that `make_certificates` makes.
    pub(crate) fn showing(name: &str, shown: &Shown) -> Self {
        let dir = tempfile::tempdir().expect("a folder for the server");
        fs::write(dir.path().join("own.pem"), &shown.chain).expect("room on the disk");
        fs::write(dir.path().join("own.key"), &shown.key).expect("room on the disk");
        Self::start_in(name, dir)
    }

    fn start_in(name: &str, dir: tempfile::TempDir) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/serve.sh");
        let complaints = dir.path().join("complaints");
        let child = Command::new("bash")
            .arg(script)
            .args([name, &port.to_string()])
            .arg(dir.path())
            .stderr(fs::File::create(&complaints).expect("a file for complaints"))
            .spawn()
            .expect("bash runs");
        let mut server = Self { name: name.to_owned(), child, port, dir };
        let end = Instant::now() + START;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = server.child.try_wait().expect("the server's state");
            let waiting = ended.is_none() && Instant::now() < end;
            assert!(waiting, "{name} did not start: {}{}", server.text("complaints"), server.text("log"));
            thread::sleep(Duration::from_millis(20));
        }
        server
    }

    /// Where it listens on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The certificate of the authority that vouches for it.
    pub(crate) fn authority(&self) -> PathBuf {
        self.dir.path().join("tls/ca.pem")
    }

    /// The body of the letter with this subject, as it lies in the mailbox; line ends are LF there.
    pub(crate) fn letter(&self, subject: &str) -> String {
        self.body(subject, 0)
    }

    /// A file or socket of the server.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The header of the letter with this subject, as it lies in the mailbox.
    pub(crate) fn header(&self, subject: &str) -> String {
        self.find(subject, 0).0
    }

    /// The body of the letter with this subject, once it has so many octets: a large one may still be written.
    pub(crate) fn body(&self, subject: &str, octets: usize) -> String {
        self.find(subject, octets).1
    }

    fn find(&self, subject: &str, octets: usize) -> (String, String) {
        let end = Instant::now() + DELIVERY;
        loop {
            for path in files(&self.dir.path().join("mail")) {
                let letter = fs::read(&path).unwrap_or_default();
                // What is no text is none of the letters: servers keep indexes beside them.
                let letter = String::from_utf8(letter).unwrap_or_default();
                if let Some((headers, body)) = letter.split_once("\n\n")
                    && headers.lines().any(|line| line == format!("Subject: {subject}"))
                    && body.len() >= octets
                {
                    return (headers.to_owned(), body.to_owned());
                }
            }
            assert!(Instant::now() < end, "{} has delivered no letter; its log:\n{}", self.name, self.text("log"));
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the server has written this into one of its logs.
    #[track_caller]
    pub(crate) fn logs(&self, log: &str, words: &str) {
        let end = Instant::now() + DELIVERY;
        while !self.text(log).contains(words) {
            assert!(Instant::now() < end, "{words} is not in {}", self.text(log));
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn text(&self, file: &str) -> String {
        fs::read(self.dir.path().join(file)).map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::TERM);
        }
        drop(self.child.wait());
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
