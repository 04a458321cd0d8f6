//! The ring of keys and the front door's secret are rotated while people sign in and work: over the network, at the top rate
//! of the local AWS, by a deployer that is killed in every turn.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deployer_testbed::{Fault, Rule};
use hyper::Method;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::life::{ADMIN, Door};
use crate::world::World;

/// A page that only who is signed in gets.
const WHO: &str = "/api/auth/session";
/// How many ask at once.
const ASKERS: usize = 4;
/// How many requests are made at the top rate around each turn.
const IN_A_BURST: usize = 500;
/// How long an asker rests between two requests while nothing is turned.
const REST: Duration = Duration::from_millis(100);
/// How long nobody signs in after somebody did: an address may redeem sixty links in ten minutes.
const BETWEEN_SIGN_INS: Duration = Duration::from_secs(2);
/// How long a function may believe what it has read, however often it meets what it does not know; and a second.
const BELIEVED_FOR: Duration = Duration::from_secs(31);
/// How much later each turn is made than the one before, in seconds, by the deployer's clock: longer than its waits.
const LATER: i64 = 13 * 3_600;
/// How often in a row a token of a retired key is refused: every instance of the function has looked again by then.
const IN_A_ROW: usize = 20;
/// A hang guard.
const WITHIN: Duration = Duration::from_secs(400);
const KILLED_BEFORE: Fault = Fault::SignalBefore(Signal::KILL);
const KILLED_AFTER: Fault = Fault::SignalAfter(Signal::KILL);

/// People who ask without a pause, and what they were answered.
struct Load<'a> {
    door: Door<'a>,
    /// Tokens that count.
    tokens: RefCell<Vec<String>>,
    /// How many requests of the present burst are left.
    burst: Cell<usize>,
    /// How many were answered as they should be.
    answered: Cell<usize>,
    over: Cell<bool>,
}

impl Load<'_> {
    async fn status(&self, token: &str) -> u16 {
        let bearer = format!("Bearer {token}");
        self.door.send(Method::GET, WHO, &[("x-authorization", &bearer)], Value::Null).await.status
    }

    /// Asks on and on: who may is let in, who forges is not, and there are always keys to verify with.
    async fn ask(&self) {
        let mut number = 0;
        while !self.over.get() {
            let token = self.tokens.borrow()[number % self.tokens.borrow().len()].clone();
            assert_eq!(self.status(&token).await, 200, "a token that counts, after {} requests", self.answered.get());
            if number % 8 == 0 {
                assert_eq!(self.status(&forged(&token)).await, 401);
                let jwks = self.door.send(Method::GET, "/.well-known/jwks.json", &[], Value::Null).await;
                assert_eq!(jwks.status, 200, "{}", jwks.body);
                assert!(jwks.json()["keys"].as_array().is_some_and(|keys| !keys.is_empty()), "{}", jwks.body);
            }
            number += 1;
            self.answered.set(self.answered.get() + 1);
            match self.burst.get().checked_sub(1) {
                Some(left) => self.burst.set(left),
                None => tokio::time::sleep(REST).await,
            }
        }
    }

    /// One command under the top rate: killed as often as there are faults, then run once more.
    async fn turn(&self, line: &str, faults: &[(&str, Fault)]) {
        let world = self.door.world;
        self.burst.set(IN_A_BURST);
        for (operation, fault) in faults {
            world.wire.clear();
            world.wire.script(Rule::once(operation, *fault));
            let killed = world.run_killed(line).await;
            assert_eq!(world.wire.spoilt(), 1, "{line} is killed at {operation}: {killed}");
        }
        world.wire.clear();
        world.run(line).await.exits(0);
    }

    /// Somebody signs in; the token counts from now on.
    async fn sign_in(&self, admin: &crate::life::Sailor, name: &str) -> String {
        let token = self.door.invite(admin, name, &["crew"]).await.token;
        self.tokens.borrow_mut().push(token.clone());
        token
    }
}

/// The head of a token, and the rest of it.
fn parts(token: &str) -> (Value, &str) {
    let (head, rest) = token.split_once('.').expect("a token");
    (serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).expect("base64url")).expect("JSON"), rest)
}

/// The name of the key that signed a token.
fn kid(token: &str) -> String {
    parts(token).0["kid"].as_str().expect("a key's name").to_owned()
}

/// The same token as if a key had signed it that nobody knows.
fn forged(token: &str) -> String {
    let (mut head, rest) = parts(token);
    head["kid"] = json!("0123456789abcdef");
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(head.to_string()))
}

/// Publish, activate and retire, each killed before and after a call and run again.
async fn rotated(load: &Load<'_>, admin: &crate::life::Sailor) {
    let first = kid(&admin.token);
    let now = jiff::Timestamp::now().as_second();
    let line =
        |verb: &str, turn: i64| format!("secrets {verb} -s shipcaptaincrew -e local -y --at {}", now + turn * LATER);
    let publish = [("ssm:PutParameter", KILLED_AFTER), ("ssm:LabelParameterVersion", KILLED_BEFORE)];
    load.turn(&line("rotate secret.jwt secret.origin", 0), &publish).await;
    load.sign_in(admin, "Cleo").await;
    // The deployer waits longer than that: a function forgets within five minutes what it knows.
    tokio::time::sleep(BELIEVED_FOR).await;

    let activate = [("ssm:PutParameter", KILLED_AFTER), ("cloudfront:UpdateDistribution", KILLED_BEFORE)];
    load.turn(&line("resume", 1), &activate).await;
    let mut names = (0..).map(|number| format!("Robin{number}"));
    let newest = loop {
        let token = load.sign_in(admin, &names.next().expect("there are more")).await;
        if kid(&token) != first {
            break token;
        }
        tokio::time::sleep(BETWEEN_SIGN_INS).await;
    };

    // By the deployer's clock all that the former key signed is over.
    let former = load.tokens.replace(vec![newest]);
    assert!(former.len() >= 3, "{}", former.len());
    let retire = [("ssm:PutParameter", KILLED_AFTER), ("ssm:DeleteParameter", KILLED_BEFORE)];
    load.turn(&line("resume", 2), &retire).await;
    for token in former.iter().filter(|token| kid(token) == first) {
        let mut refused = 0;
        while refused < IN_A_ROW {
            refused = if load.status(token).await == 401 { refused + 1 } else { 0 };
        }
    }
    load.over.set(true);
}

#[tokio::test]
async fn nobody_is_refused_while_keys_are_rotated_and_a_retired_key_opens_nothing() {
    let world = World::product(false).await;
    world.run("up -s shipcaptaincrew -e local -y").await.exits(0);
    let door = Door { world: &world, host: format!("{}.cloudfront.localhost", world.label().await) };
    let asked = door.send(Method::POST, "/api/auth/links", &[], json!({ "email": ADMIN })).await;
    assert_eq!(asked.status, 202, "{}", asked.body);
    let admin = door.sign_in(ADMIN).await;
    let tokens = RefCell::new(vec![admin.token.clone()]);
    let load = Load { door, tokens, burst: Cell::new(0), answered: Cell::new(0), over: Cell::new(false) };
    let askers = futures::future::join_all((0..ASKERS).map(|_| load.ask()));
    let began = std::time::Instant::now();
    let all = async { tokio::join!(askers, rotated(&load, &admin)) };
    tokio::time::timeout(WITHIN, all).await.expect("it does not hang");
    assert!(load.answered.get() > 3 * IN_A_BURST / 2, "{} requests", load.answered.get());
    println!("{} requests in {:?}, none refused that may not be", load.answered.get(), began.elapsed());
}
