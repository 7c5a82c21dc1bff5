//! An application without a terminal and without a network: keys go in, a scripted server answers, and the screen is
//! read as text and styles.

use std::io::Cursor;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ehlo::app::{App, Effect, Msg, Settings};
use ehlo::dns::{Answer, Data, Kind, Name, Outcome, Record, Validation, typed};
use ehlo::input::{Act, Input, Key, Mouse, Paste};
use ehlo::ports::lab::change::{Cast, Change, Member, Scene};
use ehlo::ports::lab::setting::Setting;
use ehlo::ports::net::{self, Request, SessionId, Target, What};
use ehlo::ports::{dns, lab};
use ehlo::record::slice::slice;
use ehlo::screen::session::Room;
use ehlo::screen::session::file::{Chosen, LetterFile};
use ehlo::session::look_ups::LookUps;
use ehlo::session::target::{Wanted, place_of, source_of};
use ehlo::session::{Model, Signal};
use ehlo::smtp::data::{Stuffed, Survey, Surveyor};
use ehlo::tape::mark::{Closed, Ending, LookUp, Mark, Opened};
use ehlo::tape::tls::{Certificate, Judgement, TlsFacts};
use ehlo::tape::{Moment, Side};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// The application and what a test needs around it.
pub(crate) struct World {
    pub(crate) app: App,
    /// What was asked of the edge and not answered by the script.
    pub(crate) effects: Vec<Effect>,
    /// Milliseconds since the program began.
    pub(crate) clock: u64,
    /// False while the scripted server keeps silent.
    answers: bool,
    /// True once requests are kept as they are, for a test to look at.
    held: bool,
    /// False while the network takes nothing.
    takes: bool,
    /// Lines of the letter that is being received; nothing outside DATA.
    letter: Option<String>,
    /// The file of the recording that is shown.
    pub(crate) file: Vec<u8>,
}

impl World {
    /// An application that has just connected to `mx1.harbor.test`.
    pub(crate) fn new(columns: u16, lines: u16) -> Self {
        let mut world = Self::blank(columns, lines);
        world.connect("mx1.harbor.test", 25);
        world
    }

    /// An application that shows where the mail of a domain goes, and has no session yet.
    pub(crate) fn choosing(columns: u16, lines: u16) -> Self {
        let mut world = Self::blank(columns, lines);
        Room::begin(&mut world.app, Wanted::Exchangers("harbor.test".into(), dns::Source::Lab));
        world.message(Msg::Tick);
        world
    }

    /// An application that knows nothing yet.
    pub(crate) fn blank(columns: u16, lines: u16) -> Self {
        let model = Model::new(LookUps::new(1));
        let settings = Settings { lab_day: 1_767_261_900, ..Settings::default() };
        let mut app = App::new(model, Room::default(), settings);
        app.model.lab_state.cast = Some(cast());
        let mut world = Self {
            app,
            effects: Vec::new(),
            clock: 0,
            answers: true,
            held: false,
            takes: true,
            letter: None,
            file: Vec::new(),
        };
        world.resize(columns, lines);
        world
    }

    /// The same, greeted.
    pub(crate) fn greeted(columns: u16, lines: u16) -> Self {
        let mut world = Self::new(columns, lines);
        world.open();
        world.server("220 mx1.harbor.test ESMTP Harbor Post\r\n");
        world
    }

    pub(crate) fn connect(&mut self, host: &str, port: u16) {
        let place = place_of(host);
        let source = source_of(place, &self.app.settings.resolver);
        let target = Target { source, ..Target::new(host, port, place) };
        Room::begin(&mut self.app, Wanted::Host(Box::new(target)));
        self.message(Msg::Tick);
    }

    pub(crate) fn open(&mut self) {
        self.open_at([192, 0, 2, 10]);
    }

    pub(crate) fn open_at(&mut self, address: [u8; 4]) {
        let host = self.session().target.host.clone();
        self.mark(Mark::LookedUp(LookUp {
            name: format!("{host}."),
            kind: "A".into(),
            answers: vec![std::net::Ipv4Addr::from(address).to_string()],
            outcome: "NOERROR".into(),
            source: "lab".into(),
            ttl: Some(300),
            took: Duration::from_millis(3),
        }));
        self.mark(Mark::Opened(Opened {
            host,
            peer: SocketAddr::from((address, 25)).into(),
            local: None,
            lmtp: false,
            took: Duration::from_millis(31),
        }));
    }

    pub(crate) fn session(&self) -> &ehlo::session::Session {
        self.app.room.session(&self.app.model).expect("a session is shown")
    }

    pub(crate) fn message(&mut self, msg: Msg) {
        let effects = self.app.update(msg, Moment::from_millis(self.clock));
        for effect in effects {
            self.answer(effect);
        }
    }

    /// The lab does as it is told, but for records that it does not understand.
    fn change_lab(&mut self, request: lab::Request) {
        let state = &self.app.model.lab_state;
        let mut changes = state.changes.clone();
        match &request {
            lab::Request::Change(Change::Record { line }) if !line.contains(". ") => {
                let why = "A record is one line that begins with a whole name.".into();
                return self.signal(Signal::Lab(lab::Signal::Unchanged { wanted: request, why }));
            }
            lab::Request::Change(change) => {
                changes.retain(|other| !change.excludes(other));
                changes.push(change.clone());
            }
            lab::Request::Undo(change) => changes.retain(|other| other != change),
            lab::Request::Scene(name) => {
                let known = state.cast.iter().flat_map(|cast| &cast.scenes).find(|scene| scene.name == *name);
                changes.clone_from(&known.expect("a scene").changes);
            }
            _ => changes.clear(),
        }
        self.signal(Signal::Lab(lab::Signal::Changed(changes)));
    }

    /// What the scripted world does about an effect.
    pub(crate) fn answer(&mut self, effect: Effect) {
        match effect {
            Effect::Net(request) if !self.takes => {
                self.message(Msg::Unsent(request, "The network is still busy writing."));
            }
            Effect::Net(Request::Do(..)) if self.held => self.effects.push(effect),
            Effect::Net(Request::Do(_, net::Act::Send(octets))) => {
                let text = String::from_utf8_lossy(&octets).into_owned();
                self.client(&text);
                if self.answers {
                    text.split_inclusive('\n').for_each(|line| self.reply(line));
                }
            }
            Effect::Net(Request::Do(_, net::Act::GoOn)) => self.mark(Mark::WentOn),
            Effect::Net(Request::Do(_, net::Act::KeepWaiting)) => self.mark(Mark::KeptWaiting),
            Effect::Net(Request::Do(_, net::Act::StopWaiting)) => self.mark(Mark::StoppedWaiting),
            Effect::Net(Request::Do(_, net::Act::Close)) => self.close(Side::Client),
            Effect::Dns(request) => self.look_up(request),
            Effect::Lab(request)
                if !matches!(request, lab::Request::Pass(_) | lab::Request::Skip | lab::Request::Run(_)) =>
            {
                self.change_lab(request);
            }
            Effect::ReadOfRecording(wanted) => {
                let read = slice(&mut Cursor::new(&self.file), &wanted).map_err(|why| why.to_string());
                self.message(Msg::ReadOfRecording(read));
            }
            other => self.effects.push(other),
        }
    }

    pub(crate) fn close(&mut self, by: Side) {
        self.mark(Mark::Closed(Closed { by, how: Ending::Clean }));
        self.hear(What::Ended);
    }

    /// The scripted server, kept apart from the lab: a screen is tested here, not a server.
    fn reply(&mut self, line: &str) {
        if let Some(letter) = &mut self.letter {
            letter.push_str(line);
            if letter.ends_with("\r\n.\r\n") || letter == ".\r\n" {
                let text = self.letter.take().unwrap_or_default();
                self.deliver(&text);
                self.server("250 2.0.0 Queued as A1B2\r\n");
            }
            return;
        }
        let upper = line.trim_end().to_ascii_uppercase();
        let verb = upper.split([' ', ':']).next().unwrap_or_default();
        match verb {
            "EHLO" if self.session().dialogue().is_secured() => self.server(
                "250-mx1.harbor.test hello again\r\n250-SIZE 10485760\r\n250-PIPELINING\r\n250-AUTH PLAIN LOGIN\r\n250 ENHANCEDSTATUSCODES\r\n",
            ),
            "EHLO" => self.server(
                "250-mx1.harbor.test hello laptop\r\n250-SIZE 10485760\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 ENHANCEDSTATUSCODES\r\n",
            ),
            "MAIL" => self.server("250 2.1.0 Sender OK\r\n"),
            "RCPT" if upper.contains("NOBODY") => self.server("550 5.1.1 No such user here\r\n"),
            "RCPT" => self.server("250 2.1.5 Recipient OK\r\n"),
            "DATA" => {
                self.server("354 Go on, end with a dot alone\r\n");
                self.letter = Some(String::new());
            }
            "STARTTLS" => {
                self.server("220 2.0.0 Ready to start TLS\r\n");
                self.mark(Mark::TlsStarted { sni: Some("mx1.harbor.test".into()) });
                self.mark(Mark::TlsReady(Box::new(facts(Judgement::Good))));
            }
            "AUTH" => self.server("334 VXNlcm5hbWU6\r\n"),
            "QUIT" => {
                self.server("221 2.0.0 Bye\r\n");
                self.close(Side::Server);
            }
            "NOOP" | "RSET" => self.server("250 2.0.0 OK\r\n"),
            _ => self.server("500 5.5.2 Unknown command\r\n"),
        }
    }

    fn deliver(&mut self, text: &str) {
        let added = "Return-Path: <you@you.test>\r\nReceived: from laptop.you.test by mx1.harbor.test\r\n";
        let text = text.strip_suffix(".\r\n").unwrap_or(text);
        let letter = format!("{added}{}", text.replace("\r\n..", "\r\n."));
        let delivered = lab::Delivered {
            at: 1_767_261_900,
            host: "mx1.harbor.test".into(),
            mailbox: "pat@harbor.test".into(),
            id: "A1B2".into(),
            from: "you@you.test".into(),
            letter: Arc::from(letter.as_bytes()),
            added: added.len(),
        };
        self.signal(Signal::Lab(lab::Signal::Delivered(delivered)));
    }

    fn look_up(&mut self, request: dns::Request) {
        let name = |text: &str| typed::name(text).expect("a name").name;
        let data = match (request.question.name.to_string().as_str(), request.question.kind) {
            ("harbor.test.", Kind::MX) => vec![
                Data::Mx { preference: 10, exchange: name("mx1.harbor.test") },
                Data::Mx { preference: 20, exchange: name("mx2.harbor.test") },
            ],
            ("mx1.harbor.test.", Kind::A) => vec![Data::A([192, 0, 2, 10].into())],
            ("mx2.harbor.test.", Kind::A) => vec![Data::A([192, 0, 2, 20].into())],
            ("harbor.test.", Kind::TXT) => vec![Data::Txt(vec![b"v=spf1 mx -all".to_vec()])],
            ("_dmarc.harbor.test.", Kind::TXT) => vec![Data::Txt(vec![b"v=DMARC1; p=quarantine".to_vec()])],
            _ => Vec::new(),
        };
        let outcome = if data.is_empty() { Outcome::NoData } else { Outcome::Found };
        let mut answer = Answer::empty(outcome);
        let owner: Name = request.question.name.clone();
        answer.records = data
            .into_iter()
            .map(|data| Record { owner: owner.clone(), ttl: 300, data, proof: Validation::NotChecked })
            .collect();
        let signal = dns::Signal {
            ticket: request.ticket,
            question: request.question,
            answer,
            from: request.source.to_string(),
            took: Duration::from_millis(2),
        };
        self.signal(Signal::Dns(signal));
    }

    pub(crate) fn signal(&mut self, signal: Signal) {
        self.clock += 30;
        self.message(Msg::Signal(signal));
    }

    pub(crate) fn hear(&mut self, what: What) {
        let session = self.current();
        let at = Moment::from_millis(self.clock + 30);
        self.signal(Signal::Net(net::Signal { session, at, what }));
    }

    fn current(&self) -> SessionId {
        self.app.room.current.expect("a session is shown")
    }

    pub(crate) fn mark(&mut self, mark: Mark) {
        self.hear(What::Mark(mark));
    }

    pub(crate) fn server(&mut self, text: &str) {
        self.hear(What::Bytes(Side::Server, Arc::from(text.as_bytes())));
    }

    /// What the server says to a letter that came from a file.
    #[allow(dead_code, reason = "each test binary uses its own part of this")]
    pub(crate) fn verdict(&mut self, text: &str) {
        self.letter = None;
        self.server(text);
    }

    pub(crate) fn client(&mut self, text: &str) {
        self.hear(What::Bytes(Side::Client, Arc::from(text.as_bytes())));
    }

    /// The network takes nothing, or takes what it is given again.
    #[allow(dead_code, reason = "each test binary uses its own part of this")]
    pub(crate) fn block(&mut self, blocked: bool) {
        self.takes = !blocked;
    }

    /// What is asked of the network is kept from now on, and not done.
    #[allow(dead_code, reason = "each test binary uses its own part of this")]
    pub(crate) fn hold(&mut self) {
        self.held = true;
    }

    /// The server says nothing from now on, or answers again.
    pub(crate) fn silence(&mut self, silent: bool) {
        self.answers = !silent;
    }

    /// Time passes.
    pub(crate) fn wait(&mut self, millis: u64) {
        self.clock += millis;
        self.message(Msg::Tick);
    }

    /// The terminal has another size now.
    pub(crate) fn resize(&mut self, columns: u16, lines: u16) {
        self.message(Msg::Input(Input::Resize(columns, lines)));
    }

    /// Presses keys, by their names with blanks between.
    pub(crate) fn keys(&mut self, names: &str) -> &mut Self {
        for name in names.split_whitespace() {
            let key: Key = name.parse().expect("the name of a key");
            self.clock += 5;
            self.message(Msg::Input(Input::Key(key)));
        }
        self
    }

    /// Types a text; a line end is the Enter key.
    pub(crate) fn types(&mut self, text: &str) -> &mut Self {
        for character in text.chars() {
            let key = if character == '\n' { "Enter".parse().expect("a key") } else { Key::char(character) };
            self.clock += 5;
            self.message(Msg::Input(Input::Key(key)));
        }
        self
    }

    pub(crate) fn paste(&mut self, text: &str) {
        self.message(Msg::Input(Input::Paste(Paste::new(text))));
    }

    pub(crate) fn mouse(&mut self, act: Act, column: u16, line: u16) {
        self.message(Msg::Input(Input::Mouse(Mouse { act, column, line })));
    }

    /// The editor comes back with a text.
    pub(crate) fn edited(&mut self, text: &str) {
        self.message(Msg::Edited(Ok(text.to_owned())));
    }

    /// A file is chosen for the letter.
    pub(crate) fn choose(&mut self, path: &str) {
        self.keys("Alt-i").types(path).keys("Enter");
    }

    /// A file that was chosen is a text that the editor can take.
    pub(crate) fn read(&mut self, path: &str, text: &str) {
        self.message(Msg::Read { path: path.into(), found: Ok(Chosen::Text(text.into())) });
    }

    /// A file is chosen and looked at: it holds this letter so many times, and is not for the editor.
    pub(crate) fn looked_at(&mut self, path: &str, letter: &[u8], times: u64) {
        let mut surveyor = Surveyor::default();
        surveyor.push(letter);
        let Survey { verbatim, normalised } = surveyor.finish();
        let survey = Survey { verbatim: repeated(&verbatim, times), normalised: repeated(&normalised, times) };
        let found = Ok(Chosen::File(LetterFile { path: path.into(), survey }));
        self.choose(path);
        self.message(Msg::Read { path: path.into(), found });
    }

    /// An envelope with one good and one bad recipient.
    pub(crate) fn envelope(&mut self) {
        self.types("EHLO laptop.you.test\nMAIL FROM:<you@you.test>\nRCPT TO:<pat@harbor.test>\n");
        self.types("RCPT TO:<nobody@harbor.test>\n");
    }

    /// The screen, and where the cursor stands.
    pub(crate) fn draw(&self) -> (Buffer, Option<Position>) {
        let (columns, lines) = self.app.size();
        let mut buffer = Buffer::empty(Rect::new(0, 0, columns, lines));
        let cursor = self.app.view(&mut buffer);
        (buffer, cursor)
    }

    /// The screen as text.
    pub(crate) fn text(&self) -> String {
        let (buffer, _) = self.draw();
        let width = usize::from(buffer.area.width).max(1);
        let line = |cells: &[ratatui::buffer::Cell]| {
            let text: String = cells.iter().map(ratatui::buffer::Cell::symbol).collect();
            format!("{}\n", text.trim_end())
        };
        buffer.content.chunks(width).map(line).collect()
    }
}

/// What is done to a letter that is repeated so many times; the dot at the end is there once.
fn repeated(once: &Stuffed, times: u64) -> Stuffed {
    Stuffed {
        taken: once.taken * times,
        written: (once.written - 3) * times + 3,
        lines: once.lines * times,
        dots: once.dots * times,
        lone_lf: once.lone_lf * times,
        lone_cr: once.lone_cr * times,
        eight_bit: once.eight_bit * times,
        nul: once.nul * times,
        look_alikes: once.look_alikes * times,
        ..once.clone()
    }
}

/// What a handshake with the lab shows.
pub(crate) fn facts(name: Judgement) -> TlsFacts {
    let leaf = Certificate {
        subject: "CN=mx1.harbor.test".into(),
        issuer: "CN=Lab CA".into(),
        names: vec!["mx1.harbor.test".into()],
        not_before: 1_767_225_600,
        not_after: 2_082_758_400,
        seconds_left: 3_651 * 24 * 60 * 60,
        usage: vec!["digitalSignature".into(), "serverAuth".into()],
        key: "Ed25519".into(),
        signature: "Ed25519".into(),
        sha256: "ab".repeat(32),
        spki_sha256: "cd".repeat(32),
        der: vec![7; 90],
        readable: true,
        ..Certificate::default()
    };
    TlsFacts {
        version: "TLS 1.3".into(),
        suite: "TLS13_AES_256_GCM_SHA384".into(),
        group: Some("X25519MLKEM768".into()),
        sni: Some("mx1.harbor.test".into()),
        expected: "mx1.harbor.test".into(),
        chain: vec![leaf],
        trust: Judgement::Good,
        name,
        dates: Judgement::Good,
        records: Vec::new(),
        terms: ehlo::tape::tls::Terms::default(),
        took: Duration::from_millis(28),
    }
}

/// Two hosts of the lab, three faults and two scenes.
fn cast() -> Cast {
    let member = |host: &str, about: &str, domain: &str| Member {
        host: host.into(),
        about: about.into(),
        domains: vec![domain.into()],
        sites: if domain == "harbor.test" { vec!["mta-sts.harbor.test".into()] } else { Vec::new() },
        settings: vec![(Setting::Greylist, "off".into()), (Setting::LineEnds, "keep".into())],
    };
    let fault = |name: &str, about: &str| (name.to_owned(), about.to_owned());
    let strip = Change::Fault { host: "submit.you.test".into(), name: "strip".into() };
    let scene =
        |name: &str, about: &str, changes: Vec<Change>| Scene { name: name.into(), about: about.into(), changes };
    Cast {
        hosts: vec![
            member("mx1.harbor.test", "friendly, complete ESMTP", "harbor.test"),
            member("submit.you.test", "your own submission server", "you.test"),
        ],
        faults: vec![
            fault("late", "the reply to RCPT comes five seconds late"),
            fault("strip", "STARTTLS is not offered, as if somebody cut it out"),
        ],
        scenes: vec![scene("stripped", "STARTTLS is cut out. Connect with TLS required.", vec![strip])],
        users: Vec::new(),
    }
}
