//! RTC: what the deanery made of each record of ours.

/// One line of the reply: `RTC~record no~record type~position id~DPN~status~message type~message code~text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub record_no: String,
    pub record_type: String,
    pub position_id: String,
    pub dpn: String,
    pub is_success: bool,
    pub message_type: String,
    pub code: String,
    pub text: String,
}

/// How many columns a line has.
const COLUMNS: usize = 9;

/// Reads a line, or says why it cannot be read.
pub fn parse(line: &str) -> Result<Reply, String> {
    let fields: Vec<&str> = line.split('~').collect();
    let [kind, record_no, record_type, position_id, dpn, status, message_type, code, text] = fields[..] else {
        return Err(format!(
            "The record has {} columns, and an RTC has {COLUMNS}. Ask the deanery to send it again.",
            fields.len()
        ));
    };
    if kind != "RTC" {
        let kind: String = kind.chars().take(10).collect();
        return Err(format!("The record type is {kind:?}, and must be RTC. Ask the deanery to send it again."));
    }
    let is_success = match status {
        "SUCCESS" => true,
        "FAIL" => false,
        other => {
            let other: String = other.chars().take(20).collect();
            return Err(format!(
                "The status is {other:?}, and must be SUCCESS or FAIL. Ask the deanery to send it again."
            ));
        }
    };
    let [record_no, record_type, position_id, dpn] = [record_no, record_type, position_id, dpn].map(str::to_owned);
    let [message_type, code] = [message_type, code].map(str::to_owned);
    let text = text.chars().take(200).collect();
    Ok(Reply { record_no, record_type, position_id, dpn, is_success, message_type, code, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reply_says() {
        let reply = parse("RTC~1~POS~9041003~KSS/R9A01/024/STR/004~FAIL~ERROR~T01~No post has this number").unwrap();
        assert_eq!((reply.is_success, reply.text.as_str()), (false, "No post has this number"));
        for bad in ["RTC~1", "XXX~1~POS~9~D~SUCCESS~~~", "RTC~1~POS~9~D~PERHAPS~~~"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
