//! The director against conversations that are told to it: no socket, no clock.

use std::sync::Arc;

use super::*;
use crate::ports::net::{Place, Signal, What};
use crate::script::read::{Ground, read};
use crate::session::look_ups::LookUps;
use crate::tape::Side;
use crate::tape::mark::{Closed, Ending, Mark, Opened};
use crate::tape::peer::Peer;

/// A conversation in which the test is the network.
struct Talk {
    model: Model,
    player: Player,
    session: SessionId,
    now: Moment,
}

fn wishes(end: End) -> Wishes {
    Wishes {
        variables: Variables::default(),
        hello: "laptop.you.test".into(),
        resolver: Source::System,
        handshake: Handshake::default(),
        route: Route::default(),
        pinned: Vec::new(),
        secret: None,
        asks: true,
        end,
        owned: false,
        patience: Duration::from_mins(1),
    }
}

impl Talk {
    /// Plays a script up to its connection, which stands.
    fn open(host: &str, script: &str, end: End) -> Self {
        let text = format!("connect {host}\n{script}");
        let ground = Ground { variables: &Variables::default(), load: &|_| Err("no file".into()) };
        let script = read("x.smtp", text.as_bytes(), &ground).expect("a script");
        let mut model = Model::new(LookUps::new(1));
        let mut player = Player::new(script, wishes(end));
        let Next::Find(wanted) = player.next(&model, Moment::START) else { panic!("a target") };
        let Wanted::Host(target) = *wanted else { panic!("a host") };
        player.found(Ok(vec![*target]));
        let Next::Open(target) = player.next(&model, Moment::START) else { panic!("a connection") };
        let session = model.begin((*target).clone());
        player.opened(session);
        let mut talk = Self { model, player, session, now: Moment::START };
        let peer = Peer::Inet(([192, 0, 2, 10], 25).into());
        let opened = Opened { host: target.host.clone(), peer, local: None, lmtp: target.lmtp, took: Duration::ZERO };
        talk.told(What::Mark(Mark::Opened(opened)));
        talk
    }

    fn told(&mut self, what: What) {
        let signal = Signal { session: self.session, at: self.now, what };
        self.model.apply(&crate::session::Signal::Net(signal));
    }

    /// The server says this.
    fn says(&mut self, text: &str) -> &mut Self {
        self.told(What::Bytes(Side::Server, Arc::from(text.as_bytes())));
        self
    }

    /// What is to be done next.
    fn next(&mut self) -> Next {
        self.player.next(&self.model, self.now)
    }

    /// The octets that are to go next; they go.
    fn sends(&mut self) -> String {
        match self.next() {
            Next::Do(_, Act::Send(octets) | Act::SendNow(octets)) => {
                self.told(What::Bytes(Side::Client, octets.clone()));
                String::from_utf8(octets.to_vec()).expect("text")
            }
            other => panic!("nothing goes: {other:?}"),
        }
    }

    /// Waits for nothing but news.
    #[track_caller]
    fn waits(&mut self) -> &mut Self {
        assert_eq!(self.next(), Next::Wait(None));
        self
    }

    /// The outcome; whatever is said on the way there is not answered.
    fn done(&mut self) -> Outcome {
        for _ in 0..10 {
            match self.next() {
                Next::Done(outcome) => return outcome,
                Next::Wait(Some(until)) => self.now = until,
                Next::Do(_, Act::Send(octets)) => self.told(What::Bytes(Side::Client, octets)),
                Next::Do(..) => {}
                other => panic!("{other:?}"),
            }
        }
        panic!("it does not end")
    }
}

#[test]
fn a_line_waits_for_all_before_it_and_octets_wait_for_nothing() {
    let mut talk = Talk::open("mx1.harbor.test", "> EHLO a.test\n>> \"NOOP\\r\\n\"\n> QUIT\n", End::Script);
    talk.waits().says("220-mx1\r\n").waits().says("220 ready\r\n");
    assert_eq!(talk.sends(), "EHLO a.test\r\n");
    assert_eq!(talk.sends(), "NOOP\r\n");
    talk.waits().says("250 mx1\r\n").waits().says("250 ok\r\n");
    assert_eq!(talk.sends(), "QUIT\r\n");
}

#[test]
fn a_refusal_that_nobody_expected_ends_with_5_and_a_goodbye() {
    let mut talk = Talk::open("mx1.harbor.test", "> EHLO a.test\n> FROB\n> NOOP\n", End::Script);
    talk.says("220 ready\r\n");
    assert_eq!(talk.sends(), "EHLO a.test\r\n");
    talk.says("250 mx1\r\n");
    assert_eq!(talk.sends(), "FROB\r\n");
    talk.says("500 5.5.1 what?\r\n");
    assert_eq!(talk.sends(), "QUIT\r\n", "a server that can still hear it");
    let outcome = talk.done();
    assert_eq!((outcome.exit, outcome.id), (5, Some("script/refused")));
    assert_eq!(outcome.say, "x.smtp:3: FROB was refused: 500 5.5.1 what?", "the line that asked for it");
}

#[test]
fn what_ends_a_script_names_the_line_that_asked_and_what_came() {
    for (script, says, exit, say) in [
        ("> NOOP\n", "", 5, "x.smtp:1: no greeting came: connection closed by the server."),
        ("> NOOP\n> QUIT\n", "220 ready\r\n", 5, "x.smtp:2: NOOP was not answered: connection closed by the server."),
        ("> QUIT\n", "220 ready\r\n", 5, "x.smtp:2: QUIT was not answered: connection closed by the server."),
        (
            "< 220\nset id = /as (\\S+)/\n",
            "220 ready\r\n",
            1,
            "x.smtp:3: expected /as (\\S+)/ for {id}; got 220 ready.",
        ),
        ("<< silence 1s\n", "220 ready\r\n", 1, "x.smtp:2: expected silence; got 220 ready."),
    ] {
        let mut talk = Talk::open("mx1.harbor.test", script, End::Script);
        if !says.is_empty() {
            talk.says(says);
        }
        if exit == 5 {
            if !says.is_empty() {
                talk.sends();
            }
            let closed = Closed { by: Side::Server, how: Ending::Clean };
            talk.told(What::Mark(Mark::Closed(closed)));
            talk.told(What::Ended);
        }
        let outcome = talk.done();
        assert_eq!((outcome.exit, outcome.say.as_str()), (exit, say), "{script}");
    }
}

#[test]
fn a_reply_that_does_not_match_ends_with_1_and_says_both() {
    for (expected, came) in [
        ("250", "550 no\r\n"),
        ("2xx 2.1.5", "250 2.1.0 ok\r\n"),
        ("250 /sunny/", "250 rain\r\n"),
        ("250", "250-a\r\n251 b\r\n"),
    ] {
        let mut talk = Talk::open("mx1.harbor.test", &format!("< 220\n> FROB\n< {expected}\n"), End::Script);
        talk.says("220 ready\r\n");
        assert_eq!(talk.sends(), "FROB\r\n");
        talk.waits().says(came);
        let outcome = talk.done();
        assert_eq!((outcome.exit, outcome.id), (1, Some("script/expected")), "{expected}");
        assert!(outcome.say.starts_with(&format!("x.smtp:4: expected {expected}; got 2")) || came.starts_with('5'));
    }
}

#[test]
fn a_letter_goes_only_behind_354() {
    let script = "> DATA\ndata \"a\\r\\n\"\n< 250\n";
    let mut talk = Talk::open("mx1.harbor.test", script, End::Script);
    talk.says("220 ready\r\n");
    assert_eq!(talk.sends(), "DATA\r\n");
    talk.waits().says("354 go\r\n");
    let Next::Do(_, Act::Post(letter)) = talk.next() else { panic!("a letter") };
    assert_eq!(letter.body, crate::ports::net::Body::Octets(Arc::from(&b"a\r\n"[..])));
    let mut talk = Talk::open("mx1.harbor.test", "data \"a\\r\\n\"\n< 503\n", End::Script);
    talk.says("220 ready\r\n");
    assert_eq!(talk.sends(), "DATA\r\n");
    talk.says("503 no\r\n");
    assert_eq!(talk.done().exit, 0);
}

#[test]
fn a_reply_that_nothing_asked_for_is_waited_for_a_while() {
    let mut talk = Talk::open("mx1.harbor.test", "< 220\n< 421\n", End::Script);
    talk.says("220 ready\r\n");
    let minute = Moment::START.after(Duration::from_mins(1));
    assert_eq!(talk.next(), Next::Wait(Some(minute)));
    talk.now = minute;
    let outcome = talk.done();
    assert_eq!((outcome.exit, outcome.id), (6, Some("script/time-out")));
}

#[test]
fn a_run_stops_behind_a_stage_with_a_goodbye_or_without() {
    let script = "> EHLO a.test\n> MAIL FROM:<>\n> RCPT TO:<a@b.test>\n";
    for (end, goodbye) in [(End::Until(Stage::Mail), true), (End::DropAfter(Stage::Mail), false)] {
        let mut talk = Talk::open("mx1.harbor.test", script, end);
        talk.says("220 ready\r\n");
        talk.sends();
        talk.says("250 mx1\r\n");
        assert_eq!(talk.sends(), "MAIL FROM:<>\r\n");
        talk.says("250 ok\r\n");
        if goodbye {
            assert_eq!(talk.sends(), "QUIT\r\n");
        } else {
            assert_eq!(talk.next(), Next::Do(talk.session, Act::Close));
        }
        let outcome = talk.done();
        assert_eq!((outcome.exit, outcome.stage), (0, Stage::Mail));
    }
}

#[test]
fn what_a_real_server_must_not_get_ends_with_7_before_it_leaves() {
    for (script, id) in [
        ("< 220\n>> \"NOOP\\n\"\n", "policy/malformed"),
        ("< 220\n> AUTH PLAIN AGEAYg==\n", "policy/secret"),
        ("< 220\nauth PLAIN mina\n", "policy/secret"),
    ] {
        let mut talk = Talk::open("mail.example.org", script, End::Script);
        assert_eq!(talk.model.session(talk.session).map(|session| session.target.place), Some(Place::Live));
        talk.says("220 ready\r\n");
        let outcome = talk.done();
        assert_eq!((outcome.exit, outcome.id), (7, Some(id)), "{script}");
        let octets = talk.model.session(talk.session).map(|session| session.octets(Side::Client));
        assert_eq!(octets, Some(6), "nothing but QUIT: {script}");
    }
}

#[test]
fn a_secret_that_is_missing_is_asked_for_once_the_login_may_go_and_its_lack_ends_with_2() {
    let say = "x.smtp:2: no secret for mina: give --password-file, --password-command or --password-stdin";
    for (answer, exit, end) in [(Ok("sunrise".into()), 0, ""), (Err("; nothing was typed"), 2, "; nothing was typed.")]
    {
        let mut talk = Talk::open("submit.you.test", "auth PLAIN mina\n", End::Script);
        talk.says("220 ready\r\n");
        assert_eq!(talk.next(), Next::Secret { user: "mina".into(), host: "submit.you.test".into() });
        talk.player.answered(answer);
        if exit == 0 {
            assert!(matches!(talk.next(), Next::Do(_, Act::Authenticate(login)) if login.login.user == "mina"));
            continue;
        }
        let outcome = talk.done();
        assert_eq!((outcome.exit, outcome.id, outcome.say), (exit, Some("cli/secret"), format!("{say}{end}")));
    }
}

#[test]
fn a_step_without_a_connection_says_so() {
    let ground = Ground { variables: &Variables::default(), load: &|_| Err("no file".into()) };
    let script = read("x.smtp", b"sleep 1ms\n> NOOP\n", &ground).expect("a script");
    let mut player = Player::new(script, wishes(End::Script));
    let model = Model::new(LookUps::new(1));
    assert!(matches!(player.next(&model, Moment::START), Next::Wait(Some(_))));
    let Next::Done(outcome) = player.next(&model, Moment::from_millis(1)) else { panic!("an outcome") };
    assert_eq!((outcome.exit, outcome.id), (2, Some("script/order")));
}
