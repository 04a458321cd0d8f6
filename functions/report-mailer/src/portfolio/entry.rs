//! What the checks ask of an entry: its id, and whom it refers to.

use super::business::{Asset, Entity, Kpi, Opportunity, Risk, Shortfall};
use super::finance::{Account, Line, Recognition, Spend, Target};
use super::marketing::{BookingSite, Channel, Reach};
use super::operations::{Client, Delivery, Duty, Rate, Season};
use super::plan::{Action, Milestone, Step};
use super::technology::{Cost, Practice, System, UxGap};
use super::value::Key;

/// What can be referred to.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum To {
    Figure,
    Entity,
    Kpi,
    Step,
    Account,
    Channel,
}

/// An entry of a list.
pub(super) trait Entry {
    /// What refers to such entries, where anything does.
    const IS: Option<To> = None;

    /// Its key.
    fn id(&self) -> &Key;

    /// Whom it refers to.
    fn references(&self) -> Vec<(To, &Key)>;
}

impl To {
    /// For a fault.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Figure => "figure",
            Self::Entity => "entity",
            Self::Kpi => "KPI",
            Self::Step => "step",
            Self::Account => "account",
            Self::Channel => "channel",
        }
    }
}

/// Says of a type where its references are: always there, or perhaps.
macro_rules! entry {
    ($type:ty $(, is $is:ident)? ; $($to:ident: $($field:ident),+;)* $(? $maybe:ident: $($perhaps:ident),+;)*) => {
        impl Entry for $type {
            $(const IS: Option<To> = Some(To::$is);)?

            fn id(&self) -> &Key {
                &self.id
            }

            fn references(&self) -> Vec<(To, &Key)> {
                #[allow(unused_mut, reason = "some entries refer to nothing")]
                let mut references: Vec<(To, &Key)> = vec![$($((To::$to, &self.$field)),+),*];
                $($(references.extend(self.$perhaps.as_ref().map(|key| (To::$maybe, key)));)+)*
                references
            }
        }
    };
}

entry!(Entity, is Entity; ? Figure: revenue;);
entry!(Asset; Entity: entity; ? Figure: figure;);
entry!(Kpi, is Kpi; Figure: figure;);
entry!(Shortfall; Entity: entity;);
entry!(Risk; Entity: entity;);
entry!(Opportunity; Entity: entity; ? Figure: potential;);
entry!(Milestone;);
entry!(Action; Entity: entity;);
entry!(Step, is Step; ? Step: after;);
entry!(System; Entity: entity;);
entry!(Cost; Figure: figure; ? Figure: saving;);
entry!(Practice;);
entry!(UxGap; Entity: entity;);
entry!(Account, is Account;);
entry!(Line; Entity: entity; Account: account, against; ? Figure: figure;);
entry!(Recognition; Account: account;);
entry!(Target; Figure: target, actual;);
entry!(Channel, is Channel;);
entry!(Reach; Channel: channel; Entity: entity;);
entry!(BookingSite; Figure: commission;);
entry!(Duty; ? Figure: cost;);
entry!(Rate; Figure: night, fee;);
entry!(Delivery; Figure: paid_days, deadhead_days, deadhead_cost, revenue;);
entry!(Client; Figure: work, invoiced, paid;);
entry!(Season;);

impl Entry for Spend {
    fn id(&self) -> &Key {
        &self.id
    }

    fn references(&self) -> Vec<(To, &Key)> {
        let mut references = vec![(To::Entity, &self.entity), (To::Figure, &self.amount)];
        references.extend(self.kpi.as_ref().map(|kpi| (To::Kpi, kpi)));
        let acquisition = self.acquisition.iter().flat_map(|rule| [&rule.cac, &rule.ltv]);
        let infrastructure = self.infrastructure.iter().flat_map(|rule| [&rule.cost, &rule.revenue]);
        references.extend(acquisition.chain(infrastructure).map(|figure| (To::Figure, figure)));
        references
    }
}
