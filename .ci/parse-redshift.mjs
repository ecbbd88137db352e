// Parses Redshift SQL with a grammar that is not ours. Reads a JSON array of
// statements from standard input and writes a JSON array with, for each of
// them, null or the reason why it does not parse.
import { readFileSync } from 'node:fs';
import { Dialect, parse } from '@polyglot-sql/sdk';

const statements = JSON.parse(readFileSync(0, 'utf8'));
const verdicts = statements.map((sql) => {
  const result = parse(sql, Dialect.Redshift);
  return result.success ? null : result.error;
});
process.stdout.write(JSON.stringify(verdicts));
