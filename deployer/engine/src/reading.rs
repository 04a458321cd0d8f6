//! Reading objects of one type: reading changes nothing, and so it is done again.

use futures::FutureExt as _;
use futures::future::{BoxFuture, try_join_all};

use crate::address::Address;
use crate::refresh::Unread;
use crate::resource::{AnyKey, AnyResource, CloudError, Cx, LiveValue, Registry};
use crate::retry::Attempts;

/// Parts in which objects are asked for again whose reads failed together: a call that fails by chance must not take
/// the answers of hundreds with it each time.
const PARTS: usize = 10;

/// Reads, and reads again after throttles and lost answers: reading changes nothing. What failed together is asked for
/// again in parts.
pub(crate) async fn read_patiently<C: Send + Sync + 'static>(
    registry: &Registry<C>,
    cx: &Cx<C>,
    type_name: &str,
    keys: Vec<AnyKey>,
) -> Result<Vec<Option<LiveValue>>, Unread> {
    read_after(registry, cx, type_name, keys, Attempts::new(cx.hides_for)).await
}

/// The same for who has been through something already.
pub(crate) async fn read_after<C: Send + Sync + 'static>(
    registry: &Registry<C>,
    cx: &Cx<C>,
    type_name: &str,
    keys: Vec<AnyKey>,
    attempts: Attempts,
) -> Result<Vec<Option<LiveValue>>, Unread> {
    let resource = registry.get(type_name).expect("questions are asked of registered types");
    read_on(resource, cx, keys, attempts).await
}

fn read_on<'a, C: Send + Sync + 'static>(
    resource: &'a dyn AnyResource<C>,
    cx: &'a Cx<C>,
    keys: Vec<AnyKey>,
    mut attempts: Attempts,
) -> BoxFuture<'a, Result<Vec<Option<LiveValue>>, Unread>> {
    async move {
        let seed = keys.first().map_or_else(String::new, |key| key.address.to_string());
        loop {
            let error = match resource.read_many(cx.again(), keys.clone()).await {
                Ok(found) => return Ok(found),
                Err(error) => error,
            };
            let Some(wait) = attempts.next_wait(&error, &seed, cx.clock.now()) else {
                return Err(Unread { address: blamed(&keys, &error), ..error.into() });
            };
            cx.pause(wait).await?;
            if keys.len() > 1 {
                let parts = keys.chunks(keys.len().div_ceil(PARTS));
                let reads = parts.map(|part| read_on(resource, cx, part.to_vec(), attempts.of_part()));
                return Ok(try_join_all(reads).await?.concat());
            }
        }
    }
    .boxed()
}

/// Whose read it was: of many, that of the one that the error names.
fn blamed(keys: &[AnyKey], error: &CloudError) -> Option<Address> {
    let is_named = |key: &&AnyKey| {
        let inputs = key.inputs.as_object().into_iter().flat_map(|fields| fields.values());
        key.id.as_ref() == Some(&error.object) || inputs.into_iter().any(|value| *value == error.object)
    };
    let found = match keys {
        [only] => Some(only),
        many => many.iter().find(is_named),
    };
    found.map(|key| key.address.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::ErrorClass;

    #[test]
    fn of_many_that_could_not_be_read_the_one_is_blamed_that_the_error_names() {
        let key = |name: &str, id: Option<&str>| AnyKey {
            address: format!("kind.{name}/part").parse().expect("an address"),
            id: id.map(str::to_owned),
            inputs: json!({ "name": format!("crew-{name}") }),
        };
        let keys = [key("a", None), key("b", Some("minted-b")), key("c", None)];
        let blamed_for = |object: &str, keys: &[AnyKey]| {
            let error = CloudError::new(ErrorClass::Denied, "kind:Get", object, "AccessDenied", "no");
            blamed(keys, &error).map(|address| address.to_string())
        };
        assert_eq!(blamed_for("crew-c", &keys).as_deref(), Some("kind.c/part"));
        assert_eq!(blamed_for("minted-b", &keys).as_deref(), Some("kind.b/part"));
        assert_eq!(blamed_for("another", &keys), None);
        assert_eq!(blamed_for("another", &keys[..1]).as_deref(), Some("kind.a/part"));
    }
}
