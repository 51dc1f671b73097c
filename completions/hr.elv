
use builtin;
use str;

set edit:completion:arg-completer[hr] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'hr'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'hr'= {
            cand --command 'The command line whose output this is; without it the output''s own fingerprint decides'
            cand --exit-code 'The exit status of that command'
            cand --format 'What to print: the compacted text, or one JSON object about it'
            cand --facts 'Where the line with facts goes: below the text, to standard error, or nowhere'
            cand --budget 'Fit the text into about so many tokens'
            cand --query 'What you look for, in words: the lines most about it stay, with their surroundings'
            cand --kind 'The kind of content: json, search, log, diff, html, code or text'
            cand --rule 'The rule to apply, by its id'
            cand --session 'The conversation that the text goes into, by a name of its own: lines that it was shown lately are not shown again'
            cand --no-project 'Leave out the rules of the project (`.hr/rules`)'
            cand --no-store 'Keep no original; nothing is lost then: the text is only cleaned'
            cand --raw 'Print the text as it came'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand run 'Runs a command and compacts what it prints'
            cand show 'Prints what was recorded'
            cand store 'Looks after the recordings'
            cand explain 'Shows what would happen to a text: kind, rule and why, and the fate of every line with the step that decided it'
            cand rules 'Lists, finds, shows, checks, copies and trusts rules'
            cand test 'Runs golden cases: folders with `cmd`, `input` and `expected`, and the tests inside rule files'
            cand cache-check 'Lints prompts and requests for what breaks a provider''s prompt cache: times, identifiers, unstable order'
            cand replay 'Replays recorded sessions: what `hr` would save of their tool results, and what the agent would have missed'
            cand stats 'Says what was saved: tokens before and after, less the markers and what was read after all'
            cand mcp 'Serves what is stored, and compacted commands, to an agent over the Model Context Protocol'
            cand init 'Sets an agent up so that it calls `hr`: hooks, a plugin, or instructions, whatever it takes'
            cand hook 'Answers the hook of an agent: the payload on standard input, one JSON object on standard output'
            cand doctor 'Looks whether agents really call `hr`, and tries their hooks'
            cand tokens 'What `hr tokens` takes'
            cand completions 'Prints the completion script of a shell'
            cand man 'Prints the manual page, or writes all of them'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'hr;run'= {
            cand --format 'What to print: the compacted text, or one JSON object about it'
            cand --facts 'Where the line with facts goes: below the text, to standard error, or nowhere'
            cand --budget 'Fit the text into about so many tokens'
            cand --query 'What you look for, in words: the lines most about it stay, with their surroundings'
            cand --kind 'The kind of content: json, search, log, diff, html, code or text'
            cand --rule 'The rule to apply, by its id'
            cand --session 'The conversation that the text goes into, by a name of its own: lines that it was shown lately are not shown again'
            cand --served 'For `hr mcp`: what is longer than so many tokens is fitted into them, and the command ends with who called'
            cand -c 'Run LINE with a shell, `/bin/sh` unless `--shell` names another, instead of a command with its arguments'
            cand --shell 'The shell that runs LINE, by name or path'
            cand --no-project 'Leave out the rules of the project (`.hr/rules`)'
            cand --no-store 'Keep no original; nothing is lost then: the text is only cleaned'
            cand --raw 'Print the text as it came'
            cand -t 'Compact also what goes to a terminal; hooks say so, for some agents read commands through one'
            cand --terminal 'Compact also what goes to a terminal; hooks say so, for some agents read commands through one'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hr;show'= {
            cand --lines 'Only these lines: `40-171`, `40-`, `-20` for the last 20, `40`, or several with commas'
            cand --grep 'Only lines that match, with their numbers; colour codes and overwritten progress do not count'
            cand -C 'So many lines around each match'
            cand --context 'So many lines around each match'
            cand -A 'So many lines after each match'
            cand --after-context 'So many lines after each match'
            cand -B 'So many lines before each match'
            cand --before-context 'So many lines before each match'
            cand --query 'Only the parts that are most about these words, with their line numbers'
            cand --budget 'How much `--query` prints, in tokens'
            cand --page 'Only this page of the result, counted from 1'
            cand --page-size 'How many lines a page has'
            cand --format 'How the list is printed'
            cand --stderr 'What was printed to standard error, when it was recorded on its own'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hr;store'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand ls 'Lists all recordings, newest first'
            cand serve 'Serves the recordings over HTTP, for a gateway that keeps what it leaves out'
            cand gc 'Removes now what is too old or too much'
            cand purge 'Removes recordings for good, without asking'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'hr;store;ls'= {
            cand --format 'How the list is printed'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hr;store;serve'= {
            cand --listen 'The address to listen on; port 0 takes a free one'
            cand --token-file 'A file with a token that every request has to send as `Authorization: Bearer TOKEN`; needed on other addresses than those of this machine'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'hr;store;gc'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'hr;store;purge'= {
            cand --all 'All recordings, and the command lines of those that were removed before'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'hr;store;help'= {
            cand ls 'Lists all recordings, newest first'
            cand serve 'Serves the recordings over HTTP, for a gateway that keeps what it leaves out'
            cand gc 'Removes now what is too old or too much'
            cand purge 'Removes recordings for good, without asking'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'hr;store;help;ls'= {
        }
        &'hr;store;help;serve'= {
        }
        &'hr;store;help;gc'= {
        }
        &'hr;store;help;purge'= {
        }
        &'hr;store;help;help'= {
        }
        &'hr;explain'= {
            cand --command 'The command line whose output this is; without it the output''s own fingerprint decides'
            cand --exit-code 'The exit status of that command'
            cand --format 'What to print: the compacted text, or one JSON object about it'
            cand --facts 'Where the line with facts goes: below the text, to standard error, or nowhere'
            cand --budget 'Fit the text into about so many tokens'
            cand --query 'What you look for, in words: the lines most about it stay, with their surroundings'
            cand --kind 'The kind of content: json, search, log, diff, html, code or text'
            cand --rule 'The rule to apply, by its id'
            cand --session 'The conversation that the text goes into, by a name of its own: lines that it was shown lately are not shown again'
            cand --no-project 'Leave out the rules of the project (`.hr/rules`)'
            cand --no-store 'Keep no original; nothing is lost then: the text is only cleaned'
            cand --raw 'Print the text as it came'
            cand --brief 'Leave out the fates of the lines'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hr;rules'= {
            cand --no-project 'Leave out the rules of the project (`.hr/rules`)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand list 'Lists every rule in force: name, where it comes from, what stays, what is lost'
            cand which 'Says which rule a command line or an output gets, and which others fit'
            cand show 'Prints a rule as it is written'
            cand check 'Checks rule files: the user''s and the project''s, or the files and folders named'
            cand new 'Proposes a rule from a recorded output, with a golden case of it and a test, for you to edit'
            cand eject 'Copies a built-in rule into the user''s rules, where it takes its place and can be edited'
            cand trust 'Trusts rules of the project, so that they may do all that rules can do'
            cand import 'Makes rules of yours from those of tokenjuice, tokf and RTK, and says what could not be carried over'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'hr;rules;list'= {
            cand --json 'Print one JSON object'
            cand --no-project 'Leave out the rules of the project (`.hr/rules`)'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'hr;rules;which'= {
            cand --exit-code 'The exit status of the command'
            cand --output 'The output to look at, `-` for standard input; without it only the command decides'
            cand --no-project 'Leave out the rules of the project (`.hr/rules`)'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'hr;rules;show'= {
            cand --no-project 'Leave out the rules of the project (`.hr/rules`)'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'hr;rules;check'= {
            cand --no-project 'Leave out the rules of the project (`.hr/rules`)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hr;rules;new'= {
            cand -c 'The command line that printed it'
            cand --command 'The command line that printed it'
            cand --exit-code 'Its exit status'
            cand --id 'The rule''s id; `own/TOOL` when it is left out'
            cand --project 'Among the rules of the project, `.hr/rules`, instead of the user''s'
            cand -f 'Write over files that are there'
            cand --force 'Write over files that are there'
            cand --no-project 'Leave out the rules of the project (`.hr/rules`)'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'hr;rules;eject'= {
            cand --project 'Into the rules of the project, `.hr/rules`, instead'
            cand -f 'Write over a file that is there'
            cand --force 'Write over a file that is there'
            cand --no-project 'Leave out the rules of the project (`.hr/rules`)'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'hr;rules;trust'= {
            cand -y 'Do not ask'
            cand --yes 'Do not ask'
            cand --list 'Print what is trusted and change nothing'
            cand --revoke 'Trust them no longer'
            cand --no-project 'Leave out the rules of the project (`.hr/rules`)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hr;rules;import'= {
            cand --from 'Whose rules they are; without it every file is told by its shape'
            cand --out 'The rules folder to write to, below `imported/`; default: yours'
            cand --format 'How to report'
            cand --dry-run 'Only report, write nothing'
            cand --force 'Overwrite rules that are there'
            cand --strict 'End with 1 when something is not carried over'
            cand --no-project 'Leave out the rules of the project (`.hr/rules`)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hr;rules;help'= {
            cand list 'Lists every rule in force: name, where it comes from, what stays, what is lost'
            cand which 'Says which rule a command line or an output gets, and which others fit'
            cand show 'Prints a rule as it is written'
            cand check 'Checks rule files: the user''s and the project''s, or the files and folders named'
            cand new 'Proposes a rule from a recorded output, with a golden case of it and a test, for you to edit'
            cand eject 'Copies a built-in rule into the user''s rules, where it takes its place and can be edited'
            cand trust 'Trusts rules of the project, so that they may do all that rules can do'
            cand import 'Makes rules of yours from those of tokenjuice, tokf and RTK, and says what could not be carried over'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'hr;rules;help;list'= {
        }
        &'hr;rules;help;which'= {
        }
        &'hr;rules;help;show'= {
        }
        &'hr;rules;help;check'= {
        }
        &'hr;rules;help;new'= {
        }
        &'hr;rules;help;eject'= {
        }
        &'hr;rules;help;trust'= {
        }
        &'hr;rules;help;import'= {
        }
        &'hr;rules;help;help'= {
        }
        &'hr;test'= {
            cand --format 'How to report'
            cand --only 'Only cases whose name contains this'
            cand --bless 'Write what came out as what is expected (never `keep`)'
            cand --no-project 'Leave out the rules of the project (`.hr/rules`)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hr;cache-check'= {
            cand --input 'How to read them: as requests when they are, as text, as one request (`.json` is), as a request a line (`.jsonl`)'
            cand --provider 'Whose requests they are, when they do not tell: anthropic, openai or gemini'
            cand --format 'How to report'
            cand --severity 'How bad a check''s findings are: off, note, warning or error'
            cand --allow 'Values that are allowed: a regular expression'
            cand --threshold 'From how many on a prompt is unstable: uuid (3), timestamp (3), jwt (1) or hash (3)'
            cand --max-warnings 'How many warnings are too few to fail'
            cand --explain 'Print what a check is about'
            cand --exit-zero 'Exit with 0 whatever is found'
            cand --fix 'Sort the tools of requests by name, and the keys in them; shows the difference and asks first'
            cand --yes 'With `--fix`: do not ask'
            cand --list 'List the checks'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hr;replay'= {
            cand --format 'How to report'
            cand --rows 'How many rows the lists have'
            cand --max-loss 'Fail when more than so many percent of what was used is lost'
            cand --min-saved 'Fail when less than so many percent of the tokens is saved'
            cand --no-project 'Leave out the rules of the project (`.hr/rules`)'
            cand --no-session 'Show again what the session was shown before, as with agents that do not tell which session it is'
            cand --all-tools 'Compact the results of tools that are no shell too, as a gateway does; hooks do not see them'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hr;stats'= {
            cand --by 'What to list; given more than once, each. Without it: day, rule, project and agent'
            cand --days 'Only the last so many days; 0 for all there is'
            cand --project 'Only calls in this folder or below it'
            cand --agent 'Only calls of this agent'
            cand --format 'How to report'
            cand --rows 'How many rows each list has'
            cand --exact 'Count the tokens of calls again, exactly, where the original is still kept'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hr;mcp'= {
            cand --no-run 'Offer no tool that runs commands: rules of the agent about commands do not look into hr_run'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hr;init'= {
            cand --project 'Set it up for this project and all who work on it, not for this user'
            cand --dry-run 'Only show what would change'
            cand --uninstall 'Take out what `hr init` put there'
            cand --mcp 'Register the MCP server as well, which gives originals back'
            cand --mcp-run 'Register the MCP server with `hr_run`, which runs commands past the agent''s own rules and sandbox'
            cand --rewrite 'Rewrite commands before they run also where the agent''s own rules then see `hr run` instead of the command'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hr;hook'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hr;doctor'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hr;tokens'= {
            cand --exact 'Count exactly, with the vocabulary o200k_base'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hr;completions'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hr;man'= {
            cand --out 'Write `hr.1` and a page for each subcommand into this folder'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'hr;help'= {
            cand run 'Runs a command and compacts what it prints'
            cand show 'Prints what was recorded'
            cand store 'Looks after the recordings'
            cand explain 'Shows what would happen to a text: kind, rule and why, and the fate of every line with the step that decided it'
            cand rules 'Lists, finds, shows, checks, copies and trusts rules'
            cand test 'Runs golden cases: folders with `cmd`, `input` and `expected`, and the tests inside rule files'
            cand cache-check 'Lints prompts and requests for what breaks a provider''s prompt cache: times, identifiers, unstable order'
            cand replay 'Replays recorded sessions: what `hr` would save of their tool results, and what the agent would have missed'
            cand stats 'Says what was saved: tokens before and after, less the markers and what was read after all'
            cand mcp 'Serves what is stored, and compacted commands, to an agent over the Model Context Protocol'
            cand init 'Sets an agent up so that it calls `hr`: hooks, a plugin, or instructions, whatever it takes'
            cand hook 'Answers the hook of an agent: the payload on standard input, one JSON object on standard output'
            cand doctor 'Looks whether agents really call `hr`, and tries their hooks'
            cand tokens 'What `hr tokens` takes'
            cand completions 'Prints the completion script of a shell'
            cand man 'Prints the manual page, or writes all of them'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'hr;help;run'= {
        }
        &'hr;help;show'= {
        }
        &'hr;help;store'= {
            cand ls 'Lists all recordings, newest first'
            cand serve 'Serves the recordings over HTTP, for a gateway that keeps what it leaves out'
            cand gc 'Removes now what is too old or too much'
            cand purge 'Removes recordings for good, without asking'
        }
        &'hr;help;store;ls'= {
        }
        &'hr;help;store;serve'= {
        }
        &'hr;help;store;gc'= {
        }
        &'hr;help;store;purge'= {
        }
        &'hr;help;explain'= {
        }
        &'hr;help;rules'= {
            cand list 'Lists every rule in force: name, where it comes from, what stays, what is lost'
            cand which 'Says which rule a command line or an output gets, and which others fit'
            cand show 'Prints a rule as it is written'
            cand check 'Checks rule files: the user''s and the project''s, or the files and folders named'
            cand new 'Proposes a rule from a recorded output, with a golden case of it and a test, for you to edit'
            cand eject 'Copies a built-in rule into the user''s rules, where it takes its place and can be edited'
            cand trust 'Trusts rules of the project, so that they may do all that rules can do'
            cand import 'Makes rules of yours from those of tokenjuice, tokf and RTK, and says what could not be carried over'
        }
        &'hr;help;rules;list'= {
        }
        &'hr;help;rules;which'= {
        }
        &'hr;help;rules;show'= {
        }
        &'hr;help;rules;check'= {
        }
        &'hr;help;rules;new'= {
        }
        &'hr;help;rules;eject'= {
        }
        &'hr;help;rules;trust'= {
        }
        &'hr;help;rules;import'= {
        }
        &'hr;help;test'= {
        }
        &'hr;help;cache-check'= {
        }
        &'hr;help;replay'= {
        }
        &'hr;help;stats'= {
        }
        &'hr;help;mcp'= {
        }
        &'hr;help;init'= {
        }
        &'hr;help;hook'= {
        }
        &'hr;help;doctor'= {
        }
        &'hr;help;tokens'= {
        }
        &'hr;help;completions'= {
        }
        &'hr;help;man'= {
        }
        &'hr;help;help'= {
        }
    ]
    $completions[$command]
}
