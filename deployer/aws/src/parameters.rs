//! What SSM parameters of every type share: reading many in few calls, and their tags.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ssm::types::{Parameter, ParameterMetadata, ParameterStringFilter, ResourceTypeForTagging, Tag};
use deployer_engine::resource::CloudError;

use crate::Cloud;
use crate::client::all_of;
use crate::naming::{ADDRESS_TAG, Tags, own_tags};

/// Most names of one GetParameters call.
const NAMES_A_CALL: usize = 10;
/// Most values of one DescribeParameters filter, and most results of one page.
const VALUES_A_FILTER: usize = 50;
/// More filters than these are not put into one call: the tags are asked for one by one.
const MOST_FILTERS: usize = 5;
/// From so many parameters on tags are compared in bulk: ListTagsForResource takes one name a call.
const BULK_FROM: usize = 20;
/// The largest value of a standard parameter, in bytes.
pub const MAX_VALUE_BYTES: usize = 4096;
/// Code of "there is no such parameter" for tags.
const NO_TAGS: &[&str] = &["InvalidResourceId"];
/// Code of a create that met another.
pub const EXISTS: &[&str] = &["ParameterAlreadyExists"];

/// The ARN of a parameter. A name that is no path gets its slash there.
pub fn arn(region: &str, account: &str, name: &str) -> String {
    format!("arn:aws:ssm:{region}:{account}:parameter/{}", name.strip_prefix('/').unwrap_or(name))
}

/// Whether AWS keeps names like this one for itself. Source: PutParameter, `Name`.
pub fn is_reserved(name: &str) -> bool {
    let word = name.trim_start_matches('/').to_ascii_lowercase();
    word.starts_with("aws") || word.starts_with("ssm")
}

/// The parameters that exist, by name. A SecureString stays encrypted.
pub async fn read(cloud: &Cloud, names: &[&str]) -> Result<BTreeMap<String, Parameter>, CloudError> {
    let names: Vec<String> = owned(names);
    let found = selected(cloud, &names).await?;
    Ok(found.into_iter().filter_map(|each| Some((each.name.clone()?, each))).collect())
}

/// What exists of these names and selectors, such as `/crew/prod/key:current`; of one that is named twice, once. A
/// SecureString stays encrypted.
pub async fn selected(cloud: &Cloud, selectors: &[String]) -> Result<Vec<Parameter>, CloudError> {
    let call = async |names: &[String]| {
        let request = cloud.ssm().get_parameters().set_names(Some(names.to_vec())).with_decryption(false);
        cloud.call("ssm:GetParameters", names.first().map_or("", String::as_str), request.send()).await
    };
    let selectors: Vec<String> = selectors.iter().collect::<BTreeSet<_>>().into_iter().cloned().collect();
    let answers = all_of(selectors.chunks(NAMES_A_CALL).map(call).collect()).await?;
    Ok(answers.into_iter().flat_map(|each| each.parameters.unwrap_or_default()).collect())
}

/// The descriptions of those that have one, by name.
pub async fn descriptions(cloud: &Cloud, names: &[&str]) -> Result<BTreeMap<String, String>, CloudError> {
    let call = async |names: &[&str]| described(cloud, vec![filter("Name", owned(names))], names.len()).await;
    let found = all_of(names.chunks(VALUES_A_FILTER).map(call).collect()).await?;
    Ok(found
        .into_iter()
        .flatten()
        .filter_map(|(name, description)| Some((name, description.filter(|text| !text.is_empty())?)))
        .collect())
}

/// Who changed each of these last, by name: an ARN. A parameter of which AWS tells nobody is left out.
pub async fn changers(cloud: &Cloud, names: &[&str]) -> Result<BTreeMap<String, String>, CloudError> {
    let call = async |names: &[&str]| metadata(cloud, vec![filter("Name", owned(names))], names.len()).await;
    let found = all_of(names.chunks(VALUES_A_FILTER).map(call).collect()).await?;
    Ok(found.into_iter().flatten().filter_map(|each| Some((each.name?, each.last_modified_user?))).collect())
}

/// A parameter whose tags are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Its name.
    pub name: &'a str,
    /// The tags that it should have.
    pub tags: &'a Tags,
    /// Whether it is recorded, and so was tagged by us.
    pub recorded: bool,
}

/// The tags of each parameter, `None` where there is none.
///
/// Of many recorded ones it is asked in bulk which carry what is expected (tags of others are not told
/// then), and only the rest is asked for one by one. The local AWS takes no notice of tags in that
/// question and so believes the records.
pub async fn tags(cloud: &Cloud, expected: &[Expected<'_>]) -> Result<Vec<Option<Tags>>, CloudError> {
    let questions = if expected.len() < BULK_FROM { Vec::new() } else { questions(expected) };
    let call = async |(filters, most)| described(cloud, filters, most).await;
    let answers = all_of(questions.into_iter().map(call).collect()).await?;
    let as_expected: BTreeSet<String> = answers.into_iter().flatten().map(|(name, _)| name).collect();
    let one = async |each: &Expected<'_>| match as_expected.contains(each.name) {
        true => Ok(Some(each.tags.clone())),
        false => list_tags(cloud, each.name).await,
    };
    all_of(expected.iter().map(one).collect()).await
}

/// What `found` finds of these parameters, and the tags of each that exists, both by name. Of what is recorded both are asked
/// at once; the tags of the rest are asked for when it turns out to exist: of a thousand new ones, nothing.
pub async fn with_tags<T>(
    cloud: &Cloud,
    found: impl Future<Output = Result<BTreeMap<String, T>, CloudError>>,
    expected: &[Expected<'_>],
) -> Result<(BTreeMap<String, T>, BTreeMap<String, Tags>), CloudError> {
    let (recorded, new): (Vec<_>, Vec<_>) = expected.iter().copied().partition(|each| each.recorded);
    let (found, of_recorded) = futures::try_join!(found, tags(cloud, &recorded))?;
    let met: Vec<_> = new.into_iter().filter(|each| found.contains_key(each.name)).collect();
    let of_met = tags(cloud, &met).await?;
    let all = recorded.iter().chain(&met).zip(of_recorded.into_iter().chain(of_met));
    Ok((found, all.filter_map(|(each, tags)| Some((each.name.to_owned(), tags?))).collect()))
}

/// Filters that only parameters with their expected tags pass, and how many parameters each is about.
fn questions(expected: &[Expected<'_>]) -> Vec<(Vec<ParameterStringFilter>, usize)> {
    let mut groups: BTreeMap<Tags, Vec<(&str, String)>> = BTreeMap::new();
    for each in expected.iter().filter(|each| each.recorded) {
        let mut shared = each.tags.clone();
        let address = shared.remove(ADDRESS_TAG);
        let can_be_asked = shared.len() + 2 <= MOST_FILTERS && shared.values().all(|value| !value.is_empty());
        if let Some(address) = address.filter(|_| can_be_asked) {
            groups.entry(shared).or_default().push((each.name, address));
        }
    }
    let question = |shared: &Tags, chunk: &[(&str, String)]| {
        let (names, addresses) = chunk.iter().map(|(name, address)| ((*name).to_owned(), address.clone())).unzip();
        let by_name = [filter("Name", names), filter(&format!("tag:{ADDRESS_TAG}"), addresses)];
        let shared = shared.iter().map(|(key, value)| filter(&format!("tag:{key}"), vec![value.clone()]));
        (by_name.into_iter().chain(shared).collect(), chunk.len())
    };
    let of_group = |(shared, all): (&Tags, &Vec<_>)| {
        all.chunks(VALUES_A_FILTER).map(|chunk| question(shared, chunk)).collect::<Vec<_>>()
    };
    groups.iter().flat_map(of_group).collect()
}

/// Name and description of the parameters that pass all filters: so many, at most.
async fn described(
    cloud: &Cloud,
    filters: Vec<ParameterStringFilter>,
    at_most: usize,
) -> Result<Vec<(String, Option<String>)>, CloudError> {
    let found = metadata(cloud, filters, at_most).await?;
    Ok(found.into_iter().filter_map(|each| Some((each.name?, each.description))).collect())
}

/// What AWS tells of the parameters that pass all filters: so many, at most. Each page may hold none.
async fn metadata(
    cloud: &Cloud,
    filters: Vec<ParameterStringFilter>,
    at_most: usize,
) -> Result<Vec<ParameterMetadata>, CloudError> {
    let mut found = Vec::new();
    let mut next = None;
    loop {
        let request = cloud
            .ssm()
            .describe_parameters()
            .set_parameter_filters(Some(filters.clone()))
            .max_results(VALUES_A_FILTER as i32)
            .set_next_token(next);
        let page = cloud.call("ssm:DescribeParameters", "", request.send()).await?;
        found.extend(page.parameters.unwrap_or_default());
        next = page.next_token;
        if next.is_none() || found.len() >= at_most {
            return Ok(found);
        }
    }
}

async fn list_tags(cloud: &Cloud, name: &str) -> Result<Option<Tags>, CloudError> {
    let request =
        cloud.ssm().list_tags_for_resource().resource_type(ResourceTypeForTagging::Parameter).resource_id(name);
    let found = cloud.find("ssm:ListTagsForResource", name, NO_TAGS, request.send()).await?;
    Ok(found.map(|each| own_tags(each.tag_list.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)))))
}

/// Writes and removes tags.
pub async fn change_tags(cloud: &Cloud, name: &str, (write, remove): (Tags, Vec<String>)) -> Result<(), CloudError> {
    if !write.is_empty() {
        let request = cloud
            .ssm()
            .add_tags_to_resource()
            .resource_type(ResourceTypeForTagging::Parameter)
            .resource_id(name)
            .set_tags(Some(sdk_tags(&write)));
        cloud.call("ssm:AddTagsToResource", name, request.send()).await?;
    }
    if !remove.is_empty() {
        let request = cloud
            .ssm()
            .remove_tags_from_resource()
            .resource_type(ResourceTypeForTagging::Parameter)
            .resource_id(name)
            .set_tag_keys(Some(remove));
        cloud.call("ssm:RemoveTagsFromResource", name, request.send()).await?;
    }
    Ok(())
}

/// Deletes a parameter. That it is gone already is success.
pub async fn delete(cloud: &Cloud, name: &str) -> Result<(), CloudError> {
    cloud
        .find("ssm:DeleteParameter", name, &["ParameterNotFound"], cloud.ssm().delete_parameter().name(name).send())
        .await
        .map(drop)
}

/// Tags as the SDK takes them.
pub fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build().expect("key and value are set"))
        .collect()
}

/// The error for a name that is refused although nothing has it: AWS keeps a deleted name for 30 s.
pub fn just_deleted(name: &str) -> CloudError {
    CloudError::not_yet("ssm:PutParameter", name, "a parameter of this name was deleted less than 30 s ago")
}

fn filter(key: &str, values: Vec<String>) -> ParameterStringFilter {
    ParameterStringFilter::builder().key(key).option("Equals").set_values(Some(values)).build().expect("the key is set")
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|each| (*each).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(number: usize, others: &[(&str, &str)]) -> Tags {
        let address = (ADDRESS_TAG, format!("param.p{number}/param"));
        let others = others.iter().map(|(key, value)| (*key, (*value).to_owned()));
        std::iter::once(address).chain(others).map(|(key, value)| (key.to_owned(), value)).collect()
    }

    #[test]
    fn a_question_is_about_fifty_parameters_of_the_same_tags() {
        let shared = [("deployer:stack", "crew"), ("deployer:env", "prod")];
        let all: Vec<_> = (0..60).map(|number| (format!("/crew/prod/p{number}"), tags(number, &shared))).collect();
        let expected: Vec<_> = all.iter().map(|(name, tags)| Expected { name, tags, recorded: true }).collect();
        let questions = questions(&expected);
        assert_eq!(questions.iter().map(|(_, most)| *most).collect::<Vec<_>>(), [50, 10]);
        let told = |filter: &ParameterStringFilter| {
            (filter.key().to_owned(), filter.values().len(), filter.values()[0].clone())
        };
        let last: Vec<_> = questions[1].0.iter().map(told).collect();
        let wanted = [
            ("Name", 10, "/crew/prod/p50"),
            ("tag:deployer:address", 10, "param.p50/param"),
            ("tag:deployer:env", 1, "prod"),
            ("tag:deployer:stack", 1, "crew"),
        ];
        assert_eq!(last, wanted.map(|(key, count, first)| (key.to_owned(), count, first.to_owned())));
    }

    #[test]
    fn what_is_not_recorded_or_has_odd_tags_is_asked_for_by_itself() {
        let many: Vec<_> = ["a", "b", "c", "d"].into_iter().map(|key| (key, "x")).collect();
        let cases =
            [(tags(1, &[]), false), (tags(2, &many), true), (tags(3, &[("empty", "")]), true), (Tags::new(), true)];
        let expected: Vec<_> =
            cases.iter().map(|(tags, recorded)| Expected { name: "/x", tags, recorded: *recorded }).collect();
        assert!(questions(&expected).is_empty());
    }
}
