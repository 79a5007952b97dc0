use std::fmt;
use std::str::FromStr;

/// One mail address, as we are ready to send to it: a plain local part, and a domain in ASCII.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address(String);

/// Why a text is not an address, as the sentence a user reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    #[error("Enter an email address in the correct format, like name@example.com")]
    Form,
    #[error("Enter one email address only")]
    Several,
    #[error("Email address must be 254 characters or fewer")]
    Long,
    #[error("Enter an email address with only letters, digits and . _ % + - ' before the @")]
    LocalPart,
}

impl Address {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let text = text.trim();
        if text.contains([',', ';']) || text.matches('@').count() > 1 || text.split_whitespace().count() > 1 {
            return Err(BadAddress::Several);
        }
        let (local, domain) = text.split_once('@').ok_or(BadAddress::Form)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "._%+-'".contains(c);
        if local.is_empty() || local.starts_with('.') || local.ends_with('.') || local.contains("..") {
            return Err(BadAddress::Form);
        }
        // Letters beyond ASCII need SMTPUTF8 on every server along the way.
        if !local.chars().all(plain) {
            return Err(BadAddress::LocalPart);
        }
        let Ok(url::Host::Domain(domain)) = url::Host::parse(domain) else { return Err(BadAddress::Form) };
        let labels = |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !domain.contains('.') || !domain.split('.').all(labels) {
            return Err(BadAddress::Form);
        }
        let whole = format!("{local}@{domain}");
        if local.len() > 64 || whole.len() > 254 {
            return Err(BadAddress::Long);
        }
        Ok(Self(whole))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_4_an_address_is_one_plain_address_or_refused() {
        let long = format!("{}@trust.example", "a".repeat(250));
        let cases = [
            ("mso@trust.example", Ok("mso@trust.example")),
            (" o'neil.sam+mso@Trust.Example ", Ok("o'neil.sam+mso@trust.example")),
            ("mso@bücher.example", Ok("mso@xn--bcher-kva.example")),
            ("one@trust.example, two@trust.example", Err(BadAddress::Several)),
            ("one@trust.example;two@trust.example", Err(BadAddress::Several)),
            ("one@trust.example two@trust.example", Err(BadAddress::Several)),
            ("a@b@trust.example", Err(BadAddress::Several)),
            ("\"Sam\"@trust.example", Err(BadAddress::LocalPart)),
            ("søren@trust.example", Err(BadAddress::LocalPart)),
            ("mso@trust.example\r\nBcc: x@evil.example", Err(BadAddress::Several)),
            ("mso", Err(BadAddress::Form)),
            ("@trust.example", Err(BadAddress::Form)),
            ("mso@localhost", Err(BadAddress::Form)),
            ("mso@127.0.0.1", Err(BadAddress::Form)),
            ("mso@[::1]", Err(BadAddress::Form)),
            (".mso@trust.example", Err(BadAddress::Form)),
            (long.as_str(), Err(BadAddress::Long)),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse::<Address>().as_ref().map(Address::as_str), expected.as_ref().copied(), "{text:?}");
        }
    }
}
