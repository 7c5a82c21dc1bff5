//! Windows compiles: what only Unix has is named under `#[cfg(unix)]` alone, and what a module offers there it offers
//! elsewhere too.

use std::collections::BTreeSet;
use std::path::Path;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::reading::{flatten, segments};
use crate::rules::Finding;

/// Parts of paths that only Unix has, besides the crates of its own table in `Cargo.toml`.
const UNIX_PATHS: &[&[&str]] =
    &[&["os", "unix"], &["os", "fd"], &["signal", "unix"], &["UnixStream"], &["UnixListener"], &["UnixDatagram"]];

/// What a file says that Windows would not compile. `crates` are those that only Unix has.
pub(crate) fn findings(file: &Path, text: &str, crates: &[String]) -> Vec<Finding> {
    let tree = syn::parse_file(text).expect("a source file parses");
    let mut reader = Reader { file, crates, unix: 0, findings: Vec::new() };
    reader.visit_file(&tree);
    reader.compare(&tree.items);
    reader.findings
}

struct Reader<'a> {
    file: &'a Path,
    crates: &'a [String],
    /// How many `#[cfg(unix)]` stand around.
    unix: usize,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn inside(&mut self, attributes: &[syn::Attribute], visit: impl FnOnce(&mut Self)) {
        let unix = usize::from(attributes.iter().any(|attribute| is_cfg(attribute, "unix")));
        self.unix += unix;
        visit(self);
        self.unix -= unix;
    }

    fn path(&mut self, path: &[String], span: Span) {
        let crate_of_unix = path.first().is_some_and(|first| self.crates.contains(first)) && path.len() > 1;
        let part = UNIX_PATHS.iter().any(|part| path.windows(part.len()).any(|window| window == *part));
        if self.unix == 0 && (crate_of_unix || part) {
            let what = format!("`{}` exists on Unix only: put it under #[cfg(unix)]", path.join("::"));
            self.findings.push(Finding::new(self.file, span.start().line, what));
        }
    }

    /// In a macro's body words are enough: `rustix`, `UnixStream`.
    fn tokens(&mut self, tokens: &TokenStream) {
        for token in tokens.clone() {
            match token {
                TokenTree::Group(group) => self.tokens(&group.stream()),
                TokenTree::Ident(word) => self.path(&[word.to_string(), String::new()], word.span()),
                _ => {}
            }
        }
    }

    /// What a module offers under `#[cfg(unix)]` must be what it offers under `#[cfg(not(unix))]`.
    fn compare(&mut self, items: &[syn::Item]) {
        let (here, there) = (offered(items, "unix"), offered(items, "not (unix)"));
        for name in here.symmetric_difference(&there) {
            let side = if here.contains(name) { "not(unix)" } else { "unix" };
            let what = format!("`{name}` has no counterpart under #[cfg({side})]");
            self.findings.push(Finding::new(self.file, 1, what));
        }
        for item in items {
            if let syn::Item::Mod(module) = item
                && let Some((_, items)) = &module.content
            {
                self.compare(items);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        self.inside(item_attributes(item), |reader| visit::visit_item(reader, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.inside(&item.attrs, |reader| visit::visit_impl_item_fn(reader, item));
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        self.inside(&field.attrs, |reader| visit::visit_field(reader, field));
    }

    fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
        self.inside(statement_attributes(statement), |reader| visit::visit_stmt(reader, statement));
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let mut leaves = Vec::new();
        flatten(&item.tree, &mut Vec::new(), &mut leaves);
        for (_, path) in leaves {
            self.path(&path, item.span());
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.path(&segments(path), path.span());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.tokens(&call.tokens);
    }
}

/// The public names that a module has under this condition only.
fn offered(items: &[syn::Item], condition: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for item in items {
        if !item_attributes(item).iter().any(|attribute| is_cfg(attribute, condition)) {
            continue;
        }
        let (visibility, name) = match item {
            syn::Item::Use(item) => {
                let mut leaves = Vec::new();
                flatten(&item.tree, &mut Vec::new(), &mut leaves);
                if is_public(&item.vis) {
                    names.extend(leaves.into_iter().filter_map(|(name, _)| name));
                }
                continue;
            }
            syn::Item::Fn(item) => (&item.vis, &item.sig.ident),
            syn::Item::Struct(item) => (&item.vis, &item.ident),
            syn::Item::Enum(item) => (&item.vis, &item.ident),
            syn::Item::Const(item) => (&item.vis, &item.ident),
            syn::Item::Type(item) => (&item.vis, &item.ident),
            syn::Item::Mod(item) => (&item.vis, &item.ident),
            _ => continue,
        };
        if is_public(visibility) {
            names.insert(name.to_string());
        }
    }
    names
}

const fn is_public(visibility: &syn::Visibility) -> bool {
    !matches!(visibility, syn::Visibility::Inherited)
}

fn is_cfg(attribute: &syn::Attribute, condition: &str) -> bool {
    let syn::Meta::List(list) = &attribute.meta else { return false };
    list.path.is_ident("cfg") && list.tokens.to_string() == condition
}

fn item_attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn statement_attributes(statement: &syn::Stmt) -> &[syn::Attribute] {
    match statement {
        syn::Stmt::Local(local) => &local.attrs,
        syn::Stmt::Macro(call) => &call.attrs,
        syn::Stmt::Expr(syn::Expr::Block(block), _) => &block.attrs,
        syn::Stmt::Expr(syn::Expr::Call(call), _) => &call.attrs,
        syn::Stmt::Expr(syn::Expr::MethodCall(call), _) => &call.attrs,
        syn::Stmt::Expr(syn::Expr::If(choice), _) => &choice.attrs,
        // An item is looked at when it is visited.
        syn::Stmt::Item(_) | syn::Stmt::Expr(..) => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        findings(Path::new("snippet.rs"), text, &["rustix".to_owned()]).len()
    }

    #[test]
    fn what_only_unix_has_is_found_outside_its_condition() {
        for offence in [
            "fn f() { rustix::process::getpid(); }",
            "use rustix::process;",
            "use tokio::signal::unix::{Signal, SignalKind};",
            "use std::os::unix::fs::PermissionsExt as _;",
            "use tokio::net::UnixStream;",
            "fn f() { select! { _ = rustix::event::poll() => {} } }",
            "#[cfg(not(unix))] fn f() { rustix::process::getpid(); }",
            "#[cfg(unix)] use rustix::process; fn f(s: std::os::fd::OwnedFd) {}",
        ] {
            assert!(count(offence) > 0, "not found: {offence}");
        }
    }

    #[test]
    fn under_its_condition_it_may_be_named() {
        for fine in [
            "#[cfg(unix)] use rustix::process;",
            "#[cfg(unix)] mod unix { use rustix::process; fn f() { rustix::process::getpid(); } }",
            "fn f() { #[cfg(unix)] { rustix::process::getpid(); } }",
            "fn f() { #[cfg(unix)] rustix::process::getpid(); }",
            "fn f() { #[cfg(unix)] assert!(rustix::process::getpid()); }",
            "fn f() { #[cfg(unix)] let p = rustix::process::getpid(); }",
        ] {
            assert_eq!(count(fine), 0, "{fine}");
        }
    }

    #[test]
    fn what_is_offered_on_one_side_only_is_found() {
        assert_eq!(count("#[cfg(unix)] pub fn f() {}"), 1);
        assert_eq!(count("#[cfg(not(unix))] pub fn f() {}"), 1);
        assert_eq!(count("#[cfg(unix)] pub use a::{f, g}; #[cfg(not(unix))] pub use b::f;"), 1);
        assert_eq!(count("#[cfg(unix)] pub use a::{f, g}; #[cfg(not(unix))] pub use b::{g, f};"), 0);
        assert_eq!(count("#[cfg(unix)] fn f() {} #[cfg(unix)] const C: u8 = 1;"), 0);
    }
}
