//! Whether the tables and their indexes can be read.

use super::{Index, Query, Table, Tables};
use crate::call_error::CallError;

/// A key that no item has.
const NOBODY: &str = "healthz";

/// Whether a table can be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TableHealth {
    /// The table's name in the application, not its physical one.
    pub table: &'static str,
    /// The fault, if any.
    pub result: Result<(), CallError>,
}

/// Reads from each table and each index, all at once. A table whose index does not answer does not answer.
pub async fn health(tables: &dyn Tables) -> Vec<TableHealth> {
    let looks = Table::ALL.map(|table| async move {
        let result = look(tables, table).await;
        TableHealth { table: table.name(), result }
    });
    futures::future::join_all(looks).await
}

async fn look(tables: &dyn Tables, table: Table) -> Result<(), CallError> {
    tables.get(&table.key(NOBODY, NOBODY)).await?;
    for index in Index::ALL.into_iter().filter(|index| index.parts().0 == table) {
        tables.query(&Query::index(index, NOBODY).page(None, 1)).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::MemoryTables;

    #[tokio::test]
    async fn each_table_is_looked_at_and_the_one_that_refuses_is_named() {
        for broken in Table::ALL {
            let tables = MemoryTables::default();
            tables.break_table(broken);
            let told = health(&tables).await;
            assert_eq!(told.len(), Table::ALL.len());
            let failing = told.iter().filter(|health| health.result.is_err()).map(|health| health.table);
            assert_eq!(failing.collect::<Vec<_>>(), [broken.name()]);
        }
    }
}
