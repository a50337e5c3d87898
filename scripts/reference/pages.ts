import type { Command } from 'commander';
import { format, resolveConfig } from 'prettier';
import { commandLine } from '../../src/commands/program.js';
import { describeSettings, loadConfig, settingsInWords } from '../../src/config.js';
import { openApiDocument } from '../../src/http/openapi/document.js';
import { readManifest } from '../../src/model/manifest.js';
import { defaultModelDir, packageRoot } from '../../src/package-root.js';
import { httpPage, type OpenApi } from './http-page.js';
import { table } from './markdown.js';

const note = (source: string) => `Written by \`npm run reference\` from ${source}: change it there.`;

/** Columns of the help, whatever the terminal has. */
const HELP_WIDTH = 100;

/** The pages of docs/reference by their file names, as they must stand there. */
export async function referencePages(): Promise<Record<string, string>> {
  const document = openApiDocument(await readManifest(defaultModelDir), loadConfig({})) as OpenApi;
  const pages = {
    'settings.md': settingsPage(),
    'http.md': httpPage(
      document,
      `${note('the schemas that the server validates with')} Limits are those of the [settings](settings.md)' defaults. ` +
        'A running server has the same with examples, as `GET /openapi.json` and as a page at `/docs/`.',
    ),
    'command-line.md': commandLinePage(commandLine()),
  };
  const options = await resolveConfig(`${packageRoot}/docs/reference/x.md`);
  const formatted = Object.entries(pages).map(async ([name, text]) => [
    name,
    await format(text, { ...options, parser: 'markdown' }),
  ]);
  return Object.fromEntries(await Promise.all(formatted)) as Record<string, string>;
}

function settingsPage(): string {
  const rows = settingsInWords().map(({ variable, meaning, type, fallback }) => [
    `\`${variable}\``,
    meaning,
    type,
    fallback,
  ]);
  return [
    '# Settings',
    note('the table in `src/config.ts`'),
    'Environment variables of `rutox serve`, or lines `NAME=value` of a file that `--env-file` names; the environment wins. An ' +
      'empty one counts as unset. One that is wrong, or an unknown one that begins with RUTOX, stops the start with exit code 2. ' +
      'When to change which: [operations](../operations.md#every-setting). Traces have the variables of OpenTelemetry: ' +
      '[monitoring](../monitoring.md#traces).',
    table(['variable', 'meaning', 'values', 'default'], rows),
  ].join('\n\n');
}

function commandLinePage(program: Command): string {
  const sections = entriesOf(program).map(([name, command]) =>
    [`## ${name}`, `\`\`\`text\n${helpOf(command).trimEnd()}\n\`\`\``].join('\n\n'),
  );
  return [
    '# Command line',
    note('what `--help` prints'),
    'How to use it: [the guide](../command-line.md).',
    ...sections,
  ].join('\n\n');
}

function entriesOf(command: Command, before = ''): [name: string, command: Command][] {
  const name = `${before}${command.name()}`;
  return [[name, command], ...command.commands.flatMap((each) => entriesOf(each, `${name} `))];
}

/** What `--help` prints; the settings have a page of their own. */
function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => HELP_WIDTH });
  command.outputHelp();
  return help.replace(describeSettings(), 'Settings (environment variables): see settings.md\n');
}
