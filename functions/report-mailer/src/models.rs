//! What follows from the figures. Each result says how it is computed and from what; one whose
//! input is missing is missing.

use crate::figure::{Range, Unit};
use crate::portfolio::Portfolio;

const MONTHS_A_YEAR: f64 = 12.0;
const HUNDRED: f64 = 100.0;

/// A computed figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Its key.
    pub id: &'static str,
    /// Its name for readers.
    pub label: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// The result; absent where an input is missing.
    pub value: Option<Range>,
    /// How it is computed, in words.
    pub formula: &'static str,
    /// The ids of the figures that it needs.
    pub inputs: &'static [&'static str],
}

/// Every model, computed.
pub fn all(portfolio: &Portfolio) -> Vec<Model> {
    [
        BURN_A_YEAR,
        MARGIN_TO_BREAK_EVEN,
        RUNWAY,
        BLAST_PER_CONTACT,
        BLAST_IN_MONTHS_OF_BURN,
        INFRASTRUCTURE_AFTER_SAVING,
        SAVING_A_YEAR,
        INFRASTRUCTURE_IN_BURN,
        REVENUE_FOR_INFRASTRUCTURE,
    ]
    .into_iter()
    .map(|rule| rule.compute(portfolio))
    .collect()
}

/// A model before it is computed. The inputs come in the order in which they are named.
struct Rule {
    id: &'static str,
    label: &'static str,
    unit: Unit,
    formula: &'static str,
    inputs: &'static [&'static str],
    compute: fn(&[Range]) -> Option<Range>,
}

impl Rule {
    fn compute(self, portfolio: &Portfolio) -> Model {
        let inputs = self.inputs.iter().map(|id| portfolio.value(id));
        let inputs: Option<Vec<Range>> = inputs.collect();
        Model {
            id: self.id,
            label: self.label,
            unit: self.unit,
            value: inputs.and_then(|inputs| (self.compute)(&inputs)),
            formula: self.formula,
            inputs: self.inputs,
        }
    }
}

const BURN_A_YEAR: Rule = Rule {
    id: "burn-a-year",
    label: "Burn in a year",
    unit: Unit::UsdPerYear,
    formula: "burn × 12",
    inputs: &["burn"],
    compute: |inputs| Some(inputs[0].times(MONTHS_A_YEAR)),
};

const MARGIN_TO_BREAK_EVEN: Rule = Rule {
    id: "margin-to-break-even",
    label: "What each charter must leave to break even",
    unit: Unit::Usd,
    formula: "burn ÷ charters to break even",
    inputs: &["burn", "break-even-charters"],
    compute: |inputs| inputs[0].over(inputs[1]),
};

const RUNWAY: Rule = Rule {
    id: "runway",
    label: "Runway without revenue",
    unit: Unit::Months,
    formula: "cash at hand ÷ burn",
    inputs: &["cash", "burn"],
    compute: |inputs| inputs[0].over(inputs[1]),
};

const BLAST_PER_CONTACT: Rule = Rule {
    id: "blast-per-contact",
    label: "Potential of the mail blast for each contact",
    unit: Unit::Usd,
    formula: "charter potential ÷ contacts",
    inputs: &["blast-potential", "contacts"],
    compute: |inputs| inputs[0].over(inputs[1]),
};

const BLAST_IN_MONTHS_OF_BURN: Rule = Rule {
    id: "blast-in-months-of-burn",
    label: "Burn that the mail blast could pay",
    unit: Unit::Months,
    formula: "charter potential ÷ burn",
    inputs: &["blast-potential", "burn"],
    compute: |inputs| inputs[0].over(inputs[1]),
};

const INFRASTRUCTURE_AFTER_SAVING: Rule = Rule {
    id: "infrastructure-after-saving",
    label: "Infrastructure after the saving",
    unit: Unit::UsdPerMonth,
    formula: "infrastructure − saving",
    inputs: &["infrastructure-cost", "infrastructure-saving"],
    compute: |inputs| Some(inputs[0].minus(inputs[1])),
};

const SAVING_A_YEAR: Rule = Rule {
    id: "saving-a-year",
    label: "Saving in infrastructure in a year",
    unit: Unit::UsdPerYear,
    formula: "saving × 12",
    inputs: &["infrastructure-saving"],
    compute: |inputs| Some(inputs[0].times(MONTHS_A_YEAR)),
};

const INFRASTRUCTURE_IN_BURN: Rule = Rule {
    id: "infrastructure-in-burn",
    label: "Infrastructure as a share of burn",
    unit: Unit::Percent,
    formula: "infrastructure ÷ burn",
    inputs: &["infrastructure-cost", "burn"],
    compute: |inputs| Some(inputs[0].over(inputs[1])?.times(HUNDRED)),
};

const REVENUE_FOR_INFRASTRUCTURE: Rule = Rule {
    id: "revenue-for-infrastructure",
    label: "Incremental revenue that justifies the infrastructure",
    unit: Unit::UsdPerMonth,
    formula: "infrastructure ÷ its limit in incremental revenue",
    inputs: &["infrastructure-cost", "infrastructure-limit"],
    compute: |inputs| Some(inputs[0].over(inputs[1])?.times(HUNDRED)),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::Files;

    fn computed(portfolio: &Portfolio, id: &str) -> Option<Range> {
        let models = all(portfolio);
        let model = models.into_iter().find(|model| model.id == id);
        model.expect("a model").value
    }

    fn portfolio() -> Portfolio {
        Portfolio::read(&Files::embedded())
    }

    /// Computed by hand from the figures of the embedded portfolio.
    #[test]
    fn the_models_give_what_a_person_computes() {
        let cases = [
            // 7,000 × 12 and 9,000 × 12
            ("burn-a-year", 84_000.0, 108_000.0),
            // 7,000 ÷ 6 and 9,000 ÷ 6
            ("margin-to-break-even", 1_166.67, 1_500.0),
            // 10,000 ÷ 3,676 and 50,000 ÷ 3,676
            ("blast-per-contact", 2.72, 13.60),
            // 10,000 ÷ 9,000 and 50,000 ÷ 7,000
            ("blast-in-months-of-burn", 1.11, 7.14),
            // 50 − 25 and 84 − 25
            ("infrastructure-after-saving", 25.0, 59.0),
            // 25 × 12
            ("saving-a-year", 300.0, 300.0),
            // 50 ÷ 9,000 and 84 ÷ 7,000, in percent
            ("infrastructure-in-burn", 0.56, 1.20),
            // 50 ÷ 15 % and 84 ÷ 15 %
            ("revenue-for-infrastructure", 333.33, 560.0),
        ];
        let portfolio = portfolio();
        for (id, low, high) in cases {
            let value = computed(&portfolio, id).expect(id);
            assert!((value.low - low).abs() < 0.005, "{id}: {value:?}");
            assert!((value.high - high).abs() < 0.005, "{id}: {value:?}");
        }
    }

    #[test]
    fn a_missing_input_makes_a_missing_result() {
        let mut portfolio = portfolio();
        assert_eq!(computed(&portfolio, "runway"), None);
        portfolio.figures.get_mut("burn").expect("burn").known = None;
        assert_eq!(computed(&portfolio, "margin-to-break-even"), None);
        assert!(computed(&portfolio, "saving-a-year").is_some());
    }

    #[test]
    fn nothing_is_divided_by_zero() {
        let mut portfolio = portfolio();
        let contacts = portfolio.figures.get_mut("contacts").expect("contacts");
        contacts.known.as_mut().expect("known").value = Range::exact(0.0);
        assert_eq!(computed(&portfolio, "blast-per-contact"), None);
    }

    #[test]
    fn every_input_is_a_figure_of_the_portfolio() {
        let portfolio = portfolio();
        for model in all(&portfolio) {
            for input in model.inputs {
                assert!(portfolio.figures.contains_key(*input), "{}: {input}", model.id);
            }
        }
    }
}
