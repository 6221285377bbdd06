import { refOf, type KubeObject } from '../../domain/kube.ts'
import type { Site } from './site.ts'

const POLICIES = 'admissionregistration.k8s.io/v1'
const NAME = 'forge-rehearsal-asks'
const ASK_AGAIN_MS = 50
const HEEDED_MS = 30_000

/** What is asked for, in a dry run: of a kind that no quota counts, and that policies leave alone. */
const ASKED: KubeObject = { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: NAME }, spec: {} }

/** Refuses that, and nothing else. */
const OWN: readonly KubeObject[] = [
  {
    apiVersion: POLICIES,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: NAME },
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: ['storage.k8s.io'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['csidrivers'] },
        ],
      },
      validations: [{ expression: `object.metadata.name != '${NAME}'` }],
    },
  },
  {
    apiVersion: POLICIES,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: NAME },
    spec: { policyName: NAME, validationActions: ['Deny'] },
  },
]

/**
 * Until the sandbox heeds the policies that were made in it. Its API server takes all of them up at once, every second, and tells
 * nobody (k8s.io/apiserver, plugin/policy/generic, policySource): so one more is made after them, and asked until it answers.
 */
export async function untilHeeded(made: readonly KubeObject[], site: Site): Promise<void> {
  const { sandbox, told, ports } = site
  const { clock, signal } = ports
  if (!made.some(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding')) return
  for (const object of OWN) await sandbox.cluster.create(object, signal)
  const until = clock.monotonic() + HEEDED_MS
  while (!(await isRefused(site))) {
    if (clock.monotonic() > until) {
      told.push(`policies may not have been asked: the sandbox did not heed its own within ${HEEDED_MS / 1000} s`)
      break
    }
    await clock.after(ASK_AGAIN_MS, signal)
  }
  for (const object of OWN) await sandbox.cluster.delete(refOf(object), {}, signal)
}

/** By its own policy: another one may be older. */
async function isRefused({ sandbox, ports }: Site): Promise<boolean> {
  const answer = await sandbox.cluster.predict(ASKED, { mode: 'create' }, ports.signal)
  return answer.kind === 'invalid' && answer.message.includes(`'${NAME}'`)
}
