# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_hr_global_optspecs
    string join \n command= exit-code= format= facts= budget= query= kind= rule= no-project no-store raw session= h/help V/version
end

function __fish_hr_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_hr_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_hr_using_subcommand
    set -l cmd (__fish_hr_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c hr -n "__fish_hr_needs_command" -l command -d 'The command line whose output this is; without it the output\'s own fingerprint decides' -r
complete -c hr -n "__fish_hr_needs_command" -l exit-code -d 'The exit status of that command' -r
complete -c hr -n "__fish_hr_needs_command" -l format -d 'What to print: the compacted text, or one JSON object about it' -r -f -a "text\t'The compacted text'
json\t'One JSON object'"
complete -c hr -n "__fish_hr_needs_command" -l facts -d 'Where the line with facts goes: below the text, to standard error, or nowhere' -r -f -a "footer\t'The last line of the text'
stderr\t'Standard error'
none\t'Nowhere'"
complete -c hr -n "__fish_hr_needs_command" -l budget -d 'Fit the text into about so many tokens' -r
complete -c hr -n "__fish_hr_needs_command" -l query -d 'What you look for, in words: the lines most about it stay, with their surroundings' -r
complete -c hr -n "__fish_hr_needs_command" -l kind -d 'The kind of content: json, search, log, diff, html, code or text' -r
complete -c hr -n "__fish_hr_needs_command" -l rule -d 'The rule to apply, by its id' -r
complete -c hr -n "__fish_hr_needs_command" -l session -d 'The conversation that the text goes into, by a name of its own: lines that it was shown lately are not shown again' -r
complete -c hr -n "__fish_hr_needs_command" -l no-project -d 'Leave out the rules of the project (`.hr/rules`)'
complete -c hr -n "__fish_hr_needs_command" -l no-store -d 'Keep no original; nothing is lost then: the text is only cleaned'
complete -c hr -n "__fish_hr_needs_command" -l raw -d 'Print the text as it came'
complete -c hr -n "__fish_hr_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hr -n "__fish_hr_needs_command" -s V -l version -d 'Print version'
complete -c hr -n "__fish_hr_needs_command" -a "run" -d 'Runs a command and compacts what it prints'
complete -c hr -n "__fish_hr_needs_command" -a "show" -d 'Prints what was recorded'
complete -c hr -n "__fish_hr_needs_command" -a "store" -d 'Looks after the recordings'
complete -c hr -n "__fish_hr_needs_command" -a "explain" -d 'Shows what would happen to a text: kind, rule and why, and the fate of every line with the step that decided it'
complete -c hr -n "__fish_hr_needs_command" -a "rules" -d 'Lists, finds, shows, checks, copies and trusts rules'
complete -c hr -n "__fish_hr_needs_command" -a "test" -d 'Runs golden cases: folders with `cmd`, `input` and `expected`, and the tests inside rule files'
complete -c hr -n "__fish_hr_needs_command" -a "cache-check" -d 'Lints prompts and requests for what breaks a provider\'s prompt cache: times, identifiers, unstable order'
complete -c hr -n "__fish_hr_needs_command" -a "replay" -d 'Replays recorded sessions: what `hr` would save of their tool results, and what the agent would have missed'
complete -c hr -n "__fish_hr_needs_command" -a "stats" -d 'Says what was saved: tokens before and after, less the markers and what was read after all'
complete -c hr -n "__fish_hr_needs_command" -a "mcp" -d 'Serves what is stored, and compacted commands, to an agent over the Model Context Protocol'
complete -c hr -n "__fish_hr_needs_command" -a "init" -d 'Sets an agent up so that it calls `hr`: hooks, a plugin, or instructions, whatever it takes'
complete -c hr -n "__fish_hr_needs_command" -a "hook" -d 'Answers the hook of an agent: the payload on standard input, one JSON object on standard output'
complete -c hr -n "__fish_hr_needs_command" -a "doctor" -d 'Looks whether agents really call `hr`, and tries their hooks'
complete -c hr -n "__fish_hr_needs_command" -a "tokens" -d 'What `hr tokens` takes'
complete -c hr -n "__fish_hr_needs_command" -a "completions" -d 'Prints the completion script of a shell'
complete -c hr -n "__fish_hr_needs_command" -a "man" -d 'Prints the manual page, or writes all of them'
complete -c hr -n "__fish_hr_needs_command" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hr -n "__fish_hr_using_subcommand run" -l format -d 'What to print: the compacted text, or one JSON object about it' -r -f -a "text\t'The compacted text'
json\t'One JSON object'"
complete -c hr -n "__fish_hr_using_subcommand run" -l facts -d 'Where the line with facts goes: below the text, to standard error, or nowhere' -r -f -a "footer\t'The last line of the text'
stderr\t'Standard error'
none\t'Nowhere'"
complete -c hr -n "__fish_hr_using_subcommand run" -l budget -d 'Fit the text into about so many tokens' -r
complete -c hr -n "__fish_hr_using_subcommand run" -l query -d 'What you look for, in words: the lines most about it stay, with their surroundings' -r
complete -c hr -n "__fish_hr_using_subcommand run" -l kind -d 'The kind of content: json, search, log, diff, html, code or text' -r
complete -c hr -n "__fish_hr_using_subcommand run" -l rule -d 'The rule to apply, by its id' -r
complete -c hr -n "__fish_hr_using_subcommand run" -l session -d 'The conversation that the text goes into, by a name of its own: lines that it was shown lately are not shown again' -r
complete -c hr -n "__fish_hr_using_subcommand run" -l served -d 'For `hr mcp`: what is longer than so many tokens is fitted into them, and the command ends with who called' -r
complete -c hr -n "__fish_hr_using_subcommand run" -s c -d 'Run LINE with a shell, `/bin/sh` unless `--shell` names another, instead of a command with its arguments' -r
complete -c hr -n "__fish_hr_using_subcommand run" -l shell -d 'The shell that runs LINE, by name or path' -r
complete -c hr -n "__fish_hr_using_subcommand run" -l no-project -d 'Leave out the rules of the project (`.hr/rules`)'
complete -c hr -n "__fish_hr_using_subcommand run" -l no-store -d 'Keep no original; nothing is lost then: the text is only cleaned'
complete -c hr -n "__fish_hr_using_subcommand run" -l raw -d 'Print the text as it came'
complete -c hr -n "__fish_hr_using_subcommand run" -s t -l terminal -d 'Compact also what goes to a terminal; hooks say so, for some agents read commands through one'
complete -c hr -n "__fish_hr_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hr -n "__fish_hr_using_subcommand show" -l lines -d 'Only these lines: `40-171`, `40-`, `-20` for the last 20, `40`, or several with commas' -r
complete -c hr -n "__fish_hr_using_subcommand show" -l grep -d 'Only lines that match, with their numbers; colour codes and overwritten progress do not count' -r
complete -c hr -n "__fish_hr_using_subcommand show" -s C -l context -d 'So many lines around each match' -r
complete -c hr -n "__fish_hr_using_subcommand show" -s A -l after-context -d 'So many lines after each match' -r
complete -c hr -n "__fish_hr_using_subcommand show" -s B -l before-context -d 'So many lines before each match' -r
complete -c hr -n "__fish_hr_using_subcommand show" -l query -d 'Only the parts that are most about these words, with their line numbers' -r
complete -c hr -n "__fish_hr_using_subcommand show" -l budget -d 'How much `--query` prints, in tokens' -r
complete -c hr -n "__fish_hr_using_subcommand show" -l page -d 'Only this page of the result, counted from 1' -r
complete -c hr -n "__fish_hr_using_subcommand show" -l page-size -d 'How many lines a page has' -r
complete -c hr -n "__fish_hr_using_subcommand show" -l format -d 'How the list is printed' -r -f -a "text\t'A table'
json\t'One JSON object'"
complete -c hr -n "__fish_hr_using_subcommand show" -l stderr -d 'What was printed to standard error, when it was recorded on its own'
complete -c hr -n "__fish_hr_using_subcommand show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hr -n "__fish_hr_using_subcommand store; and not __fish_seen_subcommand_from ls serve gc purge help" -s h -l help -d 'Print help'
complete -c hr -n "__fish_hr_using_subcommand store; and not __fish_seen_subcommand_from ls serve gc purge help" -f -a "ls" -d 'Lists all recordings, newest first'
complete -c hr -n "__fish_hr_using_subcommand store; and not __fish_seen_subcommand_from ls serve gc purge help" -f -a "serve" -d 'Serves the recordings over HTTP, for a gateway that keeps what it leaves out'
complete -c hr -n "__fish_hr_using_subcommand store; and not __fish_seen_subcommand_from ls serve gc purge help" -f -a "gc" -d 'Removes now what is too old or too much'
complete -c hr -n "__fish_hr_using_subcommand store; and not __fish_seen_subcommand_from ls serve gc purge help" -f -a "purge" -d 'Removes recordings for good, without asking'
complete -c hr -n "__fish_hr_using_subcommand store; and not __fish_seen_subcommand_from ls serve gc purge help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hr -n "__fish_hr_using_subcommand store; and __fish_seen_subcommand_from ls" -l format -d 'How the list is printed' -r -f -a "text\t'A table'
json\t'One JSON object'"
complete -c hr -n "__fish_hr_using_subcommand store; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hr -n "__fish_hr_using_subcommand store; and __fish_seen_subcommand_from serve" -l listen -d 'The address to listen on; port 0 takes a free one' -r
complete -c hr -n "__fish_hr_using_subcommand store; and __fish_seen_subcommand_from serve" -l token-file -d 'A file with a token that every request has to send as `Authorization: Bearer TOKEN`; needed on other addresses than those of this machine' -r -F
complete -c hr -n "__fish_hr_using_subcommand store; and __fish_seen_subcommand_from serve" -s h -l help -d 'Print help'
complete -c hr -n "__fish_hr_using_subcommand store; and __fish_seen_subcommand_from gc" -s h -l help -d 'Print help'
complete -c hr -n "__fish_hr_using_subcommand store; and __fish_seen_subcommand_from purge" -l all -d 'All recordings, and the command lines of those that were removed before'
complete -c hr -n "__fish_hr_using_subcommand store; and __fish_seen_subcommand_from purge" -s h -l help -d 'Print help'
complete -c hr -n "__fish_hr_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "ls" -d 'Lists all recordings, newest first'
complete -c hr -n "__fish_hr_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "serve" -d 'Serves the recordings over HTTP, for a gateway that keeps what it leaves out'
complete -c hr -n "__fish_hr_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "gc" -d 'Removes now what is too old or too much'
complete -c hr -n "__fish_hr_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "purge" -d 'Removes recordings for good, without asking'
complete -c hr -n "__fish_hr_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hr -n "__fish_hr_using_subcommand explain" -l command -d 'The command line whose output this is; without it the output\'s own fingerprint decides' -r
complete -c hr -n "__fish_hr_using_subcommand explain" -l exit-code -d 'The exit status of that command' -r
complete -c hr -n "__fish_hr_using_subcommand explain" -l format -d 'What to print: the compacted text, or one JSON object about it' -r -f -a "text\t'The compacted text'
json\t'One JSON object'"
complete -c hr -n "__fish_hr_using_subcommand explain" -l facts -d 'Where the line with facts goes: below the text, to standard error, or nowhere' -r -f -a "footer\t'The last line of the text'
stderr\t'Standard error'
none\t'Nowhere'"
complete -c hr -n "__fish_hr_using_subcommand explain" -l budget -d 'Fit the text into about so many tokens' -r
complete -c hr -n "__fish_hr_using_subcommand explain" -l query -d 'What you look for, in words: the lines most about it stay, with their surroundings' -r
complete -c hr -n "__fish_hr_using_subcommand explain" -l kind -d 'The kind of content: json, search, log, diff, html, code or text' -r
complete -c hr -n "__fish_hr_using_subcommand explain" -l rule -d 'The rule to apply, by its id' -r
complete -c hr -n "__fish_hr_using_subcommand explain" -l session -d 'The conversation that the text goes into, by a name of its own: lines that it was shown lately are not shown again' -r
complete -c hr -n "__fish_hr_using_subcommand explain" -l no-project -d 'Leave out the rules of the project (`.hr/rules`)'
complete -c hr -n "__fish_hr_using_subcommand explain" -l no-store -d 'Keep no original; nothing is lost then: the text is only cleaned'
complete -c hr -n "__fish_hr_using_subcommand explain" -l raw -d 'Print the text as it came'
complete -c hr -n "__fish_hr_using_subcommand explain" -l brief -d 'Leave out the fates of the lines'
complete -c hr -n "__fish_hr_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hr -n "__fish_hr_using_subcommand rules; and not __fish_seen_subcommand_from list which show check new eject trust import help" -l no-project -d 'Leave out the rules of the project (`.hr/rules`)'
complete -c hr -n "__fish_hr_using_subcommand rules; and not __fish_seen_subcommand_from list which show check new eject trust import help" -s h -l help -d 'Print help'
complete -c hr -n "__fish_hr_using_subcommand rules; and not __fish_seen_subcommand_from list which show check new eject trust import help" -f -a "list" -d 'Lists every rule in force: name, where it comes from, what stays, what is lost'
complete -c hr -n "__fish_hr_using_subcommand rules; and not __fish_seen_subcommand_from list which show check new eject trust import help" -f -a "which" -d 'Says which rule a command line or an output gets, and which others fit'
complete -c hr -n "__fish_hr_using_subcommand rules; and not __fish_seen_subcommand_from list which show check new eject trust import help" -f -a "show" -d 'Prints a rule as it is written'
complete -c hr -n "__fish_hr_using_subcommand rules; and not __fish_seen_subcommand_from list which show check new eject trust import help" -f -a "check" -d 'Checks rule files: the user\'s and the project\'s, or the files and folders named'
complete -c hr -n "__fish_hr_using_subcommand rules; and not __fish_seen_subcommand_from list which show check new eject trust import help" -f -a "new" -d 'Proposes a rule from a recorded output, with a golden case of it and a test, for you to edit'
complete -c hr -n "__fish_hr_using_subcommand rules; and not __fish_seen_subcommand_from list which show check new eject trust import help" -f -a "eject" -d 'Copies a built-in rule into the user\'s rules, where it takes its place and can be edited'
complete -c hr -n "__fish_hr_using_subcommand rules; and not __fish_seen_subcommand_from list which show check new eject trust import help" -f -a "trust" -d 'Trusts rules of the project, so that they may do all that rules can do'
complete -c hr -n "__fish_hr_using_subcommand rules; and not __fish_seen_subcommand_from list which show check new eject trust import help" -f -a "import" -d 'Makes rules of yours from those of tokenjuice, tokf and RTK, and says what could not be carried over'
complete -c hr -n "__fish_hr_using_subcommand rules; and not __fish_seen_subcommand_from list which show check new eject trust import help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON object'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from list" -l no-project -d 'Leave out the rules of the project (`.hr/rules`)'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from which" -l exit-code -d 'The exit status of the command' -r
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from which" -l output -d 'The output to look at, `-` for standard input; without it only the command decides' -r -F
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from which" -l no-project -d 'Leave out the rules of the project (`.hr/rules`)'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from which" -s h -l help -d 'Print help'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from show" -l no-project -d 'Leave out the rules of the project (`.hr/rules`)'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from check" -l no-project -d 'Leave out the rules of the project (`.hr/rules`)'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from new" -s c -l command -d 'The command line that printed it' -r
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from new" -l exit-code -d 'Its exit status' -r
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from new" -l id -d 'The rule\'s id; `own/TOOL` when it is left out' -r
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from new" -l project -d 'Among the rules of the project, `.hr/rules`, instead of the user\'s'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from new" -s f -l force -d 'Write over files that are there'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from new" -l no-project -d 'Leave out the rules of the project (`.hr/rules`)'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from new" -s h -l help -d 'Print help'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from eject" -l project -d 'Into the rules of the project, `.hr/rules`, instead'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from eject" -s f -l force -d 'Write over a file that is there'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from eject" -l no-project -d 'Leave out the rules of the project (`.hr/rules`)'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from eject" -s h -l help -d 'Print help'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from trust" -s y -l yes -d 'Do not ask'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from trust" -l list -d 'Print what is trusted and change nothing'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from trust" -l revoke -d 'Trust them no longer'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from trust" -l no-project -d 'Leave out the rules of the project (`.hr/rules`)'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from trust" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from import" -l from -d 'Whose rules they are; without it every file is told by its shape' -r -f -a "tokenjuice\t'JSON files, one rule in each'
tokf\t'TOML files, one filter in each'
rtk\t'TOML files with any number of filters'"
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from import" -l out -d 'The rules folder to write to, below `imported/`; default: yours' -r -F
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from import" -l format -d 'How to report' -r -f -a "text\t'What is left out of each rule, what is changed and in how many, and a summary'
json\t'One JSON object with the fate of every key'"
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from import" -l dry-run -d 'Only report, write nothing'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from import" -l force -d 'Overwrite rules that are there'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from import" -l strict -d 'End with 1 when something is not carried over'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from import" -l no-project -d 'Leave out the rules of the project (`.hr/rules`)'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "list" -d 'Lists every rule in force: name, where it comes from, what stays, what is lost'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "which" -d 'Says which rule a command line or an output gets, and which others fit'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "show" -d 'Prints a rule as it is written'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "check" -d 'Checks rule files: the user\'s and the project\'s, or the files and folders named'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "new" -d 'Proposes a rule from a recorded output, with a golden case of it and a test, for you to edit'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "eject" -d 'Copies a built-in rule into the user\'s rules, where it takes its place and can be edited'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "trust" -d 'Trusts rules of the project, so that they may do all that rules can do'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "import" -d 'Makes rules of yours from those of tokenjuice, tokf and RTK, and says what could not be carried over'
complete -c hr -n "__fish_hr_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hr -n "__fish_hr_using_subcommand test" -l format -d 'How to report' -r -f -a "text\t'A line for each failing case with its difference, and a summary'
json\t'One JSON object'
junit\t'JUnit XML'
github\t'Workflow commands that annotate files'"
complete -c hr -n "__fish_hr_using_subcommand test" -l only -d 'Only cases whose name contains this' -r
complete -c hr -n "__fish_hr_using_subcommand test" -l bless -d 'Write what came out as what is expected (never `keep`)'
complete -c hr -n "__fish_hr_using_subcommand test" -l no-project -d 'Leave out the rules of the project (`.hr/rules`)'
complete -c hr -n "__fish_hr_using_subcommand test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hr -n "__fish_hr_using_subcommand cache-check" -l input -d 'How to read them: as requests when they are, as text, as one request (`.json` is), as a request a line (`.jsonl`)' -r -f -a "auto\t''
text\t''
json\t''
jsonl\t''"
complete -c hr -n "__fish_hr_using_subcommand cache-check" -l provider -d 'Whose requests they are, when they do not tell: anthropic, openai or gemini' -r
complete -c hr -n "__fish_hr_using_subcommand cache-check" -l format -d 'How to report' -r -f -a "text\t'For people: each finding with its line'
json\t'One JSON object'
sarif\t'SARIF 2.1.0, for code scanning'
github\t'Annotations of GitHub Actions'"
complete -c hr -n "__fish_hr_using_subcommand cache-check" -l severity -d 'How bad a check\'s findings are: off, note, warning or error' -r
complete -c hr -n "__fish_hr_using_subcommand cache-check" -l allow -d 'Values that are allowed: a regular expression' -r
complete -c hr -n "__fish_hr_using_subcommand cache-check" -l threshold -d 'From how many on a prompt is unstable: uuid (3), timestamp (3), jwt (1) or hash (3)' -r
complete -c hr -n "__fish_hr_using_subcommand cache-check" -l max-warnings -d 'How many warnings are too few to fail' -r
complete -c hr -n "__fish_hr_using_subcommand cache-check" -l explain -d 'Print what a check is about' -r
complete -c hr -n "__fish_hr_using_subcommand cache-check" -l exit-zero -d 'Exit with 0 whatever is found'
complete -c hr -n "__fish_hr_using_subcommand cache-check" -l fix -d 'Sort the tools of requests by name, and the keys in them; shows the difference and asks first'
complete -c hr -n "__fish_hr_using_subcommand cache-check" -l yes -d 'With `--fix`: do not ask'
complete -c hr -n "__fish_hr_using_subcommand cache-check" -l list -d 'List the checks'
complete -c hr -n "__fish_hr_using_subcommand cache-check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hr -n "__fish_hr_using_subcommand replay" -l format -d 'How to report' -r -f -a "text\t'For people'
json\t'One JSON object'
html\t'A page with charts that needs nothing else'"
complete -c hr -n "__fish_hr_using_subcommand replay" -l rows -d 'How many rows the lists have' -r
complete -c hr -n "__fish_hr_using_subcommand replay" -l max-loss -d 'Fail when more than so many percent of what was used is lost' -r
complete -c hr -n "__fish_hr_using_subcommand replay" -l min-saved -d 'Fail when less than so many percent of the tokens is saved' -r
complete -c hr -n "__fish_hr_using_subcommand replay" -l no-project -d 'Leave out the rules of the project (`.hr/rules`)'
complete -c hr -n "__fish_hr_using_subcommand replay" -l no-session -d 'Show again what the session was shown before, as with agents that do not tell which session it is'
complete -c hr -n "__fish_hr_using_subcommand replay" -l all-tools -d 'Compact the results of tools that are no shell too, as a gateway does; hooks do not see them'
complete -c hr -n "__fish_hr_using_subcommand replay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hr -n "__fish_hr_using_subcommand stats" -l by -d 'What to list; given more than once, each. Without it: day, rule, project and agent' -r -f -a "day\t'The day, in UTC'
rule\t'The rule, or the kind of content when none fitted'
project\t'The repository, or the folder when it is in none'
agent\t'The agent that called'
command\t'The program and its subcommand'"
complete -c hr -n "__fish_hr_using_subcommand stats" -l days -d 'Only the last so many days; 0 for all there is' -r
complete -c hr -n "__fish_hr_using_subcommand stats" -l project -d 'Only calls in this folder or below it' -r
complete -c hr -n "__fish_hr_using_subcommand stats" -l agent -d 'Only calls of this agent' -r
complete -c hr -n "__fish_hr_using_subcommand stats" -l format -d 'How to report' -r -f -a "text\t'For people, with bars'
json\t'One JSON object'
csv\t'A line a row, with a heading'
html\t'A page with charts that needs nothing else'"
complete -c hr -n "__fish_hr_using_subcommand stats" -l rows -d 'How many rows each list has' -r
complete -c hr -n "__fish_hr_using_subcommand stats" -l exact -d 'Count the tokens of calls again, exactly, where the original is still kept'
complete -c hr -n "__fish_hr_using_subcommand stats" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hr -n "__fish_hr_using_subcommand mcp" -l no-run -d 'Offer no tool that runs commands: rules of the agent about commands do not look into hr_run'
complete -c hr -n "__fish_hr_using_subcommand mcp" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hr -n "__fish_hr_using_subcommand init" -l project -d 'Set it up for this project and all who work on it, not for this user'
complete -c hr -n "__fish_hr_using_subcommand init" -l dry-run -d 'Only show what would change'
complete -c hr -n "__fish_hr_using_subcommand init" -l uninstall -d 'Take out what `hr init` put there'
complete -c hr -n "__fish_hr_using_subcommand init" -l mcp -d 'Register the MCP server as well, which gives originals back'
complete -c hr -n "__fish_hr_using_subcommand init" -l mcp-run -d 'Register the MCP server with `hr_run`, which runs commands past the agent\'s own rules and sandbox'
complete -c hr -n "__fish_hr_using_subcommand init" -l rewrite -d 'Rewrite commands before they run also where the agent\'s own rules then see `hr run` instead of the command'
complete -c hr -n "__fish_hr_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hr -n "__fish_hr_using_subcommand hook" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hr -n "__fish_hr_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hr -n "__fish_hr_using_subcommand tokens" -l exact -d 'Count exactly, with the vocabulary o200k_base'
complete -c hr -n "__fish_hr_using_subcommand tokens" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hr -n "__fish_hr_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hr -n "__fish_hr_using_subcommand man" -l out -d 'Write `hr.1` and a page for each subcommand into this folder' -r -F
complete -c hr -n "__fish_hr_using_subcommand man" -s h -l help -d 'Print help'
complete -c hr -n "__fish_hr_using_subcommand help; and not __fish_seen_subcommand_from run show store explain rules test cache-check replay stats mcp init hook doctor tokens completions man help" -f -a "run" -d 'Runs a command and compacts what it prints'
complete -c hr -n "__fish_hr_using_subcommand help; and not __fish_seen_subcommand_from run show store explain rules test cache-check replay stats mcp init hook doctor tokens completions man help" -f -a "show" -d 'Prints what was recorded'
complete -c hr -n "__fish_hr_using_subcommand help; and not __fish_seen_subcommand_from run show store explain rules test cache-check replay stats mcp init hook doctor tokens completions man help" -f -a "store" -d 'Looks after the recordings'
complete -c hr -n "__fish_hr_using_subcommand help; and not __fish_seen_subcommand_from run show store explain rules test cache-check replay stats mcp init hook doctor tokens completions man help" -f -a "explain" -d 'Shows what would happen to a text: kind, rule and why, and the fate of every line with the step that decided it'
complete -c hr -n "__fish_hr_using_subcommand help; and not __fish_seen_subcommand_from run show store explain rules test cache-check replay stats mcp init hook doctor tokens completions man help" -f -a "rules" -d 'Lists, finds, shows, checks, copies and trusts rules'
complete -c hr -n "__fish_hr_using_subcommand help; and not __fish_seen_subcommand_from run show store explain rules test cache-check replay stats mcp init hook doctor tokens completions man help" -f -a "test" -d 'Runs golden cases: folders with `cmd`, `input` and `expected`, and the tests inside rule files'
complete -c hr -n "__fish_hr_using_subcommand help; and not __fish_seen_subcommand_from run show store explain rules test cache-check replay stats mcp init hook doctor tokens completions man help" -f -a "cache-check" -d 'Lints prompts and requests for what breaks a provider\'s prompt cache: times, identifiers, unstable order'
complete -c hr -n "__fish_hr_using_subcommand help; and not __fish_seen_subcommand_from run show store explain rules test cache-check replay stats mcp init hook doctor tokens completions man help" -f -a "replay" -d 'Replays recorded sessions: what `hr` would save of their tool results, and what the agent would have missed'
complete -c hr -n "__fish_hr_using_subcommand help; and not __fish_seen_subcommand_from run show store explain rules test cache-check replay stats mcp init hook doctor tokens completions man help" -f -a "stats" -d 'Says what was saved: tokens before and after, less the markers and what was read after all'
complete -c hr -n "__fish_hr_using_subcommand help; and not __fish_seen_subcommand_from run show store explain rules test cache-check replay stats mcp init hook doctor tokens completions man help" -f -a "mcp" -d 'Serves what is stored, and compacted commands, to an agent over the Model Context Protocol'
complete -c hr -n "__fish_hr_using_subcommand help; and not __fish_seen_subcommand_from run show store explain rules test cache-check replay stats mcp init hook doctor tokens completions man help" -f -a "init" -d 'Sets an agent up so that it calls `hr`: hooks, a plugin, or instructions, whatever it takes'
complete -c hr -n "__fish_hr_using_subcommand help; and not __fish_seen_subcommand_from run show store explain rules test cache-check replay stats mcp init hook doctor tokens completions man help" -f -a "hook" -d 'Answers the hook of an agent: the payload on standard input, one JSON object on standard output'
complete -c hr -n "__fish_hr_using_subcommand help; and not __fish_seen_subcommand_from run show store explain rules test cache-check replay stats mcp init hook doctor tokens completions man help" -f -a "doctor" -d 'Looks whether agents really call `hr`, and tries their hooks'
complete -c hr -n "__fish_hr_using_subcommand help; and not __fish_seen_subcommand_from run show store explain rules test cache-check replay stats mcp init hook doctor tokens completions man help" -f -a "tokens" -d 'What `hr tokens` takes'
complete -c hr -n "__fish_hr_using_subcommand help; and not __fish_seen_subcommand_from run show store explain rules test cache-check replay stats mcp init hook doctor tokens completions man help" -f -a "completions" -d 'Prints the completion script of a shell'
complete -c hr -n "__fish_hr_using_subcommand help; and not __fish_seen_subcommand_from run show store explain rules test cache-check replay stats mcp init hook doctor tokens completions man help" -f -a "man" -d 'Prints the manual page, or writes all of them'
complete -c hr -n "__fish_hr_using_subcommand help; and not __fish_seen_subcommand_from run show store explain rules test cache-check replay stats mcp init hook doctor tokens completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hr -n "__fish_hr_using_subcommand help; and __fish_seen_subcommand_from store" -f -a "ls" -d 'Lists all recordings, newest first'
complete -c hr -n "__fish_hr_using_subcommand help; and __fish_seen_subcommand_from store" -f -a "serve" -d 'Serves the recordings over HTTP, for a gateway that keeps what it leaves out'
complete -c hr -n "__fish_hr_using_subcommand help; and __fish_seen_subcommand_from store" -f -a "gc" -d 'Removes now what is too old or too much'
complete -c hr -n "__fish_hr_using_subcommand help; and __fish_seen_subcommand_from store" -f -a "purge" -d 'Removes recordings for good, without asking'
complete -c hr -n "__fish_hr_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "list" -d 'Lists every rule in force: name, where it comes from, what stays, what is lost'
complete -c hr -n "__fish_hr_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "which" -d 'Says which rule a command line or an output gets, and which others fit'
complete -c hr -n "__fish_hr_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "show" -d 'Prints a rule as it is written'
complete -c hr -n "__fish_hr_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "check" -d 'Checks rule files: the user\'s and the project\'s, or the files and folders named'
complete -c hr -n "__fish_hr_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "new" -d 'Proposes a rule from a recorded output, with a golden case of it and a test, for you to edit'
complete -c hr -n "__fish_hr_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "eject" -d 'Copies a built-in rule into the user\'s rules, where it takes its place and can be edited'
complete -c hr -n "__fish_hr_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "trust" -d 'Trusts rules of the project, so that they may do all that rules can do'
complete -c hr -n "__fish_hr_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "import" -d 'Makes rules of yours from those of tokenjuice, tokf and RTK, and says what could not be carried over'
