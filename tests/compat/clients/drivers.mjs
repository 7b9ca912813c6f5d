// node-postgres and postgres.js: what they do on their own accord, one line per case. The one argument is the database's URL.
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.COMPAT_NODE_MODULES}/`);
const pg = require('pg');
const Cursor = require('pg-cursor');
const postgres = require('postgres');
const url = process.argv[2];
const show = (name, value) => console.log(`${name}: ${JSON.stringify(value)}`);
const errorOf = async (work) => {
  try {
    await work();
    return 'no error';
  } catch (error) {
    // A syntax error is the agent's own parser's: the same but for the place in the server's source.
    return [error.code, error.message, error.position, error.severity, error.code === '42601' ? '' : error.routine];
  }
};

async function nodePostgres() {
  const client = new pg.Client({ connectionString: url, ssl: false });
  const notices = [];
  client.on('notice', (notice) => notices.push([notice.severity, notice.code, notice.message]));
  await client.connect();
  show('pg simple', (await client.query('SELECT 1 AS a; SELECT 2 AS b, NULL AS c')).map((result) => [result.command, result.rows]));
  show('pg parameters', (await client.query('SELECT $1::int + 1 AS n, $2::text AS t, $3::jsonb AS j', [41, 'ä', { a: [1] }])).rows);
  for (let n = 0; n < 3; n++) {
    show('pg named', (await client.query({ name: 'by-id', text: 'SELECT id, status, amount FROM orders WHERE id = $1', values: [n + 1] })).rows);
  }
  show('pg array rows', (await client.query({ text: 'SELECT id, full_name, date_of_birth FROM customers ORDER BY id LIMIT 3', rowMode: 'array' })).rows);
  show('pg fields', (await client.query('SELECT id, amount, note FROM orders LIMIT 0')).fields.map((field) => [field.name, field.tableID, field.columnID, field.dataTypeID]));
  const cursor = client.query(new Cursor('SELECT generate_series(1, 25) AS n'));
  show('pg cursor', [(await cursor.read(10)).length, (await cursor.read(10)).length, (await cursor.read(10)).length]);
  await cursor.close();
  show('pg error', await errorOf(() => client.query('SELECT * FROM nowhere WHERE x = $1', [1])));
  show('pg syntax', await errorOf(() => client.query('SELEC 1')));
  show('pg division', await errorOf(() => client.query('SELECT 1 / $1::int', [0])));
  await client.query('BEGIN');
  show('pg aborts', [await errorOf(() => client.query('SELECT 1 / 0')), await errorOf(() => client.query('SELECT 1'))]);
  await client.query('ROLLBACK');
  await client.query("DO $$ BEGIN RAISE NOTICE 'from the server %', 1; RAISE WARNING 'more'; END $$");
  show('pg notices', notices);
  const heard = new Promise((resolve) => client.on('notification', (message) => resolve([message.channel, message.payload])));
  await client.query('LISTEN compat');
  await client.query("SELECT pg_notify('compat', 'hello')");
  show('pg notification', await heard);
  await client.end();
}

async function postgresJs() {
  const sql = postgres(url, { ssl: false, max: 2, onnotice: () => {} });
  show('postgres.js', await sql`SELECT ${42}::int AS n, ${'x'}::text AS t, ${sql.json({ a: 1 })}::jsonb AS j`);
  show('postgres.js pipeline', (await Promise.all([...Array(40).keys()].map((n) => sql`SELECT ${n}::int AS n`))).map((rows) => rows[0].n));
  show('postgres.js prepared', (await Promise.all([1, 2, 3].map((id) => sql`SELECT status FROM orders WHERE id = ${id}`))).map((rows) => rows[0].status));
  const walked = [];
  await sql`SELECT generate_series(1, 25) AS n`.cursor(10, (rows) => { walked.push(rows.length); });
  show('postgres.js cursor', walked);
  show('postgres.js describe', (await sql`SELECT id, note FROM orders WHERE id = ${1}`.describe()).columns.map((column) => [column.name, column.type]));
  show('postgres.js error', await errorOf(() => sql`SELECT * FROM nowhere`));
  show('postgres.js transaction', await errorOf(() => sql.begin(async (inner) => { await inner`SELECT 1`; await inner`SELECT 1 / 0`; })));
  show('postgres.js copy', await new Promise((resolve, reject) => {
    const chunks = [];
    sql`COPY (SELECT id, status FROM orders ORDER BY id LIMIT 5) TO STDOUT`.readable()
      .then((stream) => stream.on('data', (chunk) => chunks.push(chunk)).on('end', () => resolve(Buffer.concat(chunks).toString())).on('error', reject), reject);
  }));
  await sql.end();
}

await nodePostgres();
await postgresJs();
