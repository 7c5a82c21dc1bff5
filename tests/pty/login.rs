//! A login to the lab's submission server, from the form, by keys.

use crate::Running;

/// The explorer on the submission server, after EHLO.
fn submission() -> Running {
    let mut ehlo = Running::with(&["connect", "tls://submit.you.test:465"], |start| start);
    ehlo.terminal.wait_for("220 submit.you.test");
    ehlo.terminal.press("EHLO laptop.you.test\r");
    ehlo.terminal.wait_for("250 AUTH");
    ehlo
}

#[test]
fn the_labs_user_logs_in_with_two_keys() {
    let mut ehlo = submission();
    ehlo.terminal.press("\x1ba");
    ehlo.terminal.wait_for("password    sunflower");
    ehlo.terminal.press("\r");
    ehlo.terminal.wait_for("235 2.7.0");
    ehlo.leave();
}

#[test]
fn a_wrong_password_gets_535_and_the_form_comes_back_with_the_name() {
    let mut ehlo = submission();
    ehlo.terminal.press("\x1ba");
    ehlo.terminal.wait_for("user name");
    ehlo.terminal.press("sam\tsunflower\r");
    ehlo.terminal.wait_for("535 5.7.8");
    ehlo.terminal.press("\x1ba");
    ehlo.terminal.wait_for("user name   sam");
    ehlo.close("user name   sam");
    ehlo.leave();
}
