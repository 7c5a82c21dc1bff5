//! Sessions with the lab, through the real network code: one in good order with each service, and one that shows each
//! problem that the lab's hosts can bring about.

use std::time::Duration;

use ehlo::lab::Lab as LabItself;
use ehlo::lab::authority::Doubt;
use ehlo::lab::links::Loss;
use ehlo::lab::nameserver::fault::{Fault, Spot};
use ehlo::ports::dns::Source;
use ehlo::ports::net::Place::Lab;
use ehlo::ports::net::{Act, Opening, Request, SessionId, Target, What};
use ehlo::run::services::{Services, Setup};
use ehlo::session::look_ups::LookUps;
use ehlo::session::{Model, Session, Signal, State};
use ehlo::smtp::limits::Timers;
use ehlo::tape::mark::Mark;

use super::ids;

/// A session to be had with a host of the lab.
struct Scene {
    target: Target,
    /// What is sent at once.
    first: Vec<String>,
    /// What is sent once TLS stands.
    secured: Vec<String>,
    /// True if the domain was looked up in the panel before.
    looked_up: bool,
    /// What is changed in the lab before.
    change: fn(&LabItself),
    /// How long to wait for what.
    timers: Timers,
}

/// A session with `host`, which is sent nothing yet.
fn with(host: &str, port: u16) -> Scene {
    let opening = if port == 465 { Opening::ImplicitTls } else { Opening::Plain };
    let target = Target { opening, ..Target::new(host, port, Lab) };
    Scene {
        target,
        first: Vec::new(),
        secured: Vec::new(),
        looked_up: false,
        change: |_| {},
        timers: Timers::INTERACTIVE,
    }
}

impl Scene {
    /// Sends these lines, each in a write of its own, and QUIT.
    fn says(mut self, lines: &[&str]) -> Self {
        self.first = lines.iter().map(|line| format!("{line}\r\n")).collect();
        self.first.push("QUIT\r\n".into());
        self
    }

    /// Changes something in the lab before.
    fn after(mut self, change: fn(&LabItself)) -> Self {
        self.change = change;
        self
    }

    /// Sends exactly these octets, each in a write of its own.
    fn writes(mut self, writes: &[&str]) -> Self {
        self.first = writes.iter().copied().map(str::to_owned).collect();
        self
    }

    /// Sends these lines once TLS stands, and QUIT.
    fn says_inside_tls(mut self, lines: &[&str]) -> Self {
        if self.target.opening == Opening::Plain {
            self.first = vec!["EHLO laptop.you.test\r\n".into(), "STARTTLS\r\n".into()];
        }
        self.secured = lines.iter().map(|line| format!("{line}\r\n")).collect();
        self.secured.push("QUIT\r\n".into());
        self
    }

    /// The session to its end.
    async fn play(self) -> Session {
        let mut services = Services::start(Setup { timers: self.timers, ..Setup::new(1) }).await;
        (self.change)(services.lab().expect("the lab runs"));
        let mut model = Model::new(LookUps::new(1));
        if self.looked_up {
            model.look_ups.open(&self.target.host, Source::Lab).expect("a good name");
            while model.look_ups.panel().is_some_and(ehlo::dns::panel::Panel::is_waiting) {
                for request in model.look_ups.requests() {
                    services.dns(request).expect("a request");
                }
                model.apply(&next(&mut services, "the look-ups").await);
            }
        }
        let mut session = Session::new(SessionId(1), self.target.clone());
        session.led_by(model.look_ups.trail(&self.target.host, &Source::Lab));
        services.net(Request::Open(SessionId(1), self.target)).expect("a request");
        send(&services, &self.first);
        while !matches!(session.state(), State::Over | State::Failed(_)) {
            let Signal::Net(signal) = next(&mut services, &session.text()).await else { continue };
            session.apply(signal.at, &signal.what);
            match &signal.what {
                What::Mark(Mark::TlsReady(facts)) if !facts.verified() => {
                    services.net(Request::Do(SessionId(1), Act::Close)).expect("a request");
                }
                What::Mark(Mark::TlsReady(_)) => send(&services, &self.secured),
                // Behind a login that failed nothing is sent that was held for it.
                What::Mark(Mark::Dropped { .. }) => send(&services, &["QUIT\r\n".into()]),
                _ => {}
            }
        }
        session
    }
}

fn send(services: &Services, items: &[String]) {
    for item in items {
        services.net(Request::Do(SessionId(1), Act::Send(item.as_bytes().into()))).expect("a request");
    }
}

async fn next(services: &mut Services, so_far: &str) -> Signal {
    let signal = tokio::time::timeout(Duration::from_secs(20), services.signals.recv()).await;
    signal.unwrap_or_else(|_| panic!("not in time:\n{so_far}")).expect("the services run")
}

/// Lets mx1 show a certificate with a doubt about it.
fn doubted(lab: &LabItself, doubt: Doubt) {
    lab.identities().show("mx1.harbor.test", Some(doubt)).expect("a host of the lab");
}

/// Lets the name server fail for mx1, and for nothing else.
fn failing(lab: &LabItself, fault: Fault) {
    let server = lab.nameserver.as_ref().expect("the name server runs");
    server.faults.switch_on(&Spot { at: "mx1.harbor.test".into(), below: false, fault }).expect("a name");
}

/// Asserts what a session shows.
async fn shows(problems: &[&str], scene: Scene) {
    let session = scene.play().await;
    assert_eq!(ids(session.problems()), problems, "{}", session.text());
}

const HELLO: &str = "EHLO laptop.you.test";
const MAIL: &str = "MAIL FROM:<mina@you.test>";
const RCPT: &str = "RCPT TO:<pat@harbor.test>";
/// The letter with its dot; the line end of the dot comes with the line.
const LETTER: &str = "Date: Thu, 1 Jan 2026 10:05:00 +0000\r\nMessage-ID: <tide@you.test>\r\nFrom: mina@you.test\r\n\
                      To: pat@harbor.test\r\nSubject: tide\r\n\r\nHigh at six.\r\n..\r\n.";

#[tokio::test]
async fn sessions_in_good_order_with_the_lab_show_no_problem() {
    let letter = [HELLO, MAIL, RCPT, "DATA", LETTER];
    let login = [HELLO, "AUTH PLAIN AG1pbmEAc3VuZmxvd2Vy", MAIL, RCPT, "DATA", LETTER];
    let gran =
        ["HELO laptop.you.test", MAIL, "RCPT TO:<gran@old.test>", "DATA", &LETTER.replace("pat@harbor", "gran@old")];
    let sessions = [
        with("mx1.harbor.test", 25).says(&letter),
        with("mx1.harbor.test", 25).says_inside_tls(&letter),
        with("mx2.harbor.test", 25).says(&letter),
        with("submit.you.test", 587).says_inside_tls(&login),
        with("submit.you.test", 465).says_inside_tls(&login),
        with("mx.old.test", 25).says(&gran),
    ];
    for scene in sessions {
        let session = scene.play().await;
        let taken = session.dialogue().letters().iter().any(|letter| letter.delivered_to().next().is_some());
        assert!(taken, "no letter was taken:\n{}", session.text());
        assert_eq!(ids(session.problems()), [""; 0], "{}", session.text());
    }
}

/// Nobody waits long for what will not come.
const SHORT: Timers = Timers { connect: Duration::from_millis(300), ..Timers::INTERACTIVE };

/// Loses the way to some addresses of mx1.
fn lost(lab: &LabItself, addresses: &[&str], loss: Loss) {
    for address in addresses {
        lab.links().lose(address.parse().expect("an address"), Some(loss));
    }
}

#[tokio::test]
async fn p01_a_network_that_drops_what_goes_to_port_25() {
    let silent = |lab: &LabItself| lost(lab, &["192.0.2.10", "2001:db8::10"], Loss::Silent);
    let scene = Scene { timers: SHORT, ..with("mx1.harbor.test", 25).after(silent) };
    shows(&["P01/silence"], scene).await;
    let refused = |lab: &LabItself| lost(lab, &["192.0.2.10", "2001:db8::10"], Loss::Refused);
    shows(&[], with("mx1.harbor.test", 25).after(refused)).await;
}

#[tokio::test]
async fn p02_tls_to_a_port_that_begins_in_plain_text() {
    let mut scene = with("mx1.harbor.test", 25);
    scene.target.opening = Opening::ImplicitTls;
    shows(&["P02/wants-plain"], scene).await;
}

#[tokio::test]
async fn p03_two_commands_in_one_write_where_there_is_no_pipelining() {
    shows(
        &["P03/batch"],
        with("mx.old.test", 25).writes(&["HELO laptop.you.test\r\n", "RSET\r\nRSET\r\n", "QUIT\r\n"]),
    )
    .await;
}

#[tokio::test]
async fn p04_a_hello_without_a_name() {
    shows(&["P04/no-name"], with("mx1.harbor.test", 25).says(&["EHLO"])).await;
}

#[tokio::test]
async fn p05_a_recipient_before_a_sender() {
    shows(&["P05/mail"], with("mx1.harbor.test", 25).says(&[HELLO, RCPT])).await;
}

#[tokio::test]
async fn p06_a_sender_without_brackets() {
    shows(&["P06/brackets"], with("mx1.harbor.test", 25).says(&[HELLO, "MAIL FROM:mina@you.test"])).await;
}

#[tokio::test]
async fn p07_a_login_in_plain_text() {
    let scene = with("submit.you.test", 587).says(&[HELLO, "AUTH PLAIN AG1pbmEAc3VuZmxvd2Vy"]);
    shows(&["P07/auth"], scene).await;
}

#[tokio::test]
async fn p08_a_login_without_nul() {
    let scene = with("submit.you.test", 465).says_inside_tls(&[HELLO, "AUTH PLAIN bWluYSBzdW5mbG93ZXI="]);
    shows(&["P08/nul"], scene).await;
}

#[tokio::test]
async fn p09_a_right_password_that_does_not_open_the_door() {
    let login = |answer: &str| with("submit.you.test", 465).says_inside_tls(&[HELLO, &format!("AUTH PLAIN {answer}")]);
    shows(&["P09/app-password"], login("AGluZXMAaGFydmVzdA==")).await;
    shows(&["P09/weak"], login("AHZlcmEAY29tcGFzcw==")).await;
}

#[tokio::test]
async fn p10_a_recipient_of_somebody_elses_domain() {
    shows(&["P10/other-mx"], with("mx1.harbor.test", 25).says(&[HELLO, MAIL, "RCPT TO:<ann@bank.test>"])).await;
}

#[tokio::test]
async fn p11_a_mailbox_that_does_not_exist() {
    shows(&["P11/nobody"], with("mx1.harbor.test", 25).says(&[HELLO, MAIL, "RCPT TO:<nobody@harbor.test>"])).await;
}

#[tokio::test]
async fn p12_a_mailbox_that_is_full_and_one_that_is_busy() {
    let recipients = ["RCPT TO:<full@harbor.test>", "RCPT TO:<busy@harbor.test>"];
    let scene = with("mx1.harbor.test", 25).says(&[&[HELLO, MAIL][..], &recipients].concat());
    shows(&["P12/full", "P12/rate"], scene).await;
}

#[tokio::test]
async fn p13_a_server_that_reads_a_block_list() {
    shows(&["P13/list"], with("mx.filter.test", 25).says(&[HELLO, MAIL, "RCPT TO:<lee@gate.filter.test>"])).await;
}

#[tokio::test]
async fn p14_a_letter_in_the_name_of_a_domain_that_does_not_vouch_for_it() {
    let letter = LETTER.replace("From: mina@you.test", "From: ceo@bank.test").replace("pat@harbor", "pat@bank");
    let envelope = [HELLO, "MAIL FROM:<pat@evil.test>", "RCPT TO:<pat@bank.test>", "DATA", &letter];
    shows(&["P14/dmarc"], with("mx.bank.test", 25).says_inside_tls(&envelope)).await;
    let letter = LETTER.replace("mina@you", "dot@tiny").replace("pat@harbor", "pat@bank");
    let envelope = [HELLO, "MAIL FROM:<dot@tiny.test>", "RCPT TO:<pat@bank.test>", "DATA", &letter];
    shows(&["P14/spf"], with("mx.bank.test", 25).says_inside_tls(&envelope)).await;
}

#[tokio::test]
async fn p15_a_line_that_ends_with_lf() {
    shows(&["P15/bare"], with("mx1.harbor.test", 25).writes(&["EHLO laptop.you.test\r\n", "NOOP\n", "QUIT\r\n"])).await;
}

#[tokio::test]
async fn p16_a_dot_in_the_middle_of_a_letter_and_one_at_the_start_of_a_line() {
    let rest = ["These lines were meant for Pat.", "Bring bread."];
    let scene = with("mx1.harbor.test", 25).says(&[&[HELLO, MAIL, RCPT, "DATA", LETTER][..], &rest].concat());
    shows(&["P16/cut"], scene).await;
    let dotted = LETTER.replace("High at six.", ".profile");
    shows(&["P16/lost-dot"], with("mx1.harbor.test", 25).says(&[HELLO, MAIL, RCPT, "DATA", &dotted])).await;
}

#[tokio::test]
async fn p17_a_letter_larger_than_the_server_takes() {
    let scene = with("mx1.harbor.test", 25).says(&[HELLO, "MAIL FROM:<mina@you.test> SIZE=99999999"]);
    shows(&["P17/size"], scene).await;
}

#[tokio::test]
async fn p18_letters_that_are_not_what_they_seem() {
    let says = |letter: &str| with("mx1.harbor.test", 25).says(&[HELLO, MAIL, RCPT, "DATA", letter]);
    shows(&["P18/no-header"], says("hi there\r\n.")).await;
    shows(&["P18/no-blank"], says("From: mina@you.test\r\nHigh at six.\r\n.")).await;
    shows(&["P18/fields"], says("From: mina@you.test\r\n\r\nHigh at six.\r\n.")).await;
    shows(&["P18/other-to"], says(&LETTER.replace("To: pat@", "To: sam@"))).await;
}

#[tokio::test]
async fn p19_a_host_that_is_called_by_an_alias() {
    shows(&["P19/name"], with("mail.crooked.test", 25).says_inside_tls(&[HELLO])).await;
}

#[tokio::test]
async fn p19_a_certificate_with_a_doubt_about_it() {
    let shown = with("mx1.harbor.test", 25).says_inside_tls(&[HELLO]).after(|lab| doubted(lab, Doubt::Expired));
    shows(&["P19/expired"], shown).await;
    let shown = with("mx1.harbor.test", 25).says_inside_tls(&[HELLO]).after(|lab| doubted(lab, Doubt::WrongName));
    shows(&["P19/name"], shown).await;
    let shown = with("mx1.harbor.test", 25).says_inside_tls(&[HELLO]).after(|lab| doubted(lab, Doubt::SelfSigned));
    shows(&["P19/chain"], shown).await;
    let shown = with("mx1.harbor.test", 25).says_inside_tls(&[HELLO]).after(|lab| doubted(lab, Doubt::Incomplete));
    shows(&["P19/chain"], shown).await;
}

#[tokio::test]
async fn a_certificate_that_ends_soon_or_has_a_new_key_is_in_order_and_the_one_in_order_comes_back() {
    for change in [
        |lab: &LabItself| doubted(lab, Doubt::EndsSoon),
        |lab: &LabItself| doubted(lab, Doubt::NewKey),
        |lab: &LabItself| {
            doubted(lab, Doubt::Expired);
            lab.identities().show("mx1.harbor.test", None).expect("a host of the lab");
            assert!(lab.identities().show("mx1.elsewhere.test", None).is_err());
        },
    ] {
        shows(&[], with("mx1.harbor.test", 25).says_inside_tls(&[HELLO]).after(change)).await;
    }
}

#[tokio::test]
async fn p20_a_backspace_in_a_command_and_curly_quotes() {
    let lines = ["MAIK\u{8}L FROM:<mina@you.test>", "MAIL FROM:<“mina”@you.test>"];
    let scene = with("mx1.harbor.test", 25).says(&[&[HELLO][..], &lines].concat());
    shows(&["P20/editing", "P20/typography"], scene).await;
}

#[tokio::test]
async fn p21_the_domain_itself_whose_mail_goes_to_another_host() {
    let mut scene = with("old.test", 25).says(&["HELO laptop.you.test"]);
    scene.looked_up = true;
    shows(&["P21/address"], scene).await;
}

#[tokio::test]
async fn p22_an_address_beyond_ascii() {
    let mail = [HELLO, "MAIL FROM:<jörg@you.test>"];
    shows(&["P22/not-offered"], with("mx2.harbor.test", 25).says(&mail)).await;
    shows(&["P22/not-announced"], with("mx1.harbor.test", 25).says(&mail)).await;
}

#[tokio::test]
async fn p23_a_command_of_too_many_octets() {
    let line = format!("NOOP {}", "x".repeat(600));
    shows(&["P23/command"], with("mx1.harbor.test", 25).says(&[HELLO, &line])).await;
}

#[tokio::test]
async fn p24_more_recipients_than_the_server_takes() {
    let recipients = vec![RCPT; 101].join("\r\n");
    let scene = with("mx1.harbor.test", 25).says(&[HELLO, MAIL, &recipients]);
    shows(&["P24/go-on"], scene).await;
}

#[tokio::test]
async fn p25_a_server_that_takes_no_bounces() {
    shows(&["P25/mail"], with("rude.harbor.test", 25).says(&[HELLO, "MAIL FROM:<>"])).await;
}

#[tokio::test]
async fn p26_a_chunk_that_is_longer_than_it_says() {
    let chunk = "BDAT 20 LAST\r\nFrom: mina@you.test\r\nHigh at six.\r\n";
    let start = [HELLO, MAIL, RCPT].map(|line| format!("{line}\r\n"));
    let mut scene = with("mx2.harbor.test", 25);
    scene.first = start.into_iter().chain([chunk.to_owned(), "QUIT\r\n".into()]).collect();
    shows(&["P26/too-few"], scene).await;
}

#[tokio::test]
async fn p27_a_name_server_that_fails_and_one_that_is_not_responsible() {
    let scene = with("mx1.harbor.test", 25).says(&[HELLO]).after(|lab| failing(lab, Fault::Servfail));
    shows(&["P27/failed"], scene).await;
    let scene = with("mx1.harbor.test", 25).says(&[HELLO]).after(|lab| failing(lab, Fault::Lame));
    shows(&["P27/refused"], scene).await;
}

#[tokio::test]
async fn p28_an_ipv6_address_that_does_not_answer_before_an_ipv4_address_that_does() {
    let silent = |lab: &LabItself| lost(lab, &["2001:db8::10"], Loss::Silent);
    let mut scene = Scene { timers: SHORT, ..with("mx1.harbor.test", 25).says(&[HELLO]).after(silent) };
    scene.target.pinned = ["2001:db8::10", "192.0.2.10"].map(|address| address.parse().expect("an address")).into();
    shows(&["P28/fell-back"], scene).await;
}

#[tokio::test]
async fn p29_a_certificate_that_is_not_valid_yet() {
    let shown = with("mx1.harbor.test", 25).says_inside_tls(&[HELLO]).after(|lab| doubted(lab, Doubt::NotYetValid));
    shows(&["P29/not-yet"], shown).await;
}

#[tokio::test]
async fn p30_a_refusal_that_begins_with_ok() {
    let scene = with("rude.harbor.test", 25).says(&[HELLO, MAIL, "RCPT TO:<nobody@harbor.test>"]);
    shows(&["P30/no-but-ok"], scene).await;
}
