//! No secret leaves: random logins on a real host, and every place where something of them could come out.
//!
//! The server repeats the secret in six spellings: as it is, in Base64, in Base64 for URLs, in hex, in percent and in
//! UTF-16. The same logins with the lab, whose secrets are public and not hidden, prove that the search would find each.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on must stop")]

#[allow(dead_code, reason = "each test binary uses its own part of this")]
#[path = "screens/world.rs"]
mod world;

use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use ehlo::app::Effect;
use ehlo::dialogue::row::Row;
use ehlo::ports::net::{Act, Request, What};
use ehlo::record::line::Line;
use ehlo::record::writer::Writer;
use ehlo::safe;
use ehlo::screen::session::login::Handed;
use ehlo::tape::Side;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use ratatui::backend::{Backend as _, CrosstermBackend};
use regex::bytes::Regex;

use world::World;

/// How somebody logs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    PlainBehindAuth,
    PlainWhenAsked,
    Login,
    LoginWithItsName,
    /// The password is typed as it is where its Base64 belongs.
    LoginUncoded,
    XOauth2,
    OauthBearer,
    /// By the form, with a digest: the secret itself is on no line of the client.
    FormCramMd5,
    /// By the form.
    FormPlain,
    /// By the form, which the command line filled in.
    FormHanded,
}

/// Where the server repeats a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In what it says to the login.
    Verdict,
    /// In the answer to a later command.
    Later,
    /// In the list of its extensions.
    Hello,
    /// In a reply that nobody asked for.
    Unasked,
}

/// A login, and where the server repeats which spelling.
#[derive(Debug, Clone)]
struct Story {
    way: Way,
    secret: String,
    echoes: [Place; 6],
    /// What stands before and behind.
    noise: (String, String),
    /// The server's octets come in pieces of so many.
    piece: usize,
    succeeds: bool,
}

fn stories(way: Way) -> impl Strategy<Value = Story> {
    let place = prop_oneof![Just(Place::Verdict), Just(Place::Later), Just(Place::Hello), Just(Place::Unasked)];
    // Eight letters that happen to be Base64 are the worst a person can type uncoded.
    let secret = prop_oneof!["[!-~]{8,14}", "[!-~éßλ]{8,12}", "[A-Za-z0-9]{8}"];
    let noise = ("[a-z]{0,5}", "[a-z=+/.,]{0,5}");
    let parts = (secret, proptest::array::uniform6(place), noise, 1_usize..60, any::<bool>());
    parts.prop_map(move |(secret, echoes, noise, piece, succeeds)| Story {
        way,
        secret,
        echoes,
        noise,
        piece,
        succeeds,
    })
}

/// The names of the six spellings, for whoever reads a failure.
const NAMES: [&str; 6] = ["as it is", "Base64", "Base64 for URLs", "hex", "percent", "UTF-16"];

/// The six spellings of a secret.
fn spellings(secret: &str) -> [Vec<u8>; 6] {
    let octets = secret.as_bytes();
    let unreserved = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~".contains(&octet);
    let percent = |octet| if unreserved(octet) { char::from(octet).to_string() } else { format!("%{octet:02X}") };
    [
        octets.to_vec(),
        STANDARD_NO_PAD.encode(octets).into_bytes(),
        URL_SAFE_NO_PAD.encode(octets).into_bytes(),
        each(octets, |octet| format!("{octet:02x}")),
        each(octets, percent),
        secret.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ]
}

/// The octets one after the other, each as it is spelled.
fn each(octets: &[u8], spell: impl Fn(u8) -> String) -> Vec<u8> {
    octets.iter().flat_map(|octet| spell(*octet).into_bytes()).collect()
}

/// What comes out somewhere, and where.
type Sink = (&'static str, Vec<u8>);

/// A session that follows a story; everything that came out on the way is kept.
struct Play<'a> {
    story: &'a Story,
    world: World,
    sinks: Vec<Sink>,
    /// False where one screen and what is saved are enough.
    everywhere: bool,
}

impl<'a> Play<'a> {
    /// On a real host, where secrets are hidden.
    fn masked(story: &'a Story) -> Self {
        let mut world = World::greeted(240, 60);
        world.connect("mail.example.org", 25);
        world.keys("↓ Enter");
        world.open_at([198, 18, 0, 1]);
        world.server("220 mail.example.org ESMTP\r\n");
        Self { story, world, sinks: Vec::new(), everywhere: true }
    }

    /// With the lab, where they are not.
    fn open(story: &'a Story) -> Self {
        Self { story, world: World::greeted(240, 60), sinks: Vec::new(), everywhere: false }
    }

    /// The whole story.
    fn go(mut self) -> Vec<Sink> {
        self.world.silence(true);
        // The form takes the best that is offered.
        let offered = match self.story.way {
            Way::FormCramMd5 => "CRAM-MD5",
            Way::FormPlain | Way::FormHanded => "PLAIN",
            _ => "PLAIN LOGIN XOAUTH2 OAUTHBEARER",
        };
        self.types("EHLO laptop.you.test");
        self.world.server(&format!("250-mail.example.org\r\n250-SIZE 1000\r\n250 AUTH {offered}\r\n"));
        self.log_in();
        let code = if self.story.succeeds { "235" } else { "535" };
        self.says(code, Place::Verdict);
        self.types("NOOP");
        self.says("250", Place::Later);
        self.types("EHLO laptop.you.test");
        self.says("250", Place::Hello);
        self.says("421", Place::Unasked);
        self.look_around();
        self.sinks
    }

    fn log_in(&mut self) {
        let secret = self.story.secret.clone();
        let plain = STANDARD.encode(format!("\0mina\0{secret}"));
        let coded = STANDARD.encode(&secret);
        match self.story.way {
            Way::PlainBehindAuth => self.types(&format!("AUTH PLAIN {plain}")),
            Way::PlainWhenAsked => self.answers(&["AUTH PLAIN", &plain]),
            Way::Login => self.answers(&["AUTH LOGIN", "bWluYQ==", &coded]),
            Way::LoginWithItsName => self.answers(&["AUTH LOGIN bWluYQ==", &coded]),
            Way::LoginUncoded => self.answers(&["AUTH LOGIN", "bWluYQ==", &secret]),
            Way::XOauth2 => {
                let token = STANDARD.encode(format!("user=mina\u{1}auth=Bearer {secret}\u{1}\u{1}"));
                self.types(&format!("AUTH XOAUTH2 {token}"));
            }
            Way::OauthBearer => {
                let token = STANDARD.encode(format!("n,a=mina,\u{1}auth=Bearer {secret}\u{1}\u{1}"));
                self.types(&format!("AUTH OAUTHBEARER {token}"));
            }
            Way::FormCramMd5 => {
                self.fills(&secret);
                self.world.client("AUTH CRAM-MD5\r\n");
                self.world.server("334 PDFAbWFpbD4=\r\n");
                self.world.client("bWluYSBjODY3M2IxZTA3MzQ5YjVmNTU4ZmE2YjFiZTk1NWYzNA==\r\n");
            }
            Way::FormPlain | Way::FormHanded => {
                self.fills(&secret);
                self.world.client(&format!("AUTH PLAIN {plain}\r\n"));
            }
        }
    }

    /// Fills the form in; what it asks of the network is done by the story.
    fn fills(&mut self, secret: &str) {
        if self.story.way == Way::FormHanded {
            let (host, user) = (self.world.session().target.host.clone(), "mina".to_owned());
            self.world.app.room.handed = Some(Handed { host, user, secret: Some(secret.into()) });
            self.world.keys("Alt-a");
        } else {
            self.world.keys("Alt-a").types("mina").keys("Tab").types(secret);
        }
        self.see("the form");
        self.world.keys("Enter");
        self.see("the form's question");
        self.world.keys("Enter");
        let began = |effect: &Effect| matches!(effect, Effect::Net(Request::Do(_, Act::Authenticate(_))));
        assert!(self.world.effects.iter().any(began), "no login began:\n{}", self.world.text());
        assert!(!self.world.app.is_covered(), "{}", self.world.text());
    }

    /// Types lines; each but the last is answered with a 334.
    fn answers(&mut self, lines: &[&str]) {
        for (number, line) in lines.iter().enumerate() {
            self.types(line);
            if number + 1 < lines.len() {
                // A name that stood behind AUTH already is asked for again by some.
                self.world.server(if number == 0 { "334 VXNlcm5hbWU6\r\n" } else { "334 UGFzc3dvcmQ6\r\n" });
            }
        }
    }

    /// Types a line and sends it, whatever is asked before.
    fn types(&mut self, line: &str) {
        let sent = |play: &Self| play.world.session().octets(Side::Client);
        let before = sent(self);
        self.world.types(line);
        self.see("a line that is typed");
        self.world.keys("Enter");
        if sent(self) == before {
            self.see("a question before it is sent");
            self.world.keys("Enter");
        }
        assert!(sent(self) > before, "{line} was not sent:\n{}", self.world.text());
    }

    /// The server says what the story has for this place, in pieces.
    fn says(&mut self, code: &str, place: Place) {
        let (before, behind) = &self.story.noise;
        let spellings = spellings(&self.story.secret);
        let here = spellings.iter().zip(self.story.echoes).filter(|(_, at)| *at == place);
        let mut reply = Vec::new();
        for (spelling, _) in here {
            let line = [format!("{code}-{before} ").as_bytes(), spelling, format!(" {behind}\r\n").as_bytes()].concat();
            reply.extend(line);
        }
        reply.extend(format!("{code} done\r\n").bytes());
        for piece in reply.chunks(self.story.piece) {
            self.world.hear(What::Bytes(Side::Server, Arc::from(piece)));
        }
    }

    /// Every row is selected, with every pane and layer that shows it; then all is copied and saved.
    fn look_around(&mut self) {
        self.see("the session");
        if self.everywhere {
            self.look_at_rows();
        }
        self.world.keys("Alt-Y Alt-x").types("session.txt\n");
        let session = self.world.session().text();
        self.sinks.push(("the session as text", session.into_bytes()));
        for ending in ["md", "html", "svg", "cast", "jsonl", "smtp", "pcapng", "sh"] {
            self.world.keys("Alt-x Ctrl-u").types(&format!("session.{ending}\n"));
        }
        let recorded = Writer::default().finish(self.world.session(), 0);
        for side in [Side::Client, Side::Server] {
            self.sinks.push(("a recording", spoken(&recorded, side)));
        }
        self.sinks.extend(recorded.iter().map(|line| ("a recording, line by line", line.json().into_bytes())));
        for effect in &self.world.effects {
            self.sinks.push(("an effect, for those who debug", format!("{effect:?}").into_bytes()));
            match effect {
                Effect::Copy(text) => self.sinks.push(("a copy", text.clone().into_bytes())),
                Effect::Export { octets, .. } => self.sinks.push(("an export", octets.clone())),
                Effect::Save { text, .. } => self.sinks.push(("a saved file", text.clone().into_bytes())),
                _ => {}
            }
        }
        let (model, room) = (&self.world.app.model, &self.world.app.room);
        self.sinks.push(("the model, for those who debug", format!("{model:?}").into_bytes()));
        self.sinks.push(("what was handed over, for those who debug", format!("{:?}", room.handed).into_bytes()));
        self.sinks.push(("the composer, for those who debug", format!("{:?}", room.composer).into_bytes()));
    }

    fn look_at_rows(&mut self) {
        self.world.keys("Alt-2 g");
        for told in self.rows() {
            if told {
                self.see("a selected row");
                self.world.keys("b");
                self.see("its octets");
                self.world.keys("b y Y");
            }
            self.world.keys("j");
        }
        for keys in ["Alt-e m", "Alt-e m", "Alt-6", "Alt-5", "Alt-2 N", "Alt-e m", "Alt-f Alt-f", "Alt-h", "Alt-s"] {
            self.world.keys(keys);
            self.see(keys);
        }
        self.world.keys("Esc");
    }

    /// Of each row, whether there is something of the secret in it: what the client says, and what repeats it.
    fn rows(&self) -> Vec<bool> {
        let session = self.world.session();
        let spellings = spellings(&self.story.secret);
        let tells = |row: &Row| {
            let octets = row.span().map(|span| session.tape().bytes(span)).unwrap_or_default();
            let repeats = spellings.iter().any(|spelling| memchr::memmem::find(&octets, spelling).is_some());
            row.side() == Some(Side::Client) || repeats
        };
        session.dialogue().rows().iter().map(tells).collect()
    }

    /// Keeps the screen as the terminal gets it, without what only moves and colours.
    fn see(&mut self, what: &'static str) {
        static SEQUENCES: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\x1b\[[0-9;?]*[A-Za-z]").expect("sound"));
        let (buffer, _) = self.world.draw();
        let width = buffer.area.width;
        let mut written = Vec::new();
        let mut backend = CrosstermBackend::new(&mut written);
        let cells = buffer.content.iter().zip(0_u32..);
        let place = |index: u32| (u16::try_from(index % u32::from(width)), u16::try_from(index / u32::from(width)));
        let cells = cells.filter_map(|(cell, index)| match place(index) {
            (Ok(x), Ok(y)) => Some((x, y, cell)),
            _ => None,
        });
        backend.draw(cells).expect("memory takes it");
        backend.flush().expect("memory takes it");
        self.sinks.push((what, SEQUENCES.replace_all(&written, &b""[..]).into_owned()));
    }
}

/// All that one side says in a recording.
fn spoken(recorded: &[Line], side: Side) -> Vec<u8> {
    let bytes = |line: &Line| match line {
        Line::Bytes(bytes) if bytes.side == side => bytes.octets().map(std::borrow::Cow::into_owned),
        _ => None,
    };
    recorded.iter().filter_map(bytes).flatten().collect()
}

/// The spelling as it stands in octets, on a screen, in a text, and as numbers.
fn needles(spelling: &[u8]) -> Vec<Vec<u8>> {
    let numbers: Vec<String> = spelling.iter().map(ToString::to_string).collect();
    vec![
        spelling.to_vec(),
        safe::screen(spelling).into_string().into_bytes(),
        safe::plain(spelling).into_string().into_bytes(),
        numbers.join(", ").into_bytes(),
    ]
}

/// Where which spelling of the secret came out, with the line that tells it.
fn found(sinks: &[Sink], secret: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (spelling, name) in spellings(secret).iter().zip(NAMES) {
        let needles = needles(spelling);
        let at = |text: &[u8]| needles.iter().find_map(|needle| memchr::memmem::find(text, needle));
        for (sink, text) in sinks {
            let Some(at) = at(text) else { continue };
            let around = text.get(at.saturating_sub(60)..text.len().min(at + 60)).unwrap_or_default();
            let place = format!("{sink}, {name}: ");
            if !found.iter().any(|known: &String| known.starts_with(&place)) {
                found.push(format!("{place}… {} …", around.escape_ascii()));
            }
        }
    }
    found
}

/// Several stories of one way to log in.
fn tells_nothing(way: Way) {
    let config =
        ProptestConfig { cases: 2, failure_persistence: None, max_shrink_iters: 20, ..ProptestConfig::default() };
    let held = TestRunner::new(config).run(&stories(way), |story| {
        let open = found(&Play::open(&story).go(), &story.secret);
        for name in NAMES {
            for sink in ["the session", "the session as text", "a saved file", "a recording"] {
                prop_assert!(
                    open.iter().any(|it| it.starts_with(&format!("{sink}, {name}"))),
                    "{sink} would not tell: {name}"
                );
            }
        }
        let masked = found(&Play::masked(&story).go(), &story.secret);
        prop_assert!(masked.is_empty(), "{}", masked.join("\n"));
        Ok(())
    });
    held.unwrap_or_else(|why| panic!("{way:?}: {why}"));
}

macro_rules! ways {
    ($($test:ident $way:ident;)+) => {
        $(#[test]
        fn $test() {
            tells_nothing(Way::$way);
        })+
    };
}

ways! {
    plain_behind_auth PlainBehindAuth;
    plain_when_asked PlainWhenAsked;
    login Login;
    login_with_its_name LoginWithItsName;
    login_uncoded LoginUncoded;
    xoauth2 XOauth2;
    oauthbearer OauthBearer;
    cram_md5_by_form FormCramMd5;
    plain_by_form FormPlain;
    plain_by_a_form_that_was_filled_in FormHanded;
}
