//! Writing a recording while the sessions run: a new file that only the user may read, one line with one write.
//!
//! What has happened is written before it is drawn, so a program that is killed loses at most the line that it was
//! writing. At key moments (a connection stands, is encrypted, is over; a letter lies in a mailbox) the system is asked to
//! put the file on the disk, beside the loop. When a write fails, the half line is taken back and the recording stops; the
//! sessions go on.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use jiff::Timestamp;
use tokio::task::JoinHandle;

use crate::files;
use crate::ports::net::SessionId;
use crate::ports::{dns, lab};
use crate::record::line::Line;
use crate::record::writer::Writer;
use crate::record::{Class, Header};
use crate::session::look_ups::LookUps;
use crate::session::{Model, Session};
use crate::smtp::limits::recording::OCTETS;
use crate::tape::mark::Mark;

/// When sessions began, by the clock on the wall: a recording may begin later than they did.
#[derive(Debug, Default)]
pub struct Births {
    known: BTreeMap<SessionId, Timestamp>,
}

impl Births {
    /// Sessions that are new began now.
    pub fn note(&mut self, model: &Model) {
        let newest = self.known.keys().next_back().map_or(0, |newest| newest.0);
        for id in newest + 1..=model.newest() {
            self.known.insert(SessionId(id), Timestamp::now());
        }
    }

    fn of(&self, id: SessionId) -> Timestamp {
        self.known.get(&id).copied().unwrap_or_else(Timestamp::now)
    }
}

/// A recording that is being written.
#[derive(Debug)]
pub struct Recorder {
    file: File,
    writer: Writer,
    /// When the first of its sessions began; its header stands then.
    began: Option<Timestamp>,
    /// Letters, news of the lab and look-ups that wait for the header.
    waiting: Vec<Line>,
    /// Answers of the DNS that are not told yet.
    answers: Vec<dns::Signal>,
    /// The DNS panel that was told, by its number.
    panel: Option<u64>,
    octets: u64,
    lines: u64,
    syncing: Option<JoinHandle<()>>,
}

impl Recorder {
    /// A recording in a new file. Never in an existing one, never through a link.
    pub fn create(path: &Path) -> io::Result<Self> {
        Ok(Self::to(files::create(path)?))
    }

    fn to(file: File) -> Self {
        let (writer, waiting) = (Writer::default(), Vec::new());
        Self {
            file,
            writer,
            began: None,
            waiting,
            answers: Vec::new(),
            panel: None,
            octets: 0,
            lines: 0,
            syncing: None,
        }
    }

    /// What happened to letters, and what the DNS panel shows, before this recording began.
    pub fn catch_up(&mut self, model: &Model) {
        if let (Some((number, subject)), Some(panel)) = (model.look_ups.subject(), model.look_ups.panel()) {
            self.panel = Some(number);
            self.waiting.push(Line::Panel(Box::new(subject)));
            self.waiting.extend(panel.answers().map(|heard| Line::LookUp(Box::new(heard.clone()))));
        }
        for news in model.lab_mail.news() {
            let letter = match &news.step {
                lab::Step::Delivered { to } => {
                    model.letters().iter().find(|letter| letter.id == news.id && letter.mailbox == *to)
                }
                _ => None,
            };
            self.waiting.push(letter.map_or_else(|| Line::News(news.clone()), |letter| Line::Letter(letter.clone())));
        }
    }

    /// Something happened to a letter of the lab.
    pub fn heard(&mut self, signal: &lab::Signal) {
        match signal {
            lab::Signal::Delivered(letter) => self.waiting.push(Line::Letter(letter.clone())),
            lab::Signal::News(news) => self.waiting.push(Line::News(news.clone())),
            _ => {}
        }
    }

    /// The DNS answered.
    pub fn heard_of_dns(&mut self, signal: &dns::Signal) {
        self.answers.push(signal.clone());
    }

    /// Tells the answers that came, and first what the panel is about, if it is another one than before.
    fn tell_answers(&mut self, look_ups: &LookUps) {
        for signal in std::mem::take(&mut self.answers).into_iter().filter(|signal| look_ups.is_awaited(signal)) {
            if let Some((number, subject)) = look_ups.subject().filter(|(number, _)| self.panel != Some(*number)) {
                self.panel = Some(number);
                self.waiting.push(Line::Panel(Box::new(subject)));
            }
            self.waiting.push(Line::LookUp(Box::new(signal.heard())));
        }
    }

    /// Writes what is new. An error is why it stops: the file is whole up to then.
    pub fn follow(&mut self, model: &Model, births: &Births) -> Result<(), Stopped> {
        self.write_all(model, births, false)
    }

    /// Writes the rest, what waited for an answer too.
    pub fn finish(mut self, model: &Model, births: &Births) -> Result<(), Stopped> {
        self.write_all(model, births, true)?;
        self.file.sync_all().map_err(|why| self.stopped(&why))
    }

    fn write_all(&mut self, model: &Model, births: &Births, last: bool) -> Result<(), Stopped> {
        self.tell_answers(&model.look_ups);
        let sessions = || model.sessions().iter().chain(model.visits().all());
        if self.began.is_none() {
            let first = sessions().min_by_key(|session| births.of(session.id));
            if first.is_none() && !last {
                return Ok(());
            }
            let began = first.map_or_else(Timestamp::now, |session| births.of(session.id));
            let class = first.map_or(Class::Lab, Class::of);
            self.began = Some(began);
            self.put(&Header::new(began, class).json())?;
        }
        let mut lines: Vec<Line> = sessions().flat_map(|session| self.news_of(session, births, last)).collect();
        lines.append(&mut self.waiting);
        let key = lines.iter().any(is_key);
        for line in &lines {
            self.put(&line.json())?;
        }
        if key && !last {
            self.sync();
        }
        Ok(())
    }

    fn news_of(&mut self, session: &Session, births: &Births, last: bool) -> Vec<Line> {
        let since = self.began.map(|began| births.of(session.id).duration_since(began).as_micros());
        let after = since.and_then(|since| u64::try_from(since).ok()).unwrap_or_default();
        if last { self.writer.finish(session, after) } else { self.writer.follow(session, after) }
    }

    /// Writes one line with one write, or takes back what went of it.
    fn put(&mut self, line: &str) -> Result<(), Stopped> {
        if self.octets + line.len() as u64 > OCTETS {
            return Err(self.stopped(&io::Error::new(io::ErrorKind::FileTooLarge, "1 GiB is the most")));
        }
        if let Err(why) = self.file.write_all(line.as_bytes()) {
            // Nothing more can be done if this fails too: a reader leaves out half a line.
            let _ = self.file.set_len(self.octets).and_then(|()| self.file.seek(SeekFrom::End(0)));
            return Err(self.stopped(&why));
        }
        self.octets += line.len() as u64;
        self.lines += 1;
        Ok(())
    }

    /// Asks the system to put the file on the disk, unless it is at it.
    fn sync(&mut self) {
        if self.syncing.as_ref().is_some_and(|syncing| !syncing.is_finished()) {
            return;
        }
        let Ok(file) = self.file.try_clone() else { return };
        self.syncing = Some(tokio::task::spawn_blocking(move || drop(file.sync_data())));
    }

    fn stopped(&self, why: &io::Error) -> Stopped {
        let why = match why.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "the disk is full".to_owned(),
            _ => why.to_string(),
        };
        Stopped { lines: self.lines, why }
    }
}

/// Why a recording stopped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "The recording stopped after line {lines}: {why}. The sessions go on; what was written can be opened. [rec/stopped]"
)]
pub struct Stopped {
    lines: u64,
    why: String,
}

/// True for what must not be lost.
fn is_key(line: &Line) -> bool {
    match line {
        Line::Mark { mark, .. } => matches!(mark, Mark::Opened(_) | Mark::TlsReady(_) | Mark::Closed(_)),
        Line::Letter(_) | Line::End { .. } => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{Answer, Data, Kind, Name, Outcome, Record, Validation};
    use crate::ports::dns::{Request, Source};
    use crate::ports::net::{Place, Target, What};
    use crate::record::player;
    use crate::record::reader::read;
    use crate::tape::{Moment, Side};

    fn model() -> Model {
        let mut model = Model::new(LookUps::new(1));
        let id = model.begin(Target::new("mx1.harbor.test", 25, Place::Lab));
        say(&mut model, id, "220 mx1.harbor.test\r\n");
        model
    }

    fn say(model: &mut Model, id: SessionId, text: &str) {
        let session = model.session_mut(id).unwrap();
        session.apply(Moment::from_millis(1), &What::Bytes(Side::Server, text.as_bytes().into()));
    }

    #[tokio::test]
    async fn what_is_written_is_there_at_once_and_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ehlo");
        let (mut model, mut births) = (model(), Births::default());
        births.note(&model);
        let mut recorder = Recorder::create(&path).unwrap();
        for text in ["250 one\r\n", "250 two\r\n"] {
            recorder.follow(&model, &births).unwrap();
            let read = read(&std::fs::read(&path).unwrap()).unwrap();
            let mut again = Model::new(LookUps::new(1));
            read.lines.iter().for_each(|line| player::play(line, &mut again));
            assert_eq!(again.sessions()[0].text(), model.sessions()[0].text());
            say(&mut model, SessionId(1), text);
        }
        assert!(Recorder::create(&path).is_err(), "never over an existing file");
    }

    /// An answer to each question of a panel, and to those that follow from it.
    fn answer_all(model: &mut Model, mut told: impl FnMut(&dns::Signal, &Model)) {
        loop {
            let asked = model.look_ups.requests();
            if asked.is_empty() {
                break;
            }
            for request in asked {
                let owner = request.question.name.clone();
                let record = |data| Record { owner: owner.clone(), ttl: 300, data, proof: Validation::Secure };
                let records = match request.question.kind {
                    Kind::MX => [20, 10].map(|n| Data::Mx { preference: n, exchange: Name::ascii("mx.harbor.test") }),
                    Kind::TXT => [&b"v=spf1 mx -all"[..], &[0, 27, 255]].map(|text| Data::Txt(vec![text.to_vec()])),
                    Kind::A => [1, 2].map(|last| Data::A([192, 0, 2, last].into())),
                    kind => [&b"a"[..], b""].map(|octets| Data::Other { kind, octets: octets.to_vec() }),
                };
                let records = records.into_iter().map(record).collect();
                let answer = Answer { records, validation: Validation::Bogus, ..Answer::empty(Outcome::Found) };
                let Request { ticket, question, .. } = request;
                let took = std::time::Duration::from_millis(3);
                let signal = dns::Signal { ticket, question, answer, from: "lab".into(), took };
                model.apply(&crate::session::Signal::Dns(signal.clone()));
                told(&signal, model);
            }
        }
    }

    #[tokio::test]
    async fn the_dns_panel_of_a_recording_shows_what_was_found_and_asks_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let (early, late) = (folder.path().join("early.ehlo"), folder.path().join("late.ehlo"));
        let (mut model, births) = (model(), Births::default());
        let mut recorder = Recorder::create(&early).unwrap();
        model.look_ups.open("other.test", Source::Lab).unwrap();
        answer_all(&mut model, |signal, _| recorder.heard_of_dns(signal));
        recorder.follow(&model, &births).unwrap();
        model.look_ups.open("harbor.test", Source::Lab).unwrap();
        answer_all(&mut model, |signal, model| {
            recorder.heard_of_dns(signal);
            recorder.follow(model, &births).unwrap();
        });
        model.look_ups.ask_key("spring").unwrap();
        model.look_ups.ask("www.example.org", Kind::A, Source::Lab).unwrap();
        answer_all(&mut model, |signal, _| recorder.heard_of_dns(signal));
        recorder.finish(&model, &births).unwrap();
        let mut second = Recorder::create(&late).unwrap();
        second.catch_up(&model);
        second.finish(&model, &births).unwrap();
        let shown = |model: &Model| format!("{:?}", model.look_ups.panel().unwrap().rows());
        for path in [early, late] {
            let recording = read(&std::fs::read(&path).unwrap()).unwrap();
            assert_eq!(recording.remarks, []);
            let mut again = Model::new(LookUps::recorded());
            recording.lines.iter().for_each(|line| player::play(line, &mut again));
            assert_eq!(shown(&again), shown(&model));
            assert_eq!(again.look_ups.requests(), []);
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn f231_a_full_disk_stops_the_recording_and_is_told_once() {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut recorder = Recorder::to(full);
        let model = model();
        let stopped = recorder.follow(&model, &Births::default()).unwrap_err().to_string();
        assert!(
            stopped.contains("stopped after line 0: the disk is full.") && stopped.ends_with("[rec/stopped]"),
            "{stopped}"
        );
    }
}
