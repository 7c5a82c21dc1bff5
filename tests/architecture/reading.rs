//! Reads a source file as a syntax tree and lists every path that it mentions, with its true name.
//!
//! `use` renames, `self`, `super` and names of child modules are resolved; macro bodies are read as expressions where
//! they are such, and token by token where not. What lies under `#[cfg(test)]` or `#[test]` is marked as test code.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// One path in the code, as `crate::tape::Span` or `std::time::Instant::now`; a macro's last segment ends in `!`.
#[derive(Debug, Clone)]
pub(crate) struct Mention {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
    pub(crate) test: bool,
    /// How the path is used.
    pub(crate) use_as: UseAs,
}

/// How a path is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UseAs {
    /// Named.
    Name,
    /// Called with text that stands in the code itself.
    CallOnLiteral,
    /// Called with something computed.
    Call,
    /// Called as a method.
    Method,
}

/// An `#[ignore]` attribute.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ignore {
    pub(crate) line: usize,
    pub(crate) has_reason: bool,
}

/// A file as the rules see it.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) file: PathBuf,
    /// The module path below the crate, empty for `src/lib.rs`, `["main"]` for `src/main.rs`.
    pub(crate) module: Vec<String>,
    pub(crate) mentions: Vec<Mention>,
    pub(crate) ignores: Vec<Ignore>,
    /// Child modules that live in files of their own and are test code.
    test_children: BTreeSet<String>,
}

/// Reads all files of one source tree; `root` is the folder of `lib.rs`.
pub(crate) fn read_tree(root: &Path, files: &[PathBuf]) -> Vec<Source> {
    let mut sources: Vec<Source> = files
        .iter()
        .map(|file| {
            let text = fs::read_to_string(file).expect("a source file is text");
            let module = module_path(file.strip_prefix(root).unwrap_or(file));
            read(file.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(file), module, &text)
        })
        .collect();
    let test_modules: BTreeSet<Vec<String>> = sources
        .iter()
        .flat_map(|source| {
            source.test_children.iter().map(|child| [source.module.as_slice(), std::slice::from_ref(child)].concat())
        })
        .collect();
    for source in &mut sources {
        if (1..=source.module.len()).any(|depth| test_modules.contains(&source.module[..depth])) {
            source.mentions.iter_mut().for_each(|mention| mention.test = true);
        }
    }
    sources
}

/// Reads one file that stands for `module`.
pub(crate) fn read(file: &Path, module: Vec<String>, text: &str) -> Source {
    let tree = syn::parse_file(text).unwrap_or_else(|error| panic!("{} does not parse: {error}", file.display()));
    let mut reader = Reader {
        source: Source { file: file.to_owned(), module: module.clone(), ..Source::default() },
        module,
        scopes: Vec::new(),
        test: 0,
    };
    reader.scopes.push(scope_of(tree.items.iter(), &reader.module));
    reader.visit_file(&tree);
    reader.source
}

fn module_path(relative: &Path) -> Vec<String> {
    let mut path: Vec<String> =
        relative.with_extension("").components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    if path == ["lib"] {
        path.clear();
    }
    path
}

/// What a name at the start of a path stands for.
type Scope = HashMap<String, Vec<String>>;

struct Reader {
    source: Source,
    module: Vec<String>,
    scopes: Vec<Scope>,
    test: usize,
}

impl Reader {
    fn mention(&mut self, path: &[String], span: Span, use_as: UseAs) {
        let path = self.resolve(path, 0);
        self.source.mentions.push(Mention { path, line: span.start().line, test: self.test > 0, use_as });
    }

    /// The true name behind a path. Depth stops `use a::b; use b::a;`.
    fn resolve(&self, path: &[String], depth: usize) -> Vec<String> {
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        if let Some(absolute) = from_here(first, rest, &self.module) {
            return absolute;
        }
        let known = self.scopes.iter().rev().find_map(|scope| scope.get(first));
        match known {
            Some(target) if depth < 8 && target.first() != Some(first) => {
                self.resolve(&[target.as_slice(), rest].concat(), depth + 1)
            }
            Some(target) => [target.as_slice(), rest].concat(),
            None => path.to_vec(),
        }
    }

    fn inside(&mut self, attributes: &[syn::Attribute], visit: impl FnOnce(&mut Self)) {
        let test = attributes.iter().any(is_test);
        self.test += usize::from(test);
        visit(self);
        self.test -= usize::from(test);
    }

    /// A macro's body: expressions where it is a list of them, else its tokens.
    fn body(&mut self, tokens: &TokenStream) {
        let list = Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
        if let Ok(expressions) = list.parse2(tokens.clone()) {
            expressions.iter().for_each(|expression| self.visit_expr(expression));
        } else if let Ok(block) = syn::Block::parse_within.parse2(tokens.clone()) {
            for statement in &block {
                self.visit_stmt(statement);
            }
        } else if let Ok(file) = syn::parse2::<syn::File>(tokens.clone()) {
            self.visit_file(&file);
        } else {
            self.tokens(tokens);
        }
    }

    fn tokens(&mut self, tokens: &TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut span = None;
        let mut colons = 0;
        for token in tokens.clone() {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.flush(&mut path, &mut span);
                    }
                    span.get_or_insert_with(|| ident.span());
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Punct(punct) if punct.as_char() == '!' => {
                    if let Some(last) = path.last_mut() {
                        last.push('!');
                    }
                    self.flush(&mut path, &mut span);
                    colons = 0;
                }
                TokenTree::Group(group) => {
                    self.flush(&mut path, &mut span);
                    self.tokens(&group.stream());
                    colons = 0;
                }
                _ => {
                    self.flush(&mut path, &mut span);
                    colons = 0;
                }
            }
        }
        self.flush(&mut path, &mut span);
    }

    fn flush(&mut self, path: &mut Vec<String>, span: &mut Option<Span>) {
        if let Some(start) = span.take() {
            self.mention(&std::mem::take(path), start, UseAs::Name);
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.mention(&segments(path), path.span(), UseAs::Name);
        visit::visit_path(self, path);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let mut leaves = Vec::new();
        flatten(&item.tree, &mut Vec::new(), &mut leaves);
        self.inside(&item.attrs, |reader| {
            for (_, path) in &leaves {
                reader.mention(path, item.span(), UseAs::Name);
            }
        });
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let name = item.ident.to_string();
        let Some((_, items)) = &item.content else {
            if item.attrs.iter().any(is_test) {
                self.source.test_children.insert(name);
            }
            return;
        };
        self.module.push(name);
        self.scopes.push(scope_of(items.iter(), &self.module));
        self.inside(&item.attrs, |reader| visit::visit_item_mod(reader, item));
        self.scopes.pop();
        self.module.pop();
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.inside(&item.attrs, |reader| visit::visit_item_fn(reader, item));
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        self.inside(&item.attrs, |reader| visit::visit_item_impl(reader, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.inside(&item.attrs, |reader| visit::visit_impl_item_fn(reader, item));
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        let items = block.stmts.iter().filter_map(|s| if let syn::Stmt::Item(item) = s { Some(item) } else { None });
        self.scopes.push(scope_of(items, &self.module));
        visit::visit_block(self, block);
        self.scopes.pop();
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let mut path = segments(&call.path);
        if let Some(last) = path.last_mut() {
            last.push('!');
        }
        self.mention(&path, call.path.span(), UseAs::Name);
        self.body(&call.tokens);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let syn::Expr::Path(function) = &*call.func {
            let literal = call.args.iter().all(is_literal);
            let use_as = if literal { UseAs::CallOnLiteral } else { UseAs::Call };
            self.mention(&segments(&function.path), function.span(), use_as);
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.mention(&[call.method.to_string()], call.method.span(), UseAs::Method);
        visit::visit_expr_method_call(self, call);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if attribute.path().is_ident("doc") {
            return;
        }
        if attribute.path().is_ident("ignore") {
            let has_reason = matches!(attribute.meta, syn::Meta::NameValue(_));
            self.source.ignores.push(Ignore { line: attribute.span().start().line, has_reason });
        }
        self.mention(&segments(attribute.path()), attribute.span(), UseAs::Name);
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(&list.tokens);
        }
    }
}

pub(crate) fn segments(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

/// `crate`, `self` and `super` as seen from a module; nothing for other beginnings.
fn from_here(first: &str, rest: &[String], module: &[String]) -> Option<Vec<String>> {
    let base: &[String] = match first {
        "crate" | "ehlo" => &[],
        "self" => module,
        "super" => module.split_last().map_or(&[], |(_, parent)| parent),
        _ => return None,
    };
    if let Some((next, rest)) = rest.split_first()
        && next == "super"
    {
        return from_here("super", rest, base);
    }
    Some([&["crate".to_owned()], base, rest].concat())
}

/// What the `use` items and child modules of one module or block give names to.
fn scope_of<'a>(items: impl Iterator<Item = &'a syn::Item>, module: &[String]) -> Scope {
    let mut scope = Scope::new();
    for item in items {
        match item {
            syn::Item::Use(item) => {
                let mut leaves = Vec::new();
                flatten(&item.tree, &mut Vec::new(), &mut leaves);
                scope.extend(leaves.into_iter().filter_map(|(name, path)| Some((name?, absolute(path, module)))));
            }
            syn::Item::Mod(item) => {
                let name = item.ident.to_string();
                let path = [&["crate".to_owned()], module, std::slice::from_ref(&name)].concat();
                scope.insert(name, path);
            }
            _ => {}
        }
    }
    scope
}

fn absolute(path: Vec<String>, module: &[String]) -> Vec<String> {
    match path.split_first() {
        Some((first, rest)) => from_here(first, rest, module).unwrap_or(path),
        None => path,
    }
}

/// All leaves of a `use` tree: the name each brings (none for a glob) and its path.
pub(crate) fn flatten(tree: &syn::UseTree, prefix: &mut Vec<String>, leaves: &mut Vec<(Option<String>, Vec<String>)>) {
    match tree {
        syn::UseTree::Path(path) => {
            prefix.push(path.ident.to_string());
            flatten(&path.tree, prefix, leaves);
            prefix.pop();
        }
        syn::UseTree::Name(name) if name.ident == "self" => leaves.push((prefix.last().cloned(), prefix.clone())),
        syn::UseTree::Name(name) => {
            let name = name.ident.to_string();
            leaves.push((Some(name.clone()), [prefix.as_slice(), &[name]].concat()));
        }
        syn::UseTree::Rename(rename) => {
            let mut path = prefix.clone();
            if rename.ident != "self" {
                path.push(rename.ident.to_string());
            }
            leaves.push((Some(rename.rename.to_string()), path));
        }
        syn::UseTree::Glob(_) => leaves.push((None, [prefix.as_slice(), &["*".to_owned()]].concat())),
        syn::UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, prefix, leaves)),
    }
}

/// `#[test]`, `#[tokio::test]`, `#[cfg(test)]`, `#[cfg(all(test, …))]`.
fn is_test(attribute: &syn::Attribute) -> bool {
    if segments(attribute.path()).last().is_some_and(|last| last == "test") {
        return true;
    }
    let syn::Meta::List(list) = &attribute.meta else { return false };
    let has_test = |tokens: &TokenStream| {
        tokens.clone().into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == "test",
            TokenTree::Group(group) => {
                group.stream().into_iter().any(|token| matches!(token, TokenTree::Ident(ident) if ident == "test"))
            }
            _ => false,
        })
    };
    list.path.is_ident("cfg") && !list.tokens.to_string().starts_with("not") && has_test(&list.tokens)
}

/// Text that stands in the code: a literal, or a choice between literals is left to the gate.
fn is_literal(expression: &syn::Expr) -> bool {
    match expression {
        syn::Expr::Lit(_) => true,
        syn::Expr::Reference(inner) => is_literal(&inner.expr),
        syn::Expr::Path(path) => {
            let last = path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
            !last.is_empty() && last.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        }
        _ => false,
    }
}
