import type { KubeObject } from '../domain/kube.ts'
import { writeYaml } from '../domain/manifest/write-yaml.ts'

const LEFT = {
  plan: 'It writes nothing, so what a dry run would say is not checked, nor are capacity and storage classes.',
  look: 'Status, logs, open and shell. Who may open a shell can do what the pods can, and read their secrets.',
  pause:
    'Whoever may pause may also wake. Flux objects of other namespaces are not in it: their owner grants get and patch of them.',
  backup: 'For forge backup alone; a deploy with backups has them in its own.',
  deploy: 'Capacity, storage classes and autoscalers of others are not checked: nodes and the like may not be read.',
}

/** For `kubectl apply -f -`. */
export function rbacText(
  objects: readonly KubeObject[],
  { environment, purpose }: { readonly environment: string; readonly purpose: keyof typeof LEFT },
): string {
  const left = LEFT[purpose]
  const head = [
    `# The least rights to ${purpose}${purpose === 'look' ? ' into' : ''} environment ${environment}; print them anew when the charts make other kinds.`,
    `# ${left}`,
  ]
  return [...head, ...objects.map((object) => `---\n${writeYaml(object).trimEnd()}`)].join('\n')
}
