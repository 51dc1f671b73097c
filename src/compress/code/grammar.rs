//! The grammars: a parser for each language within limits, and what the kinds of nodes are to an outline.
//!
//! Only with the feature `code`; the twin `no_grammar` explains its absence.

use std::ops::ControlFlow;

use tree_sitter::{Node, ParseOptions, Parser, Tree};

use super::language::Language;

/// The longest text that is parsed, in bytes.
const MOST_BYTES: usize = 2 << 20;
/// The longest line of a text that is parsed, in bytes: longer ones are made by programs, not for readers.
const MOST_LINE: usize = 20_000;

/// How many brackets may be open at once in a text that is parsed.
const MOST_DEPTH: usize = 1000;

/// What a kind of node is to an outline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Role {
    /// Nothing in particular: its parts are looked at.
    #[default]
    Other,
    /// A function, method or the like, whose body may be folded.
    Function,
    /// A function without a name, handed to something.
    Callback,
    /// A type or another named thing with members.
    Type,
    /// Statements in braces or by indentation, outside of functions.
    Block,
    /// A list whose children are units of their own: a file, the members of a class.
    Scope,
    /// An import of something.
    Import,
    /// A comment.
    Comment,
    /// An attribute that stands before what it belongs to.
    Lead,
    /// A list in brackets or braces: its inside may go.
    Bracket,
    /// A text that may go on for several lines.
    Text,
    /// The lines of a text that is written below its statement.
    Heredoc,
    /// A statement that defines nothing.
    Statement,
}

/// A language's grammar, ready to parse.
pub(super) struct Grammar {
    pub(super) language: Language,
    parser: Parser,
    roles: Vec<Role>,
}

/// Names of kinds for each role.
type Kinds = &'static [(Role, &'static str)];

#[rustfmt::skip]
const RUST: Kinds = &[
    (Role::Lead, "attribute_item"), (Role::Function, "function_item"), (Role::Callback, "closure_expression"),
    (Role::Type, "struct_item enum_item union_item trait_item type_item mod_item macro_definition"),
    (Role::Scope, "source_file declaration_list field_declaration_list enum_variant_list"),
    (Role::Import, "use_declaration extern_crate_declaration"), (Role::Comment, "line_comment block_comment"),
    (Role::Bracket, "array_expression arguments token_tree field_initializer_list match_block use_list"),
    (Role::Text, "string_literal raw_string_literal"), (Role::Block, "block"),
];
#[rustfmt::skip]
const PYTHON: Kinds = &[
    (Role::Function, "function_definition"), (Role::Type, "class_definition"), (Role::Scope, "module"),
    (Role::Import, "import_statement import_from_statement future_import_statement"), (Role::Comment, "comment"),
    (Role::Bracket, "list dictionary set tuple argument_list list_comprehension dictionary_comprehension set_comprehension"),
    (Role::Text, "string"), (Role::Block, "block"),
    (Role::Statement, "expression_statement assert_statement delete_statement raise_statement pass_statement global_statement"),
];
#[rustfmt::skip]
const JAVASCRIPT: Kinds = &[
    (Role::Function, "function_declaration generator_function_declaration method_definition"),
    (Role::Callback, "arrow_function function_expression generator_function"),
    (Role::Type, "class_declaration class abstract_class_declaration interface_declaration type_alias_declaration enum_declaration internal_module module"),
    (Role::Scope, "program class_body interface_body object_type enum_body"),
    (Role::Import, "import_statement"), (Role::Comment, "comment"),
    (Role::Bracket, "array object arguments switch_body named_imports export_clause"), (Role::Text, "template_string"),
    (Role::Block, "statement_block class_static_block"),
    (Role::Statement, "expression_statement if_statement for_statement for_in_statement while_statement do_statement try_statement switch_statement throw_statement"),
];
#[rustfmt::skip]
const GO: Kinds = &[
    (Role::Function, "function_declaration method_declaration"), (Role::Callback, "func_literal"), (Role::Type, "type_spec"),
    (Role::Scope, "source_file field_declaration_list import_spec_list interface_type const_declaration var_spec_list"),
    (Role::Import, "import_spec"), (Role::Comment, "comment"),
    (Role::Bracket, "literal_value argument_list"), (Role::Text, "raw_string_literal"), (Role::Block, "block"),
];
#[rustfmt::skip]
const JAVA: Kinds = &[
    (Role::Function, "method_declaration constructor_declaration compact_constructor_declaration static_initializer"),
    (Role::Callback, "lambda_expression"),
    (Role::Type, "class_declaration interface_declaration enum_declaration record_declaration annotation_type_declaration"),
    (Role::Scope, "program class_body interface_body enum_body enum_body_declarations annotation_type_body"),
    (Role::Import, "import_declaration"), (Role::Comment, "line_comment block_comment"),
    (Role::Bracket, "array_initializer argument_list annotation_argument_list element_value_array_initializer switch_block"),
    (Role::Text, "string_literal"), (Role::Block, "block"),
];
#[rustfmt::skip]
const C: Kinds = &[
    (Role::Function, "function_definition"), (Role::Callback, "lambda_expression"),
    (Role::Type, "struct_specifier union_specifier enum_specifier class_specifier namespace_definition"),
    (Role::Scope, "translation_unit declaration_list field_declaration_list enumerator_list preproc_ifdef preproc_if preproc_else preproc_elif"),
    (Role::Import, "preproc_include using_declaration"), (Role::Comment, "comment"),
    (Role::Bracket, "initializer_list argument_list"), (Role::Text, "string_literal raw_string_literal preproc_arg"),
    (Role::Block, "compound_statement"),
];
#[rustfmt::skip]
const C_SHARP: Kinds = &[
    (Role::Function, "method_declaration constructor_declaration destructor_declaration operator_declaration conversion_operator_declaration accessor_declaration local_function_statement"),
    (Role::Callback, "lambda_expression anonymous_method_expression"),
    (Role::Type, "class_declaration struct_declaration interface_declaration enum_declaration record_declaration delegate_declaration"),
    (Role::Scope, "compilation_unit declaration_list enum_member_declaration_list"),
    (Role::Import, "using_directive"), (Role::Comment, "comment"),
    (Role::Bracket, "initializer_expression argument_list attribute_argument_list switch_body"),
    (Role::Text, "string_literal raw_string_literal verbatim_string_literal"), (Role::Block, "block"),
    (Role::Statement, "global_statement"),
];
#[rustfmt::skip]
const RUBY: Kinds = &[
    (Role::Function, "method singleton_method"), (Role::Callback, "do_block block lambda"),
    (Role::Type, "class module singleton_class"), (Role::Scope, "program body_statement"), (Role::Comment, "comment"),
    (Role::Bracket, "array hash argument_list string_array symbol_array"), (Role::Text, "string"),
    (Role::Heredoc, "heredoc_body"),
    (Role::Statement, "call if unless while until case begin if_modifier unless_modifier operator_assignment element_reference"),
];
#[rustfmt::skip]
const PHP: Kinds = &[
    (Role::Function, "function_definition method_declaration"), (Role::Callback, "anonymous_function arrow_function"),
    (Role::Type, "class_declaration interface_declaration trait_declaration enum_declaration"),
    (Role::Scope, "program declaration_list enum_declaration_list"),
    (Role::Import, "namespace_use_declaration"), (Role::Comment, "comment"),
    (Role::Bracket, "array_creation_expression arguments switch_block match_block"), (Role::Text, "string encapsed_string text"),
    (Role::Heredoc, "heredoc_body nowdoc_body"), (Role::Block, "compound_statement"),
    (Role::Statement, "expression_statement echo_statement if_statement foreach_statement for_statement while_statement try_statement switch_statement unset_statement"),
];
#[rustfmt::skip]
const BASH: Kinds = &[
    (Role::Function, "function_definition"), (Role::Scope, "program"), (Role::Comment, "comment"), (Role::Bracket, "array"),
    (Role::Text, "string raw_string"), (Role::Heredoc, "heredoc_body"),
    (Role::Statement, "command if_statement for_statement c_style_for_statement while_statement case_statement pipeline list redirected_statement negated_command test_command subshell compound_statement unset_command"),
];

impl Grammar {
    /// Makes a language's grammar ready.
    pub(super) fn of(language: Language) -> Option<Self> {
        let (grammar, kinds) = match language {
            Language::Rust => (tree_sitter_rust::LANGUAGE, RUST),
            Language::Python => (tree_sitter_python::LANGUAGE, PYTHON),
            Language::JavaScript => (tree_sitter_javascript::LANGUAGE, JAVASCRIPT),
            Language::TypeScript => (tree_sitter_typescript::LANGUAGE_TYPESCRIPT, JAVASCRIPT),
            Language::Tsx => (tree_sitter_typescript::LANGUAGE_TSX, JAVASCRIPT),
            Language::Go => (tree_sitter_go::LANGUAGE, GO),
            Language::Java => (tree_sitter_java::LANGUAGE, JAVA),
            Language::C => (tree_sitter_c::LANGUAGE, C),
            Language::Cpp => (tree_sitter_cpp::LANGUAGE, C),
            Language::CSharp => (tree_sitter_c_sharp::LANGUAGE, C_SHARP),
            Language::Ruby => (tree_sitter_ruby::LANGUAGE, RUBY),
            Language::Php => (tree_sitter_php::LANGUAGE_PHP, PHP),
            Language::Bash => (tree_sitter_bash::LANGUAGE, BASH),
        };
        let grammar = tree_sitter::Language::new(grammar);
        let mut roles = vec![Role::Other; grammar.node_kind_count()];
        for (id, role) in roles.iter_mut().enumerate() {
            let id = id as u16;
            if let Some(kind) = grammar.node_kind_for_id(id).filter(|_| grammar.node_kind_is_named(id)) {
                let has = |(_, names): &&(Role, &str)| names.split(' ').any(|name| name == kind);
                *role = kinds.iter().find(has).map_or(Role::Other, |(role, _)| *role);
            }
        }
        let mut parser = Parser::new();
        parser.set_language(&grammar).ok()?;
        Some(Self { language, parser, roles })
    }

    /// Parses a text; none when it is too large, or takes more work than code does.
    pub(super) fn parse(&mut self, text: &[u8]) -> Option<Tree> {
        let long = |line: &[u8]| line.len() > MOST_LINE;
        if text.len() > MOST_BYTES || is_too_deep(text) || text.split(|byte| *byte == b'\n').any(long) {
            return None;
        }
        // The parser reports every so many steps: their number is bounded, so that no clock is needed.
        let mut left = 1000 + text.len() / 50;
        let mut watch = |_: &tree_sitter::ParseState| {
            left = left.saturating_sub(1);
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let options = ParseOptions::new().progress_callback(&mut watch);
        let tree = self.parser.parse_with_options(&mut |at, _| &text[at.min(text.len())..], None, Some(options));
        self.parser.reset();
        tree
    }

    /// What a node is to an outline.
    pub(super) fn role(&self, node: Node<'_>) -> Role {
        self.roles.get(usize::from(node.kind_id())).copied().unwrap_or_default()
    }
}

/// Whether more brackets are open at once than in code that anybody wrote.
fn is_too_deep(text: &[u8]) -> bool {
    let mut depth = 0usize;
    text.iter().any(|byte| {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > MOST_DEPTH
    })
}

/// What a parser did not understand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Errors {
    /// How many nodes.
    pub(super) nodes: usize,
    /// How many bytes they cover.
    pub(super) bytes: usize,
}

/// Counts what a parser did not understand; goes through the tree without recursion.
pub(super) fn errors(tree: &Tree) -> Errors {
    let mut errors = Errors::default();
    let mut cursor = tree.walk();
    let mut covered = 0;
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            errors.nodes += 1;
            errors.bytes += node.end_byte().saturating_sub(node.start_byte().max(covered));
            covered = covered.max(node.end_byte());
        }
        if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return errors;
            }
        }
    }
}
