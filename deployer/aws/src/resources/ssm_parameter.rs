//! SSM parameters that anybody may read who may read configuration: `String` and `StringList`.

use aws_sdk_ssm::types::{ParameterTier, ParameterType};
use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Owner, Resource};
use serde::{Deserialize, Serialize};

use crate::Cloud;
use crate::listing;
use crate::naming::{Tags, are_ours, tag_changes, taken};
use crate::parameters::{self, EXISTS, Expected, MAX_VALUE_BYTES, change_tags, just_deleted, sdk_tags};

/// A standard parameter in clear text.
///
/// Read budget, all at once: a GetParameters call for 10 parameters, a DescribeParameters call for 50 that
/// have a description, and for the tags a ListTagsForResource call each, from 20 parameters on a
/// DescribeParameters call for 50. Tags of what is not recorded are asked for after it was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SsmParameter {
    /// Its name: a path such as `/shipcaptaincrew/prod/lake`, at most 1011 characters. Source: PutParameter.
    pub name: String,
    /// `String` or `StringList`. It never changes: AWS refuses that.
    #[serde(rename = "type")]
    pub parameter_type: String,
    /// Its value, 1 to 4,096 bytes; the members of a list are joined by commas.
    pub value: String,
    /// What it is for, at most 1,024 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
}

/// What AWS mints for a parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SsmParameterOutputs {
    /// Its version, from 1: it grows with each change of the value.
    pub version: i64,
}

async fn read(cloud: &Cloud, keys: &[Key<SsmParameter>]) -> Result<Vec<Option<Live<SsmParameter>>>, CloudError> {
    let names: Vec<_> = keys.iter().map(|key| key.inputs.name.as_str()).collect();
    let described = keys.iter().filter(|key| key.inputs.description.is_some());
    let described: Vec<_> = described.map(|key| key.inputs.name.as_str()).collect();
    let expected =
        keys.iter().map(|key| Expected { name: &key.inputs.name, tags: &key.inputs.tags, recorded: key.id.is_some() });
    let expected: Vec<_> = expected.collect();
    let ((found, tags), descriptions) = futures::try_join!(
        parameters::with_tags(cloud, parameters::read(cloud, &names), &expected),
        parameters::descriptions(cloud, &described)
    )?;
    let live = names.into_iter().map(|name| {
        let parameter = found.get(name)?;
        let inputs = SsmParameter {
            name: name.to_owned(),
            parameter_type: parameter.r#type.as_ref()?.as_str().to_owned(),
            value: parameter.value.clone()?,
            description: descriptions.get(name).cloned(),
            tags: tags.get(name).cloned().unwrap_or_default(),
        };
        Some(Live { id: name.to_owned(), inputs, outputs: SsmParameterOutputs { version: parameter.version } })
    });
    Ok(live.collect())
}

impl SsmParameter {
    /// Writes it, and tells its new version; `None`: there is one, and it must not be overwritten.
    async fn put(
        &self,
        cloud: &Cloud,
        overwrite: bool,
        description: Option<String>,
    ) -> Result<Option<i64>, CloudError> {
        let request = cloud
            .ssm()
            .put_parameter()
            .name(&self.name)
            .value(&self.value)
            .r#type(ParameterType::from(self.parameter_type.as_str()))
            .set_description(description)
            .overwrite(overwrite);
        // AWS takes tags only with a parameter that is new.
        let request = if overwrite {
            request
        } else {
            request.set_tags(Some(sdk_tags(&self.tags))).tier(ParameterTier::Standard)
        };
        let put = cloud.find("ssm:PutParameter", &self.name, EXISTS, request.send()).await?;
        Ok(put.map(|each| each.version))
    }

    async fn update(&self, cloud: &Cloud, prior: Option<&Self>, live: &Live<Self>) -> Result<i64, CloudError> {
        let description =
            self.description.clone().or(prior.and_then(|each| each.description.as_ref()).map(|_| String::new()));
        let is_described =
            description.as_deref().is_none_or(|text| text == live.inputs.description.as_deref().unwrap_or_default());
        let version = if self.value == live.inputs.value && is_described {
            None
        } else {
            self.put(cloud, true, description.or(live.inputs.description.clone())).await?
        };
        change_tags(cloud, &self.name, tag_changes(&self.tags, prior.map(|each| &each.tags), &live.inputs.tags))
            .await?;
        Ok(version.unwrap_or(live.outputs.version))
    }
}

impl Resource for SsmParameter {
    const TYPE: &'static str = "ssm_parameter";
    const IDENTITY: Identity = Identity::Name;
    const NAME_FIELD: Option<&'static str> = Some("name");
    const TAGGED: bool = true;
    const REPLACE_ON: &'static [&'static str] = &["name", "type"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[
        ("name", "ssm:PutParameter.Name"),
        ("type", "ssm:PutParameter.Type"),
        ("value", "ssm:PutParameter.Value"),
        ("description", "ssm:PutParameter.Description"),
    ];
    const ACTIONS: &'static [&'static str] = &[
        "ssm:AddTagsToResource",
        "ssm:DeleteParameter",
        "ssm:DescribeParameters",
        "ssm:GetParameters",
        "ssm:ListTagsForResource",
        "ssm:PutParameter",
        "ssm:RemoveTagsFromResource",
    ];
    type Outputs = SsmParameterOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        read(&cx.cloud, keys).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        prior: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        if self.value.is_empty() || self.value.len() > MAX_VALUE_BYTES {
            return Err(CloudError::inputs(
                &self.name,
                format!("the value has {} bytes: a standard parameter holds 1 to {MAX_VALUE_BYTES}", self.value.len()),
            ));
        }
        let version = match live {
            Some(live) => self.update(&cx.cloud, prior, live).await?,
            None => match self.put(&cx.cloud, false, self.description.clone()).await? {
                Some(version) => version,
                None => {
                    let found = read(&cx.cloud, &[Key { id: None, inputs: self.clone() }])
                        .await?
                        .pop()
                        .flatten()
                        .ok_or_else(|| just_deleted(&self.name))?;
                    if !are_ours(&self.tags, &found.inputs.tags) {
                        return Err(taken("ssm:PutParameter", &self.name));
                    }
                    self.update(&cx.cloud, prior, &found).await?
                }
            },
        };
        Ok(Live { id: self.name.clone(), inputs: self.clone(), outputs: SsmParameterOutputs { version } })
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        parameters::delete(&cx.cloud, &live.inputs.name).await
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        let key = |name| Key {
            id: None,
            inputs: Self {
                name,
                parameter_type: String::new(),
                value: String::new(),
                description: None,
                tags: Tags::new(),
            },
        };
        let keys: Vec<_> = listing::parameters(cx, owner, false).await?.into_iter().map(key).collect();
        Ok(read(&cx.cloud, &keys).await?.into_iter().flatten().collect())
    }
}
