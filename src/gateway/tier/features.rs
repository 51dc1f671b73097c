//! What is known of a request that tells how much of a model it needs.

use super::super::request::{Block, Message, Request, Role};
use super::Thresholds;

/// Words of deep work.
pub(super) const DEEP: [&str; 40] = [
    "debug",
    "debugging",
    "refactor",
    "refactoring",
    "root cause",
    "race condition",
    "deadlock",
    "memory leak",
    "segfault",
    "stack trace",
    "traceback",
    "regression",
    "bottleneck",
    "architecture",
    "architect",
    "design doc",
    "migrate",
    "migration",
    "prove",
    "proof",
    "theorem",
    "security",
    "vulnerability",
    "exploit",
    "audit",
    "threat model",
    "production incident",
    "outage",
    "postmortem",
    "long context",
    "step by step",
    "trade-offs",
    "调试",
    "重构",
    "排查",
    "架构",
    "证明",
    "漏洞",
    "死锁",
    "性能优化",
];

/// Words of tasks that take no thinking.
pub(super) const EASY: [&str; 14] = [
    "translate",
    "spell check",
    "fix the grammar",
    "fix typos",
    "capitalize",
    "format this",
    "what time",
    "define",
    "synonym",
    "thank you",
    "翻译",
    "润色",
    "谢谢",
    "你好",
];

/// What is known of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Features {
    /// Letters of the last message of the user, wide characters counted as several.
    pub chars: usize,
    /// Whether most of its letters are of Chinese, Japanese or Korean script.
    pub wide: bool,
    /// Whether it has code.
    pub code: bool,
    /// The first word of deep work in it.
    pub deep: Option<String>,
    /// The first word of an easy task in it.
    pub easy: Option<String>,
    /// How many tools are defined.
    pub tools: usize,
    /// How many images the request has.
    pub images: usize,
    /// How many messages there are, system texts left out.
    pub messages: usize,
    /// The characters of all texts.
    pub all_chars: usize,
}

/// Words that are looked for.
#[derive(Debug, Clone)]
pub(super) struct Keywords {
    pub(super) deep: Vec<String>,
    pub(super) easy: Vec<String>,
}

impl Features {
    pub(super) fn of(request: &Request<'_>, thresholds: &Thresholds, keywords: &Keywords) -> Self {
        let mut features = Self { tools: request.tools.len(), ..Self::default() };
        for message in &request.messages {
            features.messages += usize::from(message.role != Role::System);
            features.all_chars += message.span.len();
            features.images += message.blocks.iter().filter(|block| matches!(block, Block::Image(_))).count();
        }
        let mut said = request.messages.iter().rev().filter(|message| message.role == Role::User).map(words);
        let asked = said.find(|text| !text.trim().is_empty()).unwrap_or_default();
        let wide = asked.chars().filter(|c| is_wide(*c)).count();
        let letters = asked.trim().chars().count();
        features.chars = letters + wide * thresholds.wide_char.saturating_sub(1);
        features.wide = wide * 2 > letters;
        features.code = has_code(&asked);
        let asked = asked.to_lowercase();
        let first = |words: &[String]| words.iter().find(|word| has_word(&asked, word)).cloned();
        (features.deep, features.easy) = (first(&keywords.deep), first(&keywords.easy));
        features
    }
}

/// What a message says in words.
fn words(message: &Message<'_>) -> String {
    let texts = message.blocks.iter().filter_map(|block| match block {
        Block::Text(text) => Some(text.plain()),
        Block::ToolResult(_) | Block::ToolCall(_) | Block::Image(_) | Block::Other(_) => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

fn is_wide(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{20000}'..='\u{3134f}')
}

/// Whether a text has code: a fence, or several lines that end or begin as code does.
fn has_code(text: &str) -> bool {
    let is_code = |line: &str| {
        let line = line.trim();
        line.ends_with(['{', '}', ';'])
            || [
                "def ", "class ", "import ", "from ", "fn ", "func ", "#include", "SELECT ", "const ", "let ",
                "return ",
            ]
            .iter()
            .any(|start| line.starts_with(start))
    };
    text.contains("```") || text.lines().filter(|line| is_code(line)).count() >= 3
}

/// Whether a word stands in a text, not as part of another; words of scripts without blanks stand anywhere.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && !is_wide(c));
        let ends = word.chars().all(is_wide);
        ends || !inside(text[..at].chars().next_back()) && !inside(text[at + word.len()..].chars().next())
    })
}
