use lettre::Message;
use lettre::message::{Mailbox, MultiPart};
use uuid::Uuid;

/// One mail to one person, with everything in it.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Fixed with the mail, so that a server that gets it twice can tell.
    pub id: Uuid,
    pub to_name: String,
    pub to_address: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Outgoing {
    /// Writes the message: text first, then the same as HTML.
    pub(super) fn build(&self, from: &str, domain: &str) -> Result<Message, Box<dyn std::error::Error + Send + Sync>> {
        let name = clean(&self.to_name, 100);
        let to = Mailbox::new((!name.is_empty()).then_some(name), self.to_address.parse()?);
        let message = Message::builder()
            .message_id(Some(format!("<{}@{domain}>", self.id)))
            .from(Mailbox::new(Some("Changeover".to_owned()), from.parse()?))
            .to(to)
            .subject(clean(&self.subject, 150))
            // Out-of-office answers to a machine help nobody.
            .raw_header(lettre::message::header::HeaderValue::new(
                lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .multipart(MultiPart::alternative_plain_html(self.text.clone(), self.html.clone()))?;
        Ok(message)
    }
}

/// One line of at most `longest` characters: line breaks and controls become spaces, and marks that turn the
/// direction of writing go, since with them a name can pose as another.
pub fn clean(text: &str, longest: usize) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let spaced: String = text.chars().filter(|c| !turns(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= longest {
        return line;
    }
    let cut: String = line.chars().take(longest.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(to_name: &str, subject: &str, text: &str) -> String {
        let mail = Outgoing {
            id: Uuid::nil(),
            to_name: to_name.into(),
            to_address: "mso@trust.example".into(),
            subject: subject.into(),
            text: text.into(),
            html: "<p>Hello</p>".into(),
        };
        String::from_utf8(mail.build("changeover@portal.example", "portal.example").unwrap().formatted()).unwrap()
    }

    fn headers(raw: &str) -> Vec<&str> {
        raw.split("\r\n\r\n").next().unwrap().lines().filter(|line| !line.starts_with([' ', '\t'])).collect()
    }

    #[test]
    fn mail_1_line_breaks_in_a_name_are_spaces() {
        let raw = mail("Sam\r\nBcc: thief@evil.example\r\n\r\nHello", "Two things to do", "Hello");
        assert!(!headers(&raw).iter().any(|line| line.starts_with("Bcc")), "{raw}");
        assert_eq!(headers(&raw).iter().filter(|line| line.starts_with("To:")).count(), 1);
    }

    #[test]
    fn mail_2_a_subject_is_one_header_of_at_most_150_characters() {
        for subject in ["Doctors\r\nX-Evil: 1", &"long ".repeat(400), "\u{202e}evil\u{202c} 🩺 Ærø", "مرحبا"] {
            let raw = mail("Sam", subject, "Hello");
            let found: Vec<&str> = headers(&raw).into_iter().filter(|line| line.starts_with("Subject:")).collect();
            assert_eq!(found.len(), 1, "{raw}");
            assert!(!headers(&raw).iter().any(|line| line.starts_with("X-Evil")), "{raw}");
            assert!(clean(subject, 150).chars().count() <= 150);
            assert!(!clean(subject, 150).contains('\u{202e}'));
        }
    }

    #[test]
    fn the_message_id_is_the_mails_own() {
        let raw = mail("Sam", "Hello", "Hello");
        assert!(raw.contains("Message-ID: <00000000-0000-0000-0000-000000000000@portal.example>"), "{raw}");
    }
}
