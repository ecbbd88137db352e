// Prints the name of the stack of an environment of cdk.json, which is the first
// argument; with a second one, "region", the options of the aws command that lead
// to it; with "account", nothing, if the credentials are of the account that
// cdk.json pins. Whatever is wrong is said in one line.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const [env = '', asked = 'name'] = process.argv.slice(2);
const { environments } = JSON.parse(readFileSync('cdk.json', 'utf8')).context;

function refuse(problem) {
  console.error(`nightstar: ${problem}`);
  process.exit(1);
}

if (!Object.hasOwn(environments, env)) {
  const known = Object.keys(environments).sort().join(', ');
  refuse(`choose environment ${JSON.stringify(env)}: cdk.json has ${known}; say ENV=<name>`);
}
const { name, account, region } = environments[env];

function credentials() {
  const question = ['sts', 'get-caller-identity', '--query', 'Account', '--output', 'text'];
  try {
    return execFileSync('aws', question, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  } catch (error) {
    const reason = (error.stderr || error.message).trim().split('\n').pop();
    return refuse(`check account of environment ${env}: aws ${question.join(' ')}: ${reason}`);
  }
}

if (asked === 'region') {
  console.log(region ? `--region ${region}` : '');
} else if (asked === 'account') {
  const ours = account ? credentials() : '';
  if (ours !== (account ?? '')) refuse(`check account of environment ${env}: cdk.json pins ${account}, the credentials are of ${ours}`);
} else {
  console.log(`${name}-${env}`);
}
