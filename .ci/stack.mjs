// Prints the name of the stack of an environment of cdk.json, which is the
// argument, or one line about why there is none.
import { readFileSync } from 'node:fs';

const env = process.argv[2] ?? '';
const { environments } = JSON.parse(readFileSync('cdk.json', 'utf8')).context;
if (!Object.hasOwn(environments, env)) {
  const known = Object.keys(environments).sort().join(', ');
  console.error(`nightstar: choose environment ${JSON.stringify(env)}: cdk.json has ${known}; say ENV=<name>`);
  process.exit(1);
}
console.log(`${environments[env].name}-${env}`);
