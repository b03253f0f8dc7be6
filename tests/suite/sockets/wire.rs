//! HTTP/1.1 by hand: what is sent goes over the wire byte for byte, and all that comes back is read.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::oneshot,
    time::timeout,
};

/// A request as it is written. Every character is one byte, so that `\u{ff}` is no UTF-8; `{token}` is
/// the token that is sent.
#[derive(Clone, Debug)]
pub struct Request {
    method: String,
    target: String,
    version: &'static str,
    lines: Vec<String>,
    body: String,
}

impl Request {
    /// A request by which the connection ends.
    pub fn new(method: &str, target: &str) -> Self {
        let lines = ["Host: api.example.com", "Connection: close"].map(str::to_owned).to_vec();
        let (method, target) = (method.to_owned(), target.to_owned());
        Self { method, target, version: "HTTP/1.1", lines, body: String::new() }
    }

    pub fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// Adds a field line.
    pub fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    pub fn lines(self, lines: &[&str]) -> Self {
        lines.iter().fold(self, |request, line| request.line(*line))
    }

    /// Sends the token as clients do.
    pub fn bearing(self) -> Self {
        self.line("Authorization: Bearer {token}")
    }

    /// Leaves the lines out that name this field.
    pub fn without(mut self, field: &str) -> Self {
        let field = field.to_ascii_lowercase();
        self.lines.retain(|line| !line.to_ascii_lowercase().starts_with(&field));
        self
    }

    /// What follows the head, whatever the fields say of it.
    pub fn body(mut self, body: &str) -> Self {
        self.body = body.to_owned();
        self
    }

    pub fn version(mut self, version: &'static str) -> Self {
        self.version = version;
        self
    }

    pub fn target(&self) -> &str {
        &self.target
    }

    /// The same without the lines that carry the token.
    pub fn anonymous(mut self) -> Self {
        self.lines.retain(|line| !line.contains("{token}"));
        self
    }

    fn write(&self, token: &str, bytes: &mut Vec<u8>) {
        let Self { method, target, version, lines, body } = self;
        let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        let text = format!("{method} {target} {version}\r\n{lines}\r\n{body}");
        let text = text.replace("{token}", token);
        bytes.extend(text.chars().map(|letter| u8::try_from(letter).unwrap()));
    }
}

/// What a client sees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub challenge: Option<String>,
    pub retry_after: Option<String>,
    pub cache_control: Option<String>,
    pub grpc_status: Option<String>,
    pub body: String,
    /// Whether `100 Continue` came before it.
    pub continued: bool,
}

/// Sends the requests at once on one connection, and reads until the server closes it. Once as many
/// answers have come as requests were sent, no more is sent; a server that waits for a body then knows.
pub async fn exchange(address: SocketAddr, requests: &[Request], token: &str) -> Vec<Answer> {
    let mut sent = Vec::new();
    requests.iter().for_each(|request| request.write(token, &mut sent));
    let methods: Vec<&str> = requests.iter().map(|request| request.method.as_str()).collect();
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut input, mut output) = stream.into_split();
    let (answered, is_answered) = oneshot::channel::<()>();
    let write = async {
        // A server may answer and close before it has read everything.
        drop(output.write_all(&sent).await);
        drop(is_answered.await);
        drop(output.shutdown().await);
    };
    let read = async {
        let (mut received, mut answered) = (Vec::new(), Some(answered));
        while input.read_buf(&mut received).await.is_ok_and(|length| length > 0) {
            if read_answers(&received, &methods).0.len() >= methods.len() {
                answered.take();
            }
        }
        received
    };
    let received = timeout(Duration::from_secs(10), async { tokio::join!(read, write).0 }).await;
    let received = received.unwrap_or_else(|_| panic!("the connection stays open: {requests:?}"));
    let (answers, rest) = read_answers(&received, &methods);
    assert!(rest.is_empty(), "{requests:?}: {:?}", String::from_utf8_lossy(rest));
    answers
}

/// Reads the answers that are there, and returns what is no whole one.
fn read_answers<'r>(mut rest: &'r [u8], methods: &[&str]) -> (Vec<Answer>, &'r [u8]) {
    let mut answers = Vec::new();
    loop {
        let method = methods.get(answers.len()).copied().unwrap_or_default();
        match read_answer(rest, method) {
            Some((answer, after)) => {
                answers.push(answer);
                rest = after;
            }
            None => return (answers, rest),
        }
    }
}

/// Reads one answer; `None` if it is not all there.
fn read_answer<'r>(rest: &'r [u8], method: &str) -> Option<(Answer, &'r [u8])> {
    let (head, rest) = split_at(rest, "\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let status: u16 = lines.next()?.split(' ').nth(1)?.parse().unwrap();
    if status == 100 {
        let (answer, rest) = read_answer(rest, method)?;
        return Some((Answer { continued: true, ..answer }, rest));
    }
    let fields: Vec<(String, &str)> = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
        .collect();
    let field = |wanted: &str| {
        let mut values = fields.iter().filter(|(name, _)| name == wanted);
        let value = values.next().map(|(_, value)| (*value).to_owned());
        assert!(values.next().is_none(), "{wanted} occurs twice: {head}");
        value
    };
    assert_eq!(field("transfer-encoding"), None, "all bodies here have a length");
    let length = match field("content-length") {
        Some(length) if method != "HEAD" => length.parse().unwrap(),
        _ => 0,
    };
    let (body, rest) = rest.split_at_checked(length)?;
    let answer = Answer {
        status,
        challenge: field("www-authenticate"),
        retry_after: field("retry-after"),
        cache_control: field("cache-control"),
        grpc_status: field("grpc-status"),
        body: String::from_utf8(body.to_vec()).unwrap(),
        continued: false,
    };
    Some((answer, rest))
}

/// Returns the text before the mark, and what follows it.
fn split_at<'r>(rest: &'r [u8], mark: &str) -> Option<(String, &'r [u8])> {
    let at = rest.windows(mark.len()).position(|window| window == mark.as_bytes())?;
    let (text, after) = rest.split_at_checked(at)?;
    Some((String::from_utf8(text.to_vec()).unwrap(), after.split_at_checked(mark.len())?.1))
}
