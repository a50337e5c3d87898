import { Argument, type Command, type Option } from 'commander';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** A command with its full name: `model verify`. */
interface Entry {
  readonly path: string;
  readonly command: Command;
}

/** `rutox completion`. Register it last: it knows the commands that are there when it runs. */
export function registerCompletion(program: Command): void {
  program
    .command('completion')
    .description('print what a shell needs to complete commands and options')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText(
      'after',
      `
Examples:
  source <(rutox completion bash)    # in ~/.bashrc
  source <(rutox completion zsh)     # in ~/.zshrc, after compinit
  rutox completion fish > ~/.config/fish/completions/rutox.fish
`,
    )
    .action((shell: Shell) => {
      const write = { bash, zsh: (entries: readonly Entry[]) => ZSH + bash(entries), fish }[shell];
      process.stdout.write(write(entriesOf(program)));
    });
}

function entriesOf(command: Command, path = ''): Entry[] {
  const below = command.commands.flatMap((each) => entriesOf(each, `${path} ${each.name()}`.trim()));
  return [{ path, command }, ...below];
}

function optionsOf(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

const ZSH = 'autoload -U +X bashcompinit && bashcompinit\n';

/** Words for each command; after an option with choices, these; else files. */
function bash(entries: readonly Entry[]): string {
  const words = entries.map(({ path, command }) => {
    const names = [...command.commands.map((each) => each.name()), ...choices(command.registeredArguments)];
    const flags = optionsOf(command).map(({ long }) => long);
    return `    '${path}') words='${[...names, ...flags].join(' ')}' ;;`;
  });
  const values = entries.flatMap(({ path, command }) =>
    optionsOf(command)
      .filter(({ argChoices }) => argChoices !== undefined)
      .map(({ long, argChoices }) => `    '${path} ${long}') words='${argChoices!.join(' ')}' ;;`),
  );
  return `_rutox() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command='' words=''
  case "\${COMP_WORDS[1]}" in
    ${entries[0]!.command.commands.map((each) => each.name()).join('|')}) [ "$COMP_CWORD" -gt 1 ] && command="\${COMP_WORDS[1]}" ;;
  esac
  case "$command \${COMP_WORDS[2]}" in
    ${entries
      .filter(({ path }) => path.includes(' '))
      .map(({ path }) => `'${path}'`)
      .join('|')}) [ "$COMP_CWORD" -gt 2 ] && command="$command \${COMP_WORDS[2]}" ;;
  esac
  case "$command" in
${words.join('\n')}
  esac
  case "$command $previous" in
${values.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _rutox rutox
`;
}

function choices(all: readonly Argument[]): readonly string[] {
  return all.flatMap(({ argChoices }) => argChoices ?? []);
}

function fish(entries: readonly Entry[]): string {
  const lines = entries.flatMap(({ path, command }) => {
    const when = `-n '${condition(path, command)}'`;
    const below = command.commands.map(
      (each) => `complete -c rutox ${when} -f -a ${each.name()} -d ${quoted(each.description())}`,
    );
    const shells = choices(command.registeredArguments).map(
      (name) => `complete -c rutox ${when} -f -a ${name}`,
    );
    const flags = optionsOf(command).map(({ long, description, argChoices, required }) => {
      const value = argChoices ? ` -x -a '${argChoices.join(' ')}'` : required ? ' -r' : '';
      return `complete -c rutox ${when} -l ${long!.slice(2)}${value} -d ${quoted(description)}`;
    });
    return [...below, ...shells, ...flags];
  });
  return `${lines.join('\n')}\n`;
}

/** Where in a command line this command is the last one named. */
function condition(path: string, command: Command): string {
  if (path === '') return '__fish_use_subcommand';
  const seen = path.split(' ').map((name) => `__fish_seen_subcommand_from ${name}`);
  const names = command.commands.map((each) => each.name());
  if (names.length > 0) seen.push(`not __fish_seen_subcommand_from ${names.join(' ')}`);
  return seen.join('; and ');
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}
