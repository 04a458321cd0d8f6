//! In which region an object of a service lives that has one in each: the stack's, or that of CloudFront's companions.

use std::fmt::Debug;

use deployer_engine::resource::Place;

use crate::Cloud;

/// A region, as a type: an object of one cannot be taken for one of the other.
pub trait Region: Clone + Copy + Debug + Eq + Send + Sync + 'static {
    /// Which endpoint serves it.
    const PLACE: Place;
    /// Whether it is that of CloudFront's companions.
    const IS_EDGE: bool;

    /// Its name.
    fn name(cloud: &Cloud) -> &str {
        Self::PLACE.region(&cloud.target.region)
    }

    /// SNS in it.
    fn sns(cloud: &Cloud) -> &aws_sdk_sns::Client;
}

/// The stack's region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {}

/// us-east-1, where CloudFront and its firewall tell their figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {}

impl Region for Home {
    const PLACE: Place = Place::Stack;
    const IS_EDGE: bool = false;

    fn sns(cloud: &Cloud) -> &aws_sdk_sns::Client {
        cloud.sns()
    }
}

impl Region for Edge {
    const PLACE: Place = Place::UsEast1;
    const IS_EDGE: bool = true;

    fn sns(cloud: &Cloud) -> &aws_sdk_sns::Client {
        cloud.edge_sns()
    }
}
