//! Files as they come from senders that are broken, cut off or hostile: a sound file, and something done to it.

/// Chance that can be had again from its seed.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end`, or nought.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or_default() % end.max(1)
    }
}

const VALUES: [&str; 12] = [
    "",
    "\0",
    "99999999",
    "20260230",
    "<script>alert(1)</script>",
    "'; drop table people; --",
    "=cmd|'/c calc'!A1",
    "\u{202e}\u{2066}Zalgo\u{0301}\u{0301}",
    "../../../../etc/passwd",
    "-1",
    "NaN",
    "~~~~",
];

/// What was done, and the bytes that it left.
pub fn mangle(name: &str, sound: &[u8], dice: &mut Dice) -> (&'static str, Vec<u8>) {
    if sound.is_empty() {
        return ("nothing", Vec::new());
    }
    let mut bytes = sound.to_vec();
    let mut lines: Vec<Vec<u8>> = sound.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    let (one, other) = (dice.below(lines.len()), dice.below(lines.len()));
    let deed = dice.below(16);
    let whole = |lines: Vec<Vec<u8>>| lines.join(&b'\n');
    match deed {
        0 => ("sound", bytes),
        1 => ("cut off", bytes[..dice.below(bytes.len())].to_vec()),
        2 => {
            lines.remove(one);
            ("a line less", whole(lines))
        }
        3 => {
            lines.insert(one, lines[other].clone());
            ("a line twice", whole(lines))
        }
        4 => {
            lines.swap(one, other);
            ("two lines in each other's place", whole(lines))
        }
        5 => {
            for _ in 0..=dice.below(20) {
                let at = dice.below(bytes.len());
                bytes[at] ^= 1 << dice.below(8);
            }
            ("bits turned over", bytes)
        }
        6 | 7 => {
            let mut fields: Vec<Vec<u8>> = lines[one].split(|b| *b == b'~').map(<[u8]>::to_vec).collect();
            let at = dice.below(fields.len());
            fields[at] = VALUES[dice.below(VALUES.len())].as_bytes().to_vec();
            lines[one] = fields.join(&b'~');
            ("a value replaced", whole(lines))
        }
        8 => {
            lines[one].extend(std::iter::repeat_n(b'x', 1 << dice.below(22)));
            ("a long line", whole(lines))
        }
        9 => {
            lines.insert(one, vec![b'~'; dice.below(5_000)]);
            ("a line of delimiters", whole(lines))
        }
        10 => (
            "UTF-16",
            [0xff, 0xfe]
                .into_iter()
                .chain(String::from_utf8_lossy(&bytes).encode_utf16().flat_map(u16::to_le_bytes))
                .collect(),
        ),
        11 => {
            bytes.extend_from_slice(&vec![b'\n'; dice.below(200_000)]);
            ("empty lines at the end", bytes)
        }
        12 => {
            bytes.retain(|b| *b != b'\n');
            ("no line feeds", bytes)
        }
        13 => {
            let text = String::from_utf8_lossy(&bytes).replace("TRL~", "TRL~1");
            ("a trailer that miscounts", text.into_bytes())
        }
        14 => {
            let text = String::from_utf8_lossy(&bytes).replacen(name, "DE_KSS_APP_20260101_00000001.DAT", 1);
            ("a header of another file", text.into_bytes())
        }
        _ => ("nothing", Vec::new()),
    }
}
