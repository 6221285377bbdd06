import { said } from './text.ts'

/** Bringing a stack to rest, and waking it. */
export const PAUSE_TEXTS = {
  E_ENVIRONMENT_PAUSED: said(
    'A deploy writes the counts of its charts: some of the stack would run, and the rest would not.',
    'prod is paused since 2026-11-28 22:00 by ops@laptop: Deployment/web',
    ['Wake it first.', 'forge resume --env ENV'],
    ['Or let the deploy do both.', 'forge deploy --env ENV --resume'],
  ),
  E_PAUSE_JOB: said(
    'A migration that loses its database in the middle may leave half of its work.',
    'Job/schema-9c1d runs, and a pause would cut it off',
    ['Wait for it.', 'kubectl wait --for=condition=complete job/NAME -n NAMESPACE'],
  ),
  E_PAUSE_NEEDED: said(
    'Stages say what comes up before what; the later needs the earlier.',
    'Deployment/web comes after Deployment/postgres, and would stay up without it',
    ['Pause all of it.', 'forge pause --env ENV'],
    'Go on all the same with --accept-unmet-needs.',
  ),
  E_PAUSE_TIMEOUT: said(
    'A pod that does not end (a finalizer, a node that is gone) or an operator that does not run.',
    'worker is not where it was to be: 1 pod left (app waited 5m)',
    ['What is in the way?', 'kubectl describe KIND NAME -n NAMESPACE'],
    ['Go on from there, or undo it.', 'forge resume --env ENV'],
  ),
  E_PAUSE_UNDONE: said(
    'An autoscaler of its own, an operator or a GitOps controller holds the count.',
    'Deployment/web was scaled to 1 again by keda-operator while it was being paused',
    ['Who writes it?', 'kubectl get KIND NAME -o yaml --show-managed-fields -n NAMESPACE'],
    'Pause that controller first.',
  ),
} as const
