/// Links to the pages of a list; a list too long to number has only a way back and a way on.
#[derive(Clone, Debug, Default)]
pub struct Pagination {
    pub previous: Option<String>,
    pub next: Option<String>,
    pub pages: Vec<PageLink>,
}

/// A numbered page, or the gap where pages are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageLink {
    Page { number: u64, href: String, current: bool },
    Gap,
}

impl Pagination {
    /// The links for page `current` of `pages`; `href` makes the address of a page.
    pub fn numbered(current: u64, pages: u64, href: impl Fn(u64) -> String) -> Self {
        if pages < 2 {
            return Self::default();
        }
        let mut links = Vec::new();
        let mut last = 0;
        // First, last, and the neighbours of where the reader is.
        for number in (1..=pages).filter(|n| *n == 1 || *n == pages || n.abs_diff(current) <= 1) {
            if number > last + 1 {
                links.push(PageLink::Gap);
            }
            links.push(PageLink::Page { number, href: href(number), current: number == current });
            last = number;
        }
        Self {
            previous: (current > 1).then(|| href(current - 1)),
            next: (current < pages).then(|| href(current + 1)),
            pages: links,
        }
    }

    /// Only a way back and a way on.
    pub fn steps(previous: Option<String>, next: Option<String>) -> Self {
        Self { previous, next, pages: Vec::new() }
    }

    pub fn is_empty(&self) -> bool {
        self.previous.is_none() && self.next.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(current: u64, pages: u64) -> String {
        let links = Pagination::numbered(current, pages, |n| format!("?page={n}"));
        let texts: Vec<_> = links
            .pages
            .iter()
            .map(|link| match link {
                PageLink::Gap => "…".to_owned(),
                PageLink::Page { number, current: true, .. } => format!("[{number}]"),
                PageLink::Page { number, .. } => number.to_string(),
            })
            .collect();
        texts.join(" ")
    }

    #[test]
    fn long_lists_leave_pages_out() {
        for (current, pages, text) in
            [(1, 1, ""), (1, 2, "[1] 2"), (5, 9, "1 … 4 [5] 6 … 9"), (1, 9, "[1] 2 … 9"), (9, 9, "1 … 8 [9]")]
        {
            assert_eq!(shown(current, pages), text);
        }
    }
}
