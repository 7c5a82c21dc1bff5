//! The written list of states: how each is reached, by keys and by what the server does.

use std::time::Duration;

use ehlo::input::Act;
use ehlo::ports::lab::{self, News, Step, Waits};
use ehlo::ports::net::What;
use ehlo::session::Signal;
use ehlo::tape::Side;
use ehlo::tape::mark::{Attempt, Failure, Hold, Mark, Unreached, Wait};
use ehlo::tape::tls::{
    Checks, ClientCertificate, Content, Judgement, KeyLogging, Terms, TlsFacts, TlsFailure, TlsRecord, TlsTrouble,
};

use crate::map;
use crate::world::{World, facts};

/// A state and the way to it.
pub(crate) struct State {
    /// Its name: that of its snapshots.
    pub(crate) name: &'static str,
    /// The way to it, on a screen of this size.
    pub(crate) reach: fn(u16, u16) -> World,
}

macro_rules! states {
    ($($name:ident: $base:path, $world:ident => $act:block)*) => {
        /// Every state that has a snapshot.
        pub(crate) const STATES: &[State] = &[$(State {
            name: stringify!($name),
            reach: |columns, lines| {
                let mut world = $base(columns, lines);
                {
                    let $world = &mut world;
                    $act
                }
                world
            },
        }),*];
    };
}

states! {
    choosing: World::choosing, world => {
        let _ = world;
    }
    replay: crate::replay::open, world => { let _ = world; }
    no_session: World::choosing, world => {
        world.keys("Alt-2");
    }
    connecting: World::new, world => { let _ = world; }
    first_screen: World::greeted, world => { let _ = world; }
    suggestion_accepted: World::greeted, world => { world.keys("→"); }
    hello_answered: World::greeted, world => { world.keys("→ Enter"); }
    warned: World::greeted, world => { world.types("DATA"); }
    tab_offers: hello, world => { world.keys("Tab Tab"); }
    repaired: hello, world => { world.types("MAIL you@you.test").keys("Tab"); }
    empty_line_asked: World::greeted, world => { world.keys("Enter"); }
    batch: hello, world => {
        world.keys("Alt-p").types("MAIL FROM:<you@you.test>\nRCPT TO:<nobody@harbor.test>\nDATA\nQUIT");
    }
    batch_answered: hello, world => {
        world.keys("Alt-p").types("MAIL FROM:<you@you.test>\nRCPT TO:<nobody@harbor.test>\nRCPT TO:<pat@harbor.test>\n\n");
    }
    envelope: World::greeted, world => { World::envelope(world); }
    transcript_selected: enveloped, world => { world.keys("Alt-2 k k k k"); }
    clicked: enveloped, world => {
        world.mouse(Act::Press, 30, 4);
    }
    bytes: enveloped, world => { world.keys("Alt-b"); }
    folded: enveloped, world => { world.keys("Alt-2 g j j j j o"); }
    filtered: enveloped, world => { world.keys("Alt-f Alt-f"); }
    searched: enveloped, world => { world.keys("Alt-/").types("recipient\n"); }
    problem_found: enveloped, world => { world.keys("Alt-2 g n"); }
    problem_shown: hello, world => { wrong_password(world); }
    problem_taken: hello, world => { wrong_password(world); world.keys("Alt-2 g n Enter Enter"); }
    problem_fixed: hello, world => { blank_behind_colon(world); world.keys("Tab"); }
    problem_fixed_by_a_command: World::new, world => { silent(world); world.keys("Alt-e Enter"); }
    times_since_last: enveloped, world => { world.keys("Alt-2 t"); }
    notes_hidden: enveloped, world => { world.keys("Alt-h"); }
    explained_more: enveloped, world => { world.keys("Alt-e m"); }
    step_taken: enveloped, world => { world.keys("Alt-e Enter"); }
    zoomed: enveloped, world => { world.keys("Alt-2 z"); }
    stage_pane: enveloped, world => { world.keys("Alt-5"); }
    capabilities_pane: enveloped, world => { world.keys("Alt-6"); }
    letter_begun: enveloped, world => { world.types("DATA\nSubject: hi\n\n.dot\nbye"); }
    letter_from_editor_and_file: enveloped, world => {
        world.edited("Subject: from the editor\n\n");
        world.types("DATA\n");
        world.choose("a.txt");
        world.read("a.txt", "from a file: b\u{fc}cher\r\n");
    }
    file_looked_at: enveloped, world => {
        world.types("DATA\nSubject: draft\n");
        world.choose("/home/pat/letters/harbor.eml");
        world.wait(1000);
    }
    file_shown: enveloped, world => {
        world.types("DATA\nSubject: draft\n");
        world.looked_at("/home/pat/letters/harbor.eml", b"Subject: tide\r\n\r\n.High at six.\r\n", 200_000);
    }
    file_shown_with_warnings: enveloped, world => {
        world.types("DATA\n");
        let odd = b"Subject: tide\n\nDie Fl\xfct\0\r\n.\r\r\n";
        world.looked_at("/home/pat/letters/harbor.eml", &[&odd[..], &[b'x'; 2000]].concat(), 6000);
    }
    file_going: file_going, world => { let _ = world; }
    file_broken: file_going, world => {
        let why = "it shrank: it had 8388608 octets, and it ended after 2097152".into();
        world.mark(Mark::Unread { name: "/home/pat/letters/harbor.eml".into(), why });
        world.mark(Mark::Dropped { lines: 1 });
    }
    lone_dot_asked: enveloped, world => { world.types("DATA\nhi\n.\n"); }
    letter_line_by_line: enveloped, world => { by_line(world); }
    letter_taken: delivered, world => { let _ = world; }
    mailboxes: delivered, world => { world.keys("Alt-m"); }
    letter_explained: delivered, world => { world.keys("Alt-m Enter"); }
    letter_raw: delivered, world => { world.keys("Alt-m Enter Tab"); }
    letter_parts: hello, world => { reported(world); world.keys("Alt-m Enter Tab Tab"); }
    letter_judged: hello, world => { reported(world); world.keys("Alt-m Enter"); }
    lab_mail: hello, world => { mail_on_its_way(world); world.keys("Alt-M w"); }
    lab_mail_clock_asked: hello, world => { mail_on_its_way(world); world.keys("Alt-M c").types("5w\n"); }
    lab_state: hello, world => { world.keys("Alt-L ↓ ↓ ↓"); }
    lab_scenes: hello, world => { world.keys("Alt-L Enter"); }
    lab_host: hello, world => { world.keys("Alt-L ↓ ↓ ↓ Enter ↓ ↓ ↓ ↓ Enter ↓ Enter"); }
    lab_host_certificate: hello, world => { world.keys("Alt-L ↓ ↓ ↓ Enter ↓ Enter ↓ ↓"); }
    lab_changed: hello, world => {
        world.keys("Alt-L ↓ ↓ ↓ Enter ↓ Enter ↓ Enter ↓ Enter ↓ Enter Esc ↑ ↑ Enter").types("new.harbor.test. A 192.0.2.9\n");
        world.wait(5000);
    }
    lab_record_refused: hello, world => { world.keys("Alt-L ↓ Enter").types("new TXT hello\n"); }
    map: map::greylisted, world => { world.keys("Alt-M"); }
    map_hop: map::greylisted, world => { world.keys("Alt-M ↑"); }
    map_arrived: map::arrived, world => { world.keys("Alt-M"); }
    map_conversation: map::greylisted, world => { world.keys("Alt-M ↑ Enter"); }
    map_letter: map::greylisted, world => { world.keys("Alt-M ← l"); }
    map_empty: hello, world => { world.keys("Alt-M"); }
    said_goodbye: delivered, world => { world.types("QUIT\n"); }
    encrypted: hello, world => { world.types("STARTTLS\nEHLO laptop.you.test\n").keys("Alt-6"); }
    certificate: hello, world => { world.types("STARTTLS\n").keys("Alt-t"); }
    keys_logged: World::greeted, world => { logged(world); }
    keys_logged_sheet: World::greeted, world => { logged(world); world.keys("Alt-t"); }
    not_verified: World::greeted, world => { unverified(world); }
    not_verified_left_open: World::greeted, world => { unverified(world); world.keys("Esc"); }
    went_on_unverified: World::greeted, world => { unverified(world); world.keys("↓ Enter"); }
    tls_failed: hello, world => { handshake_failed(world); }
    tls_failed_sheet: hello, world => { handshake_failed(world); world.keys("Alt-t"); }
    certificate_saved: hello, world => { world.types("STARTTLS\n").keys("Alt-t x"); }
    login_form: secured, world => { world.keys("Alt-a"); }
    login_mechanisms: secured, world => { world.keys("Alt-a Shift-Tab Shift-Tab ↓"); }
    login_refused: secured, world => { world.keys("Alt-a").types("sam\n"); }
    login_asked_live: live, world => {
        world.keys("Alt-a Shift-Tab Shift-Tab ↓ ↓ ↓ ↓ ↓ ↓ Tab Tab").types("ada").keys("Tab").types("sunrise\n");
    }
    message_form: enveloped, world => { world.keys("Alt-l"); }
    message_text: enveloped, world => { world.keys("Alt-l Tab").types("High at six.\n.low at noon"); }
    message_shown: enveloped, world => { world.keys("Alt-l ↓ Shift-Tab").types("The tide"); }
    message_refused: enveloped, world => { world.keys("Alt-l ↑ ↓ Shift-Tab Shift-Tab Shift-Tab").types("pat, sam@harbor.test\n"); }
    message_written: enveloped, world => { world.types("DATA\n").keys("Alt-l ↓ ↓ ↓ ↓ Enter"); }
    secret_typed_live: live, world => { world.types("AUTH PLAIN AGFsaWNlAHMzY3JldA=="); }
    held_line: World::greeted, world => { held(world); }
    waiting: World::greeted, world => { world.silence(true); world.types("NOOP\n"); world.wait(5000); }
    stopped_waiting: World::greeted, world => {
        world.silence(true);
        world.types("NOOP\n").keys("Ctrl-C");
        world.wait(5000);
    }
    timed_out: World::greeted, world => { timed_out(world); }
    undecided: enveloped, world => { world.client("DATA\r\nSubject: early\r\n"); }
    refused_everywhere: World::new, world => { refused(world); }
    hostile_text: World::greeted, world => { hostile(world); }
    dns_panel: hello, world => { world.keys("Alt-d").types("harbor.test\n").keys("j"); }
    dns_bad_name: hello, world => { world.keys("Alt-d").types("two words\n"); }
    connect_dialog: hello, world => { world.keys("Alt-c"); }
    connect_bad: hello, world => { world.keys("Alt-c Ctrl-U").types("pat@harbor.test\n"); }
    going_live: hello, world => { world.connect("mail.example.org", 25); }
    live_loopback: live_loopback, world => { let _ = world; }
    sessions: hello, world => { world.connect("mx2.harbor.test", 25); world.open(); world.keys("Alt-s"); }
    compared: hello, world => {
        world.connect("mx2.harbor.test", 25);
        world.open_at([192, 0, 2, 20]);
        world.server("220 mx2.harbor.test ESMTP Harbor Post\r\n");
        world.silence(true);
        world.types("EHLO laptop.you.test\n");
        world.server("250-mx2.harbor.test\r\n250-SIZE 20000\r\n250-CHUNKING\r\n250 ENHANCEDSTATUSCODES\r\n");
        world.types("MAIL FROM:<you@you.test>\n");
        world.server("451 4.7.1 come back later\r\n");
        world.keys("Alt-=");
    }
    pasted: hello, world => { world.paste("NOOP\nRSET\nNOOP\x07\n"); }
    pasted_offered: hello, world => { world.paste("NOOP\nRSET\n"); world.keys("Enter Enter"); }
    save_dialog: hello, world => { world.keys("Alt-x"); }
    looked_up_word: hello, world => { world.keys("Alt-w").types("552\n"); }
    menu: hello, world => { world.keys("Esc Esc"); }
    palette: hello, world => { world.types(":tls"); }
    help: hello, world => { world.keys("F1"); }
    lf_only: hello, world => { world.types(":line ending\nNOOP"); }
    ascii_only: enveloped, world => { world.app.settings.ascii = true; }
}

fn with(mut world: World, act: impl FnOnce(&mut World)) -> World {
    act(&mut world);
    world
}

fn hello(columns: u16, lines: u16) -> World {
    with(World::greeted(columns, lines), |world| {
        world.types("EHLO laptop.you.test\n");
    })
}

fn enveloped(columns: u16, lines: u16) -> World {
    with(World::greeted(columns, lines), World::envelope)
}

fn delivered(columns: u16, lines: u16) -> World {
    with(enveloped(columns, lines), |world| {
        world.types("DATA\nSubject: hi\n\n.dot\nbye\n.\n\n");
    })
}

/// A letter that waits in a queue of the lab, and what happened to it.
fn mail_on_its_way(world: &mut World) {
    const BEGIN: u64 = 1_767_261_900;
    let news = |at, step| {
        let (host, id) = ("submit.you.test".into(), "S-0001".into());
        Signal::Lab(lab::Signal::News(News { at: BEGIN + at, host, id, step }))
    };
    let busy = || "busy@harbor.test".to_owned();
    let said = "450 4.2.1 Mailbox busy, try again later";
    world.signal(news(0, Step::Accepted { from: "mina@you.test".into(), to: vec![busy()], header: [].into() }));
    let (server, address) = ("mx1.harbor.test".to_owned(), [192, 0, 2, 10].into());
    let call = lab::VisitId(1);
    world.signal(news(1, Step::Hop { server, address, port: 25, tls: true, said: said.into(), to: Vec::new(), call }));
    let (why, next) = (format!("mx1.harbor.test: {said}"), BEGIN + 1801);
    world.signal(news(1, Step::Deferred { to: busy(), why: why.clone(), next }));
    let from = "mina@you.test".into();
    let waits = Waits {
        id: "S-0001".into(),
        from,
        to: busy(),
        tries: 1,
        most: 63,
        next,
        until: BEGIN + 432_000,
        why: Some(why),
    };
    world.signal(Signal::Lab(lab::Signal::Queue { host: "submit.you.test".into(), waiting: vec![waits] }));
    world.signal(Signal::Lab(lab::Signal::Clock { now: BEGIN + 1, next: Some(next), pace: 0 }));
}

/// A report that came over two hosts and was judged by the last one.
fn reported(world: &mut World) {
    let letter = "Return-Path: <>\r\n\
        Authentication-Results: mx.bank.test; spf=pass smtp.mailfrom=mx.open.test; dkim=none; dmarc=fail header.from=open.test\r\n\
        Received: from mx.open.test (mx.open.test [203.0.113.50])\r\n\tby mx.bank.test with ESMTPS id B-0002\r\n\tfor <mina@bank.test>; Thu, 01 Jan 2026 10:35:04 +0000\r\n\
        Received: from laptop.you.test ([198.51.100.7])\r\n\tby mx.open.test with ESMTP id N-0001; Thu, 01 Jan 2026 10:35:02 +0000\r\n\
        Subject: Undeliverable letter\r\n\
        Content-Type: multipart/report; report-type=delivery-status; boundary=\"r\"\r\n\r\n\
        --r\r\n\r\nYour letter could not be delivered.\r\n\
        --r\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.open.test\r\n\r\n\
        Final-Recipient: rfc822; gran@grey.test\r\nAction: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns; mx.grey.test\r\n\
        Diagnostic-Code: smtp; 550 5.1.1 No such user here\r\n\
        --r\r\nContent-Type: message/rfc822\r\n\r\n\
        Subject: Field trip\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n\
        --m\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nOff we go.\r\n\
        --m\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"map.png\"\r\n\r\nAAAA\r\n--m--\r\n\
        --r--\r\n";
    world.signal(Signal::Lab(lab::Signal::Delivered(lab::Delivered {
        at: 1_767_263_704,
        host: "mx.bank.test".into(),
        mailbox: "mina@bank.test".into(),
        id: "B-0002".into(),
        from: String::new(),
        letter: letter.as_bytes().into(),
        added: 17,
    })));
}

/// A file of which a fourth has gone.
fn file_going(columns: u16, lines: u16) -> World {
    with(enveloped(columns, lines), |world| {
        world.types("DATA\nSubject: draft\n");
        world.looked_at("/home/pat/letters/harbor.eml", b"0123456789abcd\r\n", 512 * 1024);
        world.keys("Ctrl-D");
        world.client("0123456789abcd\r\n");
        world.hear(What::Elided(Side::Client, 2 * 1024 * 1024 - 16));
    })
}

fn by_line(world: &mut World) {
    world.types(":line by\nDATA\n.hidden");
}

/// A handshake with everything set that can be.
fn logged(world: &mut World) {
    world.mark(Mark::TlsStarted { sni: None });
    let name = Judgement::Bad { id: "cert/name".into(), why: "Expected mx9.harbor.test.".into() };
    let terms = Terms { checks: Checks::Chain, client: ClientCertificate::Shown, keys: KeyLogging::On };
    let record = |from, content, octets, millis, messages: &[&'static str]| TlsRecord {
        from,
        content,
        octets,
        after: Duration::from_millis(millis),
        messages: messages.iter().copied().map(Into::into).collect(),
    };
    let records = vec![
        record(Side::Client, Content::Handshake, 1541, 0, &["client_hello"]),
        record(Side::Server, Content::Handshake, 1215, 14, &["server_hello"]),
        record(Side::Server, Content::ChangeCipherSpec, 6, 14, &[]),
        record(Side::Server, Content::Encrypted, 812, 14, &[]),
    ];
    world.mark(Mark::TlsReady(Box::new(TlsFacts { sni: None, records, terms, ..facts(name) })));
}

fn unverified(world: &mut World) {
    let why = "it names mx9.harbor.test, not mx1.harbor.test".into();
    world.mark(Mark::TlsReady(Box::new(facts(Judgement::Bad { id: "cert/name".into(), why }))));
}

/// A login whose base64 has a line feed at its end.
fn wrong_password(world: &mut World) {
    world.types("STARTTLS\nEHLO laptop.you.test\n").silence(true);
    world.types("AUTH PLAIN AG1pbmEAc3VuZmxvd2VyCg==\n");
    world.server("535 5.7.8 Authentication failed\r\n");
}

fn blank_behind_colon(world: &mut World) {
    world.silence(true);
    world.types("MAIL FROM: <you@you.test>\n");
    world.server("501 5.5.4 Syntax: MAIL FROM:<address>\r\n");
}

/// No address answers on port 25.
fn silent(world: &mut World) {
    world.mark(Mark::Refused(Attempt {
        host: "mx1.harbor.test".into(),
        peer: ([192, 0, 2, 10], 25).into(),
        why: Unreached::TimedOut,
        took: Duration::from_secs(10),
    }));
    world.hear(What::Failed(Failure::AllFailed { tried: 1, known: 1 }));
    world.hear(What::Ended);
}

fn handshake_failed(world: &mut World) {
    world.silence(true);
    world.types("STARTTLS\n");
    world.server("220 2.0.0 Ready to start TLS\r\n");
    world.mark(Mark::TlsStarted { sni: Some("mx1.harbor.test".into()) });
    world.mark(Mark::TlsFailed(TlsFailure {
        why: TlsTrouble::NotTls(b"454 oops\r\n".to_vec()),
        detail: "received corrupt message".into(),
        records: vec![TlsRecord {
            from: Side::Client,
            content: Content::Handshake,
            octets: 246,
            messages: vec!["ClientHello".into()],
            after: Duration::from_millis(1),
        }],
        took: Duration::from_millis(12),
    }));
    world.close(Side::Client);
}

fn held(world: &mut World) {
    world.silence(true);
    world.types("NOOP\nRSET\n");
    world.mark(Mark::Held { octets: 6, why: Hold::Reply });
}

fn timed_out(world: &mut World) {
    world.silence(true);
    world.types("NOOP\n");
    world.mark(Mark::TimedOut(Wait::Reply));
}

fn refused(world: &mut World) {
    for last in [10, 11] {
        world.mark(Mark::Refused(Attempt {
            host: "mx1.harbor.test".into(),
            peer: ([192, 0, 2, last], 25).into(),
            why: Unreached::Refused,
            took: Duration::from_millis(2),
        }));
    }
    world.hear(What::Failed(Failure::AllFailed { tried: 2, known: 2 }));
    world.hear(What::Ended);
}

/// Escape sequences, an override of the reading direction, wide letters, a bare LF and mixed codes.
fn hostile(world: &mut World) {
    world.types("EHLO laptop.you.test\n");
    world.server("250-\x1b[2J\x1b]0;title\x07\r\n250-\u{202e}gnirts\r\n251-日本語\n");
    world.hear(What::Bytes(Side::Server, std::sync::Arc::from(&b"250 \xff\xfe\0end\r\n"[..])));
}

fn secured(columns: u16, lines: u16) -> World {
    with(hello(columns, lines), |world| {
        world.types("STARTTLS\nEHLO laptop.you.test\n");
    })
}

fn live(columns: u16, lines: u16) -> World {
    let mut world = World::greeted(columns, lines);
    world.connect("mail.example.org", 25);
    world.keys("↓ Enter");
    world.open_at([198, 18, 0, 1]);
    world.server("220 mail.example.org ESMTP\r\n");
    world.types("EHLO laptop.you.test\n");
    world
}

fn live_loopback(columns: u16, lines: u16) -> World {
    let mut world = World::greeted(columns, lines);
    world.connect("localhost", 2525);
    world.open_at([127, 0, 0, 1]);
    world.server("220 localhost ESMTP Postfix\r\n");
    world
}
