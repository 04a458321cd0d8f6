//! Calls that are signed and sent here: of services of which a handful of operations is asked, without an SDK crate for
//! each. They are paced, gated and judged as the SDK's own are: [`Cloud::call`] sees no difference.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_credential_types::provider::error::CredentialsError;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::error::ErrorMetadata;
use bytes::Bytes;
use tokio::sync::Mutex;

use super::{CALL_TIMEOUT, CONNECT_TIMEOUT, Cloud};

/// Credentials that end sooner than this are asked for anew.
const RENEWED_BEFORE: Duration = Duration::from_secs(5 * 60);

/// The connection of all these services, and the credentials that were last found.
#[derive(Default)]
pub(super) struct Line {
    connector: OnceLock<Connector>,
    credentials: Mutex<Option<Credentials>>,
}

/// One request before it is signed.
pub(super) struct Question<'a> {
    /// For whom it is signed.
    pub service: &'a str,
    /// The region that it is signed for.
    pub region: &'a str,
    /// The HTTP method.
    pub method: &'a str,
    /// The whole address.
    pub address: &'a str,
    /// Headers beside those of the signature.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: String,
}

impl Cloud {
    /// Sends a question; `fault` reads an answer that is none.
    pub(super) async fn exchange(
        &self,
        question: Question<'_>,
        fault: fn(&HttpResponse, &[u8]) -> ErrorMetadata,
    ) -> Result<(HttpResponse, Bytes), SdkError<ErrorMetadata, HttpResponse>> {
        let credentials = self.credentials().await?;
        let request = signed(question, credentials).map_err(SdkError::construction_failure)?;
        let connector = self.clients.line.connector.get_or_init(connector);
        let (answer, text) = answered(connector, request, CALL_TIMEOUT).await?;
        if answer.status().is_success() {
            return Ok((answer, text));
        }
        let fault = fault(&answer, &text);
        Err(SdkError::service_error(fault, answer))
    }

    /// The credentials, kept until shortly before they end.
    async fn credentials(&self) -> Result<Credentials, SdkError<ErrorMetadata, HttpResponse>> {
        let mut kept = self.clients.line.credentials.lock().await;
        let lasts = |each: &Credentials| each.expiry().is_none_or(|end| end > SystemTime::now() + RENEWED_BEFORE);
        if let Some(credentials) = kept.as_ref().filter(|each| lasts(each)) {
            return Ok(credentials.clone());
        }
        let found = match self.config.credentials_provider() {
            Some(provider) => provider.provide_credentials().await,
            None => Err(CredentialsError::not_loaded_no_source()),
        };
        let lacking = |error: CredentialsError| SdkError::dispatch_failure(ConnectorError::user(error.into()));
        let found = found.map_err(lacking)?;
        Ok(kept.insert(found).clone())
    }
}

/// HTTP with the TLS of the SDK's own clients.
fn connector() -> Connector {
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).build();
    let connector = Connector::builder().connector_settings(settings);
    connector.tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build()
}

/// The whole answer to a request, if it is there within the limit.
async fn answered(
    connector: &Connector,
    request: HttpRequest,
    limit: Duration,
) -> Result<(HttpResponse, Bytes), SdkError<ErrorMetadata, HttpResponse>> {
    let whole = async {
        let mut answer = connector.call(request).await.map_err(SdkError::dispatch_failure)?;
        match ByteStream::new(answer.take_body()).collect().await {
            Ok(body) => Ok((answer, body.into_bytes())),
            Err(cut) => Err(SdkError::response_error(cut, answer)),
        }
    };
    tokio::time::timeout(limit, whole).await.map_err(SdkError::timeout_error)?
}

fn signed(question: Question<'_>, credentials: Credentials) -> Result<HttpRequest, BoxError> {
    let Question { service, region, method, address, headers, body } = question;
    let identity = credentials.into();
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(service)
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()?
        .into();
    let signable =
        SignableRequest::new(method, address, headers.iter().copied(), SignableBody::Bytes(body.as_bytes()))?;
    let (signature, _) = sign(signable, &parameters)?.into_parts().0.into_parts();
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method(method)?;
    request.set_uri(address)?;
    let signature = signature.iter().map(|header| (header.name().to_owned(), header.value().to_owned()));
    let own = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    for (name, value) in own.chain(signature) {
        request.headers_mut().try_insert(name, value)?;
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn an_answer_that_stands_still_half_way_is_given_up() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let mut request = HttpRequest::new(SdkBody::empty());
        request.set_uri(format!("http://{}/", listener.local_addr().expect("a bound socket"))).expect("an address");
        let stalled = async {
            let (mut socket, _) = listener.accept().await.expect("a caller");
            let asked = socket.read(&mut [0; 1024]).await.expect("a request");
            assert!(asked > 0, "something is asked");
            socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{").await.expect("it listens");
            std::future::pending::<()>().await;
        };
        let connector = connector();
        let told = tokio::select! {
            told = answered(&connector, request, Duration::from_millis(200)) => told,
            () = stalled => unreachable!("it never ends"),
        };
        assert!(matches!(told, Err(SdkError::TimeoutError(_))), "{told:?}");
    }
}
