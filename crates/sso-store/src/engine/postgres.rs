//! PostgreSQL: constraints do the work, and a transaction that met another runs again.

use super::value::Field;
use super::{BoxFuture, Ending, Failure, Fields, Sql, Transaction, UseCase, Value};
use crate::OpenError;
use crate::migrations::{self, Applied, Migration, Schema};
use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgRow};
use sqlx::query::Query;
use sqlx::{Column as _, Row as _, TypeInfo as _, ValueRef as _};
use std::time::Duration;

/// The most connections of this node.
const CONNECTIONS: u32 = 16;

/// How long a caller waits for a connection, and a new one for the server.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often a use case is tried in all. PostgreSQL undoes one of two transactions that meet, and the
/// other goes on; where many meet, one can be undone several times.
const TRIES: u32 = 8;

/// How long a use case waits before its second try; before each further one it waits twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(2);

/// A lock that nodes which start at once take one after the other ("sso-brid" in ASCII).
const MIGRATION_LOCK: i64 = 0x7373_6f2d_6272_6964;

/// A PostgreSQL database.
pub(crate) struct Postgres {
    pool: PgPool,
}

impl Postgres {
    pub(super) async fn open(url: &str, schema: Schema) -> Result<Self, OpenError> {
        let options: PgConnectOptions =
            url.parse().map_err(|error: sqlx::Error| OpenError::Url(error.to_string()))?;
        let server = format!("{}:{}", options.get_host(), options.get_port());
        let options =
            options.application_name("sso-server").options([("statement_timeout", "30s")]);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .connect_with(options)
            .await
            .map_err(|error| OpenError::CannotConnect { server, reason: error.to_string() })?;
        migrate(&pool, schema).await?;
        Ok(Self { pool })
    }

    pub(super) async fn write<I, T>(
        &self,
        input: &I,
        run: UseCase<I, T>,
        ending: Ending,
    ) -> Result<T, Failure> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..TRIES {
            match self.attempt(input, run, ending).await {
                Err(Failure::Serialization) => tokio::time::sleep(pause).await,
                result => return result,
            }
            pause *= 2;
        }
        self.attempt(input, run, ending).await
    }

    async fn attempt<I, T>(
        &self,
        input: &I,
        run: UseCase<I, T>,
        ending: Ending,
    ) -> Result<T, Failure> {
        let mut transaction = self.pool.begin().await?;
        // A failure drops the transaction, which rolls it back.
        let answer = run(&mut Statements(&mut transaction), input).await?;
        match ending {
            Ending::Kept => transaction.commit().await?,
            Ending::Undone => transaction.rollback().await?,
        }
        Ok(answer)
    }

    pub(super) async fn read<I, T>(&self, input: &I, run: UseCase<I, T>) -> Result<T, Failure> {
        let mut connection = self.pool.acquire().await?;
        run(&mut Statements(&mut connection), input).await
    }
}

/// The statements of a connection. sqlx prepares each once and keeps it.
struct Statements<'c>(&'c mut PgConnection);

impl Transaction for Statements<'_> {
    fn execute<'a>(
        &'a mut self,
        sql: &'static Sql,
        values: &'a [Value<'a>],
    ) -> BoxFuture<'a, Result<u64, Failure>> {
        Box::pin(async move {
            let result = bind(sql, values).execute(&mut *self.0).await?;
            Ok(result.rows_affected())
        })
    }

    fn query<'a>(
        &'a mut self,
        sql: &'static Sql,
        values: &'a [Value<'a>],
    ) -> BoxFuture<'a, Result<Vec<Fields>, Failure>> {
        Box::pin(async move {
            let rows = bind(sql, values).fetch_all(&mut *self.0).await?;
            rows.iter().map(fields).collect()
        })
    }
}

fn bind<'a>(sql: &'static Sql, values: &[Value<'a>]) -> Query<'a, sqlx::Postgres, PgArguments> {
    values.iter().fold(sqlx::query(sql.postgres), |query, value| match *value {
        Value::Text(text) => query.bind(text),
        Value::Integer(integer) => query.bind(integer),
        Value::Bytes(bytes) => query.bind(bytes),
        Value::Id(id) => query.bind(id.to_vec()),
        Value::Flag(flag) => query.bind(flag),
    })
}

fn fields(row: &PgRow) -> Result<Fields, Failure> {
    let field = |column: &sqlx::postgres::PgColumn| {
        let index = column.ordinal();
        if row.try_get_raw(index)?.is_null() {
            return Ok(Field::Null);
        }
        Ok(match column.type_info().name() {
            "TEXT" => Field::Text(row.try_get(index)?),
            "INT8" => Field::Integer(row.try_get(index)?),
            "BYTEA" => Field::Bytes(row.try_get(index)?),
            "BOOL" => Field::Integer(row.try_get::<bool, _>(index)?.into()),
            other => return Err(Failure::unreadable(format_args!("a column of type {other}"))),
        })
    };
    Ok(Fields::new(row.columns().iter().map(field).collect::<Result<_, Failure>>()?))
}

async fn migrate(pool: &PgPool, schema: Schema) -> Result<(), OpenError> {
    let engine = |error: sqlx::Error| OpenError::Engine(error.to_string());
    let mut transaction = pool.begin().await.map_err(engine)?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(MIGRATION_LOCK)
        .execute(&mut *transaction)
        .await
        .map_err(engine)?;
    sqlx::query(
        "CREATE TABLE IF NOT EXISTS schema_migrations (
            name TEXT COLLATE \"C\" NOT NULL PRIMARY KEY,
            checksum BYTEA NOT NULL
        )",
    )
    .execute(&mut *transaction)
    .await
    .map_err(engine)?;
    let applied: Vec<(String, Vec<u8>)> =
        sqlx::query_as("SELECT name, checksum FROM schema_migrations ORDER BY name")
            .fetch_all(&mut *transaction)
            .await
            .map_err(engine)?;
    let applied: Vec<Applied> =
        applied.into_iter().map(|(name, checksum)| Applied { name, checksum }).collect();
    for Migration { name, postgres, .. } in migrations::missing(&applied, schema, |m| m.postgres)? {
        let failed = |error: sqlx::Error| OpenError::Migration {
            name: (*name).to_owned(),
            reason: error.to_string(),
        };
        sqlx::raw_sql(*postgres).execute(&mut *transaction).await.map_err(failed)?;
        sqlx::query("INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)")
            .bind(name)
            .bind(migrations::checksum(postgres).as_slice())
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
    }
    transaction.commit().await.map_err(engine)
}
