//! One page with every macro on it, so that a change to any of them is seen.

use askama::Template;

use super::{Choice, ErrorSummary, Field, Flash, Layout, NavItem, Pagination, SignedIn};

#[derive(Template)]
#[template(path = "ui/gallery.html")]
struct Gallery {
    layout: Layout,
    errors: ErrorSummary,
    wrong: Field,
    password: Field,
    note: Field,
    pick: Field,
    radio: Field,
    boxes: Field,
    date: Field,
    file: Field,
    choices: Vec<Choice>,
    views: Vec<NavItem>,
    links: Pagination,
}

#[test]
fn every_macro_writes_what_it_did_before() {
    let item = |text: &str, count, current| NavItem {
        href: format!("/{}", text.to_lowercase()),
        text: text.to_owned(),
        count,
        current,
    };
    let wrong = Field::refused("reason", "<script>alert(1)</script>", "Enter why you are refusing this");
    let page = Gallery {
        layout: Layout {
            nonce: "n0nce".into(),
            csrf: "t0ken".into(),
            path: "/inbox".into(),
            rehearsal_on: "2026-05-06".parse().ok(),
            user: Some(SignedIn {
                name: "Sam Example".into(),
                username: "sam".into(),
                vpd: "999".into(),
                vpd_name: "Synthetic Trust".into(),
                several_organisations: true,
                navigation: vec![
                    item("Inbox", Some(1_200), true),
                    item("Doctors", None, false),
                    item("Files", None, false),
                ],
                times_out_at: "2026-05-06T10:02:00Z".parse().ok(),
                printed_on: "2026-05-06".parse().ok(),
            }),
            flash: Some(Flash::success("3 items claimed").undo("Undo", "/inbox/undo").detail("1 was taken by Pat Lee")),
            warnings: vec!["Files are late today.".into()],
        },
        errors: ErrorSummary::of([&wrong]),
        wrong,
        password: Field::empty("password"),
        note: Field::new("note", "Zoë"),
        pick: Field::new("pick", "b"),
        radio: Field::new("radio", "a"),
        boxes: Field::empty("boxes"),
        date: Field::new("on", "2026-05-06"),
        file: Field::empty("file"),
        choices: vec![Choice::new("a", "Open").hint("Nobody has it"), Choice::new("b", "Done").chosen(true)],
        views: vec![item("Action", Some(12), true), item("Mine", Some(0), false)],
        links: Pagination::numbered(3, 9, |n| format!("?page={n}")),
    };
    // A static file's mark changes with its content, which is no change of a macro.
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"\?v=[0-9a-f]{12}", "?v=CONTENT");
    settings.bind(|| insta::assert_snapshot!(page.render().unwrap()));
}
