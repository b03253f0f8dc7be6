//! Draws a chart of the times, as SVG.

use std::fmt::{self, Write as _};

/// One bar.
#[derive(Clone, Copy, Debug)]
pub struct Bar<'a> {
    /// What was timed.
    pub label: &'a str,
    /// Microseconds.
    pub micros: f64,
    /// Whether it is doorward.
    pub ours: bool,
}

// Pixels.
const LABELS: f64 = 330.0;
const BARS: f64 = 420.0;
const NUMBERS: f64 = 80.0;
const ROW: f64 = 24.0;
const HEAD: f64 = 44.0;

/// Returns a chart of horizontal bars, from zero, in the order given.
///
/// # Panics
///
/// Never: nothing is written but to a string.
#[must_use]
pub fn svg(title: &str, bars: &[Bar<'_>]) -> String {
    let mut text = String::new();
    draw(&mut text, title, bars).expect("a string takes all");
    text
}

fn draw(out: &mut String, title: &str, bars: &[Bar<'_>]) -> fmt::Result {
    let (width, height) = (LABELS + BARS + NUMBERS, HEAD + ROW * rows(bars) + 8.0);
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"12\" y=\"26\" font-size=\"15\" fill=\"#1d2733\">{}</text>",
        escape(title)
    )?;
    let longest = bars.iter().map(|bar| bar.micros).fold(f64::MIN_POSITIVE, f64::max);
    let mut top = HEAD;
    for bar in bars {
        let long = BARS * bar.micros / longest;
        let fill = if bar.ours { "#0b5cad" } else { "#98a4b3" };
        let (middle, end) = (top + 15.0, LABELS + long + 6.0);
        writeln!(
            out,
            "<text x=\"{}\" y=\"{middle}\" text-anchor=\"end\" fill=\"#1d2733\">{}</text>\n\
             <rect x=\"{LABELS}\" y=\"{}\" width=\"{long:.1}\" height=\"16\" fill=\"{fill}\"/>\n\
             <text x=\"{end:.1}\" y=\"{middle}\" fill=\"#1d2733\">{:.1} µs</text>",
            LABELS - 8.0,
            escape(bar.label),
            top + 2.0,
            bar.micros,
        )?;
        top += ROW;
    }
    writeln!(out, "</svg>")
}

fn rows(bars: &[Bar<'_>]) -> f64 {
    bars.iter().map(|_| 1.0).sum()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
