use proptest::prelude::*;

use super::*;

const NAME: &str = "DE_KSS_APP_20260506_00002689.DAT";

fn scan(bytes: &[u8]) -> Scan {
    let mut scanner = Scanner::default();
    for chunk in bytes.chunks(7) {
        scanner.feed(chunk);
    }
    scanner.finish()
}

fn judge(bytes: &[u8]) -> Result<Envelope, Refusal> {
    let name = FileName::parse(NAME)?;
    let scan = scan(bytes);
    let header = scan.header(&name, 10_000)?;
    scan.envelope(&name, header)
}

fn code(bytes: &[u8]) -> Code {
    judge(bytes).expect_err("is refused").code
}

fn file(records: &str, trailer: &str) -> Vec<u8> {
    format!("HDR~{NAME}~20260506 180000~KSS~20260505 180000~20260506 180000~01\r\n{records}{trailer}").into_bytes()
}

#[test]
fn whole_files_are_taken() {
    let cases: [(&str, &str, u64); 8] = [
        ("", "TRL~0\r\n", 0),
        ("", "TRL~2\r\n", 0),
        ("APP~1\r\nAPP~2\r\n", "TRL~2\r\n", 2),
        ("APP~1\nAPP~2\n", "TRL~2", 2),
        ("APP~1\r\nAPP~2\r\n", "TRL~4\r\n", 2), // N+2
        ("APP~1\r\n", "TRL~1\r\n\r\n \r\n", 1),
        ("APP~1\r\n\r\nAPP~2\r\n", "TRL~2\r\n", 2),
        ("APP~1\r\nXXX~2\r\n", "TRL~00002\r\n", 2), // only the first record's type decides for the file
    ];
    for (records, trailer, count) in cases {
        let envelope = judge(&file(records, trailer)).unwrap_or_else(|refusal| panic!("{records}{trailer}: {refusal}"));
        assert_eq!(envelope.records, count, "{records}{trailer}");
        assert_eq!(envelope.header.file_name, NAME);
        let mut marked = b"\xef\xbb\xbf".to_vec();
        marked.extend(file(records, trailer));
        assert_eq!(judge(&marked).unwrap().records, count);
    }
}

#[test]
fn file_1_to_9_each_fault_has_its_code() {
    let long = format!("APP~{}\r\n", "x".repeat(9_000));
    let cases: [(Vec<u8>, Code); 20] = [
        (vec![], Code::NoHeader),
        (b"\r\n\r\n".to_vec(), Code::NoHeader),
        (b"APP~1\r\nTRL~1\r\n".to_vec(), Code::NoHeader),
        (format!("HDR~{NAME}~x\r\nTRL~0\r\n").into_bytes(), Code::NoHeader),
        (b"\xc8\xc4\xd9\xa1\xc4\xc5\x6d\x15".to_vec(), Code::NoHeader), // EBCDIC
        (file("APP~1\r\n", ""), Code::NoTrailer),
        (file("", ""), Code::NoTrailer),
        (file("APP~1\r\n", "TR"), Code::NoTrailer),
        (file("APP~1\r\n", "TRL~2\r\n"), Code::RecordCountMismatch),
        (file("APP~1\r\n", "TRL~0\r\n"), Code::RecordCountMismatch),
        (file("APP~1\r\n", "TRL~-1\r\n"), Code::RecordCountMismatch),
        (file("APP~1\r\n", "TRL~one\r\n"), Code::RecordCountMismatch),
        (file("APP~1\r\n", "TRL\r\n"), Code::RecordCountMismatch),
        (file("APP~1\r\n", "TRL~99999999999999999999999\r\n"), Code::RecordCountMismatch),
        (file("NOT~1\r\n", "TRL~1\r\n"), Code::WrongFormat),
        (file("APP~1\r\nTRL~1\r\nAPP~2\r\n", ""), Code::WrongFormat),
        (file("APP~1\0\r\n", "TRL~1\r\n"), Code::Encoding),
        (b"\xff\xfeH\0D\0R\0".to_vec(), Code::Encoding),
        (file(&long.repeat(2), "TRL~2\r\n"), Code::TooLarge),
        (
            String::from_utf8(file("", "TRL~0")).unwrap().replace("~01\r", "~02\r").into_bytes(),
            Code::VersionUnsupported,
        ),
    ];
    for (bytes, wanted) in cases {
        assert_eq!(code(&bytes), wanted, "{}", String::from_utf8_lossy(&bytes[..bytes.len().min(300)]));
    }
}

#[test]
fn the_first_check_that_fails_decides() {
    // Each file has every fault that comes later in the order, too.
    let other = String::from_utf8(file("NOT~1\r\n", "")).unwrap();
    assert_eq!(
        code(other.replace(NAME, "DE_KSS_APP_20260506_00002699.DAT").replace("~01\r", "~09\r").as_bytes()),
        Code::NameHeaderMismatch
    );
    assert_eq!(code(other.replace("~KSS~", "~LDN~").replace("~01\r", "~09\r").as_bytes()), Code::OrgNotFound);
    assert_eq!(code(other.replace("~01\r", "~09\r").as_bytes()), Code::VersionUnsupported);
    assert_eq!(code(other.as_bytes()), Code::NoTrailer);
    assert_eq!(code(b"APP\0"), Code::Encoding);
}

#[test]
fn f_34_floods_are_refused_with_flat_memory() {
    let name = FileName::parse(NAME).unwrap();
    let judge_stream = |block: &[u8], times: usize| {
        let mut scanner = Scanner::default();
        scanner.feed(&file("APP~1\r\n", ""));
        for _ in 0..times {
            scanner.feed(block);
        }
        scanner.feed(b"\r\nTRL~1\r\n");
        let scan = scanner.finish();
        scan.header(&name, u64::MAX).and_then(|header| scan.envelope(&name, header)).map(|_| ())
    };
    assert_eq!(judge_stream(&[b'\n'; 4096], 500).unwrap_err().code, Code::WrongFormat);
    let mut trailer_counts_two = Scanner::default();
    trailer_counts_two.feed(&file("APP~1\r\n", ""));
    for _ in 0..200 {
        trailer_counts_two.feed(&[b'x'; 65_536]);
    }
    trailer_counts_two.feed(b"\r\nTRL~2\r\n");
    let scan = trailer_counts_two.finish();
    let refusal = scan.header(&name, u64::MAX).and_then(|header| scan.envelope(&name, header)).unwrap_err();
    assert_eq!(refusal.code, Code::WrongFormat, "{refusal}");
}

#[test]
fn reasons_say_what_was_found_and_what_to_do() {
    let refusal = judge(&file("APP~1\r\nAPP~2\r\nAPP~3\r\n", "TRL~7\r\n")).unwrap_err();
    assert_eq!(
        refusal.reason,
        "The trailer counts 7 records; the file holds 3. Nothing of it was taken. Ask the sender to send it again."
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// FILE-19 at a hundredth: faults made of what files are made of never panic, and never hang.
    #[test]
    fn file_19_no_bytes_panic_the_check(edits in prop::collection::vec((0usize..400, any::<u8>(), 0u8..4), 0..12)) {
        let mut bytes = file("APP~1~904~20260506\r\nAPP~2~Müller\r\n", "TRL~2\r\n");
        for (at, byte, how) in edits {
            let at = at.min(bytes.len());
            match how {
                0 => bytes.insert(at, byte),
                1 => { bytes.truncate(at); }
                2 => bytes.insert(at, b"~\r\n\0"[usize::from(byte) % 4]),
                _ => if at < bytes.len() { bytes[at] = byte; },
            }
        }
        let _ = judge(&bytes);
    }

    #[test]
    fn any_bytes_at_all_are_judged(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(judge(&bytes).is_err());
    }
}
