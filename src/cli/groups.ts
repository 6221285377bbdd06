/** What people do with forge, in the order in which `forge --help` shows it. A command says its own; that of a topic has its name. */
export const GROUPS = ['set up', 'deploy', 'look', 'undo', 'secrets', 'images', 'vault', 'sandbox'] as const

export type Group = (typeof GROUPS)[number]
