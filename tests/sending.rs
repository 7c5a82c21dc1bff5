//! What leaves, and what never does: the composer through the real keymap.

#![expect(clippy::expect_used, reason = "a test that cannot go on must stop")]

#[path = "sending/batch.rs"]
mod batch;
#[path = "sending/chunks.rs"]
mod chunks;
#[path = "sending/extensions.rs"]
mod extensions;
#[path = "sending/file.rs"]
mod file;
#[path = "sending/mouse.rs"]
mod mouse;
#[path = "sending/paste.rs"]
mod paste;
#[path = "sending/repeat.rs"]
mod repeat;
#[path = "screens/world.rs"]
mod world;

#[path = "sending/refused.rs"]
mod refused;
#[path = "sending/waiting.rs"]
mod waiting;

use ehlo::app::Effect;
use ehlo::input::Act;
use ehlo::tape::Side;

use world::World;

/// What the client has sent, as text.
fn sent(world: &World) -> String {
    let lane = world.session().tape().lane(Side::Client);
    String::from_utf8_lossy(&lane.bytes(0, lane.len())).into_owned()
}

#[test]
fn two_keys_give_a_strangers_first_success() {
    let mut world = World::greeted(80, 24);
    world.keys("→ Enter");
    assert_eq!(sent(&world), "EHLO laptop.you.test\r\n");
    assert!(world.text().contains("250 ENHANCEDSTATUSCODES"));
}

#[test]
fn what_is_typed_is_what_is_sent() {
    let mut world = World::greeted(80, 24);
    world.types("nOOp  two  blanks \n");
    assert_eq!(sent(&world), "nOOp  two  blanks \r\n");
}

#[test]
fn a_colon_opens_the_palette_and_two_are_one() {
    let mut world = World::greeted(80, 24);
    world.types(":");
    assert!(world.text().contains("Commands"));
    world.types(":x\n");
    assert_eq!(sent(&world), ":x\r\n");
}

#[test]
fn the_line_ending_can_be_broken_on_purpose() {
    let mut world = World::greeted(80, 24);
    world.types(":line ending\nNOOP\n");
    assert_eq!(sent(&world), "NOOP\n");
}

#[test]
fn a_letter_is_stuffed_and_ended_by_a_step_of_its_own() {
    let mut world = World::greeted(80, 24);
    world.envelope();
    world.types("DATA\nSubject: hi\n\n.dot\nbye");
    assert!(!sent(&world).contains("Subject"), "nothing leaves while one writes");
    world.keys("Ctrl-D");
    assert!(sent(&world).ends_with("DATA\r\nSubject: hi\r\n\r\n..dot\r\nbye\r\n.\r\n"));
    world.keys("Alt-m Enter");
    let text = world.text();
    assert!(text.contains(".dot") && !text.contains("..dot"), "{text}");
}

#[test]
fn a_lone_dot_and_two_enters_end_the_letter_too() {
    let mut world = World::greeted(80, 24);
    world.envelope();
    world.types("DATA\nhi\n.\n");
    assert!(!sent(&world).contains("hi"));
    world.types("\n");
    assert!(sent(&world).ends_with("DATA\r\nhi\r\n.\r\n"));
}

#[test]
fn the_connect_dialog_suggests_the_last_target_and_typing_begins_another() {
    let targets =
        |world: &World| world.app.model.sessions().iter().map(|it| it.target.host.clone()).collect::<Vec<_>>();
    let mut world = World::greeted(80, 24);
    world.keys("Alt-c").types("mx2.harbor.test\n");
    assert_eq!(targets(&world), ["mx1.harbor.test", "mx2.harbor.test"]);
    world.keys("Alt-c Enter");
    assert_eq!(targets(&world).last().unwrap(), "mx2.harbor.test", "nothing typed is the suggestion");
    world.keys("Alt-c → Backspace Backspace Backspace").types("\n");
    assert_eq!(targets(&world).len(), 4, "accepted, it can be edited");
}

#[test]
fn the_history_offers_lines_of_the_same_stage_first() {
    let mut world = World::greeted(80, 24);
    world.types("NOOP\nMAIL FROM:<you@you.test>\nRSET\n");
    world.keys("↑");
    assert!(world.text().contains("> MAIL FROM:<you@you.test>"), "RSET was typed inside the envelope");
    world.keys("↑ ↑");
    assert!(world.text().contains("> RSET"));
}

fn live() -> World {
    let mut world = World::greeted(80, 24);
    world.connect("mail.example.org", 25);
    world.keys("↓ Enter");
    world.open_at([198, 18, 0, 1]);
    world.server("220 mail.example.org ESMTP\r\n");
    world
}

#[test]
fn a122_a_secret_is_masked_while_it_is_typed_and_in_the_transcript() {
    let mut world = live();
    world.types("AUTH PLAIN AGFsaWNlAHMzY3JldA==");
    assert!(!world.text().contains("AGFsaWNl"), "{}", world.text());
    assert!(world.text().contains("AUTH PLAIN ****"));
    world.types("\n");
    assert!(world.text().contains("Enter again sends this secret"), "a secret over plain text asks");
    assert_eq!(sent(&world), "");
    world.types("\n");
    assert!(sent(&world).contains("AGFsaWNl"));
    assert!(!world.text().contains("AGFsaWNl"), "{}", world.text());
    world.keys("↑ ↑ ↑");
    assert!(!world.text().contains("AGFsaWNl"), "not in the history");
}

#[test]
fn c123_plain_and_login_without_tls_go_out_only_when_confirmed() {
    // A whole PLAIN; the user name of LOGIN, then its password behind the 334.
    for lines in [&["AUTH PLAIN AGFsaWNlAHMzY3JldA=="][..], &["AUTH LOGIN YWxpY2U=", "czNjcmV0"]] {
        let mut world = live();
        for line in lines {
            let before = sent(&world);
            world.types(line);
            world.types("\n");
            assert!(world.text().contains("Enter again sends this secret in clear"), "{}", world.text());
            assert_eq!(sent(&world), before, "{line}");
            world.types("\n");
            assert_eq!(sent(&world), format!("{before}{line}\r\n"));
        }
    }
}

#[test]
fn a123_a_line_behind_a_334_is_secret_whatever_it_holds() {
    let mut world = live();
    world.types("AUTH LOGIN\n");
    world.types("hunter2 is my password");
    assert!(!world.text().contains("hunter2"));
    world.types("\n\n");
    assert!(sent(&world).contains("hunter2"));
    assert!(!world.text().contains("hunter2"), "{}", world.text());
    world.keys("Ctrl-C ↑");
    assert!(!world.text().contains("hunter2"));
    world.keys("Ctrl-C Alt-Y");
    let copied = world.effects.iter().any(|effect| matches!(effect, Effect::Copy(text) if text.contains("hunter2")));
    assert!(!copied, "not in what is copied");
}

#[test]
fn a_star_cancels_a_login_and_is_no_secret() {
    let mut world = live();
    world.types("AUTH LOGIN\n*");
    assert!(world.text().contains("> *"));
    world.types("\n");
    assert!(sent(&world).ends_with("AUTH LOGIN\r\n*\r\n"), "no question either");
}

#[test]
fn in_the_lab_nothing_is_asked_and_secrets_are_shown() {
    let mut world = World::greeted(80, 24);
    world.types("AUTH PLAIN AGFsaWNlAHMzY3JldA==");
    assert!(world.text().contains("AGFsaWNlAHMzY3JldA=="));
    world.types("\n");
    assert!(sent(&world).contains("AGFsaWNlAHMzY3JldA=="));
}

#[test]
fn going_live_asks_once_per_host_and_esc_connects_to_nobody() {
    let mut world = World::greeted(80, 24);
    world.connect("mail.example.org", 25);
    world.keys("Enter");
    assert_eq!(world.app.model.sessions().len(), 1, "the first choice stays in the lab");
    world.connect("mail.example.org", 25);
    world.keys("↓ Enter");
    assert_eq!(world.app.model.sessions().len(), 2);
    world.connect("mail.example.org", 587);
    assert_eq!(world.app.model.sessions().len(), 3, "the same host is not asked again");
    assert!(world.text().contains("[LIVE]"));
    world.connect("127.0.0.1", 25);
    assert_eq!(world.app.model.sessions().len(), 4, "loopback asks nothing");
    assert!(world.text().contains("[LIVE loopback]"));
}

#[test]
fn without_a_connection_the_draft_stays() {
    let mut world = World::greeted(80, 24);
    world.close(Side::Server);
    world.types("NOOP\n");
    let text = world.text();
    assert!(text.contains("> NOOP") && text.contains("There is no connection"), "{text}");
}

#[test]
fn a_step_of_the_explanation_goes_into_the_line_and_is_not_sent() {
    let mut world = World::greeted(120, 30);
    let before = sent(&world);
    world.keys("Alt-e Enter");
    assert_eq!(sent(&world), before);
    assert!(world.text().contains("> EHLO"), "{}", world.text());
}

#[test]
fn copying_and_saving_hand_over_plain_text() {
    let mut world = World::greeted(80, 24);
    world.keys("→ Enter Alt-2 Y Alt-Y x Enter");
    let copied: Vec<&String> = world
        .effects
        .iter()
        .filter_map(|effect| if let Effect::Copy(text) = effect { Some(text) } else { None })
        .collect();
    assert_eq!(copied.len(), 2);
    assert!(copied[0].contains("EHLO laptop.you.test") && copied[0].contains("250 ENHANCEDSTATUSCODES"));
    assert!(copied[1].contains("220 mx1.harbor.test"));
    let saved =
        world.effects.iter().any(|effect| matches!(effect, Effect::Save { path, .. } if path == "mx1.harbor.test.txt"));
    assert!(saved, "{:?}", world.effects);
}

#[test]
fn an_empty_transcript_has_nothing_to_copy_and_says_so() {
    let mut world = World::new(80, 24);
    for keys in ["Alt-Y", "Alt-y", "Alt-x"] {
        world.keys(keys);
        assert!(world.text().contains("there is nothing to copy or save yet"), "{keys}: {}", world.text());
        assert!(!world.app.is_covered(), "{keys}");
        world.wait(5000);
    }
    assert!(!world.effects.iter().any(|effect| matches!(effect, Effect::Copy(_) | Effect::Save { .. })));
}

#[test]
fn a_filter_that_hides_all_still_copies_the_session_and_no_line() {
    let mut world = World::greeted(80, 24);
    world.keys("Alt-f Alt-f Alt-f Alt-f Alt-f");
    assert!(world.text().contains("filter: problems"), "{}", world.text());
    world.keys("Alt-y");
    assert!(world.text().contains("nothing to copy"), "{}", world.text());
    world.keys("Alt-Y");
    let copied: Vec<&Effect> = world.effects.iter().filter(|effect| matches!(effect, Effect::Copy(_))).collect();
    assert!(matches!(copied[..], [Effect::Copy(text)] if text.contains("220 mx1.harbor.test")), "{copied:?}");
}

/// The bytes of the selected row.
fn selected(world: &World) -> String {
    let session = world.session();
    let view = world.app.room.view_of(session.id).expect("a view");
    let row = session.dialogue().row(view.selected(session).expect("a selected row")).expect("a row");
    row.span().map(|span| String::from_utf8_lossy(&session.tape().bytes(span)).into_owned()).unwrap_or_default()
}

#[test]
fn the_next_hit_is_unfolded() {
    let mut world = World::greeted(80, 60);
    world.types("EHLO laptop.you.test\nEHLO laptop.you.test\n");
    world.keys("Alt-2 O");
    assert!(!world.text().contains("PIPELINING"), "folded: {}", world.text());
    world.keys("/").types("pipelining\n");
    assert_eq!(selected(&world), "250-PIPELINING\r\n");
    assert!(world.text().contains("250-PIPELINING"), "{}", world.text());
    assert_eq!(world.text().matches("250-SIZE").count(), 1, "the other reply stays folded: {}", world.text());
    world.keys("N");
    assert_eq!(world.text().matches("250-SIZE").count(), 2, "{}", world.text());
    world.keys("o");
    assert_eq!(world.text().matches("250-SIZE").count(), 1, "what was opened is folded again: {}", world.text());
    world.keys("O");
    assert_eq!(world.text().matches("250-SIZE").count(), 2, "all is open: {}", world.text());
}

#[test]
fn a_search_says_that_what_was_left_out_is_not_searched() {
    let mut world = World::greeted(80, 24);
    world.envelope();
    world.types("DATA\n");
    world.client("a line of the letter\r\n");
    world.hear(ehlo::ports::net::What::Elided(ehlo::tape::Side::Client, 5000));
    world.keys("Alt-2 /").types("queued\n");
    assert!(
        world.text().contains("No line kept here holds this; what was left out is not searched."),
        "{}",
        world.text()
    );
}

#[test]
fn the_next_hit_is_one_that_the_filter_shows() {
    let mut world = World::greeted(80, 24);
    world.envelope();
    world.keys("Alt-2 f f");
    assert!(world.text().contains("filter: client"), "{}", world.text());
    world.keys("/").types("laptop\n");
    assert_eq!(selected(&world), "EHLO laptop.you.test\r\n");
    world.wait(5000);
    world.keys("n");
    assert_eq!(selected(&world), "EHLO laptop.you.test\r\n", "the reply is hidden, so stepping comes round");
    assert!(world.text().contains("The filter \"client\" hides 1 hit"), "{}", world.text());
    world.keys("/").types("queued\n");
    assert!(world.text().contains("No line holds this text."), "{}", world.text());
    world.keys("Esc /").types("recipient ok\n");
    assert_eq!(selected(&world), "EHLO laptop.you.test\r\n", "nothing hidden is selected");
    assert!(world.text().contains("hides every hit"), "{}", world.text());
}

#[test]
fn a_host_of_the_dns_panel_is_connected_with_its_address() {
    let mut world = World::greeted(80, 24);
    world.keys("Alt-d").types("harbor.test\n");
    world.keys("j Enter");
    let session = world.session();
    assert_eq!(session.target.host, "mx2.harbor.test");
    assert_eq!(session.target.pinned, [std::net::IpAddr::from([192, 0, 2, 20])]);
    assert!(world.text().contains("mx2.harbor.test"), "{}", world.text());
    assert!(!session.tape().marks().is_empty(), "the transcript tells what led there");
}

#[test]
fn an_exchanger_is_chosen_before_there_is_a_session() {
    let mut world = World::choosing(80, 24);
    assert!(world.app.model.sessions().is_empty());
    world.keys("Alt-1").types("NOOP\n");
    assert!(world.text().contains("> NOOP"), "the draft stays");
    world.keys("Ctrl-C Alt-4 Enter");
    assert_eq!(world.session().target.host, "mx1.harbor.test");
}

#[test]
fn idle_means_idle() {
    let mut world = World::greeted(80, 24);
    world.wait(10_000);
    assert_eq!(world.app.wake(), None);
    world.silence(true);
    world.types("NOOP\n");
    assert!(world.app.wake().is_some(), "a wait is shown after two seconds");
    world.server("250 OK\r\n");
    world.wait(10_000);
    assert_eq!(world.app.wake(), None);
}

#[test]
fn hidden_notes_hide_the_explanation_too() {
    let mut world = World::greeted(120, 30);
    world.keys("→ Enter Alt-h");
    let text = world.text();
    assert!(!text.contains("the link can be encrypted") && text.contains("Notes are hidden"), "{text}");
}

#[test]
fn a_secret_is_shown_for_ten_seconds_and_the_tape_notes_it() {
    let mut world = live();
    world.types("AUTH PLAIN AGFsaWNlAHMzY3JldA==");
    world.keys("F2").types("show the secret\n");
    assert!(world.text().contains("AGFsaWNlAHMzY3JldA=="), "{}", world.text());
    assert!(world.session().tape().marks().iter().any(|(_, mark)| *mark == ehlo::tape::mark::Mark::Revealed));
    assert!(world.app.wake().is_some());
    world.wait(10_001);
    assert!(!world.text().contains("AGFsaWNlAHMzY3JldA=="));
}

#[test]
fn a_letter_comes_from_an_editor_or_a_file_and_is_not_sent() {
    let mut world = World::greeted(80, 24);
    world.keys("F4");
    assert!(world.effects.contains(&Effect::Edit(String::new())));
    world.edited("Subject: from the editor\n\n.dot\n");
    world.envelope();
    world.types("DATA\n");
    assert!(world.text().contains("Subject: from the editor"));
    assert!(!sent(&world).contains("Subject"));
    world.choose("note.txt");
    let room = 4 * 1024 * 1024 - "Subject: from the editor\n\n.dot\n".len() as u64;
    assert!(world.effects.contains(&Effect::Read { path: "note.txt".into(), most: room }), "{:?}", world.effects);
    world.read("note.txt", "\r\nfrom a file\r\n");
    assert!(world.text().contains("from a file"));
    world.keys("Ctrl-D");
    assert!(
        sent(&world).ends_with("Subject: from the editor\r\n\r\n..dot\r\nfrom a file\r\n.\r\n"),
        "{}",
        sent(&world)
    );
}
