import type { GivenImage } from '../../domain/config/given-images.ts'
import type { Image } from '../../domain/config/model.ts'
import { parseReference, referenceAt } from '../../domain/images/reference.ts'
import type { JournalEntry } from '../../domain/journal/model.ts'
import { wasReady } from '../../domain/journal/retention.ts'
import { ForgeError } from '../../errors.ts'
import { forge, type Hint } from '../../hint.ts'
import { loadProject, type LoadRequest } from '../project/load.ts'
import { requireKnown } from '../state/require-known.ts'
import { openScope, type OpenScope, type ScopeCluster, type ScopePorts } from '../state/scope.ts'
import { status, type StatusCluster } from '../status/status.ts'
import { builtOf, type Promotion } from './promotion.ts'

type Connected = { readonly cluster: StatusCluster & ScopeCluster }
type SourceScope = OpenScope<Connected>

export interface PromoteRequest extends Promotion {
  readonly dir: string | undefined
  /** Of what is deployed. */
  readonly load: LoadRequest
  readonly kubeconfig: string | undefined
}

/**
 * `--from ENV`: the images that forge builds are those that ENV runs, by the same digests. Throws E_PROMOTION unless what runs
 * there is a deploy that was verified and is ready now; reads that environment only.
 */
export async function promotedImages(
  { from, by, dir, load, kubeconfig }: PromoteRequest,
  ports: ScopePorts<Connected>,
): Promise<GivenImage[]> {
  if (ports.project.confinement !== undefined) throw untrusted(by)
  const project = await loadProject(ports.project, load)
  if (project.environment.name === from) throw refused(`${from} cannot be promoted to itself`, forge('status'))
  const built = builtOf(project.images)
  if (built.length === 0) throw refused('forge.yaml builds no image for this run', forge('images', 'list'))
  const place = { context: undefined, namespace: undefined, project: undefined, kubeconfig }
  const scope = await openScope({ command: 'status', dir, env: from, ...place }, ports)
  const deploy = await proven(scope, from, ports)
  return built.map((image) => ({
    name: image.name,
    ref: refIn(image, deploy, scope, from),
    by: by === '--from' ? `--from ${from}` : by,
  }))
}

async function proven(scope: SourceScope, from: string, ports: ScopePorts<Connected>): Promise<JournalEntry> {
  requireKnown(scope.journal, scope, ['--env', from])
  const { live } = scope.journal
  const show = forge('status', '--env', from)
  if (live === undefined || !wasReady(live))
    throw refused(`nothing that was ready runs in ${from}`, forge('history', '--env', from))
  const what = `deploy #${live.number} of ${from}`
  if (live.verified !== true) {
    const why = live.configuration.verify.length === 0 ? 'forge.yaml has no check under `verify`' : 'not all its checks'
    throw refused(`${what} was not verified (${why})`, forge('deploy', '--env', from))
  }
  const { document } = await status(scope, ports)
  if (document.ready && document.running === null) return live
  const now = document.running?.text ?? document.verdict?.message ?? 'not all of it is ready'
  throw refused(`${what} is not ready now: ${now}`, show)
}

/** What its charts were given, as the journal has it. */
function refIn(image: Image, deploy: JournalEntry, { checkout }: SourceScope, from: string): string {
  const own = checkout?.images.find(({ name }) => name === image.name)
  const what = `deploy #${deploy.number} of ${from}`
  const show = forge('history', String(deploy.number), '--env', from)
  if (deploy.omitted?.includes('values') === true)
    throw refused(`the journal had no room for the values of ${what}, so its images are not known`, show)
  const values = new Map(deploy.configuration.releases.map((one) => [one.name, one.values]))
  const refs = new Set((own?.to ?? []).flatMap(({ release, path }) => referenceAt(values.get(release), path) ?? []))
  const [ref, other] = refs
  if (ref === undefined) throw refused(`${what} has no image ${image.name}`, show)
  if (other !== undefined) throw refused(`${what} has two images ${image.name}: ${ref} and ${other}`, show)
  const parsed = parseReference(ref)
  if ('problem' in parsed || parsed.digest === undefined)
    throw refused(`image ${image.name} of ${what} has no digest (${ref}), so what it is elsewhere is not known`, show)
  return ref
}

function refused(message: string, hint: Hint): ForgeError {
  return new ForgeError('E_PROMOTION', message, { hint, where: '--from' })
}

function untrusted(by: string): ForgeError {
  const message = `${by} would ask a cluster that the checkout chooses`
  return new ForgeError('E_UNTRUSTED', message, { hint: forge('explain', 'E_UNTRUSTED'), where: by })
}
