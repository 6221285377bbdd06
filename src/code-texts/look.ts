import { said, type CodeText } from './text.ts'

/** Connections to pods, and commands in them. */
export const LOOK_TEXTS = {
  E_POD_NOT_READY: said(
    'What is not ready answers nobody, or wrongly.',
    'no pod of app is ready: the image shop/app:2 cannot be pulled',
    ['What is wrong with it?', 'forge status --env ENV'],
    ['What does it say?', 'forge logs COMPONENT --env ENV'],
  ),
  E_PORT_TAKEN: said(
    'A port of a machine has one listener.',
    'port 8080 of this machine cannot be listened on: another program has it',
    'Leave --local-port out: a free one is taken then.',
  ),
  E_PORT_UNKNOWN: said(
    'Ports are those of the Services that select the pods, else those that the containers declare.',
    'app has several ports: web (80), admin (9000)',
    'Say which one with --port, by name or number; a number that nobody declares is tried all the same.',
  ),
  E_SHELL_CUT: said(
    'The pod ended, or its node or the network went away.',
    'the connection to app-7d9f-x2k ended before the command did',
    ['How is the pod?', 'forge status --env ENV'],
  ),
  E_SHELL_MISSING: said(
    'Small images have one program and no shell.',
    'container app of app-7d9f-x2k has no sh in its image',
    ['Put a container with a shell beside it.', 'kubectl debug POD -it --image=busybox --target=CONTAINER'],
  ),
  E_SHELL_REFUSED: said(
    'The node of the pod begins the command, and says why it does not.',
    'the command was not begun in app-7d9f-x2k: container app is not running',
    ['What has happened to it?', 'kubectl describe pod POD'],
  ),
} as const satisfies Record<string, CodeText>
