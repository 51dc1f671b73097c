//! `hr mcp`: serves the tools of [`crate::mcp`] over standard input and output.
//!
//! The protocol, of both eras, is the SDK's; here calls are handed to threads, so that a long one holds nobody up, and
//! whatever goes wrong in one of them is its answer and not the end of the server.

mod command;
mod opening;
mod printed;

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation, ListToolsResult, MetaObject,
    PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool, ToolAnnotations,
};
use rmcp::service::{RequestContext, RoleServer, ServerInitializeError};
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::transport::stdio_pipes;
use rmcp::{ErrorData, ServerHandler, ServiceExt};
use serde_json::{Map, Value};

use self::command::{Running, Stop};
use self::opening::Opening;
use super::show::unix_now;
use super::stats::sums::{self, By, Row, Sum};
use crate::cli::error::{CliError, CliResult, ErrorKind};
use crate::cli::home::home;
use crate::cli::journal::{self, Journal, Via};
use crate::cli::settings::Settings;
use crate::mcp::{self, Answer, CAPS, Called, INSTRUCTIONS, TOOLS};
use crate::store::dir::DirStore;
use crate::store::{Reference, Store};
use crate::tokens;

/// Serves what is stored, and compacted commands, to an agent over the Model Context Protocol
///
/// Started by the agent, not by hand: it reads requests on standard input and answers on standard output. Tools: hr_show
/// gives back what was left out, hr_search looks through all that is kept, hr_run runs a command and compacts its output,
/// hr_stats sums up. An answer has at most 2000 tokens unless the call says otherwise (max_tokens).
#[derive(Debug, clap::Args)]
pub struct McpArgs {
    /// Offer no tool that runs commands: rules of the agent about commands do not look into hr_run
    #[arg(long)]
    no_run: bool,
}

/// Serves until standard input ends.
pub fn run(args: &McpArgs, settings: &Settings) -> CliResult {
    let internal = |error: &dyn std::fmt::Display| CliError::new(ErrorKind::Internal, format!("cannot serve: {error}"));
    let store = settings.store().map_err(|error| error.to_string());
    let server = Server { store, running: Arc::default(), no_run: args.no_run };
    let running = Arc::clone(&server.running);
    running.stop_when_told().map_err(|error| internal(&error))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error: io::Error| internal(&error))?;
    let served = runtime.block_on(async {
        let (input, output) = stdio_pipes();
        let (transport, begun) = Opening::new(AsyncRwTransport::new_server(input, output));
        let service = server.serve(transport).await?;
        begun.store(true, Ordering::Relaxed);
        // The service ends with the connection, however that ends.
        let _ = service.waiting().await;
        Ok(())
    });
    running.stop();
    runtime.shutdown_background();
    match served {
        // A client that goes away before it has said anything is no failure.
        Ok(()) | Err(ServerInitializeError::ConnectionClosed(_)) => Ok(ExitCode::SUCCESS),
        Err(error) => Err(internal(&error)),
    }
}

/// The server: a store, and the commands that run.
#[derive(Debug)]
struct Server {
    /// The store, or why there is none.
    store: Result<DirStore, String>,
    running: Arc<Running>,
    no_run: bool,
}

impl Server {
    /// The tools that are offered.
    fn tools(&self) -> impl Iterator<Item = &'static mcp::Tool> {
        let no_run = self.no_run;
        TOOLS.iter().filter(move |tool| tool.is_read_only || !no_run)
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("hr", env!("CARGO_PKG_VERSION")))
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.tools().map(offered).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = self.tools().find(|tool| tool.name == request.name) else {
            let names = self.tools().map(|tool| tool.name).collect::<Vec<_>>().join(", ");
            return Err(ErrorData::invalid_params(
                format!("there is no tool `{}`; there are {names}", request.name),
                None,
            ));
        };
        let store = match &self.store {
            Ok(store) => store.clone(),
            Err(why) => return Ok(response(Answer::error(why.clone()))),
        };
        let arguments = request.arguments.unwrap_or_default();
        let running = Arc::clone(&self.running);
        let stop = Stop::default();
        let stopping = Arc::clone(&stop);
        let mut answering = tokio::task::spawn_blocking(move || answered(tool, &arguments, &store, &running, stop));
        let answered = tokio::select! {
            answered = &mut answering => answered,
            () = context.ct.cancelled() => {
                // Without effect on a call that runs nothing.
                stopping.store(true, Ordering::Relaxed);
                answering.await
            }
        };
        // A panic is on standard error by now.
        let broke =
            |_| Answer::error("this call broke hr, which is a bug of it; please report it. Other calls still work");
        Ok(response(answered.unwrap_or_else(broke)))
    }
}

/// Answers a call; takes as long as it takes.
fn answered(
    tool: &mcp::Tool,
    arguments: &Map<String, Value>,
    store: &DirStore,
    running: &Running,
    stop: Stop,
) -> Answer {
    // What is `last` now is another one after the answer.
    let asked = arguments.get("handle").map(|asked| asked.as_str().map_or_else(|| asked.to_string(), str::to_owned));
    let handle = asked.and_then(|asked| Some(store.find(&asked.parse::<Reference>().ok()?).ok()?.to_string()));
    let run = match mcp::answer(tool.name, arguments, store, unix_now()) {
        Some(Called::Answered(answer)) if answer.is_error => return answer,
        Some(Called::Answered(answer)) if tool.name == "hr_stats" => {
            return Answer::of(answer.text + &saved(unix_now()));
        }
        Some(Called::Answered(answer)) => {
            let tokens = tokens::estimate(answer.text.as_bytes()) as u64;
            journal::read_after_all(Via::Mcp, tokens, answer.text.len() as u64, handle);
            return answer;
        }
        Some(Called::Run(run)) => run,
        None => return Answer::error(format!("there is no tool `{}`", tool.name)),
    };
    match running.run(&run, stop) {
        Ok(outcome) => run.answer(&outcome, store),
        Err(refusal) => refusal.into(),
    }
}

/// How many rules are named in what was saved.
const RULES: usize = 8;

/// What the journal says that was saved: today, in all, and by rule.
fn saved(now: u64) -> String {
    let journal = home().ok().and_then(|home| journal::read(&home.join("journal"), 0).ok());
    let Some(Journal { entries, .. }) = journal.filter(|journal| !journal.entries.is_empty()) else {
        return String::new();
    };
    let midnight = now - now % 86_400;
    let today = &entries[entries.partition_point(|entry| entry.time < midnight)..];
    let told = |sum: &Sum| {
        let what = format!("about {} tokens saved, {:.1} %, in {} calls", sum.saved, sum.percent(), sum.calls);
        format!("{what}; {} retrievals gave back {}", sum.retrievals, sum.retrieved)
    };
    let first = entries.first().map_or_else(String::new, |entry| journal::date(entry.time).to_string());
    let mut text = format!("\ntoday (UTC): {}\n", told(&sums::total(today)));
    text += &format!("since {first}: {}\n", told(&sums::total(&entries)));
    for Row { name, sum, net_percent } in sums::by(By::Rule, &entries).iter().take(RULES) {
        text += &format!("{name}: {} tokens saved, {net_percent:.1} %, in {} calls\n", sum.saved, sum.calls);
    }
    text
}

/// A tool as the protocol has it.
fn offered(tool: &mcp::Tool) -> Tool {
    let annotations = ToolAnnotations::new().read_only(tool.is_read_only).open_world(!tool.is_read_only);
    let mut meta = Map::new();
    // Claude Code cuts longer answers of its own accord.
    meta.insert("anthropic/maxResultSizeChars".to_owned(), (CAPS.1 * 8).into());
    Tool::new(tool.name, tool.description, Arc::new(tool.schema()))
        .with_annotations(annotations)
        .with_meta(MetaObject(meta))
}

fn response(answer: Answer) -> CallToolResponse {
    let content = vec![ContentBlock::text(answer.text)];
    if answer.is_error { CallToolResult::error(content) } else { CallToolResult::success(content) }.into()
}
