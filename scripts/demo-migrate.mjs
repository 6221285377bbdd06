// `npm run demo:migrate`: the stack of examples/api-forge/legacy, which kubectl applied, becomes a release, in place. Run again, it
// begins anew.
import { $ } from 'zx'

const root = new URL('..', import.meta.url).pathname
const example = `${root}examples/api-forge`
const NAMESPACE = 'api-forge-prod'

const shell = $({ cwd: example, stdio: 'inherit', nothrow: true, verbose: false })
const quiet = $({ cwd: example, nothrow: true, verbose: false })

/** Stops at the first command that fails, with its exit status: it has said why. Without a title it is seen only then. */
async function run(title, file, args, sh = title === undefined ? quiet : shell) {
  if (title !== undefined) process.stderr.write(`\n$ ${title}\n`)
  const { exitCode, stdout, stderr } = await sh`${file} ${args}`
  if (exitCode === 0) return stdout
  process.stderr.write(stderr)
  process.exitCode = exitCode ?? 1
  throw new Error('stopped')
}

const forge = async (...args) =>
  await run(`forge ${args.join(' ')}`, process.execPath, [`${root}bin/forge.js`, ...args])

/** Where the sandbox is: kubectl is not to touch any other cluster. */
async function sandbox() {
  const args = [`${root}bin/forge.js`, 'sandbox', 'status', '--json']
  return JSON.parse(await run(undefined, process.execPath, args)).kubeconfig
}

/** The five Secrets, as the script beside the kustomization made them. */
async function makeSecrets(kubectl) {
  const keys = (name, ...files) => [
    ...['create', 'secret', 'generic', name],
    ...files.map((key) => `--from-file=${key}=infra/secrets/keys/${key}.txt`),
  ]
  const roles = ['app_owner', 'app_user', 'app_ro', 'temporal'].map((role) => `postgres_${role}_pw`)
  const signing = ['session_signing_secret', 'csrf_signing_secret', 'oidc_google', 'oidc_microsoft', 'oidc_keycloak']
  const certs = 'infra/secrets/certs'
  const ca = ['ca-bundle', 'root-ca', 'intermediate-ca'].map((name) => `--from-file=${certs}/ca/${name}.crt`)
  const pair = [`--cert=${certs}/legacy/server-chain.crt`, `--key=${certs}/legacy/server.key`]
  process.stderr.write('\n$ kubectl create secret …   (five of them)\n')
  await kubectl(undefined, ...keys('postgres-secrets', 'postgres_password', ...roles))
  await kubectl(undefined, ...keys('redis-secrets', 'redis_password'))
  await kubectl(undefined, ...keys('app-secrets', ...signing))
  await kubectl(undefined, 'create', 'secret', 'generic', 'postgres-ca', ...ca)
  await kubectl(undefined, 'create', 'secret', 'tls', 'postgres-tls', ...pair)
}

/** The old stack, as somebody has left it: one more worker, and a variable that is in no file. */
async function applyLegacy(kubectl) {
  await kubectl(undefined, 'apply', '--filename', 'legacy/namespace/namespace.yaml')
  await makeSecrets(kubectl)
  await kubectl('kubectl apply -k legacy', 'apply', '-k', 'legacy')
  await kubectl('kubectl scale deployment/worker --replicas=2', 'scale', 'deployment/worker', '--replicas=2')
  const variable = ['set', 'env', 'deployment/app', 'LOG_LEVEL=DEBUG']
  await kubectl(`kubectl ${variable.join(' ')}`, ...variable)
  for (const name of ['postgres', 'redis', 'temporal', 'temporal-web', 'temporal-admin-tools', 'app', 'worker'])
    await kubectl(undefined, 'rollout', 'status', `deployment/${name}`, '--timeout=120s')
  await kubectl(undefined, 'wait', 'job', '--all', '--for=condition=complete', '--timeout=120s')
}

try {
  // A second; a stale build would demonstrate the past.
  await run(undefined, process.execPath, [`${root}scripts/build.mjs`], quiet({ cwd: root }))
  await forge('sandbox', 'up', '--latency', 'realistic')
  const kubeconfig = await sandbox()
  const kubectl = async (title, ...args) =>
    await run(title, 'kubectl', ['--kubeconfig', kubeconfig, '--namespace', NAMESPACE, ...args])
  await kubectl(undefined, 'delete', 'namespace', NAMESPACE, '--ignore-not-found')
  await forge('secrets', 'generate', '--env', 'legacy')
  await applyLegacy(kubectl)
  await forge('migrate-to-helm', '--env', 'legacy', '--from', 'legacy', '--dry-run')
  // What the dry run would be refused for: the worker's second pod goes, and temporal-data, which nothing reads, is mounted no more.
  const agreed = ['--overwrite-drift', '--confirm', 'temporal-data', '--yes']
  await forge('migrate-to-helm', '--env', 'legacy', '--from', 'legacy', ...agreed)
  await forge('status', '--env', 'legacy')
  process.stderr.write(`
Next, from ${process.cwd()}:
  look     cd examples/api-forge && ../../bin/forge.js history -e legacy
  back     ../../bin/forge.js migrate-to-helm -e legacy --undo
           (the stack is as kubectl had applied it)
  stop     bin/forge.js sandbox down
`)
} catch (error) {
  if (error instanceof Error && error.message !== 'stopped') throw error
}
