//! A scene: one session of the real network service with a peer that a test plays, and what came of it.

use std::time::Duration;

use ehlo::dialogue::Dialogue;
use ehlo::dialogue::exchange::Exchange;
use ehlo::dialogue::forecast;
use ehlo::dialogue::phase::Phase;
use ehlo::dialogue::row::Row;
use ehlo::dialogue::standing::Standing;
use ehlo::dialogue::suggest::{self, Persona};
use ehlo::ports::net::{Act, Opening, SessionId, Target};
use ehlo::safe;
use ehlo::session::Session;
use ehlo::session::transcript::hide;
use ehlo::smtp::command::{Command, Verb};
use ehlo::smtp::extension::Extensions;
use ehlo::smtp::flaw::FlawKind;
use ehlo::tape::mark::Mark;
use ehlo::tape::{Entry, Side, Span, Tape};

use crate::peer::Attempt;
use crate::wire::{Wire, target};

/// The greeting and the EHLO of an ordinary session.
const GREETING: &[u8] = b"220 mx.example.test ESMTP\r\n";
const HELLO: &str = "EHLO laptop.you.test";
const CAPABILITIES: &[u8] = b"250-mx.example.test\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES\r\n";

/// A session under way.
pub(crate) struct Scene {
    wire: Wire,
    session: Session,
    /// Octets of the server's lane that belong to the ordinary beginning.
    prologue: usize,
}

impl Scene {
    /// A connection that stands; nothing was said.
    pub(crate) async fn connected() -> Self {
        Self::dialled(target(Opening::Plain, 1), Vec::new()).await
    }

    /// A target was dialled: these attempts failed, and the one after them stands if there is one.
    pub(crate) async fn dialled(target: Target, failures: Vec<Attempt>) -> Self {
        let session = Session::new(SessionId(1), target.clone());
        let mut scene = Self { wire: Wire::dial(target, failures).await, session, prologue: 0 };
        scene.listen().await;
        scene
    }

    /// The peer has sent these bytes as its greeting.
    pub(crate) async fn greeted_with(greeting: &[u8]) -> Self {
        let mut scene = Self::connected().await;
        scene.peer(greeting).await;
        scene
    }

    /// An ordinary greeting.
    pub(crate) async fn greeted() -> Self {
        Self::greeted_with(GREETING).await
    }

    /// An ordinary greeting and EHLO.
    pub(crate) async fn ready() -> Self {
        let mut scene = Self::greeted().await;
        scene.types(HELLO).await;
        scene.peer(CAPABILITIES).await;
        scene.prologue = GREETING.len() + CAPABILITIES.len();
        scene
    }

    /// The peer sends bytes in one piece.
    pub(crate) async fn peer(&mut self, bytes: &[u8]) {
        self.wire.peer().send(bytes).await;
        self.listen().await;
    }

    /// The peer sends one octet at a time.
    pub(crate) async fn drips(&mut self, bytes: &[u8], gap: Duration) {
        for octet in bytes {
            self.peer(std::slice::from_ref(octet)).await;
            self.waits(gap).await;
        }
    }

    /// Time passes and nobody speaks.
    pub(crate) async fn waits(&mut self, time: Duration) {
        tokio::time::sleep(time).await;
        self.listen().await;
    }

    /// The computer sleeps and wakes.
    pub(crate) async fn sleeps(&mut self, time: Duration) {
        self.wire.sleeps(time);
        self.listen().await;
    }

    /// The user types a line and presses Enter.
    pub(crate) async fn types(&mut self, line: &str) {
        self.acts(Act::Send(format!("{line}\r\n").into_bytes().into())).await;
    }

    /// The user sends a line at once, whatever is still due.
    pub(crate) async fn types_now(&mut self, line: &str) {
        self.acts(Act::SendNow(format!("{line}\r\n").into_bytes().into())).await;
    }

    /// The user does something.
    pub(crate) async fn acts(&mut self, act: Act) {
        self.wire.act(act).await;
        self.listen().await;
    }

    /// The peer finishes sending and reads on.
    pub(crate) async fn peer_finishes(&mut self) {
        self.wire.peer().finish().await;
        self.listen().await;
    }

    /// The peer closes both ways.
    pub(crate) async fn peer_ends(&mut self) {
        self.wire.peer().hang_up().await;
        self.listen().await;
    }

    /// The peer resets the connection.
    pub(crate) async fn peer_resets(&mut self) {
        self.wire.peer().reset().await;
        self.listen().await;
    }

    /// The TLS handshake succeeds.
    pub(crate) async fn secured(&mut self) {
        self.wire.secured().await;
        self.listen().await;
    }

    async fn listen(&mut self) {
        for signal in self.wire.listen().await {
            self.session.apply(signal.at, &signal.what);
        }
    }

    /// The dialogue so far.
    pub(crate) fn dialogue(&self) -> &Dialogue {
        self.session.dialogue()
    }

    /// The session as plain text, as it is saved and copied.
    pub(crate) fn export(&self) -> String {
        self.session.text()
    }

    /// What happened and is not bytes.
    pub(crate) fn marks(&self) -> Vec<Mark> {
        self.session.tape().marks().iter().map(|(_, mark)| mark.clone()).collect()
    }

    /// Asserts exactly these diagnostic ids, in any order.
    #[track_caller]
    pub(crate) fn finds(&mut self, ids: &[&str]) {
        let mut wanted = ids.to_vec();
        wanted.sort_unstable();
        assert_eq!(self.ids(), wanted);
        self.keeps_its_promises();
    }

    /// Asserts that this diagnostic id is among those found.
    #[track_caller]
    pub(crate) fn has(&mut self, id: &str) {
        assert!(self.ids().contains(&id), "{id} is missing among {:?}", self.ids());
        self.keeps_its_promises();
    }

    /// The diagnostic ids so far, sorted, each once.
    pub(crate) fn ids(&self) -> Vec<&'static str> {
        let mut ids: Vec<_> = self.dialogue().flaws().iter().map(|flaw| flaw.kind.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// True if exactly this was found: some kinds carry a reason that their id does not show.
    pub(crate) fn found(&self, kind: FlawKind) -> bool {
        self.dialogue().flaws().iter().any(|flaw| flaw.kind == kind)
    }

    /// Asserts where the session stands.
    #[track_caller]
    pub(crate) fn stands_in(&self, phase: Phase) {
        assert_eq!(self.dialogue().phase(), phase, "found: {:?}", self.ids());
    }

    /// Asserts every octet that the peer sent, as the transcript has it.
    #[track_caller]
    pub(crate) fn heard(&self, bytes: &[u8]) {
        assert_eq!(self.server_bytes().escape_ascii().to_string(), bytes.escape_ascii().to_string());
    }

    /// Asserts every octet that the peer sent after the ordinary beginning.
    #[track_caller]
    pub(crate) fn heard_since(&self, bytes: &[u8]) {
        let all = self.server_bytes();
        let since = all.get(self.prologue..).unwrap_or_default();
        assert_eq!(since.escape_ascii().to_string(), bytes.escape_ascii().to_string());
    }

    /// Asserts every octet that left, as the transcript has it and as the peer received it.
    pub(crate) async fn sent(&mut self, bytes: &[u8]) {
        assert_eq!(self.lane(Side::Client).escape_ascii().to_string(), bytes.escape_ascii().to_string());
        let received = self.wire.peer().received().await;
        assert_eq!(received.escape_ascii().to_string(), bytes.escape_ascii().to_string());
    }

    /// Asserts every octet that left, as the transcript has it: inside TLS the peer also received the handshake.
    #[track_caller]
    pub(crate) fn said(&self, bytes: &[u8]) {
        assert_eq!(self.lane(Side::Client).escape_ascii().to_string(), bytes.escape_ascii().to_string());
    }

    /// Every octet that the peer sent, as the transcript has it.
    pub(crate) fn server_bytes(&self) -> Vec<u8> {
        self.lane(Side::Server)
    }

    /// Asserts that a row shows this text.
    #[track_caller]
    pub(crate) fn shows(&self, text: &str) {
        let rows = self.rows();
        assert!(rows.iter().any(|row| row.contains(text)), "{text:?} is not shown in {rows:?}");
    }

    /// Code and number of lines of each whole reply.
    pub(crate) fn answers(&self) -> Vec<(u16, u32)> {
        let answers = self.dialogue().exchanges().iter().filter_map(|exchange| exchange.answer);
        answers.filter(|answer| answer.complete).map(|answer| (answer.code.get(), answer.lines)).collect()
    }

    /// The code that answered the last command.
    pub(crate) fn last_code(&self) -> Option<u16> {
        self.last_command().code().map(ehlo::smtp::code::Code::get)
    }

    /// True if the last command succeeded.
    pub(crate) fn last_succeeded(&self) -> bool {
        self.last_command().succeeded()
    }

    fn last_command(&self) -> &Exchange {
        self.dialogue().exchanges().iter().rev().find(|exchange| exchange.verb().is_some()).unwrap()
    }

    /// The extensions in force.
    pub(crate) fn extensions(&self) -> &Extensions {
        self.dialogue().extensions().unwrap()
    }

    /// The names of the mechanisms that AUTH offers, sorted.
    pub(crate) fn mechanisms(&self) -> Vec<String> {
        let mut names: Vec<_> = self.extensions().auth().iter().map(|offered| offered.name.clone()).collect();
        names.sort();
        names
    }

    /// The line that the composer suggests.
    pub(crate) fn suggestion(&self) -> String {
        let persona = Persona { hello: "laptop.you.test".into(), sender: "you@you.test".into(), ..Persona::default() };
        suggest::suggest(self.dialogue(), &persona).unwrap_or_default()
    }

    /// Asserts that QUIT is the only command that fits the state.
    #[track_caller]
    pub(crate) fn offers_only_quit(&self) {
        assert_eq!(self.suggestion(), "QUIT");
        for verb in [Verb::Ehlo, Verb::Mail, Verb::StartTls, Verb::Auth, Verb::Noop] {
            let legal = forecast::legal(self.dialogue(), verb);
            assert!(matches!(legal, forecast::Legal::Not { .. }), "{verb:?}: {legal:?}");
        }
        assert_eq!(forecast::legal(self.dialogue(), Verb::Quit), forecast::Legal::Now);
    }

    /// The ids of the warnings before a line is sent.
    pub(crate) fn forecasts(&self, line: &str) -> Vec<&'static str> {
        let command = Command::parse(line.as_bytes());
        forecast::forecast(&Standing::of(self.dialogue()), &command).iter().map(|warning| warning.id).collect()
    }

    /// The rows of both sides, as a screen would show them.
    pub(crate) fn rows(&self) -> Vec<String> {
        let spans = self.dialogue().rows().iter().filter_map(Row::span);
        spans
            .map(|span| {
                let bytes = self.session.tape().bytes(span);
                let hidden = self.session.hidden(span, &bytes);
                hide(bytes.trim_ascii_end(), &hidden, |text| safe::screen(text).to_string())
            })
            .collect()
    }

    fn lane(&self, side: Side) -> Vec<u8> {
        self.session.tape().bytes(Span::new(side, 0, self.session.tape().lane(side).len())).into_owned()
    }

    /// What must hold whatever a peer does: no control character gets past the gate, and the same bytes in pieces of
    /// one octet are the same dialogue.
    #[track_caller]
    fn keeps_its_promises(&self) {
        for row in self.rows() {
            assert!(!row.chars().any(char::is_control), "a control character is left in {row:?}");
        }
        if self.session.tape().lane(Side::Server).len() < 1 << 16 {
            assert_eq!(summary(&in_octets(self.session.tape())), summary(self.dialogue()), "in pieces of one octet");
        }
    }
}

/// The dialogue of the same tape, followed octet by octet.
fn in_octets(tape: &Tape) -> Dialogue {
    let (mut pieces, mut dialogue) = (Tape::new(1 << 28), Dialogue::new());
    for entry in tape.log() {
        match *entry {
            Entry::Chunk { at, span } => {
                for octet in tape.bytes(span).iter() {
                    pieces.push(span.side, at, std::slice::from_ref(octet));
                    dialogue.follow(&pieces);
                }
            }
            Entry::Elided { at, span } => pieces.elide(span.side, at, span.len()),
            Entry::Mark { at, index } => pieces.mark(at, tape.marks().get(index).unwrap().1.clone()),
        }
        dialogue.follow(&pieces);
    }
    dialogue
}

fn summary(dialogue: &Dialogue) -> String {
    format!("{:?} {:?} {:?} {:?}", dialogue.phase(), dialogue.flaws(), dialogue.exchanges(), dialogue.rows())
}
