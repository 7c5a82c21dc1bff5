//! Finds the ids that tests carry in their names: `c017_a_reply…` has `c017`, `g001_g002_…` has two.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};

/// The ids in the names of all test functions of one file, those inside `proptest!` too.
pub(crate) fn ids(text: &str) -> BTreeSet<String> {
    let tokens: TokenStream = text.parse().expect("a source file is made of tokens");
    let mut found = BTreeSet::new();
    collect(tokens, &mut found);
    found
}

/// Walks the tokens: an attribute that ends in `test` makes the next `fn` a test.
fn collect(tokens: TokenStream, found: &mut BTreeSet<String>) {
    let mut is_test = false;
    let mut after_fn = false;
    let mut after_hash = false;
    for token in tokens {
        match token {
            TokenTree::Punct(punct) => after_hash = punct.as_char() == '#',
            TokenTree::Group(group) => {
                if after_hash {
                    is_test |= makes_test(group.stream());
                } else {
                    collect(group.stream(), found);
                }
                after_hash = false;
            }
            TokenTree::Ident(ident) if after_fn => {
                if is_test {
                    found.extend(ids_of_name(&ident.to_string()));
                }
                (after_fn, is_test) = (false, false);
            }
            TokenTree::Ident(ident) if ident == "fn" => after_fn = true,
            // `#[test] mod` or `#[cfg(test)] use` make no test function.
            TokenTree::Ident(ident) if ident == "mod" || ident == "use" || ident == "struct" => is_test = false,
            _ => {}
        }
    }
}

/// `#[test]` and `#[tokio::test(…)]`, but not `#[cfg(test)]`.
fn makes_test(attribute: TokenStream) -> bool {
    let path: Vec<String> = attribute
        .into_iter()
        .take_while(|token| !matches!(token, TokenTree::Group(_)))
        .filter_map(|token| if let TokenTree::Ident(ident) = token { Some(ident.to_string()) } else { None })
        .collect();
    path.last().is_some_and(|last| last == "test")
}

fn ids_of_name(name: &str) -> impl Iterator<Item = String> {
    name.split('_').filter(|word| is_id(word)).map(str::to_owned)
}

/// A letter and three digits.
fn is_id(word: &str) -> bool {
    let mut chars = word.chars();
    word.len() == 4 && chars.next().is_some_and(|c| c.is_ascii_lowercase()) && chars.all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        ids(text).into_iter().collect()
    }

    #[test]
    fn only_names_of_tests_count() {
        assert_eq!(found("#[test] fn c017_a_reply() {}"), ["c017"]);
        assert_eq!(found("#[tokio::test(start_paused = true)] async fn g001_g002_both() {}"), ["g001", "g002"]);
        assert_eq!(found("mod tests { #[test] #[ignore = \"needs root\"] fn n166_refused() {} }"), ["n166"]);
        assert_eq!(found("proptest! { #[test] fn c012_split(x in 0..9) {} }"), ["c012"]);
        assert_eq!(found("fn c017_helper() {}"), [""; 0]);
        assert_eq!(found("// #[test] fn c017_old() {}"), [""; 0]);
        assert_eq!(found("#[cfg(test)] fn c017_helper() {}"), [""; 0]);
        assert_eq!(found("#[test] fn utf8_and_rfc5321() {}"), [""; 0]);
    }
}
