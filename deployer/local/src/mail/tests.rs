use std::net::Ipv4Addr;

use http_body_util::BodyExt as _;
use hyper::{Request, StatusCode};
use tokio::net::TcpListener;

use super::*;
use crate::tap::Tap;

const MESSAGE: &str = "From: \"Crew\" <crew@example.org>\r\nTo: ceo@example.org\r\nSubject: =?utf-8?Q?Caf=C3=A9_report?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n\
--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nR=C3=A9sum=C3=A9\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>R\u{e9}sum\u{e9}</p>\r\n--b--\r\n";

fn seen(id: &str, timestamp: f64) -> serde_json::Value {
    serde_json::json!({ "MessageId": id, "Source": "crew@example.org", "To": ["ceo@example.org"], "CC": [], "BCC": ["audit@example.org"], "Subject": "=?utf-8?...", "BodyText": "as read by ministack", "BodyHtml": null, "Timestamp": timestamp, "Type": "v2.SendEmail" })
}

/// An AWS that gives the id `m1@ses` to each mail and tells of the given ones.
async fn aws(told: Vec<serde_json::Value>) -> (String, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let answer = serde_json::json!({ "messages": { "000000000000": told } }).to_string();
    let served = tokio::spawn(http::serve(listener, move |request: Request<hyper::body::Incoming>, _| {
        let answer = if request.uri().path() == "/_ministack/ses/messages" {
            answer.clone()
        } else {
            "{\"MessageId\":\"m1@ses\"}".to_owned()
        };
        async move {
            request.into_body().collect().await?;
            Ok(http::words(StatusCode::OK, answer))
        }
    }));
    (endpoint, served)
}

#[tokio::test]
async fn mail_that_a_function_sends_is_read_as_it_was_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let mailbox = Mailbox::in_folder(folder.path().join("mail"));
    let (upstream, _aws) = aws(vec![seen("m1@ses", 1_790_000_000.5)]).await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let tap = format!("http://{}", listener.local_addr().expect("an address"));
    let _tap = tokio::spawn(Tap::new(upstream.clone(), mailbox.clone()).serve(listener));
    let data = {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(MESSAGE)
    };
    let body = serde_json::json!({ "Content": { "Raw": { "Data": data } }, "Destination": { "ToAddresses": ["ceo@example.org"], "BccAddresses": ["audit@example.org"] } });
    let sent = http::client()
        .request(
            Request::post(format!("{tap}/v2/email/outbound-emails"))
                .body(http::whole(body.to_string()))
                .expect("a request"),
        )
        .await
        .expect("an answer");
    assert_eq!(sent.into_body().collect().await.expect("a body").to_bytes(), "{\"MessageId\":\"m1@ses\"}");
    let mails = mailbox.messages(&http::client(), &upstream).await.expect("mail");
    let (anew, _aws) = aws(vec![]).await;
    assert_eq!(mailbox.messages(&http::client(), &anew).await.expect("mail"), mails, "a restart forgets none");
    let mail = &mails[0];
    assert_eq!((mail.subject.as_str(), mail.text.trim(), mail.html.trim()), ("Café report", "Résumé", "<p>Résumé</p>"));
    assert_eq!(
        (mail.to.join(","), mail.bcc.join(","), mail.raw.as_deref()),
        ("ceo@example.org".to_owned(), "audit@example.org".to_owned(), Some(MESSAGE))
    );
}

#[tokio::test]
async fn mail_without_its_original_is_told_as_ministack_knows_it_oldest_first() {
    let (upstream, _aws) = aws(vec![seen("late", 20.0), seen("early", 10.0)]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mailbox = Mailbox::in_folder(folder.path().join("mail"));
    let mails = mailbox.messages(&http::client(), &upstream).await.expect("mail");
    assert_eq!(
        mails.iter().map(|mail| (mail.id.as_str(), mail.raw.as_deref())).collect::<Vec<_>>(),
        [("early", None), ("late", None)]
    );
    assert_eq!(
        (mails[0].text.as_str(), mails[0].at.to_string()),
        ("as read by ministack", "1970-01-01T00:00:10Z".to_owned())
    );
}

#[test]
fn an_id_cannot_name_a_file_outside_the_mailbox() {
    let folder = tempfile::tempdir().expect("a folder");
    let mailbox = Mailbox::in_folder(folder.path().join("mail"));
    mailbox.keep("../../out/x", b"m").expect("a file");
    assert_eq!(std::fs::read_dir(folder.path().join("mail")).expect("a folder").count(), 1);
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
}
