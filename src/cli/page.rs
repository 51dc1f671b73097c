//! Pages that need nothing else: HTML with its style and its charts in it, no script, nothing fetched.

use std::fmt::Write;

/// A page that is being written.
#[derive(Debug)]
pub struct Page {
    html: String,
}

/// A bar of a chart.
#[derive(Debug, Clone)]
pub struct Bar {
    /// What it is about.
    pub name: String,
    /// How long it is; below zero it is of another colour.
    pub value: f64,
    /// What stands behind it.
    pub note: String,
}

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}\
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%}\
th,td{text-align:left;padding:.2rem .6rem;border-bottom:1px solid #d8dee4;vertical-align:top}\
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\
code{font:13px ui-monospace,monospace;overflow-wrap:anywhere}svg{width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:currentColor}\
.up{fill:#2f7d4f}.down{fill:#b4452f}p.small{color:#57606a;font-size:.9rem}\
@media(prefers-color-scheme:dark){body{background:#15191e;color:#dde3ea}th,td{border-color:#333b44}p.small{color:#9aa5b1}.up{fill:#59b37f}.down{fill:#e0765e}}";

impl Page {
    /// A page with a title.
    pub fn new(title: &str) -> Self {
        let title = escaped(title);
        let html = format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n<h1>{title}</h1>\n"
        );
        Self { html }
    }

    /// A paragraph.
    pub fn paragraph(&mut self, text: &str) {
        let _ = writeln!(self.html, "<p>{}</p>", escaped(text));
    }

    /// A remark in small letters.
    pub fn remark(&mut self, text: &str) {
        let _ = writeln!(self.html, "<p class=\"small\">{}</p>", escaped(text));
    }

    /// A heading.
    pub fn heading(&mut self, text: &str) {
        let _ = writeln!(self.html, "<h2>{}</h2>", escaped(text));
    }

    /// Bars below each other; those below zero are of another colour and as long as what they lack.
    pub fn chart(&mut self, bars: &[Bar]) {
        const ROW: usize = 22;
        const LEFT: f64 = 260.0;
        const LONGEST: f64 = 400.0;
        let most = bars.iter().map(|bar| bar.value.abs()).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
        let _ = writeln!(self.html, "<svg viewBox=\"0 0 960 {}\" role=\"img\">", bars.len() * ROW + 4);
        for (row, Bar { name, value, note }) in bars.iter().enumerate() {
            let (top, length) = (row * ROW, LONGEST * value.abs() / most);
            let class = if *value < 0.0 { "down" } else { "up" };
            let _ = writeln!(
                self.html,
                "<text x=\"{:.0}\" y=\"{}\" text-anchor=\"end\">{}</text>\
                 <rect class=\"{class}\" x=\"{LEFT:.0}\" y=\"{}\" width=\"{length:.1}\" height=\"14\"/>\
                 <text x=\"{:.1}\" y=\"{}\">{}</text>",
                LEFT - 8.0,
                top + 15,
                escaped(&cut(name, 38)),
                top + 4,
                LEFT + length + 6.0,
                top + 15,
                escaped(note)
            );
        }
        self.html.push_str("</svg>\n");
    }

    /// A table; a column whose name begins with `#` has numbers, one that begins with a back quote has code.
    pub fn table(&mut self, columns: &[&str], rows: impl Iterator<Item = Vec<String>>) {
        let class = |column: &str| if column.starts_with('#') { " class=\"n\"" } else { "" };
        self.html.push_str("<table>\n<tr>");
        for column in columns {
            let _ = write!(self.html, "<th{}>{}</th>", class(column), escaped(column.trim_start_matches(['#', '`'])));
        }
        self.html.push_str("</tr>\n");
        for row in rows {
            self.html.push_str("<tr>");
            for (column, cell) in columns.iter().zip(&row) {
                let cell = escaped(cell);
                let cell = if column.starts_with('`') { format!("<code>{cell}</code>") } else { cell };
                let _ = write!(self.html, "<td{}>{cell}</td>", class(column));
            }
            self.html.push_str("</tr>\n");
        }
        self.html.push_str("</table>\n");
    }

    /// The page.
    pub fn finish(self) -> String {
        self.html + "</html>\n"
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The beginning of a text, when it is longer.
pub fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(3)).collect::<String>() + "..."
}

/// A number with a comma between thousands.
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A bar of characters: `#` up to the share of a width, `-` for shares below zero, of which each shows.
pub fn bar(share: f64, width: usize) -> String {
    let length = (share.abs().min(1.0) * width as f64).round() as usize;
    if share < 0.0 { "-".repeat(length.max(1)) } else { "#".repeat(length) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_stays_text() {
        let mut page = Page::new("a < b");
        page.table(&["`command", "#tokens"], std::iter::once(vec!["<script>".into(), "-1,200".into()]));
        page.chart(&[Bar { name: "\"x\"".into(), value: -2.0, note: "&".into() }]);
        let html = page.finish();
        assert!(html.contains("<td><code>&lt;script&gt;</code></td><td class=\"n\">-1,200</td>"), "{html}");
        assert!(
            html.contains("class=\"down\"") && html.contains("&quot;x&quot;") && !html.contains("<script"),
            "{html}"
        );
        assert!(!html.contains("http"), "nothing is fetched");
    }

    #[test]
    fn numbers_and_bars_are_readable() {
        assert_eq!([0, 999, 1000, -1_234_567].map(grouped), ["0", "999", "1,000", "-1,234,567"]);
        assert_eq!([bar(0.5, 10), bar(-0.2, 10), bar(7.0, 3), bar(-0.001, 9)], ["#####", "--", "###", "-"]);
        assert_eq!(cut("abcdefgh", 6), "abc...");
    }
}
