import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { constants, gunzipSync } from 'node:zlib'
import { search, searchFolder, type Canary } from './canaries.ts'
import { faultyHelm } from './faulty-helm.ts'

export interface DumpingHelm {
  readonly path: string
  /** How often helm has written, and the sandbox was looked at. */
  readonly dumps: () => Promise<number>
  /** Where which canary, or which bytes, were found in what was kept. */
  readonly found: (canaries: readonly Canary[], bytes: Readonly<Record<string, Buffer>>) => Promise<string[]>
}

/**
 * A helm that keeps, each time when it has written into a sandbox of a rehearsal: all objects that its API server serves, its whole
 * folder (what etcd has on disk among it), and what it was given itself: values, chart, what stands in for the chart's render.
 */
export async function dumpingHelm(major: 3 | 4): Promise<DumpingHelm> {
  const { path, folder } = await faultyHelm(
    major,
    `case " $1 $* " in
*--dry-run*) exec "$HELM" "$@" ;;
" upgrade "*|" rollback "*) ;;
*) exec "$HELM" "$@" ;;
esac
at="$HERE/dump-$$"
mkdir -p "$at"
: > "$at/cut"
if [ "$1" = upgrade ]; then
  cat > "$at/values"
  [ -d "$3" ] && cp -r "$3" "$at/chart"
  [ -n "$HELM_PLUGINS" ] && cp -r "$HELM_PLUGINS" "$at/plugins"
  "$HELM" "$@" < "$at/values"
else
  "$HELM" "$@"
fi
status=$?
for sandbox in "$XDG_STATE_HOME"/forge/sandbox/rehearsal-*; do
  export KUBECONFIG="$sandbox/kubeconfig"
  unset HELM_PLUGINS
  kinds=$(kubectl api-resources --verbs=list -o name | grep -v '^componentstatuses$' | paste -sd, -)
  # The next one may be in the making; that in which helm has written answers.
  if kubectl get "$kinds" -A -o json --show-managed-fields > "$at/part"; then
    mv "$at/part" "$at/objects-\${sandbox##*/}.json"
  fi
  rm -rf "$HERE/dump-\${sandbox##*/}"
  (cd "$sandbox" && find . -type f) | while read -r file; do
    to="$HERE/dump-\${sandbox##*/}/$file"
    mkdir -p "\${to%/*}"
    # What etcd sets aside is empty, and large.
    tr -d '\\000' < "$sandbox/$file" > "$to"
  done
done
rm "$at/cut"
exit $status`,
  )
  const dumps = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name.startsWith('dump-'))
  return {
    path,
    dumps: async () => (await dumps()).filter((name) => /^dump-\d+$/u.test(name)).length,
    async found(canaries, bytes) {
      const all = await Promise.all(
        (await dumps()).map(async (name) => {
          const at = join(folder, name)
          const parts = await readdir(at)
          // With a forge that is killed its helm ends.
          const isWhole = parts.some((one) => /^(?:objects-.*\.json|cut|state\.json)$/u.test(one))
          return [
            ...(isWhole ? [] : [`${name} is not whole: ${parts.join(', ')}`]),
            ...(await searchFolder(at, canaries)),
            ...(await searchRaw(at, canaries, bytes)),
          ]
        }),
      )
      return all.flat()
    },
  }
}

/** What a text search does not see: bytes that are none, and helm's records where they stand in etcd's files. */
async function searchRaw(
  folder: string,
  canaries: readonly Canary[],
  bytes: Readonly<Record<string, Buffer>>,
): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name)
        const content = await readFile(path)
        const raw = Object.entries(bytes).flatMap(([name, value]) => {
          const isThere = content.includes(value) || content.includes(value.toString('base64'))
          return isThere ? [`${path}: ${name}`] : []
        })
        return [...raw, ...packedIn(content).flatMap((text) => search(`${path}, packed`, text, canaries))]
      }),
  )
  return found.flat()
}

/** From wherever base64 of gzip begins; a piece of it is better than nothing. */
function packedIn(content: Buffer): string[] {
  const text = content.toString('latin1')
  return [...text.matchAll(/H4sI[A-Za-z0-9+/]+={0,2}/gu)].flatMap(([packed]) => {
    try {
      return [gunzipSync(Buffer.from(packed, 'base64'), { finishFlush: constants.Z_SYNC_FLUSH }).toString()]
    } catch {
      return []
    }
  })
}
