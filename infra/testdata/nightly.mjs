// Runs a state machine in an executor that is not ours. Standard input is
// {library, definition, url, input}; every Task posts
// {resource, parameters} to the url and gets its result, or an error
// {name, cause}. Standard output is {status, error, path}.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

// The executor wants Node 22 for this one function.
Promise.withResolvers ??= function () {
  let resolve, reject;
  const promise = new this((yes, no) => { resolve = yes; reject = no; });
  return { promise, resolve, reject };
};

const { library, definition, url, input } = JSON.parse(readFileSync(0, 'utf8'));
const { StateMachine } = await import(pathToFileURL(library));

const overrides = { taskResourceLocalHandlers: {}, waitTimeOverrides: {}, retryIntervalOverrides: {} };
for (const [name, state] of Object.entries(definition.States)) {
  if (state.Type === 'Task') {
    overrides.taskResourceLocalHandlers[name] = async (parameters) => {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify({ resource: state.Resource, parameters }) });
      const body = await response.json();
      if (response.ok) return body;
      const error = new Error(body.cause);
      error.name = body.name;
      throw error;
    };
  }
  if (state.Type === 'Wait') overrides.waitTimeOverrides[name] = 0;
  if (state.Retry) overrides.retryIntervalOverrides[name] = 0;
}

const running = new StateMachine(definition).run(input, { overrides });
const path = [];
const listening = (async () => {
  for await (const event of running.eventLogs) if (event.type === 'StateEntered') path.push(event.state.name);
})();
let result;
try {
  await running.result;
  result = { status: 'SUCCEEDED' };
} catch (error) {
  result = { status: 'FAILED', error: (error.cause ?? error).name };
}
await listening;
console.log(JSON.stringify({ ...result, path }));
