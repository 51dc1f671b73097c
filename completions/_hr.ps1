
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'hr' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'hr'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'hr' {
            [CompletionResult]::new('--command', '--command', [CompletionResultType]::ParameterName, 'The command line whose output this is; without it the output''s own fingerprint decides')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'The exit status of that command')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'What to print: the compacted text, or one JSON object about it')
            [CompletionResult]::new('--facts', '--facts', [CompletionResultType]::ParameterName, 'Where the line with facts goes: below the text, to standard error, or nowhere')
            [CompletionResult]::new('--budget', '--budget', [CompletionResultType]::ParameterName, 'Fit the text into about so many tokens')
            [CompletionResult]::new('--query', '--query', [CompletionResultType]::ParameterName, 'What you look for, in words: the lines most about it stay, with their surroundings')
            [CompletionResult]::new('--kind', '--kind', [CompletionResultType]::ParameterName, 'The kind of content: json, search, log, diff, html, code or text')
            [CompletionResult]::new('--rule', '--rule', [CompletionResultType]::ParameterName, 'The rule to apply, by its id')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The conversation that the text goes into, by a name of its own: lines that it was shown lately are not shown again')
            [CompletionResult]::new('--no-project', '--no-project', [CompletionResultType]::ParameterName, 'Leave out the rules of the project (`.hr/rules`)')
            [CompletionResult]::new('--no-store', '--no-store', [CompletionResultType]::ParameterName, 'Keep no original; nothing is lost then: the text is only cleaned')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print the text as it came')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Runs a command and compacts what it prints')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Prints what was recorded')
            [CompletionResult]::new('store', 'store', [CompletionResultType]::ParameterValue, 'Looks after the recordings')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Shows what would happen to a text: kind, rule and why, and the fate of every line with the step that decided it')
            [CompletionResult]::new('rules', 'rules', [CompletionResultType]::ParameterValue, 'Lists, finds, shows, checks, copies and trusts rules')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Runs golden cases: folders with `cmd`, `input` and `expected`, and the tests inside rule files')
            [CompletionResult]::new('cache-check', 'cache-check', [CompletionResultType]::ParameterValue, 'Lints prompts and requests for what breaks a provider''s prompt cache: times, identifiers, unstable order')
            [CompletionResult]::new('replay', 'replay', [CompletionResultType]::ParameterValue, 'Replays recorded sessions: what `hr` would save of their tool results, and what the agent would have missed')
            [CompletionResult]::new('stats', 'stats', [CompletionResultType]::ParameterValue, 'Says what was saved: tokens before and after, less the markers and what was read after all')
            [CompletionResult]::new('mcp', 'mcp', [CompletionResultType]::ParameterValue, 'Serves what is stored, and compacted commands, to an agent over the Model Context Protocol')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Sets an agent up so that it calls `hr`: hooks, a plugin, or instructions, whatever it takes')
            [CompletionResult]::new('hook', 'hook', [CompletionResultType]::ParameterValue, 'Answers the hook of an agent: the payload on standard input, one JSON object on standard output')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Looks whether agents really call `hr`, and tries their hooks')
            [CompletionResult]::new('tokens', 'tokens', [CompletionResultType]::ParameterValue, 'What `hr tokens` takes')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Prints the completion script of a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Prints the manual page, or writes all of them')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hr;run' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'What to print: the compacted text, or one JSON object about it')
            [CompletionResult]::new('--facts', '--facts', [CompletionResultType]::ParameterName, 'Where the line with facts goes: below the text, to standard error, or nowhere')
            [CompletionResult]::new('--budget', '--budget', [CompletionResultType]::ParameterName, 'Fit the text into about so many tokens')
            [CompletionResult]::new('--query', '--query', [CompletionResultType]::ParameterName, 'What you look for, in words: the lines most about it stay, with their surroundings')
            [CompletionResult]::new('--kind', '--kind', [CompletionResultType]::ParameterName, 'The kind of content: json, search, log, diff, html, code or text')
            [CompletionResult]::new('--rule', '--rule', [CompletionResultType]::ParameterName, 'The rule to apply, by its id')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The conversation that the text goes into, by a name of its own: lines that it was shown lately are not shown again')
            [CompletionResult]::new('--served', '--served', [CompletionResultType]::ParameterName, 'For `hr mcp`: what is longer than so many tokens is fitted into them, and the command ends with who called')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Run LINE with a shell, `/bin/sh` unless `--shell` names another, instead of a command with its arguments')
            [CompletionResult]::new('--shell', '--shell', [CompletionResultType]::ParameterName, 'The shell that runs LINE, by name or path')
            [CompletionResult]::new('--no-project', '--no-project', [CompletionResultType]::ParameterName, 'Leave out the rules of the project (`.hr/rules`)')
            [CompletionResult]::new('--no-store', '--no-store', [CompletionResultType]::ParameterName, 'Keep no original; nothing is lost then: the text is only cleaned')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print the text as it came')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Compact also what goes to a terminal; hooks say so, for some agents read commands through one')
            [CompletionResult]::new('--terminal', '--terminal', [CompletionResultType]::ParameterName, 'Compact also what goes to a terminal; hooks say so, for some agents read commands through one')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hr;show' {
            [CompletionResult]::new('--lines', '--lines', [CompletionResultType]::ParameterName, 'Only these lines: `40-171`, `40-`, `-20` for the last 20, `40`, or several with commas')
            [CompletionResult]::new('--grep', '--grep', [CompletionResultType]::ParameterName, 'Only lines that match, with their numbers; colour codes and overwritten progress do not count')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'So many lines around each match')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'So many lines around each match')
            [CompletionResult]::new('-A', '-A ', [CompletionResultType]::ParameterName, 'So many lines after each match')
            [CompletionResult]::new('--after-context', '--after-context', [CompletionResultType]::ParameterName, 'So many lines after each match')
            [CompletionResult]::new('-B', '-B ', [CompletionResultType]::ParameterName, 'So many lines before each match')
            [CompletionResult]::new('--before-context', '--before-context', [CompletionResultType]::ParameterName, 'So many lines before each match')
            [CompletionResult]::new('--query', '--query', [CompletionResultType]::ParameterName, 'Only the parts that are most about these words, with their line numbers')
            [CompletionResult]::new('--budget', '--budget', [CompletionResultType]::ParameterName, 'How much `--query` prints, in tokens')
            [CompletionResult]::new('--page', '--page', [CompletionResultType]::ParameterName, 'Only this page of the result, counted from 1')
            [CompletionResult]::new('--page-size', '--page-size', [CompletionResultType]::ParameterName, 'How many lines a page has')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the list is printed')
            [CompletionResult]::new('--stderr', '--stderr', [CompletionResultType]::ParameterName, 'What was printed to standard error, when it was recorded on its own')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hr;store' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'Lists all recordings, newest first')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serves the recordings over HTTP, for a gateway that keeps what it leaves out')
            [CompletionResult]::new('gc', 'gc', [CompletionResultType]::ParameterValue, 'Removes now what is too old or too much')
            [CompletionResult]::new('purge', 'purge', [CompletionResultType]::ParameterValue, 'Removes recordings for good, without asking')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hr;store;ls' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the list is printed')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hr;store;serve' {
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'The address to listen on; port 0 takes a free one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'A file with a token that every request has to send as `Authorization: Bearer TOKEN`; needed on other addresses than those of this machine')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'hr;store;gc' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'hr;store;purge' {
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All recordings, and the command lines of those that were removed before')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'hr;store;help' {
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'Lists all recordings, newest first')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serves the recordings over HTTP, for a gateway that keeps what it leaves out')
            [CompletionResult]::new('gc', 'gc', [CompletionResultType]::ParameterValue, 'Removes now what is too old or too much')
            [CompletionResult]::new('purge', 'purge', [CompletionResultType]::ParameterValue, 'Removes recordings for good, without asking')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hr;store;help;ls' {
            break
        }
        'hr;store;help;serve' {
            break
        }
        'hr;store;help;gc' {
            break
        }
        'hr;store;help;purge' {
            break
        }
        'hr;store;help;help' {
            break
        }
        'hr;explain' {
            [CompletionResult]::new('--command', '--command', [CompletionResultType]::ParameterName, 'The command line whose output this is; without it the output''s own fingerprint decides')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'The exit status of that command')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'What to print: the compacted text, or one JSON object about it')
            [CompletionResult]::new('--facts', '--facts', [CompletionResultType]::ParameterName, 'Where the line with facts goes: below the text, to standard error, or nowhere')
            [CompletionResult]::new('--budget', '--budget', [CompletionResultType]::ParameterName, 'Fit the text into about so many tokens')
            [CompletionResult]::new('--query', '--query', [CompletionResultType]::ParameterName, 'What you look for, in words: the lines most about it stay, with their surroundings')
            [CompletionResult]::new('--kind', '--kind', [CompletionResultType]::ParameterName, 'The kind of content: json, search, log, diff, html, code or text')
            [CompletionResult]::new('--rule', '--rule', [CompletionResultType]::ParameterName, 'The rule to apply, by its id')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The conversation that the text goes into, by a name of its own: lines that it was shown lately are not shown again')
            [CompletionResult]::new('--no-project', '--no-project', [CompletionResultType]::ParameterName, 'Leave out the rules of the project (`.hr/rules`)')
            [CompletionResult]::new('--no-store', '--no-store', [CompletionResultType]::ParameterName, 'Keep no original; nothing is lost then: the text is only cleaned')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print the text as it came')
            [CompletionResult]::new('--brief', '--brief', [CompletionResultType]::ParameterName, 'Leave out the fates of the lines')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hr;rules' {
            [CompletionResult]::new('--no-project', '--no-project', [CompletionResultType]::ParameterName, 'Leave out the rules of the project (`.hr/rules`)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Lists every rule in force: name, where it comes from, what stays, what is lost')
            [CompletionResult]::new('which', 'which', [CompletionResultType]::ParameterValue, 'Says which rule a command line or an output gets, and which others fit')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Prints a rule as it is written')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Checks rule files: the user''s and the project''s, or the files and folders named')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Proposes a rule from a recorded output, with a golden case of it and a test, for you to edit')
            [CompletionResult]::new('eject', 'eject', [CompletionResultType]::ParameterValue, 'Copies a built-in rule into the user''s rules, where it takes its place and can be edited')
            [CompletionResult]::new('trust', 'trust', [CompletionResultType]::ParameterValue, 'Trusts rules of the project, so that they may do all that rules can do')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Makes rules of yours from those of tokenjuice, tokf and RTK, and says what could not be carried over')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hr;rules;list' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('--no-project', '--no-project', [CompletionResultType]::ParameterName, 'Leave out the rules of the project (`.hr/rules`)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'hr;rules;which' {
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'The exit status of the command')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The output to look at, `-` for standard input; without it only the command decides')
            [CompletionResult]::new('--no-project', '--no-project', [CompletionResultType]::ParameterName, 'Leave out the rules of the project (`.hr/rules`)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'hr;rules;show' {
            [CompletionResult]::new('--no-project', '--no-project', [CompletionResultType]::ParameterName, 'Leave out the rules of the project (`.hr/rules`)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'hr;rules;check' {
            [CompletionResult]::new('--no-project', '--no-project', [CompletionResultType]::ParameterName, 'Leave out the rules of the project (`.hr/rules`)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hr;rules;new' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The command line that printed it')
            [CompletionResult]::new('--command', '--command', [CompletionResultType]::ParameterName, 'The command line that printed it')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Its exit status')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'The rule''s id; `own/TOOL` when it is left out')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Among the rules of the project, `.hr/rules`, instead of the user''s')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Write over files that are there')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Write over files that are there')
            [CompletionResult]::new('--no-project', '--no-project', [CompletionResultType]::ParameterName, 'Leave out the rules of the project (`.hr/rules`)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'hr;rules;eject' {
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Into the rules of the project, `.hr/rules`, instead')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Write over a file that is there')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Write over a file that is there')
            [CompletionResult]::new('--no-project', '--no-project', [CompletionResultType]::ParameterName, 'Leave out the rules of the project (`.hr/rules`)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'hr;rules;trust' {
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'Print what is trusted and change nothing')
            [CompletionResult]::new('--revoke', '--revoke', [CompletionResultType]::ParameterName, 'Trust them no longer')
            [CompletionResult]::new('--no-project', '--no-project', [CompletionResultType]::ParameterName, 'Leave out the rules of the project (`.hr/rules`)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hr;rules;import' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Whose rules they are; without it every file is told by its shape')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'The rules folder to write to, below `imported/`; default: yours')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to report')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only report, write nothing')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Overwrite rules that are there')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'End with 1 when something is not carried over')
            [CompletionResult]::new('--no-project', '--no-project', [CompletionResultType]::ParameterName, 'Leave out the rules of the project (`.hr/rules`)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hr;rules;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Lists every rule in force: name, where it comes from, what stays, what is lost')
            [CompletionResult]::new('which', 'which', [CompletionResultType]::ParameterValue, 'Says which rule a command line or an output gets, and which others fit')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Prints a rule as it is written')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Checks rule files: the user''s and the project''s, or the files and folders named')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Proposes a rule from a recorded output, with a golden case of it and a test, for you to edit')
            [CompletionResult]::new('eject', 'eject', [CompletionResultType]::ParameterValue, 'Copies a built-in rule into the user''s rules, where it takes its place and can be edited')
            [CompletionResult]::new('trust', 'trust', [CompletionResultType]::ParameterValue, 'Trusts rules of the project, so that they may do all that rules can do')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Makes rules of yours from those of tokenjuice, tokf and RTK, and says what could not be carried over')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hr;rules;help;list' {
            break
        }
        'hr;rules;help;which' {
            break
        }
        'hr;rules;help;show' {
            break
        }
        'hr;rules;help;check' {
            break
        }
        'hr;rules;help;new' {
            break
        }
        'hr;rules;help;eject' {
            break
        }
        'hr;rules;help;trust' {
            break
        }
        'hr;rules;help;import' {
            break
        }
        'hr;rules;help;help' {
            break
        }
        'hr;test' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to report')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Only cases whose name contains this')
            [CompletionResult]::new('--bless', '--bless', [CompletionResultType]::ParameterName, 'Write what came out as what is expected (never `keep`)')
            [CompletionResult]::new('--no-project', '--no-project', [CompletionResultType]::ParameterName, 'Leave out the rules of the project (`.hr/rules`)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hr;cache-check' {
            [CompletionResult]::new('--input', '--input', [CompletionResultType]::ParameterName, 'How to read them: as requests when they are, as text, as one request (`.json` is), as a request a line (`.jsonl`)')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Whose requests they are, when they do not tell: anthropic, openai or gemini')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to report')
            [CompletionResult]::new('--severity', '--severity', [CompletionResultType]::ParameterName, 'How bad a check''s findings are: off, note, warning or error')
            [CompletionResult]::new('--allow', '--allow', [CompletionResultType]::ParameterName, 'Values that are allowed: a regular expression')
            [CompletionResult]::new('--threshold', '--threshold', [CompletionResultType]::ParameterName, 'From how many on a prompt is unstable: uuid (3), timestamp (3), jwt (1) or hash (3)')
            [CompletionResult]::new('--max-warnings', '--max-warnings', [CompletionResultType]::ParameterName, 'How many warnings are too few to fail')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Print what a check is about')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit with 0 whatever is found')
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Sort the tools of requests by name, and the keys in them; shows the difference and asks first')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'With `--fix`: do not ask')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'List the checks')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hr;replay' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to report')
            [CompletionResult]::new('--rows', '--rows', [CompletionResultType]::ParameterName, 'How many rows the lists have')
            [CompletionResult]::new('--max-loss', '--max-loss', [CompletionResultType]::ParameterName, 'Fail when more than so many percent of what was used is lost')
            [CompletionResult]::new('--min-saved', '--min-saved', [CompletionResultType]::ParameterName, 'Fail when less than so many percent of the tokens is saved')
            [CompletionResult]::new('--no-project', '--no-project', [CompletionResultType]::ParameterName, 'Leave out the rules of the project (`.hr/rules`)')
            [CompletionResult]::new('--no-session', '--no-session', [CompletionResultType]::ParameterName, 'Show again what the session was shown before, as with agents that do not tell which session it is')
            [CompletionResult]::new('--all-tools', '--all-tools', [CompletionResultType]::ParameterName, 'Compact the results of tools that are no shell too, as a gateway does; hooks do not see them')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hr;stats' {
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'What to list; given more than once, each. Without it: day, rule, project and agent')
            [CompletionResult]::new('--days', '--days', [CompletionResultType]::ParameterName, 'Only the last so many days; 0 for all there is')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Only calls in this folder or below it')
            [CompletionResult]::new('--agent', '--agent', [CompletionResultType]::ParameterName, 'Only calls of this agent')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to report')
            [CompletionResult]::new('--rows', '--rows', [CompletionResultType]::ParameterName, 'How many rows each list has')
            [CompletionResult]::new('--exact', '--exact', [CompletionResultType]::ParameterName, 'Count the tokens of calls again, exactly, where the original is still kept')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hr;mcp' {
            [CompletionResult]::new('--no-run', '--no-run', [CompletionResultType]::ParameterName, 'Offer no tool that runs commands: rules of the agent about commands do not look into hr_run')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hr;init' {
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Set it up for this project and all who work on it, not for this user')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only show what would change')
            [CompletionResult]::new('--uninstall', '--uninstall', [CompletionResultType]::ParameterName, 'Take out what `hr init` put there')
            [CompletionResult]::new('--mcp', '--mcp', [CompletionResultType]::ParameterName, 'Register the MCP server as well, which gives originals back')
            [CompletionResult]::new('--mcp-run', '--mcp-run', [CompletionResultType]::ParameterName, 'Register the MCP server with `hr_run`, which runs commands past the agent''s own rules and sandbox')
            [CompletionResult]::new('--rewrite', '--rewrite', [CompletionResultType]::ParameterName, 'Rewrite commands before they run also where the agent''s own rules then see `hr run` instead of the command')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hr;hook' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hr;doctor' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hr;tokens' {
            [CompletionResult]::new('--exact', '--exact', [CompletionResultType]::ParameterName, 'Count exactly, with the vocabulary o200k_base')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hr;completions' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hr;man' {
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write `hr.1` and a page for each subcommand into this folder')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'hr;help' {
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Runs a command and compacts what it prints')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Prints what was recorded')
            [CompletionResult]::new('store', 'store', [CompletionResultType]::ParameterValue, 'Looks after the recordings')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Shows what would happen to a text: kind, rule and why, and the fate of every line with the step that decided it')
            [CompletionResult]::new('rules', 'rules', [CompletionResultType]::ParameterValue, 'Lists, finds, shows, checks, copies and trusts rules')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Runs golden cases: folders with `cmd`, `input` and `expected`, and the tests inside rule files')
            [CompletionResult]::new('cache-check', 'cache-check', [CompletionResultType]::ParameterValue, 'Lints prompts and requests for what breaks a provider''s prompt cache: times, identifiers, unstable order')
            [CompletionResult]::new('replay', 'replay', [CompletionResultType]::ParameterValue, 'Replays recorded sessions: what `hr` would save of their tool results, and what the agent would have missed')
            [CompletionResult]::new('stats', 'stats', [CompletionResultType]::ParameterValue, 'Says what was saved: tokens before and after, less the markers and what was read after all')
            [CompletionResult]::new('mcp', 'mcp', [CompletionResultType]::ParameterValue, 'Serves what is stored, and compacted commands, to an agent over the Model Context Protocol')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Sets an agent up so that it calls `hr`: hooks, a plugin, or instructions, whatever it takes')
            [CompletionResult]::new('hook', 'hook', [CompletionResultType]::ParameterValue, 'Answers the hook of an agent: the payload on standard input, one JSON object on standard output')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Looks whether agents really call `hr`, and tries their hooks')
            [CompletionResult]::new('tokens', 'tokens', [CompletionResultType]::ParameterValue, 'What `hr tokens` takes')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Prints the completion script of a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Prints the manual page, or writes all of them')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hr;help;run' {
            break
        }
        'hr;help;show' {
            break
        }
        'hr;help;store' {
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'Lists all recordings, newest first')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serves the recordings over HTTP, for a gateway that keeps what it leaves out')
            [CompletionResult]::new('gc', 'gc', [CompletionResultType]::ParameterValue, 'Removes now what is too old or too much')
            [CompletionResult]::new('purge', 'purge', [CompletionResultType]::ParameterValue, 'Removes recordings for good, without asking')
            break
        }
        'hr;help;store;ls' {
            break
        }
        'hr;help;store;serve' {
            break
        }
        'hr;help;store;gc' {
            break
        }
        'hr;help;store;purge' {
            break
        }
        'hr;help;explain' {
            break
        }
        'hr;help;rules' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Lists every rule in force: name, where it comes from, what stays, what is lost')
            [CompletionResult]::new('which', 'which', [CompletionResultType]::ParameterValue, 'Says which rule a command line or an output gets, and which others fit')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Prints a rule as it is written')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Checks rule files: the user''s and the project''s, or the files and folders named')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Proposes a rule from a recorded output, with a golden case of it and a test, for you to edit')
            [CompletionResult]::new('eject', 'eject', [CompletionResultType]::ParameterValue, 'Copies a built-in rule into the user''s rules, where it takes its place and can be edited')
            [CompletionResult]::new('trust', 'trust', [CompletionResultType]::ParameterValue, 'Trusts rules of the project, so that they may do all that rules can do')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Makes rules of yours from those of tokenjuice, tokf and RTK, and says what could not be carried over')
            break
        }
        'hr;help;rules;list' {
            break
        }
        'hr;help;rules;which' {
            break
        }
        'hr;help;rules;show' {
            break
        }
        'hr;help;rules;check' {
            break
        }
        'hr;help;rules;new' {
            break
        }
        'hr;help;rules;eject' {
            break
        }
        'hr;help;rules;trust' {
            break
        }
        'hr;help;rules;import' {
            break
        }
        'hr;help;test' {
            break
        }
        'hr;help;cache-check' {
            break
        }
        'hr;help;replay' {
            break
        }
        'hr;help;stats' {
            break
        }
        'hr;help;mcp' {
            break
        }
        'hr;help;init' {
            break
        }
        'hr;help;hook' {
            break
        }
        'hr;help;doctor' {
            break
        }
        'hr;help;tokens' {
            break
        }
        'hr;help;completions' {
            break
        }
        'hr;help;man' {
            break
        }
        'hr;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
