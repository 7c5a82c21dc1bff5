//! What a file and an environment say, and what is refused.

use super::*;
use crate::command::find;
use crate::ui::text::Role;

fn refusal(text: &str) -> Refusal {
    parse(text).expect_err(text)
}

#[test]
fn every_key_is_taken() {
    let text = "theme = \"mono\"\ncolor = \"never\"\nascii = true\nmouse = false\nhelo = \"laptop.example.org\"\n\
                resolver = \"192.0.2.53\"\nrfc-timeouts = true\nseed = 0x1F\n";
    let config = parse(text).expect("a good file");
    let names = ["theme", "color", "ascii", "mouse", "helo", "resolver", "rfc-timeouts", "seed"];
    let whole = Config {
        theme: Some(Theme::Mono),
        color: Some(Colour::Never),
        ascii: Some(true),
        mouse: Some(false),
        helo: Some("laptop.example.org".into()),
        resolver: Some(Source::Server(([192, 0, 2, 53], 53).into())),
        rfc_timeouts: Some(true),
        seed: Some(31),
        origins: names.into_iter().zip((1..).map(Origin::Line)).collect(),
        ..Config::default()
    };
    assert_eq!(config, whole);
    assert_eq!(parse("# nothing\n"), Ok(Config::default()));
    assert_eq!(parse("timeout = 20\n").map(|config| config.timeout), Ok(Some(Duration::from_secs(20))));
}

#[test]
fn the_same_waits_are_set_once() {
    let both = refusal("timeout = 20\nrfc-timeouts = true\n");
    assert_eq!((both.id, both.line), ("config/conflict", Some(2)));
    assert!(parse("timeout = 20\nrfc-timeouts = false\n").is_ok());
}

#[test]
fn k256_an_unknown_key_is_refused_with_its_line_and_the_nearest_key() {
    let timeout = refusal("# mine\n\ntiemout = 5\n");
    assert_eq!((timeout.id, timeout.line), ("config/unknown-key", Some(3)));
    assert_eq!(timeout.why, "unknown key 'tiemout'. Did you mean 'timeout'?");
    assert!(timeout.next.contains("rfc-timeouts"));
    let table = refusal("seed = 1\n[bindings]\nenter = \"x\"\n");
    assert_eq!((table.line, table.why.as_str()), (Some(2), "unknown key 'bindings'."));
}

#[test]
fn k257_a_value_of_the_wrong_kind_is_refused_with_what_it_should_be() {
    for bad in [
        "theme = 1",
        "theme = \"neon\"",
        "ascii = \"yes\"",
        "mouse = 0",
        "helo = \"two words\"",
        "helo = \"a\\r\\nRSET\"",
        "resolver = \"nobody\"",
        "resolver = 53",
        "rfc-timeouts = \"true\"",
        "seed = -1",
        "seed = 1.5",
        "seed = 99999999999999999999",
        "seed = []",
        "timeout = 0",
        "timeout = -1",
        "timeout = 1e99",
        "timeout = 3601",
        "timeout = \"20\"",
        "color = true",
        "version = \"one\"",
        "keys = 1",
        "own-theme = \"mono\"",
    ] {
        let refusal = refusal(&format!("\n{bad}\n"));
        assert_eq!((refusal.id, refusal.line), ("config/bad-type", Some(2)), "{bad}");
        assert!(refusal.why.contains(" needs "), "{}", refusal.why);
    }
}

#[test]
fn k259_no_file_and_no_variable_holds_a_secret_whoever_may_read_it() {
    for key in ["password", "auth-password", "passwd", "secret", "token"] {
        let refusal = refusal(&format!("seed = 1\n{key} = \"sunflower\"\n"));
        assert_eq!((refusal.id, refusal.line), ("config/perms", Some(2)), "{key}");
        assert!(refusal.next.contains("--password-command") && !refusal.why.contains("sunflower"));
    }
    let refusal = environment([("EHLO_PASSWORD".into(), "sunflower".into())]).expect_err("a secret");
    assert_eq!((refusal.id, refusal.line), ("config/perms", None));
    assert!(refusal.why.starts_with("EHLO_PASSWORD would") && !refusal.why.contains("sunflower"));
}

#[test]
fn k265_what_is_written_otherwise_here_is_told() {
    let newer = refusal("version = 2\nwonder = true\n");
    assert_eq!((newer.id, newer.line), ("config/version", Some(1)));
    assert_eq!(newer.why, "this file is of version 2, and this ehlo reads version 1.");
    assert!(parse("version = 1\n").is_ok());
    let switch = refusal("no-mouse = true\n");
    assert_eq!(switch.id, "config/version");
    assert_eq!(switch.why, "'no-mouse' is an option; in a file it is written as mouse = false.");
}

#[test]
fn k263_the_environment_has_the_same_names_and_is_not_ignored_silently() {
    let read =
        |pairs: &[(&str, &str)]| environment(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())));
    let config =
        read(&[("EHLO_TIMEOUT", "7"), ("EHLO_ASCII", "1"), ("EHLO_SEED", ""), ("HOME", "/"), ("EHLO_LAB_CA", "x")]);
    let config = config.expect("good ones and those of others");
    assert_eq!((config.timeout, config.ascii, config.seed), (wait(7), Some(true), None));
    assert_eq!(config.origins.get("ascii"), Some(&Origin::Environment));
    let bad = read(&[("EHLO_TIMEOUT", "abc")]).expect_err("no number");
    assert_eq!((bad.id, bad.line), ("config/bad-type", None));
    assert_eq!(bad.why, "EHLO_TIMEOUT needs whole seconds from 1 to 3600.");
    let unknown = read(&[("EHLO_TIEMOUT", "5")]).expect_err("a slip");
    assert_eq!(unknown.why, "there is no EHLO_TIEMOUT. Did you mean EHLO_TIMEOUT?");
    assert!(read(&[("EHLO_CONFIG", "x.toml")]).is_ok(), "that is the place of the file");
    let both = read(&[("EHLO_TIMEOUT", "7"), ("EHLO_RFC_TIMEOUTS", "true")]).expect_err("two wishes");
    assert_eq!(both.id, "config/conflict");
}

#[test]
fn the_nearer_source_wins_and_what_it_leaves_open_comes_from_the_other() {
    let file =
        parse("theme = \"mono\"\nseed = 3\nrfc-timeouts = true\n[keys]\nletter.form = \"F7\"\n").expect("a file");
    let near = Config { seed: Some(9), timeout: wait(5), ..Config::default() }.from_command_line();
    let both = near.over(file.clone());
    assert_eq!((both.theme, both.seed, both.timeout, both.rfc_timeouts), (Some(Theme::Mono), Some(9), wait(5), None));
    assert_eq!(both.origins.get("seed"), Some(&Origin::CommandLine));
    assert_eq!((both.origins.get("theme"), both.origins.get("rfc-timeouts")), (Some(&Origin::Line(1)), None));
    assert_eq!(both.keymap, file.keymap);
}

#[test]
fn keys_are_bound_by_the_names_of_commands() {
    let config =
        parse("[keys]\nletter.form = \"F7\"\n\"theme.next\" = [\"F11\", \"Alt-j\"]\nmenu.open = []\n").expect("keys");
    let key = |name: &str| name.parse().expect("a key");
    let own = |id| config.keymap.own(find(id).expect("a command"));
    assert_eq!(own("letter.form"), Some(vec![key("F7")]));
    assert_eq!(own("theme.next"), Some(vec![key("F11"), key("Alt-j")]));
    assert_eq!((own("menu.open"), own("help.open")), (Some(Vec::new()), None));
}

#[test]
fn keys_that_cannot_be_are_refused_with_their_line_and_the_commands() {
    for (line, id, says) in [
        ("letter.from = \"F7\"", "config/unknown-key", "Did you mean 'letter.form'?"),
        ("nothing = \"F7\"", "config/unknown-key", "there is no command 'nothing'."),
        ("letter.form = \"Strg-J\"", "config/bad-type", "'Strg-J' is not the name of a key"),
        ("letter.form = 7", "config/bad-type", "letter.form needs a key or a list of keys"),
        ("letter.form = [\"F7\", 7]", "config/bad-type", "letter.form needs a key or a list of keys"),
        ("letter.form = \"j\"", "config/bad-type", "j is text that is typed where letter.form is called"),
        ("letter.form = \"F1\"", "config/conflict", "F1 would call both letter.form and help.open."),
    ] {
        let refusal = refusal(&format!("[keys]\n{line}\n"));
        assert_eq!((refusal.id, refusal.line), (id, Some(2)), "{line}");
        assert!(refusal.why.contains(says), "{}", refusal.why);
    }
    let both = refusal("[keys]\nletter.form = \"F7\"\ntheme.next = \"F7\"\n");
    assert!(both.why.contains("letter.form") && both.why.contains("theme.next"), "{}", both.why);
    assert!(both.next.contains("line 3") || both.next.contains("line 2"), "{}", both.next);
    assert!(parse("[keys]\nletter.form = \"F1\"\nhelp.open = \"Alt-l\"\n").is_ok(), "they change places");
}

#[test]
fn a_theme_can_be_written_in_the_file() {
    let config = parse("theme = \"own\"\n[own-theme]\non = \"projector\"\nclient = \"light cyan\"\n").expect("a theme");
    assert_eq!((config.theme, config.own_theme.on), (Some(Theme::Own), Theme::Projector));
    assert_eq!(config.own_theme.told(Role::Client).as_deref(), Some("LightCyan"));
    for (line, id) in [
        ("clinet = \"cyan\"", "config/unknown-key"),
        ("client = \"reddish\"", "config/bad-type"),
        ("client = 7", "config/bad-type"),
        ("on = \"own\"", "config/bad-type"),
    ] {
        let refusal = refusal(&format!("[own-theme]\n{line}\n"));
        assert_eq!((refusal.id, refusal.line), (id, Some(2)), "{line}");
    }
}

#[test]
fn what_is_printed_is_read_back_whole() {
    let text = "theme = \"own\"\ncolor = \"always\"\nascii = true\nmouse = false\nhelo = \"[192.0.2.1]\"\nresolver = \"lab\"\n\
                timeout = 9\nseed = 4\n[keys]\nletter.form = [\"F7\", \"Ctrl-O\"]\nmenu.open = []\nhelp.open = \"?\"\n\
                [own-theme]\non = \"mono\"\nclient = \"214\"\nbad = \"#ff0000\"\n";
    for text in ["", text] {
        let config = parse(text).expect("a file");
        let printed = print::text(&config, Some("/home/mina/.config/ehlo/config.toml"));
        let again = parse(&printed).expect(&printed);
        assert_eq!(Config { origins: BTreeMap::new(), ..again }, Config { origins: BTreeMap::new(), ..config });
    }
}

#[test]
fn what_is_printed_as_a_comment_is_the_default_and_would_do() {
    let printed = print::text(&Config::default(), None);
    assert!(printed.contains("\n#theme = \"sixteen\"\n") && printed.contains("\n#seed = 1\n"), "{printed}");
    // With every comment on a setting taken away it is still a good file, but for the two wishes about waiting.
    let bare = |line: &str| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line).to_owned();
    let all: Vec<String> = printed.lines().filter(|line| !line.starts_with("#timeout")).map(bare).collect();
    let config = parse(&all.join("\n")).expect("every default");
    assert_eq!(config.origins.len() + 1, SETTINGS.len());
    assert_eq!(config.keymap.conflict().map(|conflict| conflict.key), None);
}

#[test]
fn what_is_no_toml_is_refused_with_its_line() {
    let none = refusal("seed = 1\ntheme mono\n");
    assert_eq!((none.id, none.line), ("config/syntax", Some(2)));
    assert_eq!(refusal("seed = 1\nseed = 2\n").id, "config/syntax");
}

#[test]
fn a_file_in_another_encoding_is_refused_with_its_line() {
    let refusal = read(b"seed = 1\n# caf\xe9\n").expect_err("Latin 1");
    assert_eq!((refusal.id, refusal.line), ("config/syntax", Some(2)));
    assert_eq!(read("\u{feff}seed = 1\r\n".as_bytes()).map(|config| config.seed), Ok(Some(1)), "a mark is fine");
}
