//! Tokens that somebody made up: all of them are 401, none is 500, and none makes the API fetch anything.

use std::fmt::Write as _;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use functions_shared::person::Grant;
use functions_shared::testing::{ring_in, ring_key};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::door::{RING, World};

const WHO: &str = "/api/auth/session";
const HEADER: &str = r#"{"alg":"RS256","kid":"test","typ":"crew-session+jwt"}"#;

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The key that really signs, in the hands of the attacker's harness: so nothing but the tested part is wrong.
fn our_key() -> RsaKeyPair {
    let pem = ring_key("test").1;
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    RsaKeyPair::from_pkcs8(&BASE64_STANDARD.decode(body).expect("base64")).expect("a key")
}

fn signed_by(key: &RsaKeyPair, padding: &'static dyn RsaEncoding, header: &str, claims: &str) -> String {
    let message = format!("{}.{}", encoded(header), encoded(claims));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(padding, &SystemRandom::new(), message.as_bytes(), &mut signature).expect("a signature");
    format!("{message}.{}", encoded(signature))
}

fn signed(header: &str, claims: &str) -> String {
    signed_by(&our_key(), &RSA_PKCS1_SHA256, header, claims)
}

/// Claims that open, as text; `change` spoils them.
async fn claims(world: &World, change: impl FnOnce(&mut Value)) -> String {
    let (_, token) = world.signed_in("Robin", &[Grant::Crew]).await;
    let part = token.split('.').nth(1).expect("claims");
    let mut claims: Value =
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON");
    change(&mut claims);
    claims.to_string()
}

async fn all_are_refused(world: &World, tokens: impl IntoIterator<Item = (String, String)>) {
    world.get_as(&world.signed_in("Ana", &[Grant::Crew]).await.1, WHO).await;
    let before = (world.people.calls(), world.parameters.reads());
    for (what, token) in tokens {
        let answer = world.get_as(&token, WHO).await;
        assert_eq!(answer.status.as_u16(), 401, "{what}");
    }
    assert_eq!((world.people.calls(), world.parameters.reads()), before, "a forged token made us read something");
}

#[tokio::test]
async fn the_harness_itself_opens_what_is_sound() {
    let world = World::new([]);
    let claims = claims(&world, |_| ()).await;
    assert_eq!(world.get_as(&signed(HEADER, &claims), WHO).await.status.as_u16(), 200);
}

#[tokio::test]
async fn no_other_algorithm_opens() {
    let world = World::new([]);
    let claims = claims(&world, |_| ()).await;
    let with = |alg: &str| HEADER.replace("RS256", alg);
    let mut tokens = Vec::new();
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        tokens.push((format!("alg {alg:?}"), format!("{}.{}.", encoded(with(alg)), encoded(&claims))));
    }
    let jwk = ring_key("test").0;
    for secret in [jwk.n.as_bytes(), &BASE64_URL_SAFE_NO_PAD.decode(&jwk.n).expect("base64"), b""] {
        let message = format!("{}.{}", encoded(with("HS256")), encoded(&claims));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
        tokens.push(("HS256 with the public key".to_owned(), format!("{message}.{}", encoded(tag.as_ref()))));
    }
    let key = our_key();
    tokens.push(("RS384".to_owned(), signed_by(&key, &RSA_PKCS1_SHA384, &with("RS384"), &claims)));
    tokens.push(("PS256".to_owned(), signed_by(&key, &RSA_PSS_SHA256, &with("PS256"), &claims)));
    tokens.push(("PS256 called RS256".to_owned(), signed_by(&key, &RSA_PSS_SHA256, HEADER, &claims)));
    tokens.push(("RS384 called RS256".to_owned(), signed_by(&key, &RSA_PKCS1_SHA384, HEADER, &claims)));
    for alg in ["ES256", "ES256K", "EdDSA", "RS512", "rs256", "RS256 "] {
        tokens.push((alg.to_owned(), signed(&with(alg), &claims)));
    }
    all_are_refused(&world, tokens).await;
}

#[tokio::test]
async fn no_key_that_a_token_brings_along_is_used() {
    let world = World::new([]);
    let claims = claims(&world, |_| ()).await;
    let own = KeyPair::generate(KeySize::Rsa2048).expect("a key");
    let own = RsaKeyPair::from_pkcs8(own.as_der().expect("DER").as_ref()).expect("a key");
    let jwk = json!(ring_key("own").0);
    let more = [
        ("jwk", jwk),
        ("jku", json!("http://127.0.0.1:9/jwks.json")),
        ("x5u", json!("http://127.0.0.1:9/x5u")),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
    ];
    let mut tokens = vec![("another key".to_owned(), signed_by(&own, &RSA_PKCS1_SHA256, HEADER, &claims))];
    for (member, value) in more {
        let mut header: Value = serde_json::from_str(HEADER).expect("JSON");
        header[member] = value;
        tokens.push((member.to_owned(), signed_by(&own, &RSA_PKCS1_SHA256, &header.to_string(), &claims)));
        tokens.push((format!("{member}, well signed"), signed(&header.to_string(), &claims)));
    }
    all_are_refused(&world, tokens).await;
}

#[tokio::test]
async fn odd_names_of_keys_lead_nowhere() {
    let world = World::new([]);
    let claims = claims(&world, |_| ()).await;
    let kids =
        ["../ring", "/crew/jwt/keys/test", "' OR 1=1 --", "http://127.0.0.1:9/", "", "unknown", "test\\u0000", "Test"];
    let mut tokens: Vec<_> =
        kids.iter().map(|kid| (format!("kid {kid}"), signed(&HEADER.replace("test", kid), &claims))).collect();
    tokens.push(("kid of 10 kB".to_owned(), signed(&HEADER.replace("test", &"k".repeat(10_000)), &claims)));
    for kid in ["null", "1", "[\"test\"]", "{}"] {
        tokens.push((format!("kid {kid}"), signed(&HEADER.replace("\"test\"", kid), &claims)));
    }
    let twice = HEADER.replace("\"kid\":", "\"kid\":\"other\",\"kid\":");
    tokens.push(("kid twice".to_owned(), signed(&twice, &claims)));
    for typ in ["JWT", "crew-challenge+jwt", "", "at+jwt"] {
        tokens.push((format!("typ {typ}"), signed(&HEADER.replace("crew-session+jwt", typ), &claims)));
    }
    tokens.push(("no typ".to_owned(), signed(r#"{"alg":"RS256","kid":"test"}"#, &claims)));
    tokens.push(("no kid".to_owned(), signed(r#"{"alg":"RS256","typ":"crew-session+jwt"}"#, &claims)));
    all_are_refused(&world, tokens).await;
}

#[tokio::test]
async fn every_claim_must_be_there_and_be_of_its_type() {
    let world = World::new([]);
    let sound = claims(&world, |_| ()).await;
    let odd = [
        "null",
        "\"1795248000\"",
        "1795248000.5",
        "1.7e9",
        "1e400",
        "[1795248000]",
        "{}",
        "true",
        "-1",
        "99999999999999999999",
    ];
    let mut tokens = Vec::new();
    for claim in ["iss", "aud", "sub", "jti", "generation", "roles", "iat", "nbf", "exp"] {
        let mut without: Value = serde_json::from_str(&sound).expect("JSON");
        let value = without.as_object_mut().expect("claims").remove(claim).expect("a claim");
        tokens.push((format!("no {claim}"), signed(HEADER, &without.to_string())));
        let member = format!("\"{claim}\":{value}");
        let twice = sound.replacen(&member, &format!("{member},{member}"), 1);
        tokens.push((format!("{claim} twice"), signed(HEADER, &twice)));
        for value in odd {
            // A time before 1970 is a number, and in `iat` or `nbf` long past.
            if value == "-1" && matches!(claim, "iat" | "nbf") {
                continue;
            }
            let changed = sound.replacen(&member, &format!("\"{claim}\":{value}"), 1);
            assert_ne!(changed, sound);
            tokens.push((format!("{claim} {value}"), signed(HEADER, &changed)));
        }
    }
    for (claim, value) in [("iss", "/other/jwt"), ("aud", "report-mailer"), ("sub", ""), ("jti", "")] {
        let changed = claims(&world, |claims| claims[claim] = json!(value)).await;
        tokens.push((format!("{claim} of others"), signed(HEADER, &changed)));
    }
    let more = claims(&world, |claims| claims["admin"] = json!(true)).await;
    tokens.push(("a claim of their own".to_owned(), signed(HEADER, &more)));
    all_are_refused(&world, tokens).await;
}

#[tokio::test]
async fn clocks_may_differ_by_a_minute_and_not_by_two() {
    let world = World::new([]);
    let (_, token) = world.signed_in("Robin", &[Grant::Crew]).await;
    world.clock.advance(SignedDuration::from_secs(-60));
    assert_eq!(world.get_as(&token, WHO).await.status.as_u16(), 200);
    world.clock.advance(SignedDuration::from_secs(-60));
    world.get_as(&token, WHO).await.is_problem(401);
}

#[tokio::test]
async fn a_token_in_another_form_opens_nothing() {
    let world = World::new([]);
    let claims = claims(&world, |_| ()).await;
    let sound = signed(HEADER, &claims);
    let parts: Vec<&str> = sound.split('.').collect();
    let mut cut = String::new();
    write!(cut, "{}.{}.{}", parts[0], parts[1], &parts[2][..10]).expect("a text");
    let tokens = [
        ("two signatures", format!("{sound}.{}", parts[2])),
        ("no signature", format!("{}.{}", parts[0], parts[1])),
        ("an empty signature", format!("{}.{}.", parts[0], parts[1])),
        ("a cut signature", cut),
        ("trailing bytes", format!("{sound}AA")),
        ("padding", format!("{sound}==")),
        ("five parts", format!("{sound}.a.b")),
        ("JSON serialisation", json!({ "payload": parts[1], "signature": parts[2] }).to_string()),
        ("a value behind the claims", signed(HEADER, &format!("{claims}{{}}"))),
        ("claims that are no object", signed(HEADER, "[]")),
        ("deep claims", signed(HEADER, &"[".repeat(900))),
        ("nothing", String::new()),
        ("dots", "..".to_owned()),
        ("100 kB", "x".repeat(60_000)),
    ];
    all_are_refused(&world, tokens.map(|(what, token)| (what.to_owned(), token))).await;
}

#[tokio::test]
async fn unknown_keys_cause_one_read_in_thirty_seconds() {
    let world = World::new([]);
    let claims = claims(&world, |_| ()).await;
    world.get_as(&signed(HEADER, &claims), WHO).await;
    world.clock.advance(SignedDuration::from_secs(30));
    let before = world.parameters.reads();
    for number in 0..200 {
        let token = signed(&HEADER.replace("test", &format!("k{number}")), &claims);
        world.get_as(&token, WHO).await.is_problem(401);
    }
    assert_eq!(world.parameters.reads() - before, 1);
}

#[tokio::test]
async fn a_short_key_signs_nothing_even_when_it_is_in_the_ring() {
    let world = World::new([]);
    let claims = claims(&world, |_| ()).await;
    let token = signed(HEADER, &claims);
    ring_in(&world.parameters, RING, &["test"]);
    let name = format!("{RING}/ring");
    let ring = functions_shared::parameters::Parameters::read(&*world.parameters, &name.parse().expect("a name")).await;
    let Ok(ring) = ring else { panic!("there is no ring") };
    let mut ring: Value = serde_json::from_str(ring.expose()).expect("JSON");
    // 1,024 bits.
    ring["keys"][0]["jwk"]["n"] = json!(encoded([0xc5; 128]));
    world.parameters.set(&name, &ring.to_string());
    world.get_as(&token, WHO).await.is_problem(401);
}
