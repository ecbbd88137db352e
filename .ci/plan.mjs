// Reports what the next run of an environment would change in its warehouse: the
// first argument names the environment, the second one the command nightstar. The
// warehouse is the one that the deployed step transform is told of.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const [env, nightstar] = process.argv.slice(2);
const { name, region, model } = JSON.parse(readFileSync('cdk.json', 'utf8')).context.environments[env];

function settings() {
  const args = ['lambda', 'get-function-configuration', '--function-name', `${name}-${env}-transform`,
    '--query', 'Environment.Variables', '--output', 'json', ...(region ? ['--region', region] : [])];
  try {
    return JSON.parse(execFileSync('aws', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }));
  } catch (error) {
    const reason = (error.stderr || error.message).trim().split('\n').pop();
    console.log(`Warehouse: not compared with the model, because environment ${env} does not say where it is: ${reason}`);
    return process.exit(0); // before the first deployment there is nothing to compare
  }
}

const args = ['plan', '--aws', ...(model ? ['--model', model] : [])];
const { status, error } = spawnSync(nightstar, args, {
  stdio: 'inherit', env: { ...process.env, ...settings(), ...(region ? { AWS_REGION: region } : {}) },
});
if (error) console.error(`nightstar: compare the warehouse with the model: ${error.message}`);
process.exit(status ?? 1);
