//! Plays a season through: forty people, thirty sails, their crews, waivers and ticks, for trying things out on a
//! local AWS. What happens goes through the same rules as a request does, by a clock that stands at its time.
//!
//! Needs the variables of the crew API's tables and `MEDICAL_SECRET`, and the usual AWS variables
//! (`AWS_ENDPOINT_URL`, `AWS_REGION`, keys). What is there already is left as it is, so a second run on the same
//! day changes nothing.

mod play;
mod season;

use std::sync::Arc;

use functions_shared::aws::Aws;
use functions_shared::config::{ParameterName, Reader, TableName};
use functions_shared::parameters::SsmParameters;
use functions_shared::people::DynamoPeople;
use functions_shared::tables::{DynamoTables, Table};
use functions_shared::waiver::Seal;
use functions_shared::zone;
use jiff::Timestamp;

use play::Season;

type Error = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let mut read = Reader::process();
    let tables = Table::names(&mut read, &Table::ALL);
    let people = read.required::<TableName>("PEOPLE_TABLE");
    let secret = read.required::<ParameterName>("MEDICAL_SECRET");
    let (tables, people, secret) = read.finish(|| Some((tables?, people?, secret?)))?;
    let aws = Arc::new(Aws::of_person().await);
    let now = Timestamp::now();
    let season = Season {
        tables: Arc::new(DynamoTables::new(aws.clone(), tables)),
        people: Arc::new(DynamoPeople::new(aws.clone(), people)),
        seal: Seal::new(Arc::new(SsmParameters::new(aws)), secret),
        today: zone::date_of(now),
        now,
    };
    let invited = season.invite().await?;
    let mut seeded = 0;
    let planned = season::sails();
    for sail in &planned {
        seeded += usize::from(season.play(sail, &invited).await?);
    }
    println!("{}", words(seeded, planned.len() - seeded));
    Ok(())
}

fn words(seeded: usize, there: usize) -> String {
    let sails = |count| match count {
        1 => "1 sail is".to_owned(),
        _ => format!("{count} sails are"),
    };
    match (seeded, there) {
        (_, 0) => format!("seeded {seeded} sails"),
        (0, _) => format!("{} there already", sails(there)),
        _ => format!("seeded {seeded}; {} there already", sails(there)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_it_did() {
        assert_eq!(words(5, 0), "seeded 5 sails");
        assert_eq!(words(0, 5), "5 sails are there already");
        assert_eq!(words(1, 4), "seeded 1; 4 sails are there already");
        assert_eq!(words(4, 1), "seeded 4; 1 sail is there already");
    }
}
