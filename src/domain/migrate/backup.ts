import { digestOf } from '../canonical.ts'
import type { KubeObject } from '../kube.ts'
import { toApply } from './adopted.ts'

export interface BackupFile {
  readonly name: string
  readonly text: string
}

/** One file per object, as it is applied again, and an index: what each was, with its uid, its volume and a checksum of its file. */
export async function backupOf(
  objects: readonly KubeObject[],
  write: (object: KubeObject) => string,
): Promise<{ readonly files: readonly BackupFile[]; readonly index: string }> {
  const files = objects.map((object) => ({ object, name: fileOf(object), text: write(toApply(object)) }))
  const index = await Promise.all(
    files.map(async ({ object, name, text }) => {
      const { uid, namespace } = object.metadata
      const volume = (object['spec'] as { volumeName?: string } | undefined)?.volumeName
      return {
        file: name,
        object: `${object.kind}/${object.metadata.name}`,
        ...(namespace === undefined ? {} : { namespace }),
        uid,
        ...(volume === undefined ? {} : { volume }),
        sha256: await digestOf(text),
      }
    }),
  )
  return { files, index: `${JSON.stringify(index, null, 2)}\n` }
}

function fileOf({ kind, metadata: { name, namespace = '' } }: KubeObject): string {
  return [namespace, kind.toLowerCase(), `${name}.yaml`].filter((part) => part !== '').join('_')
}
