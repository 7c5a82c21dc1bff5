//! The whole way of a letter, in the real program: sent by hand, followed on the map, and its conversations opened there.

use crate::Running;

#[test]
fn a_letter_is_followed_on_the_map_and_a_hop_is_opened_and_left() {
    let mut ehlo = Running::lab();
    ehlo.terminal.press("\x1bc");
    ehlo.terminal.wait_for("─ Connect");
    ehlo.terminal.press("\x15mx.open.test\r");
    ehlo.terminal.wait_for("220 mx.open.test");
    for (line, reply) in [
        ("EHLO laptop.you.test", "250 "),
        ("MAIL FROM:<mina@you.test>", "250 2.1.0"),
        ("RCPT TO:<grete@grey.test>", "250 2.1.5"),
        ("DATA", "354 "),
    ] {
        ehlo.terminal.press(&format!("{line}\r"));
        ehlo.terminal.wait_for(reply);
    }
    ehlo.terminal.press("Subject: Field trip\r\rOff we go.\r.\r\r");
    ehlo.terminal.wait_for("Queued as");
    ehlo.terminal.press("\x1bM");
    ehlo.terminal.wait_for("waits: try 2 of at most");
    ehlo.terminal.wait_for("3 mx.grey");
    ehlo.terminal.press("k");
    ehlo.terminal.wait_for("It was not taken: 451 4.7.1 Greylisted");
    ehlo.terminal.press("\r");
    ehlo.terminal.wait_for("mx.open.test speaks here, you watch");
    ehlo.terminal.wait_for("Esc map");
    ehlo.terminal.press("\x1b");
    ehlo.terminal.wait_for("─ Journey of");
    ehlo.terminal.press("+");
    ehlo.terminal.wait_for("10:35:0");
    ehlo.terminal.press("G");
    ehlo.close("─ Journey of");
    ehlo.terminal.wait_for("Queued as");
    ehlo.leave();
}
