import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../../src/adapters/clock.ts'
import { openFiles } from '../../src/adapters/files/files.ts'
import { containerBuilder } from '../../src/adapters/images/builder.ts'
import { buildContexts } from '../../src/adapters/images/contexts.ts'
import { nodeImages } from '../../src/adapters/images/node-images.ts'
import { registries } from '../../src/adapters/images/registry.ts'
import type { Image, ImageSources } from '../../src/domain/config/model.ts'
import { prepareImages, type PreparedImages } from '../../src/flows/images/prepare.ts'
import { buildahStore } from './buildah.ts'
import { projectPorts } from './project-ports.ts'

const at = { file: 'forge.yaml', line: 7, column: 3 }

interface Place {
  readonly dir: string
  readonly project: string
  readonly repository: string
}

export interface Runner {
  readonly lines: string[]
  run(sources?: Partial<ImageSources>, more?: Partial<Image>): Promise<PreparedImages>
}

/** Step 2 as a fresh runner does it, with a store of its own: what another one has built it does not have. `place`: as it is when it runs. */
export async function buildahRunner(place: () => Place, env: Record<string, string> = {}): Promise<Runner> {
  const { dir } = place()
  const store = await buildahStore(await mkdtemp(join(dir, 'store-')))
  const builderEnv = { ...store, ...env }
  const lines: string[] = []
  return {
    lines,
    async run(sources = {}, more = {}) {
      const { project, repository } = place()
      const image: Image = {
        name: 'app',
        from: {
          kind: 'build',
          ...{ context: '.', dockerfile: 'Dockerfile', args: [], secrets: [], platforms: [], ssh: [] },
          ...{ cacheFrom: [], cacheTo: [] },
          ...sources,
        },
        repository,
        to: [],
        at,
        ...more,
      }
      const own = projectPorts(openFiles(project))
      return await prepareImages(
        {
          images: [image],
          environment: 'prod',
          dir: project,
          target: 'cluster',
          skipBuild: false,
          previousValues: new Map(),
        },
        {
          ...own,
          builder: containerBuilder({ path: process.env['PATH'] ?? '', wanted: 'buildah', env: builderEnv }),
          contexts: buildContexts,
          registries: registries({ clock: systemClock, env: { ...process.env, ...env }, home: dir }),
          nodeImages: (cluster) => nodeImages(cluster, { env: process.env }),
          platform: 'linux/amd64',
          redactor: { add: () => undefined },
          progress: (text) => void lines.push(text),
          onLine: (line) => void lines.push(line),
        },
      )
    },
  }
}
