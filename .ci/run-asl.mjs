// Runs a state machine in an executor that is not ours, once for every input.
// Standard input is {definition, context, runs: {name: {input, url}}}; a Task
// posts its parameters to the url of its run. Standard output is
// {name: {status, output, error, cause, path}}.
import { readFileSync } from 'node:fs';

// The executor wants Node 22 for this one function.
Promise.withResolvers ??= function () {
  let resolve, reject;
  const promise = new this((yes, no) => { resolve = yes; reject = no; });
  return { promise, resolve, reject };
};
const { StateMachine } = await import('aws-local-stepfunctions');

const { definition, context, runs } = JSON.parse(readFileSync(0, 'utf8'));

async function invoke(url, parameters) {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(parameters) });
  const body = await response.json();
  if (response.ok) return { ExecutedVersion: '$LATEST', Payload: body, StatusCode: 200 };
  const error = new Error(body.Cause);
  error.name = body.Name;
  throw error;
}

// Every Task calls the url, and nothing waits.
function override(flow, url, overrides) {
  for (const [name, state] of Object.entries(flow.States)) {
    if (state.Type === 'Task') overrides.taskResourceLocalHandlers[name] = (parameters) => invoke(url, parameters);
    if (state.Type === 'Wait') overrides.waitTimeOverrides[name] = 0;
    if (state.Retry) overrides.retryIntervalOverrides[name] = 0;
    for (const inner of [...(state.Branches ?? []), state.ItemProcessor ?? { States: {} }]) override(inner, url, overrides);
  }
  return overrides;
}

async function run({ input, url }) {
  const overrides = override(definition, url, {
    taskResourceLocalHandlers: {}, waitTimeOverrides: {}, retryIntervalOverrides: {},
  });
  const execution = new StateMachine(definition).run(input, { context: structuredClone(context), overrides });
  const path = [];
  const listening = (async () => {
    for await (const event of execution.eventLogs) if (event.type === 'StateEntered') path.push(event.state.name);
  })();
  try {
    return { status: 'SUCCEEDED', output: await execution.result, path };
  } catch (error) {
    return { status: 'FAILED', error: (error.cause ?? error).name, cause: (error.cause ?? error).message, path };
  } finally {
    await listening;
  }
}

const results = {};
for (const [name, details] of Object.entries(runs)) results[name] = await run(details);
console.log(JSON.stringify(results));
