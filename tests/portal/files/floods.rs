//! F-34: files built to fill the memory of whoever reads them.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use sqlx::PgPool;

use super::{app_name, applicants};
use crate::support::Portal;
use crate::support::files::framed;
use crate::support::program::within;

/// Twice what the program takes for a small file, and less than any of the floods would take if it were held.
const KILOBYTES: u32 = 180_000;
const MEGABYTE: usize = 1024 * 1024;

/// A file that begins with a header, goes on as it is told, and says that it holds so many records.
fn flood(portal: &Portal, number: u32, records: u32, go_on: impl FnOnce(&mut BufWriter<File>)) -> PathBuf {
    let name = app_name(number);
    let framed = framed(&name, "KSS", &[]);
    let path = portal.write(&name, framed.split_inclusive("\r\n").next().unwrap());
    let mut file = BufWriter::new(File::options().append(true).open(&path).unwrap());
    go_on(&mut file);
    write!(file, "TRL~{records}\r\n").unwrap();
    file.flush().unwrap();
    path
}

/// A line of a gigabyte, 190 MB in one line, 190 MB of NUL bytes and ten million empty lines: each is refused by a process that could not
/// hold it, and that takes a file without harm in it.
#[sqlx::test]
async fn f_34_floods_are_refused_in_little_memory(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let (name, text) = applicants(1, 3);
    let fits = portal.write(&name, text);
    let line = flood(&portal, 2, 1, |file| {
        let block = vec![b'x'; MEGABYTE];
        (0..201).for_each(|_| file.write_all(&block).unwrap());
        // The rest is said and never read.
        file.flush().unwrap();
        file.get_ref().set_len(1024 * MEGABYTE as u64).unwrap();
    });
    let long = flood(&portal, 3, 1, |file| {
        let block = vec![b'x'; MEGABYTE];
        (0..190).for_each(|_| file.write_all(&block).unwrap());
        file.write_all(b"\r\n").unwrap();
    });
    let nul = flood(&portal, 4, 1, |file| {
        file.flush().unwrap();
        file.get_ref().set_len(190 * MEGABYTE as u64).unwrap();
    });
    let empty = flood(&portal, 5, 0, |file| (0..10_000_000).for_each(|_| file.write_all(b"\r\n").unwrap()));
    for path in [fits, line, long, nul, empty] {
        let mut program = portal.program();
        program.arg("receive").arg(&path);
        let status = within(KILOBYTES, &program).status().unwrap();
        assert!(status.code().is_some(), "{}: {status}", path.display());
    }
    let codes =
        "select string_agg(coalesce(code, state), ' ' order by file_name) from interface_files where direction = 'in'";
    assert_eq!(portal.text(codes).await, "confirmed F13 F04 F14 F04");
    portal.run_jobs().await;
}
