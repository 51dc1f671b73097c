//! `hr store serve`: the recordings over HTTP/1.1, for a gateway that keeps what it leaves out and for who asks for it.
//!
//! `PUT /objects/HASH` keeps a body under the beginning of its BLAKE3 hash, `GET /objects/HANDLE` gives it back, byte for
//! byte. Without a token only programs on the same machine are served, and no web page.

use std::convert::Infallible;
use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::cli::error::{CliError, CliResult, ErrorKind};
use crate::store::dir::DirStore;
use crate::store::{Meta, Recording, Reference, Store, StoreError};

/// How much a body may have, in bytes.
const LONGEST: usize = 64 << 20;
/// How many connections are served at once; further ones wait.
const CONNECTIONS: usize = 64;
/// How long a request may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// Serves the recordings over HTTP.
///
/// PUT /objects/HASH keeps the body; HASH is at least the first 16 hexadecimal digits of its BLAKE3 hash. GET
/// /objects/HANDLE gives a recording back, GET /health answers `ok`. Ends when it is told to (SIGTERM, ^C).
#[derive(Debug, clap::Args)]
pub struct ServeArgs {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7378")]
    listen: SocketAddr,

    /// A file with a token that every request has to send as `Authorization: Bearer TOKEN`; needed on other addresses than
    /// those of this machine
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// Serves until the program is ended.
pub fn run(args: &ServeArgs, store: DirStore) -> CliResult {
    let token = args.token_file.as_ref().map(token).transpose()?;
    if token.is_none() && !args.listen.ip().is_loopback() {
        return Err(CliError::usage(format!("{} can be reached from other machines", args.listen))
            .hint("`--token-file FILE` lets only those in who know the token"));
    }
    let cannot = |error: std::io::Error| {
        CliError::new(ErrorKind::Input, format!("cannot listen on {}: {error}", args.listen))
            .hint("`--listen ADDRESS` names another address")
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(cannot)?;
    runtime.block_on(async {
        let listener = TcpListener::bind(args.listen).await.map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        let _ = writeln!(std::io::stdout(), "hr: originals are at http://{address}/objects");
        serve(listener, Arc::new(Server { store, token })).await;
        Ok(ExitCode::SUCCESS)
    })
}

fn token(path: &PathBuf) -> Result<String, CliError> {
    let text = fs::read_to_string(path)
        .map_err(|error| CliError::input(format!("cannot read the token in `{}`: {error}", path.display())))?;
    match text.trim() {
        "" => Err(CliError::input(format!("there is no token in `{}`", path.display()))),
        token => Ok(token.to_owned()),
    }
}

async fn serve(listener: TcpListener, server: Arc<Server>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, for one; the next may work.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let server = Arc::clone(&server);
        tokio::spawn(async move {
            let answer = service_fn(move |request| answered(Arc::clone(&server), request));
            let mut connection = http1::Builder::new();
            connection.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
            // A connection that breaks is the other side's loss.
            let _ = connection.serve_connection(TokioIo::new(stream), answer).await;
            drop(place);
        });
    }
}

#[derive(Debug)]
struct Server {
    store: DirStore,
    token: Option<String>,
}

/// An answer that is an error, with what to do.
type Refusal = (StatusCode, String);

async fn answered(server: Arc<Server>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let answer = match server.admitted(&request) {
        Ok(()) => server.answer(request).await,
        Err(refusal) => Err(refusal),
    };
    let (status, kind, body) = match answer {
        Ok((status, kind, body)) => (status, kind, body),
        Err((status, why)) => {
            (status, "application/json", Bytes::from(serde_json::json!({ "error": why }).to_string()))
        }
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(response)
}

impl Server {
    /// Lets in who may be: with the token where there is one, and never a web page, whatever its name leads to.
    fn admitted(&self, request: &Request<Incoming>) -> Result<(), Refusal> {
        let headers = request.headers();
        let is_page =
            headers.contains_key(header::ORIGIN) || request.method() == Method::GET && !names_this_machine(headers);
        let Some(token) = &self.token else {
            return if is_page { Err((StatusCode::FORBIDDEN, "web pages are not served".into())) } else { Ok(()) };
        };
        let told = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
        match told.and_then(|told| told.strip_prefix(b"Bearer ")) {
            // Hashes are compared, so that the time it takes tells nothing about the token.
            Some(told) if blake3::hash(told) == blake3::hash(token.as_bytes()) => Ok(()),
            _ => Err((StatusCode::UNAUTHORIZED, "send the token as `Authorization: Bearer TOKEN`".into())),
        }
    }

    /// Answers a request that was let in.
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Result<(StatusCode, &'static str, Bytes), Refusal> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        match (method, path.strip_prefix("/objects/")) {
            (Method::GET, _) if path == "/health" => Ok((StatusCode::OK, "text/plain", Bytes::from_static(b"ok\n"))),
            (Method::GET, Some(name)) => {
                let name = name.to_owned();
                blocking(move || self.given(&name)).await
            }
            (Method::PUT, Some(hash)) => {
                let hash = hash.to_owned();
                let too_long = || (StatusCode::PAYLOAD_TOO_LARGE, format!("a body has at most {LONGEST} bytes"));
                if request.size_hint().lower() > LONGEST as u64 {
                    return Err(too_long());
                }
                let body = tokio::time::timeout(PATIENCE, Limited::new(request.into_body(), LONGEST).collect()).await;
                let body = body.map_err(|_| (StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time".into()))?;
                let body = body.map_err(|error| match error.downcast_ref::<LengthLimitError>() {
                    Some(_) => too_long(),
                    None => (StatusCode::BAD_REQUEST, format!("the body cannot be read: {error}")),
                })?;
                let body = body.to_bytes();
                blocking(move || self.kept(&hash, &body)).await
            }
            (_, Some(_)) => Err((StatusCode::METHOD_NOT_ALLOWED, "GET or PUT /objects/NAME".into())),
            (_, None) => Err((StatusCode::NOT_FOUND, "there are /objects/NAME and /health".into())),
        }
    }

    fn given(&self, name: &str) -> Result<(StatusCode, &'static str, Bytes), Refusal> {
        let reference: Reference = name.parse().map_err(refusal)?;
        let handle = self.store.find(&reference).map_err(refusal)?;
        let stored = self.store.get(&handle).map_err(refusal)?;
        Ok((StatusCode::OK, "application/octet-stream", Bytes::from(stored.stdout)))
    }

    fn kept(&self, hash: &str, body: &[u8]) -> Result<(StatusCode, &'static str, Bytes), Refusal> {
        /// Fewer digits are no proof that nothing was lost on the way.
        const FEWEST: usize = 16;
        let recording = Recording::merged(body);
        if hash.len() < FEWEST || !recording.handle().to_hex().starts_with(hash) {
            return Err((
                StatusCode::UNPROCESSABLE_ENTITY,
                format!("the name has to be {FEWEST} or more digits of the BLAKE3 hash of the body, in lower case"),
            ));
        }
        let handle = self.store.put(&recording, &Meta::default()).map_err(refusal)?;
        let answer = serde_json::json!({ "handle": handle, "hash": handle.to_hex(), "bytes": body.len() });
        Ok((StatusCode::CREATED, "application/json", Bytes::from(answer.to_string())))
    }
}

/// Whether the host that was asked for is this machine by an address or `localhost`.
fn names_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let is_loopback = |host: &str| host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    let name = host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')).map_or(host, |(name, _)| name);
    name == "localhost" || is_loopback(name.trim_matches(['[', ']']))
}

/// Runs what waits for files where it holds nothing up.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Refusal> + Send + 'static) -> Result<T, Refusal> {
    let broken = || Err((StatusCode::INTERNAL_SERVER_ERROR, "hr broke; please report it".into()));
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| broken())
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn refusal(error: StoreError) -> Refusal {
    let status = match &error {
        StoreError::Malformed(_) => StatusCode::BAD_REQUEST,
        StoreError::Unknown { .. } | StoreError::TooFew { .. } => StatusCode::NOT_FOUND,
        StoreError::Gone { .. } => StatusCode::GONE,
        StoreError::Ambiguous { .. } => StatusCode::CONFLICT,
        StoreError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        StoreError::Corrupt { .. } | StoreError::Io { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, error.to_string())
}
