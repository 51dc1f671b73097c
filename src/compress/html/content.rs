//! Tells the content of a page from what stands around it.
//!
//! Three looks, each careful: what nobody sees and what names itself navigation, advertising or a notice goes, unless much
//! of the page's prose is in it. Then the innermost element that holds most of the prose is the article, found by summing
//! up the words outside of links over the tree, in the manner of Readability. Outside of the article a block stays when it
//! is long and has few links, the shallow features that Kohlschuetter, Fankhauser and Nejdl found to tell content
//! ("Boilerplate detection using shallow text features", 2010); inside all of it stays. A page without an article, such
//! as an index, a form or an error, keeps its text.

use super::tag::{Attr, Tag};
use super::tree::{Tree, What};

/// Words outside of links that a block has at least to be prose.
const PROSE: u32 = 8;

/// Prose that makes a page one with an article.
const ARTICLE: u32 = 60;

/// Words of a block that is no label, so that what stands beside it belongs to it.
const LONG: u32 = 16;

/// Words of a block that stays outside of the article.
const SHORT: u32 = 6;

/// Words of a list of links that stays where the page does not say what its article is.
const LISTING: u32 = 30;

/// What becomes of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is shown.
    Shown,
    /// It is not content, for this reason.
    Gone(Why),
}

/// Why a part of a page is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// It is no text, or text elsewhere: titles, descriptions, controls.
    Apart,
    /// Nobody sees it.
    Hidden,
    /// It says itself that it is not content.
    Navigation,
    /// It is outside of the article and too short, or made of links.
    Around,
}

/// What is content in a page.
#[derive(Debug)]
pub(super) struct Content {
    fates: Vec<Fate>,
    /// Whether there is an article.
    pub(super) article: bool,
    /// How many parts went for being navigation and the like.
    pub(super) navigation: usize,
    /// How many parts went that nobody sees.
    pub(super) hidden: usize,
}

impl Content {
    /// Looks at a page.
    pub(super) fn of(tree: &Tree) -> Self {
        let mut content = Self { fates: vec![Fate::Shown; tree.nodes.len()], article: false, navigation: 0, hidden: 0 };
        content.leave_out(tree, &Words::of(tree, &content), unseen);
        let words = Words::of(tree, &content);
        content.leave_out(tree, &words, names_itself);
        let words = Words::of(tree, &content);
        if words.prose[0] >= ARTICLE {
            content.article = true;
            content.leave_around(tree, &words, article(tree, &words));
        }
        content.count(tree);
        content
    }

    /// What becomes of a node.
    pub(super) fn fate(&self, node: usize) -> Fate {
        self.fates[node]
    }

    /// Leaves out elements that a look gives a reason for, unless too much of the page is in all with that reason.
    fn leave_out(&mut self, tree: &Tree, words: &Words, look: fn(&Tree, usize) -> Option<Reason>) {
        let mut found = Vec::new();
        let mut sums = [(0, 0); NAMES.len() + 1];
        let mut node = 1;
        while node < tree.nodes.len() {
            let reason = if self.fates[node] == Fate::Shown { look(tree, node) } else { None };
            if let Some(reason) = reason {
                sums[reason.sign].0 += words.all[node];
                sums[reason.sign].1 += words.prose[node];
                found.push((node, reason));
            }
            let skip = reason.is_some() || self.fates[node] != Fate::Shown;
            node = if skip { tree.nodes[node].end as usize } else { node + 1 };
        }
        for (node, reason) in found {
            let (all, prose) = sums[reason.sign];
            if reason.why == Why::Apart || words.may_lose(all, prose) {
                self.fates[node] = Fate::Gone(reason.why);
            }
        }
    }

    /// Leaves out blocks outside of the article that are short or made of links.
    fn leave_around(&mut self, tree: &Tree, words: &Words, article: usize) {
        let inside = article..tree.nodes[article].end as usize;
        let mut node = 1;
        while node < tree.nodes.len() {
            if node == inside.start || self.fates[node] != Fate::Shown {
                node = tree.nodes[node].end as usize;
                continue;
            }
            let around = node < inside.start && inside.start < tree.nodes[node].end as usize;
            let little = !words.named && words.all[node] < LISTING;
            if !around && !words.holds[node] && !little {
                self.fates[node] = Fate::Gone(Why::Around);
            }
            // A block that stays does so with all that is in it.
            let whole = self.fates[node] != Fate::Shown || words.stays[node] && !around;
            node = if whole { tree.nodes[node].end as usize } else { node + 1 };
        }
    }

    fn count(&mut self, tree: &Tree) {
        let mut node = 0;
        let mut after_gone = false;
        while node < tree.nodes.len() {
            match self.fates[node] {
                Fate::Shown => {
                    after_gone &= tree.text(node).trim_ascii().is_empty();
                    node += 1;
                    continue;
                }
                Fate::Gone(Why::Hidden) => self.hidden += 1,
                Fate::Gone(Why::Navigation) => self.navigation += 1,
                // Neighbours count as one.
                Fate::Gone(Why::Around) => self.navigation += usize::from(!after_gone),
                Fate::Gone(Why::Apart) => {}
            }
            after_gone = true;
            node = tree.nodes[node].end as usize;
        }
    }
}

/// Why an element would go, and by which sign: one of [`NAMES`] or something else.
#[derive(Debug, Clone, Copy)]
struct Reason {
    why: Why,
    sign: usize,
}

impl Reason {
    /// By its tag or role, not by name.
    fn plain(why: Why) -> Self {
        Self { why, sign: NAMES.len() }
    }
}

/// Words of every node, with those of what is in it.
struct Words {
    all: Vec<u32>,
    /// Words of blocks of prose.
    prose: Vec<u32>,
    /// Whether it is a block that stays outside of the article, too.
    stays: Vec<bool>,
    /// Whether the page says what its article is.
    named: bool,
    /// Whether such a block is in it.
    holds: Vec<bool>,
}

impl Words {
    fn of(tree: &Tree, content: &Content) -> Self {
        let count = tree.nodes.len();
        let mut words = Self {
            all: vec![0; count],
            prose: vec![0; count],
            stays: vec![false; count],
            named: false,
            holds: Vec::new(),
        };
        // What a block has of its own: words in all, and in links.
        let mut own = vec![(0, 0); count];
        let mut block = vec![0; count];
        let mut linked = vec![false; count];
        let mut node = 1;
        while node < count {
            let parent = tree.parent(node);
            if content.fates[node] != Fate::Shown {
                node = tree.nodes[node].end as usize;
                continue;
            }
            match tree.nodes[node].what {
                What::Element(tag, _) => {
                    linked[node] = linked[parent] || tag == Tag::A && tree.attr(node, Attr::Href).is_some();
                    block[node] = if tag.is_block() { node } else { block[parent] };
                }
                What::Text(..) => {
                    let found = count_words(tree.text(node));
                    words.all[node] = found;
                    let own: &mut (u32, u32) = &mut own[block[parent]];
                    own.0 += found;
                    own.1 += if linked[parent] { found } else { 0 };
                }
            }
            node += 1;
        }
        for node in (1..count).rev() {
            let (all, links) = own[node];
            let free = all - links;
            if free >= PROSE && links * 2 <= all {
                words.prose[node] += free;
            }
            let parent = tree.parent(node);
            words.all[parent] += words.all[node];
            words.prose[parent] += words.prose[node];
        }
        words.named = (1..count)
            .any(|node| content.fates[node] == Fate::Shown && matches!(tree.tag(node), Some(Tag::Article | Tag::Main)));
        words.find_staying(tree, &own);
        words
    }

    /// Marks blocks that have few links, short ones only beside long ones, and main headings. Where the page does not
    /// say what its article is, short ones stay anywhere: they may be parts of a listing.
    fn find_staying(&mut self, tree: &Tree, own: &[(u32, u32)]) {
        let blocks = (1..own.len()).filter(|&node| own[node].0 > 0).collect::<Vec<_>>();
        let few_links = |node: usize| own[node].1 * 3 <= own[node].0;
        let long = |at: usize| blocks.get(at).is_some_and(|&node| own[node].0 >= LONG && few_links(node));
        for (at, &node) in blocks.iter().enumerate() {
            let beside = long(at + 1) || at.checked_sub(1).is_some_and(long);
            let enough = own[node].0 >= SHORT || beside || !self.named;
            let tag = tree.tag(node);
            self.stays[node] = enough && few_links(node) || tag.is_some_and(|tag| tag == Tag::H1 || tag.is_verbatim());
        }
        self.holds = self.stays.clone();
        for node in (1..own.len()).rev() {
            self.holds[tree.parent(node)] |= self.holds[node];
        }
    }

    /// Whether so many words of all and of prose are little enough of the page: a third of its prose, half where it has none.
    fn may_lose(&self, all: u32, prose: u32) -> bool {
        if self.prose[0] >= ARTICLE { prose * 3 <= self.prose[0] } else { all * 2 <= self.all[0] }
    }
}

/// Counts words; of scripts without blanks between words, two characters are one.
fn count_words(text: &[u8]) -> u32 {
    let mut words = 0;
    for word in text.split(u8::is_ascii_whitespace) {
        let wide = word.iter().filter(|byte| **byte >= 0xe3).count();
        words += if wide > 2 {
            wide as u32 / 2
        } else {
            u32::from(word.iter().any(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80))
        };
    }
    words
}

/// Finds the innermost element that holds most of the prose.
fn article(tree: &Tree, words: &Words) -> usize {
    let most = |node: usize| words.prose[node] * 5 >= words.prose[0] * 4;
    let mut node = 0;
    while let Some(child) = tree.children(node).find(|&child| most(child)) {
        node = child;
    }
    // What the page calls its article has headings and short lines besides; else what is around the blocks has them.
    let up = || std::iter::successors(Some(node), |&node| (node != 0).then(|| tree.parent(node)));
    let named = |&node: &usize| matches!(tree.tag(node), Some(Tag::Article | Tag::Main));
    let arranges = |&node: &usize| matches!(tree.tag(node), Some(Tag::Div | Tag::Section | Tag::Td | Tag::Body));
    up().filter(named).last().or_else(|| up().filter(arranges).nth(1)).unwrap_or(0)
}

/// Tells what nobody sees, and what is shown elsewhere.
fn unseen(tree: &Tree, node: usize) -> Option<Reason> {
    let tag = tree.tag(node)?;
    let apart = matches!(
        tag,
        Tag::Title
            | Tag::Meta
            | Tag::Link
            | Tag::Base
            | Tag::Object
            | Tag::Embed
            | Tag::Canvas
            | Tag::Audio
            | Tag::Video
            | Tag::Map
            | Tag::Annotation
    );
    if apart {
        return Some(Reason::plain(Why::Apart));
    }
    let is = |attr, value: &[u8]| tree.attr(node, attr).is_some_and(|found| found.eq_ignore_ascii_case(value));
    let hidden = tree.attr(node, Attr::Hidden).is_some_and(|value| !value.eq_ignore_ascii_case(b"until-found"))
        || is(Attr::AriaHidden, b"true") && !matches!(tag, Tag::Img | Tag::Math)
        || tree.attr(node, Attr::Style).is_some_and(hides);
    hidden.then_some(Reason::plain(Why::Hidden))
}

/// Whether a style makes an element invisible.
fn hides(style: &[u8]) -> bool {
    let style = style.iter().filter(|byte| !byte.is_ascii_whitespace()).map(u8::to_ascii_lowercase).collect::<Vec<_>>();
    style
        .split(|byte| *byte == b';')
        .any(|rule| rule.starts_with(b"display:none") || rule.starts_with(b"visibility:hidden"))
}

/// Names that parts of pages have which are no content, as words of `class` and `id`.
const NAMES: &[&str] = &[
    "ad",
    "ads",
    "adbox",
    "adslot",
    "adunit",
    "advert",
    "advertisement",
    "advertising",
    "adsbygoogle",
    "banner",
    "breadcrumb",
    "breadcrumbs",
    "consent",
    "cookie",
    "cookies",
    "disqus",
    "dropdown",
    "footer",
    "gdpr",
    "masthead",
    "menu",
    "modal",
    "nav",
    "navbar",
    "navigation",
    "newsletter",
    "onetrust",
    "outbrain",
    "overlay",
    "pager",
    "pagination",
    "paywall",
    "popup",
    "promo",
    "promoted",
    "promotion",
    "recirc",
    "recommended",
    "related",
    "share",
    "sharebar",
    "sharing",
    "sidebar",
    "signup",
    "skip",
    "skyscraper",
    "social",
    "sponsor",
    "sponsored",
    "subscribe",
    "subscription",
    "taboola",
    "toolbar",
    "trending",
    "widget",
];

/// Tells what says itself that it is no content.
fn names_itself(tree: &Tree, node: usize) -> Option<Reason> {
    let tag = tree.tag(node)?;
    if matches!(tag, Tag::Body | Tag::Html | Tag::Main | Tag::Article) || !tag.is_block() && tag != Tag::Other {
        return None;
    }
    let quoted = || std::iter::successors(Some(node), |&node| Some(tree.parent(node)).filter(|&up| up != 0));
    let by_tag = tag == Tag::Nav
        || tag == Tag::Footer && !quoted().any(|node| tree.tag(node) == Some(Tag::Blockquote))
        || tag == Tag::Dialog;
    let by_role = tree.attr(node, Attr::Role).is_some_and(|role| {
        matches!(role, b"navigation" | b"banner" | b"contentinfo" | b"search" | b"dialog" | b"alertdialog" | b"menu")
    });
    let by_name = || {
        let values = [Attr::Class, Attr::Id].into_iter().filter_map(|attr| tree.attr(node, attr));
        values
            .flat_map(words_of)
            .find_map(|word| NAMES.iter().position(|name| name.as_bytes().eq_ignore_ascii_case(word)))
    };
    let sign = if by_tag || by_role { NAMES.len() } else { by_name()? };
    // A main heading is content wherever it stands.
    let mut inside = tree.inside(node).map(|node| tree.tag(node));
    let heading = inside.any(|tag| matches!(tag, Some(Tag::H1 | Tag::Article | Tag::Main)));
    (!heading).then_some(Reason { why: Why::Navigation, sign })
}

/// Splits names at everything that is no letter, and before capitals.
fn words_of(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value
        .split(|byte| !byte.is_ascii_alphabetic())
        .flat_map(|part| part.chunk_by(|before, after| !after.is_ascii_uppercase() || before.is_ascii_uppercase()))
        .filter(|word| !word.is_empty())
}
