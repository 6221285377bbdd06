import type { Hint } from '../../../hint.ts'
import { isPullReason } from '../marks.ts'
import { latestNote } from '../notes.ts'
import { containerStatusesOf, podSpecOf } from '../shapes.ts'
import { describePod, words, type PodRule, type RuleContext, type Symptom } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'

const REFUSED = 'the registry refuses access'

/** Answers of registries (OCI distribution spec, error codes) and of containerd that another attempt does not change. */
const DEFINITE: readonly (readonly [pattern: RegExp, meaning: string])[] = [
  [
    /manifest unknown|MANIFEST_UNKNOWN|not found|does not exist|name unknown|NAME_UNKNOWN|no such image/iu,
    'it does not exist',
  ],
  [/pull access denied|denied|unauthorized|authentication required|no basic auth|forbidden/iu, REFUSED],
  [
    /invalid reference|couldn't parse image|InvalidImageName|failed to apply default image tag/iu,
    'its name is not valid',
  ],
  [/no match for platform|no matching manifest|exec format/iu, "it was not built for the node's platform"],
  [
    /ErrImageNeverPull|never pull|not present with pull policy of Never/iu,
    'the pull policy is Never and no node has it',
  ],
  [/server gave HTTP response to HTTPS client/iu, 'the registry does not speak HTTPS'],
  [/certificate signed by unknown authority|x509:/iu, "the registry's certificate is not trusted"],
]

/** What networks and busy registries get over. Looked for first: "lookup ghcr.io: … not found" is about a name server. */
const PASSING =
  /timeout|timed out|deadline exceeded|connection (?:refused|reset)|i\/o|EOF|no such host|server misbehaving|network is unreachable|temporar|too ?many ?requests|\b429\b|\b50[0-4]\b|service unavailable|internal server error|bad gateway|RegistryUnavailable/iu

/**
 * Images that cannot be pulled (https://kubernetes.io/docs/concepts/containers/images/#imagepullbackoff: kubelet retries for
 * ever). A definite answer counts at once; an unknown one when kubelet has met it twice; a network's after a grace.
 */
export const imageRule: PodRule = (pod, context) =>
  containerStatusesOf(pod.object).flatMap(({ name, state }) => {
    const { reason, message = '' } = state?.waiting ?? {}
    return isPullReason(reason) && reason !== undefined ? [symptomOf(pod, name, reason, message, context)] : []
  })

function symptomOf(
  pod: ObservedObject,
  container: string,
  reason: string,
  message: string,
  context: RuleContext,
): Symptom {
  const { cache, options, at } = context
  // A back-off names only the image; the Event of the failed attempt says why.
  const note = latestNote(cache.notesOn(pod.uid), ['Failed', 'InspectFailed', 'ErrImageNeverPull'], container)
  const image = imageOf(pod, container)
  // Names are quoted; a tag like ":502" is no status.
  const text = `${reason} ${message} ${note?.message ?? ''}`.replaceAll(image, '').replace(/"[^"]*"/gu, '')
  const began = pod.marks.get(`pull:${container}`)?.at ?? at
  const isReserved = /^[^/]+\.invalid(?::\d+)?\//u.test(image)
  const isPassing = !isReserved && PASSING.test(text)
  const meaning = isReserved
    ? 'no registry has that name'
    : isPassing
      ? undefined
      : DEFINITE.find(([pattern]) => pattern.test(text))?.[1]
  const why = meaning ?? (isPassing ? 'the registry cannot be reached' : words(causeOf(message, note?.message), 120))
  return {
    code: 'E_IMAGE_PULL',
    message: `cannot pull image ${image}: ${why}`,
    brief: `image ${image} cannot be pulled`,
    image,
    on: pod,
    below: [container],
    hint: meaning === REFUSED ? pullSecretsOf(pod, context) : describePod(pod, context),
    // RFC 2606 keeps the domain .invalid free for ever: no name server will ever know it.
    dueAt: dueAt(reason, isPassing, meaning !== undefined, began, options),
    seq: pod.marks.get(`waiting:${container}:${reason}`)?.seq ?? cache.seq,
  }
}

/** Says `<none>` where there is none. */
const PULL_SECRETS = 'custom-columns=POD:.metadata.name,PULL-SECRETS:.spec.imagePullSecrets[*].name'

/** The pod shows whose credentials were used; `describe` does not. */
function pullSecretsOf({ object }: ObservedObject, { kubectl }: RuleContext): Hint {
  return kubectl(['get', 'pod', object.metadata.name, '--output', PULL_SECRETS])
}

function dueAt(
  reason: string,
  isPassing: boolean,
  isDefinite: boolean,
  began: number,
  options: RuleContext['options'],
): number {
  if (isPassing) return began + options.pullGraceMs
  if (isDefinite || reason !== 'ErrImagePull') return began
  return began + options.unknownErrorGraceMs
}

function causeOf(message: string, note: string | undefined): string {
  const said = note ?? message
  return said === '' ? 'the registry did not say why' : (said.split(/: (?=[^:]+$)/u).at(-1) ?? said)
}

function imageOf(pod: ObservedObject, container: string): string {
  const { containers = [], initContainers = [] } = podSpecOf(pod.object)
  return [...initContainers, ...containers].find(({ name }) => name === container)?.image ?? container
}
