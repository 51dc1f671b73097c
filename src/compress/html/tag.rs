//! The elements and attributes that matter here, and what kind of element each is.

macro_rules! names {
    ($(#[$doc:meta])* $kind:ident { $($variant:ident = $name:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum $kind {
            $($variant,)*
            /// Any other.
            Other,
        }

        impl $kind {
            /// Reads a name in small letters.
            pub(super) fn of(name: &[u8]) -> Self {
                $(if name == $name { return Self::$variant; })*
                Self::Other
            }
        }
    };
}

names! {
    /// An element, by its name. Blocks come first, then parts of tables and lists, then what stands in a line.
    Tag {
        Div = b"div", P = b"p", Section = b"section", Article = b"article", Main = b"main", Aside = b"aside",
        Nav = b"nav", Header = b"header", Footer = b"footer", H1 = b"h1", H2 = b"h2", H3 = b"h3", H4 = b"h4",
        H5 = b"h5", H6 = b"h6", Ul = b"ul", Ol = b"ol", Menu = b"menu", Dl = b"dl", Pre = b"pre",
        Listing = b"listing", Blockquote = b"blockquote", Figure = b"figure", Figcaption = b"figcaption",
        Form = b"form", Fieldset = b"fieldset", Legend = b"legend", Address = b"address", Details = b"details",
        Summary = b"summary", Center = b"center", Hgroup = b"hgroup", Dialog = b"dialog", Hr = b"hr",
        Table = b"table", Body = b"body", Html = b"html",
        Caption = b"caption", Thead = b"thead", Tbody = b"tbody", Tfoot = b"tfoot", Tr = b"tr", Td = b"td",
        Th = b"th", Li = b"li", Dt = b"dt", Dd = b"dd", Option = b"option", Optgroup = b"optgroup",
        A = b"a", Abbr = b"abbr", B = b"b", Big = b"big", Code = b"code", Del = b"del", Em = b"em", Font = b"font",
        I = b"i", Kbd = b"kbd", Label = b"label", Mark = b"mark", Nobr = b"nobr", Q = b"q", S = b"s",
        Samp = b"samp", Small = b"small", Span = b"span", Strong = b"strong", Sub = b"sub", Sup = b"sup",
        Tt = b"tt", U = b"u", Button = b"button", Select = b"select", Textarea = b"textarea", Br = b"br",
        Img = b"img", Input = b"input", Wbr = b"wbr",
        Head = b"head", Title = b"title", Meta = b"meta", Link = b"link", Base = b"base", Script = b"script",
        Style = b"style", Noscript = b"noscript", Template = b"template", Svg = b"svg", Iframe = b"iframe",
        Object = b"object", Embed = b"embed", Canvas = b"canvas", Audio = b"audio", Video = b"video",
        Source = b"source", Track = b"track", Param = b"param", Col = b"col", Area = b"area", Math = b"math",
        Annotation = b"annotation", Xmp = b"xmp", Plaintext = b"plaintext", Noembed = b"noembed",
        Datalist = b"datalist", Map = b"map",
    }
}

names! {
    /// An attribute that is read.
    Attr {
        Id = b"id", Class = b"class", Style = b"style", Hidden = b"hidden", AriaHidden = b"aria-hidden",
        Role = b"role", Href = b"href", Alt = b"alt", Content = b"content", Name = b"name",
        Property = b"property", Type = b"type", Value = b"value", Placeholder = b"placeholder",
        Colspan = b"colspan", Start = b"start", Charset = b"charset", Src = b"src", Alttext = b"alttext",
        Method = b"method", Action = b"action", Shadowrootmode = b"shadowrootmode",
    }
}

impl Tag {
    /// Whether it begins and ends a line of its own.
    pub(super) fn is_block(self) -> bool {
        self <= Self::Optgroup || matches!(self, Self::Xmp | Self::Plaintext | Self::Textarea)
    }

    /// Whether it has no end tag.
    pub(super) fn is_void(self) -> bool {
        matches!(
            self,
            Self::Br
                | Self::Img
                | Self::Input
                | Self::Wbr
                | Self::Hr
                | Self::Meta
                | Self::Link
                | Self::Base
                | Self::Embed
                | Self::Source
                | Self::Track
                | Self::Param
                | Self::Col
                | Self::Area
        )
    }

    /// Whether its begin ends an open paragraph.
    pub(super) fn ends_paragraph(self) -> bool {
        self <= Self::Table && self != Self::Legend || self == Self::Xmp
    }

    /// Whether end tags of what stands inside of it do not reach outside.
    pub(super) fn is_scope(self) -> bool {
        matches!(self, Self::Table | Self::Td | Self::Th | Self::Caption | Self::Template | Self::Body | Self::Html)
    }

    /// Whether it only says how the text in it looks, so that authors nest it badly.
    pub(super) fn is_inline(self) -> bool {
        (Self::A..=Self::U).contains(&self)
    }

    /// The level of a heading.
    pub(super) fn heading(self) -> Option<u8> {
        (Self::H1..=Self::H6).contains(&self).then(|| self as u8 - Self::H1 as u8 + 1)
    }

    /// Whether its text is kept as it is, line by line.
    pub(super) fn is_verbatim(self) -> bool {
        matches!(self, Self::Pre | Self::Listing | Self::Xmp | Self::Plaintext | Self::Textarea)
    }
}
