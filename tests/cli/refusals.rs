//! What the command line refuses, as a stranger would try it: each complaint is one sentence with its id and one line
//! that says what to do, and the program ends with 2.

use crate::ehlo;

/// A call that is refused: its complaint has this id and says all of this.
#[track_caller]
fn refused(arguments: &[&str], id: &str, says: &[&str]) {
    let text = complaint(arguments);
    let (sentence, next) = text.trim_end().split_once('\n').expect("two lines");
    assert!(sentence.starts_with("ehlo: ") && sentence.ends_with(&format!(" [{id}]")), "{arguments:?}: {text}");
    assert!(next.starts_with("      ") && !next.contains('\n') && next.len() > 10, "{arguments:?}: {text}");
    for part in says {
        assert!(text.contains(part), "{arguments:?} does not say {part:?}: {text}");
    }
}

/// What standard error gets.
#[track_caller]
fn complaint(arguments: &[&str]) -> String {
    let output = ehlo(arguments).assert().code(2).stdout_eq("").get_output().clone();
    String::from_utf8(output.stderr).expect("text")
}

/// A call that is refused only because there is no terminal.
#[track_caller]
pub(crate) fn taken(arguments: &[&str]) {
    refused(arguments, "tty/none", &[]);
}

#[test]
fn an_option_that_does_not_exist_is_told_with_the_nearest_one() {
    refused(&["connect", "mx1.harbor.test", "--frobnicate"], "cli/option", &["no option --frobnicate.", "--help"]);
    refused(&["connect", "mx1.harbor.test", "--prot", "25"], "cli/option", &["--prot. Did you mean --port?"]);
    refused(&["--colour", "never"], "cli/option", &["Did you mean --color?"]);
    refused(&["--port", "25"], "cli/option", &["--port belongs to ehlo connect", "ehlo connect TARGET --port"]);
    refused(&["connect", "a.test", "--port", "25", "--port", "26"], "cli/option", &["--port was given twice"]);
    refused(&["--ascii=yes"], "cli/value", &["--ascii takes no value, and 'yes'"]);
}

#[test]
fn a_word_too_many_and_a_command_that_does_not_exist_are_told() {
    refused(&["connect", "a.test", "b.test"], "cli/option", &["'b.test' is one word too many"]);
    refused(&["conect", "a.test"], "cli/command", &["no command 'conect'. Did you mean 'connect'?"]);
    refused(&["mail.example.org:587"], "cli/command", &["ehlo connect mail.example.org:587"]);
    refused(&[""], "cli/command", &["The commands are connect, lab, dns, open, export, diff, explain, "]);
}

#[test]
fn a_recording_that_is_not_named_is_told_by_the_command_that_needs_it() {
    for command in ["open", "export"] {
        refused(&[command], "cli/file", &["A recording is needed, and none was named.", "ehlo open first.ehlo"]);
    }
    refused(&["diff", "a.ehlo"], "cli/file", &["ehlo diff needs two recordings."]);
    refused(&["open", "tests/foreign/lab.ehlo"], "tty/none", &["ehlo export FILE prints a recording as text"]);
}

#[test]
fn a_value_that_will_not_do_is_told_with_what_it_needs_to_be() {
    for (option, value, says) in [
        ("--seed", "abc", "--seed cannot be 'abc': it needs a whole number from 0 on."),
        ("--seed", "-1", "cannot be '-1'"),
        ("--seed", "18446744073709551616", "a whole number"),
        ("--theme", "neon", "one of the themes"),
        ("--color", "alway", "'alway'. Did you mean 'always'?"),
        ("--color", "purple", "It takes auto, always, never."),
        ("--tls", "starttls", "It takes plain, require, prefer, never, implicit."),
        ("--tls", "", "--tls needs a value"),
        ("--resolver", "nobody", "the address of a name server"),
        ("--resolver", "0.0.0.0", "cannot be '0.0.0.0'"),
        ("--resolver", "", "cannot be empty"),
        ("--resolve", "a.test", "a name and its address"),
        ("--resolve", "a.test:25:192.0.2.1", "a name and its address"),
        ("--ca-file", "", "--ca-file needs a value"),
        ("--sni", "192.0.2.1", "a host name, or none: addresses are not sent in SNI"),
        ("--sni", "two words", "a host name, or none"),
        ("--verify-name", "two words", "a host name or an address"),
        ("--verify-name", "", "cannot be empty"),
        ("--tls-min", "1.1", "It takes 1.2, 1.3."),
        ("--tls-verify", "strict", "It takes all, chain, name, off."),
    ] {
        refused(&["connect", "a.test", option, value], "cli/value", &[option, says]);
    }
    refused(&["connect", "a.test", "--port"], "cli/value", &["--port needs a value", "--port <PORT>"]);
    refused(&["connect", "a.test", "--port", "-1"], "cli/port", &["--port cannot be '-1'"]);
}

#[test]
fn e131_e132_a_line_break_never_passes_from_the_command_line_into_a_command() {
    let says = "holds a line break; it would become a second command. Not sent.";
    for target in ["mail.example.org\r\nRCPT TO:<x@y.test>", "smtp://mail.example.org%0d%0aRCPT%20TO:%3Cx@y.test%3E"] {
        refused(&["connect", target], "input/crlf", &["The address", says]);
    }
    for option in ["--helo", "--sni", "--verify-name", "--resolver"] {
        refused(&["connect", "a.test", option, "a.test\r\nMAIL FROM:<x@y.test>"], "input/crlf", &[option, says]);
    }
}

#[test]
fn a_name_for_ehlo_is_judged_alike_on_the_command_line_and_in_the_file() {
    for (name, good) in
        [("laptop.example.org", true), ("[192.0.2.1]", true), ("two words", false), ("a/b", false), ("", false)]
    {
        let (_folder, path) = crate::file(&format!("helo = {name:?}\n"));
        if good {
            taken(&["connect", "a.test", "--helo", name]);
            taken(&["--config", &path]);
        } else {
            refused(
                &["connect", "a.test", "--helo", name],
                "cli/value",
                &["--helo cannot be", "it needs a host name or an address"],
            );
            refused(&["--config", &path], "config/bad-type", &["helo needs a host name or an address"]);
        }
    }
}

#[test]
fn an_address_is_pinned_to_the_targets_own_name_only() {
    taken(&["connect", "mail.example.org", "--resolve", "Mail.Example.ORG.:127.0.0.1"]);
    let other = ["connect", "mail.example.org", "--resolve", "mx.example.org:127.0.0.1"];
    refused(
        &other,
        "cli/value",
        &["for mx.example.org, and the target is mail.example.org", "mail.example.org:127.0.0.1"],
    );
    for nowhere in ["0.0.0.0", "[::]", "224.0.0.1", "255.255.255.255"] {
        let pin = format!("a.test:{nowhere}");
        refused(&["connect", "a.test", "--resolve", &pin], "net/target", &["--resolve cannot lead to"]);
    }
    for option in [&["--port", "25"], &["--tls", "plain"], &["--resolve", "mx.example.org:127.0.0.1"]] {
        let call = [&["connect", "mx:example.org"][..], option].concat();
        refused(&call, "cli/option", &[option[0], "mx:example.org leaves the choice"]);
    }
}

#[test]
fn a_secret_that_cannot_be_had_or_used_is_told_and_never_repeated() {
    let (_folder, empty) = crate::file("\n");
    let (_folder_2, lines) = crate::file("hunter2\nhunter3\n");
    for (option, id, says) in [
        (&["--password-file", "/nonexistent"][..], "file/open", "Cannot read the secret in /nonexistent"),
        (&["--password-file", "/dev/zero"], "file/open", "not a regular file"),
        (&["--password-file", &empty], "cli/secret", "it is empty"),
        (&["--password-file", &lines], "input/crlf", "A secret is one line"),
        (&["--password-file", &lines, "--password-command", "true"], "cli/option", "about the same secret"),
        (&["--password-file", &lines, "--password-stdin"], "cli/option", "about the same secret"),
        (&["--auth-user", "pat\r\nQUIT"], "input/crlf", "--auth-user holds a line break"),
        (&["--auth-user", ""], "cli/value", "--auth-user cannot be empty"),
    ] {
        let call = [&["connect", "a.test"][..], option].concat();
        refused(&call, id, &[says]);
        assert!(!complaint(&call).contains("hunter"), "{call:?}");
    }
    refused(&["connect", "submit:a.test", "--password-stdin"], "cli/option", &["--password-stdin is about one host"]);
}

#[test]
fn k260_a_password_on_the_command_line_is_refused_and_not_repeated() {
    for arguments in [
        &["--password", "hunter2"][..],
        &["connect", "a.test", "--password=hunter2"],
        &["connect", "a.test", "--pasword", "hunter2"],
        &["connect", "a.test", "--auth-password", "hunter2"],
        &["connect", "smtp://pat:hunter2@mail.example.org"],
        &["connect", "pat:hunter2@mail.example.org:587"],
    ] {
        refused(arguments, "cli/password", &["show", "in ps and shell history", "send AUTH"]);
        assert!(!complaint(arguments).contains("hunter2"), "{arguments:?}");
    }
}

#[test]
fn k262_what_is_no_host_is_told() {
    refused(&["connect", "-x"], "cli/host", &["'-x' is not a host name", "Put -- before it if you mean it"]);
    refused(&["connect", "--", "-x"], "cli/host", &["'-x' is not a host name", "hyphen"]);
    for nothing in [&["connect"][..], &["connect", "--"]] {
        refused(nothing, "cli/host", &["needs a target", "Examples: "]);
    }
    refused(&["docs"], "cli/command", &["needs to be told what to print", "completions SHELL"]);
    refused(&["docs", "completions"], "cli/option", &["needs a shell"]);
    refused(&["connect", ""], "cli/host", &["A host is missing"]);
    refused(&["connect", "\u{1b}[2J"], "cli/host", &["A host name holds no"]);
    refused(&["connect", "a.test:"], "cli/port", &["A port is missing behind the colon"]);
    refused(&["connect", "[::1]2525"], "cli/host", &["'2525'"]);
    refused(&["connect", "fe80::1%eth0"], "cli/host", &["a zone (%) is not taken here"]);
    refused(&["connect", "mx:a..b"], "cli/host", &["Label 2 is empty"]);
    for good in ["::1", "[IPv6:::1]:25", "::ffff:127.0.0.1", "bücher.example", "TLS://mail.example.org"] {
        taken(&["connect", good]);
    }
}

#[test]
fn a_word_of_ten_thousand_letters_is_not_repeated_whole() {
    let long = "a".repeat(10_000);
    for arguments in [&["connect", &long][..], &[&long], &[&format!("--{long}")], &["--theme", &long]] {
        let text = complaint(arguments);
        assert!(text.len() < 1000 && text.contains(" … "), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn a_word_that_is_no_utf8_is_shown_with_its_octets() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let path = OsStr::from_bytes(b"/nonexistent/caf\xe9.toml");
    let output = ehlo(&["--config"]).arg(path).assert().code(2).get_output().clone();
    let text = String::from_utf8(output.stderr).expect("text");
    assert!(text.contains("/nonexistent/caf<E9>.toml") && text.contains("[file/open]"), "{text}");
    let output = ehlo(&["connect"]).arg(OsStr::from_bytes(b"caf\xe9.test")).assert().code(2).get_output().clone();
    let text = String::from_utf8(output.stderr).expect("text");
    assert!(text.contains("'caf<E9>.test' is not UTF-8. [cli/value]"), "{text}");
}

#[test]
fn a_file_without_certificates_is_refused_before_the_screen_opens() {
    for text in ["", "harbor\n", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let (_folder, path) = crate::file(text);
        refused(&["connect", "a.test", "--ca-file", &path], "cli/value", &["Cannot use the CA file", "certificate"]);
    }
}

#[test]
fn a_configuration_in_another_encoding_is_no_toml() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ehlo.toml");
    std::fs::write(&path, b"seed = 1\n# caf\xe9\n").expect("a file");
    refused(&["--config", path.to_str().expect("letters")], "config/syntax", &["ehlo.toml:2: this is not UTF-8"]);
    std::fs::write(&path, "\u{feff}seed = 1\r\n").expect("a file");
    taken(&["--config", path.to_str().expect("letters")]);
    std::fs::write(&path, "#".repeat(2 << 20)).expect("a file");
    refused(&["--config", path.to_str().expect("letters")], "file/open", &["at most 1048576"]);
}

#[test]
fn options_about_the_way_that_lead_nowhere_are_refused() {
    let a = ["connect", "a.example"];
    refused(&[&a[..], &["-4", "-6"]].concat(), "cli/option", &["leave no address"]);
    refused(&[&a[..], &["-6", "--source", "127.0.0.1"]].concat(), "cli/option", &["127.0.0.1 is IPv4"]);
    refused(&[&a[..], &["-4", "--resolve", "a.example:::1"]].concat(), "cli/option", &["::1 is IPv6"]);
    refused(&["connect", "127.0.0.1", "--ipv6"], "cli/option", &["127.0.0.1 is IPv4"]);
    refused(&["connect", "a.test", "--source", "127.0.0.1"], "cli/option", &["the lab"]);
    for bad in ["", "host", "0.0.0.0", "224.0.0.1", "127.0.0.1:x", "[::1"] {
        refused(&[&a[..], &["--source", bad]].concat(), "cli/value", &["--source"]);
    }
    refused(&["connect", "mx:harbor.test", "-4"], "cli/option", &["-4 is about one host"]);
    for good in ["127.0.0.1", "127.0.0.1:2525", "::1", "[::1]", "[::1]:2525"] {
        taken(&[&a[..], &["--source", good]].concat());
    }
    taken(&["connect", "a.test", "-6"]);
}

#[test]
fn options_about_a_handshake_that_contradict_each_other_are_refused() {
    let a = ["connect", "a.test"];
    refused(&[&a[..], &["--tls-min", "1.3", "--tls-max", "1.2"]].concat(), "cli/option", &["--tls-min", "--tls-max"]);
    refused(&[&a[..], &["--client-cert", "x.pem"]].concat(), "cli/option", &["--client-cert alone", "--client-key"]);
    refused(&[&a[..], &["--client-key", "x.pem"]].concat(), "cli/option", &["--client-key alone", "--client-cert"]);
    for option in [&["--sni", "b.test"][..], &["--tls-verify", "off"], &["--keylog", "x.keys"]] {
        let call = [&["connect", "mx:harbor.test"][..], option].concat();
        refused(&call, "cli/option", &[option.first().expect("an option"), "is about one host"]);
    }
    for option in [&["--sni", ""][..], &["--sni", "none"], &["--sni", "b.test", "--verify-name", "[2001:db8::1]"]] {
        taken(&[&a[..], option].concat());
    }
    taken(&[&a[..], &["--tls-min", "1.3", "--tls-max", "1.3", "--tls", "require", "--tls-verify", "name"]].concat());
}

/// A certificate of pat@example.org, its key, and the key of somebody else, as files.
fn own_files(folder: &std::path::Path) -> [String; 3] {
    let pair = || {
        let key = rcgen::KeyPair::generate().expect("a key");
        let params = rcgen::CertificateParams::new(["pat.example.org".to_owned()]).expect("a name");
        (params.self_signed(&key).expect("a certificate"), key)
    };
    let ((certificate, key), (_, other)) = (pair(), pair());
    let file = |name: &str, label: &str, der: &[u8]| {
        use base64::Engine as _;
        let text = base64::engine::general_purpose::STANDARD.encode(der);
        let path = folder.join(name);
        std::fs::write(&path, format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")).expect("a file");
        path.to_str().expect("letters").to_owned()
    };
    [
        file("pat.pem", "CERTIFICATE", certificate.der()),
        file("pat.key", "PRIVATE KEY", &key.serialize_der()),
        file("sam.key", "PRIVATE KEY", &other.serialize_der()),
    ]
}

#[test]
fn the_files_of_a_client_certificate_are_judged_before_the_screen_opens() {
    let folder = tempfile::tempdir().expect("a folder");
    let [certificate, key, other] = own_files(folder.path());
    let with = |certificate: &str, key: &str| {
        ["connect", "a.test", "--client-cert", certificate, "--client-key", key].map(ToOwned::to_owned)
    };
    let refused = |call: [String; 6], id, says: &[&str]| refused(&call.each_ref().map(String::as_str), id, says);
    refused(with("/nonexistent.pem", &key), "file/open", &["Cannot read the client certificate /nonexistent.pem"]);
    refused(with(&certificate, "/nonexistent.key"), "file/open", &["Cannot read the client key /nonexistent.key"]);
    refused(with(&key, &key), "cli/value", &["Cannot use the client certificate", "holds no certificate"]);
    refused(with(&certificate, &certificate), "cli/value", &["Cannot use the client key", "holds no private key"]);
    refused(with(&certificate, &other), "cli/value", &["sam.key", "does not belong to the first certificate"]);
    taken(&with(&certificate, &key).each_ref().map(String::as_str));
}

#[test]
fn without_a_terminal_no_key_log_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("new.keys");
    taken(&["connect", "a.test", "--keylog", path.to_str().expect("letters")]);
    assert!(!path.exists());
}
