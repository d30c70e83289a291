/** Completions of the command line for the shells, made from the table of options. */

import { type End, HELP_TOPICS, type Option, OPTIONS, type Shell, SHELLS } from "./options.ts";

/**
 * Returns the completions for a shell, as a script that the shell reads.
 *
 * An option is offered with its description, unless it is already given or does not belong to the end that the command
 * line names. Values are completed if they are choices, files or hosts.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatCompletions } from "./completions.ts";
 *
 * assertEquals(formatCompletions("zsh").split("\n")[0], "#compdef chat");
 * ```
 */
export function formatCompletions(shell: Shell): string {
  return WRITERS[shell]().join("\n");
}

const WRITERS: Readonly<Record<Shell, () => readonly string[]>> = { bash, zsh, fish, powershell };

/** The opposite end, whose own options are not offered. */
const OPPOSITE: Readonly<Record<End, End | undefined>> = {
  serve: "connect",
  connect: "serve",
  both: undefined,
  none: undefined,
};

/** Returns the words that an option's argument can be; none if it can be anything. */
function choicesOf({ argument = "" }: Option): readonly string[] {
  if (argument === "[TOPIC]") return HELP_TOPICS;
  if (argument === "SHELL") return SHELLS;
  return /^[a-z]+(\|[a-z]+)+$/.test(argument) ? argument.split("|") : [];
}

function flagsOf(end: End): string[] {
  return OPTIONS.filter((option) => option.end === end).map(({ name }) => `--${name}`);
}

function bash(): string[] {
  const valued = OPTIONS.filter(({ argument }) => argument !== undefined);
  const free = valued.filter((option) => choicesOf(option).length === 0 && !isPlace(option));
  const files = valued.filter(({ argument }) => argument === "FILE");
  const lists = valued.filter(isList);
  const hosts = valued.filter((option) => isPlace(option) && option.argument !== "FILE" && !isList(option));
  const namesOf = (options: readonly Option[]) => options.map(({ name }) => `--${name}`).join(" | ");
  const list = (end: End) => flagsOf(end).join(" ");
  return [
    "# Completions of chat for bash. They are read where bash-completion looks for them, or by",
    "# source <(chat --completions bash)",
    "_chat() {",
    '  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD - 1]}"',
    "  # Bash takes the sign in --option=value for a word of its own.",
    '  if [[ $word == "=" ]]; then',
    "    word=",
    '  elif [[ $before == "=" ]]; then',
    '    before="${COMP_WORDS[COMP_CWORD - 2]}"',
    "  fi",
    "  COMPREPLY=()",
    '  case "$before" in',
    ...valued.filter((option) => choicesOf(option).length > 0).flatMap((option) => [
      `    --${option.name})`,
      `      _chat_offer -W "${choicesOf(option).join(" ")}" -- "$word"`,
      // The words that may follow an option without being its argument are offered, too.
      ...(option.argument!.startsWith("[") ? [] : ["      return"]),
      "      ;;",
    ]),
    `    ${namesOf(files)})`,
    "      compopt -o filenames 2>/dev/null",
    '      _chat_offer -f -- "$word"',
    "      return",
    "      ;;",
    `    ${namesOf(lists)})`,
    '      _chat_offer -A hostname -P "${word%"${word##*,}"}" -- "${word##*,}"',
    "      return",
    "      ;;",
    `    ${namesOf(hosts)})`,
    '      _chat_offer -A hostname -- "$word"',
    "      return",
    "      ;;",
    `    ${namesOf(free)})`,
    "      return",
    "      ;;",
    "  esac",
    `  local serve="${list("serve")}"`,
    `  local connect="${list("connect")}"`,
    `  local others="${[...flagsOf("both"), ...flagsOf("none")].join(" ")}"`,
    '  local given=" ${COMP_WORDS[*]:1:COMP_CWORD-1} " flag offered=""',
    '  [[ $given == *" --connect "* ]] && serve=',
    '  [[ $given == *" --serve "* ]] && connect=',
    "  for flag in $serve $connect $others; do",
    `    if [[ $given != *" $flag "* || $flag == ${repeatable().join(" || $flag == ")} ]]; then`,
    '      offered="$offered $flag"',
    "    fi",
    "  done",
    '  _chat_offer -W "$offered" -- "$word"',
    "}",
    "_chat_offer() {",
    "  local line",
    '  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$@")',
    "}",
    "complete -F _chat chat",
  ];
}

/** Returns whether an option's argument is a file or a host. */
function isPlace({ argument = "" }: Option): boolean {
  return /^(FILE|ADDR|HOST)/.test(argument);
}

/** Returns whether an option's argument is hosts with commas between. */
function isList({ argument = "" }: Option): boolean {
  return argument.endsWith(",...");
}

function repeatable(): string[] {
  return OPTIONS.filter((option) => option.repeatable).map(({ name }) => `--${name}`);
}

function zsh(): string[] {
  const actionOf = (option: Option): string => {
    const choices = choicesOf(option);
    if (choices.length > 0) return `(${choices.join(" ")})`;
    if (option.argument === "FILE") return "_files";
    if (isList(option)) return "_sequence _hosts";
    return isPlace(option) ? "_hosts" : " ";
  };
  const specs = OPTIONS.flatMap((option) => {
    const { name, short, argument, end, about } = option;
    const names = [`--${name}`, ...(short === undefined ? [] : [`-${short}`])];
    const others = [...names, ...(name === end ? flagsOf(OPPOSITE[end]!) : [])];
    const excluded = end === "none" ? "- *" : others.join(" ");
    const first = option.repeatable ? "*" : `(${excluded})`;
    const text = `[${about.replace(/[[\]:\\]/g, "\\$&")}]`;
    const optional = argument?.startsWith("[") ? "::" : ":";
    const value = argument === undefined
      ? ""
      : `${optional}${argument.replace(/[[\]]/g, "").replace(/:/g, "\\:")}:${actionOf(option)}`;
    return names.map((flag) =>
      `'${
        (first + flag + (value !== "" && flag.startsWith("--") ? "=" : "") + text + value).replace(
          /'/g,
          "'\\''",
        )
      }'`
    );
  });
  return [
    "#compdef chat",
    "# Completions of chat for zsh. The file is named _chat and lies in a folder of $fpath.",
    "_chat() {",
    "  _arguments -s -S : \\",
    ...specs.map((spec, i) => `    ${spec}${i + 1 < specs.length ? " \\" : ""}`),
    "}",
    'if [ "$funcstack[1]" = _chat ]; then',
    '  _chat "$@"',
    "else",
    "  compdef _chat chat",
    "fi",
  ];
}

function fish(): string[] {
  return [
    "# Completions of chat for fish. The file is named chat.fish and lies in a folder of $fish_complete_path.",
    "complete -c chat -f",
    ...OPTIONS.map((option) => {
      const { name, short, argument, end, about } = option;
      const choices = choicesOf(option);
      const conditions = [
        ...(OPPOSITE[end] === undefined ? [] : [`not __fish_contains_opt ${OPPOSITE[end]}`]),
        // For an option with an argument this would also hide the choices.
        ...(argument === undefined ? [`not __fish_contains_opt ${short ? `-s ${short} ` : ""}${name}`] : []),
      ];
      const words = [
        "complete -c chat",
        `-l ${name}`,
        ...(short === undefined ? [] : [`-s ${short}`]),
        ...(conditions.length === 0 ? [] : [`-n '${conditions.join("; and ")}'`]),
        ...(argument === "FILE" ? ["-r -F"] : []),
        ...(isPlace(option) && argument !== "FILE" ? [`-x -a '(${fishHosts(option)})'`] : []),
        ...(choices.length > 0 ? [`-x -a '${choices.join(" ")}'`] : []),
        ...(argument !== undefined && choices.length === 0 && !isPlace(option) ? ["-x"] : []),
        `-d '${about.replace(/[\\']/g, "\\$&")}'`,
      ];
      return words.join(" ");
    }),
  ];
}

function fishHosts(option: Option): string {
  return isList(option) ? "__fish_complete_list , __fish_print_hostnames" : "__fish_print_hostnames";
}

function powershell(): string[] {
  const quote = (text: string) => `'${text.replace(/'/g, "''")}'`;
  return [
    "# Completions of chat for PowerShell. A profile reads them by",
    "# chat --completions powershell | Out-String | Invoke-Expression",
    "Register-ArgumentCompleter -Native -CommandName chat -ScriptBlock {",
    "  param($word, $command, $cursor)",
    "  $options = @(",
    ...OPTIONS.map((option) =>
      `    [pscustomobject]@{ Name = '--${option.name}'; End = '${option.end}'; Repeatable = ${
        option.repeatable ? "$true" : "$false"
      }; Choices = @(${choicesOf(option).map(quote).join(", ")}); About = ${quote(option.about)} }`
    ),
    "  )",
    "  $words = @($command.CommandElements | ForEach-Object { $_.ToString() })",
    "  $given = @($words | Where-Object { $_ -ne $word })",
    "  $before = $options | Where-Object { $_.Name -eq $given[-1] }",
    "  if ($before -and $before.Choices.Count -gt 0) {",
    '    $before.Choices | Where-Object { $_ -like "$word*" } | ForEach-Object {',
    "      [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)",
    "    }",
    "    return",
    "  }",
    "  $options | Where-Object {",
    '    $_.Name -like "$word*" -and ($_.Repeatable -or $given -notcontains $_.Name) -and',
    "    -not ($_.End -eq 'serve' -and $given -contains '--connect') -and",
    "    -not ($_.End -eq 'connect' -and $given -contains '--serve')",
    "  } | ForEach-Object {",
    "    [System.Management.Automation.CompletionResult]::new($_.Name, $_.Name, 'ParameterName', $_.About)",
    "  }",
    "}",
  ];
}
