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

async fn shown(mails: &[Mail], path: &str) -> (u16, String) {
    let response = page::answer(mails, path);
    let status = response.status().as_u16();
    (
        status,
        String::from_utf8(response.into_body().collect().await.expect("a body").to_bytes().to_vec()).expect("text"),
    )
}

fn hostile() -> Mail {
    Mail {
        id: "m1@ses".into(),
        from: "<script>from</script>".into(),
        to: vec!["\"><script>to</script>".into()],
        cc: vec![],
        bcc: vec!["audit@example.org".into()],
        subject: "</title><script>subject</script>".into(),
        text: "</pre><script>text</script>".into(),
        html: "<p title=\"x\">Hello</p><script>html</script>".into(),
        raw: Some("Subject: raw".into()),
        at: Timestamp::UNIX_EPOCH,
    }
}

#[tokio::test]
async fn nothing_of_a_message_becomes_markup_of_the_page() {
    for path in ["/", "/m1@ses"] {
        let (status, page) = shown(&[hostile()], path).await;
        assert_eq!(status, 200);
        assert!(!page.contains("<script"), "{page}");
    }
    let (_, page) = shown(&[hostile()], "/m1@ses").await;
    assert!(
        page.contains("<iframe sandbox title=\"The message as HTML\" srcdoc=\"&lt;p title=&quot;x&quot;&gt;Hello"),
        "{page}"
    );
    assert!(page.contains("audit@example.org"), "{page}");
}

#[tokio::test]
async fn the_message_itself_is_plain_text_and_others_are_a_404() {
    assert_eq!(shown(&[hostile()], "/m1@ses/raw").await, (200, "Subject: raw".to_owned()));
    assert_eq!(shown(&[hostile()], "/m2@ses").await.0, 404);
    let policy =
        page::answer(&[hostile()], "/").headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("script-src"), "{policy}");
}
