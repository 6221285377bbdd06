import { homedir } from 'node:os'
import { systemClock } from '../adapters/clock.ts'
import { confinedContexts } from '../adapters/files/confined-ports.ts'
import { containerBuilder } from '../adapters/images/builder.ts'
import { buildContexts } from '../adapters/images/contexts.ts'
import { nodeImages } from '../adapters/images/node-images.ts'
import { registries } from '../adapters/images/registry.ts'
import type { BuilderName } from '../domain/images/build.ts'
import type { DeployPorts } from '../flows/phases/ports.ts'
import type { ImagesPorts } from '../flows/images/work.ts'
import type { Session } from './session.ts'
import { projectPorts } from './wire.ts'

/** What builds images, and what knows where they are. */
export function imageTools(
  { untrusted }: Pick<Session, 'untrusted'>,
  wanted?: BuilderName,
): Pick<DeployPorts, 'builder' | 'contexts' | 'registries' | 'nodeImages' | 'platform'> {
  return {
    builder: containerBuilder({ path: process.env['PATH'] ?? '', wanted }),
    contexts: untrusted === undefined ? buildContexts : confinedContexts,
    registries: registries({ clock: systemClock, env: process.env, home: homedir() }),
    nodeImages: (cluster) => nodeImages(cluster, { env: process.env }),
    platform: platformOf(process.arch),
  }
}

export function wireImages(session: Session, wanted?: BuilderName): Omit<ImagesPorts, 'progress' | 'onLine'> {
  return { ...projectPorts(session), ...imageTools(session, wanted), redactor: session.redactor }
}

/** As images name it; their system is Linux, whatever this machine's is. */
function platformOf(arch: NodeJS.Architecture): string {
  const names: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' }
  return `linux/${names[arch] ?? arch}`
}
