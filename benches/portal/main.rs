//! Speed, each as a ratio to the bare equivalent in the same run. `make bench` runs it; `quick` as an argument makes it small, for a look.
//! `soak` is what `make soak` runs.

mod bare;

mod files;
mod ground;
mod inbox;
mod load;
mod mangle;
mod national;
mod office;
mod report;
mod soak;

use anyhow::Result;

// As the program itself: what is measured is what runs.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<()> {
    // And where it runs.
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measured())
}

async fn measured() -> Result<()> {
    let quick = std::env::args().any(|argument| argument == "quick");
    let only = std::env::args()
        .find(|argument| ["inbox", "applicants", "outbound", "changeover", "soak"].contains(&argument.as_str()));
    let wanted = |name: &str| only.as_deref().is_none_or(|one| one == name);
    let mut report = report::Report::default();
    let day = std::env::var("BENCH_DAY").unwrap_or_else(|_| "undated".to_owned());
    report.line(format!(
        "Changeover {}, {day}, {} cores{}",
        changeover::schema::RELEASE,
        std::thread::available_parallelism()?,
        if quick { ", quick: figures mean nothing" } else { "" }
    ));
    // Not a measure but a trial: asked for by its name alone, and not kept.
    if only.as_deref() == Some("soak") {
        return soak::run(&mut report).await;
    }
    if wanted("inbox") {
        inbox::measure(&mut report, quick).await?;
    }
    if wanted("applicants") {
        files::measure_applicants(&mut report, quick).await?;
    }
    if wanted("outbound") {
        files::measure_generic_outbound(&mut report, quick).await?;
    }
    if wanted("changeover") {
        national::measure(&mut report, quick).await?;
    }
    if !quick {
        report.keep(&day)?;
    }
    Ok(())
}
