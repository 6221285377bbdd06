/** Flags that commands have in common: the folder and the environment, the cluster, namespace and project, values, images. */
export type Group = 'project' | 'cluster' | 'place' | 'values' | 'images' | 'promotion'

/** The flags that each command of forge takes, by its first word; what is not here takes none. A test holds it against them. */
export const FLAG_GROUPS: Readonly<Record<string, readonly Group[]>> = {
  backup: ['project', 'cluster'],
  deploy: ['project', 'cluster', 'values', 'images', 'promotion'],
  doctor: ['project', 'cluster', 'values'],
  export: ['project', 'values', 'images'],
  follow: ['project', 'cluster', 'place'],
  history: ['project', 'cluster', 'place'],
  images: ['project'],
  init: ['cluster'],
  logs: ['project', 'cluster', 'place'],
  'migrate-to-helm': ['project', 'cluster', 'place', 'values', 'images'],
  open: ['project', 'cluster', 'place'],
  pause: ['project', 'cluster', 'place'],
  plan: ['project', 'cluster', 'values', 'images', 'promotion'],
  rbac: ['project', 'cluster', 'values'],
  recover: ['project', 'cluster', 'place'],
  rehearse: ['project', 'cluster', 'values', 'images', 'promotion'],
  render: ['project', 'values'],
  report: ['project', 'cluster', 'place'],
  resume: ['project', 'cluster', 'place'],
  rollback: ['project', 'cluster', 'place'],
  secrets: ['project', 'cluster'],
  shell: ['project', 'cluster', 'place'],
  status: ['project', 'cluster', 'place'],
  uninstall: ['project', 'cluster', 'place'],
  validate: ['project'],
  vault: ['project', 'values'],
}
