import { loadHelmYaml } from '../manifest/yaml.ts'
import { isMap } from '../config/path.ts'
import { KUSTOMIZATION_FILES } from '../migrate/kustomization.ts'
import type { Detected, Origin } from './model.ts'

/** In the order in which compose looks for its file (https://docs.docker.com/compose/how-tos/project-name/, "compose.yaml"), then variants. */
const COMPOSE = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml']
const COMPOSE_VARIANT = /^(?:docker-)?compose[.-][\w.-]+\.ya?ml$/u

/** `paths`: files of the project's folder, relative. `textOf`: of the Chart.yaml files. */
export function detect(paths: readonly string[], textOf: (path: string) => string | undefined): Detected {
  const all = [...paths].sort()
  const folders = foldersWith(all, ['Chart.yaml'])
  const own = folders.filter((folder) => !folders.some((other) => other !== folder && isBelow(folder, other)))
  const top = all.filter((path) => !path.includes('/'))
  const variants = top.filter((path) => COMPOSE_VARIANT.test(path) && !COMPOSE.includes(path))
  return {
    charts: own.flatMap((folder) => {
      const name = deployableName(textOf(join(folder, 'Chart.yaml')) ?? '')
      return name === undefined ? [] : [{ folder, name }]
    }),
    compose: [...COMPOSE.filter((name) => top.includes(name)), ...variants],
    dockerfiles: dockerfilesIn(all),
    kustomizations: foldersWith(all, KUSTOMIZATION_FILES).filter(
      (folder) => !own.some((one) => folder === one || isBelow(folder, one)),
    ),
    hasDotenv: top.includes('.env'),
  }
}

/** All that could be deployed, the likeliest first; the sample where there is nothing. */
export function originsOf({ charts, compose, dockerfiles, kustomizations }: Detected): readonly Origin[] {
  const found: Origin[] = [
    ...(charts.length > 0 ? [{ kind: 'charts' as const, charts }] : []),
    ...compose.map((file) => ({ kind: 'compose' as const, file })),
    ...(dockerfiles.length > 0 ? [{ kind: 'dockerfiles' as const, files: dockerfiles }] : []),
    ...kustomizations.map((folder) => ({ kind: 'kustomization' as const, folder })),
  ]
  return found.length > 0 ? found : [{ kind: 'sample' }]
}

/** In a few words: `compose.yaml`, `charts/web, charts/db`. */
export function originName(origin: Origin): string {
  switch (origin.kind) {
    case 'charts':
      return origin.charts.map(({ folder }) => (folder === '' ? '.' : folder)).join(', ')
    case 'compose':
      return origin.file
    case 'dockerfiles':
      return origin.files.join(', ')
    case 'kustomization':
      return origin.folder === '' ? '.' : origin.folder
    case 'image':
      return origin.ref
    case 'sample':
      return 'a small example'
  }
}

/** A library has nothing to deploy. Undefined: it has no name either. */
function deployableName(text: string): string | undefined {
  const { value } = loadHelmYaml(text)
  if (!isMap(value) || value['type'] === 'library') return undefined
  return typeof value['name'] === 'string' ? value['name'] : undefined
}

/** That of the project's folder, else those of the folders in it. */
function dockerfilesIn(all: readonly string[]): readonly string[] {
  if (all.includes('Dockerfile')) return ['Dockerfile']
  return all.filter((path) => /^[^/]+\/Dockerfile$/u.test(path))
}

function foldersWith(all: readonly string[], names: readonly string[]): string[] {
  const holds = (path: string): boolean => names.includes(path.slice(path.lastIndexOf('/') + 1))
  return [...new Set(all.filter(holds).map((path) => path.slice(0, Math.max(path.lastIndexOf('/'), 0))))]
}

function isBelow(folder: string, other: string): boolean {
  return other === '' ? folder !== '' : folder.startsWith(`${other}/`)
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}
